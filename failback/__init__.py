"""The engine of `failback`, and everything that touches the world: vCenter, Azure, files, secrets, reports.

Importing this package loads no SDK and no screen library; a test looks at `sys.modules`.
"""

from __future__ import annotations

__version__ = "0.1.0"
