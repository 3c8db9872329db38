"""The network probes: what is asked, what an answer means, and that nothing else leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from failback.azure.allowed import ASKING, CHANGES, HARMLESS, PROBES, READS, is_harmless, on_the_list
from failback.azure.probes import probe, wanted_probes
from failback.errors import InterruptedByOperatorError
from failback.progress import never, silent
from failback.rehearsal import description as site
from failback.rehearsal.arm_actions import power_view
from tests.azure.probing_world import (
    HOP_TO_MT,
    INTO_PS,
    NIC,
    OUT_TO_CS,
    OUT_TO_PS,
    PS_NIC,
    TO_MT,
    TO_PS,
    WEB01,
    Probed,
)
from tests.azure.test_answers_fit_the_sdk_models import answers_of, wrong
from wizard_steps.seen_by_probes import ProbeAnswers


@pytest.fixture
def probed() -> Probed:
    return Probed()


# -- what is asked


def test_a_machine_its_process_server_and_its_master_target_are_asked_about(probed: Probed) -> None:
    keys = {
        one.key.replace(f"{site.group_id()}/providers/microsoft.".casefold(), "")
        for one in wanted_probes(probed.case())
    }
    assert {key.rpartition("/")[2] for key in keys} == {
        "web01-nic 10.60.1.11 -> 10.20.0.10 tcp:443",
        "web01-nic 10.60.1.11 -> 10.60.1.4 tcp:9443",
        "ps-az-01-nic 10.60.1.4 <- 10.60.1.11 tcp:9443",
        "web01 -> 10.60.1.4 tcp:9443",
        "ps-az-01-nic 10.60.1.4 -> 10.20.0.10 tcp:443",
        "ps-az-01-nic 10.60.1.4 -> 10.20.0.10",
        *(
            text.format(mt=mt)
            for mt in ("10.20.0.21", "10.20.0.22")
            for text in (
                "ps-az-01-nic 10.60.1.4 -> {mt}",
                "ps-az-01-nic 10.60.1.4 -> {mt} tcp:9443",
                "ps-az-01-nic 10.60.1.4 -> {mt} tcp:443",
                "ps-az-01 -> {mt} tcp:9443",
                "ps-az-01 -> {mt} tcp:443",
            )
        ),
    }


def test_what_a_heartbeat_does_not_prove_is_tried(probed: Probed) -> None:
    probed.arm.edit(
        site.item_id("web01"),
        lambda body: body["properties"]["providerSpecificDetails"].update(lastHeartbeat="2026-11-21T00:00:00Z"),
    )
    assert f"{WEB01} -> 10.20.0.10 tcp:443" in {one.key for one in wanted_probes(probed.case())}


def test_a_machine_that_kept_its_address_is_asked_for_its_next_hop(probed: Probed) -> None:
    probed.arm.edit(
        site.item_id("web01"),
        lambda body: body["properties"]["providerSpecificDetails"].update(ipAddress="10.60.1.11"),
    )
    assert f"{NIC} 10.60.1.11 -> 10.20.0.10" in {one.key for one in wanted_probes(probed.case())}


@pytest.mark.parametrize("name", ["web01", "PS-AZ-01"])
def test_of_a_vm_that_is_off_nothing_is_asked(probed: Probed, name: str) -> None:
    probed.arm.put(site.vm_id(name) + "/instanceView", power_view("deallocated", probed.site.clock.now()))
    assert not [one for one in wanted_probes(probed.case()) if one.vm_id == site.vm_id(name)]


def test_nothing_is_asked_of_an_azure_that_was_not_seen(probed: Probed) -> None:
    case = probed.case()
    unseen = replace(case.azure.unseen(case.azure.vault_id, "down"))
    blind = replace(case, estate=replace(case.estate, azure=unseen))
    probed.arm.requests.clear()
    assert wanted_probes(blind) == ()
    assert probe(probed.clients(), blind, probed.site.clock, silent, never).probed == ProbeAnswers()
    assert probed.arm.requests == []


# -- what comes back


def test_on_a_site_without_faults_everything_is_answered_and_let_through(probed: Probed) -> None:
    answers = probed.probe()
    assert answers.flows[OUT_TO_CS].value.allowed
    assert answers.flows[INTO_PS].value.allowed
    assert answers.next_hops[HOP_TO_MT].value.kind == "VirtualNetworkGateway"
    assert (answers.connectivity[TO_PS].value.reached, answers.connectivity[TO_PS].value.latency_ms) == (True, 2)
    assert not answers.connectivity[TO_MT].value.reached
    assert (answers.rules, answers.routes) == ({}, {})


def test_a_rule_that_denies_is_named_with_its_group(probed: Probed) -> None:
    probed.deny("Outbound", 9443, at_nic="web01-nic")
    answers = probed.probe()
    verdict = answers.flows[OUT_TO_PS].value
    assert (verdict.allowed, verdict.rule) == (False, "securityRules/deny-9443")
    rules = {one.name: one for one in answers.rules[NIC].value}
    assert rules["securityRules/deny-9443"].group_id.endswith("/nsg-servers")
    assert not rules["securityRules/deny-9443"].allows
    assert [one.kind for one in answers.connectivity[TO_PS].value.issues] == ["NetworkSecurityRule"]
    assert answers.connectivity[TO_PS].value.issues[0].about == ("securityRules/deny-9443",)


def test_both_ends_of_a_flow_are_judged(probed: Probed) -> None:
    probed.deny("Inbound", 9443, at_nic="PS-AZ-01-nic")
    answers = probed.probe()
    assert answers.flows[OUT_TO_PS].value.allowed
    assert not answers.flows[INTO_PS].value.allowed
    assert not answers.connectivity[TO_PS].value.reached
    assert list(answers.rules) == [PS_NIC]


def test_a_route_table_that_leads_nowhere_is_named(probed: Probed) -> None:
    probed.route("10.20.0.21/32", "None")
    answers = probed.probe()
    hop = answers.next_hops[HOP_TO_MT].value
    assert (hop.kind, (hop.route_table_id or "").rpartition("/")[2]) == ("None", "rt-servers")
    routes = answers.routes[PS_NIC].value
    assert ("User", "None") in {(one.source, one.next_hop) for one in routes}


def test_a_tunnel_that_is_down_takes_its_routes_along(probed: Probed) -> None:
    connection = site.network_id("connections", "cn-osaka")
    probed.arm.edit(connection, lambda body: body["properties"].update(connectionStatus="NotConnected"))
    answers = probed.probe()
    assert (answers.next_hops[HOP_TO_MT].value.kind, answers.next_hops[HOP_TO_MT].value.route_table_id) == (
        "None",
        None,
    )
    assert not [one for one in answers.routes[PS_NIC].value if one.next_hop == "VirtualNetworkGateway"]


def test_every_answer_fits_the_models_of_the_library(probed: Probed) -> None:
    probed.deny("Outbound", 9443, at_nic="web01-nic")
    probed.route("10.20.0.21/32", "None")
    heard = answers_of(probed.arm)
    probed.probe()
    assert wrong(heard) == []
    results = [url for _method, url, reply in heard if "/operationResults/" in url and reply.status == 200]
    assert len(results) > 15


# -- what leaves


def test_every_request_of_a_probe_is_a_listed_one(probed: Probed) -> None:
    probed.deny("Outbound", 9443, at_nic="web01-nic")
    probed.route("10.20.0.21/32", "None")
    probed.probe()
    used = {op for one in probed.arm.requests for op in PROBES if on_the_list((op,), one.method, one.path)}
    strays = [one.path for one in probed.arm.requests if not on_the_list(PROBES, one.method, one.path)]
    assert strays == []
    assert used == set(PROBES)


def test_the_lists_do_not_mix() -> None:
    assert not set(PROBES) & (set(READS) | set(CHANGES))
    assert not set(ASKING) & set(HARMLESS)
    assert {one.verb for one in ASKING} == {"POST"}
    watcher = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkWatchers/w"
    assert is_harmless(f"{watcher}/nextHop")
    assert not is_harmless(f"{watcher}/packetCaptures")
    assert not on_the_list(PROBES, "PUT", f"{watcher}/nextHop")


def test_a_probe_changes_nothing_on_the_site(probed: Probed) -> None:
    case = probed.case()
    before = {key: repr(probed.arm.store.raw(key)) for key in probed.arm.store.ids()}
    probe(probed.clients(), case, probed.site.clock, silent, never)
    assert {key: repr(probed.arm.store.raw(key)) for key in probed.arm.store.ids()} == before


def test_a_question_says_which_end_listens(probed: Probed) -> None:
    probed.probe()
    sent = [one.body for one in probed.arm.requests if one.path.endswith("/ipFlowVerify")]
    by_direction = {(one["direction"], one["localPort"], one["remotePort"]) for one in sent}
    assert by_direction == {("Outbound", "*", "443"), ("Outbound", "*", "9443"), ("Inbound", "9443", "*")}


# -- how long, and until when


def test_an_answer_that_takes_its_time_is_waited_for(probed: Probed) -> None:
    probed.arm.operations.asking_seconds = 12
    before = probed.site.clock.now()
    assert probed.probe().flows[OUT_TO_CS].value.allowed
    assert (probed.site.clock.now() - before).total_seconds() >= 12
    assert [one for one in probed.arm.requests if "/operations/" in one.path]


def test_progress_counts_the_questions(probed: Probed) -> None:
    said: list[str] = []
    probed.probe(said.append)
    assert said[0] == "Azure: looking for the network watchers"
    assert said[1].startswith("Azure: probe 1 of 16: ")
    assert said[-1].startswith("Azure: probe 16 of 16: ")


def test_a_cancelled_probe_ends_at_once(probed: Probed) -> None:
    probed.arm.operations.asking_seconds = 600
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 6

    with pytest.raises(InterruptedByOperatorError):
        probed.probe(cancelled=cancelled)
    assert len([one for one in probed.arm.requests if one.method == "POST"]) <= 6
