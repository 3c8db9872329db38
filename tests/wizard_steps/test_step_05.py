"""Step 5, row by row: the ports."""

from __future__ import annotations

import pytest

from tests.estates.paths import ITEM, LINE, MT, PS, PS_VM, VCENTER
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
from tests.estates.ready_azure import nic_id, vm_id
from tests.estates.ready_probes import ALLOWED, DENIED_BY_RULE, NO_ANSWER, REACHED
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.choices import Attestation
from wizard_steps.classic.ports import PORTS
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen, seen
from wizard_steps.seen_by_probes import Connectivity, ConnectivityProbe, FlowProbe, ProbeAnswers
from wizard_steps.seen_in_azure import HealthError

VM_CS = "web01 -> CS01 tcp/443"
VM_PS = "web01 -> PS-AZ-01 tcp/9443"
PS_CS = "PS-AZ-01 -> CS01 tcp/443"
PS_MT = "PS-AZ-01 -> MT01 tcp/9443"
MT_CS = "MT01 -> CS01 tcp/443"
CS_AZURE = "CS01 -> Azure tcp/443"
CS_VCENTER = "CS01 -> vcenter01 tcp/443"

TRY_VM_CS = "azure.probed.connectivity[web01 -> 10.20.0.10 tcp:443]"
TRY_PS_CS = "azure.probed.connectivity[PS-AZ-01 -> 10.20.0.10 tcp:443]"
TRY_PS_MT = "azure.probed.connectivity[PS-AZ-01 -> 10.20.0.11 tcp:9443]"
OUT_VM_CS = "azure.probed.flows[web01-nic 10.1.0.21 -> 10.20.0.10 tcp:443]"
OUT_VM_PS = "azure.probed.flows[web01-nic 10.1.0.21 -> 10.1.0.10 tcp:9443]"
IN_VM_PS = "azure.probed.flows[PS-AZ-01-nic 10.1.0.10 <- 10.1.0.21 tcp:9443]"
OUT_PS_CS = "azure.probed.flows[PS-AZ-01-nic 10.1.0.10 -> 10.20.0.10 tcp:443]"
OUT_PS_MT = "azure.probed.flows[PS-AZ-01-nic 10.1.0.10 -> 10.20.0.11 tcp:9443]"
NO_AGENT = not_seen("the Network Watcher agent is missing on it")
UNHEARD: tuple[dict[str, object], ...] = (  # three reasons why the heartbeat of web01 proves nothing
    {f"{ITEM}.last_heartbeat": minutes_ago(15)},
    {"azure.vms[web01].power_state_since": minutes_ago(1)},
    {"azure.vms[web01].power_state_since": None},
)


def on_premises(result: Connectivity) -> dict[str, object]:
    """The process server stands on-premises, and one connection to it was tried."""
    allowed = FlowProbe(vm_id("web01"), nic_id("web01"), "Outbound", "10.1.0.21", "10.20.0.10", 9443).key
    tried = ConnectivityProbe(vm_id("web01"), "10.20.0.10", 9443).key
    return {
        "target.process_server": "CS01",
        "azure.probed": ProbeAnswers(flows={allowed: seen(ALLOWED)}, connectivity={tried: seen(result)}),
    }


GREEN = [
    Row("ports-required-open", "pass", "8 of 9 are met, 1 wait to be vouched for"),
    Row("port-azvm-cs-443", "pass", "2 minutes ago", subject=VM_CS),
    Row("port-azvm-ps-9443", "pass", f"security groups of both ends let {VM_PS} through", subject=VM_PS),
    Row("port-ps-cs-443", "pass", "2 minutes ago", subject=PS_CS),
    Row(
        "port-ps-mt-data",
        "attest",
        f"no answer came to PS-AZ-01: vouch that {PS_MT} is open, or the port the document's figure shows",
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
        {f"{PS}.last_heartbeat": minutes_ago(20), TRY_PS_CS: NO_AGENT},
    ),
    *(
        Row("port-azvm-cs-443", "pass", "web01 reached CS01 (10.20.0.10) on TCP 443", unheard, VM_CS)
        for unheard in UNHEARD
    ),
    *(
        Row("port-azvm-cs-443", "fail", "web01 did not reach CS01", {**unheard, TRY_VM_CS: NO_ANSWER}, VM_CS)
        for unheard in UNHEARD
    ),
    Row("port-azvm-cs-443", "unknown", "not probed: run with --probe", {**UNHEARD[0], "azure.probed": None}, VM_CS),
    Row("port-azvm-cs-443", "unknown", "agent is missing", {**UNHEARD[0], TRY_VM_CS: NO_AGENT}, VM_CS),
    Row(
        "port-azvm-cs-443",
        "unknown",
        "no connection to the site is up, so web01 cannot reach CS01",
        {**UNHEARD[0], TRY_VM_CS: NO_ANSWER, f"{LINE}.status": "NotConnected"},
        VM_CS,
    ),
    Row("port-azvm-cs-443", "pass", "2 minutes ago", {"azure.probed": None}, VM_CS),
    Row(
        "port-azvm-cs-443",
        "fail",
        "deny-all denies what web01 sends to 10.20.0.10 on TCP 443",
        {OUT_VM_CS: DENIED_BY_RULE},
        VM_CS,
    ),
    Row("port-azvm-cs-443", "unknown", "throttled", {OUT_VM_CS: not_seen("throttled")}, VM_CS),
    Row(
        "port-azvm-cs-443",
        "attest",
        "web01 is deallocated, so nothing can be tried",
        {"azure.vms[web01].power_state": "deallocated"},
        VM_CS,
    ),
    *(
        Row("port-azvm-ps-9443", "fail", f"deny-all denies what {words} on TCP 9443", {path: DENIED_BY_RULE}, VM_PS)
        for path, words in {
            OUT_VM_PS: "web01 sends to 10.1.0.10",
            IN_VM_PS: "10.1.0.21 sends to PS-AZ-01",
        }.items()
    ),
    Row("port-azvm-ps-9443", "unknown", "not probed: run with --probe", {"azure.probed": None}, VM_PS),
    *(
        Row("port-azvm-ps-9443", "unknown", "throttled", {path: not_seen("throttled")}, VM_PS)
        for path in (OUT_VM_PS, IN_VM_PS)
    ),
    Row("port-azvm-ps-9443", "fail", "deny", {OUT_VM_PS: DENIED_BY_RULE, IN_VM_PS: not_seen("throttled")}, VM_PS),
    Row(
        "port-azvm-ps-9443",
        "attest",
        "web01 is stopped, so nothing can be tried",
        {"azure.vms[web01].power_state": "stopped"},
        VM_PS,
    ),
    Row(
        "port-azvm-ps-9443",
        "attest",
        "firewall on-premises lets web01 -> CS01 tcp/9443 through: no answer came",
        on_premises(NO_ANSWER),
        "web01 -> CS01 tcp/9443",
    ),
    Row("port-azvm-ps-9443", "pass", "reached CS01", on_premises(REACHED), "web01 -> CS01 tcp/9443"),
    Row(
        "port-ps-cs-443",
        "fail",
        "deny-all denies what PS-AZ-01 sends to 10.20.0.10",
        {OUT_PS_CS: DENIED_BY_RULE},
        PS_CS,
    ),
    Row("port-ps-cs-443", "unknown", "throttled", {OUT_PS_CS: not_seen("throttled")}, PS_CS),
    Row("port-ps-cs-443", "pass", "2 minutes ago", {"azure.probed": None}, PS_CS),
    Row("port-ps-cs-443", "pass", "PS-AZ-01 reached CS01", {f"{PS}.last_heartbeat": minutes_ago(15)}, PS_CS),
    Row(
        "port-ps-cs-443",
        "fail",
        "PS-AZ-01 did not reach CS01",
        {f"{PS}.last_heartbeat": minutes_ago(15), TRY_PS_CS: NO_ANSWER},
        PS_CS,
    ),
    Row("port-ps-mt-data", "pass", "PS-AZ-01 reached MT01 (10.20.0.11) on TCP 9443", {TRY_PS_MT: REACHED}, PS_MT),
    Row("port-ps-mt-data", "attest", "deny-all denies what PS-AZ-01 sends", {OUT_PS_MT: DENIED_BY_RULE}, PS_MT),
    Row("port-ps-mt-data", "unknown", "not probed: run with --probe", {"azure.probed": None}, PS_MT),
    Row("port-ps-mt-data", "unknown", "agent is missing", {TRY_PS_MT: NO_AGENT}, PS_MT),
    Row("port-azvm-cs-443", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, VM_CS),
    Row(
        "port-azvm-ps-9443",
        "unknown",
        "the process server's VM PS-AZ-01 is not running",
        {f"{PS_VM}.power_state": "deallocated"},
        VM_PS,
    ),
    Row("port-azvm-ps-9443", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, VM_PS),
    Row(
        "port-azvm-ps-9443",
        "unknown",
        "not probed",
        {"limits.process_server_port": 10443},
        "web01 -> PS-AZ-01 tcp/10443",
    ),
    Row(
        "port-ps-cs-443",
        "unknown",
        "not probed: run with --probe",
        {f"{PS}.last_heartbeat": minutes_ago(15), "azure.probed": None},
        PS_CS,
    ),
    Row("port-ps-mt-data", "unknown", "not running", {f"{PS_VM}.power_state": "deallocated"}, PS_MT),
    Row("port-mt-cs", "fail", "15 minutes ago", {f"{MT}.last_heartbeat": minutes_ago(15)}, MT_CS),
    Row(
        "port-cs-azure-443", "fail", "61 minutes old", {"server.providers[0].last_heartbeat": minutes_ago(61)}, CS_AZURE
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
    case = change(case, "azure.vms[*].power_state", "deallocated")
    case = change(case, f"{PS_VM}.power_state", "running")
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
    off = {"azure.vms[web01].power_state": "deallocated"}  # so that nobody can try the path from there
    case = change_all(ready_case(attestations=(Attestation(said, subject, "kim", minutes_ago(60)),)), off)
    finding = finding_of(case, port, flow)
    assert (finding.status.value, finding.evidence) == (
        "pass",
        "kim vouched on 2026-11-22 09:00 UTC that the path is open",
    )
    assert "operator" in {one.system for one in finding.sources}
    late = change_all(ready_case(attestations=(Attestation(said, subject, "kim", minutes_ago(24 * 60)),)), off)
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
