"""What moves and names machines, and what changes a host's storage, in the rehearsal vCenter; VMware Tools, too."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim, vmodl

from failback.rehearsal.vcenter_wire_calls import Call

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import Answer, VCenterWire


def relocate(wire: VCenterWire, call: Call) -> Any:
    """RelocateVM_Task with a host alone: the machine stands there afterwards, its files where they were."""
    wire.tasks.refuse_second(call.moref)
    spec = call.args["spec"]
    if _given(spec) != {"host"}:
        raise vmodl.fault.NotSupported(msg="the rehearsal vCenter moves a machine to another host, and nothing else")
    host = _id(spec.host)

    def work() -> None:
        if wire.store.get(host, "runtime.connectionState") != "connected":
            raise vmodl.fault.HostNotConnected(msg="The host is not connected.")
        if not _datastores(wire, call.moref) <= _datastores(wire, host):
            raise vim.fault.InaccessibleDatastore(msg="A datastore of the machine is not on that host.", name=host)
        old = _id(wire.store.get(call.moref, "runtime.host"))
        kept = [one for one in wire.store.get(old, "vm") or [] if _id(one) != call.moref]
        wire.store.set(old, {"vm": kept})
        wire.store.set(host, {"vm": [*(wire.store.get(host, "vm") or []), vim.VirtualMachine(call.moref)]})
        wire.store.set(call.moref, {"runtime.host": host})

    return wire.tasks.start(call, work)


def _given(spec: Any) -> set[str]:
    """Return the properties of a specification that are set."""
    values = {prop.name: getattr(spec, prop.name) for prop in spec._GetPropertyList()}  # noqa: SLF001 -- as in `_id`
    return {name for name, one in values.items() if one is not None and not (isinstance(one, list) and not one)}


def _datastores(wire: VCenterWire, moref: str) -> set[str]:
    return {_id(one) for one in wire.store.get(moref, "datastore") or []}


def rename(wire: VCenterWire, call: Call) -> Any:
    """Rename_Task: a name is taken once among the machines."""
    name = call.args["newName"]

    def work() -> None:
        for moref in wire.store.of_kind(vim.VirtualMachine):
            if moref != call.moref and wire.store.get(moref, "name") == name:
                raise vim.fault.DuplicateName(name=name, object=wire.store.ref(moref), msg="The name is taken.")
        wire.store.set(call.moref, {"name": name})

    return wire.tasks.start(call, work)


def rescan(wire: VCenterWire, call: Call) -> None:
    """RescanAllHba and RescanVmfs: the host finds what the site presents to it, which is what it knows already."""
    _host_of(wire, call)


def mount_vmfs(wire: VCenterWire, call: Call) -> None:
    """MountVmfsVolume: a volume that the host knows and does not mount is mounted."""
    _mount(wire, call, mounted=True)


def unmount_vmfs(wire: VCenterWire, call: Call) -> None:
    """UnmountVmfsVolume: refused while a machine of the host has files there."""
    _mount(wire, call, mounted=False)


def _mount(wire: VCenterWire, call: Call, *, mounted: bool) -> None:
    host, uuid = _host_of(wire, call), call.args["vmfsUuid"]
    for moref in _volumes(wire, uuid):
        mounts = [copy.deepcopy(one) for one in wire.store.get(moref, "host") or []]
        mine = next((one for one in mounts if _id(one.key) == host), None)
        if mine is None:
            continue
        if mine.mountInfo.mounted is mounted:
            raise vim.fault.InvalidState(msg="The volume is in that state already.")
        if not mounted and _is_used(wire, host, moref):
            raise vim.fault.ResourceInUse(name=uuid, msg="The volume is in use.")
        mine.mountInfo.mounted = mine.mountInfo.accessible = mounted
        wire.store.set(moref, {"host": mounts})
        return
    raise vim.fault.NotFound(msg="The host knows no such volume.")


def _volumes(wire: VCenterWire, uuid: str) -> list[str]:
    """Return the datastores on the VMFS volume with that UUID."""
    found = {one: getattr(wire.store.get(one, "info"), "vmfs", None) for one in wire.store.of_kind(vim.Datastore)}
    return [moref for moref, volume in found.items() if volume is not None and volume.uuid == uuid]


def _is_used(wire: VCenterWire, host: str, datastore: str) -> bool:
    machines = wire.store.get(host, "vm") or []
    return any(datastore in _datastores(wire, _id(vm)) for vm in machines)


def _host_of(wire: VCenterWire, call: Call) -> str:
    for moref in wire.store.of_kind(vim.HostSystem):
        system = wire.store.get(moref, "configManager.storageSystem")
        if system is not None and _id(system) == call.moref:
            return moref
    raise vmodl.fault.ManagedObjectNotFound(obj=wire.store.ref(call.moref), msg="no host has this storage system")


def mount_tools(wire: VCenterWire, call: Call) -> None:
    """MountToolsInstaller: the machine must run."""
    _require_power(wire, call)
    wire.store.set(call.moref, {"runtime.toolsInstallerMounted": True})


def unmount_tools(wire: VCenterWire, call: Call) -> None:
    """UnmountToolsInstaller."""
    wire.store.set(call.moref, {"runtime.toolsInstallerMounted": False})


def upgrade_tools(wire: VCenterWire, call: Call) -> Any:
    """UpgradeTools_Task: the Tools must run; afterwards they are current."""
    wire.tasks.refuse_second(call.moref)

    def work() -> None:
        _require_power(wire, call)
        if wire.store.get(call.moref, "guest.toolsRunningStatus") != "guestToolsRunning":
            raise vim.fault.ToolsUnavailable(msg="VMware Tools is not running in this virtual machine.")
        wire.store.set(call.moref, {"guest.toolsVersionStatus2": "guestToolsCurrent"})

    return wire.tasks.start(call, work)


def _require_power(wire: VCenterWire, call: Call) -> None:
    state = wire.store.get(call.moref, "runtime.powerState")
    if state != "poweredOn":
        raise vim.fault.InvalidPowerState(requestedState="poweredOn", existingState=state)


def _id(reference: Any) -> str:
    return str(reference._GetMoId())  # noqa: SLF001 -- pyvmomi's public, underscored way to ask


ANSWERS: Final[dict[str, Answer]] = {
    "RelocateVM_Task": relocate,
    "Rename_Task": rename,
    "RescanAllHba": rescan,
    "RescanVmfs": rescan,
    "MountVmfsVolume": mount_vmfs,
    "UnmountVmfsVolume": unmount_vmfs,
    "MountToolsInstaller": mount_tools,
    "UnmountToolsInstaller": unmount_tools,
    "UpgradeTools_Task": upgrade_tools,
}

ONLY_OURS: Final = {
    "MountVmfsVolume": "govmomi does not implement it",
    "UnmountVmfsVolume": "govmomi does not implement it",
    "MountToolsInstaller": "govmomi v0.56.0 does not implement it",
    "UnmountToolsInstaller": "govmomi v0.56.0 does not implement it",
    "UpgradeTools_Task": "govmomi v0.56.0 does not implement it",
}
