"""The verdict in words: overall, of each machine, and what is left to do."""

from __future__ import annotations

from rich.text import Text

from tui.marks import Marks
from tui.views.table import Line
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding, Status
from wizard_steps.wording import N_, _, ngettext

_LEFT = (
    ({Status.FAIL, Status.PENDING}, N_("{count} to mend")),
    ({Status.UNKNOWN}, N_("{count} not known")),
    ({Status.ATTEST}, N_("{count} to vouch for")),
    ({Status.WARN}, N_("{count} to live with")),
)


def roots_of(report: Report, machine: str | None = None) -> list[Finding]:
    """Return the root causes that stand in a machine's way (or in anybody's), worst first."""
    return [one for one in report.roots() if machine is None or machine in one.machines or not one.machines]


def of_machine(report: Report, machine: str | None, marks: Marks) -> Text:
    """Return what stands in one machine's way."""
    if machine is None:
        return Text(_("This machine is not in the batch: nothing is judged of it."))
    roots = roots_of(report, machine)
    if not roots:
        return Text(_("Nothing stands in the way of {name}.").format(name=visible(machine)))
    text = Text(
        ngettext(
            "{count} thing stands in the way of {name}:", "{count} things stand in the way of {name}:", len(roots)
        ).format(count=len(roots), name=visible(machine))
        + "\n",
        style="bold",
    )
    for one in roots:
        text.append_text(_root(one, marks))
    return text


def _root(one: Finding, marks: Marks) -> Text:
    text = marks.of(one.status, 11)
    text.append(_("step {number}").format(number=one.requirement.step.number), "not bold")
    name = "" if one.subject.name == "-" else visible(one.subject.name) + ": "
    text.append(f"\t{name}{one.evidence}\n", "not bold")
    return text


def overall(report: Report, marks: Marks, *, is_expired: bool) -> Text:
    """Return the overall verdict and what it means; of a line that is too short, the counts at its end are cut off."""
    text = Text(" ")
    text.append_text(marks.verdict(report.verdict))
    if is_expired:
        text.append("  " + _("This verdict has expired: press r."), "bold")
    text.append("  " + _meaning(report))
    return text


def _meaning(report: Report) -> str:
    counts = [(words, sum(one.status in statuses for one in report.roots())) for statuses, words in _LEFT]
    left = [_(words).format(count=count) for words, count in counts if count]
    return _("Left: {what}.").format(what=", ".join(left)) if left else _("Reprotect can be requested.")


def machine_lines(report: Report, marks: Marks) -> list[Line]:
    """Return one line for each machine: its verdict, and the first thing in its way."""
    lines = []
    for machine in report.machines:
        roots = roots_of(report, machine.name)
        first = f"{visible(roots[0].subject.name)}: {roots[0].evidence}" if roots else _("nothing is left")
        lines.append(Line(machine.id, (Text(visible(machine.name)), marks.verdict(machine.verdict), Text(first))))
    return lines
