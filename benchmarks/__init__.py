"""Side-by-side measurements of the program, as ratios: `make benchmarks`."""

from __future__ import annotations
