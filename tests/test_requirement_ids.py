"""The table of requirements against the code: it changes by review, not to make a test green."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from failback.changes.remedies import REMEDIES
from wizard_steps.classic import REQUIREMENTS, STEPS
from wizard_steps.requirement import Requirement

TABLE = Path(__file__).parents[1] / "wizard_steps" / "requirement_ids.tsv"

with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}
IN_CODE: dict[str, Requirement] = {row.id: row for row in REQUIREMENTS}


def names(cell: str | None) -> set[str]:
    """Return the ids in a cell of the table."""
    return {name for name in (cell or "").split(",") if name}


def test_no_requirement_stands_twice_in_the_code() -> None:
    ids = [row.id for row in REQUIREMENTS]
    assert sorted(ids) == sorted(set(ids))


def test_the_code_has_no_requirement_that_the_table_does_not_know() -> None:
    assert set(IN_CODE) <= set(ROWS)


def test_the_ten_steps_stand_in_their_order() -> None:
    assert [step.number for step in STEPS] == list(range(1, 11))


COLUMNS: dict[str, tuple[Callable[[dict[str, str]], Any], Callable[[Requirement], Any]]] = {
    "step": (lambda row: int(row["step"]), lambda requirement: requirement.step.number),
    "subject_kind": (lambda row: row["subject_kind"], lambda requirement: requirement.subject_kind),
    "worst": (lambda row: row["worst"], lambda requirement: requirement.worst.value),
    "consequence_of": (lambda row: names(row["consequence_of"]), lambda requirement: set(requirement.consequence_of)),
    "remedies": (lambda row: names(row["remedies"]), lambda requirement: set(requirement.remedies)),
}


def test_every_row_of_the_table_stands_in_the_code() -> None:
    missing = {row_id: f"step {row['step']}" for row_id, row in ROWS.items() if row_id not in IN_CODE}
    assert not missing


@pytest.mark.parametrize("column", COLUMNS)
def test_every_requirement_is_what_the_table_says(column: str) -> None:
    from_table, from_code = COLUMNS[column]
    differing = {
        row_id: {"table": from_table(ROWS[row_id]), "code": from_code(requirement)}
        for row_id, requirement in IN_CODE.items()
        if row_id in ROWS and from_table(ROWS[row_id]) != from_code(requirement)
    }
    assert not differing


def test_every_requirement_is_one_sentence_and_says_where_it_is_written() -> None:
    assert not [row.id for row in REQUIREMENTS if not row.statement.endswith(".") or not row.seed]


def test_every_remedy_is_carried_out_by_the_program() -> None:
    wanted = set().union(*(names(row["remedies"]) for row in ROWS.values()))
    assert wanted == set(REMEDIES)


def test_the_first_remedies_are_carried_out_by_the_program() -> None:
    first = {
        "set-enable-uuid",
        "remove-snapshots",
        "exclude-from-drs",
        "exclude-from-storage-drs",
        "refresh-configuration-server",
    }
    assert first <= set(REMEDIES)
