"""What changes something in the rehearsal vCenter, apart from ReconfigVM_Task: snapshots, power, DRS, Storage DRS."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim, vmodl

from failback.rehearsal.vcenter_wire_calls import Call

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import Answer, VCenterWire

SHUTDOWN_SECONDS: Final = 20.0
"""How long a guest of the rehearsal takes to shut down."""


def remove_all_snapshots(wire: VCenterWire, call: Call) -> Any:
    """RemoveAllSnapshots_Task: the tree is gone, every disk is one file again."""
    wire.tasks.refuse_second(call.moref)

    def work() -> None:
        wire.store.set(call.moref, {"snapshot": None})
        _flatten(wire, call.moref)
        wire.happened(call, vim.event.TaskEvent(info=_task_info(wire, call)))

    return wire.tasks.start(call, work)


def consolidate(wire: VCenterWire, call: Call) -> Any:
    """ConsolidateVMDisks_Task: delta files that no snapshot needs are merged; snapshots stay."""
    wire.tasks.refuse_second(call.moref)

    def work() -> None:
        if wire.store.get(call.moref, "snapshot") is None:
            _flatten(wire, call.moref)
        wire.store.set(call.moref, {"runtime.consolidationNeeded": False})

    return wire.tasks.start(call, work)


def _task_info(wire: VCenterWire, call: Call) -> Any:
    """Return what an event tells of a task: vCenter has no event type of its own for snapshots."""
    return vim.TaskInfo(
        key=call.name,
        task=vim.Task(call.name),
        descriptionId=call.description_id,
        state="success",
        cancelled=False,
        cancelable=False,
        reason=vim.TaskReasonUser(userName=call.user),
        queueTime=call.at,
        eventChainId=len(wire.events) + 1,
    )


def _flatten(wire: VCenterWire, moref: str) -> None:
    devices = [copy.deepcopy(each) for each in wire.store.get(moref, "config.hardware.device") or []]
    for device in devices:
        backing = getattr(device, "backing", None)
        while backing is not None and getattr(backing, "parent", None) is not None:
            backing = backing.parent
        if backing is not None:
            device.backing = backing
    layout = [
        vim.vm.FileLayoutEx.DiskLayout(key=disk.key, chain=list(disk.chain)[:1])
        for disk in wire.store.get(moref, "layoutEx.disk") or []
    ]
    wire.store.set(
        moref, {"config.hardware.device": devices, "layoutEx.disk": layout, "runtime.consolidationNeeded": False}
    )


def power_on(wire: VCenterWire, call: Call) -> Any:
    """PowerOnVM_Task."""

    def work() -> None:
        _require(wire, call.moref, "poweredOff", "poweredOn")
        now = wire.clock.now()
        wire.store.set(call.moref, {"runtime.powerState": "poweredOn", "runtime.bootTime": now})
        if wire.store.get(call.moref, "guest.toolsRunningStatus") is not None:
            wire.store.set(call.moref, {"guest.toolsRunningStatus": "guestToolsRunning"})
        wire.happened(call, vim.event.VmPoweredOnEvent())

    return wire.tasks.start(call, work)


def power_off(wire: VCenterWire, call: Call) -> Any:
    """PowerOffVM_Task."""
    return wire.tasks.start(call, lambda: _switch_off(wire, call))


def shutdown_guest(wire: VCenterWire, call: Call) -> None:
    """ShutdownGuest: answers at once; the machine is off a little later, and only if its Tools run."""
    _require(wire, call.moref, "poweredOn", "poweredOff")
    if wire.store.get(call.moref, "guest.toolsRunningStatus") != "guestToolsRunning":
        raise vim.fault.ToolsUnavailable(msg="VMware Tools is not running in this virtual machine.")
    wire.tasks.later(SHUTDOWN_SECONDS, call.moref, lambda: _switch_off(wire, call))


def _switch_off(wire: VCenterWire, call: Call) -> None:
    _require(wire, call.moref, "poweredOn", "poweredOff")
    wire.store.set(call.moref, {"runtime.powerState": "poweredOff", "runtime.bootTime": None})
    if wire.store.get(call.moref, "guest.toolsRunningStatus") is not None:
        wire.store.set(call.moref, {"guest.toolsRunningStatus": "guestToolsNotRunning"})
    wire.happened(call, vim.event.VmPoweredOffEvent())


def _require(wire: VCenterWire, moref: str, state: str, wanted: str) -> None:
    existing = wire.store.get(moref, "runtime.powerState")
    if existing != state:
        raise vim.fault.InvalidPowerState(requestedState=wanted, existingState=existing)


def configure_storage_drs(wire: VCenterWire, call: Call) -> Any:
    """ConfigureStorageDrsForPod_Task: the overrides of single machines; `modify=False` is refused."""
    spec, pod = call.args["spec"], call.args["pod"]._GetMoId()  # noqa: SLF001
    if spec.podConfigSpec is not None or not call.args["modify"]:
        raise vmodl.fault.NotSupported(msg="the rehearsal vCenter changes Storage DRS overrides of machines only")
    path = "podStorageDrsEntry.storageDrsConfig.vmConfig"

    def work() -> None:
        before = wire.store.get(pod, path) or []
        wire.store.set(pod, {path: _overrides(before, spec.vmConfigSpec, lambda row: row.vm)})

    return wire.tasks.start(call, work)


def reconfigure_cluster(wire: VCenterWire, call: Call) -> Any:
    """ReconfigureComputeResource_Task: the DRS overrides of single machines; `modify=False` is refused."""
    spec = call.args["spec"]
    given = {prop.name for prop in spec._GetPropertyList() if getattr(spec, prop.name) not in (None, [])}  # noqa: SLF001
    if given != {"drsVmConfigSpec"} or not call.args["modify"]:
        raise vmodl.fault.NotSupported(msg="the rehearsal vCenter changes DRS overrides of machines only")

    def work() -> None:
        whole = copy.deepcopy(wire.store.get(call.moref, "configurationEx"))
        whole.drsVmConfig = _overrides(whole.drsVmConfig, spec.drsVmConfigSpec, lambda row: row.key)
        wire.store.set(call.moref, {"configurationEx": whole})

    return wire.tasks.start(call, work)


def _overrides(before: list[Any], changes: list[Any], machine_of: Callable[[Any], Any]) -> list[Any]:
    """Add, edit or remove rows by machine; adding one that is there or touching one that is not is an error."""
    rows = {machine_of(row)._GetMoId(): row for row in before}  # noqa: SLF001
    for change in changes:
        removes = change.operation == "remove"
        machine = (change.removeKey if removes else machine_of(change.info))._GetMoId()  # noqa: SLF001
        if (machine in rows) is (change.operation == "add"):
            raise vmodl.fault.InvalidArgument(invalidProperty="operation", msg=f"{change.operation} of {machine}")
        if removes:
            del rows[machine]
        else:
            rows[machine] = change.info
    return list(rows.values())


ANSWERS: Final[dict[str, Answer]] = {
    "RemoveAllSnapshots_Task": remove_all_snapshots,
    "ConsolidateVMDisks_Task": consolidate,
    "PowerOnVM_Task": power_on,
    "PowerOffVM_Task": power_off,
    "ShutdownGuest": shutdown_guest,
    "ConfigureStorageDrsForPod_Task": configure_storage_drs,
    "ReconfigureComputeResource_Task": reconfigure_cluster,
}
