"""Remedies of policies, records, certificates, services and rules, through the Azure clients, there and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.recoveryservicessiterecovery import models

from failback.changes import Word
from failback.changes.remedy import CannotChange
from failback.rehearsal import description as described
from failback.rehearsal.arm_wire import Reply
from tests.changes.ready_site import Site
from tests.changes.stage import yes
from tests.peers.arm_schema import of_model


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


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
