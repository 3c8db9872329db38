"""Disks that moved away, a second adapter and a role, planned, applied and undone on stock govmomi over TLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim

from failback.changes import Change, Word
from failback.changes.remedies import REMEDIES
from failback.vcenter.reading import VCenterReader
from tests.changes.stage import finding
from tests.changes.test_on_govmomi import Peer, QuickClock
from tests.estates.changing import change_all
from tests.estates.ready import ready_choices
from tests.estates.ready_azure import seen_in_azure
from tests.estates.ready_vcenter import ACCOUNT
from tests.peers.certificates import Authority
from tests.peers.vcenter_simulator import VCenterSimulator, require_simulator
from wizard_steps.case import Case
from wizard_steps.classic.failback_role import NEEDED
from wizard_steps.classic.moved_disks import all_missing
from wizard_steps.estate import DiskPlace, Estate, Memory

pytestmark = pytest.mark.slow

_device = vim.vm.device
SLOT = "SCSI(1:4)"
REPROTECTED = {
    "azure.protected_items[web01].instance_type": "InMage",
    "azure.protected_items[web01].master_target_id": "mt-MT01",
}


@dataclass
class Around(Peer):
    """The same peer, of which everything is read that these changes rest on; its VM is the configuration server too."""

    memory: Memory = field(default_factory=Memory)
    address: str | None = None

    def look(self, _systems: frozenset[str] = frozenset()) -> Case:
        reader = VCenterReader(self.session, QuickClock())
        seen = reader.read_in_depth(reader.read(), [self.ref], account=ACCOUNT)
        [vm] = [one for one in seen.machines.value if one.ref == self.ref]
        chosen = dict.fromkeys(("MT01", "CS01"), f"{seen.instance_uuid.value}/{vm.instance_uuid.value}")
        choices = replace(ready_choices(), same_machine=chosen, configuration_server_failback_ip=self.address)
        now = QuickClock().now()
        case = change_all(Case(Estate(seen_in_azure(), seen, now), choices, now, memory=self.memory), REPROTECTED)
        found = reader.search_disks(case.vcenter, all_missing(case))
        return replace(case, estate=replace(case.estate, vcenter=found))

    def plan(self, remedy: str, **subject: Any) -> Change:
        case = self.look()
        return REMEDIES[remedy].plan(case, finding(case, remedy, **subject))

    def devices(self, kind: type[Any]) -> list[Any]:
        from failback.vcenter.properties import Collector

        path = "config.hardware.device"
        (answer,) = self.session.run(lambda one: Collector(one).of_these(vim.VirtualMachine, [self.ref], [path]))
        return [one for one in answer.values[path] if isinstance(one, kind)]

    def reconfigure(self, *changes: Any) -> None:
        spec = vim.vm.ConfigSpec(deviceChange=list(changes))
        self.session.run_change(lambda one: vim.VirtualMachine(self.ref, one.stub).ReconfigVM_Task(spec))


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Around]:
    require_simulator()
    flags = ("-vm", "2", "-host", "1", "-standalone-host", "0", "-ds", "2")
    certificate = Authority(tmp_path).self_signed("vcenter")
    with (
        VCenterSimulator(tmp_path, certificate=certificate, flags=flags) as simulator,
        simulator.session() as session,
    ):
        yield Around(simulator, session, tmp_path, min(simulator.refs("VirtualMachine").values()))


def spec(operation: str, device: Any, file: str | None = None) -> Any:
    return _device.VirtualDeviceSpec(operation=operation, device=device, fileOperation=file)


def test_a_disk_that_was_taken_away_is_found_attached_in_its_place_and_taken_away_again(peer: Around) -> None:
    controller = _device.VirtualLsiLogicSASController(key=-201, busNumber=1, sharedBus="noSharing")
    backing = _device.VirtualDisk.FlatVer2BackingInfo(fileName="", diskMode="persistent", thinProvisioned=True)
    disk = _device.VirtualDisk(key=-101, controllerKey=-201, unitNumber=4, capacityInKB=2**20, backing=backing)
    peer.reconfigure(spec("add", controller), spec("add", disk, "create"))
    added = next(one for one in peer.devices(_device.VirtualDisk) if one.unitNumber == 4)
    peer.reconfigure(spec("remove", added))
    uuid, file = added.backing.uuid, added.backing.fileName
    peer.memory = Memory(
        disk_files={"mt-mt01": {uuid: f"{file.rpartition('/')[0]}/before.vmdk"}},
        disk_places={"mt-mt01": {uuid: DiskPlace(SLOT, "persistent")}},
    )

    change = peer.plan("attach-moved-disks")
    done = peer.apply(change)

    assert done.word is Word.VERIFIED, done.evidence
    assert list(change.after) == [SLOT]
    assert file in [one.backing.fileName for one in peer.devices(_device.VirtualDisk)]
    undone = peer.undo(done)
    assert undone.word is Word.VERIFIED, undone.evidence
    assert file not in [one.backing.fileName for one in peer.devices(_device.VirtualDisk)]
    assert peer.plan("attach-moved-disks").after == change.after


def nic(network: str, address: str) -> Any:
    return vim.vm.GuestInfo.NicInfo(
        network=network,
        connected=True,
        deviceConfigId=4000,
        ipAddress=[address],
        ipConfig=vim.net.IpConfigInfo(
            ipAddress=[vim.net.IpConfigInfo.IpAddress(ipAddress=address, prefixLength=24, state="preferred")]
        ),
    )


def test_an_adapter_on_a_port_group_is_added_and_taken_away_again(peer: Around) -> None:
    other = max(peer.simulator.refs("VirtualMachine").values())
    peer.simulator.set(other, "VirtualMachine", {"guest.net": [nic("DC0_DVPG0", "10.30.0.5")]})
    cards = peer.devices(_device.VirtualEthernetCard)
    peer.reconfigure(*(spec("remove", one) for one in cards))  # its own is on the only port group there is
    peer.address = "10.30.0.10"

    done = peer.apply(peer.plan("add-network-adapter", kind="machine", name="web01"))

    assert done.word is Word.VERIFIED, done.evidence
    [card] = peer.devices(_device.VirtualEthernetCard)
    assert isinstance(card, _device.VirtualVmxnet3)
    assert card.backing.port.portgroupKey
    undone = peer.undo(done)
    assert undone.word is Word.VERIFIED, undone.evidence
    assert peer.devices(_device.VirtualEthernetCard) == []


def roles(peer: Around) -> Mapping[str, frozenset[str]]:
    return {one.name.raw: one.privileges for one in peer.look().vcenter.roles.value}


def test_a_role_is_made_given_and_taken_back(peer: Around) -> None:
    peer.simulator.deny("Datastore.AllocateSpace")
    before = roles(peer)

    change = peer.plan("grant-vcenter-role", kind="account", subject_id=ACCOUNT, name=ACCOUNT)
    done = peer.apply(change)

    assert done.word is Word.VERIFIED, done.evidence
    assert roles(peer)["Azure_Site_Recovery"] >= NEEDED
    [grant] = peer.look().vcenter.account_grants.value
    assert (grant.principal, grant.propagates) == ("VSPHERE.LOCAL\\svc-asr", True)
    undone = peer.undo(done)
    assert undone.word is Word.VERIFIED, undone.evidence
    assert roles(peer) == before
    assert peer.look().vcenter.account_grants.value[0].role_id is None
