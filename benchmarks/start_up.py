"""How long the program takes to start, beside an interpreter that does nothing and apps of the same kind."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.in_a_terminal import InATerminal
from benchmarks.measuring import ROOT, median, python, seconds_of, table

PLAIN = [*python("-m", "benchmarks.plain_app")]
OTHERS = ROOT / ".build" / "benchmarks"
"""Where `make benchmarks` installs the apps to compare with, if a package registry can be reached."""

_OFFLINE = ("--adapter", "sqlite", "--no-download-tzdata")


def measure() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _commands(home)
        _first_paint(home)


def _commands(home: Path) -> None:
    pause = median(lambda: seconds_of(python("-c", "pass"), home), 9)
    rows = [("python -c pass", f"{pause:.3f} s", "1.0")]
    for words, times in (("--version", 9), ("--help", 9), ("check --demo", 5)):
        took = median(lambda words=words: seconds_of(python("-m", "failback", *words.split()), home), times)  # type: ignore[misc]
        rows.append((f"failback {words}", f"{took:.3f} s", f"{took / pause:.1f}"))
    table("Start to end", ("command", "median", "x interpreter"), rows)


def _first_paint(home: Path) -> None:
    text = home / "some.log"
    text.write_text("2026-11-22 10:00:00 a line to be found\n" * 50)
    apps = {
        "a bare Textual app": (PLAIN, "Step 1"),
        "failback demo": (python("-m", "failback", "demo"), "failback"),
        "toolong (a log viewer)": ([str(OTHERS / "toolong" / "bin" / "tl"), str(text)], "a line to be found"),
        "harlequin (an SQL client)": (
            [str(OTHERS / "harlequin" / "bin" / "harlequin"), "--adapter", "sqlite", "--no-download-tzdata"],
            "Query Editor",
        ),
    }
    found = {
        name: median(lambda command=command, word=word: _paint(command, word, home), 5)  # type: ignore[misc]
        for name, (command, word) in apps.items()
        if command[0] == PLAIN[0] or Path(command[0]).exists()
    }
    bare = found["a bare Textual app"]
    rows = [(name, f"{took:.3f} s", f"{took / bare:.1f}") for name, took in found.items()]
    table("First paint at 80x24", ("app", "median", "x bare Textual"), rows)
    if len(found) < len(apps):
        print("  (an app that is not installed is not measured)")


def _paint(command: list[str], word: str, home: Path) -> float:
    with InATerminal(command, home) as running:
        return running.until(word)
