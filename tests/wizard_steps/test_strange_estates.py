"""Steps 1 to 3 on estates that are odd but real: what nobody saw, does not know or cannot tell apart never passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.another_vcenter import with_another_vcenter
from tests.estates.paths import AZURE_VM, CS_VM, ITEM, LINE
from tests.estates.ready import (
    DENIED,
    GONE,
    change_all,
    days_ago,
    finding_of,
    findings_of,
    minutes_ago,
    ready_case,
    report_of,
)
from tests.estates.ready_azure import CS_ADDRESS, MT_ADDRESS, SUBNET, azure_saw, nic_id, vm_id
from tests.estates.ready_vcenter import VCENTER_UUID
from tests.estates.rows import Row
from wizard_steps.outside import Outside
from wizard_steps.seen_by_probes import NextHop, NextHopProbe
from wizard_steps.seen_in_azure import HealthError
from wizard_steps.seen_in_vcenter import GuestNic

TWIN = {"vcenter.machines[db01].instance_uuid": "50000000-0000-0000-0000-0000000web01"}
KEPT: dict[str, object] = {f"{ITEM}.source_ip_address": "10.1.0.21"}


def nic(*addresses: tuple[str, int]) -> GuestNic:
    return GuestNic(Outside("VM Network"), True, addresses)


def adapters(*nics: GuestNic) -> dict[str, object]:
    return {**KEPT, f"{CS_VM}.connected_nics": len(nics), f"{CS_VM}.guest_nics": nics}


def hops(name: str, source: str, kind: str, *destinations: str) -> dict[str, object]:
    keys = [NextHopProbe(vm_id(name), nic_id(name), source, one).key for one in destinations]
    return {
        "azure.probed.next_hops": lambda known: {**known, **{key: azure_saw(NextHop(kind, None, None)) for key in keys}}
    }


def error(level: str) -> tuple[HealthError, ...]:
    return (HealthError("26107", level, Outside("disk is filling"), None, None),)


MACHINES = [
    # an agent inside a VM that is off cannot be heard, however young its last heartbeat is
    Row("agent-registered", "fail", "is deallocated", {f"{AZURE_VM}.power_state": "deallocated"}, "web01"),
    Row(
        "agent-registered",
        "fail",
        "is stopped",
        {f"{AZURE_VM}.power_state": "stopped", f"{AZURE_VM}.power_state_since": minutes_ago(3)},
        "web01",
    ),
    Row("agent-registered", "pending", "is starting", {f"{AZURE_VM}.power_state": "starting"}, "web01"),
    Row("agent-registered", "unknown", "dreaming", {f"{AZURE_VM}.power_state": "dreaming"}, "web01"),
    # twins are looked for where the machine lives
    Row(
        "duplicate-instance-uuid",
        "unknown",
        "another vCenter",
        {"server.vcenters": with_another_vcenter, f"{ITEM}.vcenter_infrastructure_id": "other"},
        "web01",
    ),
    # a migration that runs is not told as one that was completed
    Row(
        "azvm-not-moved-or-deleted",
        "fail",
        "MigrationInProgress",
        {f"{ITEM}.protection_state": "MigrationInProgress"},
        "web01",
    ),
]

MACHINES += [
    # a physical machine has an id too, and none of a vCenter's machines answers to it
    Row(
        "onprem-vm-off",
        "attest",
        "physical",
        {f"{ITEM}.discovery_type": "Physical", "vcenter.machines[web01]": GONE},
        "web01",
    ),
    Row("onprem-vm-off", "attest", "physical", {f"{ITEM}.infrastructure_vm_id": ""}, "web01"),
    Row("duplicate-instance-uuid", "not-applicable", "physical", {f"{ITEM}.infrastructure_vm_id": ""}, "web01"),
    # an account that sees nothing does not see that a machine is gone
    Row("onprem-vm-off", "unknown", "no machine at all", {"vcenter.machines": ()}, "web01"),
    Row("onprem-vm-snapshots", "unknown", "no machine at all", {"vcenter.machines": ()}, "web01"),
    # a place that nobody knows is not "not failed over"
    Row(
        "rpi-reprotect-then-failback",
        "info",
        "cannot be told: its active location is Xyzzy",
        {f"{ITEM}.active_location": "Xyzzy"},
        "web01",
    ),
    # it says that it is failed over, and where to is missing: it is not left out unseen
    Row("rpi-failed-over", "fail", "names no Azure VM for it, though", {f"{ITEM}.target_vm_id": None}, "web01"),
]

SERVER = [
    Row("cs-running", "unknown", "asleep", {f"{CS_VM}.power_state": "asleep"}),
    Row("cs-running", "unknown", "26107", {"server.health_errors": error("Fatal")}),
    Row("cs-running", "unknown", "26107", {"server.health_errors": error("")}),
    Row("cs-running", "pass", "", {"server.health_errors": error("Information")}),
    Row("cs-running", "unknown", "processor load", {"server.loads[cpu]": GONE}),
    # what one server lacks hides nothing about another
    Row(
        "component-versions-supported",
        "fail",
        "CS01: version 9.63.7000.1 is NotSupported",
        {"server.version_status": "NotSupported", "target.process_server": "PS-NOBODY"},
    ),
    Row(
        "cs-ssl-cert",
        "fail",
        "expired",
        {"server.certificate_expires": days_ago(5), "target.process_server": "PS-NOBODY"},
    ),
    # a name that another domain has as well
    Row(
        "cs-restore-same-ip",
        "attest",
        "vouch",
        {
            "server.name": "cs01.site.example",
            f"{CS_VM}.dns_name": "cs01.lab.example",
            f"{CS_VM}.ip_addresses": (),
            f"{CS_VM}.name": "another",
        },
    ),
]

RETAINED = [
    # two networks on one adapter are not two adapters
    Row(
        "ip-retained-two-nics",
        "fail",
        "one network only",
        adapters(nic((CS_ADDRESS, 24), ("10.30.0.10", 24)), nic()),
        "web01",
    ),
    # an address that an adapter gave itself, since nobody gave it one
    Row("ip-retained-two-nics", "fail", "", adapters(nic((CS_ADDRESS, 24)), nic(("169.254.7.7", 16))), "web01"),
    Row("ip-retained-two-nics", "pass", "", adapters(nic((CS_ADDRESS, 24)), nic(("10.30.0.9", 24))), "web01"),
    # nothing to compare is not "no overlap"
    Row(
        "ip-retained-no-overlap",
        "unknown",
        "IPv4",
        {
            **adapters(nic((CS_ADDRESS, 24)), nic(("fd00::10", 64))),
            "choices.configuration_server_failback_ip": "fd00::10",
        },
        "web01",
    ),
    Row(
        "ip-retained-no-overlap",
        "unknown",
        "machines",
        {**adapters(nic((CS_ADDRESS, 24))), "azure.networks[vnet-dr].subnets": {SUBNET: ()}},
        "web01",
    ),
    Row(
        "ip-retained-no-overlap",
        "unknown",
        "prefixes of vnet-dr",
        {"azure.networks[vnet-dr].address_prefixes": ()},
        "web01",
    ),
    Row(
        "ip-retained-s2s",
        "unknown",
        "prefixes of vnet-dr",
        {**KEPT, "azure.networks[vnet-dr].address_prefixes": ()},
        "web01",
    ),
    # two spellings of one address
    Row(
        "ip-retained-two-nics",
        "fail",
        "it kept",
        {
            f"{ITEM}.source_ip_address": "FD00:0:0::21",
            "azure.network_interfaces[web01-nic].addresses": (("fd00::21", SUBNET),),
        },
        "web01",
    ),
    # one of two adapters had an address that nobody wrote down
    Row(
        "ip-retained-two-nics",
        "unknown",
        "which address",
        {
            f"{ITEM}.nics": lambda known: (*known, replace(known[0], id="second", source_address=azure_saw(None))),
            "azure.network_interfaces[web01-nic].addresses": (("10.1.0.21", SUBNET), ("10.1.0.31", SUBNET)),
        },
        "web01",
    ),
    # a line whose state is unread, beside one that is up
    Row(
        "ip-retained-s2s",
        "attest",
        "the next hop",
        {
            **KEPT,
            "azure.gateways[gw-dr].connections": lambda known: (replace(known[0], status=DENIED), *known),
            **hops("web01", "10.1.0.21", "VirtualNetworkGateway", CS_ADDRESS),
        },
        "web01",
    ),
    # an appliance carries it, without any gateway of Azure's
    Row(
        "ip-retained-s2s",
        "attest",
        "VirtualAppliance",
        {**KEPT, "azure.gateways": (), **hops("web01", "10.1.0.21", "VirtualAppliance", CS_ADDRESS)},
        "web01",
    ),
    # changed address and gone from the list: the graver of the two is told
    Row(
        "cs-vm-in-db",
        "attest",
        "no longer lists it",
        {
            f"{ITEM}.protectable_item_found": False,
            "memory.configuration_server_addresses": lambda _known: {
                "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-dr/providers/"
                "microsoft.recoveryservices/vaults/vault-dr/replicationfabrics/fabric-cs01": "10.20.0.99"
            },
        },
        "web01",
    ),
]

CONNECTION = [
    # a gateway that nothing hangs on is not "no gateway"
    Row(
        "s2s-or-er-required",
        "fail",
        "gw-dr has no connection to a site",
        {"azure.gateways[gw-dr].connections": (), **hops("PS-AZ-01", "10.1.0.10", "None", CS_ADDRESS)},
    ),
    # the network reaches the server at its failback address
    Row(
        "s2s-or-er-required",
        "pass",
        "CS01 (192.168.10.5)",
        {"choices.configuration_server_failback_ip": "192.168.10.5", "server.ip_address": "10.60.0.99"},
    ),
    # routes that were learned beside the prefixes that are written down
    Row(
        "s2s-or-er-required",
        "pass",
        "learned routes",
        {
            f"{LINE}.remote_prefixes": ("10.99.0.1/32",),
            **hops("PS-AZ-01", "10.1.0.10", "VirtualNetworkGateway", CS_ADDRESS, MT_ADDRESS),
        },
    ),
    Row(
        "s2s-or-er-required",
        "fail",
        "do not hold CS01",
        {
            f"{LINE}.remote_prefixes": ("10.99.0.1/32",),
            **hops("PS-AZ-01", "10.1.0.10", "None", CS_ADDRESS, MT_ADDRESS),
        },
    ),
    # the route may be that of another line, which is down
    Row(
        "s2s-or-er-required",
        "unknown",
        "may be that of spare",
        {
            "azure.gateways[gw-dr].connections": lambda known: (
                replace(known[0], remote_prefixes=azure_saw(())),
                replace(known[0], id="spare", name=Outside("spare"), status=azure_saw("NotConnected")),
            )
        },
    ),
    # a process server nobody finds hides nothing about the machines' own network
    Row(
        "s2s-or-er-required",
        "fail",
        "NotConnected",
        {f"{LINE}.status": "NotConnected", "target.process_server": "PS-NOBODY"},
    ),
    # a machine always has a disk
    Row(
        "vpn-bandwidth",
        "unknown",
        "no disk of web01",
        {f"{ITEM}.disks": (), f"{AZURE_VM}.disk_sizes": ()},
    ),
]

ROWS = [*MACHINES, *SERVER, *RETAINED, *CONNECTION]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence)
def test_what_is_odd_is_judged_for_what_it_is(row: Row) -> None:
    row.check()


def test_an_agent_in_a_vm_that_is_off_is_not_to_be_started() -> None:
    case = change_all(ready_case(), {f"{AZURE_VM}.power_state": "deallocated"})
    finding = finding_of(case, "agent-registered", "web01")
    assert finding.remedies == ()
    found = {one.requirement.id: one for one in report_of(case).findings if one.subject.name == "web01"}
    assert found["agent-registered"].caused_by == "azvm-running"


def test_a_machine_whose_twin_hides_it_can_be_chosen_by_its_managed_object() -> None:
    Row("onprem-vm-off", "unknown", "vm-", TWIN, "web01").check()
    ref = next(vm.ref for vm in ready_case().vcenter.machines.value if vm.name.raw == "web01")
    chosen = {**TWIN, "choices.same_machine": {"web01": f"{VCENTER_UUID}/{ref}"}}
    Row("onprem-vm-off", "pass", "web01 is powered off", chosen, "web01").check()
    Row("duplicate-instance-uuid", "warn", "web01 (vm-", chosen, "web01").check()


def test_a_machine_of_a_kind_nobody_knows_is_not_called_classic() -> None:
    report = report_of(change_all(ready_case(), {f"{ITEM}.instance_type": "A2A"}))
    assert {one.name: one.architecture for one in report.machines} == {"web01": "unknown", "db01": "classic"}


def test_a_vm_chosen_for_one_of_two_machines_of_one_name_is_not_taken_for_the_other() -> None:
    chosen = f"{VCENTER_UUID}/50000000-0000-0000-0000-0000000web01"
    both: dict[str, object] = {"azure.protected_items[db01].machine_name": "web01", "vcenter.machines[db01]": GONE}
    for key, known in (("web01", set()), ("item-web01", {"item-web01"})):
        case = change_all(ready_case(), {**both, "choices.same_machine": {key: chosen}})
        found = {one.item.name: one.source_vm.or_else(None) for one in case.machines.value}
        assert {name for name, vm in found.items() if vm is not None and vm.name.raw == "web01"} - known <= {
            "item-web01"
        }
        assert found["item-db01"] is None


def test_one_minute_is_said_as_one() -> None:
    for path, row in (
        ("server.last_heartbeat", "cs-running"),
        ("server.providers[0].last_heartbeat", "cs-connected-azure"),
        ("server.providers[0].last_heartbeat", "port-cs-azure-443"),
        (f"{ITEM}.last_heartbeat", "agent-registered"),
        (f"{ITEM}.last_heartbeat", "mobility-agent-present"),
        (f"{ITEM}.last_heartbeat", "port-azvm-cs-443"),
        ("server.process_servers[PS-AZ-01].last_heartbeat", "ps-reach-cs"),
        ("server.process_servers[PS-AZ-01].last_heartbeat", "port-ps-cs-443"),
        ("server.master_targets[MT01].last_heartbeat", "port-mt-cs"),
        ("server.vcenters[vcenter01].last_heartbeat", "port-cs-vcenter-443"),
    ):
        found = findings_of(change_all(ready_case(), {path: minutes_ago(1)}), row)
        assert any("1 minute " in one.evidence for one in found), found[0].evidence
        assert not any("1 minutes" in one.evidence for one in found), found[0].evidence
