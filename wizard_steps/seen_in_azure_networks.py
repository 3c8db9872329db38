"""What was seen of networks in Azure, as plain frozen data: interfaces, virtual networks, gateways, circuits, hubs.

Ids are compared without case (`seen_in_azure.same_id`); words are kept as Azure sent them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading


@dataclass(frozen=True)
class NetworkInterface:
    """A network interface in Azure; `addresses` are (private address, subnet id) pairs."""

    id: str
    vm_id: Reading[str | None]
    addresses: Reading[tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Peering:
    """A peering as one of its two networks sees it."""

    remote_network_id: str
    state: str  # Connected, Initiated, Disconnected
    uses_remote_gateways: bool
    allows_gateway_transit: bool


@dataclass(frozen=True)
class VirtualNetwork:
    """A virtual network; `subnets` maps a subnet's id to its address prefixes."""

    id: str
    name: Outside
    location: Reading[str]
    address_prefixes: Reading[tuple[str, ...]]
    subnets: Reading[Mapping[str, tuple[str, ...]]]
    peerings: Reading[tuple[Peering, ...]]


@dataclass(frozen=True)
class Connection:
    """A connection of a virtual network gateway: to a site by VPN, or to an ExpressRoute circuit."""

    id: str
    name: Outside
    kind: Reading[str]  # IPsec, ExpressRoute, Vnet2Vnet
    status: Reading[str]  # Connected, Connecting, NotConnected, Unknown; a hub's ExpressRoute: whether provisioned
    remote_prefixes: Reading[tuple[str, ...]]  # of the local network gateway; empty for ExpressRoute
    circuit_id: Reading[str | None]
    egress_bytes: Reading[int]


@dataclass(frozen=True)
class Gateway:
    """A gateway to the site: of a virtual network, or of a virtual WAN's hub; `network_id` is where it stands."""

    id: str
    name: Outside
    network_id: Reading[str]
    kind: Reading[str]  # Vpn, ExpressRoute
    size: Reading[str]  # the SKU's name; of a hub's gateway its scale units: "2 scale units"
    connections: Reading[tuple[Connection, ...]]


@dataclass(frozen=True)
class Circuit:
    """An ExpressRoute circuit."""

    id: str
    name: Outside
    circuit_state: Reading[str]  # Enabled
    provider_state: Reading[str]  # Provisioned
    private_peering_state: Reading[str | None]  # Enabled; None: there is no private peering
    bandwidth_mbps: Reading[int | None]


@dataclass(frozen=True)
class VirtualHub:
    """A hub of a virtual WAN: the networks that are connected to it, and the gateways it lends them."""

    id: str
    name: Outside
    network_ids: Reading[tuple[str, ...]]
    gateways: Reading[tuple[Gateway, ...]]
