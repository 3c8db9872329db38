"""A row of a step, and finding one where rows are folded under rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wizard_steps.requirement import Finding, Status


@dataclass(frozen=True)
class Row:
    """A row of a step: one finding or several alike, or a fold. `key` stays the same from look to look."""

    key: str
    status: Status
    subject: str
    text: str
    findings: tuple[Finding, ...] = ()
    children: tuple[Row, ...] = ()
    follow: int = 0  # how many findings this one explains

    @property
    def finding(self) -> Finding | None:
        """The finding that stands for the row; None: the row is only a fold."""
        return self.findings[0] if self.findings else None


def find(rows: Iterable[Row], key: str) -> Row | None:
    """Return the row with this key, wherever it is folded."""
    for row in rows:
        if row.key == key:
            return row
        if (inside := find(row.children, key)) is not None:
            return inside
    return None


def parent_of(rows: Iterable[Row], key: str) -> Row | None:
    """Return the row that a row is folded under."""
    for row in rows:
        if any(child.key == key for child in row.children):
            return row
        if (inside := parent_of(row.children, key)) is not None:
            return inside
    return None
