"""The pages of the wizard in the order in which an operator turns them: the machines, the steps, the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wizard_steps.judge import Report
from wizard_steps.requirement import Status, Step
from wizard_steps.wording import _


@dataclass(frozen=True)
class Page:
    """One page. `number` is the step's; None: it is no step. `key` opens it from anywhere; none for the eleventh."""

    id: str
    title: str
    number: int | None
    key: str


def pages_of(steps: Sequence[Step]) -> tuple[Page, ...]:
    """Return all pages; the tenth step answers to the digit 0."""
    middle = [Page(f"step-{one.number}", _(one.title), one.number, str(one.number % 10)) for one in steps]
    return (Page("machines", _("Machines"), None, "m"), *middle, Page("verdict", _("Verdict"), None, "t"))


def beside(pages: Sequence[Page], page_id: str, offset: int) -> Page | None:
    """Return the page so many places after (or before) another; None: there is none."""
    place = next((index for index, one in enumerate(pages) if one.id == page_id), 0) + offset
    return pages[place] if 0 <= place < len(pages) else None


def status_of(report: Report | None, number: int) -> Status | None:
    """Return a step's status; None: nothing was judged yet."""
    if report is None:
        return None
    return next((one.status for one in report.steps if one.step.number == number), None)
