"""The words around a step's rows: its heading, the one next action, and the rows as lines of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.text import Text

from failback.changes.remedies import REMEDIES
from tui.contract import Rehearsal
from tui.marks import Marks
from tui.views import words
from tui.views.pages import status_of
from tui.views.row import Row
from tui.views.table import Line
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding, Status, Step
from wizard_steps.seen_by_probes import NOT_PROBED
from wizard_steps.wording import _

_ASKS = (Status.FAIL, Status.PENDING, Status.UNKNOWN, Status.ATTEST, Status.WARN)


def heading(step: Step, count: int, report: Report | None, marks: Marks) -> Text:
    """Return the step's number, title and state."""
    text = Text(" " + _("Step {number} of {count}").format(number=step.number, count=count) + "  ")
    text.append(_(step.title), "bold")
    status = status_of(report, step.number)
    if status is not None:
        text.append("  ")
        text.append_text(marks.of(status))
    return text


def next_action(
    report: Report | None, number: int, rows: Sequence[Row], now: datetime | None, *, is_looking: bool
) -> Text:
    """Return the one thing to do next in this step; where there is none, the way on."""
    if report is None:
        return Text(" " + (_("Looking at both sides ...") if is_looking else _("Press r to look at both sides.")))
    asking = [row for row in rows if row.status in _ASKS]
    if not asking:
        return Text(" " + _("Nothing to do in this step. Press n for the next one."))
    first = next((row for row in asking if row.finding is not None), None)
    if first is None or first.finding is None:
        root = _step_of_root(report, rows, number)
        return _labelled(_("What is wrong here follows from step {step}: begin there (g).").format(step=root))
    return _labelled(_sentence(first, first.finding, now))


def _labelled(sentence: str) -> Text:
    text = Text(" ")
    text.append(" " + _("NEXT") + " ", "bold reverse")
    text.append("\t" + sentence)
    return text


def _sentence(row: Row, finding: Finding, now: datetime | None) -> str:
    name = f"{row.subject}: " if row.subject else ""
    if row.status is Status.ATTEST:
        can_probe = wants_probes(finding)
        form = _("{name}{evidence} (v: vouch; l: look with probes)") if can_probe else _("{name}{evidence} (v: vouch)")
        return form.format(name=name, evidence=row.text)
    wanted = name + (visible(finding.action, 400) if finding.action else row.text)
    if finding.due is not None and now is not None:
        return _("{wanted} (settled {when}; then r)").format(wanted=wanted, when=words.until(finding.due, now))
    if wants_probes(finding):
        return _("{wanted} (l: look with probes)").format(wanted=wanted)
    return _("{wanted} (f: what the wizard would change)").format(wanted=wanted) if can_mend(finding) else wanted


def offered(row: Row, rehearsal: Rehearsal | None) -> frozenset[str]:
    """Return what can be done with a row: fix, vouch, engineer (of a rehearsal), unfold."""
    found = {
        "unfold": bool(row.children),
        "fix": any(can_mend(one) for one in row.findings),
        "vouch": row.status is Status.ATTEST and bool(row.findings),
        "engineer": rehearsal is not None and any(rehearsal.actions_for(one) for one in row.findings),
    }
    return frozenset(action for action, is_offered in found.items() if is_offered)


def wants_probes(finding: Finding) -> bool:
    """Tell whether Azure's network probes, which were not asked, may tell what is not known."""
    is_open = finding.status in (Status.UNKNOWN, Status.ATTEST)
    return is_open and _(NOT_PROBED) in f"{finding.evidence} {finding.action or ''}"


def can_mend(finding: Finding) -> bool:
    """Tell whether the wizard itself has a change that may mend a finding."""
    return any(remedy in REMEDIES for remedy in finding.remedies)


def _step_of_root(report: Report, rows: Sequence[Row], number: int) -> str:
    steps = {one.requirement.id: one.requirement.step.number for one in report.findings}
    roots = [steps.get(row.key.partition(":")[2]) for row in rows if row.key.startswith("from:")]
    return str(next((step for step in roots if step is not None), number))


def lines_of(rows: Iterable[Row], unfolded: set[str], marks: Marks, depth: int = 0) -> list[Line]:
    """Return the rows as lines; what an unfolded row holds stands under it, indented."""
    lines = []
    for row in rows:
        lines.append(_line(row, marks, depth, is_open=row.key in unfolded))
        if row.key in unfolded:
            lines += lines_of(row.children, unfolded, marks, depth + 1)
    return lines


def _line(row: Row, marks: Marks, depth: int, *, is_open: bool) -> Line:
    arrow = " "
    if row.children:
        arrow = marks.pick("▾", "-") if is_open else marks.pick("▸", ">")
    state = Text(" " * depth + arrow + " ")
    state.append_text(marks.of(row.status))
    count = Text(f"+{row.follow}" if row.follow else "", "bold")
    return Line(row.key, (state, Text(row.subject), count, Text(row.text)))
