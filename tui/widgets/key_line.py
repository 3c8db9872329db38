"""The last line of every screen: the keys that matter most here."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.screen import Screen

from tui.widgets.line import FixedText
from wizard_steps.wording import _

_DISPLAY = {
    "question_mark": "?",
    "slash": "/",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "right": "Right",
    "left": "Left",
    "up": "Up",
    "down": "Down",
    "backspace": "Backspace",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "ctrl+p": "Ctrl+p",
}


def key_words(key: str) -> str:
    """Return a key as it is written on a keyboard."""
    return _DISPLAY.get(key, key.upper() if key.startswith("f") and key[1:].isdigit() else key)


class KeyLine(FixedText):
    """Shows the keys of some actions in the order given, as many as fit, and always the last.

    Those that mean nothing now are left out.
    """

    def __init__(self, actions: Sequence[str]) -> None:
        super().__init__(id="keys")
        self._actions = tuple(actions)

    def on_mount(self) -> None:
        """Follow the screen: what has a meaning changes with what is highlighted."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self.refresh_keys()

    def _follow(self, screen: Screen[object]) -> None:
        self.refresh_keys()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many as fit now."""
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Write the line."""
        hints = [(key, label, cell_len(key) + cell_len(label) + 3) for key, label in self._hints()]
        room = self.size.width - 1 - (hints[-1][2] if hints else 0)
        text = Text(" ")
        for place, (key, label, width) in enumerate(hints):
            is_last = place == len(hints) - 1
            if width > room and not is_last:
                continue
            room -= width
            text.append(key, "bold reverse")
            text.append(f" {label}  ")
        self.say(text)

    def _hints(self) -> list[tuple[str, str]]:
        active = {one.binding.action: one for one in reversed(self.screen.active_bindings.values()) if one.enabled}
        found = [active[action].binding for action in self._actions if action in active]
        return [(key_words(one.key), _(one.description)) for one in found]
