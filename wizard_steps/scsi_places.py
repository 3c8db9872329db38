"""Places of disks on the SCSI controllers of a VM, as vCenter writes them: `SCSI(0:2)`.

Nothing but LSI Logic is of use to a master target, so only its places are given out where no other kinds are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from wizard_steps.seen_in_vcenter import ScsiController, VirtualDisk, VirtualMachine

LSI: Final = frozenset({"LsiLogicController", "LsiLogicSASController"})
SCSI: Final = LSI | {"ParaVirtualSCSIController", "BusLogicController"}
"""What any other machine may have its disks on."""
UNITS: Final = 16
RESERVED_UNIT: Final = 7
"""The controller's own."""
_SLOT = re.compile(r"SCSI\((\d+):(\d+)\)")


def slot_of(vm: VirtualMachine, disk: VirtualDisk) -> str | None:
    """Return where a disk hangs; `None` on anything but LSI Logic. Raises `NotSeen`."""
    for controller in _controllers(vm, LSI):
        if controller.key == disk.controller_key and disk.unit_number is not None:
            return f"SCSI({controller.bus_number}:{disk.unit_number})"
    return None


def place_of(vm: VirtualMachine, slot: str, kinds: frozenset[str] = LSI) -> tuple[int, int] | None:
    """Return controller key and unit of a slot; `None` where its controller is not there. Raises `NotSeen`."""
    found = _SLOT.fullmatch(slot)
    if found is None:
        return None
    bus, unit = int(found[1]), int(found[2])
    return next(((one.key, unit) for one in _controllers(vm, kinds) if one.bus_number == bus), None)


def disk_at(vm: VirtualMachine, slot: str, kinds: frozenset[str] = LSI) -> VirtualDisk | None:
    """Return the disk that hangs at a slot; raises `NotSeen`."""
    place = place_of(vm, slot, kinds)
    return next((disk for disk in vm.disks.value if (disk.controller_key, disk.unit_number) == place), None)


def free_slots(vm: VirtualMachine, kinds: frozenset[str] = LSI) -> tuple[str, ...]:
    """Return every slot that no disk takes, the lowest first; raises `NotSeen`."""
    return tuple(
        f"SCSI({controller.bus_number}:{unit})"
        for controller in _controllers(vm, kinds)
        for unit in range(UNITS)
        if unit != RESERVED_UNIT and not any(_is_at(disk, controller, unit) for disk in vm.disks.value)
    )


def _is_at(disk: VirtualDisk, controller: ScsiController, unit: int) -> bool:
    return (disk.controller_key, disk.unit_number) == (controller.key, unit)


def _controllers(vm: VirtualMachine, kinds: frozenset[str]) -> Iterable[ScsiController]:
    return sorted((one for one in vm.controllers.value if one.kind in kinds), key=lambda one: one.bus_number)
