"""A text of any height, folded to its width."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widgets import Static

from tui.views.folding import folded

_FRAME = 5  # cells around the text in a dialog: border, padding, scrollbar


class FoldedBody(Static):
    """Like `Static`; what stands before a tab is a label, and values stand in a column of their own."""

    def __init__(self, text: Text, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self.text = text
        self._width = 0

    def say(self, text: Text) -> None:
        """Show another text, in as many rows as it takes."""
        if text != self.text or text.spans != self.text.spans:
            self.text = text
            if self._width:
                self._fold(self._width)

    def on_mount(self) -> None:
        """Fold to a width that is near the one to come."""
        self._fold(min(76, self.app.size.width) - _FRAME)

    def on_resize(self, event: events.Resize) -> None:
        """Fold to the width that it is."""
        if event.size.width != self._width:
            self._fold(event.size.width)

    def _fold(self, width: int) -> None:
        self._width = width
        self.update(folded(self.text, max(1, width), self.app.console))
