"""A list of which one is taken."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import DataTable

from tui.dialogs.dialog import Dialog
from tui.views.table import Column, Line
from tui.widgets.row_table import RowTable
from wizard_steps.wording import N_, _


class ChoiceDialog(Dialog[str]):
    """Ends with the key of the line that was taken; a digit takes a line by its key, when a line has it."""

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
    ) -> None:
        super().__init__(title, body or Text(_("Up and Down, then Enter.")))
        self._lines = [Line(key, (text,)) for key, text in lines]
        self._ascii = ascii_only
        self._start = start

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

    @on(DataTable.RowSelected)
    def action_take(self) -> None:
        """Answer with the highlighted line."""
        key = self.query_one(RowTable).highlighted
        if key is not None:
            self.dismiss(key)
