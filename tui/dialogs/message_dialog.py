"""One thing to read: an error in one sentence, or what became of something."""

from __future__ import annotations

from rich.text import Text

from failback.errors import FailbackError
from tui.dialogs.dialog import Dialog
from wizard_steps.wording import _


class MessageDialog(Dialog[None]):
    """Shows a text until any of its keys is pressed; Enter is as good as Escape here."""

    def __init__(self, title: str, body: Text) -> None:
        super().__init__(title, body, cancel=_("Close"))


def about_error(error: FailbackError) -> MessageDialog:
    """Return the dialog that says what went wrong and what to do next."""
    text = Text(f"{error.what}: {error.why.rstrip('. ')}.\n\n")
    text.append(_("Next: "), "bold")
    text.append(error.next_step.rstrip(". ") + ".")
    return MessageDialog(_("That did not work"), text)
