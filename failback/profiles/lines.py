"""Where things stand in a TOML file: the line of each key, and the stretch of text of each top-level section.

Only for texts that a TOML parser has accepted already; what they mean is its business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import tomli

Path = tuple[str | int, ...]
"""The way to a value: `("choices", "target", 0, "machines")`."""

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_KEY = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_DOTTED = re.compile(rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*")
_HEADER = re.compile(rf"(\[\[?)[ \t]*({_DOTTED.pattern})[ \t]*\]\]?")
_ASSIGNMENT = re.compile(rf"({_DOTTED.pattern})[ \t]*=")
_PIECE_OF_VALUE = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[{]|[\]}]|\n|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)


@dataclass(frozen=True)
class Statement:
    """A table header or an assignment: where it starts, and what it names."""

    start: int  # offset in the text
    end: int  # offset of the end of its last line
    line: int  # counted from 1
    path: Path
    is_header: bool


def statements(text: str) -> Iterator[Statement]:
    """Yield every header and assignment of a valid TOML text, in order."""
    table: Path = ()
    counts: dict[Path, int] = {}
    position = _skip_blank(text, 0)
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        if header := _HEADER.match(text, position):
            table = _table_path(_parts(header[2]), counts, is_array=header[1] == "[[")
            end = _end_of_value(text, header.end())
            yield Statement(position, end, line, table, is_header=True)
        elif assignment := _ASSIGNMENT.match(text, position):
            end = _end_of_value(text, assignment.end())
            yield Statement(position, end, line, (*table, *_parts(assignment[1])), is_header=False)
        else:  # not TOML as we know it: say no more about it
            return
        position = _skip_blank(text, end)


def line_of(text: str, path: Path) -> int:
    """Return the line where `path` stands, or of the nearest thing around it; 1 when there is none."""
    lines: dict[Path, int] = {}
    for one in statements(text):
        lines.setdefault(one.path, one.line)
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def with_section(text: str, name: str, fresh: str) -> str:
    """Return the text with the top-level section `name` (all its tables, or a value) replaced by `fresh`, in place.

    Comments and blank lines around the old tables stay. A section that was not there is put at the end, a value at the
    beginning: after a table's header it would be the table's.
    """
    stretches = _stretches(text, name)
    if not stretches:
        if fresh and not fresh.startswith("["):
            return fresh + text
        return f"{text.rstrip()}\n\n{fresh}".lstrip() if fresh else text
    ends = [end for _, end in stretches]
    starts = [start for start, _ in stretches[1:]] + [len(text)]
    left = "".join(text[end:start].lstrip("\n") for end, start in zip(ends, starts, strict=True))
    return text[: stretches[0][0]] + fresh + ("\n" if fresh and left else "") + left


def _stretches(text: str, name: str) -> list[tuple[int, int]]:
    """Return where each table of a top-level section starts, and where its last statement ends."""
    found: list[tuple[int, int]] = []
    for one in statements(text):
        if one.path == (name,) or (one.is_header and one.path[0] == name):
            found.append((one.start, one.end))
        elif found and one.path[0] == name:
            found[-1] = (found[-1][0], one.end)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    """Split a dotted key; the parser itself unquotes the parts."""
    value: object = tomli.loads(f"{dotted} = 0")
    parts: list[str] = []
    while isinstance(value, dict):
        (key,) = value
        parts.append(key)
        value = value[key]
    return tuple(parts)


def _table_path(parts: tuple[str, ...], counts: dict[Path, int], *, is_array: bool) -> Path:
    """Return a header's path, with the number of the element in every array of tables on the way."""
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, parts[-1])
    if is_array:
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
    return path


def _skip_blank(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position


def _end_of_value(text: str, position: int) -> int:
    """Return the offset of the end of the line on which the value that starts here is complete."""
    depth = 0
    while (piece := _PIECE_OF_VALUE.match(text, position)) is not None:
        if piece[0] == "\n" and depth == 0:
            return position
        depth += (piece[0] in "[{") - (piece[0] in "]}")
        position = piece.end()
    return len(text)
