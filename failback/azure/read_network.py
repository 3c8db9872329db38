"""Reads Azure networks: interfaces, virtual networks and their peerings, gateways with their connections, circuits.

Only reads. Which subscriptions to look in is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from failback.azure import allowed, arm_ids
from failback.azure.asking import Asker, combine
from failback.azure.fields import Field, Row, Table, field, listed, text, whole, words
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading
from wizard_steps.seen_in_azure import Circuit, Connection, Gateway, NetworkInterface, Peering, VirtualNetwork

GATEWAY_SUBNET = "GatewaySubnet"
PRIVATE_PEERING = "AzurePrivatePeering"
_MBPS_PER_GBPS = 1000


def _properties(raw: Any) -> Mapping[str, Any]:
    properties = raw.get("properties") or {}
    if not isinstance(properties, Mapping):
        raise TypeError(raw)
    return properties


def _addresses(raw: Any) -> tuple[tuple[str, str], ...]:
    """Return (private address, subnet id) of every configuration that has an address."""
    found = [_properties(one) for one in listed(raw)]
    return tuple(
        (text(one["privateIPAddress"]), text((one.get("subnet") or {}).get("id", "")))
        for one in found
        if one.get("privateIPAddress")
    )


def _subnets(raw: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in listed(raw):
        inside = _properties(one)
        single = inside.get("addressPrefix")
        found[text(one["id"])] = words(inside.get("addressPrefixes") or ([single] if single else []))
    return found


def _peerings(raw: Any) -> tuple[Peering, ...]:
    return tuple(_peering(_properties(one)) for one in listed(raw))


def _peering(inside: Mapping[str, Any]) -> Peering:
    return Peering(
        remote_network_id=text((inside.get("remoteVirtualNetwork") or {}).get("id", "")),
        state=text(inside.get("peeringState") or ""),
        uses_remote_gateways=inside.get("useRemoteGateways") is True,
        allows_gateway_transit=inside.get("allowGatewayTransit") is True,
    )


def _network_of_gateway(raw: Any) -> str:
    """Return the network a gateway stands in: that of the subnet of its first configuration."""
    network = arm_ids.up_to(text(_properties(listed(raw)[0])["subnet"]["id"]), "virtualNetworks")
    if not network:
        raise ValueError(raw)
    return network


def _private_peering(raw: Any) -> str | None:
    for one in listed(raw):
        inside = _properties(one)
        if str(inside.get("peeringType") or one.get("name")) == PRIVATE_PEERING:
            return text(inside.get("state") or "")
    return None


def _bandwidth(raw: Any) -> int | None:
    """Return Mbit/s, from whichever of the two figures the circuit has; None for neither."""
    provider = raw.get("serviceProviderProperties") or {}
    if provider.get("bandwidthInMbps"):
        return whole(provider["bandwidthInMbps"])
    gigabits = raw.get("bandwidthInGbps")
    return int(float(gigabits) * _MBPS_PER_GBPS) if gigabits else None


NIC: Table = {
    "vm_id": field("properties.virtualMachine.id", text, absent=None),
    "addresses": field("properties.ipConfigurations", _addresses, absent=()),
}

NETWORK: Table = {
    "location": field("location", text),
    "address_prefixes": field("properties.addressSpace.addressPrefixes", words),
    "subnets": field("properties.subnets", _subnets, absent={}),
    "peerings": field("properties.virtualNetworkPeerings", _peerings, absent=()),
}

GATEWAY: Table = {
    "network_id": field("properties.ipConfigurations", _network_of_gateway),
    "kind": field("properties.gatewayType", text),
    "size": field("properties.sku.name", text),
}

CONNECTION: Table = {
    "kind": field("properties.connectionType", text),
    "status": field("properties.connectionStatus", text),
    "circuit_id": field("properties.peer.id", text, absent=None),
    "egress_bytes": field("properties.egressBytesTransferred", whole),
}

CIRCUIT: Table = {
    "circuit_state": field("properties.circuitProvisioningState", text),
    "provider_state": field("properties.serviceProviderProvisioningState", text),
    "private_peering_state": field("properties.peerings", _private_peering, absent=None),
    "bandwidth_mbps": field("properties", _bandwidth),
}

_NO_LOCAL_GATEWAY: Field[tuple[str, ...]] = field("properties.localNetworkGateway2.id", words, absent=())
_LOCAL_PREFIXES = field("properties.localNetworkAddressSpace.addressPrefixes", words, absent=())


class ReadsNetwork:
    """Reads the networks of some subscriptions."""

    def __init__(self, asker: Asker, subscriptions: Sequence[str]) -> None:
        """Read through `asker`, in `subscriptions`; each is looked in once."""
        self._ask = asker
        self.subscriptions = tuple({one.casefold(): one for one in subscriptions if one}.values())

    def interfaces(self) -> Reading[tuple[NetworkInterface, ...]]:
        """Return every network interface."""
        found = self._everywhere(allowed.NICS, "NetworkInterface")
        return found.map(lambda rows: tuple(NetworkInterface(row.text("id"), **row.read_all(NIC)) for row in rows))

    def networks(self) -> Reading[tuple[Row, ...]]:
        """Return every virtual network, as rows: `gateways` looks into them too."""
        return self._everywhere(allowed.NETWORKS, "VirtualNetwork")

    def circuits(self) -> Reading[tuple[Circuit, ...]]:
        """Return every ExpressRoute circuit."""
        found = self._everywhere(allowed.CIRCUITS, "ExpressRouteCircuit")
        return found.map(lambda rows: tuple(Circuit(*_named(row), **row.read_all(CIRCUIT)) for row in rows))

    def gateways(self, networks: Reading[tuple[Row, ...]]) -> Reading[tuple[Gateway, ...]]:
        """Return the gateways of every network that has a gateway subnet, with their connections.

        Gateways can be listed per resource group only; their group is told by what stands in the gateway subnet.
        """
        if not networks.was_seen:
            return networks.map(lambda _rows: ())
        places = combine(_gateway_groups(row) for row in networks.value)
        if not places.was_seen:
            return places.map(lambda _rows: ())
        found = combine(self._ask.together(self._gateways_of, sorted(set(places.value))), networks.source)
        return found.map(lambda rows: tuple(self._ask.together(self._gateway, rows)))

    def _everywhere(self, operation: allowed.Operation, kind: str) -> Reading[tuple[Row, ...]]:
        return combine(self._ask.every(operation, kind, subscription=one) for one in self.subscriptions)

    def _gateways_of(self, place: tuple[str, str]) -> Reading[tuple[Row, ...]]:
        subscription, group = place
        return self._ask.every(allowed.GATEWAYS, "VirtualNetworkGateway", group, subscription=subscription)

    def _gateway(self, row: Row) -> Gateway:
        return Gateway(*_named(row), **row.read_all(GATEWAY), connections=self._connections(row.text("id")))

    def _connections(self, gateway_id: str) -> Reading[tuple[Connection, ...]]:
        """Return a gateway's connections; the list does not say how they are, so each is asked for."""
        found = self._ask.every(
            allowed.CONNECTIONS,
            "VirtualNetworkGatewayConnection",
            arm_ids.group(gateway_id),
            arm_ids.name(gateway_id),
            subscription=arm_ids.subscription(gateway_id),
        )
        return found.map(lambda rows: tuple(self._connection(row) for row in rows))

    def _connection(self, listed_row: Row) -> Connection:
        connection_id = listed_row.text("id")
        single = self._single(allowed.CONNECTION, "VirtualNetworkGatewayConnection", connection_id)
        row = single.value if single.was_seen else replace(listed_row, short_because=single.reason)
        values = row.read_all(CONNECTION)
        if not single.was_seen:
            values.update(status=single.map(str), egress_bytes=single.map(lambda _row: 0))
        return Connection(*_named(row), **values, remote_prefixes=self._remote_prefixes(row))

    def _remote_prefixes(self, connection: Row) -> Reading[tuple[str, ...]]:
        """Return what lies behind the local network gateway; a connection without one has no prefixes of its own."""
        local_id = connection.text("properties.localNetworkGateway2.id")
        if not local_id:
            return connection.read(_NO_LOCAL_GATEWAY)
        found = self._single(allowed.LOCAL_GATEWAY, "LocalNetworkGateway", local_id)
        return found.value.read(_LOCAL_PREFIXES) if found.was_seen else found.map(lambda _row: ())

    def _single(self, operation: allowed.Operation, kind: str, resource_id: str) -> Reading[Row]:
        names = (arm_ids.group(resource_id), arm_ids.name(resource_id))
        return self._ask.one(operation, kind, *names, subscription=arm_ids.subscription(resource_id))


def virtual_network(row: Row) -> VirtualNetwork:
    """Return a virtual network."""
    return VirtualNetwork(*_named(row), **row.read_all(NETWORK))


def _named(row: Row) -> tuple[str, Outside]:
    return row.text("id"), Outside(row.text("name"))


def _gateway_groups(network: Row) -> Reading[tuple[tuple[str, str], ...]]:
    """Return (subscription, resource group), in lower case, of whatever stands in a network's gateway subnet."""
    inside = network.read(field("properties.subnets", _ids_in_gateway_subnet, absent=()))
    return inside.map(lambda ids: tuple(place for place in map(_place, ids) if all(place)))


def _place(resource_id: str) -> tuple[str, str]:
    return arm_ids.subscription(resource_id).casefold(), arm_ids.group(resource_id).casefold()


def _ids_in_gateway_subnet(raw: Any) -> tuple[str, ...]:
    """Return the ids of the gateway subnet itself and of what stands in it; empty without such a subnet."""
    found: list[str] = []
    for subnet in listed(raw):
        if str(subnet["name"]).casefold() == GATEWAY_SUBNET.casefold():
            inside = listed(_properties(subnet).get("ipConfigurations") or [])
            found += [text(subnet["id"]), *(text(one["id"]) for one in inside)]
    return tuple(found)
