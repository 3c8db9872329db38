"""What every dialog shares: a box in the middle, a Cancel that has the focus, two keys that go back."""

from __future__ import annotations

from typing import TypeVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.widgets.folded_body import FoldedBody
from wizard_steps.wording import N_, _

T = TypeVar("T")


class Dialog(ModalScreen[T | None]):
    """A question. It ends with the answer, or with None when the operator goes back."""

    BINDINGS = [Binding("escape,b", "cancel", N_("Cancel"))]

    def __init__(self, title: str, body: Text, *, cancel: str = "") -> None:
        super().__init__()
        self._heading = title
        self._text = body
        self._cancel = cancel or _("Cancel")

    def compose(self) -> ComposeResult:
        """Heading, body (which scrolls when it is long), the subclass's part, and the way out."""
        with Vertical(id="box"):
            yield Static(Text(self._heading, style="bold"), id="dialog-title", markup=False)
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield FoldedBody(self._text)
            yield from self.compose_question()
            yield Button(Content(self._cancel), id="cancel", compact=True)

    def compose_question(self) -> ComposeResult:
        """The subclass's own part."""
        yield from ()

    def on_mount(self) -> None:
        """Put the focus where it does no harm."""
        self.focus_first()

    def focus_first(self) -> None:
        """Cancel has the focus: whoever presses Enter without reading changes nothing."""
        self.query_one("#cancel", Button).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Bring the terminal's own cursor along: screen readers and magnifiers look there."""
        self.call_after_refresh(self._place_cursor)

    def _place_cursor(self) -> None:
        if isinstance(self.focused, Button):
            self.app.cursor_position = self.focused.region.offset

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Go back without an answer."""
        self.dismiss(None)
