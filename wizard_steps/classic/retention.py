"""Retention volumes: what site recovery lists, what the guest shows, and why a volume is not listed.

The document gives six conditions and says that a volume which breaks one of them is not shown for the master target.
Read the other way round: what is listed has met them when site recovery last looked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from wizard_steps.case import Case, Target, read, volume_key
from wizard_steps.classic.inside import volume_inside
from wizard_steps.classic.server_roles import process_server_beside
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_azure import RetentionVolume
from wizard_steps.seen_in_vcenter import GuestVolume, VirtualDisk, VirtualMachine
from wizard_steps.wording import _

MOST_USED = 0.05  # our number: a fresh file system holds less
_FAT = frozenset({"vfat", "msdos"})  # what Linux calls it
_UNFORMATTED = frozenset({"", "raw"})
_MORE_OF_ONE_VM = re.compile(r"(_\d+)?(-\d{6})?\.vmdk")
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
    """Return the wait for a disk that this program added or formatted; None: none, or one that is still blank."""
    added = case.memory.retention_disk_added.get(target.id.casefold())
    blank = read(lambda: blank_disks(target.vm.value)).or_else(())
    if added is None or blank:
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
    """Return the VM's own disks that no volume of the guest lies on; raises `NotSeen`, also before vSphere 7.0.

    The disks of machines that replicate home through it carry no volume of this guest either; they are never blank.
    """
    used = {key for volume in vm.guest_volumes.value for key in volume.disk_keys.value}
    first = _first_disk(vm)
    return tuple(
        disk for disk in vm.disks.value if disk.key not in used and first is not None and is_beside(disk, first, vm)
    )


def _first_disk(vm: VirtualMachine) -> VirtualDisk | None:
    """Return the disk a VM was made with: its own, whatever was attached since."""
    return min(vm.disks.value, key=lambda disk: disk.key, default=None)


def used_share(capacity: int, free: int) -> float:
    """Return the part of a volume that is taken, 0 to 1; of an empty one, 1."""
    return 1.0 if capacity <= 0 else (capacity - free) / capacity


def is_fat(file_system: str) -> bool:
    """Tell whether a file system is FAT or FAT32 (exFAT is neither)."""
    return file_system.casefold().startswith("fat") or file_system.casefold() in _FAT


def is_unformatted(file_system: str) -> bool:
    """Tell whether the guest's word for a file system says that there is none (`RAW` on Windows)."""
    return file_system.strip().casefold() in _UNFORMATTED


def foreign_disks(target: Target, volume: GuestVolume) -> tuple[VirtualDisk, ...]:
    """Return the disks under a volume that are another machine's: replication targets. Raises `NotSeen`."""
    vm = target.vm.value
    under, first = [disk for disk in vm.disks.value if disk.key in volume.disk_keys.value], _first_disk(vm)
    if not under:
        raise NotSeen(_("VMware Tools place {name} on no disk of this VM").format(name=volume.path.shown()))
    return tuple(disk for disk in under if first is not None and not is_beside(disk, first, vm))


def is_beside(disk: VirtualDisk, first: VirtualDisk, vm: VirtualMachine) -> bool:
    """Tell whether a disk lies in the folder of the VM or of its first disk, or its file is named like the first one.

    The datastore does not count, a second disk may lie on another one; on vSAN folders are named by UUIDs.
    """
    folder, file = _place(disk)
    first_folder, first_file = _place(first)
    base = first_file.removesuffix(".vmdk")
    is_named_alike = file.startswith(base) and _MORE_OF_ONE_VM.fullmatch(file[len(base) :]) is not None
    return folder in (first_folder, vm.name.raw.casefold()) or is_named_alike


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

    What it is locked or used for shows inside the guest only. Raises `NotSeen` where a condition was not read and no
    later one is known to be broken.
    """
    unread: NotSeen | None = None
    for condition in (_used, _locked, _cache, _installed, _fat, _empty):
        try:
            if broken := condition(case, target, volume):
                return broken
        except NotSeen as missing:
            unread = unread or missing
    if unread is not None:
        raise unread
    return None


def still_unlisted(case: Case, target: Target, volume: GuestVolume) -> str:
    """Return why a volume that breaks no condition may still not be listed."""
    wait = waiting(case, target)
    if wait is not None and not wait.is_over(case.now):
        return _("added a short while ago; it takes up to {minutes} minutes").format(
            minutes=case.limits.retention_listing_minutes
        )
    if (inside := volume_inside(target, volume.path.raw)) is not None and inside.locked.was_seen:
        return _("it breaks no condition, as far as the guest showed: the configuration server needs a refresh")
    return _("it breaks no condition that can be read: it may be locked, or the configuration server needs a refresh")


def first_reason(case: Case, target: Target, volume: GuestVolume) -> str:
    """Return why a guest volume is not listed, as far as anybody can say."""
    try:
        return broken_condition(case, target, volume) or still_unlisted(case, target, volume)
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


def _locked(case: Case, target: Target, volume: GuestVolume) -> str | None:
    inside = volume_inside(target, volume.path.raw)
    if inside is None:
        return None
    if inside.locked.or_else(default=False):
        return _("BitLocker has it locked")
    return _("the guest has it read-only") if inside.read_only.or_else(default=False) else None


def _cache(case: Case, target: Target, volume: GuestVolume) -> str | None:
    inside = volume_inside(target, volume.path.raw)
    if inside is not None and inside.caches.was_seen:
        return _shown(_("the cache of site recovery lies on it: {folders}"), inside.caches.value)
    return (
        _("it is the cache of the process server on this machine") if looks_like_cache(case, target, volume) else None
    )


def _installed(case: Case, target: Target, volume: GuestVolume) -> str | None:
    inside = volume_inside(target, volume.path.raw)
    folders = inside.installed.or_else(()) if inside is not None else ()
    return _shown(_("site recovery is installed on it: {folders}"), folders)


def _shown(words: str, folders: tuple[Outside, ...]) -> str | None:
    return words.format(folders=", ".join(one.shown() for one in folders)) if folders else None


def _fat(case: Case, target: Target, volume: GuestVolume) -> str | None:
    inside, told = volume_inside(target, volume.path.raw), volume.file_system
    looked = inside.file_system.or_else(None) if inside is not None else None
    is_told = told.was_seen and bool(told.value)
    kind = told.value if looked is None or is_told else looked.raw
    if is_unformatted(kind):
        return _("it is not formatted")
    return _("its file system is {kind}").format(kind=Outside(kind).shown()) if is_fat(kind) else None


def _empty(case: Case, target: Target, volume: GuestVolume) -> str | None:
    return _("its capacity is zero") if volume.capacity <= 0 else None
