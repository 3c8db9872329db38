"""After a crash: what became of changes whose end nobody saw. It reads, waits for what goes on, and writes it down.

A change is never sent from here. What is said rests on three things, in this order: how the work ended that the
journal knows or that vCenter still shows; what is there now; and, where neither decides, the honest "cannot tell" with
what a person looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from failback.changes.change import Call, Change, in_words
from failback.changes.journal import Entry
from failback.changes.operation import Operation
from failback.changes.remedies import CARRIED_OUT
from failback.changes.remedy import CannotChange, Remedy
from failback.changes.remembering import remember_attached
from failback.changes.world import World
from failback.errors import (
    ChangeFailedError,
    FailbackError,
    InterruptedByOperatorError,
    OutcomeUnknownError,
    StalePlanError,
    WorkGoneError,
)
from failback.guest.credentials import NobodyToAskError
from failback.progress import Cancelled, Progress, never, silent
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _, ngettext

SETTLED_AFTER: Final = timedelta(seconds=15)
"""How long after an intent a call may still be on its way: its absence is not believed before."""

STILL_MOVING: Final = timedelta(minutes=2)
"""How long a state in between is looked at again before it is said that nobody can tell."""

BETWEEN_LOOKS: Final = 10.0
"""Seconds between two of these looks."""

LEAVES_NO_TRACE: Final = frozenset({"ShutdownGuest"})
"""Calls that start no task and take effect later: nothing is to be seen of one, whether it was sent or not."""


class Finding(str, Enum):
    """What a later start says of a change whose end nobody saw."""

    DONE = "done"
    NOT_DONE = "not-done"
    CANNOT_TELL = "cannot-tell"
    NOT_YET = "not-yet"  # its work goes on, or nothing answers; the next start looks for it again


@dataclass(frozen=True)
class Found:
    """One entry of the journal, what is found about it, and the evidence in a sentence."""

    entry: Entry
    word: Finding
    evidence: str


def in_flight(world: World) -> tuple[Entry, ...]:
    """Return the entries of this profile whose end nobody knows, oldest first. Reads the journal only."""
    return tuple(
        one
        for one in world.journal.history()
        if one.is_open and (one.origin.profile, one.origin.rehearsal) == (world.profile, world.rehearsal)
    )


def recover(world: World, progress: Progress = silent, cancelled: Cancelled = never) -> tuple[Found, ...]:
    """Find out what became of every change that is in flight, and write it down.

    No other run of this profile may be under way (see `running`). Raises nothing for what cannot be found out.
    """
    found = []
    for entry in in_flight(world):
        progress(_("finding out what became of: {title}").format(title=visible(entry.change.title)))
        one = _Recovery(world, entry, progress, cancelled).find()
        if one.word is not Finding.NOT_YET:
            one = _written_down(world, one)
        found.append(one)
    return tuple(found)


def _written_down(world: World, found: Found) -> Found:
    try:
        world.journal.found(found.entry.id, found.word.value, found.evidence)
    except FailbackError as error:
        evidence = _("{evidence} (not written down: {why})").format(evidence=found.evidence, why=error.message())
        return Found(found.entry, found.word, evidence)
    return found


class _Settled(Exception):
    """The finding is certain."""

    def __init__(self, word: Finding, evidence: str) -> None:
        super().__init__(evidence)
        self.word, self.evidence = word, evidence


@dataclass
class _Recovery:
    """One entry."""

    world: World
    entry: Entry
    progress: Progress
    cancelled: Cancelled
    carried_out: int = 0
    hints: list[str] = field(default_factory=list)
    silent_call: str | None = None  # a call of which nothing is to be seen, though it may have been sent
    unseen_end: bool = False  # work of it was begun, and may go on still
    unasked: bool = False  # a guest would tell its end, and nobody is here to give an account inside it

    @property
    def change(self) -> Change:
        return self.entry.change

    def find(self) -> Found:
        """Return what can be said."""
        try:
            self._follow_what_is_known()
            self._look_for_a_lost_call()
            self._read_again()
        except _Settled as settled:
            return Found(self.entry, settled.word, settled.evidence)
        except CannotChange as gone:
            return Found(self.entry, Finding.CANNOT_TELL, self._look_at(gone.reason))
        except (FailbackError, NotSeen) as error:
            why = error.message() if isinstance(error, FailbackError) else error.reason
            return Found(self.entry, Finding.NOT_YET, self._look_at(why))
        raise AssertionError("unreachable")  # pragma: no cover

    # -- the work

    def _follow_what_is_known(self) -> None:
        """Wait for the work whose handles the journal has; each but the last ended well before the next was sent."""
        operations = self.entry.operations
        self.carried_out = max(0, len(operations) - 1)
        for call, operation in list(zip(self.change.calls, operations))[-1:]:  # noqa: B905 -- as many as there are
            self._follow(call, operation)

    def _look_for_a_lost_call(self) -> None:
        """Look for the work of a call whose answer did not get into the journal."""
        next_one = len(self.entry.operations)
        if self.hints or next_one >= len(self.change.calls):
            return
        call = self.change.calls[next_one]
        left = min(SETTLED_AFTER, self.entry.at + SETTLED_AFTER - self.world.clock.now())  # a clock may be set back
        if left > timedelta(0):
            self.world.clock.sleep(left.total_seconds())
        if call.method in LEAVES_NO_TRACE:
            self.silent_call = call.method
            return
        traces = self.world.wire(call.system).traces(call, self.entry.at, self._known())
        if len(traces) == 1:
            self._follow(call, traces[0])
        for one in traces[1:] and traces:  # more than one fits: all have to end, and what is there then decides
            with suppress(ChangeFailedError, StalePlanError):
                self.world.wire(call.system).follow(call, one, self.progress, self.cancelled)

    def _known(self) -> frozenset[str]:
        journal = self.world.journal
        mine = [*(one.operations for one in journal.history()), *(one.operations for one in journal.locks())]
        return frozenset(one.handle for operations in mine for one in operations)

    def _follow(self, call: Call, operation: Operation) -> None:
        """Wait for the end of some work; a bad or unseen end becomes a hint, and what is there decides."""
        try:
            self.world.wire(call.system).follow(call, operation, self.progress, self.cancelled)
            self.carried_out += 1
        except InterruptedByOperatorError:
            raise
        except NobodyToAskError as error:
            self.unseen_end = self.unasked = True
            self.hints.append(error.message())
        except FailbackError as error:
            self.unseen_end = isinstance(error, OutcomeUnknownError) and not isinstance(error, WorkGoneError)
            self.hints.append(error.message())

    # -- what is there

    def _read_again(self) -> None:
        """Decide by what is there now; always raises `_Settled`, or what made it impossible.

        What Azure is still doing shows as a state in between for a while, and no handle to wait for it is left.
        """
        remedy = CARRIED_OUT[self.change.remedy]
        known = list(self.hints)
        begun = self.world.clock.now()
        until = begun + STILL_MOVING if self.change.target.system == "azure" else begun
        while True:
            self.hints = list(known)
            case = self.world.look(remedy.reads)
            now = self.world.clock.now()
            self._decide(remedy, case, shows=self._would_show(now, begun))
            if now >= until or self.cancelled():
                raise _Settled(*self._undecided(remedy, case, now, begun))
            self.world.clock.sleep(BETWEEN_LOOKS)

    def _would_show(self, now: datetime, begun: datetime) -> bool:
        """Tell whether a call that was sent would be seen to have done something by `now`.

        In Azure nobody sees a request again whose token was lost, and it takes effect some time after its answer.
        """
        lost = self.change.target.system == "azure" and not self.entry.operations
        return not lost or now - begun >= STILL_MOVING or not timedelta(0) <= now - self.entry.at < STILL_MOVING

    def _undecided(self, remedy: Remedy, case: Case, now: datetime, begun: datetime) -> tuple[Finding, str]:
        """Return what is said where nothing decides; when somebody stops the waiting, the next start looks again."""
        if self.unasked:
            return Finding.NOT_YET, self._look_at(self._neither(remedy, case))
        if not self._would_show(now, begun):
            return Finding.NOT_YET, self._look_at(_("it was not waited for long enough"))
        return Finding.CANNOT_TELL, self._look_at(self._neither(remedy, case))

    def _decide(self, remedy: Remedy, case: Case, *, shows: bool) -> None:
        """Raise `_Settled` when what is there decides; `shows`: what is not there was not done."""
        everything = self.carried_out == len(self.change.calls)
        evidence = self._verified(remedy, case)
        if evidence is not None and (remedy.proves or everything):
            remember_attached(self.world.memory, self.change, case)
            raise _Settled(Finding.DONE, evidence)
        if shows and not everything and self._is_untouched(remedy, case):
            raise _Settled(Finding.NOT_DONE, self._not_done())

    def _verified(self, remedy: Remedy, case: Case) -> str | None:
        """Return the evidence that what was planned is there; `None`: it is not."""
        found = remedy.verify(self.change, case)
        if found.holds:
            return found.evidence
        self.hints.append(found.evidence)
        return None

    def _is_untouched(self, remedy: Remedy, case: Case) -> bool:
        """Tell whether all that the change was going to change is as it was, for sure."""
        if self.carried_out or self.silent_call or self.unseen_end or not remedy.proves:
            return False
        try:
            return remedy.is_untouched(self.change, case)
        except CannotChange:
            return False

    def _not_done(self) -> str:
        was = "; ".join(f"{name}: {now}" for name, now, _then in self.change.differences())
        return " ".join([_("everything is as it was before ({state}).").format(state=was), *self.hints]).strip()

    def _neither(self, remedy: Remedy, case: Case) -> str:
        parts = []
        if self.carried_out < len(self.change.calls) and self.carried_out:
            parts.append(
                ngettext(
                    "{count} of its {all} calls was carried out",
                    "{count} of its {all} calls were carried out",
                    self.carried_out,
                ).format(count=self.carried_out, all=len(self.change.calls))
            )
        if self.silent_call is not None:
            parts.append(_("whether {call} was sent leaves no trace").format(call=visible(self.silent_call)))
        with suppress(CannotChange):
            now = remedy.again(self.change, case).before
            parts += [f"{visible(key)}: {in_words(value)}" for key, value in now.items()]
        return "; ".join([*parts, *self.hints]) or _("nothing that is there now proves it")

    def _look_at(self, why: str) -> str:
        """Return the sentence for what cannot be told, with what a person looks at."""
        calls = ", ".join(dict.fromkeys(visible(one.method) for one in self.change.calls))
        name, at = visible(self.change.target.name), f"{self.entry.at:%Y-%m-%d %H:%M}"
        where = (
            _("look at the recent tasks and events of {name} in vCenter, around {time} UTC, for {calls}")
            if self.change.target.system == "vcenter"
            else _("look at the vault's jobs and the activity log of {name} in Azure, around {time} UTC")
        )
        return f"{why.rstrip('. ')}. " + where.format(name=name, time=at, calls=calls)


def open_targets(entries: Sequence[Entry]) -> dict[str, str]:
    """Return, by the reference of its target, the id of the last entry whose end nobody knows."""
    return {one.change.target.ref: one.id for one in entries if one.is_open}
