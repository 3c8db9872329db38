"""A hub of a virtual WAN for the tests: one connected network, a VPN gateway with a site, an ExpressRoute gateway."""

from __future__ import annotations

from failback.rehearsal.arm_wire import ArmWire
from tests.azure.world import NETWORK

HUB = f"{NETWORK}/virtualHubs/hub-west"
VPN_GATEWAY = f"{NETWORK}/vpnGateways/hub-west-vpn"
ER_GATEWAY = f"{NETWORK}/expressRouteGateways/hub-west-er"
SITE = f"{NETWORK}/vpnSites/osaka"
CIRCUIT = f"{NETWORK}/expressRouteCircuits/er1"


def build(arm: ArmWire) -> None:
    """Put the hub into the simulator."""
    arm.put(
        HUB,
        {
            "location": "japanwest",
            "properties": {"vpnGateway": {"id": VPN_GATEWAY}, "expressRouteGateway": {"id": ER_GATEWAY}},
        },
    )
    spoke = {"remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/spoke"}}
    arm.put(f"{HUB}/hubVirtualNetworkConnections/to-spoke", {"properties": spoke})
    arm.put(VPN_GATEWAY, {"properties": {"virtualHub": {"id": HUB}, "vpnGatewayScaleUnit": 2}})
    connection = {"connectionStatus": "Connected", "egressBytesTransferred": 77, "remoteVpnSite": {"id": SITE}}
    arm.put(f"{VPN_GATEWAY}/vpnConnections/to-osaka", {"properties": connection})
    arm.put(SITE, {"properties": {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}}})
    peering = {"id": f"{CIRCUIT}/peerings/AzurePrivatePeering"}
    line = {
        "id": f"{ER_GATEWAY}/expressRouteConnections/er-osaka",
        "name": "er-osaka",
        "properties": {"provisioningState": "Succeeded", "expressRouteCircuitPeering": peering},
    }
    arm.put(ER_GATEWAY, {"properties": {"virtualHub": {"id": HUB}, "expressRouteConnections": [line]}})
