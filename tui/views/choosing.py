"""What can be chosen, and the choices that come of it: pure functions from choices to choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wizard_steps.case import Case, Machine
from wizard_steps.choices import Choices, LocationChoice, TargetChoice
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _

MASTER_TARGET, PROCESS_SERVER, VOLUME, HOST, DATASTORE = (
    "master-target",
    "process-server",
    "volume",
    "host",
    "datastore",
)
_TITLES = {
    MASTER_TARGET: N_("master target"),
    PROCESS_SERVER: N_("process server"),
    VOLUME: N_("retention volume"),
    HOST: N_("ESXi host"),
    DATASTORE: N_("datastore"),
}
_OF_STEP = {4: (PROCESS_SERVER,), 7: (MASTER_TARGET,), 8: (MASTER_TARGET,), 9: (VOLUME,), 10: (HOST, DATASTORE)}


@dataclass(frozen=True)
class Slot:
    """One thing to choose: its kind, for which master target or machine (raw name), and what is chosen now."""

    kind: str
    owner: str
    chosen: str | None

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.kind}|{self.owner}"

    @property
    def title(self) -> str:
        """What it is, in words."""
        return _(_TITLES[self.kind])

    @property
    def sentence(self) -> str:
        """What it is, for what, and how it stands."""
        owner = visible(self.owner) if self.owner else _("every machine without one")
        chosen = visible(self.chosen) if self.chosen else _("not chosen yet")
        return _("{owner}: {what}: {chosen}").format(owner=owner, what=self.title, chosen=chosen)


def slots(case: Case, step: int | None = None) -> tuple[Slot, ...]:
    """Return everything to choose, or what one step is about."""
    found: list[Slot] = []
    for target in case.choices.targets:
        name = target.master_target
        found += [
            Slot(MASTER_TARGET, name, name),
            Slot(PROCESS_SERVER, name, target.process_server),
            Slot(VOLUME, name, target.retention_volume),
            Slot(HOST, name, target.esxi_host),
        ]
    homeless = [one for one in case.machines.or_else(()) if one.target.or_else(None) is None]
    if homeless or not case.choices.targets:
        found.append(Slot(MASTER_TARGET, "", None))
    found += [
        Slot(DATASTORE, one.name, one.choice.datastore)
        for one in case.machines.or_else(())
        if one.location.or_else(None) == "alternate"
    ]
    kinds = _OF_STEP.get(step or 0)
    return tuple(one for one in found if kinds is None or one.kind in kinds)


def with_choice(case: Case, slot: Slot, value: str) -> Choices:
    """Return the choices with `value` in a slot."""
    if slot.kind == MASTER_TARGET:
        return _with_master_target(case, slot.owner, value)
    if slot.kind == DATASTORE:
        return _with_location(case.choices, slot.owner, "alternate", value)
    targets = tuple(
        _put(one, slot.kind, value) if one.master_target == slot.owner else one for one in case.choices.targets
    )
    return replace(case.choices, targets=targets)


def _put(target: TargetChoice, kind: str, value: str) -> TargetChoice:
    if kind == PROCESS_SERVER:
        return replace(target, process_server=value)
    return replace(target, retention_volume=value) if kind == VOLUME else replace(target, esxi_host=value)


def _with_master_target(case: Case, old: str, new: str) -> Choices:
    """Put another master target in the place of one; with none to replace, let it take every machine that has none.

    What was chosen with the old one (volume, host) is not what the new one has; the process server stays.
    """
    targets = list(case.choices.targets)
    if old:
        fresh = [
            TargetChoice(new, one.process_server, machines=one.machines)
            if one.master_target == old and new != old
            else one
            for one in targets
        ]
        return replace(case.choices, targets=tuple(fresh))
    homeless = tuple(one.name for one in case.machines.or_else(()) if one.target.or_else(None) is None)
    process_server = targets[0].process_server if targets else None
    return replace(
        case.choices, targets=(*targets, TargetChoice(new, process_server, machines=homeless if targets else ()))
    )


def with_location(case: Case, machine: Machine, mode: str) -> Choices:
    """Return the choices with a machine coming home to its original place, or to another."""
    return _with_location(case.choices, machine.name, mode, machine.choice.datastore if mode == "alternate" else None)


def _with_location(choices: Choices, machine: str, mode: str, datastore: str | None) -> Choices:
    others: Sequence[LocationChoice] = [
        one for one in choices.locations if one.machine.casefold() != machine.casefold()
    ]
    return replace(choices, locations=(*others, LocationChoice(machine, mode, datastore)))
