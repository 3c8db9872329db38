"""Disks that a master target had and has no more: where each is found, and on which VM it may be attached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from failback.changes.change import Change
from failback.changes.on_vcenter import vm_of
from failback.changes.remedy import CannotChange
from failback.changes.where_disks_belong import in_its_words, where_it_belongs
from wizard_steps.case import Case, Target
from wizard_steps.classic import moved_disks
from wizard_steps.classic.reprotected import through
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.estate import DiskPlace
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_around_machines import DiskFile
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

FLAT: Final = "VirtualDiskFlatVer2BackingInfo"


@dataclass(frozen=True)
class Lost:
    """A disk that a master target had and has no more: its UUID, and the file in which it was first seen."""

    target: Target
    uuid: str
    file: str

    def place(self, case: Case) -> DiskPlace | None:
        """Return where it hung on the master target, as far as that is remembered."""
        return case.memory.disk_places.get(self.target.id.casefold(), {}).get(self.uuid)


def standing_on(case: Case, vm: VirtualMachine) -> Target | None:
    """Return the chosen master target whose VM it is; `None`: none stands on it. Raises `NotSeen`."""
    return next((one for one in case.targets.value if one.vm.was_seen and one.vm.value.ref == vm.ref), None)


def first_to_have_one(case: Case, mine: Target) -> VirtualMachine:
    """Return the VM that is mended first; raises `CannotChange` with why nothing can be attached, and `NotSeen`."""
    lost = [Lost(mine, uuid, file) for uuid, file in _missing(case, mine).items()]
    found, refused = all_placed(case, lost)
    if not found:
        raise CannotChange("; ".join(refused))
    its_own = mine.vm.value.ref
    return min((vm for _one, vm, _file in found), key=lambda vm: (vm.ref != its_own, vm.name.raw, vm.ref))


def all_placed(case: Case, lost: Sequence[Lost]) -> tuple[list[tuple[Lost, VirtualMachine, DiskFile]], tuple[str, ...]]:
    """Return the disks that can be attached, each with its VM and its file, and why the others cannot."""
    _searched = case.vcenter.disk_files.value
    found, refused = [], []
    for one in lost:
        try:
            vm = where_it_belongs(case, one.target, one.file)
        except (CannotChange, NotSeen) as why:
            refused.append(in_its_words(one.file, why))
            continue
        try:
            found.append((one, vm, file_of(case, one, vm)))
        except CannotChange as why:
            refused.append(why.reason)
    return found, tuple(refused)


def lost_around(case: Case, vm: VirtualMachine) -> tuple[Lost, ...]:
    """Return the missing disks that a change of a VM is about: of a master target all that it held, else its own.

    Raises `NotSeen`.
    """
    mine = standing_on(case, vm)
    targets = case.targets.value if mine is None else (mine,)
    every = [Lost(each, uuid, file) for each in targets for uuid, file in moved_disks.missing(case, each).items()]
    if mine is not None:
        return tuple(every)
    return tuple(one for one in every if _is_own_of(case, one, vm))


def _is_own_of(case: Case, lost: Lost, vm: VirtualMachine) -> bool:
    try:
        owner = moved_disks.own_vm(case, lost.file)
    except NotSeen:
        return False
    return owner is not None and owner.ref == vm.ref


def _missing(case: Case, target: Target) -> dict[str, str]:
    """Return the remembered disks that do not hang on it; raises `CannotChange` where there is nothing to go by."""
    using = through(case, target)
    missing = dict(moved_disks.missing(case, target))
    if missing:
        return missing
    if not using:
        raise CannotChange(_("no machine is reprotected through it yet, so its disks are all its own"))
    if moved_disks.remembered(case, target) is None:
        raise CannotChange(
            _(
                "nothing is remembered of its disks from before a machine was reprotected through it, so no UUID tells "
                "which file belongs to it: find them by hand"
            )
        )
    raise CannotChange(
        _(
            "every disk that is remembered still hangs on it or came home, so there is none to attach. Failback may "
            "not detach one that was moved: attach it to its own machine by hand then, and start that"
        )
    )


def file_of(case: Case, lost: Lost, vm: VirtualMachine) -> DiskFile:
    """Return the only file that carries a UUID; raises `CannotChange` where it is not safe to attach it to a VM."""
    name = Outside(lost.file).shown()
    files = [one for one in case.vcenter.disk_files.value if plain_uuid(one.uuid) == plain_uuid(lost.uuid)]
    if not files:
        searched = lost.target.host.value.name.shown()
        raise CannotChange(
            _("{disk}: no file with its UUID lies on what {host} mounts").format(disk=name, host=searched)
        )
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
    host = case.host(vm.host_ref.value).value
    if found.datastore_ref not in host.datastore_refs.value:
        raise CannotChange(
            _("{disk}: it lies in {file} now, which {host}, where {vm} stands, does not mount").format(
                disk=name, file=found.file_name.shown(), host=host.name.shown(), vm=vm.name.shown()
            )
        )
    return found


def attached_by(change: Change, case: Case) -> tuple[str, dict[str, str]] | None:
    """Return the id of the master target to which a change attached disks, and their files by UUID as remembered.

    `None`: it attached none, or to another machine's VM. Raises `NotSeen` and `CannotChange`.
    """
    target = standing_on(case, vm_of(case, change.target))
    files = {one["uuid"]: one["file"] for one in change.after.values() if one}
    if target is None or not files:
        return None
    known = moved_disks.remembered(case, target) or {}
    return target.id, {uuid: files[plain_uuid(uuid)] for uuid in known if plain_uuid(uuid) in files}
