"""The pane that says everything about the highlighted row."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.views.folding import folded
from wizard_steps.wording import N_


class DetailPane(VerticalScroll, can_focus=True):
    """Scrolls with the arrow keys when it has the focus (Tab)."""

    BINDINGS = [
        Binding("j", "scroll_down", N_("Down"), show=False),
        Binding("k", "scroll_up", N_("Up"), show=False),
    ]

    def __init__(self, *, id: str = "detail") -> None:  # noqa: A002
        super().__init__(id=id)
        self._body = Static("", markup=False)
        self._text = Text()
        self._width = 0

    def compose(self) -> ComposeResult:
        """Only the text."""
        yield self._body

    def say(self, text: Text) -> None:
        """Show this text from its beginning; an unchanged one keeps its place.

        What stands before a tab is a label: values stand in a column of their own, also where they are folded.
        """
        if text == self._text and text.spans == self._text.spans:
            return
        self._text = text
        self._draw()
        self.scroll_home(animate=False)

    def say_end(self, text: Text) -> None:
        """Show this text at its end: it grows there."""
        self._text = text
        self._draw()
        self.call_after_refresh(self.scroll_end, animate=False)

    def on_resize(self, event: events.Resize) -> None:
        """Fold anew when the width is another one."""
        if self._body.size.width != self._width:
            self._draw()

    def _draw(self) -> None:
        self._width = self._body.size.width or max(10, self.app.size.width - 4)
        self._body.update(folded(self._text, max(1, self._width - 1), self.app.console))

    @property
    def plain(self) -> str:
        """What it says now."""
        return self._text.plain
