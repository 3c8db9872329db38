"""A rehearsal site without faults, and what probing it brings: the product's own code over the wire in memory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from failback.azure.clients import AzureClients
from failback.azure.cloud import CLOUDS
from failback.azure.probes import probe
from failback.azure.reading import AzureReader, Vault
from failback.progress import Cancelled, Progress, never, silent
from failback.rehearsal import description as site
from failback.rehearsal.arm_transport import RehearsalCredential, WireTransport
from failback.rehearsal.arm_wire import ArmWire
from failback.rehearsal.site import Site, rehearsal_site
from wizard_steps.case import Case
from wizard_steps.estate import Estate
from wizard_steps.seen_by_probes import ProbeAnswers
from wizard_steps.seen_in_vcenter import SeenInVCenter

GROUP = site.network_id("networkSecurityGroups", "nsg-servers")
TABLE = site.network_id("routeTables", "rt-servers")
NIC = site.network_id("networkInterfaces", "web01-nic").casefold()
PS_NIC = site.network_id("networkInterfaces", "PS-AZ-01-nic").casefold()
WEB01, PS = site.vm_id("web01").casefold(), site.vm_id("PS-AZ-01").casefold()
OUT_TO_CS = f"{NIC} 10.60.1.11 -> 10.20.0.10 tcp:443"
OUT_TO_PS = f"{NIC} 10.60.1.11 -> 10.60.1.4 tcp:9443"
INTO_PS = f"{PS_NIC} 10.60.1.4 <- 10.60.1.11 tcp:9443"
HOP_TO_MT = f"{PS_NIC} 10.60.1.4 -> 10.20.0.21"
TO_PS = f"{WEB01} -> 10.60.1.4 tcp:9443"
TO_MT = f"{PS} -> 10.20.0.21 tcp:9443"


class Probed:
    """The site, and one machine of it that is probed with its process server and master target."""

    def __init__(self) -> None:
        self.site: Site = rehearsal_site("ready")
        self.said: list[str] = []

    @property
    def arm(self) -> ArmWire:
        return self.site.arm

    def clients(self) -> AzureClients:
        return AzureClients(
            RehearsalCredential(), CLOUDS["public"], site.SUBSCRIPTION, transport=WireTransport(self.arm)
        )

    def case(self, machines: tuple[str, ...] = ("web01",)) -> Case:
        """Look at Azure without probing, and choose some machines."""
        vault = Vault(site.SUBSCRIPTION, site.RESOURCE_GROUP, site.VAULT)
        seen = AzureReader(self.clients(), vault, self.site.clock).read()
        from dataclasses import replace

        choices = replace(self.site.profile().choices, machines=machines)
        now: datetime = self.site.clock.now()
        return Case(Estate(seen, SeenInVCenter.unseen("vc", "not read"), now), choices, now)

    def probe(self, progress: Progress = silent, cancelled: Cancelled = never) -> ProbeAnswers:
        """Look, then probe; only the probes are in the wire's log afterwards."""
        case = self.case()
        self.arm.requests.clear()
        answers = probe(self.clients(), case, self.site.clock, progress, cancelled).probed
        assert answers is not None
        return answers

    # -- small changes to the site

    def deny(self, direction: str, port: int, *, at_nic: str | None = None) -> None:
        """Put a security group with one rule that denies a port, at the servers' subnet or at one interface."""
        rule = {
            "name": f"deny-{port}",
            "properties": {
                "protocol": "Tcp",
                "access": "Deny",
                "direction": direction,
                "priority": 100,
                "sourceAddressPrefix": "*",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": str(port),
            },
        }
        self.arm.put(GROUP, {"location": site.LOCATION, "properties": {"securityRules": [rule]}})
        group = {"networkSecurityGroup": {"id": GROUP}}
        if at_nic is not None:
            self.arm.edit(site.network_id("networkInterfaces", at_nic), lambda body: body["properties"].update(group))
        else:
            self.at_subnet(group)

    def route(self, prefix: str, next_hop: str) -> None:
        """Put a route table with one route at the servers' subnet."""
        route = {"name": "away", "properties": {"addressPrefix": prefix, "nextHopType": next_hop}}
        self.arm.put(TABLE, {"location": site.LOCATION, "properties": {"routes": [route]}})
        self.at_subnet({"routeTable": {"id": TABLE}})

    def at_subnet(self, properties: dict[str, Any]) -> None:
        """Change the servers' subnet."""
        network = site.network_id("virtualNetworks", site.NETWORK)
        self.arm.edit(network, lambda body: body["properties"]["subnets"][0]["properties"].update(properties))
