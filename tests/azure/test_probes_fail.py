"""Probes that are not answered: each is not seen with its reason, and nothing else suffers."""

from __future__ import annotations

from typing import Any

import pytest

from failback.rehearsal import description as site
from failback.rehearsal.arm_watcher import AGENT
from failback.rehearsal.arm_wire import Reply, denied
from tests.azure.probing_world import HOP_TO_MT, OUT_TO_CS, TO_MT, TO_PS, Probed
from wizard_steps.reading import Reading

RESULT = "/operationResults/"
THE_ANSWER = {
    "ipFlowVerify": lambda answers: answers.flows[OUT_TO_CS],
    "nextHop": lambda answers: answers.next_hops[HOP_TO_MT],
    "connectivityCheck": lambda answers: answers.connectivity[TO_PS],
}
"""One answer of each kind of question."""


@pytest.fixture
def probed() -> Probed:
    return Probed()


def answer_of(probed: Probed, kind: str) -> Reading[Any]:
    reading: Reading[Any] = THE_ANSWER[kind](probed.probe())
    return reading


@pytest.mark.parametrize("kind", list(THE_ANSWER))
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(hangs=True), "no answer in time"),
        (Reply(dropped=True), "the connection broke before an answer came"),
        (Reply.error(401, "InvalidAuthenticationToken", "no"), "Azure did not accept the token"),
        (denied("Microsoft.Network/networkWatchers/action", "/s"), "lacks the permission Microsoft.Network/networkWa"),
        (Reply.error(429, "TooManyRequests", "slow", Retry_After="120"), "asks to wait 120 s"),
        (Reply.error(503, "ServiceUnavailable", "later"), "the service failed with status 503"),
        (Reply.error(404, "ResourceNotFound", "gone"), "Azure has no such resource"),
        (Reply.error(400, "BadRequest", "What is this?"), "What is this?"),
        (Reply(200, b"<html>proxy</html>"), "could not be understood"),
        (Reply(200, []), "could not be understood"),
        (Reply(200, {}), "could not be understood"),
    ],
)
def test_a_question_that_fails_is_not_seen_with_its_reason(
    probed: Probed, kind: str, reply: Reply, reason: str
) -> None:
    probed.arm.fault("POST", f"/{kind}$", reply, times=None)
    answers = probed.probe()
    assert reason in (THE_ANSWER[kind](answers).reason or "seen")
    others = [one for other, one in THE_ANSWER.items() if other != kind]
    assert all(one(answers).was_seen for one in others)


@pytest.mark.parametrize(
    ("kind", "answer", "reason"),
    [
        ("ipFlowVerify", {"access": "Perhaps", "ruleName": "x"}, "could not be understood"),
        ("ipFlowVerify", {"ruleName": "x"}, "could not be understood"),
        ("nextHop", {"nextHopType": None}, "could not be understood"),
        ("nextHop", {"nextHopIpAddress": "10.0.0.1"}, "could not be understood"),
        ("connectivityCheck", {"connectionStatus": "Unknown"}, 'ended with the word "Unknown"'),
        ("connectivityCheck", {"connectionStatus": "Unreachable", "probesSent": 0}, "sent no packet"),
        ("connectivityCheck", {"hops": "none"}, "could not be understood"),
        (
            "connectivityCheck",
            {"connectionStatus": "Unreachable", "hops": [{"issues": [{"type": "AgentStopped"}]}]},
            "the Network Watcher agent in web01 stands still",
        ),
    ],
)
def test_an_answer_that_proves_nothing_is_not_seen(
    probed: Probed, kind: str, answer: dict[str, Any], reason: str
) -> None:
    probed.arm.fault("POST", f"/{kind}$", Reply(200, answer), times=None)
    assert reason in (answer_of(probed, kind).reason or "seen")


@pytest.mark.parametrize(
    ("word", "reached"),
    [("Reachable", True), ("Connected", True), ("Degraded", True), ("Unreachable", False), ("Disconnected", False)],
)
def test_both_vocabularies_of_a_connectivity_check_are_understood(probed: Probed, word: str, reached: bool) -> None:
    answer = {"connectionStatus": word, "avgLatencyInMs": 3, "probesSent": 10, "hops": []}
    probed.arm.fault("POST", "/connectivityCheck$", Reply(200, answer), times=None)
    assert answer_of(probed, "connectivityCheck").value.reached is reached


def test_without_the_agent_the_reason_names_it(probed: Probed) -> None:
    probed.arm.remove(f"{site.vm_id('web01')}/extensions/{AGENT}")
    answers = probed.probe()
    assert answers.connectivity[TO_PS].reason == "the Network Watcher agent is missing on web01"
    assert answers.connectivity[TO_MT].was_seen
    assert answers.flows[OUT_TO_CS].was_seen


def test_the_agent_may_be_missed_at_the_end_of_the_operation_too(probed: Probed) -> None:
    error = {"code": "InternalServerError", "message": "NetworkWatcher agent extension failed to start on the VM"}
    probed.arm.operations.asking_ends = ("Failed", error)
    answers = probed.probe()
    assert answers.connectivity[TO_PS].reason == "the Network Watcher agent is missing on web01"


def test_without_a_watcher_in_the_location_nothing_can_be_asked(probed: Probed) -> None:
    for key in [one for one in probed.arm.store.ids() if "/networkwatchers/" in one]:
        probed.arm.edit(key, lambda body: body.update(location="Japan East"))
    answers = probed.probe()
    assert {one.reason for one in answers.flows.values()} == {"there is no network watcher in japanwest"}
    assert [one.method for one in probed.arm.requests] == ["GET"]


def test_a_location_may_be_written_in_two_ways(probed: Probed) -> None:
    for key in [one for one in probed.arm.store.ids() if "/networkwatchers/" in one]:
        probed.arm.edit(key, lambda body: body.update(location="Japan West"))
    assert probed.probe().flows[OUT_TO_CS].was_seen


def test_watchers_that_may_not_be_listed_are_the_reason_of_every_answer(probed: Probed) -> None:
    probed.arm.fault("GET", "/networkWatchers$", denied("Microsoft.Network/networkWatchers/read", "/s"), times=None)
    answers = probed.probe()
    assert {one.reason for one in answers.connectivity.values()} == {
        "this account lacks the permission Microsoft.Network/networkWatchers/read"
    }


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("Failed", "the target is not reachable for diagnostics"),
        ("Cancelled", "it was cancelled in Azure"),
        ("PartiallySucceeded", 'unknown word "PartiallySucceeded"'),
    ],
)
def test_an_operation_that_does_not_end_well_is_not_seen(probed: Probed, word: str, reason: str) -> None:
    probed.arm.operations.asking_ends = (word, {"code": "X", "message": "the target is not reachable for diagnostics"})
    assert reason in (answer_of(probed, "nextHop").reason or "seen")


def test_an_answer_that_never_comes_is_given_up(probed: Probed) -> None:
    probed.arm.operations.asking_seconds = 3600
    before = probed.site.clock.now()
    assert "still running after 180 s" in (answer_of(probed, "nextHop").reason or "seen")
    assert (probed.site.clock.now() - before).total_seconds() < 3600


def test_a_result_that_is_garbage_is_not_seen(probed: Probed) -> None:
    probed.arm.fault("GET", RESULT, Reply(200, b"{"), times=None)
    assert "could not be understood" in (answer_of(probed, "ipFlowVerify").reason or "seen")


@pytest.mark.parametrize("path", ["/effectiveNetworkSecurityGroups$", "/effectiveRouteTable$"])
def test_without_the_effective_rules_or_routes_the_verdict_still_stands(probed: Probed, path: str) -> None:
    probed.deny("Outbound", 9443, at_nic="web01-nic")
    probed.route("10.20.0.21/32", "None")
    probed.arm.fault("POST", path, Reply.error(403, "AuthorizationFailed", "no"), times=None)
    answers = probed.probe()
    unread = answers.rules if "Security" in path else answers.routes
    assert not any(one.was_seen for one in unread.values())
    assert unread
    assert all(one.was_seen for one in answers.flows.values())


def test_a_throttled_question_is_asked_again(probed: Probed) -> None:
    probed.arm.fault("POST", "/nextHop$", Reply.error(429, "TooManyRequests", "slow", Retry_After="2"))
    assert answer_of(probed, "nextHop").was_seen
