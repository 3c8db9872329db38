"""A small vault for the tests: the recorded fabric, two failed-over machines, their VMs and networks."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from failback.azure.clients import AzureClients
from failback.azure.cloud import CLOUDS
from failback.azure.vault import Vault
from failback.rehearsal.arm_actions import power_view
from failback.rehearsal.arm_transport import RehearsalCredential, WireTransport
from failback.rehearsal.arm_wire import ArmWire

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dr"
VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/rsv-dr"
FABRIC_NAME = "5d1c0e7a94b2f8360d7e41a9c3b58f20e6a4d1973b0c52f86e9d0471ab3c6f18"
FABRIC = f"{VAULT}/replicationFabrics/{FABRIC_NAME}"
PROVIDER = f"{FABRIC}/replicationRecoveryServicesProviders/provider-1"
CONTAINER = f"{FABRIC}/replicationProtectionContainers/cloud-1"
ITEMS = f"{CONTAINER}/replicationProtectedItems"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
FAILBACK_POLICY = f"{VAULT}/replicationPolicies/failback"
RECORDED_AT = datetime(2021, 4, 5, 17, 43, tzinfo=timezone.utc)
VAULT_OF_TESTS = Vault(SUBSCRIPTION, "rg-dr", "rsv-dr")


class StepClock:
    """A clock that moves only when somebody waits on it."""

    def __init__(self, start: datetime = RECORDED_AT) -> None:
        self._now = start
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._now += timedelta(seconds=seconds)


def recorded_fabric() -> dict[str, Any]:
    """Return the recorded answer's only fabric."""
    answer = json.loads((Path(__file__).parent / "fixtures" / "classic_fabric.json").read_text())
    fabric: dict[str, Any] = answer["value"][0]
    return fabric


def clients(arm: ArmWire, subscription: str = SUBSCRIPTION) -> AzureClients:
    """Return clients over the simulator."""
    return AzureClients(RehearsalCredential(), CLOUDS["public"], subscription, transport=WireTransport(arm))


def build(arm: ArmWire) -> None:
    """Put the whole vault into the simulator."""
    arm.put(VAULT, {"location": "japanwest", "properties": {}})
    arm.put(FABRIC, recorded_fabric())
    arm.put(PROVIDER, {"properties": {"connectionStatus": "Connected", "lastHeartBeat": RECORDED_AT}})
    arm.put(CONTAINER, {"properties": {"friendlyName": "CS01"}})
    policy = {
        "recoveryPointThresholdInMinutes": 15,
        "recoveryPointHistory": 1440,
        "appConsistentFrequencyInMinutes": 60,
    }
    arm.put(
        FAILBACK_POLICY,
        {
            "properties": {
                "friendlyName": "24h-failback",
                "providerSpecificDetails": {"instanceType": "InMage", **policy},
            }
        },
    )
    arm.put(f"{CONTAINER}/replicationProtectionContainerMappings/back", {"properties": _mapping()})
    arm.put(f"{FABRIC}/replicationvCenters/vc1", {"properties": _vcenter()})
    for name in ("web01", "db01"):
        machine(arm, name)
    network(arm)


def _mapping() -> dict[str, Any]:
    return {
        "policyId": FAILBACK_POLICY,
        "targetProtectionContainerId": CONTAINER,
        "state": "Paired",
        "health": "Normal",
        "providerSpecificDetails": {"instanceType": "InMage"},
    }


def _vcenter() -> dict[str, Any]:
    return {
        "friendlyName": "vc1",
        "ipAddress": "vc1.example.com",
        "port": "443",
        "infrastructureId": "d4f1",
        "discoveryStatus": "DiscoveryCompleted",
        "lastHeartbeat": RECORDED_AT,
        "healthErrors": [],
    }


def machine(arm: ArmWire, name: str, **details: Any) -> None:
    """Put a failed-over machine: its protected item, its protectable item, its VM and its network interface."""
    protectable = f"{CONTAINER}/replicationProtectableItems/{name}"
    arm.put(protectable, {"properties": {"friendlyName": name}})
    properties = {
        "instanceType": "InMageAzureV2",
        "targetVmId": f"{COMPUTE}/{name}".replace("resourceGroups", "resourcegroups"),
        "osType": "Windows",
        "multiVmGroupId": f"group-of-{name}",
        "masterTargetId": "7C21B0D4-1E93-4A55-9F0E6D3B82A4C710",
        "protectedDisks": [{"diskId": f"{{{name}-0}}", "diskName": "disk0", "diskCapacityInBytes": 64424509440}],
        "vmNics": [{"nicId": "n1", "ipConfigs": [{"isPrimary": True, "staticIPAddress": "10.20.0.21"}]}],
        "lastHeartbeat": RECORDED_AT,
        **details,
    }
    item = {
        "friendlyName": name,
        "protectableItemId": protectable,
        "activeLocation": "Recovery",
        "protectionState": "UnplannedFailoverCommitted",
        "allowedOperations": ["ReverseReplicate", "DisableProtection"],
        "currentScenario": {"scenarioName": "None", "jobId": "None", "startTime": "1753-01-01T01:01:01Z"},
        "policyId": f"{VAULT}/replicationPolicies/forward",
        "replicationHealth": "Normal",
        "providerSpecificDetails": properties,
    }
    arm.put(f"{ITEMS}/{name}", {"properties": item})
    virtual_machine(arm, name, {"web01": "10.60.1.21"}.get(name, "10.60.1.22"))


def virtual_machine(arm: ArmWire, name: str, address: str) -> None:
    """Put an Azure VM that runs, and its network interface."""
    nic = f"{NETWORK}/networkInterfaces/{name}-nic"
    vm = {
        "hardwareProfile": {"vmSize": "Standard_D4ds_v5"},
        "storageProfile": {"osDisk": {"diskSizeGB": 60}, "dataDisks": [{"lun": 0, "diskSizeGB": 100}]},
        "networkProfile": {"networkInterfaces": [{"id": nic}]},
    }
    arm.put(f"{COMPUTE}/{name}", {"location": "japanwest", "properties": vm})
    arm.put(f"{COMPUTE}/{name}/instanceView", power_view("running", RECORDED_AT - timedelta(hours=3)))
    configuration = {"privateIPAddress": address, "subnet": {"id": f"{NETWORK}/virtualNetworks/vnet/subnets/servers"}}
    interface = {"virtualMachine": {"id": f"{COMPUTE}/{name}"}, "ipConfigurations": [{"properties": configuration}]}
    arm.put(nic, {"location": "japanwest", "properties": interface})


def network(arm: ArmWire) -> None:
    """Put a virtual network with a VPN gateway that is connected to the site, and an ExpressRoute circuit."""
    vnet = f"{NETWORK}/virtualNetworks/vnet"
    subnets = [
        {"id": f"{vnet}/subnets/servers", "name": "servers", "properties": {"addressPrefix": "10.60.1.0/24"}},
        {
            "id": f"{vnet}/subnets/GatewaySubnet",
            "name": "GatewaySubnet",
            "properties": {"addressPrefixes": ["10.60.255.0/27"]},
        },
    ]
    peering = {"remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/hub"}, "peeringState": "Connected"}
    arm.put(
        vnet,
        {
            "location": "japanwest",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.60.0.0/16"]},
                "subnets": subnets,
                "virtualNetworkPeerings": [{"name": "to-hub", "properties": {**peering, "useRemoteGateways": True}}],
            },
        },
    )
    gateway, local = f"{NETWORK}/virtualNetworkGateways/vgw", f"{NETWORK}/localNetworkGateways/lgw"
    inside = {"subnet": {"id": f"{vnet}/subnets/GatewaySubnet"}}
    arm.put(
        gateway,
        {
            "properties": {
                "gatewayType": "Vpn",
                "sku": {"name": "VpnGw2AZ"},
                "ipConfigurations": [{"properties": inside}],
            }
        },
    )
    arm.put(local, {"properties": {"localNetworkAddressSpace": {"addressPrefixes": ["10.20.0.0/16"]}}})
    connection = {
        "connectionType": "IPsec",
        "connectionStatus": "Connected",
        "egressBytesTransferred": 4096,
        "virtualNetworkGateway1": {"id": gateway.upper()},
        "localNetworkGateway2": {"id": local},
    }
    arm.put(f"{NETWORK}/connections/to-site", {"properties": connection})
    circuit = {
        "circuitProvisioningState": "Enabled",
        "serviceProviderProvisioningState": "Provisioned",
        "serviceProviderProperties": {"bandwidthInMbps": 500},
        "peerings": [
            {"name": "AzurePrivatePeering", "properties": {"peeringType": "AzurePrivatePeering", "state": "Enabled"}}
        ],
    }
    arm.put(f"{NETWORK}/expressRouteCircuits/er1", {"properties": circuit})
