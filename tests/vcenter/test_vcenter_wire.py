"""What only the rehearsal vCenter answers: guards, limits, tasks on the clock, faults, and a loud no to the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.properties import Collector
from failback.vcenter.session import Connection, VCenterSession
from tests.vcenter import inventory
from tests.vcenter.inventory import TARGET

_device = vim.vm.device
Raw = Callable[[Callable[[Connection], Any]], Any]


@pytest.fixture
def raw(session: VCenterSession) -> Raw:
    return session.run_change


@pytest.fixture
def connection(wire: VCenterWire) -> Any:
    """A connection past the product's own guard."""
    stub = wire.stub()
    content: Any = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
    content.sessionManager.Login(inventory.USER, inventory.PASSWORD, None)
    return Connection(stub, content)


def machine(one: Connection) -> Any:
    return vim.VirtualMachine(TARGET, one.stub)


def told(session: VCenterSession, task: Any) -> dict[str, Any]:
    paths = ("info.state", "info.progress", "info.error", "info.descriptionId")
    (answer,) = session.run(lambda one: Collector(one).of_these(vim.Task, [task._GetMoId()], paths))
    return dict(answer.values)


def error_of(session: VCenterSession, raw: Raw, spec: Any) -> Any:
    return told(session, raw(lambda one: machine(one).ReconfigVM_Task(spec))).get("info.error")


# -- loud


def test_a_call_that_nobody_taught_it_is_refused_by_name(connection: Connection) -> None:
    with pytest.raises(vmodl.fault.NotSupported) as refused:
        machine(connection).Destroy_Task()
    assert "never taught to answer Destroy_Task" in refused.value.msg


def test_a_part_of_a_machine_that_it_cannot_change_is_named(connection: Connection) -> None:
    with pytest.raises(vmodl.fault.NotSupported) as refused:
        machine(connection).ReconfigVM_Task(vim.vm.ConfigSpec(name="new", annotation="words"))
    assert "annotation, name" in refused.value.msg


def test_whole_objects_are_not_answered(connection: Connection) -> None:
    with pytest.raises(vmodl.fault.NotSupported) as refused:
        Collector(connection).of_these(vim.VirtualMachine, [TARGET], ["runtime"])
    assert "leaf paths only" in refused.value.msg


def test_an_attribute_is_not_answered(connection: Connection) -> None:
    with pytest.raises(vmodl.fault.NotSupported):
        _ = machine(connection).name


def test_arguments_and_answers_are_copies(wire: VCenterWire, connection: Connection) -> None:
    row = vim.option.OptionValue(key="failback.test", value="TRUE")
    machine(connection).ReconfigVM_Task(vim.vm.ConfigSpec(extraConfig=[row]))
    row.value = "changed afterwards"
    (answer,) = Collector(connection).of_these(vim.VirtualMachine, [TARGET], ["config.extraConfig"])
    answer.values["config.extraConfig"][0].value = "changed afterwards"
    assert {each.value for each in wire.store.get(TARGET, "config.extraConfig")} == {"FALSE", "TRUE"}


def test_the_log_holds_no_password(wire: VCenterWire, connection: Connection) -> None:
    assert [call.name for call in wire.calls] == ["RetrieveServiceContent", "Login"]
    assert inventory.PASSWORD not in repr(wire.calls)


# -- guards and limits


def test_a_stale_change_version_fails_the_task_and_changes_nothing(
    wire: VCenterWire, session: VCenterSession, raw: Raw
) -> None:
    spec = vim.vm.ConfigSpec(changeVersion="stale", extraConfig=[vim.option.OptionValue(key="a", value="b")])
    before = wire.store.get(TARGET, "config.changeVersion")
    assert isinstance(error_of(session, raw, spec), vim.fault.ConcurrentAccess)
    assert wire.store.get(TARGET, "config.changeVersion") == before
    assert [row.key for row in wire.store.get(TARGET, "config.extraConfig")] == ["disk.enableuuid"]


def test_rows_are_one_whatever_their_case(wire: VCenterWire, session: VCenterSession, raw: Raw) -> None:
    spec = vim.vm.ConfigSpec(
        flags=vim.vm.FlagInfo(diskUuidEnabled=True),
        extraConfig=[vim.option.OptionValue(key="disk.EnableUUID", value="TRUE")],
    )
    assert error_of(session, raw, spec) is None
    rows = wire.store.get(TARGET, "config.extraConfig")
    assert [(row.key, row.value) for row in rows] == [("disk.EnableUUID", "TRUE")]
    assert wire.store.get(TARGET, "config.flags.diskUuidEnabled") is True


def adding(*devices: Any) -> Any:
    return vim.vm.ConfigSpec(
        deviceChange=[_device.VirtualDeviceSpec(operation="add", device=device) for device in devices]
    )


def controllers(*buses: int) -> list[Any]:
    return [
        _device.VirtualLsiLogicSASController(key=-200 - number, busNumber=bus, sharedBus="noSharing")
        for number, bus in enumerate(buses)
    ]


def disk_on(unit: int) -> Any:
    backing = _device.VirtualDisk.FlatVer2BackingInfo(fileName="", diskMode="persistent")
    return _device.VirtualDisk(key=-101, controllerKey=1000, unitNumber=unit, capacityInKB=1, backing=backing)


@pytest.mark.parametrize(
    "spec",
    [adding(*controllers(1, 2, 3, 4)), adding(*controllers(0)), adding(disk_on(7)), adding(disk_on(0))],
    ids=["five controllers", "one bus twice", "the controller's own unit", "a taken unit"],
)
def test_limits_of_virtual_hardware_hold_and_nothing_is_half_done(
    wire: VCenterWire, session: VCenterSession, raw: Raw, spec: Any
) -> None:
    assert isinstance(error_of(session, raw, spec), vim.fault.InvalidDeviceSpec)
    assert [each.key for each in wire.store.get(TARGET, "config.hardware.device")] == [1000, 2000, 4000]


def test_memory_changes_only_while_the_machine_is_off(wire: VCenterWire, session: VCenterSession, raw: Raw) -> None:
    spec = vim.vm.ConfigSpec(memoryMB=16384)
    assert isinstance(error_of(session, raw, spec), vim.fault.InvalidPowerState)
    wire.store.set(TARGET, {"runtime.powerState": "poweredOff"})
    assert error_of(session, raw, spec) is None
    assert wire.store.get(TARGET, "config.hardware.memoryMB") == 16384


def test_a_guest_without_tools_is_not_shut_down(wire: VCenterWire, connection: Connection) -> None:
    wire.store.set(TARGET, {"guest.toolsRunningStatus": "guestToolsNotRunning"})
    with pytest.raises(vim.fault.ToolsUnavailable):
        machine(connection).ShutdownGuest()


# -- snapshots and disks


def with_delta_files(wire: VCenterWire) -> None:
    devices = inventory.devices("MT01")
    parent = devices[1].backing
    devices[1].backing = _device.VirtualDisk.FlatVer2BackingInfo(
        fileName="[vmfs-01] MT01/MT01-000001.vmdk", diskMode="persistent", parent=parent
    )
    unit = vim.vm.FileLayoutEx.DiskUnit(fileKey=[1])
    wire.store.set(TARGET, {
        "config.hardware.device": devices,
        "layoutEx.disk": [vim.vm.FileLayoutEx.DiskLayout(key=2000, chain=[unit, unit])],
        "runtime.consolidationNeeded": True,
    })  # fmt: skip


def disk_file(wire: VCenterWire) -> tuple[str, int, bool]:
    disk = wire.store.get(TARGET, "config.hardware.device[2000]")
    chain = wire.store.get(TARGET, "layoutEx.disk")[0].chain
    return disk.backing.fileName, len(chain), wire.store.get(TARGET, "runtime.consolidationNeeded")


@pytest.mark.parametrize("method", ["RemoveAllSnapshots_Task", "ConsolidateVMDisks_Task"])
def test_merging_leaves_one_file_for_each_disk(wire: VCenterWire, raw: Raw, method: str) -> None:
    with_delta_files(wire)
    raw(lambda one: getattr(machine(one), method)())
    assert disk_file(wire) == ("[vmfs-01] MT01/MT01.vmdk", 1, False)


def test_consolidating_keeps_the_files_of_snapshots(wire: VCenterWire, raw: Raw) -> None:
    with_delta_files(wire)
    wire.store.set(TARGET, {"snapshot": inventory.snapshot_tree("before patch")})
    raw(lambda one: machine(one).ConsolidateVMDisks_Task())
    assert disk_file(wire) == ("[vmfs-01] MT01/MT01-000001.vmdk", 2, False)


# -- Storage DRS


def test_a_storage_drs_exception_is_added_edited_and_removed_and_not_twice(
    wire: VCenterWire, session: VCenterSession, raw: Raw
) -> None:
    def change(operation: str, *, enabled: bool = False) -> Any:
        row = vim.storageDrs.VmConfigSpec(operation=operation)
        if operation == "remove":
            row.removeKey = vim.VirtualMachine(TARGET)
        else:
            row.info = vim.storageDrs.VmConfigInfo(vm=vim.VirtualMachine(TARGET), enabled=enabled)
        spec = vim.storageDrs.ConfigSpec(vmConfigSpec=[row])
        pod = vim.StoragePod("group-p1")
        task = raw(lambda one: one.content.storageResourceManager.ConfigureStorageDrsForPod_Task(pod, spec, True))
        return told(session, task).get("info.error")

    def exceptions() -> list[tuple[str, bool]]:
        rows = wire.store.get("group-p1", "podStorageDrsEntry.storageDrsConfig.vmConfig") or []
        return [(row.vm._GetMoId(), row.enabled) for row in rows]

    assert isinstance(change("remove"), vmodl.fault.InvalidArgument)
    assert change("add") is None
    assert isinstance(change("add"), vmodl.fault.InvalidArgument)
    assert exceptions() == [(TARGET, False)]
    assert change("edit", enabled=True) is None
    assert exceptions() == [(TARGET, True)]
    assert change("remove") is None
    assert exceptions() == []


# -- tasks, faults, delays


def test_a_task_shows_progress_on_the_clock_and_takes_effect_at_its_end(
    wire: VCenterWire, session: VCenterSession, raw: Raw, clock: RehearsalClock
) -> None:
    wire.tasks.durations["RemoveAllSnapshots_Task"] = 100
    wire.store.set(TARGET, {"snapshot": inventory.snapshot_tree("before patch")})
    task = raw(lambda one: machine(one).RemoveAllSnapshots_Task())
    clock.advance(40)
    assert told(session, task)["info.progress"] == 40
    assert wire.store.get(TARGET, "snapshot") is not None
    clock.advance(61)
    assert told(session, task)["info.state"] == "success"
    assert wire.store.get(TARGET, "snapshot") is None


def test_a_second_change_of_a_machine_waits_for_the_first(wire: VCenterWire, raw: Raw) -> None:
    wire.tasks.durations["RemoveAllSnapshots_Task"] = 100
    raw(lambda one: machine(one).RemoveAllSnapshots_Task())
    with pytest.raises(vim.fault.TaskInProgress):
        raw(lambda one: machine(one).ReconfigVM_Task(vim.vm.ConfigSpec()))


def test_a_task_is_found_again_by_its_id_in_a_new_session(wire: VCenterWire, session: VCenterSession, raw: Raw) -> None:
    task = raw(lambda one: machine(one).PowerOffVM_Task())
    wire.end_sessions()
    assert told(session, task)["info.descriptionId"] == "VirtualMachine.powerOff"


def test_a_fault_strikes_the_method_and_object_it_names_as_often_as_it_says(wire: VCenterWire, raw: Raw) -> None:
    wire.fault("PowerOffVM_Task", vmodl.fault.HostNotConnected(), moref="vm-2", times=1)
    raw(lambda one: machine(one).PowerOffVM_Task())
    with pytest.raises(vmodl.fault.HostNotConnected):
        raw(lambda one: vim.VirtualMachine("vm-2", one.stub).PowerOffVM_Task())
    assert wire.store.get("vm-2", "runtime.powerState") == "poweredOn"
    raw(lambda one: vim.VirtualMachine("vm-2", one.stub).PowerOffVM_Task())
    assert wire.store.get("vm-2", "runtime.powerState") == "poweredOff"


def test_a_slow_wire_lets_the_clock_run(wire: VCenterWire, session: VCenterSession, clock: RehearsalClock) -> None:
    wire.delay = 0.5
    before = clock.now()
    session.run(lambda one: one.content)
    assert (clock.now() - before).total_seconds() == 0.5 * len(wire.calls)
