"""A table of rows that a cursor moves over, with one column that takes the width that is left."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Offset
from textual.widgets import DataTable

from tui.views.table import Column, Line
from wizard_steps.wording import N_


class RowTable(DataTable[Text], inherit_bindings=False):
    """Shows lines; keeps the cursor on its line when they change; puts the terminal's own cursor there too.

    Cells are `Text`, so that no name is ever read as markup.
    """

    BINDINGS = [
        Binding("down,j", "cursor_down", N_("Down"), show=False),
        Binding("up,k", "cursor_up", N_("Up"), show=False),
        Binding("pagedown", "page_down", N_("Page down"), show=False),
        Binding("pageup", "page_up", N_("Page up"), show=False),
        Binding("home", "scroll_top", N_("First"), show=False),
        Binding("end", "scroll_bottom", N_("Last"), show=False),
    ]

    def __init__(self, columns: Sequence[Column], *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(cursor_type="row", cell_padding=0, show_header=any(one.heading for one in columns), id=id)
        self._wanted = tuple(columns)
        self._more = "~" if ascii_only else "…"
        self._lines: tuple[Line, ...] = ()
        self._drawn: tuple[object, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that are shown."""
        return self._lines

    @property
    def highlighted(self) -> str | None:
        """The key of the line under the cursor; None: there are no lines."""
        return self._lines[self.cursor_row].key if 0 <= self.cursor_row < len(self._lines) else None

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; the cursor stays on its line, or as near as can be."""
        before, row = self.highlighted, self.cursor_row
        self._lines = tuple(lines)
        self._draw()
        keys = [one.key for one in self._lines]
        target = keys.index(before) if before in keys else min(max(row, 0), len(keys) - 1)
        if target >= 0:
            self.move_cursor(row=target, animate=False)

    def go_to(self, key: str) -> None:
        """Put the cursor on the line with this key, if there is one."""
        keys = [one.key for one in self._lines]
        if key in keys:
            self.move_cursor(row=keys.index(key), animate=False)

    def _widths(self) -> list[int]:
        widths = [one.cells(self.size.width) for one in self._wanted]
        room = max(10, self.size.width - 1 - sum(widths))
        return [width or room for width in widths]

    def _draw(self) -> None:
        """Draw anew, unless lines and widths are as they were: an unchanged table sends not a byte."""
        widths = self._widths()
        if self._drawn == (self._lines, widths):
            return
        same_columns = bool(self._drawn) and self._drawn[1] == widths
        self._drawn = (self._lines, widths)
        self.clear(columns=not same_columns)
        if not same_columns:
            for place, (column, width) in enumerate(zip(self._wanted, widths, strict=False)):
                self.add_column(Text(column.heading), width=width, key=str(place))
        for line in self._lines:
            # Without the line's key: two things of one name are two lines here, and the end of a DataTable.
            self.add_row(*(self._fit(cell, width) for cell, width in zip(line.cells, widths, strict=False)))

    def _fit(self, cell: Text, width: int) -> Text:
        room = width - 1
        if cell_len(cell.plain) <= room:
            return cell
        short = cell.copy()
        short.plain = set_cell_size(cell.plain, room - 1).rstrip() + self._more
        return short

    def on_resize(self, event: events.Resize) -> None:
        """Share out the new width; the cursor stays."""
        row = self.cursor_row
        self._draw()
        if self._lines:
            self.move_cursor(row=min(row, len(self._lines) - 1), animate=False)

    def watch_cursor_coordinate(self, old_coordinate: object, new_coordinate: object) -> None:
        """Let the terminal's own cursor follow: screen readers and magnifiers look there."""
        super().watch_cursor_coordinate(old_coordinate, new_coordinate)  # type: ignore[arg-type]
        self.call_after_refresh(self._place_cursor)

    def on_focus(self, event: events.Focus) -> None:
        """Bring the terminal's cursor along."""
        self._place_cursor()

    def _place_cursor(self) -> None:
        if self.has_focus and self.screen.is_current:
            below = self.cursor_row + (1 if self.show_header else 0) - round(self.scroll_offset.y)
            self.app.cursor_position = Offset(self.content_region.x, self.content_region.y + max(0, below))
