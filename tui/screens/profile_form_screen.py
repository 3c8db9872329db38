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
from tui.dialogs.yes_dialog import YesDialog
from tui.screens.form_screen import FormScreen
from tui.views.profile_fields import Field, fields_of, profile_of
from tui.widgets.line import FixedText
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _


class ProfileFormScreen(FormScreen):
    """Up and Down move between the lines, F2 or Enter on the last one saves; what a line admits stands above them."""

    BINDINGS = [
        Binding("f2", "save", N_("Save")),
        Binding("escape", "back", N_("Back")),
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
        """Enter on the last line saves."""
        self.action_save()

    def go_back(self) -> None:
        """Go back; where something was typed, only once that was answered with yes."""
        typed = [_(one.label) for one in self._fields if self._entry(one).value != one.text]
        if not typed:
            super().go_back()
            return
        body = Text(_("Not saved yet: {lines}. F2 in the form saves.").format(lines=", ".join(typed)))
        self.app.push_screen(
            YesDialog(_("Leave the form without saving?"), body, deed=_("throw away what was typed")),
            lambda yes: super(ProfileFormScreen, self).go_back() if yes else None,
        )

    def _entry(self, field: Field) -> Input:
        return self.query_one(f"#field-{field.id}", Input)

    def action_save(self) -> None:
        """Save the profile, or go to the line that is not right and say what is wanted there."""
        values = {field.id: self._entry(field).value.strip() for field in self._fields}
        for field in self._fields:
            if not field.admits(values[field.id]):
                self._say(_("{label}: type {wanted}").format(label=_(field.label), wanted=field.wanted))
                self._entry(field).focus()
                return
        self.wizard.keep_profile(profile_of(values, self._profile), is_new=self._profile is None)
