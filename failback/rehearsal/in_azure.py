"""The rehearsal site's half in Azure: the JSON that Azure would answer, built from the description.

Field names and shapes follow recorded answers of the service (counts and sizes as strings, an id in four groups,
`9999-12-31` without a zone); a heartbeat is a function of the time, so it stays fresh while the clock runs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from failback.rehearsal import description as site
from failback.rehearsal.arm_wire import ArmWire
from failback.rehearsal.azure_machines import put_connection, put_networks, put_process_server_vm, put_watcher
from failback.rehearsal.protected_items import put_machine

Body = dict[str, Any]
_NEVER = "9999-12-31T23:59:59.9999999"

# What a configuration server at rest says of its load; Azure gives these as words and as text.
_LOADS: Body = {
    "systemLoad": "0",
    "systemLoadStatus": "Green",
    "cpuLoad": "9%",
    "cpuLoadStatus": "Green",
    "totalMemoryInBytes": 20266405888,
    "availableMemoryInBytes": 11905888256,
    "memoryUsageStatus": "Green",
    "totalSpaceInBytes": 644245094400,
    "availableSpaceInBytes": 498216206336,
    "spaceUsageStatus": "Green",
    "webLoad": "0",
    "webLoadStatus": "Green",
    "databaseServerLoad": "0.25",
    "databaseServerLoadStatus": "Green",
    "processServerCount": "2",
    "replicationPairCount": "0",
}


def ago(*, minutes: float = 0, hours: float = 0) -> Callable[[datetime], datetime]:
    """Return a moment that stays so long ago, however far the clock runs."""
    return lambda now: now - timedelta(minutes=minutes, hours=hours)


def build(arm: ArmWire, start: datetime) -> None:
    """Put everything that stands in Azure into `arm`; `start` is the clock's first moment."""
    arm.put(
        site.vault_id(),
        {"location": site.LOCATION, "properties": {"provisioningState": "Succeeded"}, "sku": {"name": "Standard"}},
    )
    arm.put(site.fabric_id(), _fabric(start))
    arm.put(site.provider_id(), _provider())
    arm.put(
        site.container_id(),
        {
            "properties": {
                "friendlyName": site.CONFIGURATION_SERVER,
                "fabricType": "VMware",
                "fabricFriendlyName": site.CONFIGURATION_SERVER,
                "protectedItemCount": len(site.MACHINES),
                "pairingStatus": "Paired",
            }
        },
    )
    _policies(arm)
    arm.put(f"{site.fabric_id()}/replicationvCenters/osaka-vcenter", _vcenter_record())
    for machine in site.MACHINES:
        put_machine(arm, machine, start)
    put_process_server_vm(arm, start)
    put_networks(arm)
    put_connection(arm)
    put_watcher(arm)


def _fabric(start: datetime) -> Body:
    return {
        "properties": {
            "friendlyName": site.CONFIGURATION_SERVER,
            "internalIdentifier": site.stable_uuid("fabric"),
            "bcdrState": "Valid",
            "health": "Normal",
            "healthErrorDetails": [],
            "customDetails": {
                "instanceType": "VMware",
                "hostName": site.CONFIGURATION_SERVER,
                "ipAddress": site.CONFIGURATION_SERVER_IP,
                "csServiceStatus": "Running",
                "lastHeartbeat": ago(minutes=1),
                "agentVersion": site.AGENT_VERSION,
                "versionStatus": "Supported",
                "agentExpiryDate": _NEVER,
                "agentVersionDetails": _version(),
                "sslCertExpiryDate": start + timedelta(days=700),
                "sslCertExpiryRemainingDays": 700,
                **_LOADS,
                "agentCount": str(len(site.MACHINES)),
                "protectedServers": str(len(site.MACHINES)),
                "runAsAccounts": [
                    {"accountId": "1", "accountName": "vcenter"},
                    {"accountId": "2", "accountName": "windows"},
                ],
                "processServers": [
                    _process_server(
                        start, site.CONFIGURATION_SERVER, site.CONFIGURATION_SERVER_ID, site.CONFIGURATION_SERVER_IP
                    ),
                    _process_server(start, site.PROCESS_SERVER, site.PROCESS_SERVER_ID, site.PROCESS_SERVER_IP),
                ],
                "masterTargetServers": [_master_target(target) for target in site.TARGETS],
            },
        }
    }


def _version() -> Body:
    return {"version": site.AGENT_VERSION, "expiryDate": _NEVER, "status": "Supported"}


def _process_server(start: datetime, name: str, identity: str, address: str) -> Body:
    return {
        "friendlyName": name,
        "id": identity,
        "hostId": identity,
        "ipAddress": address,
        "osType": "Windows",
        "osVersion": None,
        "agentVersion": site.AGENT_VERSION,
        "versionStatus": "Supported",
        "agentExpiryDate": _NEVER,
        "agentVersionDetails": _version(),
        "lastHeartbeat": ago(minutes=2),
        "psServiceStatus": "Running",
        "machineCount": "0",
        "replicationPairCount": "0",
        "systemLoad": "0",
        "systemLoadStatus": "Green",
        "cpuLoad": "7%",
        "cpuLoadStatus": "Green",
        "totalMemoryInBytes": 17179869184,
        "availableMemoryInBytes": 11274289152,
        "memoryUsageStatus": "Green",
        "totalSpaceInBytes": 644245094400,
        "availableSpaceInBytes": 590558003200,
        "spaceUsageStatus": "Green",
        "throughputStatus": "Green",
        "throughputInMBps": 0,
        "throughputInBytes": 0,
        "throughputUploadPendingDataInBytes": 0,
        "psStatsRefreshTime": ago(minutes=2),
        "health": "Normal",
        "healthErrors": [],
        "sslCertExpiryDate": start + timedelta(days=700),
        "sslCertExpiryRemainingDays": 700,
        "marsCommunicationStatus": "1",
        "marsRegistrationStatus": "1",
    }


def _master_target(target: site.TargetSpec) -> Body:
    shared = [one for one in site.DATASTORES if one.kind == "VMFS" and target.host in one.hosts]
    return {
        "id": site.target_id(target.name),
        "name": target.name,
        "ipAddress": target.ip,
        "osType": target.os,
        "osVersion": target.os_version,
        "agentVersion": site.AGENT_VERSION,
        "versionStatus": "Supported",
        "agentExpiryDate": _NEVER,
        "agentVersionDetails": _version(),
        "lastHeartbeat": ago(minutes=2),
        "retentionVolumes": [retention_volume(target)],
        "diskCount": len(target.local_disks_gib),
        "dataStores": [
            {
                "symbolicName": one.name,
                "uuid": vmfs_uuid(one.name),
                "capacity": str(float(one.capacity_gib)),
                "freeSpace": str(float(one.free_gib)),
                "type": "VMFS",
            }
            for one in shared
        ],
        "validationErrors": [],
        "healthErrors": [],
    }


def retention_volume(target: site.TargetSpec) -> Body:
    """Return a target's retention volume as site recovery lists it."""
    return {
        "volumeName": target.retention,
        "capacityInBytes": target.retention_gib * site.GIB,
        "freeSpaceInBytes": target.retention_gib * site.GIB - 2 * site.GIB,
        "thresholdPercentage": None,
    }


def vmfs_uuid(name: str) -> str:
    """Return the UUID of a VMFS volume of this site, in the form ESXi writes it."""
    text = site.stable_uuid(name).replace("-", "")
    return f"{text[:8]}-{text[8:16]}-{text[16:20]}-{text[20:32]}"


def _provider() -> Body:
    return {
        "properties": {
            "fabricType": "VMware",
            "friendlyName": site.CONFIGURATION_SERVER,
            "fabricFriendlyName": site.CONFIGURATION_SERVER,
            "providerVersion": "5.1.8250.0",
            "serverVersion": site.AGENT_VERSION,
            "connectionStatus": "Connected",
            "lastHeartBeat": ago(minutes=2),
            "protectedItemCount": len(site.MACHINES),
            "healthErrorDetails": [],
        }
    }


def _policies(arm: ArmWire) -> None:
    arm.put(
        site.policy_id("osaka-24h"),
        {
            "properties": {
                "friendlyName": "osaka-24h",
                "providerSpecificDetails": {
                    "instanceType": "InMageAzureV2",
                    "recoveryPointThresholdInMinutes": 15,
                    "recoveryPointHistory": 1440,
                    "appConsistentFrequencyInMinutes": 60,
                    "crashConsistentFrequencyInMinutes": 5,
                    "multiVmSyncStatus": "Enabled",
                },
            }
        },
    )
    arm.put(
        site.policy_id("osaka-24h-failback"),
        {
            "properties": {
                "friendlyName": "osaka-24h-failback",
                "providerSpecificDetails": {
                    "instanceType": "InMage",
                    "recoveryPointThresholdInMinutes": 15,
                    "recoveryPointHistory": 1440,
                    "appConsistentFrequencyInMinutes": 60,
                    "multiVmSyncStatus": "Enabled",
                },
            }
        },
    )
    arm.put(
        site.mapping_id("osaka-forward"), _mapping("osaka-24h", "InMageAzureV2", "Microsoft Azure", "Microsoft Azure")
    )
    arm.put(site.mapping_id("osaka-failback"), failback_mapping())


def failback_mapping() -> Body:
    """Return the mapping that ties the failback policy to the configuration server: its container onto itself."""
    return _mapping("osaka-24h-failback", "InMage", site.container_id(), site.CONFIGURATION_SERVER)


def _mapping(policy: str, kind: str, target: str, target_name: str) -> Body:
    return {
        "properties": {
            "policyId": site.policy_id(policy),
            "policyFriendlyName": policy,
            "targetProtectionContainerId": target,
            "targetProtectionContainerFriendlyName": target_name,
            "sourceProtectionContainerFriendlyName": site.CONFIGURATION_SERVER,
            "sourceFabricFriendlyName": site.CONFIGURATION_SERVER,
            "targetFabricFriendlyName": target_name,
            "state": "Paired",
            "health": "Normal",
            "healthErrorDetails": [],
            "providerSpecificDetails": {"instanceType": kind},
        }
    }


def _vcenter_record() -> Body:
    return {
        "properties": {
            "friendlyName": "osaka-vcenter",
            "ipAddress": site.VCENTER,
            "port": "443",
            "runAsAccountId": "1",
            "infrastructureId": site.VCENTER_INFRASTRUCTURE,
            "internalId": site.stable_uuid("vcenter-record"),
            "discoveryStatus": "DiscoveryCompleted",
            "lastHeartbeat": ago(minutes=4),
            "processServerId": site.CONFIGURATION_SERVER_ID,
            "fabricArmResourceName": site.FABRIC,
            "healthErrors": [],
        }
    }
