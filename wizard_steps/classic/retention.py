"""Retention volumes: what site recovery lists, what the guest shows, and why a volume is not listed.

The document gives six conditions and says that a volume which breaks one of them is not shown for the master target.
Read the other way round: what is listed has met them when site recovery last looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from wizard_steps.case import Case, Target, volume_key
from wizard_steps.classic.server_roles import process_server_beside
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_azure import RetentionVolume
from wizard_steps.seen_in_vcenter import GuestVolume, VirtualDisk, VirtualMachine
from wizard_steps.wording import _

MOST_USED = 0.05  # our number: a fresh file system holds less
_SYSTEM_VOLUMES = frozenset({"c", "/"})


@dataclass(frozen=True)
class Waiting:
    """A retention disk was added a short while ago: when, and by when site recovery must have listed it."""

    added: datetime
    due: datetime

    def is_over(self, now: datetime) -> bool:
        """Tell whether the time is up."""
        return now >= self.due


def waiting(case: Case, target: Target) -> Waiting | None:
    """Return the wait for a disk that this program added; None: it added none."""
    added = case.memory.retention_disk_added.get(target.id.casefold())
    if added is None:
        return None
    return Waiting(added, added + timedelta(minutes=case.limits.retention_listing_minutes))


def listed(target: Target, name: str) -> RetentionVolume | None:
    """Return a volume as site recovery lists it; None: it is not in the list. Raises `NotSeen`."""
    wanted = volume_key(name)
    volumes = target.registered.value.retention_volumes.value
    return next((one for one in volumes if volume_key(one.name.raw) == wanted), None)


def in_guest(target: Target, name: str) -> GuestVolume | None:
    """Return a volume as VMware Tools reports it; None: the guest has no such volume. Raises `NotSeen`."""
    wanted = volume_key(name)
    return next((one for one in target.vm.value.guest_volumes.value if volume_key(one.path.raw) == wanted), None)


def is_system_volume(name: str) -> bool:
    """Tell whether a volume is the one the system starts from, where the servers are installed by default."""
    return volume_key(name) in _SYSTEM_VOLUMES


def blank_disks(vm: VirtualMachine) -> tuple[VirtualDisk, ...]:
    """Return the disks that no volume of the guest lies on; raises `NotSeen`, also before vSphere 7.0."""
    used = {key for volume in vm.guest_volumes.value for key in volume.disk_keys.value}
    return tuple(disk for disk in vm.disks.value if disk.key not in used)


def used_share(capacity: int, free: int) -> float:
    """Return the part of a volume that is taken, 0 to 1; of an empty one, 1."""
    return 1.0 if capacity <= 0 else (capacity - free) / capacity


def is_fat(file_system: str) -> bool:
    """Tell whether a file system is FAT or FAT32 (exFAT is neither)."""
    return file_system.casefold().startswith("fat") or file_system.casefold() == "vfat"


def foreign_disks(target: Target, volume: GuestVolume) -> tuple[VirtualDisk, ...]:
    """Return the disks under a volume that are another machine's: replication targets. Raises `NotSeen`."""
    vm = target.vm.value
    under = [disk for disk in vm.disks.value if disk.key in volume.disk_keys.value]
    first = min(vm.disks.value, key=lambda disk: disk.key, default=None)
    return tuple(disk for disk in under if first is not None and not _is_beside(disk, first, vm))


def _is_beside(disk: VirtualDisk, first: VirtualDisk, vm: VirtualMachine) -> bool:
    """Tell whether a disk lies in the folder of the VM or of its first disk, or its file is named like the first one.

    The datastore does not count, a second disk may lie on another one; on vSAN folders are named by UUIDs.
    """
    folder, file = _place(disk)
    first_folder, first_file = _place(first)
    return folder in (first_folder, vm.name.raw.casefold()) or file.startswith(first_file.removesuffix(".vmdk"))


def _place(disk: VirtualDisk) -> tuple[str, str]:
    """Return folder and file of a disk, without the datastore."""
    folder, _slash, file = disk.file_name.raw.rpartition("] ")[2].casefold().rpartition("/")
    return folder, file


def looks_like_cache(case: Case, target: Target, volume: GuestVolume) -> bool:
    """Tell whether a volume has exactly the size of the cache of a process server on the same machine.

    Only where no other volume of the guest has that size. Raises `NotSeen`.
    """
    beside = process_server_beside(case, target)
    if beside is None:
        return False
    size = beside.space_total.value
    same = [one for one in target.vm.value.guest_volumes.value if one.capacity == size]
    return len(same) == 1 and volume_key(same[0].path.raw) == volume_key(volume.path.raw)


def broken_condition(case: Case, target: Target, volume: GuestVolume) -> str | None:
    """Return the first of the document's conditions that a guest volume breaks; None: none that can be read.

    Whether it is locked shows in no interface. Raises `NotSeen`.
    """
    for condition in (_used, _cache, _fat, _empty):
        if broken := condition(case, target, volume):
            return broken
    return None


def still_unlisted(case: Case, target: Target) -> str:
    """Return why a volume that breaks no condition may still not be listed."""
    wait = waiting(case, target)
    if wait is not None and not wait.is_over(case.now):
        return _("added a short while ago; it takes up to {minutes} minutes").format(
            minutes=case.limits.retention_listing_minutes
        )
    return _("it breaks no condition that can be read: it may be locked, or the configuration server needs a refresh")


def first_reason(case: Case, target: Target, volume: GuestVolume) -> str:
    """Return why a guest volume is not listed, as far as anybody can say."""
    try:
        return broken_condition(case, target, volume) or still_unlisted(case, target)
    except NotSeen as missing:
        return _("not known: {reason}").format(reason=missing.reason)


def _used(case: Case, target: Target, volume: GuestVolume) -> str | None:
    if is_system_volume(volume.path.raw):
        return _("the system starts from it")
    if volume.disk_keys.was_seen and (disks := foreign_disks(target, volume)):
        return _("it lies on the disk of another machine, {file}").format(file=disks[0].file_name.shown())
    share = used_share(volume.capacity, volume.free)
    if volume.capacity > 0 and share > MOST_USED:
        return _("{percent} % of it is used for something else").format(percent=round(share * 100))
    return None


def _cache(case: Case, target: Target, volume: GuestVolume) -> str | None:
    return (
        _("it is the cache of the process server on this machine") if looks_like_cache(case, target, volume) else None
    )


def _fat(case: Case, target: Target, volume: GuestVolume) -> str | None:
    kind = volume.file_system.value
    return _("its file system is {kind}").format(kind=Outside(kind).shown()) if is_fat(kind) else None


def _empty(case: Case, target: Target, volume: GuestVolume) -> str | None:
    return _("its capacity is zero") if volume.capacity <= 0 else None
