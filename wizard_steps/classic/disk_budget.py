"""The 60-disk rule: how many disks a master target holds and is to receive, and who could go where.

A master target takes at most 60 disks, its own included; the machines of a consistency group are never split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wizard_steps.case import Case, Machine, Target
from wizard_steps.classic.heartbeats import is_fresh
from wizard_steps.classic.operating_systems import WINDOWS, family, is_same_or_newer
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_azure import MasterTarget, same_id
from wizard_steps.subjects import consistency_groups
from wizard_steps.wording import _

MOST_DISKS = 60
NEARLY_FULL = 50
_MOST_SEARCHED = 200  # bundles; beyond, the quick answer stands
_MOST_TRIES = 100_000


@dataclass(frozen=True)
class Budget:
    """The disks of one master target: as site recovery counts them, as its VM has them, and those that are to come."""

    listed: int
    attached: int
    coming: int

    @property
    def total(self) -> int:
        """The count that must not exceed 60: the larger of the two readings, and what is to come."""
        return max(self.listed, self.attached) + self.coming


@dataclass(frozen=True)
class Bundle:
    """Machines that must share a master target; `only` is the id of the target that their group uses already.

    `versions` are those of their operating systems, as far as they are stated.
    """

    machines: tuple[str, ...]
    disks: int
    family: str
    only: str | None = None
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room:
    """A master target and the disks it can still take."""

    id: str
    name: str
    family: str
    free: int
    version: str | None = None

    def admits(self, bundle: Bundle) -> bool:
        """Tell whether a bundle may go here at all, whatever the room left: family, group, and no older Windows."""
        if self.family != bundle.family or not (bundle.only is None or same_id(bundle.only, self.id)):
            return False
        if self.family != WINDOWS or self.version is None:
            return True
        mine = self.version
        return not any(is_same_or_newer(mine, version) is False for version in bundle.versions)


@dataclass(frozen=True)
class Placement:
    """Who goes where: names of machines by name of master target; `left_over` fit nowhere."""

    places: Mapping[str, tuple[str, ...]]
    left_over: tuple[Bundle, ...]


def disks_of(machine: Machine) -> int:
    """Return how many disks a machine brings home; raises `NotSeen`."""
    return len(machine.disk_bytes.value)


def budget(case: Case, target: Target) -> Budget:
    """Return the disks of a chosen master target; raises `NotSeen`.

    Site recovery's count holds the target's own disks and those of machines already reprotected through it. A target
    that was chosen twice, for other machines each time, is still one.
    """
    batch = case.machines.value  # a batch nobody read brings an unknown number of disks
    same = [one for one in case.targets.value if same_id(one.id, target.id)] if batch else []
    coming = sum(disks_of(machine) for one in same for machine in one.machines)
    return Budget(target.registered.value.disk_count.value, len(target.vm.value.disks.value), coming)


def bundles(case: Case) -> tuple[Bundle, ...]:
    """Return the batch in parts that must stay together; raises `NotSeen`, also where a group mixes families."""
    batch = {one.item.id: one for one in case.machines.value}
    found = []
    for group in consistency_groups(case):
        members = [batch.pop(one.item.id) for one in group.machines if one.item.id in batch]
        found.append(_bundle(members, _target_in_use(group.machines)))
    return tuple(found) + tuple(_bundle([one], None) for one in batch.values())


def _bundle(machines: Sequence[Machine], only: str | None) -> Bundle:
    families = {family(one.item.os_type.value) for one in machines}
    if len(families) > 1:
        raise NotSeen(_("a consistency group mixes Windows and Linux, so no master target can take it"))
    stated = [one.item.os_version.value for one in machines if one.item.os_version.was_seen]
    return Bundle(
        tuple(one.name for one in machines),
        sum(disks_of(one) for one in machines),
        families.pop(),
        only,
        tuple(one.raw for one in stated if one is not None),
    )


def _target_in_use(machines: Iterable[Machine]) -> str | None:
    return next((one.item.master_target_id.value for one in machines if one.is_reprotected.value), None)


def room_on(target: MasterTarget, attached: int = 0) -> Room:
    """Return the room left on a registered master target; `attached` is what its VM holds, where that was read."""
    taken = max(target.disk_count.value, attached)
    version = target.os_version.or_else(None)
    return Room(
        target.id,
        target.name.raw,
        family(target.os_type.value),
        max(0, MOST_DISKS - taken),
        version.raw if version is not None else None,
    )


def rooms(case: Case) -> tuple[Room, ...]:
    """Return the room on every registered master target that reports; a silent one takes nothing. Raises `NotSeen`."""
    attached = {one.registered.value.id: len(one.vm.value.disks.value) for one in case.targets.or_else(())}
    return tuple(
        room_on(one, attached.get(one.id, 0))
        for one in case.server.value.master_targets.value
        if is_fresh(case, one.last_heartbeat)
    )


def place(wanted: Sequence[Bundle], available: Sequence[Room]) -> Placement:
    """Return an assignment of bundles to master targets.

    The largest bundle goes first, each to the fullest target that still takes it; where that leaves somebody over
    although the disks would fit by number, every other assignment is tried.
    """
    ordered = sorted(wanted, key=lambda one: (-one.disks, one.machines))
    quick = _quick(ordered, available)
    if not quick.left_over or len(ordered) > _MOST_SEARCHED:
        return quick
    return _Search(ordered, available).placement() or quick


def _quick(ordered: Sequence[Bundle], available: Sequence[Room]) -> Placement:
    free = [one.free for one in available]
    chosen: list[int | None] = []
    for bundle in ordered:
        fitting = [n for n, one in enumerate(available) if one.admits(bundle) and free[n] >= bundle.disks]
        best = min(fitting, key=lambda n: free[n], default=None)
        if best is not None:
            free[best] -= bundle.disks
        chosen.append(best)
    return _placement(ordered, available, chosen)


def _placement(ordered: Sequence[Bundle], available: Sequence[Room], chosen: Sequence[int | None]) -> Placement:
    places: dict[str, tuple[str, ...]] = {one.name: () for one in available}
    for bundle, n in zip(ordered, chosen, strict=True):
        if n is not None:
            places[available[n].name] += bundle.machines
    return Placement(places, tuple(bundle for bundle, n in zip(ordered, chosen, strict=True) if n is None))


class _Search:
    """Every assignment in turn, the same remainder never twice; gives up after a fixed number of tries."""

    def __init__(self, ordered: Sequence[Bundle], available: Sequence[Room]) -> None:
        self.ordered, self.available = ordered, available
        self.chosen: list[int | None] = [None] * len(ordered)
        self.hopeless: set[tuple[int, tuple[int, ...]]] = set()
        self.tries = 0

    def placement(self) -> Placement | None:
        """Return an assignment of everybody; None: none was found."""
        if not self._from(0, tuple(one.free for one in self.available)):
            return None
        return _placement(self.ordered, self.available, self.chosen)

    def _from(self, start: int, free: tuple[int, ...]) -> bool:
        if start == len(self.ordered):
            return True
        self.tries += 1
        if (start, free) in self.hopeless or self.tries > _MOST_TRIES:
            return False
        bundle = self.ordered[start]
        for n, room in enumerate(self.available):
            if room.admits(bundle) and free[n] >= bundle.disks:
                self.chosen[start] = n
                if self._from(start + 1, (*free[:n], free[n] - bundle.disks, *free[n + 1 :])):
                    return True
        self.hopeless.add((start, free))
        return False
