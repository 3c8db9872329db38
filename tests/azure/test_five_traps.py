"""Five traps of the Azure libraries, each shown as it is in the library and closed in this program."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.core.polling.arm_polling import ARMPolling

from failback.azure import change
from failback.azure.faults import fault_of
from failback.azure.fields import Row, moment
from failback.azure.polling import OperationProgress
from failback.azure.reading import AzureReader
from failback.errors import ChangeFailedError, OutcomeUnknownError
from failback.rehearsal.arm_wire import ArmWire, Reply
from tests.azure import world
from wizard_steps.outside import Outside

# -- 1. a status word that the library does not know never ends


@pytest.mark.parametrize("word", ["PartiallySucceeded", "Paused", "Whatever"])
def test_trap_1_an_unknown_status_word_ends_the_wait_with_an_unknown_outcome(
    arm: ArmWire, clock: world.StepClock, word: str
) -> None:
    arm.operations.end_next_with(word)
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    with pytest.raises(OutcomeUnknownError, match=word):
        change.follow(clients, begun.token, clock)


@pytest.mark.parametrize("word", ["Cancelled", "Canceled", "TimedOut", "Failed", "Aborted"])
def test_trap_1_every_spelling_of_a_bad_end_is_a_failure(arm: ArmWire, clock: world.StepClock, word: str) -> None:
    arm.operations.end_next_with(word)
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    with pytest.raises(ChangeFailedError):
        change.follow(clients, begun.token, clock)


def test_trap_1_the_library_itself_takes_such_a_word_for_still_running() -> None:
    polling: Any = ARMPolling()
    polling._operation, polling._status = object(), "Cancelled"
    assert polling.finished() is False, "the library has learnt it: this program's own list of words can go"


# -- 2. result(timeout=...) returns a half-made model


def test_trap_2_an_operation_that_does_not_end_is_an_unknown_outcome_and_not_a_result(
    arm: ArmWire, clock: world.StepClock
) -> None:
    arm.operations.seconds = 1e9
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    start = clock.now()
    with pytest.raises(OutcomeUnknownError, match="still running after 900 s"):
        change.follow(clients, begun.token, clock)
    assert timedelta(seconds=900) <= clock.now() - start <= timedelta(seconds=900 + 30)


# -- 3. possible causes and advice are dropped


def test_trap_3_azures_own_causes_and_advice_are_kept(arm: ArmWire) -> None:
    groups = world.clients(arm).site_recovery.replication_fabrics
    with pytest.raises(HttpResponseError) as caught:
        groups.get("rg-dr", "rsv-dr", "no-such-fabric")
    assert caught.value.error is not None
    assert not hasattr(caught.value.error.details[0], "possible_causes"), "the library has learnt it"
    fault = fault_of(caught.value)
    assert fault.causes == (Outside("The object might have been deleted, or never existed."),)
    assert fault.advice == (Outside("Refresh the configuration server, then try again."),)


# -- 4. times without a zone


def test_trap_4_a_time_without_a_zone_is_utc_and_can_be_compared() -> None:
    naive = moment("2026-11-22T10:00:00.9999999")
    assert naive == datetime(2026, 11, 22, 10, 0, 0, 999999, tzinfo=timezone.utc)
    assert naive > moment("2026-11-22T10:00:00Z")
    assert moment(datetime(2026, 11, 22, 10)).tzinfo is timezone.utc  # noqa: DTZ001 -- naive is the point
    assert moment("2026-11-22T19:00:00+09:00") == datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


def test_trap_4_no_time_of_a_whole_look_is_naive(reader: AzureReader) -> None:
    server = reader.read().configuration_servers.value[0]
    times = [server.last_heartbeat.value, server.certificate_expires.value]
    times += [one.last_heartbeat.value for one in server.process_servers.value]
    times += [one.last_heartbeat.value for one in server.master_targets.value]
    assert all(time is not None and time.tzinfo is timezone.utc for time in times)


def test_trap_4_a_word_that_is_no_time_is_an_error_and_not_a_text() -> None:
    row = Row({"lastHeartbeat": "soon"}, "ProcessServer", datetime.now(timezone.utc))
    from failback.azure.tables import PROCESS_SERVER

    assert not row.read(PROCESS_SERVER["last_heartbeat"]).was_seen


# -- 5. ids in mixed case


def test_trap_5_ids_in_any_case_join(arm: ArmWire, reader: AzureReader) -> None:
    def shout(body: dict[str, Any]) -> None:
        details = body["properties"]["providerSpecificDetails"]
        details["targetVmId"] = details["targetVmId"].upper()
        body["id"] = (
            body["id"].replace("/subscriptions/", "/Subscriptions/").replace("replicationFabrics", "REPLICATIONFABRICS")
        )

    arm.edit(f"{world.ITEMS}/web01", shout)
    seen = reader.read()
    assert {item.machine_name.raw for item in seen.protected_items.value} == {"web01", "db01"}
    assert seen.vm(f"{world.COMPUTE}/web01").value is not None


# -- and what goes with them


def test_an_operation_is_told_about_and_may_send_its_percentage(arm: ArmWire, clock: world.StepClock) -> None:
    arm.operations.with_percent = True
    arm.operations.seconds = 20
    clients = world.clients(arm)
    told: list[OperationProgress] = []
    change.follow(
        clients, change.refresh_configuration_server(clients, world.PROVIDER, clock).token, clock, told=told.append
    )
    assert [one.word for one in told][-1] == "Succeeded"
    percents = [one.percent for one in told if one.percent is not None]
    assert percents == sorted(percents)
    assert percents[-1] == 100.0


@pytest.mark.parametrize(("asked", "waited"), [("600", 30.0), ("7", 7.0), ("0", 10.0), (None, 10.0)])
def test_a_pause_between_two_looks_is_azures_within_our_limit(
    arm: ArmWire, clock: world.StepClock, asked: str | None, waited: float
) -> None:
    arm.operations.retry_after = asked
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    looks: list[datetime] = []
    change.follow(clients, begun.token, clock, told=lambda _progress: looks.append(clock.now()))
    assert (looks[1] - looks[0]).total_seconds() == waited


def test_a_status_that_is_briefly_unreachable_is_asked_again(arm: ArmWire, clock: world.StepClock) -> None:
    clients = world.clients(arm)
    begun = change.refresh_configuration_server(clients, world.PROVIDER, clock)
    arm.fault("GET", "/replicationOperationStatus/", Reply(dropped=True), times=2)
    change.follow(clients, begun.token, clock)
