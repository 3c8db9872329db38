"""What a table is made of: its columns, and its lines as texts."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text


@dataclass(frozen=True)
class Column:
    """A column. `width` counts cells with the gap after it; 0: whatever is left (one column of a table)."""

    heading: str
    width: int


@dataclass(frozen=True)
class Line:
    """A row: a key that stays the same from look to look, and one text for each column."""

    key: str
    cells: tuple[Text, ...]

    @property
    def words(self) -> str:
        """Everything in it, for the filter."""
        return " ".join(cell.plain for cell in self.cells).casefold()
