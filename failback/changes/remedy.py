"""The shape of a remedy: pure functions from what was seen to a change, and from what is seen afterwards to a verdict.

A remedy brings one target to a wanted state. Mending wants the state the requirement asks for; undoing wants the state
that was recorded before. Both are the same function, so that what can be done can be undone, and a change can be made
anew from a fresh look and compared. How calls are sent and followed is the same for all and stands in `sending`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

from failback.changes.change import Call, Change, ChangeTarget, State, in_words
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.wording import _

BOTH = frozenset({"vcenter", "azure"})
VCENTER = frozenset({"vcenter"})
AZURE = frozenset({"azure"})


IDENTITY = "instanceUuid"
"""What a change of a VM rests on above all: that the managed object is still the very same VM."""


class Weight(str, Enum):
    """How much a change asks of the person who confirms it."""

    HARMLESS = "harmless"  # asks once
    DISRUPTIVE = "disruptive"  # names what stops
    RISKY = "risky"  # can be undone, but puts data at risk: wants the target's name typed
    IRREVERSIBLE = "irreversible"  # wants the target's name typed

    @property
    def wants_the_name(self) -> bool:
        """Whether a yes is not enough: the target's name has to be typed."""
        return self in (Weight.RISKY, Weight.IRREVERSIBLE)


class CannotChange(Exception):
    """There is no change to make; `reason` is a translated clause, safe to show."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Verification:
    """What reading again showed: whether the wanted state holds, and the evidence in one sentence."""

    holds: bool
    evidence: str


@dataclass(frozen=True)
class Shape:
    """What a remedy says of a change; the rest (id, requirement, target) follows from where it is planned."""

    title: str
    before: State
    after: State
    calls: tuple[Call, ...]
    rests_on: State
    disturbs: str
    reversible: bool
    undo: str
    privileges: tuple[str, ...]


class Remedy(ABC):
    """One kind of change. A subclass is a small module; the registry is `remedies.REMEDIES`."""

    id: ClassVar[str]
    weight: ClassVar[Weight]
    reads: ClassVar[frozenset[str]] = BOTH
    """The systems a shape's values come from: these are read again before it is sent, and after. The other side is
    as it was at the last look. Narrow it only where `shape` and `verify` take every value from one side."""
    proves: ClassVar[bool] = True
    """Whether `verify` alone proves that the change took effect; `False`: only the operation's own good end does."""
    probes: ClassVar[bool] = False
    """Whether it rests on the answers of Azure's network probes, which a plain look does not ask for."""
    locks: ClassVar[bool] = True
    """Whether its target is locked against another operator meanwhile; `False` for what changes nothing."""

    @abstractmethod
    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return what a finding asks to change; raises `NotSeen` or `CannotChange` with the reason."""

    @abstractmethod
    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Return how `target` gets from what was seen to `wanted`; `None` is the state the requirement asks for.

        Pure: equal cases give equal shapes. Raises `NotSeen` when something it rests on was not seen, and
        `CannotChange` when there is nothing to change or it must not be changed.
        """

    @abstractmethod
    def verify(self, change: Change, case: Case) -> Verification:
        """Judge a fresh look after all calls ended well; raises `NotSeen` when what decides was not seen."""

    def is_untouched(self, change: Change, case: Case) -> bool:
        """Tell whether a fresh look proves that nothing of a change was done; raises `NotSeen` or `CannotChange`."""
        return dict(self.again(change, case).before) == dict(change.before)

    def plan(self, case: Case, finding: Finding) -> Change:
        """Return the change that mends a finding; raises `NotSeen` or `CannotChange` with the reason."""
        target = self.target_of(case, finding)
        return self._change(f"{self.id}:{target.name}", finding.requirement.id, target, self.shape(case, target, None))

    def again(self, change: Change, case: Case) -> Change:
        """Return the same change made anew from a fresh look; raises `NotSeen` or `CannotChange`."""
        return self._change(change.id, change.requirement, change.target, self.shape(case, change.target, change.after))

    def _change(self, change_id: str, requirement: str, target: ChangeTarget, shape: Shape) -> Change:
        return Change(id=change_id, remedy=self.id, requirement=requirement, target=target, **vars(shape))

    def undo(self, change: Change, case: Case) -> Change:
        """Return the change that restores what `change` recorded before it was sent.

        Raises `CannotChange` when it cannot be undone, or when the target is no longer as the change left it.
        """
        if not change.reversible:
            raise CannotChange(change.undo)
        back = self.shape(case, change.target, change.before)
        if change.rests_on.get(IDENTITY) != back.rests_on.get(IDENTITY):
            raise CannotChange(_("another VM stands where the changed one stood"))
        for key, left in change.after.items():
            if back.before.get(key) != left:
                raise CannotChange(
                    _("it is no longer as this change left it: {what} is {now}").format(
                        what=visible(key), now=in_words(back.before.get(key))
                    )
                )
        return replace(self._change(f"undo:{change.id}", change.requirement, change.target, back), reversible=True)


def moved(change: Change, fresh: Change) -> tuple[str, ...]:
    """Name everything that `change` rests on and that a fresh look shows otherwise; empty: it still holds.

    Texts for people are not compared (they may be in another language): what is shown and sent is always the fresh
    change, and this makes sure that it is the one that was planned.
    """
    differences = [
        _("{what} was {then} and is {now}").format(
            what=visible(key), then=in_words(old.get(key)), now=in_words(new.get(key))
        )
        for old, new in ((change.rests_on, fresh.rests_on), (change.before, fresh.before), (change.after, fresh.after))
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key) or (key in old) != (key in new)
    ]
    if not set(fresh.after) <= set(fresh.before):  # every remedy tells of what it changes how it is now
        differences.append(_("it wants more changed than this change is about"))
    if not differences and (change.calls, change.privileges) != (fresh.calls, fresh.privileges):
        differences.append(_("its calls are not those that this change consists of"))
    return tuple(dict.fromkeys(differences))
