"""What the document on security claims is held by tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[^`]+\.py)::(\w+)`", DOCUMENT)
LINES = re.findall(r"^\| (?:\d+\.\d+\.\d+) \|.*\|$", DOCUMENT, re.MULTILINE)
HOW = re.split(r"^### ", DOCUMENT.partition("## How")[2].partition("## What is not")[0], flags=re.MULTILINE)[1:]


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda value: value.rpartition("/")[2])
def test_a_test_that_the_document_names_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = {one.name for one in tree.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}
    assert name in functions


def test_every_line_of_the_standard_names_its_test() -> None:
    assert len(LINES) >= 20
    assert [line for line in LINES if len(re.findall(r"`tests/[^`]+::\w+`", line)) != 1] == []


def test_every_part_of_how_it_is_done_names_its_tests() -> None:
    assert len(HOW) >= 6
    for part in HOW:
        title, _line, text = part.partition("\n")
        assert re.search(r"^Held by ", text, re.MULTILINE), title
        assert re.findall(r"`(tests/[^`]+\.py)(?:::\w+)?`", text), title


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[^`:]+\.py)", DOCUMENT))))
def test_a_file_of_tests_that_the_document_names_exists_and_has_tests(path: str) -> None:
    assert "\ndef test_" in (text := (ROOT / path).read_text(encoding="utf-8")) or "\nasync def test_" in text


def test_every_exception_from_the_security_rules_has_its_reason_beside_it() -> None:
    bare = []
    for path in [*ROOT.glob("failback/**/*.py"), *ROOT.glob("tui/**/*.py"), *ROOT.glob("wizard_steps/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        first_of = {}  # a reason given once in a file counts for the same rule below it
        for number, line in enumerate(text.splitlines(), 1):
            found = re.search(r"# noqa: [A-Z0-9, ]*\b(S\d{3})\b[^-]*(-- .+)?$", line)
            if found and not found[2] and found[1] not in first_of:
                bare.append(f"{path.relative_to(ROOT)}:{number}")
            if found and found[2]:
                first_of[found[1]] = number
    assert bare == []
