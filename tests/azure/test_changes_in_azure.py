"""Refreshing a configuration server and starting a VM: what is sent, how it is followed, what each failure means."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from failback.azure import change
from failback.azure.allowed import CHANGES, READS, on_the_list
from failback.azure.cloud import CLOUDS
from failback.errors import (
    ChangeFailedError,
    FailbackError,
    InternalError,
    InterruptedByOperatorError,
    OutcomeUnknownError,
    SignInRefusedError,
)
from failback.rehearsal.arm_actions import power_view
from failback.rehearsal.arm_wire import ArmWire, Reply, denied
from tests.azure import world


def posts(arm: ArmWire) -> list[str]:
    return [one.path for one in arm.requests if one.method == "POST"]


def test_a_refresh_is_sent_once_and_followed_to_its_end(arm: ArmWire, clock: world.StepClock) -> None:
    arm.operations.seconds = 40
    refreshed: list[str] = []
    arm.when_refreshed(lambda _wire, fabric: refreshed.append(fabric))
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    assert clock.now() == world.RECORDED_AT, "sending does not wait"
    change.follow(clients, begun.token, clock)
    assert posts(arm) == [f"{world.PROVIDER}/refreshProvider"]
    assert refreshed == [world.FABRIC]
    assert clock.now() >= world.RECORDED_AT + timedelta(seconds=40)


def test_a_refresh_shows_up_as_the_job_whose_id_it_returns(arm: ArmWire, clock: world.StepClock) -> None:
    begun = change.refresh_configuration_server(world.clients(arm), world.PROVIDER, clock)
    job = arm.get(f"{world.VAULT}/replicationJobs/{begun.job_id}")
    assert job is not None
    assert job["properties"]["state"] == "InProgress"


def test_a_change_is_followed_in_a_later_run_by_its_token_alone(arm: ArmWire, clock: world.StepClock) -> None:
    token = change.refresh_configuration_server(world.clients(arm), world.PROVIDER, clock).token
    change.follow(world.clients(arm), token, clock)
    assert "rehearsal" not in base64.b64decode(token).decode(), "a bearer token must never be in it"


def test_a_vm_is_started_and_runs_afterwards(arm: ArmWire, clock: world.StepClock) -> None:
    vm = f"{world.COMPUTE}/web01"
    arm.put(f"{vm}/instanceView", power_view("deallocated", clock.now()))
    clients = world.clients(arm)
    change.follow(clients, change.start_virtual_machine(clients, vm, clock).token, clock)
    view = arm.get(f"{vm}/instanceView")
    assert view is not None
    assert view["statuses"][1]["code"] == "PowerState/running"


def test_a_planned_call_is_sent_by_its_path(arm: ArmWire, clock: world.StepClock) -> None:
    assert change.send(world.clients(arm), f"{world.PROVIDER}/refreshProvider", clock).token
    assert change.send(world.clients(arm), f"{world.COMPUTE}/web01/start", clock).token
    with pytest.raises(ChangeFailedError):
        change.send(world.clients(arm), f"{world.COMPUTE}/web01/deallocate", clock)
    assert len(posts(arm)) == 2


def test_clients_for_reading_cannot_send_a_change(arm: ArmWire) -> None:
    with pytest.raises(InternalError):
        world.clients(arm).compute().virtual_machines.begin_start("rg-dr", "web01")
    with pytest.raises(InternalError):
        world.clients(arm).compute().virtual_machines.begin_delete("rg-dr", "web01")
    assert arm.requests == []


def test_clients_for_changes_can_send_no_other_change(arm: ArmWire) -> None:
    changing = world.clients(arm).limited_to(CHANGES)
    with pytest.raises(InternalError):
        changing.compute().virtual_machines.begin_deallocate("rg-dr", "web01")
    assert arm.requests == []


def test_a_read_never_registers_a_resource_provider(arm: ArmWire) -> None:
    arm.fault("GET", "/virtualMachines/web01$", Reply.error(409, "MissingSubscriptionRegistration", "not registered"))
    with pytest.raises(Exception, match="not registered"):
        world.clients(arm).compute().virtual_machines.get("rg-dr", "web01")
    assert posts(arm) == []


def test_a_link_to_another_host_never_gets_the_token(arm: ArmWire) -> None:
    lure = {"value": [], "nextLink": "https://management.azure.com.evil.example/subscriptions/x?api-version=1"}
    arm.fault("GET", "/replicationFabrics$", Reply(200, lure))
    with pytest.raises(InternalError):
        list(world.clients(arm).site_recovery.replication_fabrics.list("rg-dr", "rsv-dr"))
    assert len(arm.requests) == 1


SENDING: dict[str, tuple[Reply, type[FailbackError]]] = {
    "denied": (denied("x/refreshProvider/action", "y"), ChangeFailedError),
    "another operation in progress": (Reply.error(409, "OperationInProgress", "busy"), ChangeFailedError),
    "gone": (Reply.error(404, "ResourceNotFound", "gone"), ChangeFailedError),
    "throttled": (Reply.error(429, "TooManyRequests", "slow", Retry_After="600"), ChangeFailedError),
    "broken off": (Reply(dropped=True), OutcomeUnknownError),
    "silent": (Reply(hangs=True), OutcomeUnknownError),
    "failed inside": (Reply.error(500, "InternalServerError", "oops"), OutcomeUnknownError),
    "signed out": (Reply.error(401, "ExpiredAuthenticationToken", "expired"), SignInRefusedError),
}


@pytest.mark.parametrize("case", SENDING)
def test_a_change_that_was_not_accepted_is_told_from_one_nobody_knows_of(
    arm: ArmWire, clock: world.StepClock, case: str
) -> None:
    reply, error = SENDING[case]
    arm.fault("POST", "/refreshProvider$", reply, times=None)
    with pytest.raises(error):
        change.refresh_configuration_server(world.clients(arm), world.PROVIDER, clock)


def test_a_refresh_whose_connection_broke_is_sent_again_because_it_is_harmless(
    arm: ArmWire, clock: world.StepClock
) -> None:
    arm.fault("POST", "/refreshProvider$", Reply(dropped=True))
    change.refresh_configuration_server(world.clients(arm), world.PROVIDER, clock)
    assert len(posts(arm)) == 2


def test_a_failed_operation_speaks_with_azures_own_advice(arm: ArmWire, clock: world.StepClock) -> None:
    detail = {
        "code": "806",
        "message": "no heartbeat",
        "possibleCauses": "off",
        "recommendedAction": "Switch the server on.",
    }
    error = {"code": "RefreshFailed", "message": "The server does not answer.", "details": [detail]}
    arm.operations.end_next_with("Failed", error)
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    with pytest.raises(ChangeFailedError) as caught:
        change.follow(clients, begun.token, clock)
    assert caught.value.why == "error RefreshFailed: The server does not answer. (possible causes: off)"
    assert caught.value.next_step == "Switch the server on."


def test_a_connection_that_stays_away_while_following_leaves_the_outcome_unknown(
    arm: ArmWire, clock: world.StepClock
) -> None:
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    arm.fault("GET", "/replicationOperationStatus/", Reply(dropped=True), times=None)
    with pytest.raises(OutcomeUnknownError):
        change.follow(clients, begun.token, clock)


def test_following_can_be_cancelled_within_a_second_and_taken_up_again(arm: ArmWire, clock: world.StepClock) -> None:
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    stop = world.RECORDED_AT + timedelta(seconds=3)
    with pytest.raises(InterruptedByOperatorError):
        change.follow(clients, begun.token, clock, cancelled=lambda: clock.now() >= stop)
    assert clock.now() - stop <= timedelta(seconds=1)
    change.follow(clients, begun.token, clock)


def _token(**change_of: Any) -> str:
    data: dict[str, Any] = {
        "request": {
            "method": "POST",
            "url": f"https://management.azure.com{world.PROVIDER}/refreshProvider?api-version=1",
        },
        "response": {"status_code": 202, "headers": {}, "content": ""},
        "context": {},
    }
    data |= change_of
    return base64.b64encode(json.dumps({"version": 1, "data": data}).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        base64.b64encode(b"[]").decode(),
        _token(request={"method": "POST", "url": f"https://evil.example{world.PROVIDER}/refreshProvider"}),
        _token(request={"method": "POST", "url": f"https://management.azure.com{world.COMPUTE}/web01/delete"}),
        _token(
            response={"status_code": 202, "headers": {"Azure-AsyncOperation": "https://evil.example/x"}, "content": ""}
        ),
        _token(response={"status_code": 202, "headers": {"location": "https://evil.example/x"}, "content": ""}),
    ],
)
def test_a_token_that_leads_anywhere_else_is_refused_before_anything_is_sent(
    arm: ArmWire, clock: world.StepClock, token: str
) -> None:
    with pytest.raises(OutcomeUnknownError):
        change.follow(world.clients(arm), token, clock)
    assert arm.requests == []


def test_no_listed_read_could_change_anything() -> None:
    assert {operation.verb for operation in READS} == {"GET"}
    assert not set(READS) & set(CHANGES)


def test_what_is_listed_exists_in_the_libraries(arm: ArmWire) -> None:
    clients = world.clients(arm)
    for operation in (*READS, *CHANGES):
        if operation.group == "-":
            continue
        client: Any = getattr(clients, operation.client)
        client = client() if callable(client) and operation.client in {"compute", "network"} else client
        assert callable(getattr(getattr(client, operation.group), operation.name)), operation.title


def test_paths_are_compared_as_azure_compares_them() -> None:
    shouted = f"https://management.azure.com{world.FABRIC}".upper().replace("HTTPS", "https")
    assert on_the_list(READS, "get", shouted)
    assert on_the_list(READS, "GET", f"https://management.azure.com/{world.FABRIC}?api-version=1")
    assert not on_the_list(READS, "POST", shouted)
    assert not on_the_list(READS, "GET", shouted + "/anything")


def test_the_clouds_are_those_of_the_library() -> None:
    from azure.core import AzureClouds
    from azure.mgmt.core.tools import get_arm_endpoints

    names = {
        "public": AzureClouds.AZURE_PUBLIC_CLOUD,
        "us-government": AzureClouds.AZURE_US_GOVERNMENT,
        "china": AzureClouds.AZURE_CHINA_CLOUD,
    }
    assert set(names) == set(CLOUDS)
    for name, cloud in CLOUDS.items():
        theirs = get_arm_endpoints(names[name])
        assert theirs["resource_manager"].rstrip("/") == cloud.resource_manager
        assert theirs["credential_scopes"] == [cloud.scope]
