"""One job at a time, beside the screens: started, stopped, its end brought back to the screens' own thread."""

from __future__ import annotations

import threading
from typing import Any

from textual import on
from textual.app import App
from textual.message import Message

from failback.errors import FailbackError, InterruptedByOperatorError
from tui.job import Job
from tui.unexpected import as_failback_error
from wizard_steps.wording import _


class JobEnded(Message):
    """A job has ended: with a result, or with an error."""

    def __init__(self, job: Job, result: Any, error: FailbackError | None) -> None:
        """Keep all three."""
        super().__init__()
        self.job, self.result, self.error = job, result, error


class Working(App[int]):
    """The part of the application that runs jobs."""

    job: Job | None = None

    def start_job(self, job: Job) -> bool:
        """Start a job unless another runs; return whether it was started.

        A thread of our own and a daemon: Textual's thread workers live in asyncio's executor, which is waited for
        on exit, so that a read that hangs on a dead line would keep the terminal from its owner.
        """
        if self.refuse_while_busy():
            return False
        self.job = job
        threading.Thread(target=self._carry_out, args=(job,), name=job.title, daemon=True).start()
        self.job_changed()
        return True

    def refuse_while_busy(self) -> bool:
        """Say in one line that work is under way and how it is stopped; return whether it is."""
        if self.job is None:
            return False
        self.notify(
            _("{title} is still running; x stops it.").format(title=self.job.title), markup=False, severity="warning"
        )
        return True

    def stop_job(self) -> None:
        """Ask the running job to stop. It does so between two calls; the screens stay usable meanwhile."""
        if self.job is not None:
            self.job.stop.set()
            self.job_changed()

    def job_changed(self) -> None:
        """Show that a job started, was asked to stop, or ended."""

    def show_error(self, error: FailbackError) -> None:
        """Show an error as one sentence."""

    def _carry_out(self, job: Job) -> None:
        result, error = None, None
        try:
            result = job.carry_out()
        except FailbackError as known:
            error = known
        except Exception as other:  # noqa: BLE001 -- whatever a thread raises becomes a sentence; the wizard stays open
            error = as_failback_error(other)
        self.post_message(JobEnded(job, result, error))

    @on(JobEnded)
    def _job_ended(self, message: JobEnded) -> None:
        self.job = None
        self.job_changed()
        if message.error is None:
            message.job.done(message.result)
        elif message.job.failed is not None:
            message.job.failed(message.error)
        elif isinstance(message.error, InterruptedByOperatorError):
            self.notify(_("Stopped. What was seen before still stands."), markup=False)
        else:
            self.show_error(message.error)
