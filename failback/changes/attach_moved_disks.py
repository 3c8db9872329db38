"""Attach the disks that a master target had and has no more: found by the UUIDs that this program remembers (step 3).

A file is attached only where its UUID is the remembered one, one file carries it, and no other VM has it: at the place
where the disk hung, if that is free. Taking it away again leaves the file as it is.
"""

from __future__ import annotations

from typing import Any, Final

from failback.changes.change import Change, ChangeTarget, State, in_words
from failback.changes.look_inside import target_on
from failback.changes.on_vcenter import identity, master_target_vm, moref, named, vm_call, vm_of
from failback.changes.remedy import CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, Target
from wizard_steps.classic import moved_disks
from wizard_steps.classic.reprotected import through
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.estate import DiskPlace
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding
from wizard_steps.scsi_places import disk_at, free_slots, place_of
from wizard_steps.seen_around_machines import DiskFile
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _, ngettext

FLAT: Final = "VirtualDiskFlatVer2BackingInfo"
_PERSISTENT: Final = DiskPlace("", "persistent")
_FIRST_NEW_KEY: Final = -401
_KIB: Final = 1024


class AttachMovedDisks(Remedy):
    """One ReconfigVM_Task that attaches every file that was found. Nothing stops."""

    id = "attach-moved-disks"
    weight = Weight.RISKY

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Attach what was found, or take away what was attached, by place."""
        vm = vm_of(case, target)
        left: tuple[str, ...] = ()
        if wanted is None:
            after, left = _found(case, vm)
        else:
            after = dict(wanted)
        before = {slot: _there(vm, slot) for slot in after}
        if before == after:
            raise CannotChange(_("the disks are already as wanted"))
        attaches = any(after.values())
        changes = [
            _addition(case, vm, slot, then, _FIRST_NEW_KEY - number) if then else _removal(vm, slot)
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
            disturbs=_disturbs(left, attaches=attaches),
            reversible=True,
            undo=_("the disks are taken away from the VM again; their files stay where they are"),
            privileges=("VirtualMachine.Config.AddExistingDisk", "Datastore.Browse")
            if attaches
            else ("VirtualMachine.Config.RemoveDisk",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look at each place."""
        vm = vm_of(case, change.target)
        for slot, wanted in change.after.items():
            now = _there(vm, slot)
            if now != wanted:
                return Verification(
                    False, _("read again, {slot} is not as planned: {now}").format(slot=slot, now=in_words(now))
                )
        if not any(change.after.values()):
            return Verification(True, _("the disks no longer hang on it; their files are untouched"))
        return Verification(
            True,
            _(
                "each disk hangs on it, by its UUID. Where its file lies elsewhere than before, failback may not "
                "detach it by itself: attach it to its own machine then"
            ),
        )


# -- what is attached, and where


def _found(case: Case, vm: VirtualMachine) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what comes to hang at which place, and why the other missing disks are left; raises `CannotChange`."""
    target = target_on(case, vm)
    missing = _missing(case, target)
    places = case.memory.disk_places.get(target.id.casefold(), {})
    free = list(free_slots(vm))
    after: dict[str, Any] = {}
    left = []
    for uuid, file in missing.items():
        try:
            found = _the_file(case, vm, uuid, file)
            slot = _slot(free, places.get(uuid, _PERSISTENT).slot)
        except CannotChange as refused:
            left.append(refused.reason)
            continue
        after[slot] = {
            "file": found.file_name.raw,
            "uuid": plain_uuid(uuid),
            "mode": places.get(uuid, _PERSISTENT).mode or _PERSISTENT.mode,
        }
    if not after:
        raise CannotChange("; ".join(left))
    return after, tuple(left)


def _missing(case: Case, target: Target) -> dict[str, str]:
    """Return the remembered disks that do not hang on it; raises `CannotChange` where there is nothing to go by."""
    if not through(case, target):
        raise CannotChange(_("no machine is reprotected through it yet, so its disks are all its own"))
    remembered = moved_disks.remembered(case, target)
    if remembered is None:
        raise CannotChange(
            _(
                "nothing is remembered of its disks from before a machine was reprotected through it, so no UUID tells "
                "which file belongs to it: find them by hand"
            )
        )
    missing = dict(moved_disks.missing(case, target))
    if not missing:
        raise CannotChange(
            _(
                "every disk that is remembered still hangs on it, so there is none to attach. Failback may not detach "
                "one that was moved: attach it to its own machine by hand then, and start that"
            )
        )
    return missing


def _the_file(case: Case, vm: VirtualMachine, uuid: str, was: str) -> DiskFile:
    """Return the only file that carries a UUID; raises `CannotChange` where it is not safe to attach it."""
    name = Outside(was).shown()
    files = [one for one in case.vcenter.disk_files.value if plain_uuid(one.uuid) == plain_uuid(uuid)]
    if not files:
        host = case.host(vm.host_ref.value).value.name.shown()
        raise CannotChange(_("{disk}: no file with its UUID lies on what {host} mounts").format(disk=name, host=host))
    owner = next((one.attached_to for one in files if one.attached_to is not None), None)
    if owner is not None:
        raise CannotChange(_("{disk}: it hangs on {vm} now, and is left there").format(disk=name, vm=owner.shown()))
    if len(files) > 1:
        copies = ", ".join(one.file_name.shown() for one in files)
        raise CannotChange(
            _("{disk}: several files carry its UUID, and which is the disk nobody can tell: {files}").format(
                disk=name, files=copies
            )
        )
    [found] = files
    if found.kind not in (None, FLAT):
        raise CannotChange(
            _("{disk}: it is no plain virtual disk ({kind}): attach it by hand").format(
                disk=name, kind=Outside(found.kind).shown()
            )
        )
    return found


def _slot(free: list[str], remembered: str) -> str:
    """Take the remembered place out of the free ones, or the first; raises `CannotChange` when there is none left."""
    if not free:
        raise CannotChange(_("no LSI Logic controller of the VM has a free place: add a controller first"))
    return free.pop(free.index(remembered) if remembered in free else 0)


def _there(vm: VirtualMachine, slot: str) -> dict[str, Any] | None:
    """Return what hangs at a place now; `None`: nothing. Raises `CannotChange` when its controller is gone."""
    if place_of(vm, slot) is None:
        raise CannotChange(_("there is no LSI Logic controller for {slot}").format(slot=Outside(slot).shown()))
    disk = disk_at(vm, slot)
    if disk is None:
        return None
    return {"file": disk.file_name.raw, "uuid": plain_uuid(disk.uuid or ""), "mode": disk.mode}


# -- what is said and sent


def _title(target: ChangeTarget, count: int, *, attaches: bool) -> str:
    if not attaches:
        return ngettext(
            "Take {count} attached disk away from {name}", "Take {count} attached disks away from {name}", count
        ).format(count=count, name=named(target))
    return ngettext(
        "Attach {count} disk that was moved away from {name}",
        "Attach {count} disks that were moved away from {name}",
        count,
    ).format(count=count, name=named(target))


def _disturbs(left: tuple[str, ...], *, attaches: bool) -> str:
    if not attaches:
        return _("what the guest does with these disks stops; take them offline inside it first")
    said = _("nothing: the disks are attached while the VM runs, and their files are not changed")
    return ". ".join([said, *(_("not attached: {why}").format(why=one) for one in left)])


def _addition(case: Case, vm: VirtualMachine, slot: str, then: Any, key: int) -> dict[str, Any]:
    if disk_at(vm, slot) is not None:
        raise CannotChange(_("its place, {slot}, is taken").format(slot=slot))
    found = _the_file(case, vm, then["uuid"], then["file"])
    if found.file_name.raw != then["file"]:
        raise CannotChange(
            _("{disk} is now {file}").format(disk=Outside(then["file"]).shown(), file=found.file_name.shown())
        )
    known = case.memory.disk_places.get(target_on(case, vm).id.casefold(), {}).values()
    if then["mode"] not in {_PERSISTENT.mode, *(one.mode for one in known)}:
        raise CannotChange(_("no disk of it was ever attached as {mode}").format(mode=Outside(then["mode"]).shown()))
    controller, unit = place_of(vm, slot) or (0, 0)  # `_there` looked
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


def _removal(vm: VirtualMachine, slot: str) -> dict[str, Any]:
    """Return the removal of a disk from its VM; without a file operation its file stays."""
    disk = disk_at(vm, slot)
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
