"""Where Site Recovery keeps each property of a classic fabric and its parts, and what its absence means.

Names are those of REST version 2025-08-01. Shapes follow recorded answers: counts and loads as text, sizes of
datastores in GB as text, `9999-12-31` without a zone for "does not expire".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from failback.azure.fields import (
    Field,
    Row,
    Table,
    expiry,
    field,
    health_errors,
    listed,
    moment,
    number,
    outside,
    text,
    whole,
    words,
)
from wizard_steps.reading import Reading
from wizard_steps.seen_in_azure import Load

_WORDS_OF_VERSIONS = {
    "supported": 0,
    "updaterequired": 1,
    "securityupdaterequired": 1,
    "deprecated": 1,
    "notsupported": 3,
}
_STRANGE_WORD = 2  # worse than a known word that asks for an update, because it may say that nothing works


def _less_supported(word: str) -> int:
    """Return how bad a word for the state of a version is (AgentVersionStatus)."""
    return _WORDS_OF_VERSIONS.get(word.casefold(), _STRANGE_WORD)


def _sooner(expires: datetime | None) -> tuple[bool, float]:
    """Return how bad an expiry is: the sooner the worse; never is best."""
    return (False, 0.0) if expires is None else (True, -expires.timestamp())


_AGENT: Table = {
    "agent_version": field(("agentVersion", "agentVersionDetails.version"), text),
    "agent_expires": field(("agentVersionDetails.expiryDate", "agentExpiryDate"), expiry, badness=_sooner),
    "version_status": field(("agentVersionDetails.status", "versionStatus"), text, badness=_less_supported),
}
"""The version details are the newer place; both were seen side by side in recordings, with the same values.

Microsoft does not say which of them is right where they differ, so the worse one counts: neither may hide the other.
"""

CONFIGURATION_SERVER: Table = {
    **{
        name: replace(one, paths=tuple(f"properties.customDetails.{path}" for path in one.paths))
        for name, one in _AGENT.items()
    },
    "host_name": field("properties.customDetails.hostName", outside, absent=None),
    "ip_address": field("properties.customDetails.ipAddress", text),
    "last_heartbeat": field("properties.customDetails.lastHeartbeat", moment),
    "service_status": field("properties.customDetails.csServiceStatus", text),
    "certificate_expires": field("properties.customDetails.sslCertExpiryDate", expiry),
    "health": field("properties.health", text),
    "health_errors": field("properties.healthErrorDetails", health_errors, absent=()),
    "bcdr_state": field("properties.bcdrState", text),
}

PROCESS_SERVER: Table = {
    **_AGENT,
    "ip_address": field("ipAddress", text),
    "os_type": field("osType", text),
    "last_heartbeat": field("lastHeartbeat", moment),
    "service_status": field("psServiceStatus", text),
    "health": field("health", text),
    "health_errors": field("healthErrors", health_errors, absent=()),
    "memory_total": field("totalMemoryInBytes", whole),
    "memory_available": field("availableMemoryInBytes", whole),
    "space_total": field("totalSpaceInBytes", whole),
    "space_available": field("availableSpaceInBytes", whole),
    "upload_pending": field("throughputUploadPendingDataInBytes", whole),
    "throughput": field("throughputInBytes", whole),
    "machine_count": field("machineCount", whole),
    "certificate_expires": field("sslCertExpiryDate", expiry),
}

MASTER_TARGET: Table = {
    **_AGENT,
    "ip_address": field("ipAddress", text),
    "os_type": field("osType", text),
    "os_version": field("osVersion", outside, absent=None),
    "last_heartbeat": field("lastHeartbeat", moment),
    "disk_count": field("diskCount", whole),
    "health_errors": field("healthErrors", health_errors, absent=()),
    "validation_errors": field("validationErrors", health_errors, absent=()),
}

RETENTION_VOLUME: Table = {
    "capacity": field("capacityInBytes", whole),
    "free": field("freeSpaceInBytes", whole),
}

DATASTORE: Table = {
    "uuid": field("uuid", text),
    "kind": field("type", text),
    "capacity_gb": field("capacity", number),
    "free_gb": field("freeSpace", number),
}

PROVIDER: Table = {
    "connection_status": field("properties.connectionStatus", text),
    "last_heartbeat": field("properties.lastHeartBeat", moment),
    "health_errors": field("properties.healthErrorDetails", health_errors, absent=()),
}

VCENTER: Table = {
    "address": field("properties.ipAddress", text),
    "port": field("properties.port", whole),
    "discovery_status": field("properties.discoveryStatus", text),
    "last_heartbeat": field("properties.lastHeartbeat", moment),
    "infrastructure_id": field("properties.infrastructureId", text),
    "run_as_account_id": field("properties.runAsAccountId", text, absent=None),
    "health_errors": field("properties.healthErrors", health_errors, absent=()),
}

MAPPING: Table = {
    "instance_type": field("properties.providerSpecificDetails.instanceType", text),
    "policy_id": field("properties.policyId", text),
    "target_container_id": field("properties.targetProtectionContainerId", text),
    "state": field("properties.state", text),
    "health": field("properties.health", text),
    "health_errors": field("properties.healthErrorDetails", health_errors, absent=()),
}

POLICY: Table = {
    "instance_type": field("properties.providerSpecificDetails.instanceType", text),
    "rpo_threshold_minutes": field("properties.providerSpecificDetails.recoveryPointThresholdInMinutes", whole),
    # The modernized policies name the same thing `...InMinutes`; the classic figure is minutes too, unnamed.
    "history_minutes": field(
        (
            "properties.providerSpecificDetails.recoveryPointHistory",
            "properties.providerSpecificDetails.recoveryPointHistoryInMinutes",
        ),
        whole,
    ),
    "app_consistent_minutes": field("properties.providerSpecificDetails.appConsistentFrequencyInMinutes", whole),
}


def _scenario(raw: object) -> str | None:
    """Return the name of the running scenario; `None`, with its start in 1753, is Azure's word for "none"."""
    word = text(raw)
    return None if word.casefold() == "none" else word


_DETAILS = "properties.providerSpecificDetails"

PROTECTED_ITEM: Table = {
    "instance_type": field(f"{_DETAILS}.instanceType", text),
    "active_location": field("properties.activeLocation", text),
    "protection_state": field("properties.protectionState", text),
    "allowed_operations": field("properties.allowedOperations", words),
    "current_scenario": field("properties.currentScenario.scenarioName", _scenario, absent=None),
    "replication_health": field("properties.replicationHealth", text),
    "policy_id": field("properties.policyId", text, absent=None),
    "target_vm_id": field((f"{_DETAILS}.targetVmId", f"{_DETAILS}.azureVirtualMachineId"), text, absent=None),
    "recovery_resource_group_id": field(
        (f"{_DETAILS}.recoveryAzureResourceGroupId", f"{_DETAILS}.targetResourceGroupId"), text
    ),
    "os_type": field((f"{_DETAILS}.osType", f"{_DETAILS}.osDetails.osType"), text),
    "os_version": field((f"{_DETAILS}.osVersion", f"{_DETAILS}.osName"), outside, absent=None),
    "source_ip_address": field((f"{_DETAILS}.ipAddress", f"{_DETAILS}.primaryNicIpAddress"), text, absent=None),
    "agent_version": field(
        (
            f"{_DETAILS}.agentVersion",
            f"{_DETAILS}.agentDetails.agentVersion",
            f"{_DETAILS}.mobilityAgentDetails.version",
        ),
        text,
        absent=None,
    ),
    "last_heartbeat": field((f"{_DETAILS}.lastHeartbeat", f"{_DETAILS}.mobilityAgentDetails.lastHeartbeatUtc"), moment),
    "infrastructure_vm_id": field(f"{_DETAILS}.infrastructureVmId", text, absent=None),
    "vcenter_infrastructure_id": field(f"{_DETAILS}.vCenterInfrastructureId", text, absent=None),
    "discovery_type": field(f"{_DETAILS}.discoveryType", text, absent=None),
    "consistency_group_id": field(f"{_DETAILS}.multiVmGroupId", text, absent=None),
    "consistency_group_name": field(f"{_DETAILS}.multiVmGroupName", outside, absent=None),
    "process_server_id": field(f"{_DETAILS}.processServerId", text, absent=None),
    "health_errors": field("properties.healthErrors", health_errors, absent=()),
    "validation_errors": field(f"{_DETAILS}.validationErrors", health_errors, absent=()),
}

AFTER_REPROTECT: Table = {
    # Once it replicates home, Site Recovery names no Azure VM any more: the machine runs there all the same.
    "target_vm_id": field((f"{_DETAILS}.targetVmId", f"{_DETAILS}.azureVirtualMachineId"), text),
}

MASTER_TARGET_OF_ITEM: Field[str | None] = field(f"{_DETAILS}.masterTargetId", text, absent=None)
DISKS_OF_ITEM = field(f"{_DETAILS}.protectedDisks", listed)
NICS_OF_ITEM = field(f"{_DETAILS}.vmNics", listed, absent=[])
DISK_CAPACITY = field(("diskCapacityInBytes", "capacityInBytes"), whole)

_LOADS = {
    "system": ("systemLoadStatus", "systemLoad"),
    "cpu": ("cpuLoadStatus", "cpuLoad"),
    "memory": ("memoryUsageStatus", "availableMemoryInBytes"),
    "space": ("spaceUsageStatus", "availableSpaceInBytes"),
    "throughput": ("throughputStatus", "throughputInBytes"),
    "web": ("webLoadStatus", "webLoad"),
    "database": ("databaseServerLoadStatus", "databaseServerLoad"),
}

PROCESS_SERVER_LOADS = ("system", "cpu", "memory", "space", "throughput")
CONFIGURATION_SERVER_LOADS = ("system", "cpu", "memory", "space", "web", "database")


def loads(row: Row, names: tuple[str, ...], below: str = "") -> dict[str, Load]:
    """Return the named loads of a server; `below` is where its properties start."""

    def read(path: str) -> Reading[str]:
        return row.read(field(below + path, text))

    return {name: Load(read(_LOADS[name][0]), read(_LOADS[name][1])) for name in names}
