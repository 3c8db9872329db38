"""The rehearsal wire answers as govmomi's simulator does, for every call that both implement.

What only the wire answers is listed by name in `ANSWERED_ONLY_BY_US`; a test keeps that list complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.errors import SignInRefusedError
from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import ANSWERED_ONLY_BY_US, ANSWERS
from failback.vcenter import session as product
from failback.vcenter.properties import Collector
from failback.vcenter.session import VCenterSession
from tests.vcenter import inventory
from tests.vcenter.peers import Peer

COMPARED = frozenset({
    "RetrieveServiceContent", "CurrentTime", "Logout", "SessionIsActive",
    "CreateContainerView", "DestroyView", "RetrievePropertiesEx", "ContinueRetrievePropertiesEx",
    "QueryEvents", "QueryAssignedLicenses", "FetchUserPrivilegeOnEntities",
    "FindByUuid", "FindAllByUuid", "FindByIp", "FindAllByIp", "FindByDnsName", "FindAllByDnsName",
    "ReconfigVM_Task", "RemoveAllSnapshots_Task", "PowerOnVM_Task", "PowerOffVM_Task", "ShutdownGuest",
    "ReconfigureComputeResource_Task", "RelocateVM_Task", "Rename_Task", "RescanAllHba", "RescanVmfs",
    "AddAuthorizationRole", "RemoveAuthorizationRole", "SetEntityPermissions", "RemoveEntityPermission",
    "RetrieveEntityPermissions", "SearchDatastoreSubFolders_Task", "QueryVirtualDiskUuid",
})  # fmt: skip
"""Calls with a test below that runs against both."""

_device = vim.vm.device


def anything(session: VCenterSession) -> Any:
    """Let every call out: the peers are compared, not the product."""

    def raw(work: Any) -> Any:
        every = frozenset({*ANSWERS, "Login", "TerminateSession", "CreateSnapshot_Task"})
        allowed = product._may_call.set(every)
        try:
            return session._run(work)
        finally:
            product._may_call.reset(allowed)

    return raw


@pytest.fixture(params=["rehearsal", "govmomi"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    if request.param == "rehearsal":
        clock: RehearsalClock = request.getfixturevalue("clock")
        wire = request.getfixturevalue("wire")
        with inventory.session_on(wire) as session:
            yield Peer(
                "rehearsal", lambda **options: inventory.session_on(wire, **options), anything(session),
                inventory.TARGET, "domain-c1", "group-p1", "host-1", clock.sleep,
            )  # fmt: skip
        return
    simulator = request.getfixturevalue("simulator")
    with simulator.session() as session:
        machines, clusters = simulator.refs("VirtualMachine"), simulator.refs("ClusterComputeResource")
        pods, hosts = simulator.refs("StoragePod"), simulator.refs("HostSystem")
        simulator.set(min(machines.values()), "VirtualMachine", {
            "guest.ipAddress": "10.20.0.1", "guest.hostName": "MT01.example.com",
        })  # fmt: skip
        yield Peer(
            "govmomi", simulator.session, anything(session), min(machines.values()),
            next(iter(clusters.values())), next(iter(pods.values())), min(hosts.values()),
            RehearsalClock(speed=1).sleep,
        )  # fmt: skip


def changed(*devices: tuple[str, Any]) -> Any:
    specs = [_device.VirtualDeviceSpec(operation=operation, device=device) for operation, device in devices]
    for spec in specs:
        if spec.operation == "add" and isinstance(spec.device, _device.VirtualDisk):
            spec.fileOperation = "create"
    return vim.vm.ConfigSpec(deviceChange=specs)


def new_disk(controller: int, unit: int) -> Any:
    backing = _device.VirtualDisk.FlatVer2BackingInfo(fileName="", diskMode="persistent", thinProvisioned=True)
    return _device.VirtualDisk(
        key=-101, controllerKey=controller, unitNumber=unit, capacityInKB=1024 * 1024, backing=backing
    )


def rows(peer: Peer) -> dict[str, str]:
    return {row.key: row.value for row in peer.vm("config.extraConfig")["config.extraConfig"]}


def setting(key: str, value: str) -> Any:
    return vim.vm.ConfigSpec(extraConfig=[vim.option.OptionValue(key=key, value=value)])


# -- sessions


def test_the_service_content_names_the_services_that_the_product_uses(peer: Peer) -> None:
    content = peer.raw(lambda one: one.content)
    assert content.about.apiType == "VirtualCenter"
    assert content.about.instanceUuid
    for service in ("rootFolder", "propertyCollector", "viewManager", "sessionManager", "searchIndex", "eventManager",
                    "authorizationManager", "storageResourceManager", "licenseManager"):  # fmt: skip
        assert getattr(content, service) is not None, service


def test_a_wrong_password_is_refused(peer: Peer) -> None:
    with pytest.raises(SignInRefusedError):
        peer.new_session(password="wrong").run(lambda one: one)


def test_a_session_that_logged_out_is_not_authenticated_any_more(peer: Peer) -> None:
    with peer.new_session() as session:
        connection = session._signed_in()
        key = connection.stub.session if peer.name == "rehearsal" else connection.stub.GetSessionId()
        raw = anything(session)
        user = inventory.USER
        assert raw(lambda one: one.content.sessionManager.SessionIsActive(key, user)) is True
        assert raw(lambda one: one.content.sessionManager.SessionIsActive("another", user)) is False
        assert raw(lambda one: vim.ServiceInstance("ServiceInstance", one.stub).CurrentTime()).tzinfo is not None
        raw(lambda one: one.content.sessionManager.Logout())
        every = product._may_call.set(frozenset(ANSWERS))
        with pytest.raises(vim.fault.NotAuthenticated):
            vim.ServiceInstance("ServiceInstance", connection.stub).CurrentTime()
        product._may_call.reset(every)


# -- reading


@pytest.mark.parametrize("page", [1, 2, 500])
def test_pages_bring_every_machine_once(peer: Peer, page: int) -> None:
    answers = peer.raw(lambda one: Collector(one).of_all(vim.VirtualMachine, ["name"], page))
    assert len({answer.ref for answer in answers}) == len(answers) == 2
    assert all(answer.values["name"] for answer in answers)


def test_an_unset_property_is_absent_and_not_missing(peer: Peer) -> None:
    (answer,) = peer.raw(lambda one: Collector(one).of_these(vim.VirtualMachine, [peer.machine], ["snapshot"]))
    assert (answer.values, answer.missing) == ({}, {})


def test_a_keyed_path_reaches_one_device(peer: Peer) -> None:
    key = peer.devices()[-1].key
    path = f"config.hardware.device[{key}]"
    assert peer.vm(path)[path].key == key


def test_an_unknown_path_ends_as_a_reason(peer: Peer) -> None:
    (answer,) = peer.raw(
        lambda one: Collector(one).of_these(vim.VirtualMachine, [peer.machine], ["name", "runtime.noSuchThing"])
    )
    assert list(answer.values) == ["name"]
    assert list(answer.missing) == ["runtime.noSuchThing"]


def test_an_object_that_is_not_there_is_left_out(peer: Peer) -> None:
    assert peer.raw(lambda one: Collector(one).of_these(vim.VirtualMachine, ["vm-9999"], ["name"])) == []


def test_references_come_as_objects_of_their_type(peer: Peer) -> None:
    assert isinstance(peer.vm("runtime.host")["runtime.host"], vim.HostSystem)


@pytest.mark.parametrize(
    ("method", "path", "arguments"),
    [
        ("Uuid", "config.uuid", {"instanceUuid": False}),
        ("Uuid", "config.instanceUuid", {"instanceUuid": True}),
        ("Ip", "guest.ipAddress", {}),
        ("DnsName", "guest.hostName", {}),
    ],
)
def test_a_machine_is_found_by_what_identifies_it(
    peer: Peer, method: str, path: str, arguments: dict[str, bool]
) -> None:
    known = {"Uuid": "uuid", "Ip": "ip", "DnsName": "dnsName"}[method]

    def find(name: str, value: str) -> Any:
        return peer.raw(
            lambda one: getattr(one.content.searchIndex, name)(**{known: value}, vmSearch=True, **arguments)
        )

    value = peer.vm(path)[path]
    assert find(f"FindBy{method}", value)._GetMoId() == peer.machine
    assert [each._GetMoId() for each in find(f"FindAllBy{method}", value)] == [peer.machine]
    assert find(f"FindBy{method}", "10.255.255.255") is None


def test_privileges_are_told_for_each_entity(peer: Peer) -> None:
    told = peer.raw(
        lambda one: one.content.authorizationManager.FetchUserPrivilegeOnEntities(
            [vim.VirtualMachine(peer.machine), vim.HostSystem(peer.host)], "svc-asr@vsphere.local"
        )
    )
    assert [each.entity._GetMoId() for each in told] == [peer.machine, peer.host]


def test_licences_are_told_with_an_edition(peer: Peer) -> None:
    (manager,) = peer.read(vim.LicenseManager, "LicenseManager", "licenseAssignmentManager").values()
    (found,) = peer.raw(
        lambda one: vim.LicenseAssignmentManager(manager._GetMoId(), one.stub).QueryAssignedLicenses(peer.host)
    )
    assert found.entityId == peer.host
    assert found.assignedLicense.editionKey


def test_a_reconfiguration_leaves_an_event_with_what_was_changed(peer: Peer) -> None:
    peer.run("ReconfigVM_Task", setting("disk.EnableUUID", "TRUE"))
    events = peer.raw(
        lambda one: one.content.eventManager.QueryEvents(
            vim.event.EventFilterSpec(
                entity=vim.event.EventFilterSpec.ByEntity(entity=vim.VirtualMachine(peer.machine), recursion="self"),
                eventTypeId=["VmReconfiguredEvent"],
            )
        )
    )
    assert [row.key for row in events[-1].configSpec.extraConfig] == ["disk.EnableUUID"]
    assert events[-1].vm.vm._GetMoId() == peer.machine


# -- changing


def test_a_row_is_added_changed_and_removed(peer: Peer) -> None:
    for value in ("TRUE", "FALSE"):
        assert peer.run("ReconfigVM_Task", setting("failback.test", value)) is None
        assert rows(peer)["failback.test"] == value
    assert peer.run("ReconfigVM_Task", setting("failback.test", "")) is None
    assert "failback.test" not in rows(peer)


def test_every_reconfiguration_has_a_new_change_version(peer: Peer) -> None:
    before = peer.vm("config.changeVersion")
    peer.run("ReconfigVM_Task", setting("failback.test", "TRUE"))
    assert peer.vm("config.changeVersion") != before


def test_a_reconfiguration_on_the_current_change_version_is_done(peer: Peer) -> None:
    spec = setting("failback.test", "TRUE")
    spec.changeVersion = peer.vm("config.changeVersion")["config.changeVersion"]
    assert peer.run("ReconfigVM_Task", spec) is None
    assert "failback.test" in rows(peer)


def test_a_disk_is_added_on_a_free_unit_and_removed_again(peer: Peer) -> None:
    before = {device.key for device in peer.devices()}
    (controller,) = [each for each in peer.devices() if isinstance(each, _device.VirtualSCSIController)]
    assert peer.run("ReconfigVM_Task", changed(("add", new_disk(controller.key, 3)))) is None
    (added,) = [each for each in peer.devices() if each.key not in before]
    assert (added.controllerKey, added.unitNumber) == (controller.key, 3)
    assert added.key > 0
    assert added.capacityInBytes == 2**30
    assert added.backing.fileName.endswith(".vmdk")
    assert peer.run("ReconfigVM_Task", changed(("remove", added))) is None
    assert {device.key for device in peer.devices()} == before


def test_a_unit_that_is_taken_is_refused_and_nothing_changes(peer: Peer) -> None:
    before = {device.key for device in peer.devices()}
    (disk,) = [each for each in peer.devices() if isinstance(each, _device.VirtualDisk)]
    error = peer.run("ReconfigVM_Task", changed(("add", new_disk(disk.controllerKey, disk.unitNumber))))
    assert isinstance(error, vim.fault.InvalidDeviceSpec)
    assert error.deviceIndex == 0
    assert {device.key for device in peer.devices()} == before


def test_a_controller_is_added_and_a_disk_on_it_in_one_go(peer: Peer) -> None:
    controller = _device.VirtualLsiLogicSASController(key=-201, busNumber=1, sharedBus="noSharing")
    assert peer.run("ReconfigVM_Task", changed(("add", controller), ("add", new_disk(-201, 0)))) is None
    (added,) = [each for each in peer.devices() if isinstance(each, _device.VirtualLsiLogicSASController)]
    assert added.key > 0
    assert [each.controllerKey for each in peer.devices() if isinstance(each, _device.VirtualDisk)].count(
        added.key
    ) == 1


def test_removing_all_snapshots_leaves_none(peer: Peer, request: pytest.FixtureRequest) -> None:
    if peer.name == "rehearsal":
        request.getfixturevalue("wire").store.set(peer.machine, {"snapshot": inventory.snapshot_tree("one", "two")})
    else:
        for name in ("one", "two"):
            assert peer.run("CreateSnapshot_Task", name=name, memory=False, quiesce=False) is None
    assert peer.vm("snapshot")["snapshot"].rootSnapshotList[0].name == "one"
    assert peer.run("RemoveAllSnapshots_Task", consolidate=True) is None
    assert peer.vm("snapshot") == {}


def test_power_goes_off_and_on_and_not_twice(peer: Peer) -> None:
    assert isinstance(peer.run("PowerOnVM_Task"), vim.fault.InvalidPowerState)
    assert peer.run("PowerOffVM_Task") is None
    assert peer.vm("runtime.powerState") == {"runtime.powerState": "poweredOff"}
    assert isinstance(peer.run("PowerOffVM_Task"), vim.fault.InvalidPowerState)
    assert peer.run("PowerOnVM_Task") is None
    assert peer.vm("runtime.powerState") == {"runtime.powerState": "poweredOn"}


def test_a_guest_that_is_asked_to_shut_down_is_off_a_little_later(peer: Peer) -> None:
    assert peer.call("ShutdownGuest") is None
    for _ in range(100):
        if peer.vm("runtime.powerState")["runtime.powerState"] == "poweredOff":
            return
        peer.sleep(0.5 if peer.name == "rehearsal" else 0.02)
    pytest.fail("the machine is still on")


def test_a_drs_exception_is_added_edited_and_removed_and_not_twice(peer: Peer) -> None:
    def override(operation: str, *, enabled: bool = False) -> Any:
        machine = vim.VirtualMachine(peer.machine)
        row = vim.cluster.DrsVmConfigSpec(operation=operation)
        if operation == "remove":
            row.removeKey = machine
        else:
            row.info = vim.cluster.DrsVmConfigInfo(key=machine, enabled=enabled)
        spec = vim.cluster.ConfigSpecEx(drsVmConfigSpec=[row])
        cluster = vim.ClusterComputeResource
        return peer.end_of(
            peer.raw(lambda one: cluster(peer.cluster, one.stub).ReconfigureComputeResource_Task(spec, True))
        )

    def exceptions() -> list[tuple[str, bool]]:
        config = peer.read(vim.ClusterComputeResource, peer.cluster, "configurationEx")["configurationEx"]
        return [(row.key._GetMoId(), row.enabled) for row in config.drsVmConfig]

    assert isinstance(override("edit"), vmodl.fault.InvalidArgument)
    assert override("add") is None
    assert exceptions() == [(peer.machine, False)]
    assert isinstance(override("add"), vmodl.fault.InvalidArgument)
    assert override("edit", enabled=True) is None
    assert exceptions() == [(peer.machine, True)]
    assert override("remove") is None
    assert exceptions() == []


def test_a_machine_moves_to_another_host_and_its_files_stay(peer: Peer) -> None:
    before = peer.vm("runtime.host", "datastore")
    hosts = peer.raw(lambda one: Collector(one).of_all(vim.HostSystem, ("name",)))
    other = next(one.ref for one in hosts if one.ref != before["runtime.host"]._GetMoId())

    spec = vim.vm.RelocateSpec(host=vim.HostSystem(other))
    assert peer.run("RelocateVM_Task", spec, "defaultPriority") is None

    after = peer.vm("runtime.host", "datastore")
    assert after["runtime.host"]._GetMoId() == other
    assert [one._GetMoId() for one in after["datastore"]] == [one._GetMoId() for one in before["datastore"]]


def test_a_machine_is_renamed_and_takes_no_name_that_another_has(peer: Peer) -> None:
    machines = peer.raw(lambda one: Collector(one).of_all(vim.VirtualMachine, ("name",)))
    taken = next(one.values["name"] for one in machines if one.ref != peer.machine)

    assert peer.run("Rename_Task", "MT01-old") is None
    assert peer.vm("name") == {"name": "MT01-old"}
    refused = peer.run("Rename_Task", taken)  # govmomi names the argument, the documentation the duplicate
    assert isinstance(refused, (vim.fault.DuplicateName, vmodl.fault.InvalidArgument))
    assert peer.vm("name") == {"name": "MT01-old"}


def test_a_host_rescans_its_adapters_and_volumes_and_answers_nothing(peer: Peer) -> None:
    path = "configManager.storageSystem"
    system = peer.read(vim.HostSystem, peer.host, path)[path]._GetMoId()

    def rescan(method: str) -> Any:
        return peer.raw(lambda one: getattr(vim.host.StorageSystem(system, one.stub), method)())

    assert rescan("RescanAllHba") is None
    assert rescan("RescanVmfs") is None


# -- the two lists


def test_every_call_is_compared_or_listed_as_answered_only_by_us() -> None:
    assert set(ANSWERS) - COMPARED == {name for name in ANSWERED_ONLY_BY_US if " " not in name}


def test_the_document_on_reliability_shows_what_only_we_answer() -> None:
    document = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")
    plain = document.replace("`", "")
    assert [row for row in ANSWERED_ONLY_BY_US.items() if f"| {row[0]} | {row[1]} |" not in plain] == []
