"""Waiting for a long-running operation: within a deadline, told about, cancellable, and never for ever.

The library's own polling knows three final words and takes every other one for "still running": an operation that ends
`Cancelled` (as Site Recovery's jobs spell it) or `PartiallySucceeded` would be polled without end. And its
`result(timeout=...)` returns a half-made model of the status instead of raising. Here an unknown word ends the wait,
and nobody passes a timeout.

This module imports azure-core: only code that already uses an SDK imports it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from azure.core.exceptions import AzureError
from azure.core.polling.base_polling import OperationFailed
from azure.mgmt.core.polling.arm_polling import ARMPolling

from failback.azure.policies import wait
from failback.clock import Clock
from failback.progress import Cancelled

GOOD = frozenset({"succeeded"})
BAD = frozenset({"failed", "canceled", "cancelled", "timedout", "aborted"})
RUNNING = frozenset({"notstarted", "accepted", "pending", "inprogress", "running", "creating", "updating", "starting"})

DEADLINE_SECONDS = 900.0
INTERVAL_SECONDS = 10.0
LONGEST_PAUSE = 30.0

_JOB = re.compile(r"/operationresults/([^/?]+)", re.IGNORECASE)


class OperationUnclearError(AzureError):
    """An operation answered with a status word nobody knows; `word` is that word."""

    def __init__(self, word: str) -> None:
        super().__init__(f"unknown operation status {word!r}")
        self.word = word


class OperationEndedBadlyError(OperationFailed):
    """An operation ended with a word that means no good end; `word` is that word."""

    def __init__(self, word: str) -> None:
        super().__init__(f"the operation ended {word}")
        self.word = word


class OperationTooSlowError(AzureError):
    """An operation was still running at the deadline; `seconds` is how long that was."""

    def __init__(self, word: str, seconds: float) -> None:
        super().__init__(f"still {word} after {seconds} s")
        self.word = word
        self.seconds = seconds


@dataclass(frozen=True)
class OperationProgress:
    """How an operation is doing: Azure's word, and its percentage where Azure gives one."""

    word: str
    percent: float | None


class StrictPolling(ARMPolling):
    """Polls until a final word, an unknown word, the deadline or a cancellation, whichever comes first."""

    def __init__(
        self,
        clock: Clock,
        endpoint: str,
        *,
        told: Callable[[OperationProgress], None] | None = None,
        cancelled: Cancelled | None = None,
        deadline: float = DEADLINE_SECONDS,
        interval: float = INTERVAL_SECONDS,
    ) -> None:
        """Poll every `interval` seconds, or as Azure asks but at least every `LONGEST_PAUSE`, until `deadline`."""
        super().__init__(timeout=interval, path_format_arguments={"endpoint": endpoint})
        self._clock = clock
        self._told = told
        self._cancelled = cancelled
        self._deadline = deadline

    @property
    def job_id(self) -> str | None:
        """The name of the job in the vault, from the Location of the first answer; None where there is no such link."""
        found = _JOB.search(self._initial_response.http_response.headers.get("Location", ""))
        return found.group(1) if found else None

    def _extract_delay(self) -> float:
        return min(float(super()._extract_delay()), LONGEST_PAUSE)

    def _sleep(self, delay: float) -> None:
        wait(self._transport, delay, self._cancelled)

    def _poll(self) -> None:
        end = self._clock.now() + timedelta(seconds=self._deadline)
        if not self.finished():
            self.update_status()
        while self._still_running():
            if self._clock.now() >= end:
                raise OperationTooSlowError(self.status(), self._deadline)
            self._delay()
            self.update_status()
        final_url = self._operation.get_final_get_url(self._pipeline_response)
        if final_url:
            self._pipeline_response = self.request_status(final_url)

    def _still_running(self) -> bool:
        """Tell whether to go on; raises for a bad end and for a word nobody knows."""
        word = str(self.status() or "")
        plain = word.lower().replace("_", "").replace(" ", "")
        if self._told is not None:
            self._told(OperationProgress(word, self._percent()))
        if plain in BAD:
            raise OperationEndedBadlyError(word)
        if plain not in GOOD and plain not in RUNNING:
            raise OperationUnclearError(word)
        return plain in RUNNING

    def _percent(self) -> float | None:
        try:
            value: Any = self._pipeline_response.http_response.json().get("percentComplete")
        except (ValueError, AttributeError):
            return None
        return float(value) if isinstance(value, (int, float)) else None


class OnlyBegin(StrictPolling):
    """Polls nothing: takes the first answer, for its token and the job's id, and leaves the waiting to another time."""

    def run(self) -> None:
        """Return at once."""


class OnlyFollow(StrictPolling):
    """Waits for the end and makes nothing of the last answer: what became of a change is read again anyway.

    A change that Azure carried out at once has no later answer, and the library cannot take one out of a saved token.
    """

    def resource(self) -> Any:
        """Return nothing."""
        return None

    @property
    def answer(self) -> Any:
        """The JSON of the last answer; None where it had none."""
        try:
            return self._pipeline_response.http_response.json()
        except (ValueError, AttributeError, AzureError):
            return None
