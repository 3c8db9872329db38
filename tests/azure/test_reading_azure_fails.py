"""What becomes of every failure on the way of a look at Azure."""

from __future__ import annotations

from typing import Any

import pytest

from failback.azure.allowed import READS, on_the_list
from failback.azure.reading import AzureReader, Vault
from failback.errors import FabricNotFoundError, InterruptedByOperatorError, NotFoundError, VaultNotFoundError
from failback.rehearsal.arm_wire import ArmWire, Reply, denied
from tests.azure import world

PARTS = {
    "configuration_servers": "/replicationFabrics$",
    "protected_items": "/vaults/[^/]+/replicationProtectedItems$",
    "policies": "/replicationPolicies$",
    "network_interfaces": "/networkInterfaces$",
    "networks": "/virtualNetworks$",
    "circuits": "/expressRouteCircuits$",
}
FAULTS = {
    "403": denied("Microsoft.Some/thing/read", "x"),
    "429 with a long wait": Reply.error(429, "TooManyRequests", "slow down", Retry_After="600"),
    "500": Reply.error(500, "InternalServerError", "oops"),
    "broken off": Reply(dropped=True),
    "silent": Reply(hangs=True),
    "no JSON": Reply(200, b"{broken", {"Content-Type": "application/json"}),
    "a page of a proxy": Reply(200, b"<html>sign in to the wifi</html>", {"Content-Type": "text/html"}),
    "JSON of another shape": Reply(200, [1, 2]),
    "rows of another shape": Reply(200, {"value": ["text", 3]}),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_befalls_one_list_only_that_list_is_unseen(
    arm: ArmWire, reader: AzureReader, part: str, fault: str
) -> None:
    arm.fault("GET", PARTS[part], FAULTS[fault], times=None)
    seen = reader.read()
    reading = getattr(seen, part)
    assert not reading.was_seen, f"{part} was taken for seen although Azure answered: {fault}"
    assert reading.reason
    depends = {"networks": {"gateways"}, "configuration_servers": {"other_fabrics"}}.get(part, set())
    for other in set(PARTS) | {"gateways", "other_fabrics"} - {part}:
        if other != part and other not in depends:
            assert getattr(seen, other).was_seen, f"{other} fell with {part}"


def test_a_list_that_breaks_off_on_its_second_page_is_not_half_a_list(arm: ArmWire, reader: AzureReader) -> None:
    for number in range(4):
        world.virtual_machine(arm, f"more-{number}", f"10.60.1.{100 + number}")

    def second_page(wire: ArmWire, request: Any) -> Reply:
        return Reply.error(500, "InternalServerError", "oops") if "$skipToken" in request.query else answer(request)

    def answer(request: Any) -> Reply:
        return arm.page(request, arm.store.collection(request.path, arm.clock.now()))

    arm.on("GET", "/networkInterfaces", second_page)
    assert not reader.read().network_interfaces.was_seen


def test_a_value_that_makes_no_sense_is_shown_with_the_reason(arm: ArmWire, reader: AzureReader) -> None:
    def spoil(body: dict[str, Any]) -> None:
        details = body["properties"]["customDetails"]
        details["lastHeartbeat"] = "yesterday"
        details["masterTargetServers"][0]["diskCount"] = "many"
        details["masterTargetServers"][1]["dataStores"][0]["capacity"] = "NaN"

    arm.edit(world.FABRIC, spoil)
    server = reader.read().configuration_servers.value[0]
    assert server.last_heartbeat.reason == 'Azure gave a value that makes no sense: "yesterday"'
    targets = server.master_targets.value
    assert not targets[0].disk_count.was_seen
    assert not targets[1].datastores.value[0].capacity_gb.was_seen


def test_a_vault_that_may_not_be_read_leaves_everything_unseen_with_the_missing_permission(
    arm: ArmWire, reader: AzureReader
) -> None:
    arm.fault("GET", "/vaults/rsv-dr$", denied("Microsoft.RecoveryServices/vaults/read", world.VAULT), times=None)
    seen = reader.read()
    wanted = "this account lacks the permission Microsoft.RecoveryServices/vaults/read"
    assert seen.configuration_servers.reason == seen.protected_items.reason == seen.circuits.reason == wanted


@pytest.mark.parametrize(
    ("vault", "error"),
    [
        (Vault(world.SUBSCRIPTION, "rg-dr", "rsv-typo"), VaultNotFoundError),
        (Vault(world.SUBSCRIPTION, "rg-typo", "rsv-dr"), VaultNotFoundError),
        (Vault(world.SUBSCRIPTION, "rg-dr", "rsv-dr", fabric="CS-TYPO"), FabricNotFoundError),
    ],
)
def test_what_the_profile_names_and_azure_does_not_have_ends_the_look(
    arm: ArmWire, clock: world.StepClock, vault: Vault, error: type[NotFoundError]
) -> None:
    with pytest.raises(error) as caught:
        AzureReader(world.clients(arm), vault, clock).read()
    assert caught.value.exit_code == 2
    assert "profile" in caught.value.next_step


def test_a_subscription_that_the_account_does_not_see_ends_the_look(arm: ArmWire, reader: AzureReader) -> None:
    arm.fault("GET", ".", Reply.error(404, "SubscriptionNotFound", "no such subscription"), times=None)
    with pytest.raises(NotFoundError) as caught:
        reader.read()
    assert "subscription_id" in caught.value.next_step


def test_the_fabric_of_the_profile_is_found_by_its_friendly_name(arm: ArmWire, clock: world.StepClock) -> None:
    arm.put(f"{world.VAULT}/replicationFabrics/other", {"properties": {"customDetails": {"instanceType": "InMageRcm"}}})
    vault = Vault(world.SUBSCRIPTION, "rg-dr", "rsv-dr", fabric="cs01")
    seen = AzureReader(world.clients(arm), vault, clock).read()
    assert [server.name.raw for server in seen.configuration_servers.value] == ["CS01"]
    assert seen.other_fabrics.value == ()


def test_a_fabric_of_another_kind_is_named_with_its_architecture(arm: ArmWire, reader: AzureReader) -> None:
    for kind in ("InMageRcm", "HyperVSite", "Surprise"):
        body = {"properties": {"friendlyName": kind, "customDetails": {"instanceType": kind}}}
        arm.put(f"{world.VAULT}/replicationFabrics/{kind}", body)
    found = {one.instance_type: one.architecture for one in reader.read().other_fabrics.value}
    assert found == {"InMageRcm": "modernized", "HyperVSite": "HyperVSite", "Surprise": "Surprise"}


def test_a_look_that_is_cancelled_stops_before_its_next_request(arm: ArmWire, reader: AzureReader) -> None:
    with pytest.raises(InterruptedByOperatorError):
        reader.read(cancelled=lambda: len(arm.requests) >= 5)
    assert len(arm.requests) < 5 + 6, "at most those that were under way"


def test_a_look_tells_what_it_reads(reader: AzureReader) -> None:
    told: list[str] = []
    reader.read(told.append)
    assert told[0] == "Azure: looking for the vault"
    assert len(told) == len(set(told)) > 3


def test_every_request_of_a_look_is_a_listed_read(arm: ArmWire, reader: AzureReader) -> None:
    reader.read()
    strays = [(one.method, one.path) for one in arm.requests if not on_the_list(READS, one.method, one.path)]
    assert strays == []
    assert {one.method for one in arm.requests} == {"GET"}
    used = {op.title for op in READS if any(on_the_list((op,), one.method, one.path) for one in arm.requests)}
    assert {op.title for op in READS} - used == {"recovery_points.list_by_replication_protected_items"}
