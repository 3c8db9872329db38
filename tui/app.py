"""The wizard as a terminal application, and the two ways to start it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from textual.binding import Binding
from textual.command import CommandPalette, Provider
from textual.filter import LineFilter

from failback.errors import EXIT_DONE, EXIT_INTERRUPTED
from tui.contract import Engine, OpenEngine, OpenSite, ProfileStore
from tui.deciding import Deciding
from tui.harmless import Harmless
from tui.looking_inside import LookingInside
from tui.marks import Marks
from tui.mending import Mending
from tui.palette import WizardCommands
from tui.reporting import Reporting
from tui.screens.profiles_screen import ProfilesScreen
from tui.signing_in import SigningIn
from tui.site import Site
from tui.terminal import check_terminal, on_hang_up
from tui.theme import THEME
from wizard_steps.wording import N_, _


def _commands() -> type[Provider]:
    return WizardCommands


class FailbackApp(SigningIn, Deciding, LookingInside, Mending, Reporting):
    """The whole application: each part is a class of its own, in a module of its own.

    With an `engine` it opens on that site (a rehearsal, a test); without, on the saved profiles.
    """

    TITLE = "failback"
    CSS_PATH = "app.tcss"
    COMMANDS = {_commands}
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
    BINDINGS = [Binding("ctrl+p", "command_palette", N_("All commands"), show=False, system=True)]

    def __init__(
        self,
        store: ProfileStore | None = None,
        open_engine: OpenEngine | None = None,
        *,
        engine: Engine | None = None,
        marks: Marks | None = None,
        driver_class: Any = None,
    ) -> None:
        self._harmless = Harmless()  # the first line is drawn while the rest is made
        super().__init__(store, open_engine, marks=marks, driver_class=driver_class)
        self._given = engine
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = os.environ.get("TEXTUAL_THEME") or THEME.name

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line goes through on its way to the terminal."""
        return (*super().get_line_filters(), self._harmless)

    def on_mount(self) -> None:
        """Paint the first screen, then begin to read."""
        if not self.is_headless:
            on_hang_up(self.hang_up)
        self.set_class(self.marks.ascii, "-ascii")
        if self._given is None:
            self.push_screen(ProfilesScreen())
            return
        self.site = Site(self._given)
        self.open_pages()
        self.call_after_refresh(self.look, after=self.ask_about_unfinished)

    def action_command_palette(self) -> None:
        """Show everything that can be done here, by name."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=_("Type a part of a name"), id="--command-palette"))

    async def action_quit(self) -> None:
        """Leave by Textual's own key (Ctrl+q) as by ours: not while a change is under way."""
        self.ask_to_quit()

    def hang_up(self) -> None:
        """End in order: the terminal was closed, or somebody asked the process to end."""
        self.stop_job()
        self.exit(EXIT_INTERRUPTED)


def _run(app: FailbackApp) -> int:
    check_terminal()
    code = app.run()
    if app.site is not None:
        app.site.engine.close()
    return code if code is not None else (app.return_code or EXIT_DONE)


def run_wizard(profile_store: ProfileStore, open_site: OpenSite, *, read_only: bool = False) -> int:
    """Run the wizard on the saved profiles and return the exit code. Raises `UsageError` where there is no terminal.

    `profile_store` is `failback.profiles` (or something like it), `open_site` makes the engine for a profile. The
    language is the one in use.
    """
    return _run(FailbackApp(profile_store, partial(open_site, read_only=read_only)))


def run_rehearsal(engine: Engine) -> int:
    """Run the wizard on one engine, a rehearsal's, and return the exit code. Raises `UsageError` without a terminal."""
    return _run(FailbackApp(engine=engine))


__all__ = ["FailbackApp", "run_rehearsal", "run_wizard"]
