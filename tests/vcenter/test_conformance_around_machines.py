"""The rehearsal wire answers as govmomi's simulator does: roles and permissions, files of disks, network adapters."""

from __future__ import annotations

from typing import Any

import pytest
from pyVmomi import vim

from failback.vcenter.properties import Collector
from failback.vcenter.read_accounts import read_roles
from failback.vcenter.read_disk_files import Search, find_disks
from failback.vcenter.read_networks import read_datacenters, read_networks
from tests.vcenter.peers import Peer
from tests.vcenter.test_conformance import changed, new_disk, peer
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.seen_around_machines import DISTRIBUTED, STANDARD, DiskFile, Role

__all__ = ["peer"]  # the fixture: the same two vCenters

_device = vim.vm.device
USER = "VSPHERE.LOCAL\\svc-asr"


class _Clock:
    """Waits as the peer's own clock does."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def now(self) -> Any:
        from failback.clock import SystemClock

        return SystemClock().now()

    def sleep(self, seconds: float) -> None:
        self._peer.sleep(min(seconds, 0.02))


def authorization(peer: Peer, method: str, **arguments: Any) -> Any:
    return peer.raw(lambda one: getattr(one.content.authorizationManager, method)(**arguments))


def roles(peer: Peer) -> dict[str, Role]:
    return {one.name.raw: one for one in peer.raw(lambda one: read_roles(Collector(one)))}


def datacenter(peer: Peer) -> Any:
    [found] = peer.raw(lambda one: read_datacenters(Collector(one), None))  # type: ignore[arg-type]
    return found


def permissions(peer: Peer) -> list[tuple[str, int, bool]]:
    found = authorization(
        peer, "RetrieveEntityPermissions", entity=vim.Datacenter(datacenter(peer).ref), inherited=False
    )
    return [(one.principal, one.roleId, one.propagate) for one in found]


# -- roles and permissions


def test_a_role_is_made_once_holds_what_every_role_holds_and_is_removed(peer: Peer) -> None:
    authorization(peer, "AddAuthorizationRole", name="ASR", privIds=["Datastore.Browse"])

    made = roles(peer)["ASR"]
    assert made.privileges == {"Datastore.Browse", "System.Anonymous", "System.Read", "System.View"}
    assert not made.is_system
    assert roles(peer)["ReadOnly"].is_system
    with pytest.raises(vim.fault.AlreadyExists):
        authorization(peer, "AddAuthorizationRole", name="ASR", privIds=[])
    authorization(peer, "RemoveAuthorizationRole", roleId=made.id, failIfUsed=True)
    assert "ASR" not in roles(peer)
    with pytest.raises(vim.fault.NotFound):
        authorization(peer, "RemoveAuthorizationRole", roleId=made.id, failIfUsed=True)


def test_a_permission_is_set_told_and_removed(peer: Peer) -> None:
    place = vim.Datacenter(datacenter(peer).ref)
    authorization(peer, "AddAuthorizationRole", name="ASR", privIds=["Datastore.Browse"])
    number = roles(peer)["ASR"].id
    row = vim.AuthorizationManager.Permission(principal=USER, group=False, roleId=number, propagate=True)

    authorization(peer, "SetEntityPermissions", entity=place, permission=[row])

    assert permissions(peer) == [(USER, number, True)]
    authorization(peer, "RemoveEntityPermission", entity=place, user=USER, isGroup=False)
    assert permissions(peer) == []


# -- files of disks


def disk_of(peer: Peer) -> Any:
    return next(each for each in peer.devices() if isinstance(each, _device.VirtualDisk))


def found(peer: Peer, uuid: str, machines: tuple[str, ...]) -> tuple[DiskFile, ...]:
    """Search for a disk where the peer's machine has its files."""
    datastores = {
        one.ref: str(one.values["name"])
        for one in peer.raw(lambda one: Collector(one).of_all(vim.Datastore, ("name",)))
    }
    search = Search({uuid: "[x] y/z.vmdk"}, datastores, datacenter(peer).ref, machines)
    return peer.raw(lambda one: find_disks(one, search, _Clock(peer), lambda: False))  # type: ignore[no-any-return]


def test_a_disk_that_is_taken_away_is_found_by_its_uuid_and_attached_again(peer: Peer) -> None:
    (controller,) = [each for each in peer.devices() if isinstance(each, _device.VirtualSCSIController)]
    before = {each.key for each in peer.devices()}
    assert peer.run("ReconfigVM_Task", changed(("add", new_disk(controller.key, 3)))) is None
    (disk,) = [each for each in peer.devices() if each.key not in before]
    uuid, file = disk.backing.uuid, disk.backing.fileName
    [hanging] = found(peer, uuid, (peer.machine,))
    assert hanging.attached_to is not None
    assert peer.run("ReconfigVM_Task", changed(("remove", disk))) is None

    [loose] = found(peer, uuid, (peer.machine,))

    assert loose.attached_to is None
    assert loose.file_name.raw == file
    assert plain_uuid(loose.uuid) == plain_uuid(uuid)
    backing = _device.VirtualDisk.FlatVer2BackingInfo(fileName=file, diskMode="persistent")
    again = _device.VirtualDisk(key=-101, controllerKey=controller.key, unitNumber=3, capacityInKB=0, backing=backing)
    spec = vim.vm.ConfigSpec(deviceChange=[_device.VirtualDeviceSpec(operation="add", device=again)])
    assert peer.run("ReconfigVM_Task", spec) is None
    (there,) = [each for each in peer.devices() if each.key not in before]
    assert (there.unitNumber, there.backing.fileName) == (3, file)


def test_a_uuid_that_nobody_has_is_not_found(peer: Peer) -> None:
    assert found(peer, "6000c293-0000-0000-0000-000000000000", (peer.machine,)) == ()


def test_a_file_that_is_not_there_is_told_as_a_fault_of_files(peer: Peer) -> None:
    store = disk_of(peer).backing.fileName.partition(" ")[0]
    place = vim.Datacenter(datacenter(peer).ref)
    with pytest.raises(vim.fault.FileFault):
        peer.raw(lambda one: one.content.virtualDiskManager.QueryVirtualDiskUuid(f"{store} no/such.vmdk", place))


# -- networks


def test_networks_are_told_with_their_hosts_and_kinds(peer: Peer) -> None:
    networks = peer.raw(lambda one: read_networks(Collector(one), None))  # type: ignore[arg-type]

    [standard] = [one for one in networks if one.kind == STANDARD]
    assert standard.name.raw == "VM Network"
    if peer.name == "rehearsal":
        assert peer.host in standard.host_refs
        return
    assert {one.kind for one in networks} == {STANDARD, DISTRIBUTED}  # it marks no port group as the switch's own
    assert all(one.switch_uuid and one.port_group_key for one in networks if one.kind != STANDARD)
    assert any(peer.host in one.host_refs for one in networks if one.kind == DISTRIBUTED)


def test_a_network_adapter_is_added_and_removed_again(peer: Peer) -> None:
    before = {each.key for each in peer.devices()}
    network = next(
        one
        for one in peer.raw(lambda one: read_networks(Collector(one), None))  # type: ignore[arg-type]
        if one.kind == STANDARD
    )
    backing = _device.VirtualEthernetCard.NetworkBackingInfo(
        deviceName=network.name.raw, network=vim.Network(network.ref)
    )
    connectable = _device.VirtualDevice.ConnectInfo(startConnected=True, allowGuestControl=True, connected=True)
    card = _device.VirtualVmxnet3(key=-501, addressType="generated", backing=backing, connectable=connectable)

    assert peer.run("ReconfigVM_Task", changed(("add", card))) is None

    (added,) = [each for each in peer.devices() if each.key not in before]
    assert isinstance(added, _device.VirtualVmxnet3)
    assert added.backing.network._GetMoId() == network.ref
    assert added.macAddress
    assert peer.run("ReconfigVM_Task", changed(("remove", added))) is None
    assert {each.key for each in peer.devices()} == before
