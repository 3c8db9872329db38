"""States as a mark and a word, never as colour alone, in glyphs that the terminal has."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rich.text import Text

from failback.report.words import mark, status_word, verdict_mark, verdict_word
from wizard_steps.requirement import Status, Verdict

_PLAIN_TERMINALS = ("linux", "vt", "ansi", "cons", "dumb")
# Only the terminal's own colours, so that they suit it; nothing is told by colour alone, or by dimming.
_STYLES: Mapping[Status, str] = {
    Status.FAIL: "bold red",
    Status.PENDING: "bold yellow",
    Status.UNKNOWN: "bold magenta",
    Status.ATTEST: "bold cyan",
    Status.WARN: "yellow",
    Status.PASS: "green",
}
_VERDICT_STYLES: Mapping[Verdict, str] = {
    Verdict.NOT_READY: _STYLES[Status.FAIL],
    Verdict.UNKNOWN: _STYLES[Status.UNKNOWN],
    Verdict.TO_ATTEST: _STYLES[Status.ATTEST],
    Verdict.READY_WITH_WARNINGS: _STYLES[Status.WARN],
    Verdict.READY: _STYLES[Status.PASS],
}


@dataclass(frozen=True)
class Marks:
    """The marks for one terminal. `ascii` is for consoles whose font or encoding has no more."""

    ascii: bool = False

    @staticmethod
    def for_terminal(environment: Mapping[str, str] | None = None, encoding: str | None = None) -> Marks:
        """Return the marks this terminal can show: ASCII on a text console or outside UTF-8."""
        kind = (os.environ if environment is None else environment).get("TERM", "")
        found = encoding or (sys.__stderr__.encoding if sys.__stderr__ is not None else "ascii")
        return Marks(ascii=kind.startswith(_PLAIN_TERMINALS) or not _is_utf8(found))

    def glyph(self, status: Status) -> str:
        """Return the glyph of a status."""
        return mark(status, ascii_only=self.ascii)

    def style(self, status: Status) -> str:
        """Return the colour of a status."""
        return _STYLES.get(status, "")

    def of(self, status: Status, width: int = 0) -> Text:
        """Return mark and word of a status, padded to `width` cells."""
        return Text.assemble((f"{self.glyph(status)} {status_word(status)}".ljust(width), self.style(status)))

    def verdict(self, verdict: Verdict) -> Text:
        """Return mark and words of a verdict."""
        return Text.assemble(
            (f"{verdict_mark(verdict, ascii_only=self.ascii)} {verdict_word(verdict)}", _VERDICT_STYLES[verdict])
        )

    def pick(self, glyph: str, plain: str) -> str:
        """Return `glyph`, or `plain` where only ASCII can be shown."""
        return plain if self.ascii else glyph


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False
