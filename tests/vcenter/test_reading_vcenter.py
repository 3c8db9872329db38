"""Two phases: a little of everything, then all of the machines that matter. What is not read says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.errors import InterruptedByOperatorError, SignInRefusedError
from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.allowed import READS
from failback.vcenter.read_machines import DEEP, IN_DEPTH, OF_EVERY_MACHINE
from failback.vcenter.reading import VCenterReader
from failback.vcenter.session import VCenterSession
from tests.peers.certificates import Authority
from tests.peers.vcenter_simulator import VCenterSimulator, require_simulator
from tests.vcenter import inventory
from tests.vcenter.inventory import BOOTED, OTHER, TARGET
from wizard_steps.reading import Reading
from wizard_steps.seen_in_vcenter import NOT_IN_DEPTH, SeenInVCenter, VirtualMachine

LISTS = ("machines", "hosts", "datastores", "clusters", "pods")


@pytest.fixture
def reader(session: VCenterSession, clock: RehearsalClock) -> VCenterReader:
    return VCenterReader(session, clock)


def machine(seen: SeenInVCenter, ref: str = TARGET) -> VirtualMachine:
    return next(each for each in seen.machines.value if each.ref == ref)


def deep(reader: VCenterReader, **options: Any) -> VirtualMachine:
    return machine(reader.read_in_depth(reader.read(), [TARGET], **options))


# -- phase one


def test_the_first_phase_sees_a_little_of_everything(reader: VCenterReader) -> None:
    seen = reader.read()
    assert (seen.version.value, seen.is_single_host.value) == ("8.0.3", False)
    target = machine(seen)
    assert target.name.raw == "MT01"
    assert target.ip_addresses.value == ("10.20.0.1", "fd00::1")
    assert target.host_ref.value == "host-1"
    assert target.power_state.value == "poweredOn"
    host = seen.hosts.value[0]
    assert (host.memory_mb.value, host.cpu_mhz.value, host.cluster_ref.value) == (512 * 1024, 83200, "domain-c1")
    datastore = seen.datastores.value[0]
    assert (datastore.kind.value, datastore.pod_ref.value, datastore.maintenance_mode.value) == (
        "VMFS",
        "group-p1",
        "normal",
    )
    assert [mount.host_ref for mount in datastore.mounts.value] == ["host-1"]
    assert seen.clusters.value[0].drs_enabled.value is True
    assert seen.pods.value[0].default_behavior.value == "automated"


def test_the_first_phase_reads_nothing_heavy(reader: VCenterReader) -> None:
    assert machine(reader.read()).disks.reason == NOT_IN_DEPTH
    heavy = {"config.hardware.device", "config.extraConfig", "layoutEx.disk", "guest.disk", "snapshot"}
    assert not heavy & {each.path for each in OF_EVERY_MACHINE.values()}


def test_licences_belong_to_their_hosts(reader: VCenterReader) -> None:
    first, second = reader.read().hosts.value
    assert first.licence_edition.value == "esx.enterprisePlus.cpuPackage"
    assert second.licence_edition.value is None


def test_licences_that_may_not_be_read_leave_the_hosts_seen(wire: VCenterWire, reader: VCenterReader) -> None:
    wire.fault("QueryAssignedLicenses", vim.fault.NoPermission(privilegeId="Global.Licenses"))
    host = reader.read().hosts.value[0]
    assert host.licence_edition.reason == "this account lacks the privilege Global.Licenses"
    assert host.version.value == "8.0.3"


@pytest.mark.parametrize("skip", range(5))
def test_a_list_that_cannot_be_read_leaves_the_others(wire: VCenterWire, reader: VCenterReader, skip: int) -> None:
    wire.fault("CreateContainerView", vmodl.fault.SystemError(msg="out of memory"), skip=skip)
    seen = reader.read()
    reasons = [getattr(seen, name).reason for name in LISTS]
    assert sorted(reason is None for reason in reasons) == [False, True, True, True, True]
    assert "out of memory (SystemError)" in reasons


def test_a_vcenter_that_is_down_is_unseen_with_the_reason(wire: VCenterWire, reader: VCenterReader) -> None:
    wire.fault("RetrieveServiceContent", ConnectionRefusedError(), times=None)
    seen = reader.read()
    assert {getattr(seen, name).reason for name in LISTS} == {"nothing listens there"}


def test_a_vcenter_that_falls_silent_is_not_asked_on(wire: VCenterWire, reader: VCenterReader) -> None:
    wire.fault("RetrievePropertiesEx", TimeoutError(), times=None)
    seen = reader.read()
    assert {getattr(seen, name).reason for name in LISTS} == {"it did not answer in time"}
    assert sum(call.name == "RetrievePropertiesEx" for call in wire.calls) == 1


def test_a_refused_password_is_the_operators_to_put_right(wire: VCenterWire, clock: RehearsalClock) -> None:
    with pytest.raises(SignInRefusedError):
        VCenterReader(inventory.session_on(wire, "wrong"), clock).read()


def test_a_cancelled_look_stops(reader: VCenterReader) -> None:
    with pytest.raises(InterruptedByOperatorError):
        reader.read(cancelled=lambda: True)


def test_a_single_esxi_host_has_no_clusters_to_ask_for(clock: RehearsalClock) -> None:
    wire = VCenterWire(clock, users={inventory.USER: inventory.PASSWORD}, about={"apiType": "HostAgent"})
    wire.store.add(TARGET, "VirtualMachine", {"name": "MT01"})
    seen = VCenterReader(inventory.session_on(wire), clock).read()
    assert seen.is_single_host.value is True
    assert (seen.clusters.value, seen.pods.value) == ((), ())
    assert machine(seen).name.raw == "MT01"


def test_govmomis_single_esxi_host_is_read(tmp_path: Path, authority: Authority, clock: RehearsalClock) -> None:
    require_simulator()
    certificate = authority.self_signed("esxi")
    with VCenterSimulator(tmp_path, certificate=certificate, flags=("-esx", "-vm", "1")) as esxi, esxi.session() as one:
        reader = VCenterReader(one, clock)
        seen = reader.read()
        (only,) = seen.machines.value
        assert seen.is_single_host.value is True
        assert (seen.clusters.value, seen.pods.value) == ((), ())
        assert [host.ref for host in seen.hosts.value] == [only.host_ref.value]
        assert machine(reader.read_in_depth(seen, [only.ref]), only.ref).disks.was_seen


def test_a_machine_whose_settings_vcenter_cannot_reach_is_listed_with_reasons(
    wire: VCenterWire, reader: VCenterReader
) -> None:
    wire.store.add("vm-9", "VirtualMachine", {"name": "lost", "runtime.connectionState": "inaccessible"})
    lost = machine(reader.read(), "vm-9")
    assert lost.connection_state.value == "inaccessible"
    assert lost.instance_uuid.reason == 'vCenter has lost touch with the machine, it is "inaccessible" there'


# -- phase two


def test_the_second_phase_sees_devices_and_settings(reader: VCenterReader) -> None:
    target = deep(reader)
    (disk,) = target.disks.value
    assert (disk.file_name.raw, disk.capacity, disk.has_parent) == ("[vmfs-01] MT01/MT01.vmdk", 10 * 2**30, False)
    (controller,) = target.controllers.value
    assert (controller.kind, controller.disk_keys) == ("ParaVirtualSCSIController", (2000,))
    assert target.extra_config.value["disk.enableuuid"].raw == "FALSE"
    assert (target.connected_nics.value, target.longest_disk_chain.value) == (1, 1)
    assert target.boot_time.value == BOOTED
    assert target.snapshots.value == ()


@pytest.mark.parametrize(
    ("controller", "kind"),
    [
        (vim.vm.device.VirtualLsiLogicController, "LsiLogicController"),
        (vim.vm.device.VirtualLsiLogicSASController, "LsiLogicSASController"),
        (vim.vm.device.VirtualBusLogicController, "BusLogicController"),
        (vim.vm.device.VirtualAHCIController, "AHCIController"),
        (vim.vm.device.VirtualNVMEController, "NVMEController"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_storage_controller_is_told_by_its_kind(
    wire: VCenterWire, reader: VCenterReader, controller: Any, kind: str
) -> None:
    added = controller(key=1001, busNumber=1)
    if isinstance(added, vim.vm.device.VirtualSCSIController):
        added.sharedBus = "noSharing"
    wire.store.set(TARGET, {"config.hardware.device": [*inventory.devices("MT01"), added]})
    assert [each.kind for each in deep(reader).controllers.value] == ["ParaVirtualSCSIController", kind]


def test_a_snapshot_tree_is_told_parents_first(wire: VCenterWire, reader: VCenterReader) -> None:
    wire.store.set(TARGET, {"snapshot": inventory.snapshot_tree("before patch", "after patch")})
    assert [(each.name.raw, each.ref) for each in deep(reader).snapshots.value] == [
        ("before patch", "snapshot-1"),
        ("after patch", "snapshot-2"),
    ]


def test_a_guest_volume_before_vsphere_7_has_no_file_system(wire: VCenterWire, reader: VCenterReader) -> None:
    volumes = [
        vim.vm.GuestInfo.DiskInfo(diskPath="R:\\", capacity=2**40, freeSpace=2**39),
        vim.vm.GuestInfo.DiskInfo(
            diskPath="D:\\", capacity=1, freeSpace=1, filesystemType="NTFS",
            mappings=[vim.vm.GuestInfo.VirtualDiskMapping(key=2000)],
        ),
    ]  # fmt: skip
    wire.store.set(TARGET, {"guest.disk": volumes})
    old, new = deep(reader).guest_volumes.value
    assert (old.path.raw, old.free) == ("R:\\", 2**39)
    assert "7.0" in (old.file_system.reason or "")
    assert (new.file_system.value, new.disk_keys.value) == ("NTFS", (2000,))


def test_only_the_machines_named_are_read_in_depth(reader: VCenterReader) -> None:
    seen = reader.read_in_depth(reader.read(), [TARGET])
    assert machine(seen, TARGET).disks.was_seen
    assert machine(seen, OTHER).disks.reason == NOT_IN_DEPTH


def test_a_machine_deleted_between_the_phases_is_no_longer_there(wire: VCenterWire, reader: VCenterReader) -> None:
    seen = reader.read()
    wire.store.remove(TARGET)
    assert [each.ref for each in reader.read_in_depth(seen, [TARGET, OTHER]).machines.value] == [OTHER]


def test_a_second_phase_that_fails_says_so_at_every_deep_value(wire: VCenterWire, reader: VCenterReader) -> None:
    seen = reader.read()
    wire.fault("RetrievePropertiesEx", TimeoutError())
    target = machine(reader.read_in_depth(seen, [TARGET]))
    assert {getattr(target, name).reason for name in IN_DEPTH} == {"it did not answer in time"}
    assert target.relocations.reason == "it did not answer in time"
    assert target.host_ref.value == "host-1"


def test_every_value_of_a_machine_is_declared_once(reader: VCenterReader) -> None:
    events = {"enable_uuid_set_at", "relocations", "snapshot_events"}
    from_the_guest = {"inside"}  # read by a look inside, not by this reader
    declared = {"ref", "name", *DEEP, *events, *from_the_guest}
    assert {field.name for field in fields(VirtualMachine)} == declared


# -- events and accounts


def event(kind: Any, at: datetime, **more: Any) -> Any:
    about = vim.event.VmEventArgument(vm=vim.VirtualMachine(TARGET), name="MT01")
    return kind(key=1, chainId=1, createdTime=at, userName="VSPHERE.LOCAL\\backup", vm=about, **more)


def wrote(key: str) -> Any:
    return vim.vm.ConfigSpec(extraConfig=[vim.option.OptionValue(key=key, value="TRUE")])


def test_the_log_tells_when_the_row_was_last_written(
    wire: VCenterWire, reader: VCenterReader, clock: RehearsalClock
) -> None:
    now, reconfigured = clock.now(), vim.event.VmReconfiguredEvent
    wire.events += [
        event(reconfigured, now - timedelta(days=5), configSpec=wrote("disk.EnableUUID")),
        event(reconfigured, now - timedelta(days=9), configSpec=wrote("disk.enableuuid")),
        event(reconfigured, now - timedelta(days=1), configSpec=wrote("another.row")),
    ]
    assert deep(reader).enable_uuid_set_at.value == now - timedelta(days=5)


def test_a_log_that_does_not_reach_back_knows_no_time(
    wire: VCenterWire, reader: VCenterReader, clock: RehearsalClock
) -> None:
    past = clock.now() - timedelta(days=40)
    wire.events.append(event(vim.event.VmReconfiguredEvent, past, configSpec=wrote("disk.EnableUUID")))
    assert deep(reader).enable_uuid_set_at.value is None


def test_a_relocation_is_told_with_both_datastores(
    wire: VCenterWire, reader: VCenterReader, clock: RehearsalClock
) -> None:
    def argument(ref: str, name: str) -> Any:
        return vim.event.DatastoreEventArgument(datastore=vim.Datastore(ref), name=name)

    host = vim.event.HostEventArgument(host=vim.HostSystem("host-1"), name="esx01")
    moved = event(
        vim.event.VmRelocatedEvent,
        clock.now(),
        template=False,
        sourceHost=host,
        sourceDatastore=argument("datastore-1", "vmfs-01"),
        ds=argument("datastore-2", "vmfs-02"),
    )
    wire.events.append(moved)
    (relocation,) = deep(reader).relocations.value
    assert relocation.from_datastore is not None
    assert relocation.to_datastore is not None
    assert (relocation.from_datastore.raw, relocation.to_datastore.raw) == ("vmfs-01", "vmfs-02")
    assert relocation.user.raw == "VSPHERE.LOCAL\\backup"


def test_snapshots_of_the_last_seven_days_are_found_in_the_log(
    wire: VCenterWire, reader: VCenterReader, clock: RehearsalClock
) -> None:
    def task(word: str) -> Any:
        return vim.TaskInfo(
            key="1", task=vim.Task("task-1"), descriptionId=word, state="success", cancelled=False, cancelable=False,
            reason=vim.TaskReasonUser(userName="backup"), queueTime=clock.now(), eventChainId=1,
        )  # fmt: skip

    times = [clock.now() - timedelta(days=days) for days in (1, 8)]
    wire.events += [event(vim.event.TaskEvent, at, info=task("VirtualMachine.createSnapshot")) for at in times]
    wire.events.append(event(vim.event.TaskEvent, clock.now(), info=task("VirtualMachine.powerOn")))
    assert deep(reader).snapshot_events.value == (times[0],)


def test_a_log_that_may_not_be_read_leaves_the_machine_seen(wire: VCenterWire, reader: VCenterReader) -> None:
    wire.fault("QueryEvents", vim.fault.NoPermission(privilegeId="System.View"))
    target = deep(reader)
    assert target.relocations.reason == "this account lacks the privilege System.View"
    assert target.disks.was_seen


def test_privileges_are_read_for_the_machines_their_hosts_and_datastores(
    wire: VCenterWire, reader: VCenterReader
) -> None:
    wire.privileges["svc-asr"] = {TARGET: {"Datastore.Browse"}, "datastore-2": {"Task.Create"}}
    seen = reader.read_in_depth(reader.read(), [TARGET], account="svc-asr")
    assert seen.account_privileges.value == {
        TARGET: {"Datastore.Browse"},
        "host-1": set(),
        "datastore-1": set(),
        "datastore-2": {"Task.Create"},
    }


def test_privileges_are_not_seen_while_the_account_is_not_named(reader: VCenterReader) -> None:
    seen = reader.read_in_depth(reader.read(), [TARGET])
    assert "not named in the profile" in (seen.account_privileges.reason or "")


# -- the list of allowed calls, at both wires


def look(session: VCenterSession, ref: Callable[[SeenInVCenter], str]) -> None:
    reader = VCenterReader(session, RehearsalClock(datetime.now(timezone.utc)))
    seen = reader.read()
    after = reader.read_in_depth(seen, [ref(seen)], account="svc-asr")
    assert isinstance(after.account_privileges, Reading)
    assert after.account_privileges.was_seen
    session.close()


def test_the_reader_has_no_method_that_writes() -> None:
    assert {name for name in dir(VCenterReader) if not name.startswith("_")} == {
        "read",
        "read_in_depth",
        "search_disks",
    }


def test_a_look_makes_only_the_calls_that_are_listed(wire: VCenterWire, session: VCenterSession) -> None:
    look(session, lambda _seen: TARGET)
    wire.files.put("[vmfs-02] lost/x.vmdk", uuid="6001", capacity=2**30)
    with inventory.session_on(wire) as another:
        reader = VCenterReader(another, wire.clock)
        reader.search_disks(reader.read(), {TARGET: {"6001": "[vmfs-01] MT01/x.vmdk"}})
    assert {call.name for call in wire.calls} | {"ContinueRetrievePropertiesEx"} == READS


def test_a_look_at_govmomi_makes_only_the_calls_that_are_listed(simulator: VCenterSimulator) -> None:
    look(simulator.session(), lambda seen: seen.machines.value[0].ref)
    only_when_a_disk_is_lost = {"SearchDatastoreSubFolders_Task", "QueryVirtualDiskUuid"}
    assert {call.method for call in simulator.calls()} | {"ContinueRetrievePropertiesEx"} == (
        READS - only_when_a_disk_is_lost
    )
