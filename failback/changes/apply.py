"""Carry out a plan, change by change, under the locks it wants; and undo one change. `run` takes each on its way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from failback.changes.change import Change, ChangeTarget
from failback.changes.journal import Entry, Origin, undone_by
from failback.changes.locking import Locks
from failback.changes.outcome import Ended, Outcome, Word, unheard
from failback.changes.plan import Plan
from failback.changes.recovery import in_flight, open_targets, recover
from failback.changes.remedy import BOTH, CannotChange
from failback.changes.run import Run, remedy_of, weight_of
from failback.changes.running import alone
from failback.changes.world import OPEN_WINDOW, Confirm, Confirmation, World
from failback.errors import UsageError
from failback.progress import Cancelled, Progress, never, silent
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _

__all__ = ["OPEN_WINDOW", "Confirm", "Confirmation", "World", "apply_plan", "undo_entry", "weight_of"]

GOES_ON_AFTER: Final = frozenset({Word.VERIFIED, Word.DECLINED, Word.STALE})
"""The outcomes after which the next change of the plan is tried; after any other the rest is not started."""

_WORK_GOES_ON: Final = frozenset({Word.UNKNOWN, Word.CANCELLED})


def apply_plan(
    plan: Plan,
    world: World,
    confirm: Confirm,
    progress: Progress = silent,
    cancelled: Cancelled = never,
    ended: Ended = unheard,
) -> tuple[Outcome, ...]:
    """Carry out every change of a plan and return one outcome for each, in order; `ended` hears of each at once.

    First it is found out what became of changes that an earlier run left without an end. Raises `UsageError` when
    nothing of the plan may be carried out here at all (read-only, another profile, a rehearsal's plan for a real site
    or the other way round, an unknown remedy, another run under way); then nothing was sent.
    """
    _refuse_unfit(plan, world)
    origin = Origin(plan.profile, plan.rehearsal, plan.digest)
    with alone(world.journal.path.parent, world.profile):
        return _carried_out(plan.changes, origin, world, confirm, progress, cancelled, ended)


def undo_entry(
    entry: Entry, world: World, confirm: Confirm, progress: Progress = silent, cancelled: Cancelled = never
) -> Outcome:
    """Restore what a change of the history recorded before it was sent, by a change of its own.

    Raises `UsageError` with the reason when it cannot be undone; then nothing was sent.
    """
    _refuse_unfit(Plan(entry.at, entry.origin.profile, entry.origin.rehearsal, (entry.change,)), world)
    with alone(world.journal.path.parent, world.profile):
        entry = _to_be_undone(entry, world, progress, cancelled)
        progress(_("reading what is there now"))
        try:
            back = remedy_of(entry.change).undo(entry.change, world.look(BOTH))
        except CannotChange as refused:
            raise _cannot_undo(entry, refused.reason) from refused
        except NotSeen as missing:
            raise _cannot_undo(entry, missing.reason) from missing
        plan = Plan(world.clock.now(), entry.origin.profile, entry.origin.rehearsal, (back,))
        origin = Origin(plan.profile, plan.rehearsal, plan.digest, undoes=entry.id)
        [outcome] = _carried_out((back,), origin, world, confirm, progress, cancelled)
        return outcome


def _to_be_undone(entry: Entry, world: World, progress: Progress, cancelled: Cancelled) -> Entry:
    """Return the entry as far as is known now; raises `UsageError` where there is nothing of it to take back."""
    if entry.is_open:
        recover(world, progress, cancelled)
        entry = world.journal.entry(entry.id) or entry
    if entry.was_not_done:
        raise _cannot_undo(entry, _("it was not carried out, so what is there is not its doing"))
    if (by := undone_by(world.journal.history()).get(entry.id)) is not None:
        raise _cannot_undo(entry, _("it was undone already, by change {id}").format(id=by.id))
    return entry


def _carried_out(
    changes: Sequence[Change],
    origin: Origin,
    world: World,
    confirm: Confirm,
    progress: Progress,
    cancelled: Cancelled,
    ended: Ended = unheard,
) -> tuple[Outcome, ...]:
    """Carry out changes one after the other, tell of each when it has ended, and let go of the locks at the end."""
    recover(world, progress, cancelled)
    still_open = open_targets(in_flight(world))
    locks = Locks(world, origin, confirm, progress)
    outcomes: list[Outcome] = []
    for change in changes:
        run = Run(world, origin, confirm, progress, cancelled, locks, still_open)
        try:
            outcomes.append(_not_tried(change, outcomes, cancelled) or run.carry_out(change))
            ended(outcomes[-1])
        except Exception:  # a defect of this program: whoever comes next must not find the lock of nobody
            locks.release(busy=locks.over(_going_on(outcomes, [change] if run.entry_id is not None else [])))
            raise
    locks.release(busy=locks.over(_going_on(outcomes)))
    return tuple(outcomes)


def _going_on(outcomes: Sequence[Outcome], unfinished: Sequence[Change] = ()) -> list[ChangeTarget]:
    """Return the targets on which something that was sent may still go on."""
    left = [one.change for one in outcomes if one.entry_id is not None and one.word in _WORK_GOES_ON]
    return [one.target for one in (*left, *unfinished)]


def _refuse_unfit(plan: Plan, world: World) -> None:
    """Raise `UsageError` when the plan may not be carried out here at all."""
    for change in plan.changes:
        remedy_of(change)
    if world.read_only:
        raise UsageError(
            _("the plan"),
            _("this program was started read-only, or the profile says so, and nothing is changed"),
            _("start it without --read-only, or take read_only out of the profile"),
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


def _not_tried(change: Change, outcomes: Sequence[Outcome], cancelled: Cancelled) -> Outcome | None:
    """Return the outcome of a change that is not even begun; None: it is its turn."""
    if outcomes and outcomes[-1].word not in GOES_ON_AFTER:
        return _not_started(change, outcomes)
    if cancelled():
        return Outcome(change, Word.CANCELLED, _("stopped before anything of it was sent"))
    return None


def _not_started(change: Change, outcomes: Sequence[Outcome]) -> Outcome:
    stopped = next(one for one in outcomes if one.word not in GOES_ON_AFTER)
    return Outcome(
        change,
        Word.NOT_STARTED,
        _("not started: {title} came out as {word}").format(title=stopped.change.title, word=stopped.word.value),
    )
