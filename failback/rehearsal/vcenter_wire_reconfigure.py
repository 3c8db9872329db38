"""ReconfigVM_Task of the rehearsal vCenter: settings, devices, and the guard of `changeVersion`.

vCenter's own limits that matter to the product hold here too: a stale `changeVersion` fails the task, SCSI unit 7
belongs to the controller, a unit is taken once, a machine has four SCSI controllers at most, a file hangs on one
machine. A part of the specification that nobody taught it is refused loudly.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim, vmodl

from failback.rehearsal.vcenter_wire_calls import Call

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import Answer, VCenterWire

_device = vim.vm.device
CONTROLLER_UNIT: Final = 7
MOST_SCSI_CONTROLLERS: Final = 4
FIRST_DISK_KEY: Final = 2000
FIRST_CONTROLLER_KEY: Final = 1000
FIRST_ADAPTER_KEY: Final = 4000
UNDERSTOOD: Final = frozenset({"changeVersion", "flags", "extraConfig", "deviceChange", "memoryMB", "numCPUs"})


def reconfigure(wire: VCenterWire, call: Call) -> Any:
    """ReconfigVM_Task."""
    wire.tasks.refuse_second(call.moref)
    spec = call.args["spec"]
    given = {prop.name for prop in spec._GetPropertyList() if getattr(spec, prop.name) not in (None, [])}  # noqa: SLF001
    if given - UNDERSTOOD:
        strange = ", ".join(sorted(given - UNDERSTOOD))
        raise vmodl.fault.NotSupported(msg=f"the rehearsal vCenter cannot change {strange} of a machine")
    return wire.tasks.start(call, lambda: _apply(wire, call, spec))


def _apply(wire: VCenterWire, call: Call, spec: Any) -> None:
    moref = call.moref
    if spec.changeVersion and spec.changeVersion != wire.store.get(moref, "config.changeVersion"):
        raise vim.fault.ConcurrentAccess(msg="The object has been changed by another user.")
    changes: dict[str, Any] = {}
    devices = _Devices(wire, moref)
    if spec.deviceChange:
        changes["config.hardware.device"] = devices.after(spec.deviceChange)
    if spec.extraConfig:
        changes["config.extraConfig"] = _rows(wire.store.get(moref, "config.extraConfig") or [], spec.extraConfig)
    if spec.flags is not None:
        changes |= _flags(spec.flags)
    changes |= _sizes(wire, moref, spec)
    now = wire.clock.now()
    changes |= {"config.changeVersion": f"{now.isoformat()}-{uuid.uuid4().hex[:8]}", "config.modified": now}
    wire.store.set(moref, changes)
    devices.move_files()
    wire.happened(call, vim.event.VmReconfiguredEvent(configSpec=spec))


def _flags(flags: Any) -> dict[str, Any]:
    given = {prop.name: getattr(flags, prop.name) for prop in flags._GetPropertyList()}  # noqa: SLF001
    return {
        f"config.flags.{name}": value
        for name, value in given.items()
        if value not in (None, []) and not name.startswith("dynamic")
    }


def _sizes(wire: VCenterWire, moref: str, spec: Any) -> dict[str, Any]:
    wanted = {"config.hardware.memoryMB": spec.memoryMB, "config.hardware.numCPU": spec.numCPUs}
    changes = {path: value for path, value in wanted.items() if value is not None}
    state = wire.store.get(moref, "runtime.powerState")
    if changes and state != "poweredOff":
        raise vim.fault.InvalidPowerState(requestedState="poweredOff", existingState=state)
    return changes


def _rows(before: list[Any], changes: list[Any]) -> list[Any]:
    """Change extraConfig rows; keys are compared without case, an empty value takes the row away."""
    rows = {row.key.casefold(): row for row in before}
    for change in changes:
        rows.pop(change.key.casefold(), None)
        if change.value != "":
            rows[change.key.casefold()] = change
    return list(rows.values())


class _Devices:
    """The devices of one machine while one reconfiguration changes them: all of it or nothing."""

    def __init__(self, wire: VCenterWire, moref: str) -> None:
        self._wire = wire
        self._moref = moref
        self._by_key = {each.key: each for each in wire.store.get(moref, "config.hardware.device") or []}
        self._new_keys: dict[int, int] = {}
        self._gone: set[int] = set()
        self._let_go: list[Any] = []
        self._attached: list[Any] = []

    def after(self, changes: list[Any]) -> list[Any]:
        """Return the devices as they are after `changes`; raises `InvalidDeviceSpec` with the index of the bad one."""
        for index, change in enumerate(changes):
            self._change(index, change)
        for index, change in enumerate(changes):
            self._check(index, change.device)
        for disk in self._attached:
            self._wire.files.attach(disk)
        if any(isinstance(one, _device.VirtualDisk) and self._is_orphan(one) for one in self._by_key.values()):
            raise _refused(0, "a controller that carries disks cannot be removed")
        return list(self._by_key.values())

    def _is_orphan(self, disk: Any) -> bool:
        return disk.controllerKey in self._gone and disk.controllerKey not in self._by_key

    def _change(self, index: int, change: Any) -> None:
        device, operation = change.device, change.operation
        if operation == "add":
            self._add(index, device, creates=change.fileOperation == "create")
        elif device.key not in self._by_key:
            raise _refused(index, "there is no such device")
        elif operation == "remove":
            gone = self._by_key.pop(device.key)
            self._gone.add(device.key)
            if isinstance(gone, _device.VirtualDisk) and change.fileOperation != "destroy":
                self._let_go.append(gone)
        else:
            self._edit(device)

    def _edit(self, device: Any) -> None:
        """Put a device in the place of the old one; a disk changes its controller only while the machine is off."""
        old = self._by_key[device.key]
        device.controllerKey = self._new_keys.get(device.controllerKey, device.controllerKey)
        state = self._wire.store.get(self._moref, "runtime.powerState")
        if isinstance(device, _device.VirtualDisk):
            if device.controllerKey != old.controllerKey and state != "poweredOff":
                raise vim.fault.InvalidPowerState(requestedState="poweredOff", existingState=state)
            for name in ("datastore", "uuid", "thinProvisioned"):
                if getattr(device.backing, name, None) is None:
                    setattr(device.backing, name, getattr(old.backing, name, None))
            if not device.capacityInBytes:
                device.capacityInBytes = old.capacityInBytes
        if device.deviceInfo is None:
            device.deviceInfo = old.deviceInfo
        self._by_key[device.key] = device

    def move_files(self) -> None:
        """Let the files of disks that were taken away lie loose, and those that were attached no longer."""
        for disk in self._let_go:
            self._wire.files.put(disk.backing.fileName, disk.backing.uuid, disk.capacityInBytes, type(disk.backing))
        for disk in self._attached:
            del self._wire.files.loose[disk.backing.fileName]

    def _add(self, index: int, device: Any, *, creates: bool) -> None:
        first = _first_key(device)
        key = next(key for key in range(first, first + 1000) if key not in self._by_key)
        self._new_keys[device.key] = key
        device.key = key
        device.controllerKey = self._new_keys.get(device.controllerKey, device.controllerKey)
        if device.deviceInfo is None:
            device.deviceInfo = vim.Description(label=f"{_label(device)} {key - first + 1}", summary="")
        self._by_key[key] = device
        if isinstance(device, _device.VirtualDisk):
            if creates:
                self._create_file(device)
            else:
                self._attached.append(device)
        if isinstance(device, _device.VirtualEthernetCard):
            self._connect(index, device)

    def _connect(self, index: int, card: Any) -> None:
        """Give a new network adapter its address; its network must be one of the machine's host."""
        host = self._wire.store.get(self._moref, "runtime.host")
        network = getattr(card.backing, "network", None)
        offered = [] if network is None else self._wire.store.get(_id(network), "host") or []
        if host is None or _id(host) not in {_id(one) for one in offered}:
            raise _refused(index, "that network is not on the machine's host")
        if card.macAddress is None:
            card.macAddress = f"00:50:56:00:{card.key % 0xFFFF >> 8:02x}:{card.key & 0xFF:02x}"

    def _create_file(self, disk: Any) -> None:
        name = self._wire.store.get(self._moref, "name")
        stores = self._wire.store.get(self._moref, "datastore")
        datastore = disk.backing.datastore or stores[0]
        folder = self._wire.store.get(datastore._GetMoId(), "name")  # noqa: SLF001
        disk.backing.datastore = datastore
        disk.backing.fileName = disk.backing.fileName or f"[{folder}] {name}/{name}_{disk.key - FIRST_DISK_KEY}.vmdk"
        disk.backing.uuid = str(uuid.uuid4())
        disk.capacityInBytes = disk.capacityInBytes or disk.capacityInKB * 1024

    def _check(self, index: int, device: Any) -> None:
        if device.key not in self._by_key:
            return
        self._check_controllers(index)
        if isinstance(device, _device.VirtualDisk) and device.unitNumber is not None:
            self._check_place(index, device)

    def _check_controllers(self, index: int) -> None:
        scsi = [each for each in self._by_key.values() if isinstance(each, _device.VirtualSCSIController)]
        if len(scsi) > MOST_SCSI_CONTROLLERS or len({each.busNumber for each in scsi}) < len(scsi):
            raise _refused(index, "a machine has four SCSI controllers at most, each with a bus of its own")

    def _check_place(self, index: int, disk: Any) -> None:
        beside = [each for each in self._by_key.values() if each.controllerKey == disk.controllerKey]
        taken = [each for each in beside if each.unitNumber == disk.unitNumber]
        controller = self._by_key.get(disk.controllerKey)
        reserved = isinstance(controller, _device.VirtualSCSIController) and disk.unitNumber == CONTROLLER_UNIT
        if controller is None or reserved or len(taken) > 1:
            raise _refused(index, "that unit is taken, reserved, or on no controller")


def _first_key(device: Any) -> int:
    if isinstance(device, _device.VirtualDisk):
        return FIRST_DISK_KEY
    return FIRST_ADAPTER_KEY if isinstance(device, _device.VirtualEthernetCard) else FIRST_CONTROLLER_KEY


def _label(device: Any) -> str:
    if isinstance(device, _device.VirtualDisk):
        return "Hard disk"
    return "Network adapter" if isinstance(device, _device.VirtualEthernetCard) else "Controller"


def _id(reference: Any) -> str:
    return str(reference._GetMoId())  # noqa: SLF001 -- pyvmomi's public, underscored way to ask


def _refused(index: int, why: str) -> Any:
    return vim.fault.InvalidDeviceSpec(deviceIndex=index, property=f"deviceChange[{index}]", msg=why)


ANSWERS: Final[dict[str, Answer]] = {"ReconfigVM_Task": reconfigure}
