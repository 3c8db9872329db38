"""Folding text to a width, with the values of labels in a column of their own."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_GAP = 2
_LEAST = 16  # cells a value needs to be worth a column


def folded(text: Text, width: int, console: Console) -> Text:
    """Return `text` folded to `width` cells; what stands before a tab in a line is its label."""
    lines = [_split(line) for line in text.split("\n", allow_blank=True)]
    column = max([cell_len(label.plain) + _GAP for label, _value in lines if label is not None], default=0)
    if width - column < _LEAST:
        column = _GAP
    found = Text()
    for label, value in lines:
        indent = column if label is not None else 0
        for place, part in enumerate(value.wrap(console, max(1, width - indent), tab_size=1) or [Text()]):
            found.append_text(_start(label, indent) if place == 0 else Text(" " * indent))
            part.rstrip()
            found.append_text(part)
            found.append("\n")
    found.right_crop(1)
    return found


def _split(line: Text) -> tuple[Text | None, Text]:
    label, tab, _value = line.plain.partition("\t")
    return (line[: len(label)], line[len(label) + 1 :]) if tab else (None, line)


def _start(label: Text | None, indent: int) -> Text:
    """Return a label padded to the column; one that is too wide for it gets a line of its own."""
    if label is None:
        return Text()
    found = label.copy()
    room = indent - cell_len(label.plain)
    found.append(" " * room if room > 0 else "\n" + " " * indent)
    return found
