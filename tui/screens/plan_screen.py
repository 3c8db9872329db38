"""The plan: every change before any is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from failback.changes.lock import Wanted
from failback.changes.plan import Plan
from tui.screens.wizard_screen import WizardScreen
from tui.views.change_text import change_text, weight_text
from tui.views.table import Column, Line
from tui.widgets.detail_pane import DetailPane
from tui.widgets.folded_body import FoldedBody
from tui.widgets.line import FixedText
from tui.widgets.list_pane import ListPane
from tui.widgets.row_table import RowTable
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _, ngettext


class PlanScreen(WizardScreen):
    """Shows what is now and what will be. Space leaves a change out; `a` begins, and asks again before each change."""

    BINDINGS = [
        Binding("a", "apply", N_("Apply")),
        Binding("space", "take_or_leave", N_("In or out")),
        Binding("w", "write", N_("Write to a file")),
    ]
    KEYS = ("apply", "take_or_leave", "write", "back")
    HELP_TEXT = N_(
        "Nothing has been changed yet. A line with + is added, with ~ changed, with - taken away. Before each change "
        "is sent everything it rests on is read again, and you are asked once more; a change that is for good wants "
        "the name of the thing typed. What is sent is written into the history before it is sent. A master target is "
        "locked while it is changed, for every operator to see; a lock of somebody else is taken over only if you "
        "type the name of the master target."
    )

    def __init__(self, plan: Plan, locks: Sequence[Wanted], reasons: Sequence[str]) -> None:
        super().__init__()
        self._plan = plan
        self._locks = tuple(locks)
        self._reasons = tuple(reasons)
        self._out: set[str] = set()

    def compose_page(self) -> Iterator[Widget]:
        """Heading, the locks it takes, changes, everything about the highlighted one."""
        yield FixedText(id="heading")
        yield FoldedBody(self._locks_text(), id="locks")
        columns = (Column("", 4), Column(_("target"), 14), Column("", 11), Column(_("what"), 0))
        yield ListPane(columns, ascii_only=self.wizard.marks.ascii, id="changes")
        yield DetailPane()

    def on_mount(self) -> None:
        """Show the plan."""
        self._list()
        self.query_one(RowTable).focus()

    @property
    def plan(self) -> Plan:
        """The plan without what was left out."""
        return replace(self._plan, changes=tuple(one for one in self._plan.changes if one.id not in self._out))

    def _locks_text(self) -> Text:
        """A line for each lock that the plan takes: quiet where nobody holds it."""
        taken = {one.id for one in self.plan.changes}
        wanted = [one for one in self._locks if one.changes & taken]
        return Text("\n").join(Text(one.told(), "bold yellow" if one.is_foreign else "") for one in wanted)

    def _list(self) -> None:
        count = len(self.plan.changes)
        text = Text(
            " " + ngettext("{count} change is planned.", "{count} changes are planned.", count).format(count=count),
            "bold",
        )
        text.append("  " + _("Nothing has been changed yet."), "not bold")
        if not self._plan.changes:
            text = Text(" " + _("There is nothing here that the wizard can change itself."), "bold")
        self.query_one("#heading", FixedText).say(text)
        self.query_one("#locks", FoldedBody).say(self._locks_text())
        self.query_one(ListPane).show(
            [
                Line(
                    one.id,
                    (
                        Text("[ ]" if one.id in self._out else "[x]"),
                        Text(visible(one.target.name)),
                        weight_text(one),
                        Text(one.title),
                    ),
                )
                for one in self._plan.changes
            ]
        )
        self._tell()

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        key = self.query_one(RowTable).highlighted
        change = next((one for one in self._plan.changes if one.id == key), None)
        text = change_text(change, self.wizard.marks) if change is not None else Text("\n".join(self._reasons))
        self.query_one(DetailPane).say(text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An empty plan is only read."""
        if action in ("apply", "take_or_leave", "write"):
            return bool(self._plan.changes)
        return super().check_action(action, parameters)

    def action_take_or_leave(self) -> None:
        """Leave the highlighted change out, or take it in again."""
        key = self.query_one(RowTable).highlighted
        if key is not None:
            self._out ^= {key}
            self._list()

    def action_apply(self) -> None:
        """Begin. Each change is asked for once more."""
        if self.plan.changes:
            self.wizard.apply(self.plan)

    def action_write(self) -> None:
        """Write the plan to a file, to be carried out later by `failback apply`."""
        self.wizard.ask_where_to_write_plan(self.plan)
