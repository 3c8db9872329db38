"""The help of one screen: what it shows, and every key that means something there."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual.widget import Widget

from tui.screens.wizard_screen import WizardScreen
from tui.widgets.detail_pane import DetailPane
from tui.widgets.key_line import key_words
from wizard_steps.requirement import Status
from wizard_steps.wording import N_, _

_MEANINGS = {
    Status.FAIL: N_("seen, and not as it must be"),
    Status.PENDING: N_("on its way: wait, then look again"),
    Status.UNKNOWN: N_("could not be seen, and is never taken for good; the pane says why"),
    Status.ATTEST: N_("no system tells: somebody must check it and vouch for it"),
    Status.WARN: N_("seen, and can be lived with"),
    Status.PASS: N_("seen, and as it must be"),
    Status.INFO: N_("good to know; asks for nothing"),
    Status.NOT_APPLICABLE: N_("does not apply to these machines"),
}
_COMMON = ("app.focus", "screen.copy", "quit", "command_palette")  # Textual's own: told once, or by our own keys
_MOVING = ("cursor_", "page_", "scroll_")


class HelpScreen(WizardScreen):
    """Lists the keys of the screen it was asked on. Any of its own keys goes back."""

    KEYS = ("back",)

    def __init__(self, about: WizardScreen) -> None:
        super().__init__()
        self._about = about
        self._keys = _keys_of(about)

    def compose_page(self) -> Iterator[Widget]:
        """One text."""
        yield DetailPane()

    def on_mount(self) -> None:
        """Show it."""
        pane = self.query_one(DetailPane)
        pane.say(self._text())
        pane.focus()

    def _text(self) -> Text:
        text = Text()
        if self._about.HELP_TEXT:
            text.append(_(self._about.HELP_TEXT) + "\n\n")
        together: dict[str, list[str]] = {}
        for key, words in self._keys:
            together.setdefault(words, []).append(key)
        for words, keys in together.items():
            text.append(", ".join(dict.fromkeys(keys)), "bold")
            text.append(f"\t{words}\n")
        text.append("\n" + _("What the marks mean") + "\n", "bold")
        for status, meaning in _MEANINGS.items():
            text.append_text(self.wizard.marks.of(status))
            text.append(f"\t{_(meaning)}\n")
        return text

    async def action_help(self) -> None:
        """Help on help is going back."""
        self.go_back()


def _keys_of(screen: WizardScreen) -> list[tuple[str, str]]:
    """Return the keys that mean something on a screen: its own first, then those that only move."""
    told = [
        (one.binding.action.startswith(_MOVING), key_words(one.binding.key), _(one.binding.description))
        for one in screen.active_bindings.values()
        if one.binding.description and one.enabled and not one.binding.action.startswith(_COMMON)
    ]
    own = [(key, words) for moves, key, words in told if not moves]
    moving = [(key, words) for moves, key, words in told if moves]
    return [*own, ("Ctrl+p", _("Everything by name")), ("Tab", _("To the next part of the screen")), *moving]
