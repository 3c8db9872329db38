"""A list of which one is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import DataTable

from tui.dialogs.dialog import Dialog
from tui.views.table import Column, Line
from tui.widgets.row_table import RowTable
from wizard_steps.wording import N_, _


class ChoiceDialog(Dialog[str]):
    """Ends with the key of the line that was taken; `shortcuts` maps characters to lines that they take at once."""

    BINDINGS = [
        Binding("escape,b,backspace", "cancel", N_("Cancel")),
        Binding("enter", "take", N_("Take")),
    ]

    def __init__(
        self,
        title: str,
        lines: Sequence[tuple[str, Text]],
        *,
        body: Text | None = None,
        ascii_only: bool = False,
        start: str = "",
        shortcuts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title, body or Text(_("Up and Down, then Enter.")))
        self._lines = [Line(key, (text,)) for key, text in lines]
        self._ascii = ascii_only
        self._start = start
        self._shortcuts = dict(shortcuts or {})

    def compose_question(self) -> ComposeResult:
        """The list."""
        yield RowTable((Column("", 0),), ascii_only=self._ascii)

    def focus_first(self) -> None:
        """Start in the list: nothing here is destructive."""
        table = self.query_one(RowTable)
        table.styles.height = min(len(self._lines), 14)
        table.show(self._lines)
        table.go_to(self._start)
        table.focus()

    def on_key(self, event: events.Key) -> None:
        """Take a line by the character that stands before it."""
        if event.character is not None and event.character in self._shortcuts:
            event.stop()
            self.dismiss(self._shortcuts[event.character])

    @on(DataTable.RowSelected)
    def action_take(self) -> None:
        """Answer with the highlighted line."""
        key = self.query_one(RowTable).highlighted
        if key is not None:
            self.dismiss(key)
