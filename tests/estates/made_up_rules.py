"""Requirements made up for a test, and the report that they make of an estate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.estates.ready import (
    ready_case,
)
from wizard_steps.case import Case
from wizard_steps.judge import Report, judge
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    Step,
)

STEP = Step(1, "machines", "Machines")
Rule = Callable[[Any, Any], Judgement]


def rows_of(*rules: tuple[str, Rule, Sequence[str]], kind: str = "machine") -> Requirements:
    """Return requirements made up for a test: id, rule, and the rows each is a consequence of."""
    rows = Requirements(STEP)
    for row_id, rule, causes in rules:
        rows.add(
            row_id,
            statement="s",
            seed="p",
            subject=kind,
            worst="fail",
            consequence_of=causes,
            remedies=["mend"],
            cause="why",
            action="do",
        )(rule)
    return rows


def always(judgement: Judgement) -> Rule:
    return lambda _case, _thing: judgement


def judged(*rules: tuple[str, Rule, Sequence[str]], case: Case | None = None, kind: str = "machine") -> Report:
    return judge(case or ready_case(), rows_of(*rules, kind=kind).rows)


def status_of(report: Report, requirement: str) -> set[str]:
    return {one.status.value for one in report.findings if one.requirement.id == requirement}
