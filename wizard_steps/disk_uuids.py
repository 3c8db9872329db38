"""UUIDs of disks, which vSphere writes in two ways: `6000C293-7ba0-...` at a VM, `60 00 C2 93 7b a0 ...` in a file."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"[\s-]")


def plain_uuid(text: str) -> str:
    """Return a UUID without what stands between its digits, case folded, so that it can be compared."""
    return _BETWEEN.sub("", text).casefold()
