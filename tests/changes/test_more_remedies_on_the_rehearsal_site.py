"""Remedies of controllers, hosts, Tools, policies, records and rules, through pyvmomi and the Azure clients."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.recoveryservicessiterecovery import models
from pyVmomi import vim

from failback.azure.allowed import SENT, on_the_list
from failback.changes import REMEDIES, Change, Outcome, Word
from failback.changes.remedy import CannotChange
from failback.engine import Engine
from failback.opening import open_rehearsal
from failback.rehearsal import description as described
from failback.rehearsal import on_premises
from failback.rehearsal.virtual_hardware import devices
from tests.changes.stage import finding, yes
from tests.peers.arm_schema import of_model
from wizard_steps.case import Case

MT01, MT02 = on_premises.vm_ref("MT01"), on_premises.vm_ref("MT02")
CS01 = on_premises.vm_ref(described.CONFIGURATION_SERVER)
WEB01 = on_premises.vm_ref("web01")


class Site:
    """A rehearsal site whose state a test breaks before it is looked at."""

    def __init__(self, home: Path) -> None:
        self.engine: Engine = open_rehearsal("ready", home=home)
        assert self.engine.rehearsal is not None
        self.store = self.engine.rehearsal.store
        self.arm = self.engine.rehearsal.arm

    def look(self) -> Case:
        return self.engine.look()

    def plan(self, remedy: str, kind: str = "master-target", name: str = "MT01") -> Change:
        case = self.look()
        return REMEDIES[remedy].plan(
            case, finding(case, remedy, kind=kind, subject_id=_id(case, kind, name), name=name)
        )

    def apply(self, one: Change) -> Outcome:
        empty = self.engine.plan(self.engine.case(), self.engine.judge(self.engine.case()), [])
        [outcome] = self.engine.apply(replace(empty, changes=(one,)), yes)
        return outcome

    def done(self, one: Change) -> Outcome:
        outcome = self.apply(one)
        assert outcome.word is Word.VERIFIED, outcome.evidence
        return outcome

    def undone(self, outcome: Outcome) -> None:
        back = self.engine.undo(outcome.entry_id or "", yes)
        assert back.word is Word.VERIFIED, back.evidence

    def written(self) -> list[tuple[str, str]]:
        return [(one.method, one.path) for one in self.arm.requests if on_the_list(SENT, one.method, one.path)]


def _id(case: Case, kind: str, name: str) -> str:
    if kind == "machine":
        return next(one.item.id for one in case.chosen_machines.value if one.name == name)
    if kind == "master-target":
        return next(one.id for one in case.targets.value if one.name == name)
    return ""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# -- controllers


def paravirtual(site: Site, *, with_disks: bool, extra: bool = False) -> None:
    """Give MT02 a paravirtual controller: in the place of its own with all disks, or an empty one beside it."""
    spec = described.TARGETS[1]
    if with_disks:
        found = devices("MT02", spec.datastore, spec.local_disks_gib, pvscsi=True)
    else:
        found = list(site.store.get(MT02, "config.hardware.device"))
    if extra or not with_disks:
        more = vim.vm.device.ParaVirtualSCSIController(key=1001, busNumber=1, sharedBus="noSharing", device=[])
        found.append(more)
    site.store.set(MT02, {"config.hardware.device": found})


def controllers(site: Site) -> list[str]:
    found = site.store.get(MT02, "config.hardware.device")
    return [type(one).__name__ for one in found if isinstance(one, vim.vm.device.VirtualSCSIController)]


def test_an_empty_paravirtual_controller_is_removed_while_the_vm_runs_and_comes_back(site: Site) -> None:
    paravirtual(site, with_disks=False)
    one = site.plan("swap-to-lsi", name="MT02")

    outcome = site.done(one)
    assert controllers(site) == ["vim.vm.device.VirtualLsiLogicSASController"]

    site.undone(outcome)
    assert sorted(controllers(site)) == [
        "vim.vm.device.ParaVirtualSCSIController",
        "vim.vm.device.VirtualLsiLogicSASController",
    ]


def test_disks_follow_to_lsi_in_one_call_while_the_vm_is_off_and_go_back(site: Site) -> None:
    paravirtual(site, with_disks=True)
    site.store.set(MT02, {"runtime.powerState": "poweredOff"})
    before = [(disk.key, disk.unitNumber, disk.backing.fileName, disk.backing.uuid) for disk in disks(site)]
    one = site.plan("swap-to-lsi", name="MT02")

    outcome = site.done(one)

    assert len(one.calls) == 1
    assert controllers(site) == ["vim.vm.device.VirtualLsiLogicSASController"]
    assert [(disk.key, disk.unitNumber, disk.backing.fileName, disk.backing.uuid) for disk in disks(site)] == before
    site.undone(outcome)
    assert controllers(site) == ["vim.vm.device.ParaVirtualSCSIController"]
    assert site.plan("swap-to-lsi", name="MT02").before == one.before


def disks(site: Site) -> list[Any]:
    found = site.store.get(MT02, "config.hardware.device")
    return sorted((one for one in found if isinstance(one, vim.vm.device.VirtualDisk)), key=lambda one: one.key)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "power the VM off first"),
        ({"runtime.powerState": "poweredOff", "config.guestId": "windows2019srv_64Guest"}, "Windows boots from"),
    ],
)
def test_disks_keep_their_controller_where_a_swap_could_do_harm(
    site: Site, changes: dict[str, Any], words: str
) -> None:
    paravirtual(site, with_disks=True)
    site.store.set(MT02, changes)

    with pytest.raises(CannotChange, match=words):
        site.plan("swap-to-lsi", name="MT02")


def test_an_lsi_controller_is_added_on_a_free_bus_and_taken_away(site: Site) -> None:
    paravirtual(site, with_disks=True)
    one = site.plan("add-lsi-controller", name="MT02")

    outcome = site.done(one)
    assert max(controllers(site)) == "vim.vm.device.VirtualLsiLogicSASController"

    site.undone(outcome)
    assert controllers(site) == ["vim.vm.device.ParaVirtualSCSIController"]


# -- names, hosts, storage


def test_a_namesake_is_renamed_and_gets_its_name_back(site: Site) -> None:
    on_premises.add_leftover(site.store, "vm-190", "hr-phys01")

    outcome = site.done(site.plan("rename-colliding-vm", "machine", "hr-phys01"))
    assert site.store.get("vm-190", "name") == "hr-phys01-old"

    site.undone(outcome)
    assert site.store.get("vm-190", "name") == "hr-phys01"


def test_the_master_target_moves_to_the_chosen_host_and_back(site: Site) -> None:
    site.store.set(MT01, {"runtime.host": on_premises.host_ref("esx02")})
    on_premises.list_machines_of_hosts(site.store)

    outcome = site.done(site.plan("move-master-target-host", "machine", "print01"))
    assert site.store.get(MT01, "runtime.host")._GetMoId() == on_premises.host_ref("esx01")

    site.undone(outcome)
    assert site.store.get(MT01, "runtime.host")._GetMoId() == on_premises.host_ref("esx02")


def test_a_host_that_lacks_a_datastore_of_the_vm_is_not_moved_to(site: Site) -> None:
    site.store.set(MT01, {"runtime.host": on_premises.host_ref("esx03"), "datastore": ["datastore-34"]})
    on_premises.list_machines_of_hosts(site.store)

    with pytest.raises(CannotChange, match="does not mount"):
        site.plan("move-master-target-host", "machine", "print01")


def unmount(site: Site, datastore: str, host: str) -> None:
    mounts = [copy.deepcopy(one) for one in site.store.get(datastore, "host")]
    for one in mounts:
        if one.key._GetMoId() == on_premises.host_ref(host):
            one.mountInfo.mounted = one.mountInfo.accessible = False
    site.store.set(datastore, {"host": mounts})


def test_a_volume_that_the_host_knows_is_mounted_and_unmounted_again(site: Site) -> None:
    unmount(site, "datastore-31", "esx01")

    outcome = site.done(site.plan("mount-vmfs", "machine", "file01"))
    mine = [one for one in site.store.get("datastore-31", "host") if one.key._GetMoId() == "host-10"]
    assert mine[0].mountInfo.mounted

    site.undone(outcome)


def test_a_volume_the_host_does_not_know_is_presented_by_a_person(site: Site) -> None:
    others = [one for one in site.store.get("datastore-31", "host") if one.key._GetMoId() != "host-10"]
    site.store.set("datastore-31", {"host": others})

    with pytest.raises(CannotChange, match="present its LUN"):
        site.plan("mount-vmfs", "machine", "file01")


def test_a_rescan_asks_adapters_then_volumes(site: Site) -> None:
    one = site.plan("rescan-storage", "machine", "file01")

    site.done(one)

    assert [call.method for call in one.calls] == ["RescanAllHba", "RescanVmfs"]
    assert not one.reversible


# -- VMware Tools and power


def test_the_installer_of_tools_goes_in_and_out(site: Site) -> None:
    outcome = site.done(site.plan("mount-vmware-tools"))
    assert site.store.get(MT01, "runtime.toolsInstallerMounted") is True

    site.undone(outcome)
    assert site.store.get(MT01, "runtime.toolsInstallerMounted") is False


def test_old_tools_are_upgraded_and_current_ones_left_alone(site: Site) -> None:
    with pytest.raises(CannotChange, match="nothing to upgrade"):
        site.plan("upgrade-vmware-tools")
    site.store.set(MT01, {"guest.toolsVersionStatus2": "guestToolsNeedUpgrade"})

    site.done(site.plan("upgrade-vmware-tools"))

    assert site.store.get(MT01, "guest.toolsVersionStatus2") == "guestToolsCurrent"


def test_the_configuration_server_is_powered_on_where_it_is_off(site: Site) -> None:
    with pytest.raises(CannotChange, match="tmansvc"):
        site.plan("start-configuration-server", "configuration-server", "CS01")
    site.store.set(CS01, {"runtime.powerState": "poweredOff", "runtime.bootTime": None})

    site.done(site.plan("start-configuration-server", "configuration-server", "CS01"))

    assert site.store.get(CS01, "runtime.powerState") == "poweredOn"


# -- Azure


def without_failback_policy(site: Site) -> None:
    site.arm.remove(described.mapping_id("osaka-failback"))
    site.arm.remove(described.policy_id("osaka-24h-failback"))


def test_a_vault_without_a_failback_policy_gets_one_and_its_association_and_both_are_taken_back(site: Site) -> None:
    without_failback_policy(site)
    created = site.plan("create-failback-policy", "policy", "CS01")
    first = site.done(created)
    mapped = site.plan("map-failback-policy", "policy", "CS01")
    second = site.done(mapped)

    bodies = [call.args["body"] for one in (created, mapped) for call in one.calls]
    assert of_model("site_recovery", "CreatePolicyInput", bodies[0]) == []
    assert models.CreateProtectionContainerMappingInput(bodies[1]).as_dict() == bodies[1]
    details = models.ReplicationProviderSpecificContainerMappingInput(instance_type="InMage")
    assert bodies[1]["properties"]["providerSpecificInput"] == details.as_dict()
    site.undone(second)
    site.undone(first)
    assert [method for method, _path in site.written()] == ["PUT", "PUT", "POST", "DELETE"]
    assert site.plan("create-failback-policy", "policy", "CS01").before == created.before


def test_a_policy_that_is_associated_is_not_deleted(site: Site) -> None:
    without_failback_policy(site)
    first = site.done(site.plan("create-failback-policy", "policy", "CS01"))
    site.done(site.plan("map-failback-policy", "policy", "CS01"))

    with pytest.raises(Exception, match="associated"):
        site.engine.undo(first.entry_id or "", yes)


def test_a_write_to_azure_whose_connection_breaks_is_unknown_and_never_repeated(site: Site) -> None:
    from failback.rehearsal.arm_wire import Reply

    without_failback_policy(site)
    one = site.plan("create-failback-policy", "policy", "CS01")
    site.arm.fault("PUT", r"/replicationPolicies/", Reply(dropped=True), times=None)

    assert site.apply(one).word is Word.UNKNOWN
    assert [method for method, _path in site.written()] == ["PUT"]


def test_a_connection_that_is_down_is_reset_and_one_that_is_up_is_not(site: Site) -> None:
    with pytest.raises(CannotChange, match="no VPN connection is down"):
        site.plan("reset-connection", "connection", "CS01")
    set_status(site, "NotConnected")

    site.done(site.plan("reset-connection", "connection", "CS01"))

    assert site.written()[-1][1].endswith("/connections/cn-osaka/resetconnection")


def set_status(site: Site, word: str) -> None:
    def change(body: dict[str, Any]) -> None:
        body["properties"]["connectionStatus"] = word

    site.arm.edit(described.network_id("connections", "cn-osaka"), change)


def of_the_fabric(site: Site, change: Callable[[dict[str, Any]], None]) -> None:
    site.arm.edit(described.fabric_id(), lambda body: change(body["properties"]["customDetails"]))


def test_a_certificate_near_its_end_is_renewed(site: Site) -> None:
    with pytest.raises(CannotChange, match="long time"):
        site.plan("renew-certificate", "configuration-server", "CS01")
    soon = site.engine.clock.now() + timedelta(days=9)
    of_the_fabric(site, lambda details: details.update(sslCertExpiryDate=soon))
    one = site.plan("renew-certificate", "configuration-server", "CS01")

    site.done(one)

    assert of_model("site_recovery", "RenewCertificateInput", one.calls[0].args["body"]) == []


def test_the_vcenter_is_registered_with_the_account_of_the_chosen_label_and_taken_out_again(site: Site) -> None:
    record = f"{described.fabric_id()}/replicationvCenters/osaka-vcenter"
    site.arm.remove(record)
    with pytest.raises(CannotChange, match="2 accounts"):
        site.plan("add-vcenter-record", "vcenter", "vcenter")
    of_the_fabric(site, lambda details: details["runAsAccounts"][0].update(accountName=described.ACCOUNT))
    one = site.plan("add-vcenter-record", "vcenter", "vcenter")

    outcome = site.done(one)

    assert of_model("site_recovery", "AddVCenterRequest", one.calls[0].args["body"]) == []
    site.undone(outcome)


def test_the_mobility_service_is_started_by_a_constant_script_once_it_had_its_time(site: Site) -> None:
    with pytest.raises(CannotChange, match="heard already"):
        site.plan("start-mobility-service", "machine", "web01")
    silent = site.engine.clock.now() - timedelta(hours=5)

    def mute(body: dict[str, Any]) -> None:
        body["properties"]["providerSpecificDetails"]["lastHeartbeat"] = silent

    site.arm.edit(described.item_id("web01"), mute)
    one = site.plan("start-mobility-service", "machine", "web01")

    site.done(one)

    body = one.calls[0].args["body"]
    assert of_model("compute", "RunCommandInput", body) == []
    assert "web01" not in "".join(body["script"])


def test_a_process_server_is_switched_only_for_machines_that_replicate_home(site: Site) -> None:
    with pytest.raises(CannotChange, match="choose another one"):
        site.plan("switch-process-server", "machine", "web01")

    def reprotected(body: dict[str, Any]) -> None:
        body["properties"]["providerSpecificDetails"].update(
            instanceType="InMage", processServerId=described.CONFIGURATION_SERVER_ID
        )

    site.arm.edit(described.item_id("web01"), reprotected)
    one = site.plan("switch-process-server", "machine", "web01")

    outcome = site.done(one)

    assert of_model("site_recovery", "FailoverProcessServerRequest", one.calls[0].args["body"]) == []
    site.undone(outcome)
    assert site.plan("switch-process-server", "machine", "web01").before == one.before


# -- rules of a network security group


def deny_the_data_port(site: Site) -> str:
    group = described.network_id("networkSecurityGroups", "nsg-servers")
    rule = {
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "9443",
        "access": "Deny",
        "direction": "Outbound",
        "priority": 300,
    }
    site.arm.put(
        group,
        {
            "location": described.LOCATION,
            "properties": {"securityRules": [{"name": "deny-9443", "id": f"{group}/x", "properties": rule}]},
        },
    )
    vm = site.arm.get(described.vm_id("web01")) or {}
    mine = vm["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    site.arm.edit(mine, lambda body: body["properties"].update(networkSecurityGroup={"id": group}))
    return group


def test_a_denied_port_is_opened_just_before_the_rule_that_denies_it_and_closed_again(site: Site) -> None:
    group = deny_the_data_port(site)
    one = site.plan("allow-port", "machine", "web01")

    outcome = site.done(one)

    [call] = one.calls
    assert call.args["headers"] == {"If-None-Match": "*"}
    assert call.args["body"]["properties"]["priority"] == 299
    assert of_model("network", "SecurityRule", call.args["body"]) == []
    assert len((site.arm.get(group) or {})["properties"]["securityRules"]) == 2
    site.undone(outcome)
    assert len((site.arm.get(group) or {})["properties"]["securityRules"]) == 1


def test_where_no_group_denies_anything_there_is_no_rule_to_add(site: Site) -> None:
    with pytest.raises(CannotChange, match="no network security group was seen"):
        site.plan("allow-port", "machine", "web01")
