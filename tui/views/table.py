"""What a table is made of: its columns, and its lines as texts."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

_WIDE = 100  # cells of a table


@dataclass(frozen=True)
class Column:
    """A column. `width` counts cells with the gap after it; 0: whatever is left (one column of a table).

    `wide` is its width on a terminal that is wide enough for the sidebar and more.
    """

    heading: str
    width: int
    wide: int = 0

    def cells(self, room: int) -> int:
        """Return its width in a table that is `room` cells wide."""
        return self.wide if self.wide and room >= _WIDE else self.width


@dataclass(frozen=True)
class Line:
    """A row: a key that stays the same from look to look, and one text for each column."""

    key: str
    cells: tuple[Text, ...]

    @property
    def words(self) -> str:
        """Everything in it, for the filter."""
        return " ".join(cell.plain for cell in self.cells).casefold()
