"""Long-running operations of the rehearsal's Azure: accepted at once, finished when the clock says so.

An operation takes so many seconds of the clock; its effect on the store happens when the first request after that
moment arrives. `Operations` also remembers how each one is asked about (its status path and its result path).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from failback.rehearsal.arm_store import azure_time

IN_PROGRESS = "InProgress"
SUCCEEDED = "Succeeded"
FAILED = "Failed"


@dataclass
class Operation:
    """One operation: when it began, when it ends and with which word, and what it does to the store then."""

    started: datetime
    ends: datetime
    when_done: Callable[[], None]
    final_word: str = SUCCEEDED
    error: dict[str, Any] | None = None
    result_path: str = ""
    answer: Any = None  # of one that only asks: what stands at its Location in the end
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def word(self, now: datetime) -> str:
        """Return the status word at `now`."""
        return self.final_word if now >= self.ends else IN_PROGRESS

    def percent(self, now: datetime) -> float:
        """Return how far it is, from 0 to 100."""
        whole = (self.ends - self.started).total_seconds()
        return 100.0 if whole <= 0 else round(min(100.0, 100.0 * (now - self.started).total_seconds() / whole), 1)

    def status_body(self, now: datetime, *, with_percent: bool) -> dict[str, Any]:
        """Return the answer of the status resource, with the fields Site Recovery really sends."""
        word = self.word(now)
        return {
            "id": None,
            "name": self.id,
            "status": word,
            "startTime": azure_time(self.started),
            "endTime": None if word == IN_PROGRESS else azure_time(self.ends),
            "percentComplete": self.percent(now) if with_percent else None,
            "properties": None,
            "error": self.error if word == FAILED else None,
        }


class Operations:
    """All operations that were begun, by id."""

    def __init__(self) -> None:
        """Start with none; each takes half a minute and succeeds unless told otherwise."""
        self._known: dict[str, Operation] = {}
        self._unsettled: list[Operation] = []
        self.seconds = 30.0
        self.asking_seconds = 0.0  # those that only ask: a rehearsal waits for nobody
        self.asking_ends: tuple[str, dict[str, Any] | None] = (SUCCEEDED, None)
        self.retry_after: str | None = "5"
        self.with_percent = False
        self._next_end: tuple[str, dict[str, Any] | None] | None = None

    def end_next_with(self, word: str, error: dict[str, Any] | None = None) -> None:
        """Let the next operation end with `word` (Failed, Cancelled, PartiallySucceeded ...) and without its effect."""
        self._next_end = (word, error)

    def begin(self, now: datetime, when_done: Callable[[], None], *, result_path: str = "") -> Operation:
        """Begin an operation at `now`; `when_done` changes the store if it succeeds."""
        word, error = self._next_end or (SUCCEEDED, None)
        self._next_end = None
        return self._keep(Operation(now, now + timedelta(seconds=self.seconds), when_done, word, error, result_path))

    def begin_answer(self, now: datetime, answer: Any) -> Operation:
        """Begin an operation that changes nothing and ends with `answer`."""
        word, error = self.asking_ends
        ends = now + timedelta(seconds=self.asking_seconds)
        return self._keep(Operation(now, ends, lambda: None, word, error, answer=answer))

    def _keep(self, operation: Operation) -> Operation:
        self._known[operation.id] = operation
        self._unsettled.append(operation)
        return operation

    def find(self, operation_id: str) -> Operation | None:
        """Return an operation by its id, in any case."""
        return self._known.get(operation_id.lower())

    def settle(self, now: datetime) -> None:
        """Carry out the effect of every operation that has ended well by `now`, once each."""
        ended = [one for one in self._unsettled if now >= one.ends]
        if not ended:
            return
        self._unsettled = [one for one in self._unsettled if now < one.ends]
        for operation in ended:
            if operation.final_word == SUCCEEDED:
                operation.when_done()
