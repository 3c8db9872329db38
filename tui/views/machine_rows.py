"""The machines as lines: what site recovery says of each, where it comes home, and its verdict."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from tui.marks import Marks
from tui.views import words
from tui.views.table import Column, Line
from wizard_steps.case import Case, Machine, may_be_failed_over
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.requirement import Status, Verdict
from wizard_steps.seen_in_azure import ProtectedItem
from wizard_steps.wording import N_, _

COLUMNS = (N_("home?"), N_("machine"), N_("in Azure"), N_("comes home to"), N_("through"), N_("verdict"))
_WIDTHS = (6, 18, 14, 15, 10, 0)


def columns() -> tuple[Column, ...]:
    """Return the columns of the table, with translated headings."""
    return tuple(Column(_(heading), width) for heading, width in zip(COLUMNS, _WIDTHS, strict=False))


def items_of(case: Case) -> Sequence[ProtectedItem]:
    """Return every protected item, those that are failed over first; none when they could not be read."""
    return sorted(
        case.azure.protected_items.or_else(()),
        key=lambda item: (not may_be_failed_over(item), item.machine_name.raw.casefold()),
    )


def chosen_ids(case: Case) -> frozenset[str]:
    """Return the ids of the machines that come home."""
    return frozenset(one.item.id for one in case.chosen_machines.or_else(()))


def lines_of(case: Case, report: Report, marks: Marks) -> list[Line]:
    """Return one line for each protected item."""
    chosen = chosen_ids(case)
    verdicts = {one.id: one.verdict for one in report.machines}
    return [
        _line(Machine(case, item), verdicts.get(item.id), marks, is_chosen=item.id in chosen) for item in items_of(case)
    ]


def _line(machine: Machine, verdict: Verdict | None, marks: Marks, *, is_chosen: bool) -> Line:
    if not may_be_failed_over(machine.item):
        return Line(machine.item.id, _cells_at_home(machine, marks))
    target = machine.target.or_else(None)
    place = {"original": _("original"), "alternate": _("alternate")}.get(machine.location.or_else("") or "", "?")
    return Line(
        machine.item.id,
        (
            Text("[x]", "bold") if is_chosen else Text("[ ]"),
            Text(machine.item.machine_name.shown()),
            Text(_power_of(machine)),
            Text(place if is_chosen else ""),
            Text(visible(target.name) if target is not None and is_chosen else ""),
            marks.verdict(verdict) if verdict is not None else Text(_("stays in Azure")),
        ),
    )


def _power_of(machine: Machine) -> str:
    """Return the word for the state of a machine's Azure VM; a question mark where it was not read."""
    if not machine.azure_vm.was_seen:
        return "?"
    vm = machine.azure_vm.value
    return words.text_of(vm.power_state) if vm is not None else _("no VM")


def _cells_at_home(machine: Machine, marks: Marks) -> tuple[Text, ...]:
    said = marks.of(Status.NOT_APPLICABLE).append(" " + _("not failed over"))
    return (Text(""), Text(machine.item.machine_name.shown()), Text(""), Text(""), Text(""), said)
