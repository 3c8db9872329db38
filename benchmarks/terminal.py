"""How many bytes a change of the step costs a slow line, beside a plain Textual app that shows the very same text."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.in_a_terminal import InATerminal
from benchmarks.measuring import python, table

STEPS = "1234567890"


def measure() -> None:
    """Walk all ten steps in both, and print what each change wrote."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ours, texts = _ours(home)
        kept = home / "texts.json"
        kept.write_text(json.dumps(texts), encoding="utf-8")
        plain = _plain(home, kept)
    rows = [
        (f"to step {number}", f"{mine:,}", f"{other:,}", f"{mine / other:.2f}")
        for number, mine, other in zip(range(1, 11), ours, plain, strict=True)
    ]
    mine, other = statistics.median(ours), statistics.median(plain)
    rows.append(("median", f"{mine:,.0f}", f"{other:,.0f}", f"{mine / other:.2f}"))
    table("Bytes written for a change of the step at 80x24", ("change", "failback", "plain Textual", "ratio"), rows)


def _ours(home: Path) -> tuple[list[int], list[str]]:
    with InATerminal(python("-m", "failback", "demo"), home) as wizard:
        wizard.until("machines come home")
        wizard.press("sss")  # the rehearsal's clock stands: nothing else ticks
        counts, texts = [], []
        wizard.press("0")
        for key in STEPS:
            counts.append(wizard.press(key))
            texts.append(wizard.text)
    return counts, texts


def _plain(home: Path, texts: Path) -> list[int]:
    with InATerminal(python("-m", "benchmarks.plain_app", str(texts)), home) as app:
        app.until("Step 1 of 10")
        app.press("0")
        return [app.press(key) for key in STEPS]
