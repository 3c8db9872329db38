"""A question that only the key `y` answers with yes. Enter never does."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tui.dialogs.dialog import Dialog
from wizard_steps.wording import N_, _


class YesDialog(Dialog[bool]):
    """Says what will be done; `y` does it, everything else leaves it. There is no button to press by accident."""

    BINDINGS = [Binding("y", "yes", N_("Yes"))]

    def __init__(self, title: str, body: Text, *, deed: str) -> None:
        super().__init__(title, body)
        self._deed = deed

    def compose_question(self) -> ComposeResult:
        """The key, and what it does."""
        text = Text()
        text.append(" y ", "bold reverse")
        text.append(" " + self._deed)
        text.append("    " + _("Enter, Esc or b: leave it"))
        yield Static(text, id="dialog-keys", markup=False)

    def action_yes(self) -> None:
        """Answer yes."""
        self.dismiss(True)
