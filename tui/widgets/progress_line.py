"""The line above the keys: what is being read or done now, and how to stop it."""

from __future__ import annotations

from rich.text import Text
from textual.timer import Timer

from tui.job import Job
from tui.widgets.line import Line
from wizard_steps.wording import _

_TURNS = "|/-\\"


class ProgressLine(Line):
    """Follows a job twice a second with a text spinner; still and empty when nothing runs or its screen rests."""

    def __init__(self) -> None:
        super().__init__(id="progress")
        self._job: Job | None = None
        self._turn = 0
        self._timer: Timer | None = None

    def follow(self, job: Job | None) -> None:
        """Follow this job from now on; None: nothing runs."""
        self._job = job
        self.rest()
        self._turn = -1
        if job is not None:
            self._timer = self.set_interval(0.5, self.tick)
        self.tick()

    def rest(self) -> None:
        """Stop turning: another screen is in front, or the work has ended."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._turn = -1
            self.tick()

    def tick(self) -> None:
        """Write the line."""
        if self._job is None:
            self.say_both(Text(), Text())
            return
        self._turn = (self._turn + 1) % len(_TURNS)
        stopping = self._job.stop.is_set()
        sentence = _("Stopping after the call that is under way ...") if stopping else self._job.sentence
        self.say_both(Text(f" {_TURNS[self._turn]} {sentence}"), Text() if stopping else Text(_("x stops it") + " "))
