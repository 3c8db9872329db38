"""Step 2, row by row: the configuration server."""

from __future__ import annotations

import pytest

from tests.estates.paths import CS_VM, ITEM
from tests.estates.ready import (
    DENIED,
    GONE,
    change_all,
    days_ago,
    finding_of,
    minutes_ago,
    ready_case,
)
from tests.estates.ready_azure import FABRIC, azure_saw, nic_id, vm_id
from tests.estates.ready_probes import TO_THE_GATEWAY
from tests.estates.ready_vcenter import VCENTER_UUID
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.estate import Memory
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen
from wizard_steps.seen_by_probes import NextHop, NextHopProbe
from wizard_steps.seen_in_azure import HealthError
from wizard_steps.seen_in_vcenter import GuestNic

MEMORY = Memory(configuration_server_addresses={FABRIC.casefold(): "10.20.0.99"})


def error(level: str, code: str = "26107") -> HealthError:
    return HealthError(code, level, Outside("disk is filling"), Outside("too small"), Outside("make room"))


def nic(*addresses: str, connected: bool = True) -> GuestNic:
    return GuestNic(Outside("VM Network"), connected, tuple((one, 24) for one in addresses))


# web01 keeps the address it had on-premises.
KEPT: dict[str, object] = {f"{ITEM}.source_ip_address": "10.1.0.21"}
TWO_NICS: dict[str, object] = {
    f"{CS_VM}.connected_nics": 2,
    f"{CS_VM}.guest_nics": (nic("10.20.0.10"), nic("10.30.0.10")),
}


def hop(destination: str, answer: object) -> dict[str, object]:
    """The network watcher says where web01's packets to an address go next."""
    key = NextHopProbe(vm_id("web01"), nic_id("web01"), "10.1.0.21", destination).key
    return {"azure.probed.next_hops": {key: answer if isinstance(answer, Reading) else azure_saw(answer)}}


GREEN = [
    Row("cs-running", "pass", "service: Running"),
    Row("cs-connected-azure", "pass", "CS01 is Connected, heartbeat to Azure 2 minutes ago"),
    Row("cs-vm-in-db", "pass", "lists it", subject="web01"),
    Row("cs-restore-same-ip", "pass", "10.20.0.10"),
    Row("component-versions-supported", "pass", "MT01: version 9.63.7000.1, Supported"),
    Row("cs-ssl-cert", "pass", "700 days"),
    Row("cs-eval-license", "pass", "90 days"),
    Row("ip-retained-s2s", "not-applicable", "new address", subject="web01"),
    Row("ip-retained-two-nics", "not-applicable", "new address", subject="web01"),
    Row("ip-retained-no-overlap", "pass", "vnet-dr", subject="web01"),
]

OTHER = [
    # running
    *(
        Row("cs-running", "fail", f"service: {word}", {"server.service_status": word})
        for word in ("Stopped", "NotRunning")
    ),
    *(
        Row("cs-running", "pass", f"service: {word}", {"server.service_status": word})
        for word in ("STARTED", "running")
    ),
    Row("cs-running", "unknown", "service: Azure says Wobbling", {"server.service_status": "Wobbling"}),
    Row("cs-running", "warn", "health: Warning", {"server.health": "Warning"}),
    Row("cs-running", "fail", "health: Critical", {"server.health": "Critical"}),
    Row("cs-running", "warn", "processor load: Amber", {"server.loads[cpu].word": "Amber"}),
    Row("cs-running", "fail", "disk space: Red", {"server.loads[space].word": "Red"}),
    Row("cs-running", "unknown", "memory use: Azure says Mauve", {"server.loads[memory].word": "Mauve"}),
    Row("cs-running", "pass", "", {"server.last_heartbeat": minutes_ago(4.9)}),
    Row("cs-running", "warn", "5 minutes old", {"server.last_heartbeat": minutes_ago(5)}),
    Row("cs-running", "fail", "for 15 minutes, since 2026-11-22 09:45 UTC", {"server.last_heartbeat": minutes_ago(15)}),
    Row("cs-running", "unknown", "60 minutes in the future", {"server.last_heartbeat": minutes_ago(-60)}),
    Row("cs-running", "pass", "", {"server.last_heartbeat": minutes_ago(-3)}),
    Row("cs-running", "fail", "its VM CS01 is not running: poweredOff", {f"{CS_VM}.power_state": "poweredOff"}),
    Row("cs-running", "pass", "service: Running", {CS_VM: GONE}),
    Row("cs-running", "pass", "service: Running", {"vcenter.machines": DENIED}),
    Row("cs-running", "fail", "26107: disk is filling", {"server.health_errors": (error("Error"),)}),
    Row("cs-running", "warn", "26107: disk is filling", {"server.health_errors": (error("Warning"),)}),
    Row("cs-running", "pass", "", {"server.health_errors": (error("Error", "161011"),)}),
    Row(
        "cs-running",
        "fail",
        "service: Stopped; not known: denied",
        {"server.service_status": "Stopped", "server.last_heartbeat": DENIED},
    ),
    # connected
    Row("cs-connected-azure", "fail", "Disconnected", {"server.providers[0].connection_status": "Disconnected"}),
    Row("cs-connected-azure", "unknown", "Pondering", {"server.providers[0].connection_status": "Pondering"}),
    Row("cs-connected-azure", "pass", "", {"server.providers[0].last_heartbeat": minutes_ago(14)}),
    Row("cs-connected-azure", "warn", "15 minutes old", {"server.providers[0].last_heartbeat": minutes_ago(15)}),
    Row("cs-connected-azure", "warn", "60 minutes old", {"server.providers[0].last_heartbeat": minutes_ago(60)}),
    Row("cs-connected-azure", "fail", "61 minutes old", {"server.providers[0].last_heartbeat": minutes_ago(61)}),
    Row("cs-connected-azure", "fail", "no recovery services provider", {"server.providers": ()}),
    Row("cs-connected-azure", "unknown", "Broken", {"server.bcdr_state": "Broken"}),
    # in its database
    Row("cs-vm-in-db", "warn", "no longer lists it", {f"{ITEM}.protectable_item_found": False}, "web01"),
    Row("cs-vm-in-db", "fail", "another configuration server", {f"{ITEM}.fabric_id": "/other"}, "web01"),
    Row("cs-vm-in-db", "attest", "from 10.20.0.99 to 10.20.0.10", {"memory": MEMORY}, "web01"),
    # its address
    Row("cs-restore-same-ip", "fail", "was 10.20.0.99 and is 10.20.0.10", {"memory": MEMORY}),
    Row("cs-restore-same-ip", "fail", "has 10.20.0.50", {f"{CS_VM}.ip_addresses": ("10.20.0.50",)}),
    Row("cs-restore-same-ip", "attest", "not rebuilt", {CS_VM: GONE}),
    Row("cs-restore-same-ip", "attest", "not rebuilt", {f"{CS_VM}.ip_addresses": ()}),
    # versions
    Row(
        "component-versions-supported",
        "fail",
        "CS01: version 9.63.7000.1 is NotSupported",
        {"server.version_status": "NotSupported"},
    ),
    Row(
        "component-versions-supported",
        "warn",
        "MT01: version 9.63.7000.1 is UpdateRequired",
        {"server.master_targets[MT01].version_status": "UpdateRequired"},
    ),
    Row(
        "component-versions-supported",
        "warn",
        "Deprecated",
        {"server.process_servers[PS-AZ-01].version_status": "Deprecated"},
    ),
    Row("component-versions-supported", "pass", "", {"server.process_servers[CS01].version_status": "NotSupported"}),
    Row("component-versions-supported", "unknown", "Vintage", {"server.version_status": "Vintage"}),
    Row(
        "component-versions-supported",
        "fail",
        "agent of MT01 expired 3 days ago",
        {"server.master_targets[MT01].agent_expires": days_ago(3)},
    ),
    Row("component-versions-supported", "warn", "expires in 60 days", {"server.agent_expires": days_ago(-60)}),
    Row("component-versions-supported", "pass", "no expiry date", {"server.agent_expires": None}),
    Row("component-versions-supported", "pass", "CS01", {"choices.targets": ()}),
    # certificate
    Row("cs-ssl-cert", "warn", "expires in 60 days", {"server.certificate_expires": days_ago(-60)}),
    Row("cs-ssl-cert", "pass", "61 days", {"server.certificate_expires": days_ago(-61)}),
    Row("cs-ssl-cert", "fail", "CS01 expired 1 days ago", {"server.certificate_expires": days_ago(1)}),
    Row(
        "cs-ssl-cert", "fail", "PS-AZ-01 expired", {"server.process_servers[PS-AZ-01].certificate_expires": days_ago(1)}
    ),
    Row("cs-ssl-cert", "unknown", "no expiry date", {"server.certificate_expires": None}),
    # licence
    Row("cs-eval-license", "attest", "more than 180 days ago", {f"{CS_VM}.created_at": days_ago(181)}),
    Row("cs-eval-license", "warn", "10 days", {f"{CS_VM}.created_at": days_ago(170)}),
    Row("cs-eval-license", "attest", "not known", {f"{CS_VM}.created_at": None}),
    Row("cs-eval-license", "attest", "not known", {f"{CS_VM}.created_at": days_ago(-1e6)}),
    Row("cs-eval-license", "attest", "not known", {CS_VM: GONE}),
    # retained addresses
    Row("ip-retained-s2s", "unknown", "not probed: run with --probe", KEPT, "web01"),
    Row(
        "ip-retained-s2s",
        "attest",
        "10.20.0.10 is VirtualNetworkGateway: vouch that this is",
        {**KEPT, **hop("10.20.0.10", TO_THE_GATEWAY)},
        "web01",
    ),
    Row(
        "ip-retained-s2s",
        "pass",
        "the next hop from web01 to 10.30.0.10 is VirtualAppliance",
        {
            **KEPT,
            "choices.configuration_server_failback_ip": "10.30.0.10",
            **hop("10.30.0.10", NextHop("VirtualAppliance", "10.1.9.4", None)),
        },
        "web01",
    ),
    *(
        Row(
            "ip-retained-s2s",
            "fail",
            f"what web01 sends to 10.20.0.10 goes to {kind}",
            {**KEPT, **hop("10.20.0.10", NextHop(kind, None, None))},
            "web01",
        )
        for kind in ("None", "Internet", "VnetLocal")
    ),
    Row(
        "ip-retained-s2s",
        "unknown",
        "unknown kind",
        {**KEPT, **hop("10.20.0.10", NextHop("Wormhole", None, None))},
        "web01",
    ),
    Row("ip-retained-s2s", "unknown", "throttled", {**KEPT, **hop("10.20.0.10", not_seen("throttled"))}, "web01"),
    Row(
        "ip-retained-s2s",
        "attest",
        "web01 is deallocated, so nothing can be tried",
        {**KEPT, "azure.vms[web01].power_state": "deallocated"},
        "web01",
    ),
    Row(
        "ip-retained-s2s",
        "fail",
        "10.1.5.5 of the configuration server lies in 10.1.0.0/16 of vnet-dr",
        {**KEPT, "choices.configuration_server_failback_ip": "10.1.5.5"},
        "web01",
    ),
    Row(
        "ip-retained-s2s",
        "fail",
        "no connection to the site is up",
        {**KEPT, "azure.gateways[gw-dr].connections[to-osaka].status": "NotConnected"},
        "web01",
    ),
    Row("ip-retained-s2s", "not-applicable", "no Azure VM", {"azure.vms[web01]": None}, "web01"),
    Row("ip-retained-two-nics", "fail", "CS01 has 1 connected adapter", KEPT, "web01"),
    Row("ip-retained-two-nics", "pass", "10.20.0.0/24, 10.30.0.0/24", {**KEPT, **TWO_NICS}, "web01"),
    Row(
        "ip-retained-two-nics",
        "fail",
        "one network only: 10.20.0.0/24",
        {**KEPT, **TWO_NICS, f"{CS_VM}.guest_nics": (nic("10.20.0.10"), nic("10.20.0.12"))},
        "web01",
    ),
    Row(
        "ip-retained-two-nics",
        "fail",
        "one network only",
        {**KEPT, **TWO_NICS, f"{CS_VM}.guest_nics": (nic("10.20.0.10"), nic("10.30.0.10", connected=False))},
        "web01",
    ),
    Row("ip-retained-two-nics", "fail", "none", {**KEPT, **TWO_NICS, f"{CS_VM}.guest_nics": ()}, "web01"),
    Row("ip-retained-two-nics", "attest", "two adapters", {**KEPT, CS_VM: GONE}, "web01"),
    Row("ip-retained-no-overlap", "pass", "10.20.0.0/24", KEPT, "web01"),
    Row(
        "ip-retained-no-overlap",
        "fail",
        "10.1.0.0/24",
        {**KEPT, "choices.configuration_server_failback_ip": "10.1.0.200", f"{CS_VM}.guest_nics": (nic("10.1.0.200"),)},
        "web01",
    ),
    Row(
        "ip-retained-no-overlap",
        "unknown",
        "no adapter of CS01 has the address 10.9.9.9",
        {**KEPT, "choices.configuration_server_failback_ip": "10.9.9.9"},
        "web01",
    ),
    Row("ip-retained-no-overlap", "attest", "no subnets overlap", {**KEPT, CS_VM: GONE}, "web01"),
    Row(
        "ip-retained-no-overlap",
        "warn",
        "10.1.128.0/17 of the site overlaps 10.1.0.0/16",
        {"azure.gateways[gw-dr].connections[to-osaka].remote_prefixes": ("10.20.0.0/16", "10.1.128.0/17")},
        "web01",
    ),
    Row(
        "ip-retained-no-overlap",
        "attest",
        "routes of to-osaka are learned",
        {"azure.gateways[gw-dr].connections[to-osaka].remote_prefixes": ()},
        "web01",
    ),
    Row("ip-retained-no-overlap", "not-applicable", "no connection", {"azure.gateways": ()}, "web01"),
    Row(
        "ip-retained-no-overlap",
        "unknown",
        "ten is not an IP address",
        {"azure.gateways[gw-dr].connections[to-osaka].remote_prefixes": ("ten",)},
        "web01",
    ),
]

UNREAD = [
    *(
        Unread("cs-running", f"server.{name}")
        for name in (
            "service_status",
            "last_heartbeat",
            "health",
            "health_errors",
            "loads[system].word",
            "loads[database].word",
        )
    ),
    Unread("cs-connected-azure", "server.providers"),
    Unread("cs-connected-azure", "server.providers[0].connection_status"),
    Unread("cs-connected-azure", "server.providers[0].last_heartbeat"),
    Unread("cs-connected-azure", "server.bcdr_state"),
    Unread("cs-vm-in-db", f"{ITEM}.protectable_item_found", "web01"),
    Unread("cs-restore-same-ip", "server.ip_address"),
    Unread("cs-restore-same-ip", "vcenter.machines"),
    *(
        Unread("component-versions-supported", f"server.{one}.{name}")
        for one in ("master_targets[MT01]", "process_servers[PS-AZ-01]")
        for name in ("version_status", "agent_version", "agent_expires")
    ),
    Unread("component-versions-supported", "server.master_targets"),
    Unread("cs-ssl-cert", "server.certificate_expires"),
    Unread("cs-ssl-cert", "server.process_servers[PS-AZ-01].certificate_expires"),
    Unread("cs-eval-license", f"{CS_VM}.created_at"),
    Unread("cs-eval-license", "vcenter.machines"),
    *(
        Unread(row, path, "web01")
        for row in ("ip-retained-s2s", "ip-retained-two-nics", "ip-retained-no-overlap")
        for path in (
            "azure.vms[web01]",
            "azure.network_interfaces",
            f"{ITEM}.nics",
            f"{ITEM}.source_ip_address",
            "azure.vms[web01].nic_ids",
        )
    ),
    Unread("ip-retained-no-overlap", "azure.gateways", "web01"),
    Unread("ip-retained-no-overlap", "azure.networks", "web01"),
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    assert judged_by(GREEN) == judged_by(OTHER) == judged_by(UNREAD) == requirements_of_step(2)


@pytest.mark.parametrize("path", [f"{CS_VM}.connected_nics", f"{CS_VM}.guest_nics", "vcenter.machines"])
def test_two_adapters_cannot_be_counted_on_a_server_nobody_could_read(path: str) -> None:
    Row("ip-retained-two-nics", "unknown", "denied", {**KEPT, **TWO_NICS, path: DENIED}, "web01").check()


def test_a_server_that_is_off_can_be_started_and_one_that_is_red_cannot() -> None:
    off = finding_of(change_all(ready_case(), {f"{CS_VM}.power_state": "poweredOff"}), "cs-running")
    red = finding_of(change_all(ready_case(), {"server.health": "Red"}), "cs-running")
    assert off.remedies == ("start-configuration-server",)
    assert red.remedies == ()


def test_a_certificate_that_expired_is_not_renewed_by_the_portal() -> None:
    soon = finding_of(change_all(ready_case(), {"server.certificate_expires": days_ago(-5)}), "cs-ssl-cert")
    late = finding_of(change_all(ready_case(), {"server.certificate_expires": days_ago(5)}), "cs-ssl-cert")
    assert soon.remedies == ("renew-certificate",)
    assert late.remedies == ()
    assert "RenewCerts" in (late.action or "")


def test_what_azure_says_of_an_error_reaches_the_operator() -> None:
    finding = finding_of(change_all(ready_case(), {"server.health_errors": (error("Error"),)}), "cs-running")
    assert (finding.cause, finding.action) == ("too small", "make room")


def test_a_server_that_two_machines_could_be_is_not_guessed() -> None:
    twin = {"vcenter.machines[db01].ip_addresses": ("10.20.0.10",)}
    Row("cs-restore-same-ip", "unknown", "2 machines in vCenter could be CS01", twin).check()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {f"{ITEM}.source_ip_address": None, f"{ITEM}.nics": ()},
            "does not say which address the machine had on-premises",
        ),
        ({"azure.network_interfaces[web01-nic].addresses": ()}, "web01 has no address in Azure"),
        ({"azure.network_interfaces[web01-nic]": GONE}, "the network interface web01-nic of web01 was not among"),
    ],
)
def test_whether_an_address_was_kept_is_not_guessed(changes: dict[str, object], reason: str) -> None:
    for row in ("ip-retained-s2s", "ip-retained-two-nics", "ip-retained-no-overlap"):
        Row(row, "unknown", reason, changes, "web01").check()


def test_a_subnet_nobody_read_is_not_taken_for_one_without_addresses() -> None:
    unread = {**KEPT, "azure.networks[vnet-dr].subnets": {}}
    Row("ip-retained-no-overlap", "unknown", "prefixes of the subnet machines were not read", unread, "web01").check()


def test_the_operator_may_name_the_configuration_servers_vm() -> None:
    twin = {
        "vcenter.machines[db01].ip_addresses": ("10.20.0.10",),
        "choices.same_machine": {"CS01": f"{VCENTER_UUID}/50000000-0000-0000-0000-00000000CS01"},
    }
    Row("cs-restore-same-ip", "pass", "its VM CS01", twin).check()
