"""Hubs of virtual WANs, sizes and quota: what a plain look brings back of them, and what it says when it cannot."""

from __future__ import annotations

import pytest

from failback.azure.reading import AzureReader
from failback.rehearsal.arm_wire import ArmWire, Reply, denied
from tests.azure import hub_world
from wizard_steps.seen_in_azure import VirtualHub


def the_hub(reader: AzureReader) -> VirtualHub:
    (hub,) = reader.read().hubs.value
    return hub


def test_a_hub_is_read_with_its_networks_and_lines(reader: AzureReader) -> None:
    hub = the_hub(reader)
    assert hub.name.raw == "hub-west"
    assert [one.rpartition("/")[2] for one in hub.network_ids.value] == ["spoke"]
    vpn, expressroute = hub.gateways.value
    assert (vpn.kind.value, vpn.size.value) == ("Vpn", "2 scale units")
    (line,) = vpn.connections.value
    assert (line.kind.value, line.status.value, line.remote_prefixes.value) == ("IPsec", "Connected", ("10.20.0.0/16",))
    (circuit_line,) = expressroute.connections.value
    assert (circuit_line.kind.value, circuit_line.status.value) == ("ExpressRoute", "Succeeded")
    assert (circuit_line.circuit_id.value or "").endswith("/expressRouteCircuits/er1")


def test_a_hub_without_gateways_has_none(reader: AzureReader, arm: ArmWire) -> None:
    arm.edit(hub_world.HUB, lambda body: body.update(properties={}))
    assert the_hub(reader).gateways.value == ()


def test_without_hubs_nothing_else_is_asked_about_them(reader: AzureReader, arm: ArmWire) -> None:
    arm.remove(hub_world.HUB)
    assert reader.read().hubs.value == ()
    assert not [one.path for one in arm.requests if "vpnGateways" in one.path or "expressRouteGateways" in one.path]


@pytest.mark.parametrize(
    ("path", "unread"),
    [
        ("/virtualHubs$", lambda hubs: hubs),
        ("/hubVirtualNetworkConnections$", lambda hubs: hubs.value[0].network_ids),
        ("/vpnGateways/[^/]+$", lambda hubs: hubs.value[0].gateways),
        ("/vpnConnections$", lambda hubs: hubs.value[0].gateways.value[0].connections),
        ("/vpnSites/[^/]+$", lambda hubs: hubs.value[0].gateways.value[0].connections.value[0].remote_prefixes),
        ("/expressRouteGateways/[^/]+$", lambda hubs: hubs.value[0].gateways),
    ],
)
def test_what_is_denied_of_a_hub_is_not_seen_and_nothing_more(
    reader: AzureReader, arm: ArmWire, path: str, unread: object
) -> None:
    arm.fault("GET", path, denied("Microsoft.Network/virtualHubs/read", "/subscriptions/x"), times=None)
    assert callable(unread)
    reading = unread(reader.read().hubs)
    assert reading.reason == "this account lacks the permission Microsoft.Network/virtualHubs/read"


def test_sizes_and_quota_of_the_vaults_location_are_read(reader: AzureReader) -> None:
    seen = reader.read()
    offer = seen.sizes.value["standard_a8_v2"]
    assert (offer.cores.value, offer.family.value, offer.refused.value) == (8, "standardAv2Family", ())
    assert {one.name: (one.used.value, one.limit.value) for one in seen.usages.value}["cores"] == (68, 200)


def test_a_size_that_a_location_refuses_is_seen_with_azures_word(reader: AzureReader, arm: ArmWire) -> None:
    rows = [
        {
            "resourceType": "virtualMachines",
            "name": "Standard_A8_v2",
            "restrictions": [
                {"type": "Location", "reasonCode": "NotAvailableForSubscription"},
                {"type": "Zone", "reasonCode": "QuotaId"},
            ],
        }
    ]
    arm.fault("GET", "/Microsoft.Compute/skus$", Reply(200, {"value": rows}), times=None)
    offer = reader.read().sizes.value["standard_a8_v2"]
    assert offer.refused.value == ("NotAvailableForSubscription",)
    assert not offer.cores.was_seen


def test_the_sizes_of_a_location_are_asked_for_once(reader: AzureReader, arm: ArmWire) -> None:
    reader.read()
    asked = [one.query.get("$skipToken", "first") for one in arm.requests if one.path.endswith("/skus")]
    assert len(asked) == len(set(asked))


def test_a_quota_that_is_denied_is_not_seen(reader: AzureReader, arm: ArmWire) -> None:
    arm.fault("GET", "/usages$", denied("Microsoft.Compute/locations/usages/read", "/s"), times=None)
    assert "usages/read" in (reader.read().usages.reason or "")
