"""Write what the documents say of the requirements from the code: `make documents`, checked by `make check`.

python -m tools.documents            write docs/requirements.md, and the table of the steps in README.md
python -m tools.documents --check    say which of them is stale, and fail if one is
"""

from __future__ import annotations

import ast
import csv
import inspect
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

from wizard_steps.classic import REQUIREMENTS, STEPS
from wizard_steps.requirement import Requirement, Step

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENT = ROOT / "docs" / "requirements.md"
TABLE = ROOT / "wizard_steps" / "requirement_ids.tsv"
RULES = "wizard_steps.classic"

HEAD = """\
# Requirements

Written by `make documents` from the code; do not edit.

The rule pack of the classic architecture. *Where* is the place in the document that the product implements
("document"), or where practice found it. *Worst* is the worst a rule may answer: `fail` stops the way home,
`warn` was seen and is survivable, `info` only tells. *Vouched for* is what a person is asked where live state does not
reach, in the words of the finding; where nothing stands, live state tells it or the answer is `unknown`. The remedies
are what the program offers to do; where one cannot be done on a site, or must not be, it says why and what a person
does instead.
"""
STEPS_IN_README = re.compile(r"(?<=<!-- steps: written by make documents -->\n).*?(?=<!-- end of steps -->)", re.DOTALL)

Row = dict[str, str]


def main(arguments: list[str]) -> int:
    """Write the documents, or with `--check` only compare them; return the exit code."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        table = {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}
    readme = README.read_text(encoding="utf-8")
    wanted = {
        DOCUMENT: "".join(requirements(table)),
        README: STEPS_IN_README.sub("".join(steps(table)).replace("\\", r"\\"), readme),
    }
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if arguments != ["--check"]:
        for path in stale:
            path.write_text(wanted[path], encoding="utf-8")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what the code says: run `make documents`", file=sys.stderr)
    return 1 if stale else 0


def steps(table: dict[str, Row]) -> Iterator[str]:
    """Return the table of the steps: how many requirements each has, how they are judged, what is mended."""
    yield "| step | requirements | read from live state | may need a person | mended by the program |\n"
    yield "|---|---|---|---|---|\n"
    for step in STEPS:
        rows = [row for row in REQUIREMENTS if row.step == step]
        judged = Counter(table[row.id]["judged"] for row in rows)
        mended = dict.fromkeys(remedy for row in rows for remedy in row.remedies)
        alone, with_a_person = judged["auto"] + judged["info"], judged["partial"] + judged["attest"]
        yield f"| {step.number}. {step.title} | {len(rows)} | {alone} | {with_a_person} | {', '.join(mended)} |\n"


def requirements(table: dict[str, Row]) -> Iterator[str]:
    """Return the list of all requirements in parts: a table for each step."""
    yield HEAD
    for step in STEPS:
        yield from section(step, table)


def section(step: Step, table: dict[str, Row]) -> Iterator[str]:
    """Return the table of one step's requirements."""
    yield f"\n## Step {step.number}: {step.title}\n\n"
    yield "| id | what is needed | of each | worst | how it is judged | vouched for | where | remedies |\n"
    yield "|---|---|---|---|---|---|---|---|\n"
    for row in REQUIREMENTS:
        if row.step == step:
            origin = "document" if table[row.id]["origin"] == "seed" else "practice"
            place = f"{origin}: {row.seed}"
            remedies = ", ".join(row.remedies)
            named = (f"`{row.id}`", row.statement, row.subject_kind, row.worst.value)
            cells = (*named, how_it_is_judged(row), "; ".join(vouched_for(row)), place, remedies)
            yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


def how_it_is_judged(row: Requirement) -> str:
    """Return what the rule says of itself; a row without a rule follows from others."""
    if row.rule is None:
        return f"Follows from {', '.join(row.consequence_of)}."
    return (row.rule.__doc__ or "").partition("\n")[0].replace(" (ruling)", "")


def vouched_for(row: Requirement) -> list[str]:
    """Return what a rule, or what it calls among the rules, may ask a person to vouch for, as its texts have it."""
    called: dict[FunctionType, None] = {}
    if isinstance(row.rule, FunctionType):
        _collect(row.rule, called)
    texts = [text for one in called for text in _attested(one)]
    return [text[text.find("vouch") :] if "vouch" in text else text for text in dict.fromkeys(texts)]


def _collect(function: FunctionType, called: dict[FunctionType, None]) -> None:
    """Add a function, and those among the rules that its code names."""
    called[function] = None
    for name in _names(function.__code__):
        one = function.__globals__.get(name)
        if isinstance(one, FunctionType) and one.__module__.startswith(RULES) and one not in called:
            _collect(one, called)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _attested(function: FunctionType) -> Iterator[str]:
    """Yield the first text in each call of `attest` that stands in a function."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "attest":
            words = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
            yield from [one for one in words if isinstance(one, str)][:1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
