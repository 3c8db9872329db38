"""The lock that keeps two operators apart: a row of extraConfig on the master target's VM, for everybody to see.

It keeps nobody out who does not look: vCenter knows nothing of it. Every failback looks, at the VM itself, before it
changes a master target or a machine that comes home through one, and it is written with the guard of `changeVersion`,
so that of two who take it at the same moment one is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from failback.changes.change import Call, Change, ChangeTarget
from failback.changes.on_vcenter import RECONFIGURE, vm_call
from failback.changes.plan import utc_text, utc_time
from failback.errors import UsageError
from wizard_steps.case import Case, Machine
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_azure import same_id
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

KEY: Final = "failback.lock"
TAKE_OVER: Final = "take-over-lock"
"""The id under which taking over somebody's lock is shown and confirmed, by the typed name of the master target."""

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Lock:
    """Who changes a master target, from which computer, since when (aware, UTC). `id` tells one taking from another."""

    id: str
    by: str
    on: str
    at: datetime

    def to_json(self) -> dict[str, str]:
        """Return the lock as JSON values."""
        return {"id": self.id, "by": self.by, "on": self.on, "at": utc_text(self.at)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Lock:
        """Return the lock that `to_json` wrote; raises `ValueError` for anything else."""
        try:
            lock = Lock(str(data["id"]), str(data["by"]), str(data["on"]), utc_time(data["at"]))
        except (KeyError, TypeError, UsageError) as error:
            raise ValueError(data) from error
        if not _ID.fullmatch(lock.id):
            raise ValueError(data)
        return lock

    def text(self) -> str:
        """Return the value of the row."""
        return json.dumps(self.to_json(), sort_keys=True)

    def shown(self) -> str:
        """Return who holds it, safe to show: `ann on jump01 since 2026-11-22 10:00 UTC`."""
        return _("{who} on {where} since {time} UTC").format(
            who=visible(self.by), where=visible(self.on), time=f"{self.at:%Y-%m-%d %H:%M}"
        )


@dataclass(frozen=True)
class Held:
    """The lock found on a VM: its raw text, and what it says when this program wrote it."""

    raw: str
    lock: Lock | None

    def shown(self) -> str:
        """Return who holds it, safe to show."""
        return (
            self.lock.shown()
            if self.lock is not None
            else _("somebody (it says {text})").format(text=visible(self.raw))
        )


@dataclass(frozen=True)
class Guarded:
    """A master target whose lock is wanted: its name, its VM, and the VM as the target of a change."""

    name: str
    vm: VirtualMachine
    target: ChangeTarget


def held(vm: VirtualMachine) -> Held | None:
    """Return the lock on a VM; `None`: there is none. Raises `NotSeen`."""
    for key, value in vm.extra_config.value.items():
        if key.casefold() == KEY and value.raw:
            return _understood(value)
    return None


def _understood(value: Outside) -> Held:
    try:
        data = json.loads(value.raw)
        return Held(value.raw, Lock.from_json(data))
    except ValueError:
        return Held(value.raw, None)


def guarding(case: Case, target: ChangeTarget) -> Guarded | None:
    """Return the master target that a change of `target` is kept apart by; `None` where no lock is wanted.

    That is the master target itself, or the one through which the machine comes home. Where its VM cannot be told,
    there is nothing to lock.
    """
    for one in case.targets.or_else(()):
        vm, vcenter = one.vm.or_else(None), case.vcenter.instance_uuid.or_else(None)
        if vm is None or vcenter is None:
            continue
        itself = ChangeTarget("master-target", one.name, "vcenter", f"{vcenter}/{vm.ref}")
        if itself.ref == target.ref or any(_is(machine, vcenter, target.ref) for machine in one.machines):
            return Guarded(one.name, vm, itself)
    return None


def _is(machine: Machine, vcenter: str, ref: str) -> bool:
    """Tell whether a change's reference means this machine: its item, its Azure VM or its VM on-premises."""
    source = machine.source_vm.or_else(None)
    azure = machine.azure_vm.or_else(None)
    if source is not None and ref == f"{vcenter}/{source.ref}":
        return True
    return same_id(machine.item.id, ref) or (azure is not None and same_id(azure.id, ref))


@dataclass(frozen=True)
class Wanted:
    """A lock that carrying out changes takes: on which master target (raw name), for which changes (their ids).

    `there` is the lock that stands in its place now. `is_ours`: a run of this journal wrote it and was cut off.
    `unread` is why nobody can tell whether there is one; then nothing is sent.
    """

    name: str
    changes: frozenset[str]
    there: Held | None = None
    is_ours: bool = False
    unread: str = ""

    @property
    def is_foreign(self) -> bool:
        """Whether another operator holds it, so that going on means taking it over."""
        return self.there is not None and not self.is_ours

    def told(self) -> str:
        """Return in a sentence how it stands, safe to show."""
        name = Outside(self.name).shown()
        if self.unread:
            return _(
                "{name}: whether somebody else holds its lock cannot be read ({why}); nothing is sent then"
            ).format(name=name, why=visible(self.unread))
        if self.there is None:
            return _("{name} is locked for you meanwhile ({key}); nobody holds it now").format(name=name, key=KEY)
        if self.is_ours:
            return _("{name}: the lock of your own run of {time} UTC, which was cut off, is taken up").format(
                name=name, time=f"{self.there.lock.at:%Y-%m-%d %H:%M}" if self.there.lock is not None else "?"
            )
        return _("{name} is LOCKED by {who}: it is taken over only if you type its name").format(
            name=name, who=self.there.shown()
        )


def all_wanted(case: Case, changes: Iterable[Change], ours: Collection[str]) -> tuple[Wanted, ...]:
    """Return the locks that carrying out `changes` takes, each once; `ours` are the ids of locks of this journal."""
    found: dict[str, tuple[Guarded, list[str]]] = {}
    for change in changes:
        guarded = guarding(case, change.target)
        if guarded is not None:
            found.setdefault(guarded.target.ref, (guarded, []))[1].append(change.id)
    return tuple(_wanted(guarded, frozenset(ids), ours) for guarded, ids in found.values())


def _wanted(guarded: Guarded, changes: frozenset[str], ours: Collection[str]) -> Wanted:
    try:
        there = held(guarded.vm)
    except NotSeen as missing:
        return Wanted(guarded.name, changes, unread=missing.reason)
    is_ours = there is not None and there.lock is not None and there.lock.id in ours
    return Wanted(guarded.name, changes, there, is_ours)


def on_targets(case: Case) -> tuple[tuple[str, Held], ...]:
    """Return every lock on a chosen master target, with the target's raw name; what was not seen is left out."""
    found = []
    for one in case.targets.or_else(()):
        try:
            lock = held(one.vm.value)
        except NotSeen:
            continue
        if lock is not None:
            found.append((one.name, lock))
    return tuple(found)


def writing(vm: VirtualMachine, value: str) -> Call:
    """Return the call that writes the row, guarded by the VM's version; an empty value takes the row away."""
    row = {"key": KEY, "value": value}
    return vm_call("ReconfigVM_Task", vm, spec={"changeVersion": vm.change_version.value, "extraConfig": [row]})


def taking_over(guarded: Guarded, there: Held, lock: Lock) -> Change:
    """Return what is shown to somebody who may take over another's lock: it is agreed to by the typed name only."""
    return Change(
        id=f"{TAKE_OVER}:{guarded.name}",
        remedy=TAKE_OVER,
        requirement="",
        title=_("Take over {name}, which is locked").format(name=Outside(guarded.name).shown()),
        target=guarded.target,
        before={KEY: there.shown()},
        after={KEY: lock.shown()},
        calls=(writing(guarded.vm, lock.text()),),
        rests_on={"changeVersion": guarded.vm.change_version.value},
        disturbs=_("whoever holds it may be changing it at this very moment: ask them first"),
        reversible=False,
        undo=_("the other one's changes stop, with what is under way left to its end"),
        privileges=(RECONFIGURE,),
    )
