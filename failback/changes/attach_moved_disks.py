"""Attach the disks that a master target had and has no more: found by the UUIDs that this program remembers (step 3).

A file is attached only where its UUID is the remembered one, one file carries it, no VM has it, and it is certain on
which VM it belongs: on the master target, at the place where it hung if that is free, or on its own machine's VM. One
change is about one VM. Taking a disk away again leaves its file as it is.
"""

from __future__ import annotations

from typing import Any, Final

from failback.changes.change import Change, ChangeTarget, State, in_words
from failback.changes.lost_disks import FLAT, all_placed, file_of, first_to_have_one, lost_around, standing_on
from failback.changes.on_vcenter import (
    identity,
    master_target_of,
    master_target_vm,
    moref,
    named,
    vm_call,
    vm_of,
    vm_target,
)
from failback.changes.remedy import CannotChange, Remedy, Shape, Verification, Weight
from failback.changes.where_disks_belong import where_it_belongs
from wizard_steps.case import Case
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.estate import DiskPlace
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding
from wizard_steps.scsi_places import LSI, SCSI, disk_at, free_slots, place_of
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _, ngettext

_PERSISTENT: Final = DiskPlace("", "persistent")
_FIRST_NEW_KEY: Final = -401
_KIB: Final = 1024


class AttachMovedDisks(Remedy):
    """One ReconfigVM_Task that attaches every file that was found. Nothing stops."""

    id = "attach-moved-disks"
    weight = Weight.RISKY

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the VM on which a disk belongs that was found: the master target's first, then one machine's."""
        mine = master_target_of(case, finding)
        vm = first_to_have_one(case, mine)
        if vm.ref == mine.vm.value.ref:
            return master_target_vm(case, finding)
        return vm_target(case, "machine", vm.name.raw, vm)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Attach what was found, or take away what was attached, by place."""
        vm = vm_of(case, target)
        left: tuple[str, ...] = ()
        if wanted is None:
            after, left = _found(case, vm)
        else:
            after = dict(wanted)
        kinds = _kinds(case, vm)
        before = {slot: _there(vm, slot, kinds) for slot in after}
        if before == after:
            raise CannotChange(_("the disks are already as wanted"))
        attaches = any(after.values())
        changes = [
            _addition(case, vm, slot, then, _FIRST_NEW_KEY - number) if then else _removal(vm, slot, kinds)
            for number, (slot, then) in enumerate(after.items())
            if before[slot] != then
        ]
        spec = {"changeVersion": vm.change_version.value, "deviceChange": changes}
        return Shape(
            title=_title(target, len(changes), attaches=attaches),
            before=before,
            after=after,
            calls=(vm_call("ReconfigVM_Task", vm, spec=spec),),
            rests_on={**identity(vm), "changeVersion": vm.change_version.value},
            disturbs=_disturbs(target, left, attaches=attaches),
            reversible=True,
            undo=_("the disks are taken away from the VM again; their files stay where they are"),
            privileges=("VirtualMachine.Config.AddExistingDisk", "Datastore.Browse")
            if attaches
            else ("VirtualMachine.Config.RemoveDisk",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look at each place."""
        vm = vm_of(case, change.target)
        kinds = _kinds(case, vm)
        for slot, wanted in change.after.items():
            now = _there(vm, slot, kinds)
            if now != wanted:
                return Verification(
                    False, _("read again, {slot} is not as planned: {now}").format(slot=slot, now=in_words(now))
                )
        if not any(change.after.values()):
            return Verification(True, _("the disks no longer hang on it; their files are untouched"))
        if change.target.kind == "machine":
            return Verification(
                True, _("each disk hangs on its own machine again, by its UUID. Check their order, then start it")
            )
        return Verification(
            True,
            _(
                "each disk hangs on it, by its UUID. Where its file lies elsewhere than before, failback may not "
                "detach it by itself: attach it to its own machine then"
            ),
        )


# -- what is attached, and where


def _kinds(case: Case, vm: VirtualMachine) -> frozenset[str]:
    """Return the controllers on which disks may hang: a master target can use LSI Logic only."""
    return LSI if standing_on(case, vm) is not None else SCSI


def _found(case: Case, vm: VirtualMachine) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what comes to hang at which place, and why the other missing disks are left; raises `CannotChange`."""
    found, refused = all_placed(case, lost_around(case, vm))
    left, after = list(refused), {}
    free = list(free_slots(vm, _kinds(case, vm)))
    for one, its_vm, file in sorted(found, key=lambda each: each[0].file):
        if its_vm.ref != vm.ref:
            left.append(
                _("{disk}: it belongs on {vm}: plan again after this").format(
                    disk=Outside(one.file).shown(), vm=its_vm.name.shown()
                )
            )
            continue
        place = one.place(case) or _PERSISTENT
        try:
            slot = _slot(free, place.slot if its_vm.ref == one.target.vm.value.ref else "")
        except CannotChange as why:
            left.append(why.reason)
            continue
        mode = place.mode or _PERSISTENT.mode
        after[slot] = {"file": file.file_name.raw, "uuid": plain_uuid(one.uuid), "mode": mode}
    if not after:
        raise CannotChange("; ".join(left) or _("no disk of it is missing"))
    return after, tuple(left)


def _slot(free: list[str], remembered: str) -> str:
    """Take the remembered place out of the free ones, or the first; raises `CannotChange` when there is none left."""
    if not free:
        raise CannotChange(_("no controller of the VM has a free place that can be used: add one first"))
    return free.pop(free.index(remembered) if remembered in free else 0)


def _there(vm: VirtualMachine, slot: str, kinds: frozenset[str]) -> dict[str, Any] | None:
    """Return what hangs at a place now; `None`: nothing. Raises `CannotChange` when its controller is gone."""
    if place_of(vm, slot, kinds) is None:
        raise CannotChange(_("no controller that can be used has {slot}").format(slot=Outside(slot).shown()))
    disk = disk_at(vm, slot, kinds)
    if disk is None:
        return None
    return {"file": disk.file_name.raw, "uuid": plain_uuid(disk.uuid or ""), "mode": disk.mode}


# -- what is said and sent


def _title(target: ChangeTarget, count: int, *, attaches: bool) -> str:
    if not attaches:
        return ngettext(
            "Take {count} attached disk away from {name}", "Take {count} attached disks away from {name}", count
        ).format(count=count, name=named(target))
    if target.kind == "machine":
        return ngettext(
            "Attach {count} disk to {name}, its own machine",
            "Attach {count} disks to {name}, their own machine",
            count,
        ).format(count=count, name=named(target))
    return ngettext(
        "Attach {count} disk that was moved away from {name}",
        "Attach {count} disks that were moved away from {name}",
        count,
    ).format(count=count, name=named(target))


def _disturbs(target: ChangeTarget, left: tuple[str, ...], *, attaches: bool) -> str:
    if not attaches:
        return _("what the guest does with these disks stops; take them offline inside it first")
    said = [_("nothing stops, and the files of the disks are not changed")]
    if target.kind == "machine":
        said.append(
            _("each takes the first free place: see that the machine boots from the right one before it is started")
        )
    return ". ".join([*said, *(_("not attached: {why}").format(why=one) for one in left)])


def _addition(case: Case, vm: VirtualMachine, slot: str, then: Any, key: int) -> dict[str, Any]:
    kinds = _kinds(case, vm)
    if disk_at(vm, slot, kinds) is not None:
        raise CannotChange(_("its place, {slot}, is taken").format(slot=slot))
    lost = next((one for one in lost_around(case, vm) if plain_uuid(one.uuid) == plain_uuid(then["uuid"])), None)
    if lost is None:
        raise CannotChange(_("{disk} is not missing there").format(disk=Outside(then["file"]).shown()))
    belongs = where_it_belongs(case, lost.target, lost.file)
    if belongs.ref != vm.ref:
        raise CannotChange(
            _("{disk} belongs on {vm} now").format(disk=Outside(lost.file).shown(), vm=belongs.name.shown())
        )
    found = file_of(case, lost, vm)
    if found.file_name.raw != then["file"]:
        raise CannotChange(
            _("{disk} is now {file}").format(disk=Outside(then["file"]).shown(), file=found.file_name.shown())
        )
    known = case.memory.disk_places.get(lost.target.id.casefold(), {}).values()
    if then["mode"] not in {_PERSISTENT.mode, *(one.mode for one in known)}:
        raise CannotChange(_("no disk of it was ever attached as {mode}").format(mode=Outside(then["mode"]).shown()))
    controller, unit = place_of(vm, slot, kinds) or (0, 0)  # `_there` looked
    backing = {
        "_typeName": FLAT,
        "fileName": found.file_name.raw,
        "datastore": moref("Datastore", found.datastore_ref),
        "diskMode": then["mode"],
    }
    device = {
        "_typeName": "VirtualDisk",
        "key": key,
        "controllerKey": controller,
        "unitNumber": unit,
        "capacityInKB": found.capacity // _KIB,
        "backing": backing,
    }
    return {"operation": "add", "device": device}


def _removal(vm: VirtualMachine, slot: str, kinds: frozenset[str]) -> dict[str, Any]:
    """Return the removal of a disk from its VM; without a file operation its file stays."""
    disk = disk_at(vm, slot, kinds)
    if disk is None:
        raise CannotChange(_("there is no disk at {slot}").format(slot=slot))
    if disk.has_parent:
        raise CannotChange(_("a snapshot stands on the disk at {slot}: remove it first").format(slot=slot))
    device = {
        "_typeName": "VirtualDisk",
        "key": disk.key,
        "controllerKey": disk.controller_key,
        "unitNumber": disk.unit_number,
        "capacityInKB": disk.capacity // _KIB,
    }
    return {"operation": "remove", "device": device}
