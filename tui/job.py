"""Work that may take long: carried out in a thread of its own, telling what it does, stopped on request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from failback.errors import FailbackError
from failback.progress import Cancelled, Progress


@dataclass(eq=False)
class Job:
    """One piece of work. `run` is called in the thread, `done` and `failed` on the screen's side afterwards.

    `is_change`: it writes, so the program does not leave while it runs.
    """

    title: str
    run: Callable[[Progress, Cancelled], Any]
    done: Callable[[Any], object]
    failed: Callable[[FailbackError], object] | None = None
    is_change: bool = False
    sentence: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, sentence: str) -> None:
        """Take the sentence that says what is done now. The progress line reads it twice a second at most."""
        self.sentence = sentence

    def carry_out(self) -> Any:
        """Run the work here and return what it brings."""
        self.tell(self.title)
        return self.run(self.tell, self.stop.is_set)
