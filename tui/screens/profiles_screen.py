"""The first screen: the saved profiles, to be opened, and a new one."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from failback.errors import FailbackError
from failback.profiles.model import Profile
from tui.job import Job
from tui.screens.wizard_screen import WizardScreen
from tui.views.table import Column, Line
from tui.widgets.line import FixedText
from tui.widgets.list_pane import ListPane
from tui.widgets.row_table import RowTable
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _

Listed = tuple[str, "Profile | FailbackError"]


class ProfilesScreen(WizardScreen):
    """Lists what is saved; a profile with a mistake is listed too, with the mistake."""

    BINDINGS = [
        Binding("enter", "open", N_("Open")),
        Binding("n", "new", N_("New")),
        Binding("e", "edit", N_("Edit")),
    ]
    KEYS = ("open", "new", "edit", "filter", "quit_wizard")
    HELP_TEXT = N_(
        "A profile names one site: its vCenter, its vault in Azure, how to sign in to both, and what was chosen. It "
        "is a text file without any secret in it. Enter opens one, n makes one, e changes one."
    )

    def compose_page(self) -> Iterator[Widget]:
        """Heading and list."""
        yield FixedText(id="heading")
        columns = (Column(_("profile"), 18), Column(_("vCenter"), 30), Column(_("vault"), 0))
        yield ListPane(columns, ascii_only=self.wizard.marks.ascii, id="profiles")

    def on_mount(self) -> None:
        """Paint first, read the files then."""
        self.query_one("#heading", FixedText).say(Text(" " + _("Which site do you bring machines home to?"), "bold"))
        self.query_one(RowTable).focus()
        self.call_after_refresh(self.list_profiles)

    def on_screen_resume(self) -> None:
        """List again: one may have been made meanwhile."""
        self.list_profiles()

    def list_profiles(self) -> None:
        """Read the profiles in a thread and list them."""
        store = self.wizard.store
        if store is None or self.wizard.job is not None:
            return

        def run(_progress: object, _cancelled: object) -> list[Listed]:
            return [(name, _loaded(name)) for name in store.saved_profiles()]

        def _loaded(name: str) -> Profile | FailbackError:
            try:
                return store.load(name)
            except FailbackError as error:
                return error

        self.wizard.start_job(Job(_("reading the profiles"), run, self._show))

    def _show(self, listed: list[Listed]) -> None:
        self.query_one(ListPane).show([_line(name, found) for name, found in listed])
        if not listed:
            self.query_one("#heading", FixedText).say(Text(" " + _("No profile is saved yet. Press n to make one.")))

    @on(DataTable.RowSelected)
    def action_open(self) -> None:
        """Open the highlighted profile."""
        name = self.query_one(RowTable).highlighted
        if name is not None:
            self.wizard.open_profile(name)

    def action_edit(self) -> None:
        """Change the highlighted profile."""
        name = self.query_one(RowTable).highlighted
        if name is not None:
            self.wizard.edit_profile(name)

    def action_new(self) -> None:
        """Make a profile."""
        self.wizard.new_profile()

    def go_back(self) -> None:
        """Nothing is before the first screen: to leave, press q."""
        self.wizard.tell(_("This is the first screen; q leaves."))


def _line(name: str, found: Profile | FailbackError) -> Line:
    if isinstance(found, FailbackError):
        return Line(name, (Text(visible(name)), Text(_("cannot be used"), "bold red"), Text(found.why)))
    return Line(name, (Text(visible(name)), Text(visible(found.vcenter.host)), Text(visible(found.vault.name))))
