"""Carry out a plan, change by change: read again, confirm, write down, send, follow, read again, verify, write down.

The order is the promise. Nothing is sent that was not shown and confirmed a moment ago; nothing is sent before its
intent is on disk; nothing is sent twice; and nothing is called done that was not read again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from failback.changes.change import Call, Change
from failback.changes.journal import Entry, Journal, Origin
from failback.changes.memory import MemoryStore
from failback.changes.operation import Operation
from failback.changes.outcome import Outcome, Word
from failback.changes.plan import Plan
from failback.changes.refresh_configuration_server import RefreshConfigurationServer
from failback.changes.remedies import REMEDIES
from failback.changes.remedy import CannotChange, Remedy, Weight, moved
from failback.changes.wire import Wire, Wires
from failback.clock import Clock
from failback.errors import (
    ChangeFailedError,
    FailbackError,
    InterruptedByOperatorError,
    StalePlanError,
    UsageError,
)
from failback.progress import Cancelled, Progress, never, silent
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _

OPEN_WINDOW: Final = timedelta(seconds=30)
"""How old the last reading may be when a call is sent; a confirmation that took longer makes it read again."""

GOES_ON_AFTER: Final = frozenset({Word.VERIFIED, Word.DECLINED, Word.STALE})
"""The outcomes after which the next change of the plan is tried; after any other the rest is not started."""


@dataclass(frozen=True)
class Confirmation:
    """What the operator answered: yes or no, and what was typed where a name is asked for."""

    agreed: bool
    typed: str | None = None


Confirm = Callable[[Change], Confirmation]
"""Shows one change, exactly as it will be sent, and returns the operator's answer."""


@dataclass(frozen=True)
class World:
    """Everything that carrying out changes needs of the rest of the program.

    `look` reads both sides afresh and returns the case; it raises `FailbackError` when it cannot. `wire` opens a
    system for changes. `read_only` means that no change leaves, whatever else happens.
    """

    profile: str
    look: Callable[[], Case]
    wire: Wires
    clock: Clock
    journal: Journal
    memory: MemoryStore
    read_only: bool = False
    rehearsal: bool = False


def weight_of(change: Change) -> Weight:
    """Return how a change wants to be confirmed; raises `UsageError` for a remedy this program does not have."""
    return _remedy(change).weight


def apply_plan(
    plan: Plan, world: World, confirm: Confirm, progress: Progress = silent, cancelled: Cancelled = never
) -> tuple[Outcome, ...]:
    """Carry out every change of a plan and return one outcome for each, in order.

    Raises `UsageError` when nothing of it may be carried out here at all (read-only, another profile, a rehearsal's
    plan for a real site or the other way round, an unknown remedy); then nothing was sent.
    """
    _refuse_unfit(plan, world)
    origin = Origin(plan.profile, plan.rehearsal, plan.digest)
    outcomes: list[Outcome] = []
    for change in plan.changes:
        if outcomes and outcomes[-1].word not in GOES_ON_AFTER:
            outcomes.append(_not_started(change, outcomes))
            continue
        if cancelled():
            outcomes.append(Outcome(change, Word.CANCELLED, _("stopped before anything of it was sent")))
            continue
        outcomes.append(_Run(world, origin, confirm, progress, cancelled).carry_out(change))
    return tuple(outcomes)


def undo_entry(
    entry: Entry, world: World, confirm: Confirm, progress: Progress = silent, cancelled: Cancelled = never
) -> Outcome:
    """Restore what a change of the history recorded before it was sent, by a change of its own.

    Raises `UsageError` with the reason when it cannot be undone; then nothing was sent.
    """
    _refuse_unfit(Plan(entry.at, entry.origin.profile, entry.origin.rehearsal, (entry.change,)), world)
    progress(_("reading what is there now"))
    try:
        back = _remedy(entry.change).undo(entry.change, world.look())
    except CannotChange as refused:
        raise _cannot_undo(entry, refused.reason) from refused
    except NotSeen as missing:
        raise _cannot_undo(entry, missing.reason) from missing
    plan = Plan(world.clock.now(), entry.origin.profile, entry.origin.rehearsal, (back,))
    origin = Origin(plan.profile, plan.rehearsal, plan.digest, undoes=entry.id)
    return _Run(world, origin, confirm, progress, cancelled).carry_out(back)


class _Stop(Exception):
    """A change ends here."""

    def __init__(self, word: Word, evidence: str) -> None:
        super().__init__(evidence)
        self.word, self.evidence = word, evidence


def _stopped_by(error: FailbackError) -> _Stop:
    """Return what an error after the intent means; whatever says nothing certain is unknown."""
    certain = (
        (ChangeFailedError, Word.FAILED),
        (StalePlanError, Word.STALE),
        (InterruptedByOperatorError, Word.CANCELLED),
    )
    word = next((word for kind, word in certain if isinstance(error, kind)), Word.UNKNOWN)
    return _Stop(word, error.message())


@dataclass
class _Run:
    """One change on its way."""

    world: World
    origin: Origin
    confirm: Confirm
    progress: Progress
    cancelled: Cancelled
    entry_id: str | None = None
    unwritten: str = ""

    def carry_out(self, planned: Change) -> Outcome:
        """Take the change through every stage and return what became of it."""
        change = planned
        try:
            change = self._confirmed(planned)
            self.entry_id = self._intended(change)
            self._send(change)
            evidence = self._verified(change)
            return self._ended(change, Word.VERIFIED, evidence)
        except _Stop as stop:
            return self._ended(change, stop.word, stop.evidence)

    def _confirmed(self, planned: Change) -> Change:
        """Return the change as it was shown and agreed to, made from a look that is still fresh."""
        fresh = self._still_holds(planned)
        asked_at = self.world.clock.now()
        answer = self.confirm(fresh)
        if not answer.agreed:
            raise _Stop(Word.DECLINED, _("not confirmed; nothing was sent"))
        if weight_of(fresh) is Weight.IRREVERSIBLE and answer.typed != fresh.target.name:
            raise _Stop(Word.DECLINED, _("the name that was typed is not that of the target; nothing was sent"))
        if self.world.clock.now() - asked_at > OPEN_WINDOW:
            fresh = self._still_holds(fresh)
        if self.cancelled():
            raise _Stop(Word.CANCELLED, _("stopped before anything of it was sent"))
        self._reach(fresh)
        return fresh

    def _still_holds(self, change: Change) -> Change:
        """Read everything the change rests on again and return it made anew; stops when anything moved."""
        self.progress(_("{title}: reading again what it rests on").format(title=change.title))
        case = self._look()
        try:
            fresh = _remedy(change).again(change, case)
        except NotSeen as missing:
            why = _("nothing was sent: what it rests on cannot be read ({why})").format(why=missing.reason)
            raise _Stop(Word.FAILED, why) from missing
        except CannotChange as refused:
            raise _Stop(Word.STALE, _("nothing was sent: {what}").format(what=refused.reason)) from refused
        differences = moved(change, fresh)
        if differences:
            raise _Stop(Word.STALE, _("nothing was sent: {what}").format(what="; ".join(differences)))
        return fresh

    def _look(self) -> Case:
        try:
            return self.world.look()
        except InterruptedByOperatorError as stopped:
            raise _Stop(Word.CANCELLED, _("stopped before anything of it was sent")) from stopped
        except FailbackError as error:
            raise _Stop(Word.FAILED, _("nothing was sent: {why}").format(why=error.message())) from error

    def _reach(self, change: Change) -> None:
        """Make sure that every system of the change answers, before its intent is written down."""
        try:
            for system in dict.fromkeys(call.system for call in change.calls):
                self.world.wire(system).ready()
        except FailbackError as error:
            raise _Stop(Word.FAILED, _("nothing was sent: {why}").format(why=error.message())) from error

    def _intended(self, change: Change) -> str:
        """Write the intent down; without it on disk nothing is sent."""
        try:
            return self.world.journal.intent(change, self.origin)
        except FailbackError as error:
            raise _Stop(Word.FAILED, _("nothing was sent: {why}").format(why=error.message())) from error

    def _send(self, change: Change) -> None:
        """Send the calls one after the other, each followed to its end before the next."""
        for number, call in enumerate(change.calls):
            if self.unwritten:
                raise _Stop(
                    Word.FAILED,
                    _("stopped after call {number}: nothing is sent without a journal").format(number=number),
                )
            self.progress(change.title)
            wire = self.world.wire(call.system)
            operation = self._sent(wire, change, call)
            self._followed(wire, call, operation)

    def _sent(self, wire: Wire, change: Change, call: Call) -> Operation:
        """Send one call and write down by which handle its work is found."""
        try:
            operation = wire.send(call)
        except FailbackError as error:
            stop = _stopped_by(error)
            if stop.word is Word.UNKNOWN:
                self._note_refresh(change)
            raise stop from error
        self._note_refresh(change)
        self._keep(lambda entry_id: self.world.journal.sent(entry_id, operation))
        return operation

    def _followed(self, wire: Wire, call: Call, operation: Operation) -> None:
        """Wait for the end of what was sent."""
        try:
            wire.follow(call, operation, self.progress, self.cancelled)
        except FailbackError as error:
            raise _stopped_by(error) from error

    def _note_refresh(self, change: Change) -> None:
        """Remember when a refresh was sent: the rules count their minutes from then, whatever becomes of it."""
        if change.remedy == RefreshConfigurationServer.id:
            self._keep(lambda _entry_id: self.world.memory.note_refresh(change.target.ref, self.world.clock.now()))

    def _keep(self, write: Callable[[str], None]) -> None:
        """Write something down about a change that is under way; a full disk must not hide what became of it."""
        try:
            write(self.entry_id or "")
        except FailbackError as error:
            self.unwritten = error.message()

    def _verified(self, change: Change) -> str:
        """Read again and return the evidence; stops when what was read is not what was planned."""
        self.progress(_("{title}: reading again what became of it").format(title=change.title))
        try:
            found = _remedy(change).verify(change, self.world.look())
        except (CannotChange, NotSeen) as missing:
            raise _Stop(
                Word.NOT_VERIFIED, _("done, but it could not be read again: {why}").format(why=missing.reason)
            ) from missing
        except FailbackError as error:
            raise _Stop(
                Word.NOT_VERIFIED, _("done, but it could not be read again: {why}").format(why=error.message())
            ) from error
        if not found.holds:
            raise _Stop(Word.NOT_VERIFIED, found.evidence)
        return found.evidence

    def _ended(self, change: Change, word: Word, evidence: str) -> Outcome:
        """Write the outcome down, when anything was going to be sent; what cannot be written is told with it."""
        if self.entry_id is not None:
            self._keep(lambda entry_id: self.world.journal.outcome(entry_id, word.value, evidence))
        if self.unwritten:
            evidence = _("{evidence} (not everything of this is written down: {why})").format(
                evidence=evidence, why=self.unwritten
            )
        return Outcome(change, word, evidence, self.entry_id)


def _remedy(change: Change) -> Remedy:
    remedy = REMEDIES.get(change.remedy)
    if remedy is None:
        raise UsageError(
            _("the plan"),
            _("it has a change this program does not know, {name}").format(name=visible(change.remedy)),
            _("make a new one: failback plan"),
        )
    return remedy


def _refuse_unfit(plan: Plan, world: World) -> None:
    """Raise `UsageError` when the plan may not be carried out here at all."""
    for change in plan.changes:
        _remedy(change)
    if world.read_only:
        raise UsageError(
            _("the plan"),
            _("this program was started read-only, so nothing is changed"),
            _("start it without --read-only"),
        )
    if plan.rehearsal != world.rehearsal:
        raise UsageError(
            _("the plan"),
            _("a plan of the rehearsal site is for the rehearsal site only, and a real one for a real site"),
            _("make a new one: failback plan"),
        )
    if plan.profile != world.profile:
        raise UsageError(
            _("the plan"),
            _("it was made for the profile {name}").format(name=visible(plan.profile)),
            _("use that profile, or make a new plan"),
        )


def _cannot_undo(entry: Entry, reason: str) -> UsageError:
    return UsageError(
        _("the change {id}").format(id=entry.id),
        _("it cannot be undone: {why}").format(why=reason),
        _("look at what is there now"),
    )


def _not_started(change: Change, outcomes: list[Outcome]) -> Outcome:
    stopped = next(one for one in outcomes if one.word not in GOES_ON_AFTER)
    return Outcome(
        change,
        Word.NOT_STARTED,
        _("not started: {title} came out as {word}").format(title=stopped.change.title, word=stopped.word.value),
    )
