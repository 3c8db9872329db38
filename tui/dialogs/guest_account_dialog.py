"""The account of a guest's own operating system: asked for, used once, kept nowhere."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from failback.guest.credentials import GuestCredentials
from failback.secrets import Secret, SecretName
from tui.dialogs.dialog import Dialog
from wizard_steps.wording import _


class GuestAccountDialog(Dialog[GuestCredentials]):
    """Ends with a user name and a password. Enter goes to the password, then answers: nothing runs yet.

    `kept` is the password that the environment holds; then the line for it may stay empty.
    """

    def __init__(self, title: str, body: Text, kept: Secret | None = None) -> None:
        self._kept = kept
        if kept is not None:
            body.append(
                "\n"
                + _("The password may stay empty: {variable} is set.").format(
                    variable=SecretName.GUEST_PASSWORD.variable
                )
            )
        body.append("\n" + _("Enter goes on, Esc leaves it."))
        super().__init__(title, body)
        self._user = Input(placeholder=_("user name"), id="guest-user", compact=True)
        self._password = Input(placeholder=_("password"), password=True, id="guest-password", compact=True)
        self._user.cursor_blink = self._password.cursor_blink = False

    def compose_question(self) -> ComposeResult:
        """The two lines."""
        yield self._user
        yield self._password

    def focus_first(self) -> None:
        """Start with the user name."""
        self._user.focus()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if not self._user.value.strip():
            self._user.focus()
        elif not self._password.value and (self._kept is None or event.input is self._user):
            self._password.focus()
        else:
            typed = Secret(self._password.value)
            credentials = GuestCredentials(self._user.value.strip(), typed or self._kept or typed)
            self._password.value = ""
            self.dismiss(credentials)
