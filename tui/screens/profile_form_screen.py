"""A form for a profile, new or saved. What is asked here is what no default can know."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual import events, on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from failback.profiles.model import Profile
from tui.screens.wizard_screen import WizardScreen
from tui.views.profile_fields import Field, fields_of, profile_of
from tui.widgets.line import FixedText
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _


class ProfileFormScreen(WizardScreen):
    """Up and Down move between the lines, F2 or Enter on the last one saves; what a line admits stands above them."""

    BINDINGS = [
        Binding("f2", "save", N_("Save")),
        Binding("escape", "back", N_("Back")),
        Binding("down", "app.focus_next", N_("Next line"), show=False),
        Binding("up", "app.focus_previous", N_("Line before"), show=False),
    ]
    KEYS = ("save", "back")
    HELP_TEXT = N_(
        "Everything else can be changed in the profile's file, which is plain text. No secret is asked for here: the "
        "sign-in screen asks, and says before where a secret will live. A pinned certificate that is cleared is "
        "shown anew at the next sign-in, to be compared with the server's."
    )

    def __init__(self, profile: Profile | None = None) -> None:
        super().__init__()
        self._profile = profile
        self._fields: tuple[Field, ...] = fields_of(profile)

    def compose_page(self) -> Iterator[Widget]:
        """One line for each field."""
        yield FixedText(id="heading")
        yield FixedText(id="admitted")
        with VerticalScroll(id="form", can_focus=False):
            for field in self._fields:
                with Horizontal(classes="field"):
                    yield Static(Text(_(field.label)), classes="label", markup=False)
                    entry = Input(
                        field.text,
                        placeholder=_(field.hint),
                        suggester=SuggestFromList(field.words) if field.words else None,
                        id=f"field-{field.id}",
                        compact=True,
                    )
                    entry.cursor_blink = False
                    yield entry

    def on_mount(self) -> None:
        """Start in the first line."""
        name = "" if self._profile is None else visible(self._profile.name)
        self._say(_("The profile {name}; F2 saves it").format(name=name) if name else _("A new profile; F2 saves it"))
        self.query(Input).first().focus()

    def _say(self, sentence: str) -> None:
        self.query_one("#heading", FixedText).say(Text(" " + sentence, "bold"))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say which words the line admits; Right completes one that was begun."""
        words = next((field.words for field in self._fields if event.widget.id == f"field-{field.id}"), ())
        self.query_one("#admitted", FixedText).say(Text(" " + ", ".join(words) if words else ""))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter goes on to the next line; on the last one it saves."""
        if event.input is self.query(Input).last():
            self.action_save()
        else:
            self.focus_next()

    def action_save(self) -> None:
        """Save the profile, or go to the line that is not right and say what is wanted there."""
        values = {field.id: self.query_one(f"#field-{field.id}", Input).value.strip() for field in self._fields}
        for field in self._fields:
            if not field.admits(values[field.id]):
                wanted = ", ".join(field.words) or _("something")
                self._say(_("{label}: type {wanted}").format(label=_(field.label), wanted=wanted))
                self.query_one(f"#field-{field.id}", Input).focus()
                return
        self.wizard.keep_profile(profile_of(values, self._profile), is_new=self._profile is None)
