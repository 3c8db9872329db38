"""The rehearsal site's failed-over machines: each one's Azure VM and its protected item, as Azure would answer them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from failback.rehearsal import description as site
from failback.rehearsal.arm_wire import ArmWire
from failback.rehearsal.azure_machines import put_vm

Body = dict[str, Any]
_FAILED_OVER_HOURS_AGO = 30
_AGENT_REGISTERS_AFTER = timedelta(minutes=3)


def put_machine(arm: ArmWire, machine: site.MachineSpec, start: datetime) -> None:
    """Put what Azure and site recovery know of a machine that was failed over some time before `start`."""
    failed_over = start - timedelta(hours=_FAILED_OVER_HOURS_AGO)
    protectable = f"{site.container_id()}/replicationProtectableItems/{site.stable_uuid(machine.name)}"
    arm.put(
        protectable,
        {
            "properties": {
                "friendlyName": machine.name,
                "protectionStatus": "Protected",
                "replicationProtectedItemId": site.item_id(machine.name),
                "supportedReplicationProviders": ["InMageAzureV2"],
            }
        },
    )
    arm.put(site.item_id(machine.name), _item(machine, protectable, failed_over, _agent_heartbeat(arm, machine.name)))
    put_vm(arm, machine.name, machine.azure_ip, machine.disks_gib, failed_over)


def _agent_heartbeat(arm: ArmWire, machine: str) -> Callable[[datetime], datetime]:
    """Return the last heartbeat of a machine's agent: fresh while its Azure VM runs, and a few minutes after its boot.

    While the VM is off it stays at the moment before; `since` of the power state says when that was.
    """

    def heartbeat(now: datetime) -> datetime:
        first, power = arm.store.raw(site.vm_id(machine) + "/instanceView")["statuses"]
        since: datetime = first["time"]
        fresh = now - timedelta(minutes=2)
        registered = power["code"] == "PowerState/running" and fresh >= since + _AGENT_REGISTERS_AFTER
        return fresh if registered else since - timedelta(minutes=1)

    return heartbeat


def _item(
    machine: site.MachineSpec, protectable: str, failed_over: datetime, heartbeat: Callable[[datetime], datetime]
) -> Body:
    return {
        "properties": {
            "friendlyName": machine.name,
            "protectedItemType": "V2AVmProtectedItem",
            "protectableItemId": protectable,
            "recoveryServicesProviderId": site.provider_id(),
            "primaryFabricFriendlyName": site.CONFIGURATION_SERVER,
            "recoveryFabricFriendlyName": "Microsoft Azure",
            "protectionState": "UnplannedFailoverCommitted",
            "protectionStateDescription": "Failover committed",
            "activeLocation": "Recovery",
            "allowedOperations": ["ReverseReplicate", "DisableProtection", "SwitchProtection"],
            "replicationHealth": "Normal",
            "healthErrors": [],
            "policyId": site.policy_id("osaka-24h"),
            "policyFriendlyName": "osaka-24h",
            "lastSuccessfulFailoverTime": failed_over,
            "currentScenario": {"scenarioName": "None", "jobId": "None", "startTime": "1753-01-01T01:01:01Z"},
            "providerSpecificDetails": _details(machine, heartbeat),
        }
    }


def _details(machine: site.MachineSpec, heartbeat: Callable[[datetime], datetime]) -> Body:
    group = machine.group or machine.name
    return {
        "instanceType": "InMageAzureV2",
        "infrastructureVmId": None if machine.is_physical else site.stable_uuid(machine.name),
        "vCenterInfrastructureId": None if machine.is_physical else site.VCENTER_INFRASTRUCTURE,
        "discoveryType": "Physical" if machine.is_physical else "vCenter",
        "vmId": site.stable_uuid(machine.name),
        "ipAddress": machine.source_ip,
        "osType": machine.os,
        "osVersion": machine.os_version,
        "agentVersion": site.AGENT_VERSION,
        "lastHeartbeat": heartbeat,
        "processServerId": site.CONFIGURATION_SERVER_ID,
        "multiVmGroupId": site.stable_uuid(f"group-{group}"),
        "multiVmGroupName": group,
        "multiVmSyncStatus": "Enabled",
        "masterTargetId": None,
        "targetVmId": site.vm_id(machine.name),
        "recoveryAzureVMName": machine.name,
        "recoveryAzureResourceGroupId": site.group_id(),
        "selectedRecoveryAzureNetworkId": site.network_id("virtualNetworks", site.NETWORK),
        "vmNics": [_nic(machine)],
        "protectedDisks": _disks(machine),
        "validationErrors": [],
    }


def _nic(machine: site.MachineSpec) -> Body:
    return {
        "nicId": site.stable_uuid(f"nic-{machine.name}"),
        "vMNetworkName": "VM Network",
        "ipConfigs": [
            {
                "name": "ipconfig1",
                "isPrimary": True,
                "staticIPAddress": machine.source_ip,
                "recoveryStaticIPAddress": machine.azure_ip,
            }
        ],
    }


def _disks(machine: site.MachineSpec) -> list[Body]:
    return [
        {
            "diskId": f"{{{site.stable_uuid(f'{machine.name}-disk{number}')}}}",
            "diskName": f"disk{number}",
            "diskCapacityInBytes": size * site.GIB,
        }
        for number, size in enumerate(machine.disks_gib)
    ]
