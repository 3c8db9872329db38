"""Disks that hung on a master target when they were first seen, and hang there no more or lie elsewhere now."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from wizard_steps.case import AmbiguousName, Case, Target, UnknownName
from wizard_steps.classic.reprotected import through
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, read
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _


def remembered(case: Case, target: Target) -> Mapping[str, str] | None:
    """Return the file of each disk by its UUID, as first seen; `None`: nothing is remembered of this target."""
    return case.memory.disk_files.get(target.id.casefold())


def attached(case: Case, target: Target) -> Mapping[str, str]:
    """Return the files that this program itself attached to a target, by the plain UUID of each."""
    files = case.memory.attached_files.get(target.id.casefold(), {})
    return {plain_uuid(uuid): file for uuid, file in files.items()}


def folder(file: str) -> str:
    """Return the folder of a file, with its datastore: `[vmfs-01] web01` of `[vmfs-01] web01/web01.vmdk`."""
    return file.rpartition("/")[0]


def uuids_on(vm: VirtualMachine) -> frozenset[str]:
    """Return the plain UUIDs of the disks that hang on a VM; raises `NotSeen`."""
    return frozenset(plain_uuid(disk.uuid) for disk in vm.disks.value if disk.uuid)


def own_vm(case: Case, file: str) -> VirtualMachine | None:
    """Return the VM that is at home in the folder of a disk's file, so that the disk is its own; `None`: there is none.

    Raises `NotSeen` where several are at home there, or none of those whose folders were read.
    """
    home = folder(file)
    machines = [vm for vm in case.vcenter.machines.value if not vm.is_template.or_else(default=False)]
    hits = [vm for vm in machines if folder(vm.vmx_file.or_else("")) == home]
    if len(hits) > 1:
        raise NotSeen(
            _("several VMs are at home in {folder}: {machines}").format(
                folder=Outside(home).shown(), machines=", ".join(f"{vm.name.shown()} ({vm.ref})" for vm in hits)
            )
        )
    if not hits:
        for vm in machines:
            _may_be_at_home_there = vm.vmx_file.value  # raises: one unread folder might be this one
    return hits[0] if hits else None


def has_come_home(case: Case, target: Target, uuid: str, file: str) -> bool:
    """Tell whether a disk hangs on the VM whose own it is, which is not the master target's; raises `NotSeen`."""
    owner = own_vm(case, file)
    return owner is not None and owner.ref != target.vm.value.ref and plain_uuid(uuid) in uuids_on(owner)


def held_for_others(case: Case, target: Target) -> Mapping[str, str]:
    """Return the remembered disks that are another VM's own and have not come home, by UUID, each with its file."""
    files = remembered(case, target) or {}
    return {
        uuid: file
        for uuid, file in files.items()
        if _is_anothers(case, target, file) and not _came_home(case, target, uuid, file)
    }


def missing(case: Case, target: Target) -> Mapping[str, str]:
    """Return the remembered disks that hang neither on the target nor on their own VM, by UUID, each with its file.

    While no machine replicates back through it, the target's own disks may come and go; those that it held for others
    are missing until they have come home. Raises `NotSeen`.
    """
    files = remembered(case, target)
    if not files:
        return {}
    now = uuids_on(target.vm.value)
    gone = {uuid: file for uuid, file in files.items() if plain_uuid(uuid) not in now}
    if not gone:
        return {}
    if through(case, target):
        return {uuid: file for uuid, file in gone.items() if not _came_home(case, target, uuid, file)}
    others = held_for_others(case, target)
    return {uuid: file for uuid, file in gone.items() if uuid in others}


def _is_anothers(case: Case, target: Target, file: str) -> bool:
    """Tell whether a disk is certainly another VM's own; raises `NotSeen` where the target's VM is not known."""
    mine = target.vm.value
    try:
        owner = own_vm(case, file)
    except NotSeen:
        return False
    return owner is not None and owner.ref != mine.ref


def _came_home(case: Case, target: Target, uuid: str, file: str) -> bool:
    """Tell whether a disk was seen at home; what nobody saw is still looked for."""
    return read(lambda: has_come_home(case, target, uuid, file)).or_else(default=False)


def all_missing(case: Case) -> Mapping[str, Mapping[str, str]]:
    """Return the same for every chosen master target, by the reference of its VM; what was not seen lacks nothing."""
    found: dict[str, Mapping[str, str]] = {}
    for target in case.targets.or_else(()):
        with suppress(NotSeen, UnknownName, AmbiguousName):
            if lost := missing(case, target):
                found[target.vm.value.ref] = lost
    return found


def owners(case: Case) -> tuple[VirtualMachine, ...]:
    """Return every VM in whose folder a remembered disk lay: whether a disk has come home shows there."""
    files = [file for target in case.targets.or_else(()) for file in (remembered(case, target) or {}).values()]
    homes = {folder(file) for file in files}
    machines = case.vcenter.machines.or_else(()) if homes else ()
    return tuple(vm for vm in machines if folder(vm.vmx_file.or_else("")) in homes)
