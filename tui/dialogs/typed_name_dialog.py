"""The question before something that cannot be undone or puts data at risk: the thing's name must be typed first."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tui.dialogs.dialog import Dialog
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _


class TypedNameDialog(Dialog[str]):
    """Ends with the raw name. Cancel has the focus; Tab leads to the name, and `y` counts only outside of it.

    A name that cannot be typed (control characters) is typed as it is shown.
    """

    BINDINGS = [Binding("y", "yes", N_("Yes"))]

    def __init__(self, title: str, body: Text, *, name: str, deed: str) -> None:
        super().__init__(title, body)
        self._name_wanted = name
        self._deed = deed

    def compose_question(self) -> ComposeResult:
        """Where the name is typed, and what to do then."""
        prompt = Text(_("To go on: press Tab, type the name "))
        prompt.append(visible(self._name_wanted), "bold")
        prompt.append(_(", press Tab again, then y."))
        yield Static(prompt, id="dialog-keys", markup=False)
        with Horizontal(classes="field"):
            yield Static(Text(_("name")), classes="label", markup=False)
            entry = Input(placeholder=_("type it here"), id="typed-name", compact=True)
            entry.cursor_blink = False
            yield entry
        deed = Text.assemble((" y ", "bold reverse"), f" {self._deed}")
        yield Static(deed, markup=False)
        yield Static("", id="dialog-hint", markup=False)

    @property
    def is_typed(self) -> bool:
        """Whether the name stands there, letter by letter."""
        return self.query_one("#typed-name", Input).value in (self._name_wanted, visible(self._name_wanted))

    @on(Input.Changed)
    def _typed(self) -> None:
        hint = _("The name is right: Tab, then y.") if self.is_typed else ""
        self.query_one("#dialog-hint", Static).update(Text(hint))

    @on(Input.Submitted)
    def _entered(self) -> None:
        """Enter confirms nothing; it leads on to Cancel."""
        self.query_one("#cancel").focus()

    def action_yes(self) -> None:
        """Answer with the name, if it was typed."""
        if self.is_typed:
            self.dismiss(self._name_wanted)
        else:
            self.query_one("#dialog-hint", Static).update(Text(_("Type the name first (Tab leads there).")))
