"""Ctrl+C: the first press asks the work to stop in order, the second does not ask."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from failback.commands.speaking import StatusLine, narrate
from failback.errors import InterruptedByOperatorError
from failback.progress import Cancelled, Progress
from wizard_steps.wording import _

T = TypeVar("T")
_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
GRACE_SECONDS = 3.0
_NAP = 0.2  # seconds between two looks for a signal: a thread's join is not interrupted by one on every platform


class Stop:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        """Nobody has."""
        self._asked = threading.Event()

    def __call__(self) -> bool:
        """Answer as `Cancelled` does."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask to stop."""
        self._asked.set()


@contextmanager
def stoppable(sentence: str) -> Iterator[Stop]:
    """Inside the block, the first Ctrl+C says `sentence` and sets the `Stop`; the next raises `KeyboardInterrupt`.

    So does being asked to end (SIGTERM), and the terminal's going away (SIGHUP).
    """
    stop = Stop()

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if stop():
            raise KeyboardInterrupt
        stop.ask()
        narrate(sentence)

    with _on_signals(on_interrupt):
        yield stop


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside the block, every Ctrl+C raises `KeyboardInterrupt`: somebody is being asked and may walk away."""
    with _on_signals(signal.default_int_handler):
        yield


@contextmanager
def _on_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let `handler` hear the signals that end a program, and put the handlers of before back."""
    heard = [
        number for number in _ENDING if signal.getsignal(number) not in (signal.SIG_IGN, None)
    ]  # nohup ignores one
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def reading(read: Callable[[Progress, Cancelled], T]) -> T:
    """Run something that only reads, and return what it returns.

    It runs on a thread of its own: on Ctrl+C it has a few seconds to sign out, then it is left behind, since
    nothing was to be changed. Raises `InterruptedByOperatorError` then, and whatever `read` raises.
    """
    results: list[T] = []
    errors: list[Exception] = []
    status = StatusLine()

    def run() -> None:
        try:
            results.append(read(status.show, stop))
        except Exception as error:  # noqa: BLE001 -- handed to the thread that waits for it
            errors.append(error)

    with stoppable(_("stopping")) as stop:
        worker = threading.Thread(target=run, name="reading", daemon=True)
        worker.start()
        _wait(worker, stop)
    status.clear()
    if errors:
        raise errors[0]
    if not results:
        raise InterruptedByOperatorError(_("the look"), _("it was stopped"), _("run it again when you are ready"))
    return results[0]


def _wait(worker: threading.Thread, stop: Stop) -> None:
    """Wait for the worker's end; once somebody asked to stop, for `GRACE_SECONDS` more."""
    while worker.is_alive() and not stop():
        worker.join(_NAP)
    worker.join(GRACE_SECONDS if stop() else None)
