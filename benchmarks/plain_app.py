"""A Textual app of ten plain screens, turned by the keys 1 to 0, that sends what Textual sends by itself.

python -m benchmarks.plain_app [FILE]      the texts of the screens, as JSON; without a file each says which it is
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Static

KEYS = "1234567890"


class Page(Screen[None]):
    """One screen of text."""

    def __init__(self, text: str) -> None:
        """Show `text`."""
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Show every line of it as a widget, as a screen of rows does."""
        for line in self._text.splitlines():
            yield Static(line, markup=False)


class PlainApp(App[None]):
    """Ten screens."""

    def __init__(self, texts: list[str]) -> None:
        """Have a screen for each text."""
        super().__init__()
        self._texts = texts

    def on_mount(self) -> None:
        """Show the first one."""
        self.push_screen(Page(self._texts[0]))

    def on_key(self, event: object) -> None:
        """Show the one of a digit."""
        key = getattr(event, "key", "")
        if key in KEYS:
            self.switch_screen(Page(self._texts[KEYS.index(key)]))


def main() -> None:
    """Run it."""
    texts = [f"Step {number} of 10" for number in range(1, 11)]
    if len(sys.argv) > 1:
        texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    PlainApp(texts).run()


if __name__ == "__main__":
    main()
