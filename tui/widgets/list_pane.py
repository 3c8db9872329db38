"""A table with a filter line under it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from tui.views.table import Column, Line
from tui.widgets.row_table import RowTable
from wizard_steps.wording import _


class ListPane(Vertical):
    """A `RowTable` whose lines are narrowed by what is typed after `/`. Escape shows them all again."""

    def __init__(self, columns: Sequence[Column], *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.table = RowTable(columns, ascii_only=ascii_only)
        self.filter_line = Input(placeholder=_("show only lines with ..."), classes="filter", compact=True)
        self.filter_line.cursor_blink = False
        self._all: tuple[Line, ...] = ()

    def compose(self) -> ComposeResult:
        """The table, and the filter line when it is wanted."""
        yield self.table
        yield self.filter_line

    def on_mount(self) -> None:
        """Start without a filter."""
        self.filter_line.display = False

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines, or those of them that the filter lets through."""
        self._all = tuple(lines)
        self._narrow()

    def _narrow(self) -> None:
        wanted = self.filter_line.value.casefold().split()
        self.table.show([one for one in self._all if all(word in one.words for word in wanted)])

    @property
    def is_filtering(self) -> bool:
        """Whether the filter line is open."""
        return self.filter_line.display

    def open_filter(self) -> None:
        """Let the operator type what the lines must hold."""
        self.filter_line.display = True
        self.filter_line.focus()

    def close_filter(self) -> None:
        """Show every line again."""
        self.filter_line.value = ""
        self.filter_line.display = False
        self._narrow()
        self.table.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow()

    @on(Input.Submitted)
    def _settled(self, event: Input.Submitted) -> None:
        event.stop()
        self.table.focus()
