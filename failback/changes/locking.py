"""Taking the locks of one run, seeing on every reading that they are still ours, and letting go at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from failback.changes.change import Call, ChangeTarget
from failback.changes.journal import LockEntry, LockState, Origin
from failback.changes.lock import Guarded, Held, Lock, guarding, held, taking_over, writing
from failback.changes.operation import Operation
from failback.changes.outcome import Stop, Word, stopped_by
from failback.changes.own_writes import OwnWrites, version_of
from failback.changes.remedy import VCENTER
from failback.changes.world import Confirm, World
from failback.errors import FailbackError, StalePlanError
from failback.progress import Progress, never
from wizard_steps.case import Case
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

TRIES: Final = 3
"""How often letting go is tried when somebody else edits the VM in between."""


@dataclass
class _Mine:
    """A lock of this run; `version` is that of the VM before it was written, until it has been read again."""

    lock: Lock
    target: ChangeTarget
    version: str | None = None
    seen: bool = False


@dataclass
class Locks:
    """The locks of one run of changes."""

    world: World
    origin: Origin
    confirm: Confirm
    progress: Progress
    writes: OwnWrites = field(default_factory=OwnWrites)
    _mine: dict[str, _Mine] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _over: dict[str, str] = field(default_factory=dict)

    def over(self, targets: Iterable[ChangeTarget]) -> frozenset[str]:
        """Return the references of the master targets that are locked for changes of `targets`."""
        return frozenset(self._over[one.ref] for one in targets if one.ref in self._over)

    def stop_if_left_to_another(self, target: ChangeTarget, case: Case) -> None:
        """Raise `Stop` where the lock that a change of `target` wants was left to its holder: nobody is asked again."""
        wanted = guarding(case, target)
        if wanted is not None and (why := self._refused.get(wanted.target.ref)) is not None:
            raise Stop(Word.DECLINED, why)

    def take(self, target: ChangeTarget, case: Case) -> bool:
        """Lock the master target that a change of `target` is kept apart by; raises `Stop` when it cannot be had.

        Returns whether something was written, so that everything has to be read again.
        """
        wanted = guarding(case, target)
        if wanted is None:
            return False
        self._over[target.ref] = wanted.target.ref
        if wanted.target.ref in self._mine:
            return False
        lock = self.world.journal.new_lock()
        self._make_way(wanted, lock)
        self._write(wanted, lock)
        return True

    def seen(self, case: Case) -> None:
        """Check on a fresh reading that every lock of this run is there; raises `Stop` for one that is gone.

        The version that writing it led to is noted as this run's own.
        """
        for ref, mine in self._mine.items():
            vm = _vm(case, ref)
            there = None if vm is None else _held(vm)
            if there is None or there.lock is None or there.lock.id != mine.lock.id:
                raise Stop(Word.STALE, _gone(mine.target.name, there))
            if not mine.seen:
                self.writes.note(ref, mine.version, version_of(case, ref))
                mine.seen = True

    def release(self, *, busy: frozenset[str]) -> None:
        """Let go of every lock of this run, and of those that a run which was cut off left on the same vCenter.

        `busy` are references of targets on which work may still go on: they stay locked, and that is said. Nothing is
        raised: what cannot be let go of is said, and the next run takes it up.
        """
        left = [one for one in self.world.journal.locks() if self._is_left_behind(one)]
        mine = [(one.lock, one.target) for one in self._mine.values()]
        for lock, target in [*mine, *((one.lock, one.target) for one in left)]:
            name = Outside(target.name).shown()
            if target.ref in busy:
                self.progress(_("{name} stays locked: what was begun on it may still go on").format(name=name))
                continue
            try:
                self._release(lock, target)
            except (FailbackError, NotSeen) as error:
                self.progress(
                    _("{name} may still be locked ({why}); the next run lets go of it").format(
                        name=name, why=_reason(error)
                    )
                )
        self._mine.clear()

    def _is_left_behind(self, one: LockEntry) -> bool:
        same = (one.profile, one.rehearsal) == (self.origin.profile, self.origin.rehearsal)
        return same and one.may_be_held and all(one.lock.id != mine.lock.id for mine in self._mine.values())

    # -- taking

    def _make_way(self, wanted: Guarded, lock: Lock) -> None:
        """Make sure nobody else holds it, or that taking it over is agreed to; raises `Stop`."""
        name = Outside(wanted.name).shown()
        try:
            there = held(wanted.vm)
            writing(wanted.vm, "")  # its version has to be known, too
        except NotSeen as missing:
            raise Stop(
                Word.FAILED,
                _("nothing was sent: whether somebody else changes {name} cannot be read ({why})").format(
                    name=name, why=missing.reason
                ),
            ) from missing
        if there is None:
            return
        if self._is_ours(there):
            self.progress(_("{name}: taking up the lock that a run of yours left behind").format(name=name))
            return
        answer = self.confirm(taking_over(wanted, there, lock))
        if not answer.agreed or answer.typed != wanted.name:
            why = _("nothing was sent: {name} is locked by {who}").format(name=name, who=there.shown())
            self._refused[wanted.target.ref] = why
            raise Stop(Word.DECLINED, why)

    def _is_ours(self, there: Held) -> bool:
        """Tell whether a run of this journal wrote it: none of them runs now, or this one would not."""
        return there.lock is not None and there.lock.id in self.world.journal.own_locks(self.origin.profile)

    def _write(self, wanted: Guarded, lock: Lock) -> None:
        name = Outside(wanted.name).shown()
        self.progress(_("{name}: locked for you while it is changed ({key})").format(name=name, key=lock.shown()))
        before = wanted.vm.change_version.value
        try:
            self.world.journal.lock(LockState.TAKING, lock, wanted.target, self.origin)
        except FailbackError as error:
            raise Stop(Word.FAILED, _("nothing was sent: {why}").format(why=error.message())) from error
        try:
            operation = self._carried_out(writing(wanted.vm, lock.text()))
        except Stop as stop:
            if stop.word in (Word.FAILED, Word.STALE):
                self._note(LockState.REFUSED, lock, wanted.target)
            raise Stop(_no_more_than_failed(stop.word), _not_locked(name, stop.evidence)) from stop
        self._note(LockState.TAKEN, lock, wanted.target, operation)
        self._mine[wanted.target.ref] = _Mine(lock, wanted.target, before)

    def _carried_out(self, call: Call) -> Operation:
        wire = self.world.wire(call.system)
        try:
            operation = wire.send(call)
            wire.follow(call, operation, self.progress, never)  # a moment: to stop here would leave it to nobody
        except FailbackError as error:
            raise stopped_by(error) from error
        return operation

    def _note(self, state: LockState, lock: Lock, target: ChangeTarget, operation: Operation | None = None) -> None:
        """Write down how far a lock got; that it cannot be written down is said, and the VM itself tells the truth."""
        try:
            self.world.journal.lock(state, lock, target, self.origin, operation)
        except FailbackError as error:
            self.progress(error.message())

    # -- letting go

    def _release(self, lock: Lock, target: ChangeTarget) -> None:
        """Take the row away where it still says `lock`. Reading first proves that sending it again does no harm."""
        for attempt in range(1, TRIES + 1):
            vm = _vm(self.world.look_to_the_end(VCENTER), target.ref)
            if vm is None:
                return
            there = held(vm)
            if there is None or there.lock is None or there.lock.id != lock.id:
                break
            self.world.journal.lock(LockState.RELEASING, lock, target, self.origin)
            wire, call = self.world.wire("vcenter"), writing(vm, "")
            try:
                wire.follow(call, wire.send(call), self.progress, never)
            except StalePlanError:
                if attempt == TRIES:
                    raise
                continue
            break
        self._note(LockState.RELEASED, lock, target)
        self.progress(_("{name}: no longer locked").format(name=Outside(target.name).shown()))


def _reason(error: FailbackError | NotSeen) -> str:
    return error.why if isinstance(error, FailbackError) else error.reason


def _no_more_than_failed(word: Word) -> Word:
    """Return the word of a change whose lock came out as `word`: of the change itself nothing was sent."""
    return Word.FAILED if word is Word.UNKNOWN else word


def _not_locked(name: str, why: str) -> str:
    return _("nothing was sent: {name} could not be locked ({why})").format(name=name, why=why)


def _gone(name: str, there: Held | None) -> str:
    shown = Outside(name).shown()
    if there is None:
        return _("nothing was sent: the lock on {name} is gone: somebody took it away").format(name=shown)
    return _("nothing was sent: {name} was taken over by {who}").format(name=shown, who=there.shown())


def _held(vm: VirtualMachine) -> Held | None:
    try:
        return held(vm)
    except NotSeen as missing:
        raise Stop(
            Word.FAILED,
            _("nothing was sent: the lock cannot be read again ({why})").format(why=visible(missing.reason)),
        ) from missing


def _vm(case: Case, ref: str) -> VirtualMachine | None:
    """Find a VM again by its reference; raises `NotSeen` when the list of machines was not read."""
    vcenter, _slash, vm_ref = ref.rpartition("/")
    if case.vcenter.instance_uuid.value.casefold() != vcenter.casefold():
        return None
    return next((vm for vm in case.vcenter.machines.value if vm.ref == vm_ref), None)
