"""One line to type."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.dialogs.dialog import Dialog
from wizard_steps.wording import _


class TextDialog(Dialog[str]):
    """Ends with what was typed. For harmless questions: Enter answers."""

    def __init__(self, title: str, body: Text, *, text: str = "", placeholder: str = "") -> None:
        body.append("\n" + _("Enter takes it, Esc leaves it."))
        super().__init__(title, body)
        self._entry = Input(text, placeholder=placeholder, id="entry", compact=True)
        self._entry.cursor_blink = False

    def compose_question(self) -> ComposeResult:
        """The line."""
        yield self._entry

    def focus_first(self) -> None:
        """Start in the line."""
        self._entry.focus()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())
