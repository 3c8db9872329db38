"""Step 4, row by row: the process server in Azure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.paths import LINE, PS, PS_VM
from tests.estates.ready import DENIED, GONE, change_all, finding_of, minutes_ago, ready_case, report_of
from tests.estates.ready_azure import GIB, NETWORK, nic_id, vm_id
from tests.estates.ready_probes import DENIED_BY_RULE, NO_ANSWER, REACHED
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen, seen
from wizard_steps.seen_by_probes import Connectivity, ConnectivityProbe, HopIssue, NextHop
from wizard_steps.seen_in_azure import Circuit, HealthError, NetworkInterface, Peering, VirtualNetwork

OTHER_NETWORK = f"{NETWORK}-2"

# The operator chose the process server on the configuration server, on-premises.
ON_PREMISES: dict[str, object] = {"target.process_server": "CS01"}
BY_EXPRESSROUTE: dict[str, object] = {
    f"{LINE}.kind": "ExpressRoute",
    f"{LINE}.circuit_id": "/circuits/er-1",
    "azure.circuits": (
        Circuit("/circuits/er-1", Outside("er-1"), seen("Enabled"), seen("Provisioned"), seen("Enabled"), seen(200)),
    ),
}
NOTHING_CHOSEN: dict[str, object] = {"target.process_server": None}
NONE_IN_AZURE: dict[str, object] = {**NOTHING_CHOSEN, PS: GONE}


def elsewhere(mine: str | None = None, its: str | None = None) -> dict[str, object]:
    """The process server stands in another network; `mine` and `its` are the states of a peering, if there is one."""

    def peered(state: str | None, remote: str) -> tuple[Peering, ...]:
        return (
            () if state is None else (Peering(remote, state, uses_remote_gateways=False, allows_gateway_transit=False),)
        )

    other = VirtualNetwork(
        OTHER_NETWORK,
        Outside("vnet-2"),
        seen("japaneast"),
        seen(("10.2.0.0/16",)),
        seen({}),
        seen(peered(its, NETWORK)),
    )
    return {
        "azure.network_interfaces[PS-AZ-01-nic].addresses": (("10.1.0.10", f"{OTHER_NETWORK}/subnets/s"),),
        "azure.networks[vnet-dr].peerings": peered(mine, OTHER_NETWORK),
        "azure.networks": lambda networks: (*networks, other),
    }


def twin(nics: tuple[NetworkInterface, ...]) -> tuple[NetworkInterface, ...]:
    return (*nics, replace(nics[-1], id=nic_id("twin"), vm_id=seen("/vms/twin")))


SILENT: dict[str, object] = {f"{PS}.last_heartbeat": minutes_ago(20)}
ON_CS = "server.process_servers[CS01].last_heartbeat"
TRY_CS = "azure.probed.connectivity[PS-AZ-01 -> 10.20.0.10 tcp:443]"
TRY_MT = "azure.probed.connectivity[PS-AZ-01 -> 10.20.0.11 tcp:9443]"
TRY_PS = "azure.probed.connectivity[web01 -> 10.1.0.10 tcp:9443]"
HOP_CS = "azure.probed.next_hops[PS-AZ-01-nic 10.1.0.10 -> 10.20.0.10]"
HOP_MT = "azure.probed.next_hops[PS-AZ-01-nic 10.1.0.10 -> 10.20.0.11]"
OUT_PS = "azure.probed.flows[web01-nic 10.1.0.21 -> 10.1.0.10 tcp:9443]"
NO_AGENT = not_seen("the Network Watcher agent is missing on it")
BY_TABLE = NextHop("None", None, "/subscriptions/s/routeTables/rt-1")


def slow(milliseconds: int) -> Connectivity:
    return Connectivity(reached=True, latency_ms=milliseconds, issues=())


def tried(vm: str, address: str, port: int, result: Connectivity) -> dict[str, object]:
    """One connection was tried, and nothing else."""
    return {"azure.probed.connectivity": {ConnectivityProbe(vm_id(vm), address, port).key: seen(result)}}


GREEN = [
    Row("ps-azure-required", "pass", "PS-AZ-01 is the Azure VM PS-AZ-01, and it is running"),
    Row("ps-data-path", "pass", "services: Running"),
    Row("ps-low-latency", "pass", "one network in japaneast, 2 ms apart", subject="web01"),
    Row("ps-onprem-poc-er", "not-applicable", "stands in Azure"),
    Row("ps-same-vnet", "pass", "vnet-dr", subject="web01"),
    Row("ps-reach-cs", "pass", "2 minutes"),
    Row("ps-reach-mt", "attest", "PS-AZ-01 got no answer of MT01 (10.20.0.11) on TCP 9443, 443, and no text states"),
    Row("ps-deploy-azure", "pass", "PS-AZ-01"),
    Row("azvm-reach-ps", "pass", "web01 reached PS-AZ-01 (10.1.0.10) on TCP 9443, in 2 ms", subject="web01"),
    Row("ps-health", "pass", "cache disk 91.7 % free"),
    Row("ps-size-quota", "not-applicable", "deployed"),
]

OTHER = [
    *(
        Row("ps-azure-required", "fail", f"it is {state}", {f"{PS_VM}.power_state": state})
        for state in ("deallocated", "stopped")
    ),
    Row("ps-azure-required", "unknown", "it is humming", {f"{PS_VM}.power_state": "humming"}),
    Row("ps-azure-required", "fail", "CS01 (10.20.0.10) is no Azure VM", ON_PREMISES),
    Row("ps-azure-required", "warn", "good enough for a trial only", {**ON_PREMISES, **BY_EXPRESSROUTE}),
    Row(
        "ps-azure-required",
        "fail",
        "is no Azure VM",
        {**ON_PREMISES, **BY_EXPRESSROUTE, f"{LINE}.status": "NotConnected"},
    ),
    Row("ps-azure-required", "fail", "none of the registered process servers", NONE_IN_AZURE),
    Row("ps-azure-required", "unknown", "no process server chosen", NOTHING_CHOSEN),
    Row("ps-azure-required", "unknown", "no master target chosen", {"choices.targets": ()}),
    Row("ps-azure-required", "unknown", "knows no process server nowhere", {"target.process_server": "nowhere"}),
    Row(
        "ps-azure-required",
        "unknown",
        "2 Azure VMs have the address 10.1.0.10",
        {"azure.network_interfaces": twin, f"{PS}.name": "PS-9", "target.process_server": "PS-9"},
    ),
    Row("ps-azure-required", "fail", "is no Azure VM", {"azure.network_interfaces[PS-AZ-01-nic].vm_id": None}),
    Row("ps-data-path", "fail", "services: Stopped", {f"{PS}.service_status": "Stopped"}),
    Row("ps-data-path", "pass", "10 minutes ago", {f"{PS}.last_heartbeat": minutes_ago(10)}),
    Row("ps-data-path", "fail", "for 15 minutes", {f"{PS}.last_heartbeat": minutes_ago(15)}),
    Row("ps-data-path", "warn", "throughput: Yellow", {f"{PS}.loads[throughput].word": "Yellow"}),
    Row(
        "ps-low-latency",
        "warn",
        "web01 is in westus, PS-AZ-01 in japaneast",
        {"azure.vms[web01].location": "westus"},
        "web01",
    ),
    Row("ps-low-latency", "pass", "", {"azure.vms[web01].location": "JapanEast"}, "web01"),
    Row("ps-low-latency", "warn", "two networks of japaneast", elsewhere(), "web01"),
    Row("ps-low-latency", "warn", "CS01 stands on-premises", ON_PREMISES, "web01"),
    Row("ps-low-latency", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, "web01"),
    Row("ps-onprem-poc-er", "fail", "no ExpressRoute", ON_PREMISES),
    Row("ps-onprem-poc-er", "attest", "vouch that this failback is a trial", {**ON_PREMISES, **BY_EXPRESSROUTE}),
    Row(
        "ps-onprem-poc-er",
        "fail",
        "web01 kept their addresses",
        {**ON_PREMISES, **BY_EXPRESSROUTE, "azure.protected_items[web01].source_ip_address": "10.1.0.21"},
    ),
    Row(
        "ps-same-vnet",
        "fail",
        "web01 is in vnet-dr, PS-AZ-01 in vnet-dr-2, and they are not peered",
        elsewhere(),
        "web01",
    ),
    Row("ps-same-vnet", "attest", "peered both ways", elsewhere("Connected", "Connected"), "web01"),
    Row("ps-same-vnet", "fail", "not peered both ways", elsewhere("Connected", "Initiated"), "web01"),
    Row("ps-same-vnet", "fail", "not peered both ways", elsewhere("Connected"), "web01"),
    Row("ps-same-vnet", "not-applicable", "CS01 stands on-premises", ON_PREMISES, "web01"),
    Row("ps-same-vnet", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, "web01"),
    Row("ps-reach-cs", "warn", "10 minutes old", {f"{PS}.last_heartbeat": minutes_ago(10)}),
    Row("ps-reach-cs", "unknown", "not probed: run with --probe", {**SILENT, "azure.probed": None}),
    Row("ps-reach-cs", "pass", "PS-AZ-01 reached CS01 (10.20.0.10) on TCP 443, in 2 ms", SILENT),
    Row("ps-reach-cs", "fail", "PS-AZ-01 did not reach CS01 (10.20.0.10) on TCP 443", {**SILENT, TRY_CS: NO_ANSWER}),
    Row("ps-reach-cs", "unknown", "agent is missing", {**SILENT, TRY_CS: NO_AGENT}),
    Row("ps-reach-cs", "fail", "the next hop to 10.20.0.10 is None, by the route table rt-1", {HOP_CS: BY_TABLE}),
    Row("ps-reach-cs", "fail", "the next hop to 10.20.0.10 is Internet", {HOP_CS: NextHop("Internet", None, None)}),
    Row("ps-reach-cs", "pass", "2 minutes", {HOP_CS: BY_TABLE, f"{LINE}.status": "NotConnected"}),
    Row("ps-reach-cs", "unknown", "throttled", {HOP_CS: not_seen("throttled")}),
    Row("ps-reach-cs", "unknown", "20 minutes old and proves nothing", {**ON_PREMISES, ON_CS: minutes_ago(20)}),
    Row("ps-reach-mt", "pass", "PS-AZ-01 reached MT01 (10.20.0.11) on TCP 9443", {TRY_MT: REACHED}),
    Row("ps-reach-mt", "fail", "the next hop to 10.20.0.11 is None, by the route table rt-1", {HOP_MT: BY_TABLE}),
    Row(
        "ps-reach-mt",
        "attest",
        "(the next hop to 10.20.0.11 is None, by the route table rt-1)",
        {HOP_MT: BY_TABLE, f"{LINE}.status": "NotConnected"},
    ),
    Row("ps-reach-mt", "unknown", "not probed: run with --probe", {"azure.probed": None}),
    Row("ps-reach-mt", "unknown", "agent is missing", {TRY_MT: NO_AGENT}),
    Row(
        "ps-reach-mt",
        "unknown",
        "the process server's VM PS-AZ-01 is not running",
        {f"{PS_VM}.power_state": "deallocated"},
    ),
    Row("ps-reach-mt", "attest", "vouch that CS01 reaches MT01", ON_PREMISES),
    Row("ps-deploy-azure", "pass", "", {f"{PS_VM}.power_state": "deallocated"}),
    Row("ps-deploy-azure", "fail", "none of the registered", {**ON_PREMISES, PS: GONE}),
    Row("ps-deploy-azure", "not-applicable", "for a trial", {**ON_PREMISES, **BY_EXPRESSROUTE, PS: GONE}),
    Row("ps-deploy-azure", "fail", "none of the registered process servers", NONE_IN_AZURE),
    Row("azvm-reach-ps", "fail", "two networks that are not peered", elsewhere(), "web01"),
    Row("azvm-reach-ps", "pass", "TCP 9443", elsewhere("Connected", "Connected"), "web01"),
    Row("azvm-reach-ps", "unknown", "not probed: run with --probe", {"azure.probed": None}, "web01"),
    Row("azvm-reach-ps", "unknown", "agent is missing", {TRY_PS: NO_AGENT}, "web01"),
    Row(
        "azvm-reach-ps",
        "fail",
        "deny-all denies what web01 sends to 10.1.0.10 on TCP 9443",
        {TRY_PS: NO_AGENT, OUT_PS: DENIED_BY_RULE},
        "web01",
    ),
    Row(
        "azvm-reach-ps",
        "fail",
        "web01 did not reach PS-AZ-01 (10.1.0.10) on TCP 9443: GuestFirewall at 10.1.0.10 (on)",
        {
            TRY_PS: Connectivity(
                reached=False, latency_ms=None, issues=(HopIssue("GuestFirewall", "10.1.0.10", ("on",)),)
            )
        },
        "web01",
    ),
    Row(
        "azvm-reach-ps",
        "attest",
        "web01 is deallocated, so nothing can be tried",
        {"azure.vms[web01].power_state": "deallocated"},
        "web01",
    ),
    Row(
        "azvm-reach-ps",
        "unknown",
        "no connection to the site is up, so web01 cannot reach CS01",
        {**ON_PREMISES, f"{LINE}.status": "NotConnected", **tried("web01", "10.20.0.10", 9443, NO_ANSWER)},
        "web01",
    ),
    Row(
        "azvm-reach-ps",
        "fail",
        "did not reach CS01",
        {**ON_PREMISES, **tried("web01", "10.20.0.10", 9443, NO_ANSWER)},
        "web01",
    ),
    Row("ps-low-latency", "warn", "but 11 ms apart, over 10 ms", {TRY_PS: slow(11)}, "web01"),
    Row("ps-low-latency", "pass", "10 ms apart", {TRY_PS: slow(10)}, "web01"),
    Row("ps-low-latency", "pass", "one network in japaneast", {"azure.probed": None}, "web01"),
    Row("ps-low-latency", "unknown", "agent is missing", {TRY_PS: NO_AGENT}, "web01"),
    Row("azvm-reach-ps", "unknown", "not running", {f"{PS_VM}.power_state": "stopped"}, "web01"),
    Row("azvm-reach-ps", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, "web01"),
    Row("azvm-reach-ps", "unknown", "not probed", {"limits.process_server_port": 10443}, "web01"),
    Row(
        "azvm-reach-ps",
        "pass",
        "TCP 10443",
        {"limits.process_server_port": 10443, **tried("web01", "10.1.0.10", 10443, REACHED)},
        "web01",
    ),
    # health, at Microsoft's thresholds
    Row("ps-health", "pass", "processor used to 80 %", {f"{PS}.loads[cpu].figure": "80%"}),
    Row("ps-health", "warn", "processor used to 81 %, more than 80 %", {f"{PS}.loads[cpu].figure": "81%"}),
    Row("ps-health", "warn", "processor used to 95 %", {f"{PS}.loads[cpu].figure": "95%"}),
    Row("ps-health", "fail", "processor used to 96 %, more than 95 %", {f"{PS}.loads[cpu].figure": "96%"}),
    Row("ps-health", "unknown", "no number", {f"{PS}.loads[cpu].figure": "much"}),
    Row(
        "ps-health",
        "warn",
        "memory used to 90 %",
        {f"{PS}.memory_total": 100 * GIB, f"{PS}.memory_available": 10 * GIB},
    ),
    Row(
        "ps-health", "fail", "memory used to 97 %", {f"{PS}.memory_total": 100 * GIB, f"{PS}.memory_available": 3 * GIB}
    ),
    Row("ps-health", "unknown", "of 0 are said", {f"{PS}.memory_total": 0}),
    Row(
        "ps-health", "pass", "cache disk 30 % free", {f"{PS}.space_total": 100 * GIB, f"{PS}.space_available": 30 * GIB}
    ),
    Row(
        "ps-health", "warn", "cache disk 29 % free", {f"{PS}.space_total": 100 * GIB, f"{PS}.space_available": 29 * GIB}
    ),
    Row(
        "ps-health", "warn", "cache disk 25 % free", {f"{PS}.space_total": 100 * GIB, f"{PS}.space_available": 25 * GIB}
    ),
    Row(
        "ps-health", "fail", "cache disk 24 % free", {f"{PS}.space_total": 100 * GIB, f"{PS}.space_available": 24 * GIB}
    ),
    Row("ps-health", "fail", "health: Critical", {f"{PS}.health": "Critical"}),
    Row(
        "ps-health",
        "fail",
        "806: silent",
        {f"{PS}.health_errors": (HealthError("806", "Error", Outside("silent"), None, None),)},
    ),
    Row("ps-health", "warn", "5 minutes old", {f"{PS}.last_heartbeat": minutes_ago(5)}),
    Row("ps-health", "fail", "for 15 minutes", {f"{PS}.last_heartbeat": minutes_ago(15)}),
    # size
    Row("ps-size-quota", "info", "retires on 2028-11-15", {f"{PS_VM}.size": "Standard_A8_v2"}),
    Row(
        "ps-size-quota", "pass", "japaneast offers the size Standard_A8_v2; the quota leaves the 8 cores", NONE_IN_AZURE
    ),
    Row(
        "ps-size-quota",
        "warn",
        "refuses the size Standard_A8_v2 to this subscription: NotAvailableForSubscription",
        {**NONE_IN_AZURE, "azure.sizes[standard_a8_v2].refused": ("NotAvailableForSubscription",)},
    ),
    Row("ps-size-quota", "warn", "does not offer the size", {**NONE_IN_AZURE, "azure.sizes": {}}),
    Row(
        "ps-size-quota",
        "warn",
        "takes 8 cores, and of the quota cores: 7 are left",
        {**NONE_IN_AZURE, "azure.usages[cores].used": 193},
    ),
    Row(
        "ps-size-quota",
        "warn",
        "standardAv2Family: 0 are left",
        {**NONE_IN_AZURE, "azure.usages[standardAv2Family].limit": 0},
    ),
    Row("ps-size-quota", "unknown", "states no quota", {**NONE_IN_AZURE, "azure.usages": ()}),
    *(
        Row("ps-size-quota", "unknown", "denied", {**NONE_IN_AZURE, path: DENIED})
        for path in ("azure.sizes", "azure.usages", "azure.vault_location", "azure.usages[cores].limit")
    ),
]

UNREAD = [
    *(
        Unread(row, path)
        for row in ("ps-azure-required", "ps-deploy-azure", "ps-onprem-poc-er", "ps-size-quota", "ps-reach-mt")
        for path in ("azure.network_interfaces", PS_VM, f"{PS}.ip_address", "server.process_servers")
    ),
    Unread("ps-azure-required", f"{PS_VM}.power_state"),
    Unread("ps-reach-mt", f"{PS_VM}.power_state"),
    Unread("ps-reach-mt", "server.master_targets"),
    Unread("ps-size-quota", f"{PS_VM}.size"),
    *(
        Unread(row, f"{PS}.{name}")
        for row, names in {
            "ps-data-path": ("service_status", "last_heartbeat", "loads[throughput].word", "upload_pending"),
            "ps-reach-cs": ("last_heartbeat",),
            "ps-health": (
                "last_heartbeat",
                "service_status",
                "health",
                "health_errors",
                "loads[cpu].word",
                "loads[cpu].figure",
                "loads[space].word",
                "memory_total",
                "memory_available",
                "space_total",
                "space_available",
            ),
        }.items()
        for name in names
    ),
    *(
        Unread(row, path, "web01")
        for row in ("ps-low-latency", "ps-same-vnet", "azvm-reach-ps")
        for path in ("azure.vms[web01]", "azure.network_interfaces", PS_VM, "server.process_servers")
    ),
    Unread("ps-low-latency", "azure.vms[web01].location", "web01"),
    Unread("azvm-reach-ps", f"{PS_VM}.power_state", "web01"),
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    assert judged_by(GREEN) == judged_by(OTHER) == judged_by(UNREAD) == requirements_of_step(4)


@pytest.mark.parametrize("path", ["azure.networks", "azure.networks[vnet-2].peerings"])
def test_a_peering_nobody_read_is_neither_good_nor_bad(path: str) -> None:
    Row("ps-same-vnet", "unknown", "denied", {**elsewhere("Connected", "Connected"), path: DENIED}, "web01").check()


def test_only_a_process_server_that_is_off_can_be_started() -> None:
    off = finding_of(change_all(ready_case(), {f"{PS_VM}.power_state": "deallocated"}), "ps-azure-required")
    missing = finding_of(change_all(ready_case(), NONE_IN_AZURE), "ps-azure-required")
    assert off.remedies == ("start-process-server",)
    assert missing.remedies == ()


def test_a_process_server_that_is_off_is_the_root_of_what_follows_from_it() -> None:
    silent = {f"{PS_VM}.power_state": "deallocated", f"{PS}.last_heartbeat": minutes_ago(40)}
    report = report_of(change_all(ready_case(), silent))
    assert [one.requirement.id for one in report.roots() if one.status.value in {"fail", "unknown"}] == [
        "ps-azure-required"
    ]
    folded = {one.requirement.id for one in report.findings if one.caused_by == "ps-azure-required"}
    assert {"ps-health", "ps-data-path", "ps-reach-cs", "ps-reach-mt", "azvm-reach-ps", "port-ps-cs-443"} <= folded


def test_a_load_that_azure_does_not_send_is_not_known() -> None:
    Row("ps-health", "unknown", "sends no word about memory use", {f"{PS}.loads": {}}).check()
