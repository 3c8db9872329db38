"""How requests are repeated: with patience, within limits, and only where repeating is harmless."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import AzureError

from failback.azure.allowed import CHANGES
from failback.azure.faults import WaitCancelledError
from failback.rehearsal.arm_wire import ArmWire, Reply, Request
from tests.azure import world

BUSY = Reply.error(503, "ServiceUnavailable", "busy")


def get_vm(arm: ArmWire, **options: Any) -> Any:
    return world.clients(arm).compute().virtual_machines.get("rg-dr", "web01", **options)


def test_a_short_throttling_is_waited_out_as_azure_asks(arm: ArmWire, clock: world.StepClock) -> None:
    arm.fault("GET", "/virtualMachines/web01$", Reply.error(429, "x", "y", Retry_After="7"))
    get_vm(arm)
    assert sum(clock.waits) == 7


def test_a_long_throttling_is_reported_at_once(arm: ArmWire, clock: world.StepClock) -> None:
    arm.fault("GET", "/virtualMachines/web01$", Reply.error(429, "x", "y", Retry_After="600"), times=None)
    with pytest.raises(AzureError):
        get_vm(arm)
    assert clock.waits == []
    assert len(arm.requests) == 1


@pytest.mark.parametrize("reply", [BUSY, Reply(dropped=True), Reply.error(429, "x", "y"), Reply(502, b"<html>")])
def test_a_read_is_tried_four_times_within_half_a_minute(arm: ArmWire, clock: world.StepClock, reply: Reply) -> None:
    arm.fault("GET", "/virtualMachines/web01$", reply, times=None)
    with pytest.raises(AzureError):
        get_vm(arm)
    assert len(arm.requests) == 4
    assert clock.now() - world.RECORDED_AT <= timedelta(seconds=30)


def test_a_read_that_was_interrupted_twice_succeeds(arm: ArmWire) -> None:
    arm.fault("GET", "/virtualMachines/web01$", Reply(dropped=True))
    arm.fault("GET", "/virtualMachines/web01$", BUSY)
    assert get_vm(arm)["name"] == "web01"


@pytest.mark.parametrize("reply", [BUSY, Reply(dropped=True), Reply.error(429, "x", "y", Retry_After="1")])
def test_a_change_that_may_not_be_repeated_is_sent_once(arm: ArmWire, reply: Reply) -> None:
    from failback.azure.allowed import Operation
    from failback.azure.clients import AzureClients
    from failback.azure.cloud import CLOUDS
    from failback.rehearsal.arm_transport import RehearsalCredential, WireTransport

    path = "/subscriptions/*/resourceGroups/*/providers/Microsoft.Compute/virtualMachines/*/deallocate"
    operations = (*CHANGES, Operation("compute", "virtual_machines", "begin_deallocate", "POST", path))
    changing = AzureClients(
        RehearsalCredential(), CLOUDS["public"], world.SUBSCRIPTION, operations=operations, transport=WireTransport(arm)
    )
    arm.fault("POST", "/deallocate$", reply, times=None)
    with pytest.raises(AzureError):
        changing.compute().virtual_machines.begin_deallocate("rg-dr", "web01")
    assert len(arm.requests) == 1


def test_waiting_ends_within_a_second_of_a_cancellation(arm: ArmWire, clock: world.StepClock) -> None:
    arm.fault("GET", "/virtualMachines/web01$", Reply.error(429, "x", "y", Retry_After="25"), times=None)
    stop = world.RECORDED_AT + timedelta(seconds=4)
    with pytest.raises(WaitCancelledError):
        get_vm(arm, cancelled=lambda: clock.now() >= stop)
    assert clock.now() - stop <= timedelta(seconds=1)


def test_nothing_is_sent_once_cancelled(arm: ArmWire) -> None:
    with pytest.raises(WaitCancelledError):
        get_vm(arm, cancelled=lambda: True)
    assert arm.requests == []


def test_a_claims_challenge_is_answered_with_a_new_token(arm: ArmWire) -> None:
    challenge = 'Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    arm.fault("GET", "/virtualMachines/web01$", Reply.error(401, "x", "y", WWW_Authenticate=challenge))
    assert get_vm(arm)["name"] == "web01"
    assert len(arm.requests) == 2


def test_requests_name_this_program_and_the_version_they_speak(arm: ArmWire) -> None:
    get_vm(arm)
    request: Request = arm.requests[0]
    assert request.headers["user-agent"].startswith("failback-wizard/")
    assert request.api_version
    assert request.query["api-version"] == request.api_version
