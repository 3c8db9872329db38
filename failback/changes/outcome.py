"""What became of a change, and what that means for the command's exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from failback.changes.change import Change
from failback.errors import EXIT_DONE, EXIT_INTERRUPTED, EXIT_NOT_READY, EXIT_UNKNOWN


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


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return the exit code of `failback apply`: unknown counts before interrupted, and that before other failures."""
    words = {one.word for one in outcomes}
    if Word.UNKNOWN in words:
        return EXIT_UNKNOWN
    if Word.CANCELLED in words:
        return EXIT_INTERRUPTED
    return EXIT_DONE if words <= {Word.VERIFIED} else EXIT_NOT_READY
