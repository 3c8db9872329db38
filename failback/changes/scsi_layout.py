"""The SCSI controllers of a VM and the disks on them, as state; and the one reconfiguration that leads to another.

A map of the controllers is what recipe R3 wants saved before anything is touched: kind, bus, sharing, and for each
disk its unit, file and key. Every swap is one call that carries all of its parts, so it is done whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from failback.changes.remedy import CannotChange
from wizard_steps.outside import Outside
from wizard_steps.scsi_places import LSI
from wizard_steps.seen_in_vcenter import ScsiController, VirtualDisk, VirtualMachine
from wizard_steps.wording import _

LSI_SAS: Final = "LsiLogicSASController"
SWAPPED: Final = frozenset({"ParaVirtualSCSIController", "BusLogicController"})
NVME: Final = "NVMEController"
MOST: Final = 4
_CARRIED: Final = LSI | SWAPPED | {NVME}
_FIRST_NEW_KEY: Final = -201
_BYTES_PER_KB: Final = 1024

_WIRE_NAMES: Final = {
    "LsiLogicController": "VirtualLsiLogicController",
    LSI_SAS: "VirtualLsiLogicSASController",
    "ParaVirtualSCSIController": "ParaVirtualSCSIController",
    "BusLogicController": "VirtualBusLogicController",
    NVME: "VirtualNVMEController",
}
"""The vSphere type of each kind."""

Layout = list[dict[str, Any]]
"""One row for each controller: kind, bus, sharing, and its disks."""


def layout_of(vm: VirtualMachine) -> Layout:
    """Return the map of a VM's SCSI and NVMe controllers; raises `NotSeen`."""
    disks = {disk.key: disk for disk in vm.disks.value}
    rows = [
        {
            "kind": one.kind,
            "bus": one.bus_number,
            "sharing": one.shared_bus,
            "disks": [_row(disks[key]) for key in sorted(one.disk_keys)],
        }
        for one in _controllers(vm)
    ]
    return sorted(rows, key=_place)


def with_lsi_only(layout: Layout) -> Layout:
    """Return the map with an LSI Logic SAS controller in the place of every other; an empty one goes."""
    kept = []
    for row in layout:
        if row["kind"] in LSI:
            kept.append(row)
        elif row["disks"]:
            if row["kind"] == NVME:
                raise CannotChange(
                    _("disks hang on an NVMe controller, whose places SCSI does not have: move them by hand")
                )
            kept.append({**row, "kind": LSI_SAS})
    return sorted(kept, key=_place)


def with_one_more(layout: Layout) -> Layout:
    """Return the map with an empty LSI Logic SAS controller on the first free bus."""
    taken = {row["bus"] for row in layout if row["kind"] != NVME}
    free = next((bus for bus in range(MOST) if bus not in taken), None)
    if free is None:
        raise CannotChange(_("the VM has four SCSI controllers, and there is no room for another"))
    added = {"kind": LSI_SAS, "bus": free, "sharing": "noSharing", "disks": []}
    return sorted([*layout, added], key=_place)


def moves_disks(now: Layout, then: Layout) -> bool:
    """Tell whether a disk gets another controller on the way: that takes a VM that is off."""
    return _homes(now) != _homes(then)


def device_changes(vm: VirtualMachine, now: Layout, then: Layout) -> list[dict[str, Any]]:
    """Return the `deviceChange` of the reconfiguration from one map to the other; raises `CannotChange`."""
    if sorted(_files(now)) != sorted(_files(then)):
        raise CannotChange(_("its disks are not those of the saved map"))
    keys = {(one.kind, one.bus_number): one.key for one in _controllers(vm)}
    gone, new = _only_in(now, then), _only_in(then, now)
    added = {_place(row): _FIRST_NEW_KEY - number for number, row in enumerate(new)}
    changes = [_remove(row, keys[row["kind"], row["bus"]]) for row in gone]
    changes += [_add(row, added[_place(row)]) for row in new]
    disks = {disk.key: disk for disk in vm.disks.value}
    for row in new:
        changes += [_move(disks[one["key"]], added[_place(row)], one["unit"]) for one in row["disks"]]
    return changes


def _controllers(vm: VirtualMachine) -> Sequence[ScsiController]:
    return [one for one in vm.controllers.value if one.kind in _CARRIED]


def _row(disk: VirtualDisk) -> dict[str, Any]:
    return {"unit": disk.unit_number, "file": disk.file_name.raw, "key": disk.key}


def _place(row: Mapping[str, Any]) -> tuple[bool, int]:
    return row["kind"] == NVME, int(row["bus"])


def _only_in(layout: Layout, other: Layout) -> Layout:
    """Return the controllers of a map that the other has not, by kind and bus."""
    there = {(row["kind"], row["bus"]) for row in other}
    return [row for row in layout if (row["kind"], row["bus"]) not in there]


def _homes(layout: Layout) -> dict[int, tuple[str, int]]:
    return {disk["key"]: (row["kind"], row["bus"]) for row in layout for disk in row["disks"]}


def _files(layout: Layout) -> list[tuple[int, str]]:
    return [(disk["key"], disk["file"]) for row in layout for disk in row["disks"]]


def _remove(row: Mapping[str, Any], key: int) -> dict[str, Any]:
    return {"operation": "remove", "device": _controller(row, key)}


def _add(row: Mapping[str, Any], key: int) -> dict[str, Any]:
    return {"operation": "add", "device": _controller(row, key)}


def _controller(row: Mapping[str, Any], key: int) -> dict[str, Any]:
    device = {"_typeName": _WIRE_NAMES[row["kind"]], "key": key, "busNumber": row["bus"]}
    return device if row["kind"] == NVME else {**device, "sharedBus": row["sharing"]}


def _move(disk: VirtualDisk, controller: int, unit: int) -> dict[str, Any]:
    """Return the edit that hangs a disk on another controller; its file and its mode stay."""
    if disk.is_raw_device or disk.has_parent:
        raise CannotChange(
            _("{disk} is a raw device, or stands on a snapshot: move it by hand").format(
                disk=Outside(disk.label).shown()
            )
        )
    return {
        "operation": "edit",
        "device": {
            "_typeName": "VirtualDisk",
            "key": disk.key,
            "controllerKey": controller,
            "unitNumber": unit,
            "capacityInKB": disk.capacity // _BYTES_PER_KB,
            "backing": {"_typeName": disk.backing, "fileName": disk.file_name.raw, "diskMode": disk.mode},
        },
    }
