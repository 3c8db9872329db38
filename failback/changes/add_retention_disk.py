"""Add an empty disk for retention to the master target's VM, on an LSI Logic controller: hot, thin, guarded (R5).

Its size follows from what Microsoft asks for and from `retention_free_gb` in the profile's limits. It can be taken away
again, file and all, as long as no volume of the guest lies on it.
"""

from __future__ import annotations

from typing import Any, Final

from failback.changes.change import Change, ChangeTarget, State, in_words
from failback.changes.look_inside import target_on
from failback.changes.on_master_target import vm_behind
from failback.changes.on_vcenter import identity, moref, named, vm_call, vm_of
from failback.changes.remedy import CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, Target, read
from wizard_steps.classic.operating_systems import LINUX, family
from wizard_steps.classic.retention import blank_disks
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding
from wizard_steps.scsi_places import disk_at, free_slots, place_of
from wizard_steps.seen_in_vcenter import VirtualDisk, VirtualMachine
from wizard_steps.sizes import GB, GIB, shown_size
from wizard_steps.wording import _

LINUX_BYTES: Final = 1024 * GIB
"""Microsoft's page on the Linux master target asks for 1 TB."""
ROOM: Final = 1.05
"""A file system takes some of a disk for itself."""
_NEW_KEY: Final = -301
_KIB: Final = 1024


class AddRetentionDisk(Remedy):
    """ReconfigVM_Task that creates a disk on the first free unit. Nothing stops."""

    id = "add-retention-disk"
    weight = Weight.HARMLESS

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the VM of the master target, also where the finding speaks of its volume."""
        return vm_behind(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add a disk where there is none, or take the one away that was added."""
        vm = vm_of(case, target)
        after = dict(_a_new_disk(case, vm) if wanted is None else wanted)
        [(slot, then)] = after.items()
        before = {slot: _there(case, vm, slot)}
        if before == after:
            raise CannotChange(_("the disk is already as wanted"))
        if then is not None and before[slot] is not None:
            raise CannotChange(_("its place, {slot}, is taken").format(slot=slot))
        change = _removal(vm, slot) if then is None else _addition(case, vm, slot, then)
        spec = {"changeVersion": vm.change_version.value, "deviceChange": [change]}
        return Shape(
            title=_title(target, then),
            before=before,
            after=after,
            calls=(vm_call("ReconfigVM_Task", vm, spec=spec),),
            rests_on={**identity(vm), "changeVersion": vm.change_version.value},
            disturbs=_("nothing: the disk is added while the VM runs, and takes room on its datastore as it fills")
            if then is not None
            else _("nothing: no volume of the guest lies on the disk; its file is deleted for good"),
            reversible=True,
            undo=_("the disk is taken away and its file deleted, as long as no volume of the guest lies on it"),
            privileges=("VirtualMachine.Config.AddNewDisk", "Datastore.AllocateSpace")
            if then is not None
            else ("VirtualMachine.Config.RemoveDisk",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look for the disk at its place."""
        vm = vm_of(case, change.target)
        [(slot, wanted)] = change.after.items()
        now = _there(case, vm, slot)
        if now != wanted:
            return Verification(
                False, _("read again, {slot} is not as planned: {now}").format(slot=slot, now=in_words(now))
            )
        if wanted is None:
            return Verification(True, _("the disk is gone, and its place is free"))
        return Verification(True, _("the disk is there; it has no file system yet: format it inside the guest"))


def wanted_bytes(case: Case, target: Target) -> int:
    """Return how large a retention disk has to be: whole GiB, with some room for the file system itself."""
    wanted = case.limits.retention_free_gb * GB * ROOM
    if family(target.registered.value.os_type.value) == LINUX:
        wanted = max(wanted, LINUX_BYTES * ROOM)
    return -int(-wanted // GIB) * GIB


def _title(target: ChangeTarget, then: Any) -> str:
    if then is None:
        return _("Take the empty disk of {name} away").format(name=named(target))
    return _("Add a disk of {size} for retention to {name}").format(
        size=shown_size(then["GiB"] * GIB), name=named(target)
    )


def _a_new_disk(case: Case, vm: VirtualMachine) -> State:
    """Return the place and the size of the disk that is missing; raises `CannotChange` or `NotSeen`."""
    target = target_on(case, vm)
    if blank := read(lambda: blank_disks(vm)).or_else(()):
        raise CannotChange(_("{disk} has no volume yet: format that one").format(disk=Outside(blank[0].label).shown()))
    size, datastore = wanted_bytes(case, target), case.datastore(_home(vm).datastore_ref or "").value
    if datastore.free.value < size:
        raise CannotChange(
            _("{datastore}, where its VM lies, has {free} free, and the disk takes up to {size}").format(
                datastore=datastore.name.shown(), free=shown_size(datastore.free.value), size=shown_size(size)
            )
        )
    return {_free_slot(vm): {"GiB": size // GIB, "datastore": datastore.name.raw}}


def _home(vm: VirtualMachine) -> VirtualDisk:
    """Return the VM's first disk; the new one comes to lie beside it."""
    first = min(vm.disks.value, key=lambda disk: disk.key, default=None)
    if first is None or first.datastore_ref is None:
        raise CannotChange(_("the VM has no disk of its own, so nobody knows where a new one belongs"))
    return first


def _free_slot(vm: VirtualMachine) -> str:
    """Return the first free place on an LSI Logic controller; raises `CannotChange` where there is none."""
    free = free_slots(vm)
    if not free:
        raise CannotChange(_("no LSI Logic controller of the VM has a free place: add a controller first"))
    return free[0]


def _place(vm: VirtualMachine, slot: str) -> tuple[int, int]:
    """Return controller key and unit of a place; raises `CannotChange` when its controller is gone."""
    place = place_of(vm, slot)
    if place is None:
        raise CannotChange(_("there is no LSI Logic controller for {slot}").format(slot=Outside(slot).shown()))
    return place


def _disk_at(vm: VirtualMachine, slot: str) -> VirtualDisk | None:
    _controller_is_there = _place(vm, slot)
    return disk_at(vm, slot)


def _there(case: Case, vm: VirtualMachine, slot: str) -> State | None:
    """Return what is at a place now; `None`: nothing."""
    disk = _disk_at(vm, slot)
    if disk is None:
        return None
    return {"GiB": disk.capacity // GIB, "datastore": case.datastore(disk.datastore_ref or "").value.name.raw}


def _addition(case: Case, vm: VirtualMachine, slot: str, then: Any) -> dict[str, Any]:
    controller, unit = _place(vm, slot)
    size = int(then["GiB"]) * GIB
    backing = {
        "_typeName": "VirtualDiskFlatVer2BackingInfo",
        "fileName": "",  # vCenter names it, beside the VM's other disks
        "datastore": moref("Datastore", _home(vm).datastore_ref or ""),
        "diskMode": "persistent",
        "thinProvisioned": True,
    }
    device = {
        "_typeName": "VirtualDisk",
        "key": _NEW_KEY,
        "controllerKey": controller,
        "unitNumber": unit,
        "capacityInKB": size // _KIB,
        "capacityInBytes": size,
        "backing": backing,
    }
    return {"operation": "add", "fileOperation": "create", "device": device}


def _removal(vm: VirtualMachine, slot: str) -> dict[str, Any]:
    """Return the removal of an empty disk; raises `CannotChange` where anything lies on it, `NotSeen` if unknown."""
    disk = _disk_at(vm, slot)
    if disk is None:
        raise CannotChange(_("there is no disk at {slot}").format(slot=slot))
    if disk.has_parent or disk.is_raw_device:
        raise CannotChange(_("a snapshot stands on the disk, or it is a raw device: its file is not deleted"))
    if disk.key not in {one.key for one in blank_disks(vm)}:
        raise CannotChange(_("a volume of the guest lies on the disk now, so it is not deleted"))
    device = {
        "_typeName": "VirtualDisk",
        "key": disk.key,
        "controllerKey": disk.controller_key,
        "unitNumber": disk.unit_number,
        "capacityInKB": disk.capacity // _KIB,
    }
    return {"operation": "remove", "fileOperation": "destroy", "device": device}
