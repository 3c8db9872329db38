"""What the screens with lines to type in share: the keys that go from line to line."""

from __future__ import annotations

from textual.binding import Binding
from textual.widgets import Input

from tui.screens.wizard_screen import WizardScreen
from wizard_steps.wording import N_


class FormScreen(WizardScreen):
    """Lines to type in. Tab, Up, Down and Enter move between them, Enter on the last one is the subclass's.

    The focus moves before the next key is handed out (`priority`): where text and keys arrive at once, as over a slow
    connection, all that follows a Tab would go into the line before it otherwise.
    """

    BINDINGS = [
        Binding("down,tab", "app.focus_next", N_("Next line"), show=False, priority=True),
        Binding("up,shift+tab", "app.focus_previous", N_("Line before"), show=False, priority=True),
        Binding("enter", "next_line", N_("Next line"), show=False, priority=True),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """On the last line Enter means something else: it goes to the line, behind what was typed there."""
        if action == "next_line":
            return isinstance(self.focused, Input) and self.focused is not self.query(Input).last()
        return super().check_action(action, parameters)

    def action_next_line(self) -> None:
        """Go on to the next line."""
        self.focus_next()
