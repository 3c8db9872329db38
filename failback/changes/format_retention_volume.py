"""Partition, format and mount the retention disk inside the master target's guest (R6): NTFS on R:, ext4 by fstab.

The disk is named by its serial number, which inside is the UUID of the virtual disk without dashes, and by its size.
What vCenter tells decides which disk may be meant; the program inside looks again right before it writes, and refuses
any disk that is not blank. Then a look inside shows what came of it.
"""

from __future__ import annotations

import re
from typing import Final

from failback.changes.change import Change, ChangeTarget, State, in_words
from failback.changes.look_inside import PRIVILEGES, enterable, guest_call, system_inside, target_on
from failback.changes.on_master_target import vm_behind
from failback.changes.on_vcenter import named, vm_of
from failback.changes.remedy import CannotChange, Remedy, Shape, Verification, Weight
from failback.guest.answers import file_system_of, serial_of, volume_path
from failback.guest.programs import FORMAT, LOOK, WINDOWS
from wizard_steps.case import Case, Target, read, volume_key
from wizard_steps.classic.reprotected import through
from wizard_steps.classic.retention import blank_disks, in_guest
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_guest import SeenInGuest
from wizard_steps.seen_in_vcenter import VirtualDisk, VirtualMachine
from wizard_steps.sizes import GB, shown_size
from wizard_steps.wording import _

MASTER_TARGET: Final = "master target"
"""What such a change names the master target by: its id in site recovery."""
_LETTER: Final = re.compile(r"[D-Z]")
_MOUNT_POINT: Final = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,8}")
_NO_MOUNT_POINTS: Final = frozenset({"dev", "proc", "sys"})
_SERIAL: Final = re.compile(r"[0-9a-f]{32}")
_UUID_ROW: Final = "disk.enableuuid"


class FormatRetentionVolume(Remedy):
    """Two programs in the guest: one makes the blank disk a volume, one looks what is there then."""

    id = "format-retention-volume"
    weight = Weight.IRREVERSIBLE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the VM of the master target, also where the finding speaks of its volume."""
        return vm_behind(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Format the one disk that can be meant. `wanted` names it again: another one is another change."""
        vm = vm_of(case, target)
        rests_on = enterable(vm)
        mine, system = target_on(case, vm), system_inside(case, vm)
        place = _place(mine, system)
        disk = _blank_disk(case, mine, vm)
        serial = _serial(disk)
        _not_refuted(vm, serial)
        path = volume_path(system, place)
        if in_guest(mine, path) is not None:
            raise CannotChange(_("the guest has a volume {path} already").format(path=Outside(path).shown()))
        after = {"disk": disk.label, "serial": serial, "bytes": disk.capacity, "fileSystem": file_system_of(system)}
        return Shape(
            title=_("Format {disk} of {name} ({size}) as the retention volume {path}").format(
                disk=Outside(disk.label).shown(),
                name=named(target),
                size=shown_size(disk.capacity),
                path=Outside(path).shown(),
            ),
            before={path: None},
            after={path: after},
            calls=(
                guest_call(FORMAT[system], vm, target, serial, str(disk.capacity), place),
                guest_call(LOOK[system], vm, target),
            ),
            rests_on={
                **rests_on,
                MASTER_TARGET: mine.id,
                "disk": {"key": disk.key, "UUID": disk.uuid, "bytes": disk.capacity, "file": disk.file_name.raw},
                "disk.EnableUUID": True,
            },
            disturbs=_disturbs(disk, system, path),
            reversible=False,
            undo=_("formatting cannot be taken back: what was on the disk is gone, and the volume stays"),
            privileges=PRIVILEGES,
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Take what the guest itself shows; where nobody looked since, what VMware Tools report of the disk."""
        vm = vm_of(case, change.target)
        [(path, wanted)] = change.after.items()
        shown = Outside(path).shown()
        if vm.inside.was_seen:
            return _seen_inside(vm.inside.value, path, wanted)
        guest = in_guest(target_on(case, vm), path)
        disk = _by_serial(vm, wanted["serial"])
        if guest is None or disk is None or disk.key not in guest.disk_keys.value:
            return Verification(
                False,
                _(
                    "VMware Tools report no volume {path} on it; a look inside {name} tells whether the disk with the "
                    "serial number {serial} is still blank"
                ).format(path=shown, name=named(change.target), serial=Outside(wanted["serial"]).shown()),
            )
        kind = guest.file_system.value
        if kind.casefold() != wanted["fileSystem"].casefold():
            return Verification(False, _("{path} has the file system {kind}").format(path=shown, kind=in_words(kind)))
        return Verification(
            True, _("VMware Tools report {path} with {kind} on this disk").format(path=shown, kind=in_words(kind))
        )

    def is_untouched(self, change: Change, case: Case) -> bool:
        """Only the guest itself can show that the disk is still blank."""
        [wanted] = change.after.values()
        inside = vm_of(case, change.target).inside
        return inside.was_seen and _is_blank(inside.value, wanted["serial"])


def _place(target: Target, system: str) -> str:
    """Return the drive letter or the mount point that was chosen, else the default; raises `CannotChange`."""
    chosen = target.choice.retention_volume
    if system == WINDOWS:
        letter = volume_key(chosen).upper() if chosen else "R"
        if _LETTER.fullmatch(letter):
            return letter
    else:
        path = chosen.rstrip("/") if chosen else "/mnt/retention"
        if _MOUNT_POINT.fullmatch(path) and path.split("/")[1] not in _NO_MOUNT_POINTS:
            return path
    raise CannotChange(
        _("{name}, which was chosen, is no place this program gives a new volume").format(
            name=Outside(chosen or "").shown()
        )
    )


def _blank_disk(case: Case, target: Target, vm: VirtualMachine) -> VirtualDisk:
    """Return the one disk that can be meant; raises `CannotChange` with the reason, and `NotSeen`."""
    if through(case, target):
        raise CannotChange(_("machines are reprotected through it already: a disk that looks blank may be theirs"))
    blank = blank_disks(vm)  # its own ones only: those of machines that come home through it lie elsewhere
    if not blank:
        raise CannotChange(_("each of its own disks has a volume, and only a blank one is formatted: add a disk"))
    found = [one for one in blank if _why_not(case, one) is None]
    if not found:
        raise CannotChange(_why_not(case, blank[0]) or "")
    if len(found) > 1:
        raise CannotChange(
            _("{disks} have no volume, and nobody can tell which one is meant").format(
                disks=", ".join(Outside(one.label).shown() for one in found)
            )
        )
    _unless_its_serial_shows(vm)
    return found[0]


def _why_not(case: Case, disk: VirtualDisk) -> str | None:
    """Return why a disk without a volume is not formatted; None: it may be meant."""
    name = Outside(disk.label).shown()
    if disk.has_parent or disk.is_raw_device:
        return _("a snapshot stands on {disk}, or it is a raw device").format(disk=name)
    least = case.limits.retention_free_gb * GB
    if disk.capacity < least:
        return _("{disk} has {size}, and a retention volume wants {least}").format(
            disk=name, size=shown_size(disk.capacity), least=shown_size(least)
        )
    return None


def _unless_its_serial_shows(vm: VirtualMachine) -> None:
    """Raise `CannotChange` where the guest cannot see serial numbers, or `NotSeen` where that is not known."""
    rows = {text.raw.casefold() for key, text in vm.extra_config.value.items() if key.casefold() == _UUID_ROW}
    if rows != {"true"}:
        raise CannotChange(_("disk.EnableUUID is not TRUE, so the guest cannot tell its disks by their serial numbers"))


def _serial(disk: VirtualDisk) -> str:
    """Return the serial number by which the guest knows a disk; raises `CannotChange`."""
    serial = serial_of(disk.uuid or "")
    if not _SERIAL.fullmatch(serial):
        raise CannotChange(_("vCenter does not tell the UUID of {disk}").format(disk=Outside(disk.label).shown()))
    return serial


def _by_serial(vm: VirtualMachine, serial: str) -> VirtualDisk | None:
    return next((one for one in vm.disks.value if serial_of(one.uuid or "") == serial), None)


def _is_blank(inside: SeenInGuest, serial: str) -> bool:
    return inside.raw_disks.was_seen and any(one.serial == serial for one in inside.raw_disks.value)


def _not_refuted(vm: VirtualMachine, serial: str) -> None:
    """Raise `CannotChange` where a look inside showed blank disks, and this is none of them."""
    inside = vm.inside
    if inside.was_seen and inside.value.raw_disks.was_seen and not _is_blank(inside.value, serial):
        raise CannotChange(
            _("a look inside showed no blank disk with the serial number {serial}").format(
                serial=Outside(serial).shown()
            )
        )


def _seen_inside(inside: SeenInGuest, path: str, wanted: State) -> Verification:
    """Judge by a look inside that was taken after the disk was formatted."""
    shown = Outside(path).shown()
    volume = next((one for one in inside.volumes if volume_key(one.path.raw) == volume_key(path)), None)
    if _is_blank(inside, wanted["serial"]):
        return Verification(False, _("looked inside, the disk is still blank"))
    if volume is None:
        return Verification(False, _("looked inside, there is no volume {path}").format(path=shown))
    kind = read(lambda: volume.file_system.value.raw).or_else("")
    if kind.casefold() != wanted["fileSystem"].casefold():
        return Verification(
            False, _("looked inside, {path} has the file system {kind}").format(path=shown, kind=in_words(kind))
        )
    return Verification(
        True,
        _("looked inside, {path} has the file system {kind}; site recovery lists it within some minutes").format(
            path=shown, kind=in_words(kind)
        ),
    )


def _disturbs(disk: VirtualDisk, system: str, path: str) -> str:
    told = _(
        "whatever lies on {disk} is destroyed. The program inside looks right before: it takes only a disk with this "
        "serial number and this size that holds nothing and is used by nothing, and it refuses any other. {how}. User "
        "name and password of the guest travel over the session with vCenter and are forgotten then"
    )
    how = (
        _("It gets one partition (GPT), NTFS, and the letter {path}")
        if system == WINDOWS
        else _("It gets ext4, and a line in /etc/fstab mounts it on {path}; a copy of that file is kept beside it")
    )
    return told.format(disk=Outside(disk.label).shown(), how=how.format(path=Outside(path).shown()))
