"""What the product's programs would answer inside a machine of the rehearsal site, made from the site's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pyVmomi import vim

from failback.guest.answers import FORMATTED, file_system_of, volume_path
from failback.guest.programs import WINDOWS
from failback.rehearsal.vcenter_store import Store

_FREE_WHEN_NEW: Final = 0.98


@dataclass
class GuestState:
    """What only the inside of a machine shows. Volumes are named as VMware Tools name them.

    `installed` and `caches` are folders of site recovery; on Linux the mount points they lie on.
    """

    system: str
    locked: set[str] = field(default_factory=set)
    read_only: set[str] = field(default_factory=set)
    installed: list[str] = field(default_factory=list)
    caches: list[str] = field(default_factory=list)
    on_lvm: list[str] = field(default_factory=list)
    is_administrator: bool = True
    not_blank: set[str] = field(default_factory=set)  # serial numbers of disks that hold something VMware Tools miss


def blank_disks(store: Store, moref: str) -> list[Any]:
    """Return the virtual disks of a machine that no volume of its guest lies on."""
    used = {each.key for volume in store.get(moref, "guest.disk") or [] for each in volume.mappings}
    return [each for each in _disks(store, moref) if each.key not in used]


def _disks(store: Store, moref: str) -> list[Any]:
    return [one for one in store.get(moref, "config.hardware.device") if isinstance(one, vim.vm.device.VirtualDisk)]


def _blank_inside(store: Store, moref: str, state: GuestState) -> list[Any]:
    """Return those of the blank disks that are blank when looked at from inside, too."""
    return [one for one in blank_disks(store, moref) if _serial(one) not in state.not_blank]


def answer_of_look(store: Store, moref: str, state: GuestState) -> dict[str, Any]:
    """Return what the program `look` writes there."""
    blank = [(_serial(disk), int(disk.capacityInBytes)) for disk in _blank_inside(store, moref, state)]
    volumes = list(store.get(moref, "guest.disk") or [])
    if state.system == WINDOWS:
        return _on_windows(state, volumes, blank)
    return _on_linux(state, volumes, blank)


def format_disk(store: Store, moref: str, state: GuestState, question: Sequence[str]) -> int:
    """Do what the program `format` does there, and return its exit code; `guest.disk` has the new volume then."""
    serial, size, place = question
    if not state.is_administrator:
        return 20
    path = volume_path(state.system, place)
    volumes = list(store.get(moref, "guest.disk") or [])
    disks = [one for one in _disks(store, moref) if _serial(one) == serial]
    if len(disks) != 1:
        return 24 if disks else 23
    if str(disks[0].capacityInBytes) != size:
        return 26
    if serial not in map(_serial, _blank_inside(store, moref, state)):
        return 30
    if any(one.diskPath == path for one in volumes):
        return 31
    added = vim.vm.GuestInfo.DiskInfo(
        diskPath=path,
        capacity=int(size),
        freeSpace=int(int(size) * _FREE_WHEN_NEW),
        filesystemType=file_system_of(state.system),
        mappings=[vim.vm.GuestInfo.VirtualDiskMapping(key=disks[0].key)],
    )
    store.set(moref, {"guest.disk": [*volumes, added]})
    return 0


def answer_of_format(state: GuestState, question: Sequence[str]) -> dict[str, Any]:
    """Return what the program `format` writes when it ended well."""
    serial, size, place = question
    return {
        "format": FORMATTED,
        "system": state.system,
        "serial": serial,
        "size": size,
        "volume": volume_path(state.system, place),
        "fileSystem": file_system_of(state.system),
        "end": True,
    }


def _serial(disk: Any) -> str:
    return str(disk.backing.uuid).replace("-", "")


def _on_windows(state: GuestState, volumes: list[Any], blank: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "format": "failback-look-1",
        "system": state.system,
        "administrator": state.is_administrator,
        "bitLocker": "present" if state.is_administrator else "unread",
        "volumes": [
            {
                "path": one.diskPath,
                "fileSystem": "" if one.diskPath in state.locked else one.filesystemType,
                "lockStatus": int(one.diskPath in state.locked) if state.is_administrator else None,
                "readOnly": one.diskPath in state.read_only,
            }
            for one in volumes
        ],
        "installed": list(state.installed),
        "caches": list(state.caches),
        "blank": [{"serial": serial, "size": str(size)} for serial, size in blank],
        "end": True,
    }


def _on_linux(state: GuestState, volumes: list[Any], blank: list[tuple[str, int]]) -> dict[str, Any]:
    names = [f"sd{chr(ord('a') + place)}" for place in range(len(volumes) + len(blank))]
    mounted, free = names[: len(volumes)], names[len(volumes) :]
    disks = [
        {
            "name": name,
            "type": "disk",
            "size": int(one.capacity),
            "serial": None,
            "fstype": None,
            "children": [_child(name, one, state)],
        }
        for name, one in zip(mounted, volumes, strict=True)
    ]
    empty = [
        {"name": name, "type": "disk", "size": size, "serial": serial, "fstype": None}
        for name, (serial, size) in zip(free, blank, strict=True)
    ]
    return {
        "format": "failback-look-1",
        "system": state.system,
        "administrator": state.is_administrator,
        "mounts": {
            "filesystems": [
                {
                    "target": one.diskPath,
                    "source": f"/dev/{name}1",
                    "fstype": one.filesystemType,
                    "options": "ro,relatime" if one.diskPath in state.read_only else "rw,relatime",
                }
                for name, one in zip(mounted, volumes, strict=True)
            ]
        },
        "blocks": {"blockdevices": [*disks, *empty]},
        "blank": free if state.is_administrator else [],
        "installed": [{"filesystems": [{"target": one}]} for one in state.installed],
        "caches": [{"filesystems": [{"target": one}]} for one in state.caches],
        "end": True,
    }


def _child(name: str, volume: Any, state: GuestState) -> dict[str, Any]:
    kind = "lvm" if volume.diskPath in state.on_lvm else "part"
    label = f"ubuntu--vg-{name}" if kind == "lvm" else f"{name}1"
    return {
        "name": label,
        "type": kind,
        "size": int(volume.capacity),
        "serial": None,
        "fstype": volume.filesystemType,
    }
