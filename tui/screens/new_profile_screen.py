"""A form that makes a profile. What is asked here is what no default can know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from failback.profiles.model import SECRET_STORES, SIGN_INS, AzureSettings, Profile, VaultSettings, VCenterSettings
from tui.screens.wizard_screen import WizardScreen
from tui.widgets.line import FixedText
from wizard_steps.wording import N_, _


@dataclass(frozen=True)
class Field:
    """One line of the form: `words` are the only ones admitted; none: any text."""

    id: str
    label: str
    hint: str
    words: tuple[str, ...] = ()
    may_be_empty: bool = False
    text: str = ""


FIELDS = (
    Field("name", N_("name of the profile"), N_("osaka-dr")),
    Field("host", N_("vCenter"), N_("its address, or that of a single ESXi host")),
    Field("username", N_("user in vCenter"), N_("operator@vsphere.local")),
    Field("subscription", N_("Azure subscription"), N_("its id")),
    Field("tenant", N_("Azure tenant"), N_("its id; may stay empty with azure-cli"), may_be_empty=True),
    Field("sign_in", N_("sign-in to Azure"), ", ".join(SIGN_INS), SIGN_INS, text="azure-cli"),
    Field("client", N_("application id"), N_("for client-secret and client-certificate"), may_be_empty=True),
    Field("group", N_("resource group"), N_("of the Recovery Services vault")),
    Field("vault", N_("vault"), N_("its name")),
    Field("secrets", N_("secrets"), ", ".join(SECRET_STORES), SECRET_STORES, text="ask"),
)


class NewProfileScreen(WizardScreen):
    """Up and Down move between the lines, F2 or Enter on the last one saves."""

    BINDINGS = [
        Binding("f2", "save", N_("Save")),
        Binding("escape", "back", N_("Back")),
        Binding("down", "app.focus_next", N_("Next line"), show=False),
        Binding("up", "app.focus_previous", N_("Line before"), show=False),
    ]
    KEYS = ("save", "back")
    HELP_TEXT = N_(
        "Everything can be changed later in the profile's file, which is plain text. No secret is asked for here: the "
        "sign-in screen asks, and nothing it is told is written to a file."
    )

    def compose_page(self) -> Iterator[Widget]:
        """One line for each field."""
        yield FixedText(id="heading")
        with VerticalScroll(id="form", can_focus=False):
            for field in FIELDS:
                with Horizontal(classes="field"):
                    yield Static(Text(_(field.label)), classes="label", markup=False)
                    entry = Input(field.text, placeholder=_(field.hint), id=f"field-{field.id}", compact=True)
                    entry.cursor_blink = False
                    yield entry

    def on_mount(self) -> None:
        """Start in the first line."""
        self.query_one("#heading", FixedText).say(Text(" " + _("A new profile"), "bold"))
        self.query_one("#field-name", Input).focus()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter goes on to the next line; on the last one it saves."""
        if event.input.id == f"field-{FIELDS[-1].id}":
            self.action_save()
        else:
            self.focus_next()

    def _value(self, field_id: str) -> str:
        return self.query_one(f"#field-{field_id}", Input).value.strip()

    def action_save(self) -> None:
        """Save the profile, or go to the line that is not right and say what is wanted there."""
        for field in FIELDS:
            value = self._value(field.id)
            wrong = (not value and not field.may_be_empty) or (field.words and value not in field.words)
            if wrong:
                wanted = ", ".join(field.words) if field.words else _("something")
                self.query_one("#heading", FixedText).say(
                    Text(" " + _("{label}: type {wanted}").format(label=_(field.label), wanted=wanted), "bold")
                )
                self.query_one(f"#field-{field.id}", Input).focus()
                return
        self.wizard.create_profile(self.profile())

    def profile(self) -> Profile:
        """Return what was typed as a profile."""
        value = self._value
        return Profile(
            name=value("name"),
            vcenter=VCenterSettings(value("host"), value("username")),
            azure=AzureSettings(
                value("subscription"),
                value("tenant") or None,
                sign_in=value("sign_in"),
                client_id=value("client") or None,
            ),
            vault=VaultSettings(value("group"), value("vault")),
            secret_store=value("secrets"),
        )
