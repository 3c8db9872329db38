"""The network of the rehearsal's Azure as packets meet it: security rules, routes, who listens where.

Everything follows from the kept resources: network interfaces, virtual networks with their subnets, security groups and
route tables, gateways with their connections, the power state of VMs. A prefix of the site is routed to the gateway
while a connection that leads there is up.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from failback.rehearsal.arm_store import Body, key_of

if TYPE_CHECKING:
    from failback.rehearsal.arm_wire import ArmWire

OUTBOUND, INBOUND = "Outbound", "Inbound"
_NOBODYS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
_ANY = frozenset({"*", "0.0.0.0/0", "Internet"})


@dataclass(frozen=True)
class Nic:
    """A network interface, the VM it belongs to, its first address, its subnet and that subnet's network."""

    id: str
    vm_id: str
    address: str
    subnet: Body
    network: Body
    group_ids: tuple[str, ...]  # of the subnet and of the interface itself


@dataclass(frozen=True)
class Rule:
    """A security rule and the group it stands in; a default rule stands in every group."""

    group_id: str
    name: str
    direction: str
    allows: bool
    priority: int
    remote: str
    ports: str


@dataclass(frozen=True)
class Route:
    """A route that applies at an interface; the longest prefix wins, then the one that comes first."""

    prefix: str
    next_hop: str
    source: str
    address: str | None = None
    table_id: str | None = None


class Paths:
    """Answers questions about packets from what `arm` keeps now."""

    def __init__(self, arm: ArmWire) -> None:
        """Look at the resources of `arm`, anew for each question."""
        self._arm = arm

    def _all(self, kind: str) -> Iterator[Body]:
        for key in self._arm.store.ids():
            if f"/providers/microsoft.network/{kind.lower()}/" in key and key.count("/") == 8:  # noqa: PLR2004 -- top level
                body = self._arm.get(key)
                if body is not None:
                    yield body

    def nics(self) -> Iterator[Nic]:
        """Yield every interface that has an address in a known subnet."""
        networks = list(self._all("virtualNetworks"))
        for body in self._all("networkInterfaces"):
            inside = body["properties"]["ipConfigurations"][0]["properties"]
            wanted = key_of(inside["subnet"]["id"])
            for network in networks:
                for subnet in network["properties"]["subnets"]:
                    if key_of(subnet["id"]) == wanted:
                        yield _nic(body, inside["privateIPAddress"], subnet, network)

    def nic_of(self, vm_id: str) -> Nic | None:
        """Return the interface of a VM."""
        return next((one for one in self.nics() if key_of(one.vm_id) == key_of(vm_id)), None)

    def nic_at(self, address: str) -> Nic | None:
        """Return the interface with an address."""
        return next((one for one in self.nics() if one.address == address), None)

    def runs(self, vm_id: str) -> bool:
        """Tell whether a VM is on."""
        view = self._arm.get(vm_id + "/instanceView") or {}
        return any(one.get("code") == "PowerState/running" for one in view.get("statuses", []))

    def rules(self, nic: Nic) -> list[Rule]:
        """Return the rules that apply at an interface, group by group, by priority."""
        found: list[Rule] = []
        for group_id in nic.group_ids:
            group = self._arm.get(group_id)
            if group is not None:
                own = [_rule(group_id, one) for one in group["properties"].get("securityRules", [])]
                found += sorted(own, key=lambda one: one.priority) + list(_default_rules(group_id))
        return found

    def verdict(self, nic: Nic, direction: str, remote: str, port: int) -> tuple[bool, str]:
        """Return whether every security group lets a flow pass, and the name of the rule that decides."""
        deciding = ""
        for group_id in nic.group_ids:
            for rule in self.rules(nic):
                if (
                    rule.group_id == group_id
                    and rule.direction == direction
                    and _fits(rule, remote, port, self._known(nic))
                ):
                    deciding = rule.name
                    if not rule.allows:
                        return False, deciding
                    break
        return True, deciding

    def routes(self, nic: Nic) -> list[Route]:
        """Return the routes that apply at an interface: user-defined, learned by gateways, Azure's own."""
        table_id = (nic.subnet["properties"].get("routeTable") or {}).get("id")
        table = self._arm.get(table_id) if table_id else None
        found = [_user_route(table_id, one) for one in (table or {"properties": {}})["properties"].get("routes", [])]
        found += [Route(one, "VirtualNetworkGateway", "VirtualNetworkGateway") for one in self._learned(nic.network)]
        found += [
            Route(one, "VnetLocal", "Default") for one in nic.network["properties"]["addressSpace"]["addressPrefixes"]
        ]
        found.append(Route("0.0.0.0/0", "Internet", "Default"))
        return found + [Route(one, "None", "Default") for one in _NOBODYS]

    def route_to(self, nic: Nic, address: str) -> Route:
        """Return the route a packet takes."""
        wanted = ipaddress.ip_address(address)
        fitting = [one for one in self.routes(nic) if wanted in ipaddress.ip_network(one.prefix)]
        return max(fitting, key=lambda one: ipaddress.ip_network(one.prefix).prefixlen)

    def _known(self, nic: Nic) -> list[str]:
        """Return what the tag VirtualNetwork stands for: the network itself and what its gateways have learned."""
        return [*nic.network["properties"]["addressSpace"]["addressPrefixes"], *self._learned(nic.network)]

    def _learned(self, network: Body) -> list[str]:
        return [prefix for gateway in self._gateways_of(network) for prefix in self._behind(gateway)]

    def _gateways_of(self, network: Body) -> Iterator[Body]:
        for gateway in self._all("virtualNetworkGateways"):
            subnet = gateway["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"]
            if key_of(subnet).startswith(key_of(network["id"]) + "/"):
                yield gateway

    def _behind(self, gateway: Body) -> Iterator[str]:
        for one in self._all("connections"):
            properties = one["properties"]
            mine = key_of(properties["virtualNetworkGateway1"]["id"]) == key_of(gateway["id"])
            local = (properties.get("localNetworkGateway2") or {}).get("id")
            if mine and local and properties["connectionStatus"] == "Connected":
                body = self._arm.get(local)
                yield from (
                    (body or {"properties": {}})["properties"]
                    .get("localNetworkAddressSpace", {})
                    .get("addressPrefixes", [])
                )


def _nic(body: Body, address: str, subnet: Body, network: Body) -> Nic:
    places = (subnet["properties"], body["properties"])
    groups = tuple(one["networkSecurityGroup"]["id"] for one in places if one.get("networkSecurityGroup"))
    return Nic(body["id"], body["properties"]["virtualMachine"]["id"], address, subnet, network, groups)


def _rule(group_id: str, body: Mapping[str, Any]) -> Rule:
    inside = body["properties"]
    remote = inside["destinationAddressPrefix" if inside["direction"] == OUTBOUND else "sourceAddressPrefix"]
    return Rule(
        group_id,
        f"securityRules/{body['name']}",
        inside["direction"],
        inside["access"] == "Allow",
        inside["priority"],
        remote,
        inside["destinationPortRange"],
    )


def _default_rules(group_id: str) -> Iterator[Rule]:
    """Yield the rules Azure adds to every group, after its own."""
    for direction, word in ((INBOUND, "InBound"), (OUTBOUND, "OutBound")):
        yield Rule(group_id, f"defaultSecurityRules/AllowVnet{word}", direction, True, 65000, "VirtualNetwork", "*")
        if direction == OUTBOUND:
            yield Rule(group_id, "defaultSecurityRules/AllowInternetOutBound", direction, True, 65001, "Internet", "*")
        yield Rule(group_id, f"defaultSecurityRules/DenyAll{word}", direction, False, 65500, "*", "*")


def _fits(rule: Rule, remote: str, port: int, known: list[str]) -> bool:
    prefixes = known if rule.remote == "VirtualNetwork" else [rule.remote]
    near = any(one in _ANY or ipaddress.ip_address(remote) in ipaddress.ip_network(one) for one in prefixes)
    low, _dash, high = rule.ports.partition("-")
    return near and (rule.ports == "*" or int(low) <= port <= int(high or low))


def _user_route(table_id: str | None, body: Mapping[str, Any]) -> Route:
    inside = body["properties"]
    return Route(inside["addressPrefix"], inside["nextHopType"], "User", inside.get("nextHopIpAddress"), table_id)
