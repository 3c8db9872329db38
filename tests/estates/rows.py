"""Tables of judgements: what is different from the ready case, and what a requirement then says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tests.estates.ready import DENIED, change_all, finding_of, ready_case
from wizard_steps.classic import REQUIREMENTS


class Row(NamedTuple):
    """A requirement, what is different, and the status and words of its finding. `subject` as a report names it."""

    requirement: str
    status: str
    evidence: str = ""
    changes: Mapping[str, object] = {}
    subject: str | None = None

    def check(self) -> None:
        """Assert that the finding is as this row says."""
        finding = finding_of(change_all(ready_case(), self.changes), self.requirement, self.subject)
        said = f"{finding.status.value}: {finding.evidence}"
        assert finding.status.value == self.status, said
        assert self.evidence in finding.evidence, said

    @property
    def sentence(self) -> str:
        """The row as the name of a test."""
        different = ", ".join(self.changes) or "the ready case"
        return f"{self.requirement} is {self.status} ({self.evidence}) with {different}".replace("[", "<").replace(
            "]", ">"
        )


class Unread(NamedTuple):
    """A requirement and a reading without which it is unknown."""

    requirement: str
    path: str
    subject: str | None = None

    def check(self) -> None:
        """Assert that the finding is unknown, and says why."""
        Row(self.requirement, "unknown", "denied", {self.path: DENIED}, self.subject).check()

    @property
    def sentence(self) -> str:
        """The row as the name of a test."""
        return f"{self.requirement} is unknown without {self.path}".replace("[", "<").replace("]", ">")


def requirements_of_step(number: int, kind: str | None = None) -> set[str]:
    """Return the ids of a step's requirements: all, or those about one kind of subject."""
    return {row.id for row in REQUIREMENTS if row.step.number == number and kind in (None, row.subject_kind)}


def judged_by(rows: Iterable[Row | Unread]) -> set[str]:
    """Return the ids of the requirements that some rows are about."""
    return {row.requirement for row in rows}
