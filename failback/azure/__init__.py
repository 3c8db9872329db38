"""Everything that touches Azure: sign-in, clients, reading, and the two changes that go there.

Importing this package loads no SDK: modules that need one import it inside their functions, and only worker
threads call those.
"""

from __future__ import annotations

import logging

# Both libraries log every refused sign-in as a warning. Without a handler Python prints it on stderr, in the middle
# of a screen; what went wrong is told once, by `faults`.
for _name in ("azure", "msal"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
