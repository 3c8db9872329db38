"""The last line before the terminal: no control character leaves that a text brought along.

Every text from outside is made visible where it is put on a screen (`Outside.shown`, `visible`). This is for the one
that somebody forgets: what could move the cursor, start a sequence or turn the direction of a line is taken out of
every line that is drawn, whichever widget it stands in. What Textual itself sends does not come this way.
"""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_HARMFUL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_REPLACEMENT: Final = "\ufffd"


class Harmless(LineFilter):
    """Takes harmful characters out of what is drawn; the line keeps its width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line without them; the same list where there are none."""
        if not any(_HARMFUL.search(one.text) for one in segments):
            return segments
        return [Segment(_HARMFUL.sub(_instead, one.text), one.style, one.control) for one in segments]


def _instead(found: re.Match[str]) -> str:
    return _REPLACEMENT * cell_len(found[0])
