"""The Azure VMs of the rehearsal site and the network they stand in, as the JSON that Azure would answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from failback.rehearsal import description as site
from failback.rehearsal.arm_actions import power_view
from failback.rehearsal.arm_watcher import AGENT
from failback.rehearsal.arm_wire import ArmWire


def put_vm(arm: ArmWire, name: str, address: str, disks_gib: tuple[int, ...], since: datetime) -> None:
    """Put an Azure VM, its instance view and its network interface."""
    nic = site.network_id("networkInterfaces", f"{name}-nic")
    data = [
        {"lun": lun, "name": f"{name}-data{lun}", "createOption": "Attach", "diskSizeGB": size}
        for lun, size in enumerate(disks_gib[1:])
    ]
    arm.put(
        site.vm_id(name),
        {
            "location": site.LOCATION,
            "properties": {
                "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
                "provisioningState": "Succeeded",
                "vmId": site.stable_uuid(f"azure-{name}"),
                "storageProfile": {
                    "osDisk": {
                        "osType": "Windows",
                        "createOption": "Attach",
                        "name": f"{name}-os",
                        "diskSizeGB": disks_gib[0],
                    },
                    "dataDisks": data,
                },
                "networkProfile": {"networkInterfaces": [{"id": nic, "properties": {"primary": True}}]},
            },
        },
    )
    arm.put(site.vm_id(name) + "/instanceView", power_view("running", since))
    agent = {"publisher": "Microsoft.Azure.NetworkWatcher", "provisioningState": "Succeeded"}
    arm.put(f"{site.vm_id(name)}/extensions/{AGENT}", {"location": site.LOCATION, "properties": agent})
    _put_nic(arm, nic, site.vm_id(name), address)


def _put_nic(arm: ArmWire, nic: str, vm: str, address: str) -> None:
    arm.put(
        nic,
        {
            "location": site.LOCATION,
            "properties": {
                "provisioningState": "Succeeded",
                "virtualMachine": {"id": vm},
                "ipConfigurations": [
                    {
                        "name": "ipconfig1",
                        "properties": {
                            "privateIPAddress": address,
                            "privateIPAllocationMethod": "Static",
                            "primary": True,
                            "subnet": {"id": site.subnet_id()},
                        },
                    }
                ],
            },
        },
    )


def put_process_server_vm(arm: ArmWire, start: datetime) -> None:
    """Put the Azure VM of the process server."""
    put_vm(arm, site.PROCESS_SERVER, site.PROCESS_SERVER_IP, (128, 600), start - timedelta(hours=20))


def put_watcher(arm: ArmWire) -> None:
    """Put the network watcher that Azure itself makes with the first network, and say who answers a probe.

    Nothing listens on the data port of a master target before the first machine is reprotected: that is assumed.
    """
    group = f"/subscriptions/{site.SUBSCRIPTION}/resourceGroups/NetworkWatcherRG"
    watcher = f"{group}/providers/Microsoft.Network/networkWatchers/NetworkWatcher_{site.LOCATION}"
    arm.put(watcher, {"location": site.LOCATION, "properties": {"provisioningState": "Succeeded"}})
    arm.listening |= {(site.CONFIGURATION_SERVER_IP, 443), (site.PROCESS_SERVER_IP, 9443)}


def put_networks(arm: ArmWire) -> None:
    """Put the network with its subnets."""
    network = site.network_id("virtualNetworks", site.NETWORK)
    arm.put(
        network,
        {
            "location": site.LOCATION,
            "properties": {
                "addressSpace": {"addressPrefixes": [site.NETWORK_PREFIX]},
                "virtualNetworkPeerings": [],
                "subnets": [
                    {"id": site.subnet_id(), "name": site.SUBNET, "properties": {"addressPrefix": site.SUBNET_PREFIX}},
                    {
                        "id": f"{network}/subnets/GatewaySubnet",
                        "name": "GatewaySubnet",
                        "properties": {"addressPrefix": "10.60.255.0/27"},
                    },
                ],
            },
        },
    )


def put_connection(arm: ArmWire) -> None:
    """Put the VPN gateway of the network, and its connection to the site."""
    network = site.network_id("virtualNetworks", site.NETWORK)
    gateway, local = (
        site.network_id("virtualNetworkGateways", "vgw-osaka"),
        site.network_id("localNetworkGateways", "lgw-osaka"),
    )
    arm.put(
        gateway,
        {
            "location": site.LOCATION,
            "properties": {
                "gatewayType": "Vpn",
                "vpnType": "RouteBased",
                "sku": {"name": "VpnGw2AZ", "tier": "VpnGw2AZ"},
                "ipConfigurations": [
                    {"name": "default", "properties": {"subnet": {"id": f"{network}/subnets/GatewaySubnet"}}}
                ],
            },
        },
    )
    arm.put(
        local,
        {
            "location": site.LOCATION,
            "properties": {
                "gatewayIpAddress": "198.51.100.10",
                "localNetworkAddressSpace": {"addressPrefixes": [site.SITE_PREFIX]},
            },
        },
    )
    arm.put(
        site.network_id("connections", "cn-osaka"),
        {
            "location": site.LOCATION,
            "properties": {
                "connectionType": "IPsec",
                "connectionStatus": "Connected",
                "egressBytesTransferred": 48318382080,
                "ingressBytesTransferred": 9663676416,
                "virtualNetworkGateway1": {"id": gateway, "properties": {}},
                "localNetworkGateway2": {"id": local, "properties": {}},
            },
        },
    )
