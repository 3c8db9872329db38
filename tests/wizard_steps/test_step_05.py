"""Step 5, row by row: the ports."""

from __future__ import annotations

import pytest

from tests.estates.ready import (
    DENIED,
    change,
    change_all,
    finding_of,
    findings_of,
    minutes_ago,
    ready_case,
    report_of,
)
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.choices import Attestation
from wizard_steps.classic.ports import PORTS
from wizard_steps.outside import Outside
from wizard_steps.seen_in_azure import HealthError

ITEM = "azure.protected_items[web01]"
PS = "server.process_servers[PS-AZ-01]"
PS_VM = "azure.vms[PS-AZ-01]"
MT = "server.master_targets[MT01]"
VCENTER = "server.vcenters[vcenter01]"

VM_CS = "web01 -> CS01 tcp/443"
VM_PS = "web01 -> PS-AZ-01 tcp/9443"
PS_CS = "PS-AZ-01 -> CS01 tcp/443"
PS_MT = "PS-AZ-01 -> MT01 tcp/9443"
MT_CS = "MT01 -> CS01 tcp/443"
CS_AZURE = "CS01 -> Azure tcp/443"
CS_VCENTER = "CS01 -> vcenter01 tcp/443"

GREEN = [
    Row("ports-required-open", "pass", "6 of 9 are met, 3 wait to be vouched for"),
    Row("port-azvm-cs-443", "pass", "2 minutes ago", subject=VM_CS),
    Row("port-azvm-ps-9443", "attest", f"vouch that {VM_PS} is open", subject=VM_PS),
    Row("port-ps-cs-443", "pass", "2 minutes ago", subject=PS_CS),
    Row(
        "port-ps-mt-data",
        "attest",
        f"vouch that {PS_MT} is open (or the port the document's figure shows",
        subject=PS_MT,
    ),
    Row("port-mt-cs", "pass", "2 minutes ago", subject=MT_CS),
    Row("port-cs-azure-443", "pass", "2 minutes ago", subject=CS_AZURE),
    Row("port-cs-vcenter-443", "pass", "vcenter01 2 minutes ago", subject=CS_VCENTER),
]

OTHER = [
    Row("ports-required-open", "fail", "1 of 9 is not met: port-mt-cs", {f"{MT}.last_heartbeat": minutes_ago(20)}),
    Row(
        "ports-required-open",
        "unknown",
        "1 of 9 is not known: port-ps-cs-443",
        {f"{PS}.last_heartbeat": minutes_ago(20)},
    ),
    Row("port-azvm-cs-443", "attest", VM_CS, {f"{ITEM}.last_heartbeat": minutes_ago(15)}, VM_CS),
    Row("port-azvm-cs-443", "attest", VM_CS, {"azure.vms[web01].power_state_since": minutes_ago(1)}, VM_CS),
    Row("port-azvm-cs-443", "attest", VM_CS, {"azure.vms[web01].power_state_since": None}, VM_CS),
    Row("port-azvm-cs-443", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, VM_CS),
    Row(
        "port-azvm-ps-9443", "unknown", "its VM PS-AZ-01 is not running", {f"{PS_VM}.power_state": "deallocated"}, VM_PS
    ),
    Row("port-azvm-ps-9443", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, VM_PS),
    Row(
        "port-azvm-ps-9443", "attest", "tcp/10443", {"limits.process_server_port": 10443}, "web01 -> PS-AZ-01 tcp/10443"
    ),
    Row(
        "port-ps-cs-443",
        "unknown",
        "15 minutes old and proves nothing",
        {f"{PS}.last_heartbeat": minutes_ago(15)},
        PS_CS,
    ),
    Row("port-ps-mt-data", "unknown", "not running", {f"{PS_VM}.power_state": "deallocated"}, PS_MT),
    Row("port-mt-cs", "fail", "15 minutes ago", {f"{MT}.last_heartbeat": minutes_ago(15)}, MT_CS),
    Row(
        "port-cs-azure-443", "fail", "61 minutes ago", {"server.providers[0].last_heartbeat": minutes_ago(61)}, CS_AZURE
    ),
    Row("port-cs-azure-443", "fail", "no recovery services provider", {"server.providers": ()}, CS_AZURE),
    Row(
        "port-cs-vcenter-443",
        "warn",
        "last heard vcenter01 15 minutes ago",
        {f"{VCENTER}.last_heartbeat": minutes_ago(15)},
        CS_VCENTER,
    ),
    Row(
        "port-cs-vcenter-443",
        "fail",
        "95126: no route",
        {f"{VCENTER}.health_errors": (HealthError("95126", "Error", Outside("no route"), None, None),)},
        CS_VCENTER,
    ),
    Row("port-cs-vcenter-443", "pass", "", {f"{VCENTER}.port": 8443}, "CS01 -> vcenter01 tcp/8443"),
    Row("port-cs-vcenter-443", "fail", "no vCenter is registered", {"server.vcenters": ()}, "CS01 -> vCenter tcp/443"),
]

UNREAD = [
    Unread("ports-required-open", "azure.protected_items"),
    Unread("port-azvm-cs-443", f"{ITEM}.last_heartbeat", VM_CS),
    Unread("port-azvm-cs-443", "azure.vms[web01]", VM_CS),
    Unread("port-azvm-cs-443", "azure.vms[web01].power_state_since", VM_CS),
    Unread("port-azvm-cs-443", "azure.protected_items"),
    Unread("port-azvm-ps-9443", "azure.vms[web01]", VM_PS),
    Unread("port-azvm-ps-9443", f"{PS_VM}.power_state", VM_PS),
    Unread("port-azvm-ps-9443", "server.process_servers"),
    Unread("port-ps-cs-443", f"{PS}.last_heartbeat", PS_CS),
    Unread("port-ps-cs-443", "server.process_servers"),
    Unread("port-ps-mt-data", f"{PS_VM}.power_state", PS_MT),
    Unread("port-ps-mt-data", "azure.configuration_servers"),
    Unread("port-mt-cs", f"{MT}.last_heartbeat", MT_CS),
    Unread("port-cs-azure-443", "server.providers", CS_AZURE),
    Unread("port-cs-azure-443", "server.providers[0].last_heartbeat", CS_AZURE),
    Unread("port-cs-vcenter-443", f"{VCENTER}.last_heartbeat", CS_VCENTER),
    Unread("port-cs-vcenter-443", f"{VCENTER}.health_errors", CS_VCENTER),
    Unread("port-cs-vcenter-443", "server.vcenters"),
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    assert judged_by(GREEN) == judged_by(OTHER) == judged_by(UNREAD) == requirements_of_step(5)


def test_the_roll_up_is_unknown_when_a_port_is() -> None:
    rolled = finding_of(change(ready_case(), f"{PS}.last_heartbeat", DENIED), "ports-required-open")
    assert (rolled.status.value, rolled.evidence) == ("unknown", "1 of 9 is not known: port-ps-cs-443")


def test_every_machine_has_its_own_flow() -> None:
    found = {one.subject.name: one.machines for one in findings_of(ready_case(), "port-azvm-ps-9443")}
    assert found == {VM_PS: ("web01",), "db01 -> PS-AZ-01 tcp/9443": ("db01",)}


def test_a_person_may_vouch_for_one_flow() -> None:
    case = ready_case(attestations=(Attestation("port-azvm-ps-9443", VM_PS, "kim", minutes_ago(60)),))
    assert finding_of(case, "port-azvm-ps-9443", VM_PS).status.value == "pass"
    assert finding_of(case, "port-azvm-ps-9443", "db01 -> PS-AZ-01 tcp/9443").status.value == "attest"


@pytest.mark.parametrize(
    ("said", "subject", "port", "flow"),
    [
        ("azvm-reach-ps", "web01", "port-azvm-ps-9443", VM_PS),
        ("ps-reach-mt", "PS-AZ-01", "port-ps-mt-data", PS_MT),
    ],
)
def test_nobody_is_asked_about_a_path_and_then_about_its_port(said: str, subject: str, port: str, flow: str) -> None:
    case = ready_case(attestations=(Attestation(said, subject, "kim", minutes_ago(60)),))
    finding = finding_of(case, port, flow)
    assert (finding.status.value, finding.evidence) == (
        "pass",
        "kim vouched on 2026-11-22 09:00 UTC that the path is open",
    )
    assert "operator" in {one.system for one in finding.sources}
    late = ready_case(attestations=(Attestation(said, subject, "kim", minutes_ago(24 * 60)),))
    assert finding_of(late, port, flow).status.value == "attest"


def test_every_row_of_ports_says_who_states_it_and_how_surely() -> None:
    assert {f"{name}" for name in PORTS} == requirements_of_step(5) - {"ports-required-open"}
    assert {one.confidence for one in PORTS.values()} == {"text", "inferred"}
    assert all(one.stated_by for one in PORTS.values())


def test_an_inferred_port_never_fails_for_a_number_no_text_states() -> None:
    assert PORTS["port-ps-mt-data"].confidence == "inferred"
    for changes in ({f"{PS}.last_heartbeat": minutes_ago(99)}, {"azure.gateways": ()}):
        assert finding_of(change_all(ready_case(), changes), "port-ps-mt-data").status.value == "attest"


def test_the_name_of_a_flow_is_harmless_on_a_screen() -> None:
    case = change(ready_case(), f"{ITEM}.machine_name", "web\x1b[2J")
    finding = finding_of(case, "port-azvm-ps-9443", "web\x1b[2J -> PS-AZ-01 tcp/9443")
    assert "\x1b" not in finding.evidence
    assert "web\\x1b[2J -> PS-AZ-01" in finding.evidence


def test_a_vcenter_that_errs_explains_its_port() -> None:
    errs = {f"{VCENTER}.health_errors": (HealthError("95126", "Error", Outside("no route"), None, None),)}
    report = report_of(change_all(ready_case(), errs))
    assert {one.caused_by for one in report.findings if one.requirement.id == "port-cs-vcenter-443"} == {
        "vcenter-connected"
    }
