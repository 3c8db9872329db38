"""An answer that is not whole (no list in it, half of its pages, a list's short row) is never taken for what was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from failback.azure.reading import AzureReader, Vault
from failback.rehearsal.arm_wire import ArmWire, Reply
from tests.azure import world
from tests.azure.test_reading_azure_fails import PARTS

ERROR = {"code": "InternalServerError", "message": "oops"}
NO_LIST = {
    "an error with status 200": {"error": ERROR},
    "nothing in it": {},
    "null for the list": {"value": None},
    "an object for the list": {"value": {}},
    "an error beside an empty list": {"value": [], "error": ERROR},
    "a row without an id": {"value": [{}]},
    "a row with another thing for its id": {"value": [{"id": 7, "properties": {}}]},
    "a next page that is no address": {"value": [], "nextLink": 7},
    "a next page elsewhere": {"value": [], "nextLink": "https://management.azure.com.evil.example/x?api-version=1"},
    "a next page without TLS": {"value": [], "nextLink": "http://management.azure.com/x?api-version=1"},
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("body", NO_LIST)
def test_an_answer_without_a_whole_list_is_no_empty_list(
    arm: ArmWire, reader: AzureReader, part: str, body: str
) -> None:
    arm.fault("GET", PARTS[part], Reply(200, NO_LIST[body]), times=None)
    reading = getattr(reader.read(), part)
    assert not reading.was_seen, f"{part} was taken for seen although Azure answered {NO_LIST[body]}"
    assert reading.reason


@pytest.mark.parametrize("status", [201, 202, 204, 206, 302, 304])
def test_a_list_with_another_status_than_200_is_not_seen(arm: ArmWire, reader: AzureReader, status: int) -> None:
    arm.fault("GET", "/networkInterfaces$", Reply(status, {"value": []}), times=None)
    assert not reader.read().network_interfaces.was_seen


def test_pages_that_lead_back_to_themselves_end_and_are_not_seen(arm: ArmWire, reader: AzureReader) -> None:
    def again(_wire: ArmWire, request: Any) -> Reply:
        link = f"{request.host}{request.path}?api-version={request.api_version}&$skipToken=1"
        return Reply(200, {"value": [], "nextLink": link})

    arm.on("GET", "/networkInterfaces", again)
    assert not reader.read().network_interfaces.was_seen
    assert len([one for one in arm.requests if one.path.endswith("/networkInterfaces")]) < 5


def test_a_page_without_rows_is_not_the_last_one(arm: ArmWire, reader: AzureReader) -> None:
    def after_an_empty_page(wire: ArmWire, request: Any) -> Reply:
        if "$skipToken" in request.query:
            return Reply(200, {"value": wire.store.collection(request.path, wire.clock.now())})
        link = f"{request.host}{request.path}?api-version={request.api_version}&$skipToken=1"
        return Reply(200, {"value": [], "nextLink": link})

    arm.on("GET", "/networkInterfaces", after_an_empty_page)
    assert len(reader.read().network_interfaces.value) == 2


SINGLES = {
    "an error with status 200": {"error": ERROR},
    "nothing in it": {},
    "another resource": {"id": f"{world.VAULT}/other/things", "properties": {}},
}


@pytest.mark.parametrize("body", SINGLES)
def test_a_machine_that_azure_does_not_answer_about_is_neither_there_nor_deleted(
    arm: ArmWire, reader: AzureReader, body: str
) -> None:
    arm.fault("GET", "/virtualMachines/web01$", Reply(200, SINGLES[body]), times=None)
    vm = reader.read().vm(f"{world.COMPUTE}/web01")
    assert not vm.was_seen


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, b"<html>no such page</html>", {"Content-Type": "text/html"}),
        Reply(404, {}),
        Reply(404),
        Reply.error(404, "InvalidResourceType", "The resource type could not be found for api version."),
        Reply.error(404, "InvalidResourceNamespace", "The resource namespace is invalid."),
    ],
    ids=["a proxy's page", "no error", "no body", "type not known", "namespace not known"],
)
def test_a_404_that_does_not_say_the_machine_is_missing_does_not_mean_it_was_deleted(
    arm: ArmWire, reader: AzureReader, reply: Reply
) -> None:
    arm.fault("GET", "/virtualMachines/web01$", reply, times=None)
    assert not reader.read().vm(f"{world.COMPUTE}/web01").was_seen


def test_a_proxys_404_does_not_mean_that_the_vault_does_not_exist(arm: ArmWire, reader: AzureReader) -> None:
    arm.fault("GET", ".", Reply(404, b"<html>", {"Content-Type": "text/html"}), times=None)
    assert not reader.read().protected_items.was_seen


def test_a_vault_whose_answer_is_none_leaves_everything_unseen(arm: ArmWire, reader: AzureReader) -> None:
    arm.fault("GET", "/vaults/rsv-dr$", Reply(200, {"error": ERROR}), times=None)
    assert not reader.read().configuration_servers.was_seen


def without(*names: str) -> Callable[[dict[str, Any]], None]:
    """Return what leaves properties of a provider's details out, as the list does."""

    def trim(body: dict[str, Any]) -> None:
        for name in names:
            body["properties"]["providerSpecificDetails"].pop(name, None)
            body["properties"].pop(name, None)

    return trim


def test_what_a_trimmed_list_leaves_out_is_not_none_when_the_machine_itself_is_not_read(
    arm: ArmWire, reader: AzureReader
) -> None:
    gone = ("targetVmId", "multiVmGroupId", "healthErrors", "infrastructureVmId", "policyId", "processServerId")
    arm.view("LIST", "replicationProtectedItems", without(*gone, "protectedDisks", "masterTargetId"))
    arm.fault("GET", "/replicationProtectedItems/web01$", Reply.error(500, "Oops", "oops"), times=None)
    items = {one.name: one for one in reader.read().protected_items.value}
    for name in (
        "target_vm_id", "consistency_group_id", "health_errors", "infrastructure_vm_id", "policy_id",
        "process_server_id", "disks", "nics", "master_target_id",
    ):  # fmt: skip
        reading = getattr(items["web01"], name)
        assert not reading.was_seen, name
        assert "500" in (reading.reason or ""), name
        assert getattr(items["db01"], name).was_seen or name == "process_server_id"
    assert items["web01"].protection_state.value == "UnplannedFailoverCommitted", "what the list tells is kept"


def test_what_a_list_of_fabrics_leaves_out_is_not_none_when_the_fabric_itself_is_not_read(
    arm: ArmWire, reader: AzureReader
) -> None:
    def trim(body: dict[str, Any]) -> None:
        details = body["properties"]["customDetails"]
        details.pop("hostName", None)
        for target in details["masterTargetServers"]:
            target.pop("healthErrors", None)

    arm.view("LIST", "replicationFabrics", trim)
    arm.fault("GET", "/replicationFabrics/[^/]+$", Reply.error(500, "Oops", "oops"), times=None)
    (server,) = reader.read().configuration_servers.value
    assert not server.host_name.was_seen
    assert not any(one.health_errors.was_seen for one in server.master_targets.value)
    assert server.service_status.was_seen


def test_a_connection_that_is_only_listed_has_no_prefixes_and_no_circuit_that_were_seen(
    arm: ArmWire, reader: AzureReader
) -> None:
    row = {"id": f"{world.NETWORK}/connections/to-site", "name": "to-site", "properties": {"connectionType": "IPsec"}}
    arm.fault("GET", "/virtualNetworkGateways/vgw/connections$", Reply(200, {"value": [row]}), times=None)
    arm.fault("GET", "/connections/to-site$", Reply.error(500, "Oops", "oops"), times=None)
    (connection,) = reader.read().gateways.value[0].connections.value
    assert not connection.remote_prefixes.was_seen
    assert not connection.circuit_id.was_seen


@pytest.mark.parametrize(
    ("of", "part", "names"),
    [
        (f"{world.NETWORK}/networkInterfaces/web01-nic", "network_interfaces", ("vm_id", "addresses")),
        (f"{world.NETWORK}/virtualNetworks/vnet", "networks", ("subnets", "peerings")),
        (f"{world.NETWORK}/expressRouteCircuits/er1", "circuits", ("private_peering_state", "bandwidth_mbps")),
    ],
)
def test_a_resource_without_its_properties_has_none_that_were_seen(
    arm: ArmWire, reader: AzureReader, of: str, part: str, names: tuple[str, ...]
) -> None:
    arm.edit(of, lambda body: body.pop("properties"))
    [one] = [each for each in getattr(reader.read(), part).value if each.id.casefold() == of.casefold()]
    assert [name for name in names if getattr(one, name).was_seen] == []


def test_a_network_without_its_properties_leaves_open_whether_there_is_a_gateway(
    arm: ArmWire, reader: AzureReader
) -> None:
    arm.edit(f"{world.NETWORK}/virtualNetworks/vnet", lambda body: body.pop("properties"))
    assert not reader.read().gateways.was_seen


def test_a_machine_below_a_fabric_that_was_not_listed_is_shown_all_the_same(arm: ArmWire, reader: AzureReader) -> None:
    arm.fault("GET", PARTS["configuration_servers"], Reply(200, {"value": []}), times=None)
    assert {one.name for one in reader.read().protected_items.value} == {"web01", "db01"}


@pytest.mark.parametrize("details", [None, {}, {"instanceType": None}])
def test_a_fabric_that_does_not_say_what_it_is_leaves_open_which_there_are(
    arm: ArmWire, reader: AzureReader, details: Any
) -> None:
    arm.put(f"{world.VAULT}/replicationFabrics/other", {"properties": {"customDetails": details}})
    seen = reader.read()
    assert not seen.configuration_servers.was_seen
    assert not seen.other_fabrics.was_seen


@pytest.mark.parametrize("word", ["vmware", "VMWARE"])
def test_azures_word_for_the_classic_architecture_counts_in_any_case(
    arm: ArmWire, reader: AzureReader, word: str
) -> None:
    arm.edit(world.FABRIC, lambda body: body["properties"]["customDetails"].update(instanceType=word))
    seen = reader.read()
    assert len(seen.configuration_servers.value) == 1
    assert seen.other_fabrics.value == ()


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "1753-01-01T01:01:01Z"])
def test_azures_way_to_write_no_time_at_all_is_no_time_long_ago(arm: ArmWire, reader: AzureReader, never: str) -> None:
    def unset(body: dict[str, Any]) -> None:
        details = body["properties"]["customDetails"]
        details.update(lastHeartbeat=never, sslCertExpiryDate=never)

    arm.edit(world.FABRIC, unset)
    (server,) = reader.read().configuration_servers.value
    assert not server.last_heartbeat.was_seen
    assert not server.certificate_expires.was_seen


def test_a_machine_whose_view_is_not_told_has_no_power_state(arm: ArmWire, reader: AzureReader) -> None:
    for statuses in ([], [{"code": "ProvisioningState/updating"}], None):
        arm.put(f"{world.COMPUTE}/web01/instanceView", {"statuses": statuses})
        vm = reader.read().vm(f"{world.COMPUTE}/web01").value
        assert vm is not None
        assert not vm.power_state.was_seen
        assert not vm.power_state_since.was_seen


def test_a_fabric_that_the_profile_names_decides_which_machines_belong(arm: ArmWire, clock: world.StepClock) -> None:
    arm.put(f"{world.VAULT}/replicationFabrics/other", {"properties": {"customDetails": {"instanceType": "InMageRcm"}}})
    vault = Vault(world.SUBSCRIPTION, "rg-dr", "rsv-dr", fabric="other")
    assert AzureReader(world.clients(arm), vault, clock).read().protected_items.value == ()
