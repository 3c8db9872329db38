"""Text that comes from outside: names and words written by somebody else, in vCenter or in Azure.

Such text may hold control characters, markup or bidirectional overrides. It is kept raw, cannot be
formatted by accident, and reaches a person only through `Outside.shown`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_TWO_DIGITS, _FOUR_DIGITS = 0x100, 0x10000  # below: written with so many hexadecimal digits
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, limit: int = 200) -> str:
    """Return `text` with every control, format and bidirectional character written out as an escape.

    At most `limit` characters are returned; a longer text ends with an ellipsis.
    """
    shown = text[:limit]
    if not shown.isprintable():  # nearly every text is, and then holds nothing hidden
        shown = "".join(_escape(char) if unicodedata.category(char) in _HIDDEN else char for char in shown)
    return shown + "…" if len(text) > limit else shown


def _escape(char: str) -> str:
    code = ord(char)
    if code < _TWO_DIGITS:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _FOUR_DIGITS else f"\\U{code:08x}"


@dataclass(frozen=True, order=True)
class Outside:
    """A text from vCenter or Azure, raw.

    `raw` serves joins, typed confirmations, writes and JSON; `shown()` serves people. Formatting an
    `Outside` directly is an error, so that no raw text slips into a screen or a log.
    """

    raw: str

    def shown(self, limit: int = 200) -> str:
        """Return the text made harmless for a screen, a log, a title or a report."""
        return visible(self.raw, limit)

    def same_name(self, other: Outside | str) -> bool:
        """Tell whether two names mean the same thing: vSphere and Azure compare without case."""
        text = other.raw if isinstance(other, Outside) else other
        return self.raw.casefold() == text.casefold()

    def __str__(self) -> str:
        raise TypeError("text from outside is shown with .shown() and compared with .raw")

    def __format__(self, spec: str) -> str:
        raise TypeError("text from outside is shown with .shown() and compared with .raw")

    def __repr__(self) -> str:
        return f"Outside({visible(self.raw)!r})"
