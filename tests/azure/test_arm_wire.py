"""The simulator itself: it answers as Azure does, and loudly where nobody taught it."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from failback.rehearsal.arm_wire import ArmWire, Reply
from tests.azure import world

HOST = "https://management.azure.com"


def ask(arm: ArmWire, path: str, method: str = "GET", *, query: str = "?api-version=2025-08-01") -> Reply:
    return arm.handle(method, f"{HOST}{path}{query}", {"Authorization": "Bearer t"}, b"")


def code(reply: Reply) -> str:
    text: str = json.loads(reply.content)["error"]["code"]
    return text


def test_a_resource_has_its_id_name_and_type(arm: ArmWire) -> None:
    body = ask(arm, world.CONTAINER).body
    assert body["id"] == world.CONTAINER
    assert body["name"] == "cloud-1"
    assert body["type"] == "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"


def test_an_id_is_found_in_any_case(arm: ArmWire) -> None:
    assert ask(arm, world.CONTAINER.upper()).status == 200


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (world.VAULT.replace(world.SUBSCRIPTION, "other"), "SubscriptionNotFound"),
        (world.VAULT.replace("rg-dr", "other"), "ResourceGroupNotFound"),
        (f"{world.VAULT}-other", "ResourceNotFound"),
        (f"{world.VAULT}-other/replicationFabrics", "ResourceNotFound"),
        (f"{world.FABRIC}x/replicationProtectionContainers", "ResourceNotFound"),
        (f"{world.COMPUTE}/nobody", "ResourceNotFound"),
    ],
)
def test_what_is_missing_is_named_from_the_outside_in(arm: ArmWire, path: str, wanted: str) -> None:
    reply = ask(arm, path)
    assert (reply.status, code(reply)) == (404, wanted)


def test_a_missing_part_of_a_vault_comes_with_causes_and_advice(arm: ArmWire) -> None:
    detail = json.loads(ask(arm, f"{world.VAULT}/replicationFabrics/x").content)["error"]["details"][0]
    assert detail["possibleCauses"]
    assert detail["recommendedAction"]


def test_a_list_comes_in_pages_that_lead_back_to_the_host_that_was_asked(arm: ArmWire) -> None:
    for number in range(3):
        arm.put(f"{world.FABRIC}/replicationvCenters/more-{number}", {"properties": {}})
    names: list[str] = []
    url: str | None = f"https://127.0.0.1:8443{world.FABRIC}/replicationvCenters?api-version=1"
    while url:
        assert url.startswith("https://127.0.0.1:8443/")
        body = arm.handle("GET", url, {"authorization": "Bearer t"}, b"").body
        assert len(body["value"]) <= 2
        names += [row["name"] for row in body["value"]]
        url = body.get("nextLink")
    assert names == ["vc1", "more-0", "more-1", "more-2"]


def test_a_vault_wide_list_reaches_every_depth_and_an_empty_one_is_empty(arm: ArmWire) -> None:
    rows = ask(arm, f"{world.VAULT}/replicationProtectedItems").body["value"]
    assert {row["name"] for row in rows} == {"web01", "db01"}
    assert ask(arm, f"{world.VAULT}/replicationEvents").body == {"value": []}


def test_a_subscription_wide_list_holds_the_resources_of_that_type_only(arm: ArmWire) -> None:
    rows = ask(arm, f"/subscriptions/{world.SUBSCRIPTION}/providers/Microsoft.Network/virtualNetworks").body["value"]
    assert [row["name"] for row in rows] == ["vnet"]


def test_a_subnet_is_found_inside_its_network(arm: ArmWire) -> None:
    assert ask(arm, f"{world.NETWORK}/virtualNetworks/vnet/subnets/servers").body["name"] == "servers"


def test_a_list_is_trimmed_and_what_is_kept_is_not(arm: ArmWire) -> None:
    row = ask(arm, f"{world.VAULT}/replicationProtectedItems").body["value"][0]
    assert row["properties"]["providerSpecificDetails"]["protectedDisks"] == []
    single = ask(arm, row["id"]).body
    assert len(single["properties"]["providerSpecificDetails"]["protectedDisks"]) == 1


def test_the_health_of_the_past_comes_in_the_list_of_fabrics_only(arm: ArmWire) -> None:
    def servers(body: Any) -> Any:
        return body["properties"]["customDetails"]["processServers"]

    assert "historicHealth" in servers(ask(arm, f"{world.VAULT}/replicationFabrics").body["value"][0])[0]
    assert "historicHealth" not in servers(ask(arm, world.FABRIC).body)[0]


def test_a_heartbeat_stays_fresh_while_the_clock_runs(arm: ArmWire, clock: world.StepClock) -> None:
    arm.put(world.PROVIDER, {"properties": {"lastHeartBeat": lambda now: now - timedelta(minutes=1)}})
    first = ask(arm, world.PROVIDER).body["properties"]["lastHeartBeat"]
    clock.sleep(60)
    assert first == "2021-04-05T17:42:00.0000000Z"
    assert ask(arm, world.PROVIDER).body["properties"]["lastHeartBeat"] == "2021-04-05T17:43:00.0000000Z"


def test_an_answer_cannot_be_used_to_change_what_is_kept(arm: ArmWire) -> None:
    ask(arm, world.FABRIC).body["properties"]["friendlyName"] = "changed"
    assert ask(arm, world.FABRIC).body["properties"]["friendlyName"] == "CS01"


@pytest.mark.parametrize("retry_after", ["5", None])
def test_a_refresh_is_accepted_at_once_and_ends_when_the_clock_says_so(
    arm: ArmWire, clock: world.StepClock, retry_after: str | None
) -> None:
    arm.operations.retry_after = retry_after
    reply = ask(arm, f"{world.PROVIDER}/refreshProvider", "POST")
    assert (reply.status, reply.content) == (202, b"")
    assert reply.headers.get("Retry-After") == retry_after
    status = reply.headers["Azure-AsyncOperation"].removeprefix(HOST).partition("?")[0]
    result = reply.headers["Location"].removeprefix(HOST).partition("?")[0]
    assert ask(arm, status).body["status"] == "InProgress"
    assert ask(arm, result).status == 202
    clock.sleep(30)
    assert ask(arm, status).body["status"] == "Succeeded"
    assert ask(arm, result).body["name"] == "provider-1"


def test_a_failed_operation_has_no_effect(arm: ArmWire, clock: world.StepClock) -> None:
    refreshed: list[str] = []
    arm.when_refreshed(lambda _arm, fabric: refreshed.append(fabric))
    arm.operations.end_next_with("Failed", {"code": "x", "message": "y"})
    ask(arm, f"{world.PROVIDER}/refreshProvider", "POST")
    clock.sleep(60)
    ask(arm, world.PROVIDER)
    assert refreshed == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", f"{world.COMPUTE}/web01/redeploy"), ("DELETE", world.VAULT), ("GET", f"{world.VAULT}/secrets")],
)
def test_what_nobody_taught_it_is_answered_loudly(arm: ArmWire, method: str, path: str) -> None:
    reply = ask(arm, path, method)
    assert (reply.status, code(reply)) == (501, "NotSimulated")
    assert ask(arm, world.VAULT).status == 200


def test_a_request_without_a_version_or_a_token_is_refused(arm: ArmWire) -> None:
    assert code(ask(arm, world.VAULT, query="")) == "MissingApiVersionParameter"
    refused = arm.handle("GET", f"{HOST}{world.VAULT}?api-version=1", {}, b"")
    assert (refused.status, code(refused)) == (401, "AuthenticationFailed")


def test_a_fault_answers_as_often_as_it_was_told_to(arm: ArmWire) -> None:
    arm.fault("GET", "/vaults/rsv-dr$", Reply.error(500, "x", "y"), times=2)
    assert [ask(arm, world.VAULT).status for _ in range(3)] == [500, 500, 200]
    arm.fault("GET", "/vaults/rsv-dr$", Reply.error(500, "x", "y"), times=None)
    assert [ask(arm, world.VAULT).status for _ in range(3)] == [500, 500, 500]
    arm.mend()
    assert ask(arm, world.VAULT).status == 200


def test_many_threads_may_ask_and_change_at_once(arm: ArmWire) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                arm.put(f"{world.COMPUTE}/t{number}-{turn}", {"properties": {}})
                assert ask(arm, f"{world.COMPUTE}/t{number}-{turn}").status == 200
                ask(arm, f"/subscriptions/{world.SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines")
        except BaseException as error:  # noqa: BLE001 -- carried over to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
