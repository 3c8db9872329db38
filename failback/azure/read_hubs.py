"""Reads the hubs of virtual WANs: which networks are connected to each, and the lines its gateways have to the site.

Only reads. A gateway of a hub becomes a `Gateway` like that of a virtual network, so that rules judge both alike.
"""

from __future__ import annotations

from typing import Any

from failback.azure import allowed, arm_ids
from failback.azure.asking import Asker, combine
from failback.azure.fields import Row, Table, field, text, whole, words
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_in_azure import Connection, Gateway, VirtualHub
from wizard_steps.wording import _

VPN_CONNECTION: Table = {
    "status": field("properties.connectionStatus", text),
    "egress_bytes": field("properties.egressBytesTransferred", whole, absent=0),
}
EXPRESSROUTE_CONNECTION: Table = {
    # Azure gives it no connection status: whether it was provisioned is all there is, beside the circuit's own state.
    "status": field("properties.provisioningState", text),
    "circuit_id": field(
        "properties.expressRouteCircuitPeering.id", lambda raw: arm_ids.up_to(text(raw), "expressRouteCircuits")
    ),
}
_SITE_PREFIXES = field("properties.addressSpace.addressPrefixes", words, absent=())
_SCALE_UNITS = field("properties.vpnGatewayScaleUnit", lambda raw: f"{whole(raw)} scale units")
_CONNECTED_NETWORK = field("properties.remoteVirtualNetwork.id", text)


class ReadsHubs:
    """Reads the hubs of some subscriptions."""

    def __init__(self, asker: Asker, subscriptions: tuple[str, ...]) -> None:
        """Read through `asker`, in `subscriptions`."""
        self._ask = asker
        self._subscriptions = subscriptions

    def hubs(self) -> Reading[tuple[VirtualHub, ...]]:
        """Return every hub with its networks and gateways."""
        found = combine(self._ask.every(allowed.HUBS, "VirtualHub", subscription=one) for one in self._subscriptions)
        return found.map(lambda rows: tuple(self._ask.together(self._hub, rows)))

    def _hub(self, row: Row) -> VirtualHub:
        return VirtualHub(row.text("id"), Outside(row.text("name")), self._networks(row), self._gateways(row))

    def _networks(self, hub: Row) -> Reading[tuple[str, ...]]:
        rows = self._below(allowed.HUB_NETWORKS, "HubVirtualNetworkConnection", hub.text("id"))
        if not rows.was_seen:
            return rows.map(lambda _rows: ())
        return combine((row.read(_CONNECTED_NETWORK).map(lambda one: (one,)) for row in rows.value), rows.source)

    def _gateways(self, hub: Row) -> Reading[tuple[Gateway, ...]]:
        vpn, expressroute = hub.text("properties.vpnGateway.id"), hub.text("properties.expressRouteGateway.id")
        found = []
        if vpn:
            found.append(
                self._single(allowed.HUB_VPN_GATEWAY, "VpnGateway", vpn).map(lambda row: (self._vpn(hub, row),))
            )
        if expressroute:
            gateway = self._single(allowed.HUB_EXPRESSROUTE, "ExpressRouteGateway", expressroute)
            found.append(gateway.map(lambda row: (_expressroute(hub, row),)))
        return combine(found, hub.source("vpnGateway"))

    def _vpn(self, hub: Row, row: Row) -> Gateway:
        lines = self._below(allowed.HUB_VPN_CONNECTIONS, "VpnConnection", row.text("id"))
        return Gateway(
            row.text("id"),
            Outside(row.text("name")),
            network_id=seen(hub.text("id"), hub.source("id")),
            kind=seen("Vpn", hub.source("vpnGateway")),
            size=row.read(_SCALE_UNITS),
            connections=lines.map(lambda rows: tuple(self._ask.together(self._vpn_connection, rows))),
        )

    def _vpn_connection(self, row: Row) -> Connection:
        source = row.source("vpnConnectionProtocolType")
        return Connection(
            row.text("id"),
            Outside(row.text("name")),
            kind=seen("IPsec", source),
            remote_prefixes=self._site_prefixes(row),
            circuit_id=seen(None, source),
            **row.read_all(VPN_CONNECTION),
        )

    def _site_prefixes(self, connection: Row) -> Reading[tuple[str, ...]]:
        """Return what lies behind the site of a connection; a site that announces its routes names none."""
        site = connection.text("properties.remoteVpnSite.id")
        if not site:
            return not_seen(_("Azure gave no value"), connection.source("remoteVpnSite"))
        found = self._single(allowed.VPN_SITE, "VpnSite", site)
        return found.value.read(_SITE_PREFIXES) if found.was_seen else found.map(lambda _row: ())

    def _below(self, operation: allowed.Operation, kind: str, parent: str) -> Reading[tuple[Row, ...]]:
        names = (arm_ids.group(parent), arm_ids.name(parent))
        return self._ask.every(operation, kind, *names, subscription=arm_ids.subscription(parent))

    def _single(self, operation: allowed.Operation, kind: str, resource_id: str) -> Reading[Row]:
        names = (arm_ids.group(resource_id), arm_ids.name(resource_id))
        return self._ask.one(operation, kind, *names, subscription=arm_ids.subscription(resource_id))


def _expressroute(hub: Row, row: Row) -> Gateway:
    inside = row.rows("properties.expressRouteConnections", "ExpressRouteConnection")
    lines: Reading[tuple[Any, ...]] = row.read(field(inside.paths, inside.parse, absent=()))
    return Gateway(
        row.text("id"),
        Outside(row.text("name")),
        network_id=seen(hub.text("id"), hub.source("id")),
        kind=seen("ExpressRoute", hub.source("expressRouteGateway")),
        size=not_seen(_("a hub's ExpressRoute gateway states no size"), hub.source("expressRouteGateway")),
        connections=lines.map(lambda rows: tuple(map(_expressroute_connection, rows))),
    )


def _expressroute_connection(row: Row) -> Connection:
    source = row.source("expressRouteCircuitPeering")
    return Connection(
        row.text("id"),
        Outside(row.text("name")),
        kind=seen("ExpressRoute", source),
        remote_prefixes=seen((), source),
        egress_bytes=not_seen(_("Azure counts no bytes for it"), source),
        **row.read_all(EXPRESSROUTE_CONNECTION),
    )
