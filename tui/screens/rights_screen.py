"""As whom both sides know the operator, and whether those accounts may do less or more than is needed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual.binding import Binding
from textual.widget import Widget

from failback.rights import Rights
from tui.screens.wizard_screen import WizardScreen
from tui.views import rights_text
from tui.widgets.detail_pane import DetailPane
from tui.widgets.line import FixedText
from wizard_steps.wording import N_


class RightsScreen(WizardScreen):
    """One text that scrolls. `r` asks both sides again."""

    BINDINGS = [Binding("r", "look", N_("Ask again"))]
    KEYS = ("back", "look", "stop")
    HELP_TEXT = N_(
        "The accounts that are signed in, each held against the role this program ships for it. What is missing makes "
        "a change fail, or leaves something unseen; what is too much is a risk that nothing here needs. vCenter was "
        "asked at the root of the inventory and Azure at the vault: a right given further down counts as well, and "
        "every change that could be planned now was asked about where it is made."
    )

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights

    def compose_page(self) -> Iterator[Widget]:
        """Heading and text."""
        yield FixedText(id="heading")
        yield DetailPane()

    def on_mount(self) -> None:
        """Show what was found."""
        self.show_rights(self._rights)
        self.query_one(DetailPane).focus()

    def show_rights(self, rights: Rights) -> None:
        """Show what was found now."""
        self._rights = rights
        self.query_one("#heading", FixedText).say(Text(" " + rights_text.heading(rights), "bold"))
        self.query_one(DetailPane).say(rights_text.rights_text(rights, self.wizard.marks))

    def action_look(self) -> None:
        """Ask both sides again."""
        self.wizard.show_rights()
