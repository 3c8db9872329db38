"""Taking one measurement often enough, and printing several beside each other."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a measured program: of this machine only the path, and a home of its own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "FAILBACK_HOME": str(home / "failback"),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm-256color",
        **more,
    }


def median(measure: Callable[[], float], times: int) -> float:
    """Return the median of so many measurements, after one that does not count: it fills the caches."""
    measure()
    return statistics.median(measure() for _ in range(times))


def seconds_of(command: Sequence[str], home: Path) -> float:
    """Return how long a program runs. Its exit code is its own business: a check that finds something is no 0."""
    began = time.perf_counter()
    subprocess.run(command, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return time.perf_counter() - began


def python(*arguments: str) -> list[str]:
    """Return a command line of this interpreter."""
    return [sys.executable, *arguments]


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their heads; the first column to the left, the others to the right."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        first, *others = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  " + "  ".join((first, *others)).rstrip())
