"""Step 3, row by row: the connection to the site."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.paths import LINE
from tests.estates.ready import DENIED, GONE, change_all, finding_of, minutes_ago, ready_case
from tests.estates.ready_azure import GIB, NETWORK
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.outside import Outside
from wizard_steps.reading import seen
from wizard_steps.seen_by_probes import NextHop
from wizard_steps.seen_in_azure import Circuit, Connection, Peering, VirtualHub, VirtualNetwork

HUB = f"{NETWORK}-hub"


def circuit(**changes: str | None) -> Circuit:
    words: dict[str, str | None] = {
        "circuit_state": "Enabled",
        "provider_state": "Provisioned",
        "private_peering_state": "Enabled",
        **changes,
    }
    readings = {name: seen(word) for name, word in words.items()}
    return Circuit("/circuits/er-1", Outside("er-1"), bandwidth_mbps=seen(200), **readings)  # type: ignore[arg-type]


def by_expressroute(**changes: str | None) -> dict[str, object]:
    """The line is an ExpressRoute whose routes are learned."""
    return {
        f"{LINE}.kind": "ExpressRoute",
        f"{LINE}.remote_prefixes": (),
        f"{LINE}.circuit_id": "/circuits/er-1",
        "azure.circuits": (circuit(**changes),),
    }


def second_line(status: str) -> dict[str, object]:
    """A second connection hangs on the gateway, down or up."""

    def both(lines: tuple[Connection, ...]) -> tuple[Connection, ...]:
        return (*lines, replace(lines[0], id="/connections/spare", name=Outside("spare"), status=seen(status)))

    return {"azure.gateways[gw-dr].connections": both}


def through_hub(*, state: str = "Connected", uses: bool = True) -> dict[str, object]:
    """The gateway stands in a hub network that vnet-dr is peered with."""
    hub = VirtualNetwork(HUB, Outside("vnet-hub"), seen("japaneast"), seen(("10.0.0.0/16",)), seen({}), seen(()))
    return {
        "azure.gateways[gw-dr].network_id": HUB,
        "azure.networks[vnet-dr].peerings": (
            Peering(HUB, state, uses_remote_gateways=uses, allows_gateway_transit=False),
        ),
        "azure.networks": lambda networks: (*networks, hub),
    }


def hop(destination: str, kind: str) -> dict[str, object]:
    """The network sends what PS-AZ-01 sends to an address somewhere else."""
    return {f"azure.probed.next_hops[PS-AZ-01-nic 10.1.0.10 -> {destination}]": NextHop(kind, None, None)}


def by_hub(status: str = "Connected") -> dict[str, object]:
    """vnet-dr is connected to the hub of a virtual WAN, whose VPN gateway has the line."""
    (gateway,) = ready_case().azure.gateways.value
    (line,) = gateway.connections.value
    lent = replace(
        gateway,
        id="/vpnGateways/hub-vpn",
        name=Outside("hub-vpn"),
        size=seen("2 scale units"),
        connections=seen((replace(line, status=seen(status)),)),
    )
    hub = VirtualHub("/virtualHubs/hub", Outside("hub"), seen((NETWORK.upper(),)), seen((lent,)))
    return {"azure.gateways": (), "azure.hubs": (hub,)}


GREEN = [
    Row("s2s-or-er-required", "pass", "to-osaka is connected and leads to CS01 (10.20.0.10), MT01 (10.20.0.11)"),
    Row("vpn-bandwidth", "pass", "200 GiB over the measured 500 Mbit/s take about 1.4 hours"),
]

OTHER = [
    *(
        Row("s2s-or-er-required", "fail", f"to-osaka of gw-dr is {word}", {f"{LINE}.status": word})
        for word in ("NotConnected", "Connecting")
    ),
    Row("s2s-or-er-required", "unknown", "to-osaka of gw-dr is Unknown", {f"{LINE}.status": "Unknown"}),
    Row(
        "s2s-or-er-required",
        "fail",
        "10.99.0.0/16 do not hold CS01 (10.20.0.10), MT01 (10.20.0.11)",
        {f"{LINE}.remote_prefixes": ("10.99.0.0/16",), "azure.probed": None},
    ),
    Row(
        "s2s-or-er-required",
        "fail",
        "do not hold MT01 (10.20.0.11)",
        {f"{LINE}.remote_prefixes": ("10.20.0.10/32",), "azure.probed": None},
    ),
    Row("s2s-or-er-required", "pass", "has learned routes to CS01 (10.20.0.10), MT01", {f"{LINE}.remote_prefixes": ()}),
    Row("s2s-or-er-required", "pass", "has learned routes to CS01", by_expressroute()),
    Row("s2s-or-er-required", "unknown", "not probed: run with --probe", {**by_expressroute(), "azure.probed": None}),
    Row(
        "s2s-or-er-required",
        "fail",
        "has learned no route from vnet-dr to MT01 (10.20.0.11): None",
        {**by_expressroute(), **hop("10.20.0.11", "None")},
    ),
    Row(
        "s2s-or-er-required",
        "unknown",
        "could not be probed",
        {
            **by_expressroute(),
            **{f"azure.vms[{one}].power_state": "deallocated" for one in ("web01", "db01", "PS-AZ-01")},
        },
    ),
    Row("s2s-or-er-required", "fail", "er-1 is Disabled", by_expressroute(circuit_state="Disabled")),
    Row(
        "s2s-or-er-required", "fail", "at the provider NotProvisioned", by_expressroute(provider_state="NotProvisioned")
    ),
    Row("s2s-or-er-required", "fail", "private peering missing", by_expressroute(private_peering_state=None)),
    Row("s2s-or-er-required", "unknown", "er-1 was not among those read", {**by_expressroute(), "azure.circuits": ()}),
    Row("s2s-or-er-required", "pass", "to-osaka", second_line("NotConnected")),
    Row("s2s-or-er-required", "pass", "spare", {**second_line("Connected"), f"{LINE}.status": "NotConnected"}),
    Row(
        "s2s-or-er-required",
        "unknown",
        "spare of gw-dr is Unknown",
        {**second_line("Unknown"), f"{LINE}.status": "NotConnected"},
    ),
    Row("s2s-or-er-required", "pass", "to-osaka", through_hub()),
    Row(
        "s2s-or-er-required",
        "fail",
        "vnet-dr has no VPN",
        {**through_hub(uses=False), **hop("10.20.0.10", "None")},
    ),
    Row(
        "s2s-or-er-required",
        "fail",
        "vnet-dr has no VPN",
        {
            **through_hub(state="Disconnected"),
            "azure.probed": None,
            "server.process_servers[PS-AZ-01].last_heartbeat": minutes_ago(30),
        },
    ),
    Row(
        "s2s-or-er-required",
        "attest",
        "PS-AZ-01 is heard at 10.20.0.10: vouch that an appliance",
        {"azure.gateways": (), "azure.probed": None},
    ),
    Row(
        "s2s-or-er-required",
        "attest",
        "it sends what is meant for 10.20.0.10 to VirtualAppliance: vouch",
        {"azure.gateways": (), **hop("10.20.0.10", "VirtualAppliance")},
    ),
    Row("s2s-or-er-required", "fail", "or of a hub", {"azure.gateways": (), **hop("10.20.0.10", "Internet")}),
    Row("s2s-or-er-required", "pass", "to-osaka is connected and leads to CS01", by_hub()),
    Row("s2s-or-er-required", "fail", "to-osaka of hub-vpn is NotConnected", by_hub("NotConnected")),
    Row(
        "s2s-or-er-required",
        "fail",
        "or of a hub",
        {**by_hub(), "azure.hubs[hub].network_ids": (), **hop("10.20.0.10", "None")},
    ),
    Row(
        "s2s-or-er-required",
        "pass",
        "to-osaka is connected and has learned routes",
        {
            **by_hub("Succeeded"),
            "azure.hubs[hub].gateways[hub-vpn].connections[to-osaka].kind": "ExpressRoute",
            "azure.hubs[hub].gateways[hub-vpn].connections[to-osaka].remote_prefixes": (),
        },
    ),
    Row("s2s-or-er-required", "fail", "no VPN", {"azure.gateways": (), "choices.targets": ()}),
    Row(
        "s2s-or-er-required",
        "fail",
        "gw-dr has no connection to a site",
        {f"{LINE}.kind": "Vnet2Vnet", "server.ip_address": "20.30.40.50"},
    ),
    Row(
        "s2s-or-er-required",
        "not-applicable",
        "",
        {"azure.vms[web01]": None, "azure.vms[db01]": None, "azure.vms[PS-AZ-01]": None},
    ),
    Row("s2s-or-er-required", "unknown", "vnet-dr was not among those read", {"azure.networks[vnet-dr]": GONE}),
    # bandwidth
    Row("vpn-bandwidth", "warn", "take about 68.2 hours", {"choices.link_mbps": 10}),
    Row(
        "vpn-bandwidth",
        "attest",
        "nominal 1000 Mbit/s (Microsoft's table of gateway SKUs for VpnGw2) take about 0.7",
        {"choices.link_mbps": None},
    ),
    Row(
        "vpn-bandwidth",
        "attest",
        "nominal 650 Mbit/s",
        {"choices.link_mbps": None, "azure.gateways[gw-dr].size": "VpnGw1AZ"},
    ),
    Row("vpn-bandwidth", "attest", "nominal 1000 Mbit/s", {"choices.link_mbps": None, **by_hub()}),
    Row("vpn-bandwidth", "attest", "nominal 200 Mbit/s", {"choices.link_mbps": None, **by_expressroute()}),
    Row(
        "vpn-bandwidth", "warn", "19.5 TiB", {"choices.link_mbps": None, "azure.vms[web01].disk_sizes": (19_900 * GIB,)}
    ),
    Row("vpn-bandwidth", "attest", "nominal 1000 Mbit/s", {"choices.link_mbps": -5.0}),
    Row(
        "vpn-bandwidth",
        "unknown",
        "no connected line states",
        {"choices.link_mbps": None, "azure.gateways[gw-dr].size": "New"},
    ),
    Row(
        "vpn-bandwidth",
        "unknown",
        "no connected line states",
        {"choices.link_mbps": None, f"{LINE}.status": "NotConnected"},
    ),
]

UNREAD = [
    *(
        Unread("s2s-or-er-required", path)
        for path in (
            "azure.gateways",
            "azure.networks",
            "azure.network_interfaces",
            "azure.vms[web01]",
            f"{LINE}.status",
            f"{LINE}.kind",
            f"{LINE}.remote_prefixes",
            f"{LINE}.circuit_id",
            "server.ip_address",
            "server.master_targets[MT01].ip_address",
            "azure.protected_items",
            "azure.networks[vnet-dr].peerings",
        )
    ),
    Unread("vpn-bandwidth", "azure.protected_items"),
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    assert judged_by(GREEN) == judged_by(OTHER) == judged_by(UNREAD) == requirements_of_step(3)


def test_a_connection_is_reset_only_when_it_is_down() -> None:
    down = finding_of(change_all(ready_case(), {f"{LINE}.status": "NotConnected"}), "s2s-or-er-required")
    astray = finding_of(change_all(ready_case(), {f"{LINE}.remote_prefixes": ("10.99.0.0/16",)}), "s2s-or-er-required")
    assert down.remedies == ("reset-connection",)
    assert astray.remedies == ()


def test_sizes_come_from_site_recovery_when_the_azure_vm_does_not_tell() -> None:
    Row("vpn-bandwidth", "pass", "200 GiB", {"azure.vms[web01].disk_sizes": DENIED}).check()
    unread = {"azure.vms[web01].disk_sizes": DENIED, "azure.protected_items[web01].disks": DENIED}
    Row("vpn-bandwidth", "unknown", "denied", unread).check()


def test_ids_are_compared_without_case() -> None:
    Row("s2s-or-er-required", "pass", "", {"azure.gateways[gw-dr].network_id": NETWORK.upper()}).check()


def test_without_an_azure_vm_there_is_no_line_to_rate() -> None:
    nowhere = {
        "azure.vms[web01]": None,
        "azure.vms[db01]": None,
        "azure.vms[PS-AZ-01]": None,
        "choices.link_mbps": None,
    }
    Row("vpn-bandwidth", "unknown", "no machine of the batch has an Azure VM", nowhere).check()


def test_hubs_nobody_read_are_asked_about_only_where_there_is_no_gateway() -> None:
    Row("s2s-or-er-required", "pass", "to-osaka", {"azure.hubs": DENIED}).check()
    Row("s2s-or-er-required", "unknown", "denied", {"azure.gateways": (), "azure.hubs": DENIED}).check()
