"""One change on its way: read again, confirm, lock, read again, write down, send, follow, read again, write down.

The order is the promise. Nothing is sent that was not shown and confirmed a moment ago; nothing is sent before its
intent is on disk; nothing is sent twice; and nothing is called done that was not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from failback.changes.change import Call, Change
from failback.changes.format_retention_volume import MASTER_TARGET, FormatRetentionVolume
from failback.changes.journal import Origin
from failback.changes.lock import TAKE_OVER
from failback.changes.locking import Locks
from failback.changes.naming import check_named
from failback.changes.operation import Operation
from failback.changes.outcome import Outcome, Stop, Word, stopped_by
from failback.changes.own_writes import version_of
from failback.changes.refresh_configuration_server import RefreshConfigurationServer
from failback.changes.remedies import CARRIED_OUT
from failback.changes.remedy import CannotChange, Remedy, Weight, moved
from failback.changes.remembering import remember_attached
from failback.changes.weighing import weigh
from failback.changes.wire import Wire
from failback.changes.world import OPEN_WINDOW, Confirm, World
from failback.errors import FailbackError, InterruptedByOperatorError, UsageError
from failback.progress import Cancelled, Progress
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _, ngettext

_MAKES_NO_SENSE: Final = (AttributeError, KeyError, IndexError, TypeError, ValueError)
"""What a remedy raises for a wanted state that it never planned: a plan is a file, and may hold anything."""

_LOCKED_KINDS: Final = frozenset({"master-target", "machine"})
"""Kinds of targets whose changes look at the lock on a VM, whatever else they read."""


def remedy_of(change: Change) -> Remedy:
    """Return the remedy of a change; raises `UsageError` for one this program does not have."""
    remedy = CARRIED_OUT.get(change.remedy)
    if remedy is None:
        raise UsageError(
            _("the plan"),
            _("it has a change this program does not know, {name}").format(name=visible(change.remedy)),
            _("make a new one: failback plan"),
        )
    return remedy


def weight_of(change: Change) -> Weight:
    """Return how a change wants to be confirmed; raises `UsageError` for a remedy this program does not have."""
    return Weight.IRREVERSIBLE if change.remedy == TAKE_OVER else weigh(change, remedy_of(change).weight)


@dataclass
class Run:
    """One change on its way. `still_open` names the entry of an earlier change of a target whose end nobody knows."""

    world: World
    origin: Origin
    confirm: Confirm
    progress: Progress
    cancelled: Cancelled
    locks: Locks
    still_open: Mapping[str, str]
    entry_id: str | None = None
    unwritten: str = ""
    case: Case | None = None

    def carry_out(self, planned: Change) -> Outcome:
        """Take the change through every stage and return what became of it."""
        change = planned
        try:
            change = self._locked(self._confirmed(planned))
            self.entry_id = self._intended(change)
            self._send(change)
            evidence = self._verified(change)
            return self._ended(change, Word.VERIFIED, evidence)
        except Stop as stop:
            return self._ended(change, stop.word, stop.evidence)

    # -- before anything is sent

    def _confirmed(self, planned: Change) -> Change:
        """Return the change as it was shown and agreed to, made from a look that is still fresh."""
        self._refuse_while_open(planned)
        fresh = self._with_rights(self._still_holds(planned))
        if remedy_of(fresh).locks:
            self.locks.stop_if_left_to_another(fresh.target, self._case())
        answer = self.confirm(fresh)
        if not answer.agreed:
            raise Stop(Word.DECLINED, _("not confirmed; nothing was sent"))
        if weight_of(fresh).wants_the_name and answer.typed != fresh.target.name:
            raise Stop(Word.DECLINED, _("the name that was typed is not that of the target; nothing was sent"))
        self._stop_if_cancelled()
        self._reach(fresh)
        if not timedelta(0) <= self._age() <= self._limit():  # before zero: the clock was set back
            fresh = self._still_holds(fresh)
        return fresh

    def _locked(self, change: Change) -> Change:
        """Return the change under the lock it wants, read again once more where the lock had to be written."""
        if remedy_of(change).locks and self.locks.take(change.target, self._case()):
            change = self._still_holds(change)
        self._stop_if_cancelled()
        return change

    def _refuse_while_open(self, change: Change) -> None:
        entry = self.still_open.get(change.target.ref)
        if entry is not None:
            why = _("nothing was sent: what became of change {id} of it is not known yet; see failback history")
            raise Stop(Word.FAILED, why.format(id=visible(entry)))

    def _still_holds(self, change: Change) -> Change:
        """Read everything the change rests on again and return it made anew; stops when anything moved."""
        self.progress(_("{title}: reading again what it rests on").format(title=change.title))
        self.case = case = self._look(change)
        try:
            self.locks.seen(case)
            if self.origin.undoes is None:  # what is undone stands in the journal, whoever is chosen now
                check_named(case, change.target)
            change = self.locks.writes.carried_over(change)
            fresh = remedy_of(change).again(change, case)
        except NotSeen as missing:
            why = _("nothing was sent: what it rests on cannot be read ({why})").format(why=missing.reason)
            raise Stop(Word.FAILED, why) from missing
        except CannotChange as refused:
            raise Stop(Word.STALE, _("nothing was sent: {what}").format(what=refused.reason)) from refused
        except _MAKES_NO_SENSE as odd:
            raise Stop(
                Word.STALE,
                _("nothing was sent: what the plan says of it makes no sense here ({error})").format(
                    error=visible(f"{type(odd).__name__}: {odd}")
                ),
            ) from odd
        differences = moved(change, fresh)
        if differences:
            raise Stop(Word.STALE, _("nothing was sent: {what}").format(what="; ".join(differences)))
        return fresh

    def _look(self, change: Change) -> Case:
        systems = remedy_of(change).reads
        if change.target.kind in _LOCKED_KINDS:
            systems |= {"vcenter"}
        try:
            return self.world.look(systems)
        except InterruptedByOperatorError as stopped:
            raise Stop(Word.CANCELLED, _("stopped before anything of it was sent")) from stopped
        except FailbackError as error:
            raise Stop(Word.FAILED, _("nothing was sent: {why}").format(why=error.message())) from error

    def _with_rights(self, change: Change) -> Change:
        """Return the change with what the account lacks for it said beside what it disturbs.

        What cannot be found out is told and refused by nobody: the system itself decides when the call arrives.
        """
        found = []
        for system in dict.fromkeys(call.system for call in change.calls):
            try:
                lacking = self.world.wire(system).lacking(change)
            except NotSeen as unknown:
                self.progress(_("whether this account may do it is not known ({why})").format(why=unknown.reason))
                continue
            except FailbackError:
                continue  # it does not answer: `_reach` says so before anything is written down
            if lacking:
                found.append(_("THIS ACCOUNT LACKS {names}: it will be refused").format(names=", ".join(lacking)))
        for sentence in found:
            self.progress(sentence)
        return replace(change, disturbs=". ".join([change.disturbs, *found])) if found else change

    def _reach(self, change: Change) -> None:
        """Make sure that every system of the change answers, before its intent is written down."""
        try:
            for system in dict.fromkeys(call.system for call in change.calls):
                self.world.wire(system).ready(change)
        except FailbackError as error:
            raise Stop(Word.FAILED, _("nothing was sent: {why}").format(why=error.message())) from error

    def _stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise Stop(Word.CANCELLED, _("stopped before anything of it was sent"))

    def _case(self) -> Case:
        if self.case is None:  # pragma: no cover -- `_still_holds` comes first
            raise AssertionError
        return self.case

    def _age(self) -> timedelta:
        return self.world.clock.now() - self._case().now

    def _limit(self) -> timedelta:
        """Return how old a reading may be: the open window, or the profile's limit for a verdict where that is less."""
        return min(OPEN_WINDOW, timedelta(minutes=self._case().limits.verdict_minutes))

    # -- sending

    def _intended(self, change: Change) -> str:
        """Write the intent down; without it on disk nothing is sent."""
        try:
            return self.world.journal.intent(change, self.origin)
        except FailbackError as error:
            raise Stop(Word.FAILED, _("nothing was sent: {why}").format(why=error.message())) from error

    def _send(self, change: Change) -> None:
        """Send the calls one after the other, each followed to its end before the next."""
        for number, call in enumerate(change.calls):
            try:
                self._send_one(change, call, number)
            except Stop as stop:
                raise Stop(stop.word, _so_far(change, number, stop.evidence)) from stop

    def _send_one(self, change: Change, call: Call, number: int) -> None:
        if self.unwritten:
            raise Stop(Word.FAILED, _("nothing is sent without a journal"))
        self.progress(change.title)
        wire = self._wire(call.system)
        self._followed(wire, call, self._sent(wire, change, call))

    def _wire(self, system: str) -> Wire:
        try:
            return self.world.wire(system)
        except FailbackError as error:
            raise Stop(Word.FAILED, _("the call was not sent: {why}").format(why=error.message())) from error

    def _sent(self, wire: Wire, change: Change, call: Call) -> Operation:
        """Send one call and write down by which handle its work is found."""
        try:
            operation = wire.send(call)
        except FailbackError as error:
            stop = stopped_by(error)
            if stop.word is Word.UNKNOWN:
                self._note_moment(change)
            raise stop from error
        self._note_moment(change)
        self._keep(lambda entry_id: self.world.journal.sent(entry_id, operation))
        return operation

    def _followed(self, wire: Wire, call: Call, operation: Operation) -> None:
        """Wait for the end of what was sent."""
        try:
            wire.follow(call, operation, self.progress, self.cancelled)
        except FailbackError as error:
            raise stopped_by(error) from error

    def _note_moment(self, change: Change) -> None:
        """Remember when it was sent, where the rules count their minutes from then, whatever becomes of it."""
        now, memory = self.world.clock.now(), self.world.memory
        if change.remedy == RefreshConfigurationServer.id:
            self._keep(lambda _entry_id: memory.note_refresh(change.target.ref, now))
        elif change.remedy == FormatRetentionVolume.id:
            self._keep(lambda _entry_id: memory.note_formatted(str(change.rests_on[MASTER_TARGET]), now))

    def _keep(self, write: Callable[[str], None]) -> None:
        """Write something down about a change that is under way; a full disk must not hide what became of it."""
        try:
            write(self.entry_id or "")
        except FailbackError as error:
            self.unwritten = error.message()

    # -- after

    def _verified(self, change: Change) -> str:
        """Read again and return the evidence; stops when what was read is not what was planned."""
        self.progress(_("{title}: reading again what became of it").format(title=change.title))
        try:
            case = self.world.look_to_the_end(remedy_of(change).reads)
            self._note_version(change, case)
            found = remedy_of(change).verify(change, case)
        except (CannotChange, NotSeen) as missing:
            raise Stop(
                Word.NOT_VERIFIED, _("done, but it could not be read again: {why}").format(why=missing.reason)
            ) from missing
        except FailbackError as error:
            raise Stop(
                Word.NOT_VERIFIED, _("done, but it could not be read again: {why}").format(why=error.message())
            ) from error
        if not found.holds:
            raise Stop(Word.NOT_VERIFIED, found.evidence)
        self._keep(lambda _entry_id: remember_attached(self.world.memory, change, case))
        return found.evidence

    def _note_version(self, change: Change, case: Case) -> None:
        """Note the version this change led to, so that the next one of the plan is not stale for it."""
        before = version_of(self._case(), change.target.ref)
        self.locks.writes.note(change.target.ref, before, version_of(case, change.target.ref))

    def _ended(self, change: Change, word: Word, evidence: str) -> Outcome:
        """Write the outcome down, when anything was going to be sent; what cannot be written is told with it."""
        if self.entry_id is not None:
            self._keep(lambda entry_id: self.world.journal.outcome(entry_id, word.value, evidence))
        if self.unwritten:
            evidence = _("{evidence} (not everything of this is written down: {why})").format(
                evidence=evidence, why=self.unwritten
            )
        return Outcome(change, word, evidence, self.entry_id)


def _so_far(change: Change, number: int, why: str) -> str:
    """Return what ended a change, with those of its calls that had been carried out before."""
    if not number:
        return why
    done = ngettext(
        "{count} of its {all} calls was carried out before ({names})",
        "{count} of its {all} calls were carried out before ({names})",
        number,
    ).format(count=number, all=len(change.calls), names=", ".join(visible(one.method) for one in change.calls[:number]))
    return _("{why}; {done}").format(why=why.rstrip(". "), done=done)
