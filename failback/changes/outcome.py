"""What became of a change, and what that means for the command's exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from failback.changes.change import Change
from failback.errors import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_NOT_READY,
    EXIT_UNKNOWN,
    ChangeFailedError,
    FailbackError,
    InterruptedByOperatorError,
    StalePlanError,
)


class Word(str, Enum):
    """The one word for what became of a change."""

    VERIFIED = "verified"  # done, and read again
    NOT_VERIFIED = "not-verified"  # done as the system says, but what was read again is not what was planned
    FAILED = "failed"  # refused, or ended badly
    STALE = "stale"  # something it rests on moved; nothing was changed
    DECLINED = "declined"  # not confirmed; nothing was sent
    CANCELLED = "cancelled"  # the operator stopped waiting; the evidence says what goes on without us
    UNKNOWN = "unknown"  # sent, and nobody can say what became of it; it is never sent again
    NOT_STARTED = "not-started"  # an earlier change of the plan did not come out well


@dataclass(frozen=True)
class Outcome:
    """What became of one change: the word, the evidence in a sentence, and its entry in the journal, if it got one."""

    change: Change
    word: Word
    evidence: str
    entry_id: str | None = None


Ended = Callable[[Outcome], None]
"""Takes what became of a change as soon as it is known, before the next one begins. Called from the worker thread."""


def unheard(_outcome: Outcome) -> None:
    """Wait for the outcomes of all."""


class Stop(Exception):
    """A change ends here, with this word and this evidence."""

    def __init__(self, word: Word, evidence: str) -> None:
        """Keep both."""
        super().__init__(evidence)
        self.word, self.evidence = word, evidence


def stopped_by(error: FailbackError) -> Stop:
    """Return what an error after the intent means; whatever says nothing certain is unknown."""
    certain = (
        (ChangeFailedError, Word.FAILED),
        (StalePlanError, Word.STALE),
        (InterruptedByOperatorError, Word.CANCELLED),
    )
    word = next((word for kind, word in certain if isinstance(error, kind)), Word.UNKNOWN)
    return Stop(word, error.message())


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return the exit code of `failback apply`: unknown counts before interrupted, and that before other failures."""
    words = {one.word for one in outcomes}
    if Word.UNKNOWN in words:
        return EXIT_UNKNOWN
    if Word.CANCELLED in words:
        return EXIT_INTERRUPTED
    return EXIT_DONE if words <= {Word.VERIFIED} else EXIT_NOT_READY
