"""The code that a person types on another computer to sign in to Azure here."""

from __future__ import annotations

from rich.text import Text

from tui.contract import ShownCode
from tui.dialogs.dialog import Dialog
from wizard_steps.outside import visible
from wizard_steps.wording import _


class DeviceCodeDialog(Dialog[None]):
    """Stands there until the sign-in has ended, which closes it. Escape stops the sign-in; Enter does nothing.

    Whoever comes back from the other computer presses Enter out of habit.
    """

    AUTO_FOCUS = ""

    def __init__(self, code: ShownCode) -> None:
        body = Text(_("Open this page on any computer and type the code:") + "\n\n")
        body.append(f"{visible(code.address)}\n", "bold")
        body.append(f"{visible(code.code)}\n\n", "bold")
        body.append(_("This goes on by itself once you have signed in there. Esc stops it."))
        super().__init__(_("Sign in to Azure"), body, cancel=_("Stop signing in"))

    def focus_first(self) -> None:
        """Nothing has the focus; Tab leads to the button."""
