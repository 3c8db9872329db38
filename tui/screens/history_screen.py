"""The history: what was changed, by whom, when, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from failback.changes.journal import Entry, undone_by
from tui.screens.wizard_screen import WizardScreen
from tui.views import outcome_text
from tui.views.table import Column, Line
from tui.widgets.detail_pane import DetailPane
from tui.widgets.line import FixedText
from tui.widgets.list_pane import ListPane
from tui.widgets.row_table import RowTable
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _


class HistoryScreen(WizardScreen):
    """Newest first. `u` undoes the highlighted change, after showing what that changes."""

    BINDINGS = [Binding("u", "undo", N_("Undo"))]
    KEYS = ("undo", "filter", "back", "stop")
    HELP_TEXT = N_(
        "Every change is written here before it is sent, and again when it has ended. One that was never finished is "
        "said to be so: look at the thing itself. Undoing is a change of its own, shown and asked for like any other."
    )

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = tuple(reversed(entries))
        self._undone = undone_by(entries)

    def compose_page(self) -> Iterator[Widget]:
        """Heading, entries, everything about the highlighted one."""
        yield FixedText(id="heading")
        columns = (
            Column("", 5),
            Column(_("when (UTC)"), 18),
            Column(_("state"), 21),
            Column(_("target"), 12),
            Column(_("what"), 0),
        )
        yield ListPane(columns, ascii_only=self.wizard.marks.ascii, id="entries")
        yield DetailPane()

    def on_mount(self) -> None:
        """Show the entries."""
        text = _("What was changed, newest first") if self._entries else _("Nothing was changed yet.")
        self.query_one("#heading", FixedText).say(Text(" " + text, "bold"))
        marks = self.wizard.marks
        self.query_one(ListPane).show(
            [
                Line(
                    one.id,
                    (
                        Text(one.id),
                        Text(f"{one.at:%Y-%m-%d %H:%M}"),
                        outcome_text.entry_word(one, marks, self._undone.get(one.id)),
                        Text(visible(one.change.target.name)),
                        Text(one.change.title),
                    ),
                )
                for one in self._entries
            ]
        )
        self.query_one(RowTable).focus()
        self._tell()

    @property
    def entry(self) -> Entry | None:
        """The highlighted entry."""
        return next((one for one in self._entries if one.id == self.highlighted_key), None)

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        if self.entry is not None:
            undone = self._undone.get(self.entry.id)
            self.query_one(DetailPane).say(outcome_text.entry_text(self.entry, self.wizard.marks, undone))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be undone has no key for it."""
        if action == "undo":
            return self.entry is not None and self.entry.change.reversible and self.entry.id not in self._undone
        return super().check_action(action, parameters)

    def action_undo(self) -> None:
        """Undo the highlighted change."""
        if self.entry is not None:
            self.wizard.undo(self.entry)
