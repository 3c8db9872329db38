"""The help of one screen: what it shows, and every key that means something there."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual.widget import Widget

from tui.screens.wizard_screen import WizardScreen
from tui.widgets.detail_pane import DetailPane
from tui.widgets.key_line import key_words
from wizard_steps.wording import N_, _

_MARKS_TEXT = N_("The marks")
_LEAST = 10


class HelpScreen(WizardScreen):
    """Lists the keys of the screen it was asked on. Any of its own keys goes back."""

    KEYS = ("back",)

    def __init__(self, about: WizardScreen) -> None:
        super().__init__()
        self._about = about
        self._keys = [
            (key_words(one.binding.key), _(one.binding.description))
            for one in about.active_bindings.values()
            if one.binding.description and one.enabled and not one.binding.system
        ]

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
        width = max([_LEAST, *(len(", ".join(keys)) for keys in together.values())]) + 2
        for words, keys in together.items():
            text.append(f"{', '.join(dict.fromkeys(keys)):<{width}}", "bold")
            text.append(words + "\n")
        return text

    async def action_help(self) -> None:
        """Help on help is going back."""
        self.go_back()
