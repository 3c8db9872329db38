"""How the program ends when the screens themselves fail: the terminal restored, one sentence told, no value ever."""

from __future__ import annotations

import sys

from rich.segment import Segments
from rich.text import Text
from textual.app import App

from tui.unexpected import as_failback_error


class Fatal(App[int]):
    """The part of the application that ends it. Textual's own would print the local variables of every frame."""

    def _fatal_error(self) -> None:
        error = sys.exc_info()[1] or self._exception
        if error is not None:
            text = Text(f"failback: {as_failback_error(error).message()}\n")
            self._exit_renderables.append(Segments(self.console.render(text, self.console.options)))
        self._close_messages_no_wait()
