"""Every requirement that can fail or warn is violated once, alone: the engine says so, and says nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof import matrix_1_to_3, matrix_4_to_6, matrix_7_to_9, matrix_10
from tests.proof.judging import Judged, asked_anew, gone_quiet, judged, leave, said
from tests.proof.matrix import MISSING_CAUSES, MissingCause, Violation
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.requirement import Finding, Status

MATRIX = [
    *matrix_1_to_3.matrix.rows,
    *matrix_4_to_6.matrix.rows,
    *matrix_7_to_9.matrix.rows,
    *matrix_10.matrix.rows,
]
ROWS = {row.id: row for row in REQUIREMENTS}
WORST = {row.id for row in REQUIREMENTS if row.worst in (Status.FAIL, Status.WARN)}


def is_explained(violation: Violation, finding: Finding) -> bool:
    """Tell whether a finding that changed is the violated row itself, or a consequence that names it."""
    root = violation.root
    if root in (finding.requirement.id, finding.caused_by):
        return True
    return any(one.explains(root, finding) for one in MISSING_CAUSES)


@pytest.mark.parametrize("violation", MATRIX, ids=lambda one: one.sentence)
def test_exactly_the_violated_row_changes(
    violation: Violation, ready: Judged, matrix_summary: Counter[str], tmp_path: Path
) -> None:
    if violation.inside:
        ready = judged(inside=violation.inside, home=tmp_path)
    if violation.given is not leave:
        ready = judged(violation.given, violation.choose)
    after = judged(violation.violate, violation.choose, violation.later, violation.inside, tmp_path)
    changed = {**asked_anew(ready, after), **gone_quiet(ready, after)}
    mine = after.findings()[violation.row, violation.subject]
    false_alarms = {place: one for place, one in changed.items() if not is_explained(violation, one)}
    is_detected = mine.status.value == violation.status and violation.evidence in mine.evidence
    is_new = (violation.row, violation.subject) in changed or bool(violation.evidence)
    matrix_summary["detected" if is_detected and is_new else "missed"] += 1
    matrix_summary["false alarms"] += len(false_alarms)
    assert is_detected, f"{mine.status.value}: {mine.evidence}"
    assert is_new, said({(violation.row, violation.subject): mine})
    assert not said(false_alarms)


def test_the_matrix_holds_every_row_that_can_fail_or_warn() -> None:
    assert {one.row for one in MATRIX} == WORST


def test_no_two_sites_of_the_matrix_are_called_the_same() -> None:
    assert [name for name, count in Counter(one.sentence for one in MATRIX).items() if count > 1] == []


def test_what_the_matrix_holds_against_the_table_is_still_so() -> None:
    assert [one for one in MISSING_CAUSES if one.cause in ROWS[one.row].consequence_of] == []
    assert {one.cause for one in MISSING_CAUSES} <= {one.root for one in MATRIX}


@pytest.mark.parametrize("missing", MISSING_CAUSES, ids=lambda one: f"{one.row} on {one.subject} for {one.cause}")
def test_what_the_matrix_holds_against_the_table_explains_that_one_finding_alone(
    missing: MissingCause, ready: Judged
) -> None:
    known = ready.report.findings[0]
    row = replace(known.requirement, id=missing.row)
    subject = replace(known.subject, name=missing.subject)
    status = Status(missing.status)
    told = replace(
        known, requirement=row, subject=subject, status=status, evidence=f"so: {missing.evidence}.", caused_by=None
    )
    assert missing.explains(missing.cause, told)
    others = [
        replace(told, subject=replace(subject, name="another")),
        replace(told, status=Status.WARN),
        replace(told, evidence="something else"),
        replace(told, caused_by="another-row"),
        replace(told, requirement=replace(row, id="another-row")),
    ]
    assert [one for one in others if missing.explains(missing.cause, one)] == []
    assert not missing.explains("another-row", told)
