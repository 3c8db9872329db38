"""One line of text of a fixed height: written anew without a new layout."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.widgets import Static

from tui.views.folding import folded


class FixedText(Static):
    """Text whose place on the screen does not depend on what it says. An unchanged text sends not a byte."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, classes=classes, markup=False)
        self.text = Text()

    def say(self, text: Text) -> None:
        """Show this text."""
        if text != self.text or text.spans != self.text.spans:
            self.text = text
            self.update(text, layout=False)


class FoldedText(FixedText):
    """A few rows of a text that is folded to the width; what stands before a tab is its label."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._unfolded = Text()

    def say(self, text: Text) -> None:
        """Show this text."""
        self._unfolded = text
        if self.size.width > 0:
            lines = list(folded(text, self.size.width - 1, self.app.console).split("\n"))
            if len(lines) > self.size.height > 0:
                lines = lines[: self.size.height]
                lines[-1].right_crop(max(0, lines[-1].cell_len - self.size.width + 5))
                lines[-1].append(" ...")
            super().say(Text("\n").join(lines))

    def on_resize(self, event: events.Resize) -> None:
        """Fold to the new width."""
        self.say(self._unfolded)


class Line(FixedText):
    """A single row, filled from both ends: what is right stays, what is left is cut."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._ends = (Text(), Text())

    def say_both(self, left: Text, right: Text) -> None:
        """Show `left` at the left end and `right` at the right one."""
        self._ends = (left, right)
        width = self.size.width
        if width <= 0:
            return
        text = left.copy()
        room = max(0, width - cell_len(right.plain) - 1) if right.plain else width
        text.truncate(room, pad=True)
        text.append(" " if right.plain else "")
        text.append_text(right)
        self.say(text)

    def on_resize(self, event: events.Resize) -> None:
        """Fill the new width."""
        self.say_both(*self._ends)
