"""Signing in: where secrets are asked for, and where each of them goes."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from failback.opening import secret_lines, where_secrets_live
from failback.profiles.model import Profile
from failback.secrets import Secret, SecretName
from tui.screens.form_screen import FormScreen
from tui.widgets.line import FixedText
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _


class SignInScreen(FormScreen):
    """Says who signs in where and how the other side proves itself, asks for what is secret, and looks."""

    BINDINGS = [
        Binding("f2", "sign_in", N_("Sign in")),
        Binding("escape", "back", N_("Back")),
    ]
    KEYS = ("sign_in", "back", "stop")
    HELP_TEXT = N_(
        "The last line says where a secret will live before you type it: in memory as long as the site is open, or in "
        "the key ring that the profile names; never in a plain file. Before a password is sent, vCenter must prove who "
        "it is: by the certificate the profile pins, or by an authority this computer trusts. If it can do neither, "
        "the certificate is shown so that you can compare it with the server's."
    )

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self.profile = profile
        self._lines = secret_lines(profile)

    def compose_page(self) -> Iterator[Widget]:
        """The two sides, and a line for each secret."""
        yield FixedText(id="heading")
        yield Static(self._sides(), id="sides", markup=False)
        with VerticalScroll(id="form", can_focus=False):
            for line in self._lines:
                with Horizontal(classes="field"):
                    yield Static(Text(line.name.title), classes="label", markup=False)
                    entry = Input(password=True, id=f"secret-{line.name.value}", compact=True)
                    entry.cursor_blink = False
                    yield entry
        yield Static("", id="sign-in-hint", markup=False)

    def on_mount(self) -> None:
        """Start in the first line; with nothing to ask, wait for Enter."""
        self.query_one("#heading", FixedText).say(
            Text(" " + _("Sign in to {name}").format(name=visible(self.profile.name)), "bold")
        )
        entries = self.query(Input)
        if entries:
            entries.first().focus()
        then = (
            _("Enter signs in and looks at both sides. Nothing is changed by looking.")
            if entries
            else _("Press F2 or Enter to sign in.")
        )
        hint = f"{where_secrets_live(self.profile)}\n{then}"
        self.query_one("#sign-in-hint", Static).update(Text(hint))

    def _sides(self) -> Text:
        vcenter, azure, vault = self.profile.vcenter, self.profile.azure, self.profile.vault
        pinned = vcenter.certificate_sha256
        proof = _("by the certificate pinned in the profile") if pinned else _("by an authority this computer trusts")
        rows = (
            (_("vCenter"), f"{visible(vcenter.host)}:{vcenter.port}"),
            (_("as"), visible(vcenter.username)),
            (_("it proves itself"), proof),
            (_("Azure"), _("subscription {id}").format(id=visible(azure.subscription_id))),
            (_("vault"), f"{visible(vault.name)} ({visible(vault.resource_group)})"),
            (_("sign-in"), visible(azure.sign_in)),
        )
        text = Text()
        for label, value in rows:
            text.append(f" {label:<20}", "bold")
            text.append(value + "\n")
        return text

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter after the last secret signs in."""
        self.action_sign_in()

    def key_enter(self) -> None:
        """With nothing to ask, Enter signs in."""
        if not self._lines:
            self.action_sign_in()

    def typed(self) -> dict[SecretName, Secret]:
        """Return what was typed."""
        return {one.name: Secret(self.query_one(f"#secret-{one.name.value}", Input).value) for one in self._lines}

    def clear(self) -> None:
        """Forget what was typed: it was refused."""
        for entry in self.query(Input):
            entry.value = ""
        entries = self.query(Input)
        if entries:
            entries.first().focus()

    def action_sign_in(self) -> None:
        """Sign in with what was typed."""
        missing = [
            entry
            for entry, line in zip(self.query(Input), self._lines, strict=False)
            if not entry.value and not line.may_be_empty
        ]
        if missing:
            missing[0].focus()
            self.query_one("#sign-in-hint", Static).update(Text(_("Type it first; nothing was sent.")))
            return
        self.wizard.sign_in(self.profile, self.typed())
