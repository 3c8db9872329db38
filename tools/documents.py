"""Write `docs/requirements.md` from the code: `make documents`, checked by `make check`.

python -m tools.documents            write it
python -m tools.documents --check    say whether it is stale, and fail if so
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from failback.changes.remedies import REMEDIES
from wizard_steps.classic import REQUIREMENTS, STEPS
from wizard_steps.requirement import Requirement, Step

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "requirements.md"
TABLE = ROOT / "wizard_steps" / "requirement_ids.tsv"

HEAD = """\
# Requirements

Written by `make documents` from the code; do not edit.

The rule pack of the classic architecture. *Where* is the place in the document that the product implements
("document"), or where practice found it. *Worst* is the worst a rule may answer: `fail` stops the way home,
`warn` was seen and is survivable, `info` only tells. Remedies in **bold** are carried out by the program; the
others it explains to a person.
"""


def main(arguments: list[str]) -> int:
    """Write the document, or with `--check` only compare it; return the exit code."""
    text = "".join(document())
    if arguments != ["--check"]:
        DOCUMENT.write_text(text, encoding="utf-8")
        return 0
    if DOCUMENT.is_file() and DOCUMENT.read_text(encoding="utf-8") == text:
        return 0
    print(f"{DOCUMENT.relative_to(ROOT)} is not what the code says: run `make documents`", file=sys.stderr)
    return 1


def document() -> Iterator[str]:
    """Return the document in parts: a table for each step."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        origins = {row["id"]: row["origin"] for row in csv.DictReader(file, delimiter="\t")}
    yield HEAD
    for step in STEPS:
        yield from section(step, origins)


def section(step: Step, origins: dict[str, str]) -> Iterator[str]:
    """Return the table of one step; `origins` says of each id whether the document or practice asks for it."""
    yield f"\n## Step {step.number}: {step.title}\n\n"
    yield "| id | what is needed | of each | worst | where | remedies |\n|---|---|---|---|---|---|\n"
    for row in REQUIREMENTS:
        if row.step == step:
            origin = "document" if origins.get(row.id) == "seed" else "practice"
            cells = (
                f"`{row.id}`",
                row.statement,
                row.subject_kind,
                row.worst.value,
                f"{origin}: {row.seed}",
                remedies(row),
            )
            yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


def remedies(row: Requirement) -> str:
    """Return the remedies of a requirement, those that the program carries out in bold."""
    return ", ".join(f"**{remedy}**" if remedy in REMEDIES else remedy for remedy in row.remedies)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
