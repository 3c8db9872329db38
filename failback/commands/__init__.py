"""The commands, one module each; `failback/cli.py` puts them together.

Data goes to standard output, everything else to standard error. A command loads what it works with when it runs, so
that `--help` and `--version` answer at once.
"""

from __future__ import annotations
