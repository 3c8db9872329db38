"""Where Azure VMs stand in their networks, and which gateways lead from there to the site.

Answered from plain reads alone: interfaces, networks, peerings, gateways, hubs, connections, circuits. What a packet
really meets on its way (network security groups, effective routes) takes a probe: `reached`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_azure import (
    AzureVm,
    Circuit,
    Connection,
    Gateway,
    NetworkInterface,
    Peering,
    ProcessServer,
    VirtualNetwork,
    same_id,
)
from wizard_steps.wording import _

PROVISIONED = "succeeded"
SITE_CONNECTIONS = frozenset({"ipsec", "expressroute"})
Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Line:
    """A connection to the site, and the gateway it hangs on."""

    gateway: Gateway
    connection: Connection


def prefix(text: str) -> Prefix:
    """Return an address or a prefix as a network; raises `NotSeen` for a text that is neither."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        shown = Outside(text).shown() or _("an empty text")
        raise NotSeen(_("{text} is not an IP address").format(text=shown)) from error


def overlaps(one: Prefix, other: Prefix) -> bool:
    """Tell whether two prefixes share an address; two versions of IP never do."""
    return one.version == other.version and one.overlaps(other)


def overlapping(some: Iterable[str], others: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return every pair of prefixes, one of each side, that share an address."""
    theirs = [(text, prefix(text)) for text in others]
    return tuple((mine, text) for mine in some for text, other in theirs if overlaps(prefix(mine), other))


def same_address(one: str, other: str) -> bool:
    """Tell whether two texts are one IP address, however they spell it."""
    return one == other or (as_address(one) is not None and as_address(one) == as_address(other))


def as_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return a text as an IP address; None: it is not one."""
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def is_private(address: str) -> bool:
    """Tell whether an address can only be reached over a private path."""
    return prefix(address).is_private


def interfaces_of(case: Case, vm: AzureVm) -> tuple[NetworkInterface, ...]:
    """Return a VM's network interfaces; raises `NotSeen` when one of them was not among those read."""
    found = []
    for wanted in vm.nic_ids.value:
        hit = case.azure.interface(wanted)
        if hit is None:
            raise NotSeen(
                _("the network interface {name} of {vm} was not among those read").format(
                    name=Outside(wanted.rpartition("/")[2]).shown(), vm=vm.name.shown()
                )
            )
        found.append(hit)
    return tuple(found)


def addresses_of(case: Case, vm: AzureVm) -> tuple[str, ...]:
    """Return a VM's private addresses."""
    return tuple(address for nic in interfaces_of(case, vm) for address, _subnet in nic.addresses.value)


def subnet_ids_of(case: Case, vm: AzureVm) -> tuple[str, ...]:
    """Return the ids of the subnets a VM stands in."""
    return tuple(subnet for nic in interfaces_of(case, vm) for _address, subnet in nic.addresses.value)


def network_id_of(case: Case, vm: AzureVm) -> str:
    """Return the id of the virtual network a VM stands in (its interfaces share one); raises `NotSeen` without any."""
    for subnet in subnet_ids_of(case, vm):
        end = subnet.casefold().rfind("/subnets/")
        if end > 0:
            return subnet[:end]
    raise NotSeen(_("{vm} has no network interface in a virtual network").format(vm=vm.name.shown()))


def network(case: Case, network_id: str) -> VirtualNetwork:
    """Return a virtual network by its id; raises `NotSeen` when it was not among those read."""
    for one in case.azure.networks.value:
        if same_id(one.id, network_id):
            return one
    raise NotSeen(_("the virtual network {name} was not among those read").format(name=shown_id(network_id)))


def prefixes_of(net: VirtualNetwork) -> tuple[str, ...]:
    """Return the address prefixes of a virtual network. It has some: none mean that Azure does not say."""
    found = net.address_prefixes.value
    if not found:
        raise NotSeen(_("Azure names no address prefixes of {network}").format(network=net.name.shown()))
    return found


def shown_id(arm_id: str) -> str:
    """Return the name at the end of an ARM id, made visible."""
    return Outside(arm_id.rpartition("/")[2]).shown()


def resource_group(arm_id: str) -> str:
    """Return the name of the resource group in an ARM id; the whole id when it holds none."""
    parts = arm_id.split("/")
    place = next((at for at, part in enumerate(parts) if part.casefold() == "resourcegroups"), None)
    return parts[place + 1] if place is not None and place + 1 < len(parts) else arm_id


def peering_between(case: Case, network_id: str, other_id: str) -> Peering | None:
    """Return the peering from one network to another, as the first sees it; None: there is none."""
    return next(
        (one for one in network(case, network_id).peerings.value if same_id(one.remote_network_id, other_id)), None
    )


def is_connected(peering: Peering | None) -> bool:
    """Tell whether a peering exists and is connected."""
    return peering is not None and peering.state.casefold() == "connected"


def lines_from(case: Case, network_id: str) -> tuple[Line, ...]:
    """Return the connections to the site a network can use, of the gateways it can use."""
    return _lines_of(_own_gateways(case, network_id)) or _lines_of(_gateways_of_hubs(case, network_id))


def gateways_of(case: Case, network_id: str) -> tuple[Gateway, ...]:
    """Return the gateways a network can use.

    They are its own, those of a peered network that lends them, and those of a virtual WAN's hub that the network is
    connected to.
    """
    return (*_own_gateways(case, network_id), *_gateways_of_hubs(case, network_id))


def _own_gateways(case: Case, network_id: str) -> list[Gateway]:
    peerings = network(case, network_id).peerings.value
    lenders = [one.remote_network_id for one in peerings if is_connected(one) and one.uses_remote_gateways]
    networks = [network_id, *lenders]
    return [one for one in case.azure.gateways.value if any(same_id(one.network_id.value, id_) for id_ in networks)]


def _lines_of(gateways: Iterable[Gateway]) -> tuple[Line, ...]:
    return tuple(
        Line(gateway, connection)
        for gateway in gateways
        for connection in gateway.connections.value
        if connection.kind.value.casefold() in SITE_CONNECTIONS
    )


def _gateways_of_hubs(case: Case, network_id: str) -> list[Gateway]:
    hubs = [one for one in case.azure.hubs.value if any(same_id(id_, network_id) for id_ in one.network_ids.value)]
    return [gateway for hub in hubs for gateway in hub.gateways.value]


def is_up(connection: Connection) -> bool:
    """Tell whether a connection is up. A hub's ExpressRoute line has no status but that it was provisioned."""
    status = connection.status.value.casefold()
    return status == "connected" or (status == PROVISIONED and connection.kind.value.casefold() == "expressroute")


def circuit_of(case: Case, connection: Connection) -> Circuit | None:
    """Return the ExpressRoute circuit of a connection; None: the connection names none."""
    wanted = connection.circuit_id.value
    if wanted is None:
        return None
    for one in case.azure.circuits.value:
        if same_id(one.id, wanted):
            return one
    raise NotSeen(_("the ExpressRoute circuit {name} was not among those read").format(name=shown_id(wanted)))


def vm_of_server(case: Case, server: ProcessServer) -> AzureVm | None:
    """Return the Azure VM a process server runs on, found by its address; None: no interface in Azure has it.

    The one on the configuration server's own machine stands on-premises, whoever has its address in some network of
    Azure. Raises `NotSeen` when several VMs have that address, or the VM itself was not read.
    """
    address = server.ip_address.value
    _known = prefix(address)
    if same_address(address, case.server.value.ip_address.value):
        return None
    nics = case.azure.interfaces_at(address)
    owners = {vm_id.casefold(): vm_id for nic in nics if (vm_id := nic.vm_id.value) is not None}
    if len(owners) > 1:  # in networks that do not see each other; a process server's VM has its name
        named = {key: vm_id for key, vm_id in owners.items() if server.name.same_name(vm_id.rpartition("/")[2])}
        owners = named if len(named) == 1 else owners
    if len(owners) > 1:
        raise NotSeen(
            _("{count} Azure VMs have the address {address} of {name}: which one it is cannot be told").format(
                count=len(owners), address=Outside(address).shown(), name=server.name.shown()
            )
        )
    return case.azure.vm(next(iter(owners.values()))).value if owners else None
