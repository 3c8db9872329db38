"""An override of one VM in the configuration of a group it is in: a cluster (DRS), a datastore cluster (Storage DRS).

The group goes on moving everything else. Its configuration has no version, so nothing guards the call (recipe R4).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_master_target import OnMasterTarget
from failback.changes.on_vcenter import identity, moref, named, vm_of
from failback.changes.remedy import CannotChange, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

Entry = Mapping[str, Any]
"""An override: `enabled`, and `behavior` where it names one."""


@dataclass(frozen=True)
class Override:
    """The override of the VM in one group: its name in a plan, what it is now, and the call that writes a row."""

    key: str
    now: Entry | None
    call: Callable[[dict[str, Any]], Call]


@dataclass(frozen=True)
class Words:
    """What the remedy of one kind of group says, translated; `{name}` in the titles is the VM."""

    excludes: str
    puts_back: str
    as_wanted: str
    disturbs: str
    not_as_planned: str
    left_alone: str
    as_it_was: str


class VmOverride(OnMasterTarget):
    """The override for the VM says: not enabled; one call for each group. The entry that is there is edited."""

    weight = Weight.HARMLESS
    machine_key: ClassVar[str]
    """What a row of the specification calls the machine."""
    privilege: ClassVar[str]

    @abstractmethod
    def overrides(self, case: Case, vm: VirtualMachine) -> tuple[Override, ...]:
        """Return the VM's override in each group it is in; raises `NotSeen`, or `CannotChange` when it is in none."""

    @abstractmethod
    def rests_on(self, case: Case, vm: VirtualMachine) -> State:
        """Return what of the groups the change rests on; raises `CannotChange` where they would not heed it."""

    @abstractmethod
    def words(self) -> Words:
        """Return what is said of it."""

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add, edit or remove the override in every group, by what is there now."""
        vm, words = vm_of(case, target), self.words()
        overrides = self.overrides(case, vm)
        before = {one.key: one.now for one in overrides}
        after = {key: switched_off(now) for key, now in before.items()} if wanted is None else dict(wanted)
        calls = tuple(
            one.call(override_row(vm, self.machine_key, one.now, after.get(one.key)))
            for one in overrides
            if one.now != after.get(one.key)
        )
        if not calls:
            raise CannotChange(words.as_wanted)
        title = words.excludes if _keep_it(after) else words.puts_back
        return Shape(
            title=title.format(name=named(target)),
            before=before,
            after=after,
            calls=calls,
            rests_on={**identity(vm), **self.rests_on(case, vm)},
            disturbs=words.disturbs,
            reversible=True,
            undo=_("the override gets its old value back, or is removed where there was none"),
            privileges=(self.privilege,),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Read the overrides again."""
        words = self.words()
        now = {one.key: one.now for one in self.overrides(case, vm_of(case, change.target))}
        if now != dict(change.after):
            return Verification(False, words.not_as_planned)
        return Verification(True, words.left_alone if _keep_it(now) else words.as_it_was)


def entry(enabled: bool | None, behavior: str | None) -> Entry:  # noqa: FBT001 -- the two fields of an entry
    """Return an override as state."""
    return {"enabled": enabled, "behavior": behavior}


def switched_off(now: Entry | None) -> Entry:
    """Return the override that keeps the VM where it is; whatever else it says is kept."""
    return entry(False, None if now is None else now["behavior"])


def override_row(vm: VirtualMachine, machine_key: str, now: Entry | None, then: Entry | None) -> dict[str, Any]:
    """Return the row of a specification that turns one override into the other; `None` is "there is none"."""
    machine = moref("VirtualMachine", vm.ref)
    if then is None:
        return {"operation": "remove", "removeKey": machine}
    said = {key: value for key, value in then.items() if value is not None}
    return {"operation": "add" if now is None else "edit", "info": {machine_key: machine, **said}}


def _keep_it(overrides: Mapping[str, Entry | None]) -> bool:
    """Tell whether every override keeps the VM where it is."""
    return all(one is not None and one["enabled"] is False for one in overrides.values())
