"""Measure everything, or what is named: python -m benchmarks [start] [terminal] [sizes]."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks import site_sizes, start_up, terminal

PARTS: Mapping[str, Callable[[], None]] = {
    "start": start_up.measure,
    "terminal": terminal.measure,
    "sizes": site_sizes.measure,
}


def main(wanted: Sequence[str]) -> int:
    """Run the parts in order; return 2 for a name that is none of them."""
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        print(f"there is no {', '.join(unknown)}; choose among: {', '.join(PARTS)}")
        return 2
    for name, measure in PARTS.items():
        if not wanted or name in wanted:
            measure()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
