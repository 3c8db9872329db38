"""Lines of text in terminal cells: folded at a width, where East Asian characters take two."""

from __future__ import annotations

import re
import unicodedata

# East Asian text has no spaces: it is folded between characters, but no line starts with a closing mark.
_WIDE = "\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
_CLOSING = "、。〉》」』】！），：？ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"  # noqa: RUF001 -- they are meant
_WORD = re.compile(rf"\s+|[{_WIDE}][{_CLOSING}]*|[^\s{_WIDE}]+[{_CLOSING}]*")


def cells(text: str) -> int:
    """Return how many terminal cells a text takes."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, width: int) -> str:
    """Return `text` with spaces up to `width` cells."""
    return text + " " * max(0, width - cells(text))


def cut(text: str, width: int, ellipsis: str) -> str:
    """Return `text` in at most `width` cells, ending with `ellipsis` where something was cut off."""
    if cells(text) <= width:
        return text
    kept = ""
    for char in text:
        if cells(kept + char + ellipsis) > width:
            break
        kept += char
    return kept + ellipsis


def folded(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Fold `text` into lines of at most `width` cells; `first` leads the first line, `rest` the others.

    Without `rest`, later lines are indented as deep as the first. A word longer than a line is broken.
    """
    lead = " " * cells(first) if rest is None else rest
    lines, line, room = [], first, width - cells(first)
    for word in _WORD.findall(text):
        piece = " " if word.isspace() else word
        if cells(piece) > room and line.strip() not in ("", first.strip()):
            lines.append(line.rstrip())
            line, room = lead, width - cells(lead)
        if piece == " " and line in (lead, first):
            continue
        for char in piece:
            if _cells(char) > room:
                lines.append(line.rstrip())
                line, room = lead, width - cells(lead)
            line += char
            room -= _cells(char)
    return [*lines, line.rstrip()]
