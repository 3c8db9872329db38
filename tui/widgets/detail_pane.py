"""The pane that says everything about the highlighted row."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

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

    def compose(self) -> ComposeResult:
        """Only the text."""
        yield self._body

    def say(self, text: Text) -> None:
        """Show this text from its beginning; an unchanged one keeps its place."""
        if text == self._text and text.spans == self._text.spans:
            return
        self._text = text
        self._body.update(text)
        self.scroll_home(animate=False)

    def say_end(self, text: Text) -> None:
        """Show this text at its end: it grows there."""
        self._text = text
        self._body.update(text)
        self.call_after_refresh(self.scroll_end, animate=False)

    @property
    def plain(self) -> str:
        """What it says now."""
        return self._text.plain
