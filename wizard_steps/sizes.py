"""Sizes as a person reads them. Everywhere else a size is a plain number of bytes."""

from __future__ import annotations

GIB = 1024**3
GB = 10**9  # the unit of the thresholds that documents state
_STEP = 1024


def shown_size(count: float) -> str:
    """Return a number of bytes with the unit that leaves one to four digits: `100 GiB`, `1.5 TiB`, `0 bytes`."""
    if count < _STEP:
        return f"{count:.0f} bytes"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= _STEP
        if count < _STEP or unit == "TiB":
            break
    return f"{count:.1f}".removesuffix(".0") + f" {unit}"
