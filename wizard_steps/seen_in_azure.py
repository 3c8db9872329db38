"""What was seen in Azure, as plain frozen data: site recovery, compute and network.

Names follow the service's own terms (protected item, fabric, process server, master target). Azure compares
ids without case: `same_id` does. Every time is aware, UTC; sizes are bytes; words are kept as Azure sent them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen
from wizard_steps.seen_by_probes import ProbeAnswers
from wizard_steps.seen_in_azure_compute import AzureVm, SizeOffer, Usage
from wizard_steps.seen_in_azure_networks import (
    Circuit,
    Connection,
    Gateway,
    NetworkInterface,
    Peering,
    VirtualHub,
    VirtualNetwork,
)

__all__ = [
    "AzureVm",
    "Circuit",
    "ConfigurationServer",
    "Connection",
    "ContainerMapping",
    "Gateway",
    "HealthError",
    "ListedDatastore",
    "Load",
    "MasterTarget",
    "NetworkInterface",
    "OtherFabric",
    "Peering",
    "Policy",
    "ProcessServer",
    "ProtectedDisk",
    "ProtectedItem",
    "Provider",
    "ReplicatedNic",
    "RetentionVolume",
    "RunAsAccount",
    "SeenInAzure",
    "SizeOffer",
    "Usage",
    "VCenterRecord",
    "VirtualHub",
    "VirtualNetwork",
    "same_id",
]


def same_id(one: str, other: str) -> bool:
    """Tell whether two ARM ids name the same resource."""
    return one.casefold().rstrip("/") == other.casefold().rstrip("/")


@dataclass(frozen=True)
class HealthError:
    """An error that site recovery itself reports of one of its parts."""

    code: str
    level: str  # Error, Warning, Information
    message: Outside
    possible_causes: Outside | None
    recommended_action: Outside | None


@dataclass(frozen=True)
class Load:
    """A load figure of a server: the word Azure judges it with, and the figure as it was sent."""

    word: Reading[str]
    figure: Reading[str]


@dataclass(frozen=True)
class RetentionVolume:
    """A volume that the master target offers for retention: `R`, or `/mnt/retention`."""

    name: Outside
    capacity: Reading[int]
    free: Reading[int]


@dataclass(frozen=True)
class ListedDatastore:
    """A datastore as site recovery lists it for a master target; sizes in GB as Azure sends them."""

    name: Outside
    uuid: Reading[str]
    kind: Reading[str]
    capacity_gb: Reading[float]
    free_gb: Reading[float]


@dataclass(frozen=True)
class ProcessServer:
    """A process server, as its configuration server's fabric describes it."""

    id: str
    name: Outside
    ip_address: Reading[str]
    os_type: Reading[str]
    agent_version: Reading[str]
    agent_expires: Reading[datetime | None]
    version_status: Reading[str]
    last_heartbeat: Reading[datetime]
    service_status: Reading[str]
    health: Reading[str]
    health_errors: Reading[tuple[HealthError, ...]]
    loads: Mapping[str, Load]  # system, cpu, memory, space, throughput
    memory_total: Reading[int]
    memory_available: Reading[int]
    space_total: Reading[int]
    space_available: Reading[int]
    upload_pending: Reading[int]
    throughput: Reading[int]
    machine_count: Reading[int]
    certificate_expires: Reading[datetime | None]


@dataclass(frozen=True)
class MasterTarget:
    """A master target, as its configuration server's fabric describes it."""

    id: str
    name: Outside
    ip_address: Reading[str]
    os_type: Reading[str]
    os_version: Reading[Outside | None]
    agent_version: Reading[str]
    agent_expires: Reading[datetime | None]
    version_status: Reading[str]
    last_heartbeat: Reading[datetime]
    disk_count: Reading[int]
    retention_volumes: Reading[tuple[RetentionVolume, ...]]
    datastores: Reading[tuple[ListedDatastore, ...]]
    health_errors: Reading[tuple[HealthError, ...]]
    validation_errors: Reading[tuple[HealthError, ...]]


@dataclass(frozen=True)
class Provider:
    """The recovery services provider of a configuration server: its line to Azure."""

    id: str
    name: str
    connection_status: Reading[str]
    last_heartbeat: Reading[datetime]
    health_errors: Reading[tuple[HealthError, ...]]


@dataclass(frozen=True)
class VCenterRecord:
    """A vCenter or ESXi host that is registered in the vault."""

    id: str
    name: Outside
    address: Reading[str]
    port: Reading[int]
    discovery_status: Reading[str]
    last_heartbeat: Reading[datetime]
    infrastructure_id: Reading[str]
    run_as_account_id: Reading[str | None]
    health_errors: Reading[tuple[HealthError, ...]]


@dataclass(frozen=True)
class ContainerMapping:
    """What ties a policy to a protection container. A failback mapping points at its own container."""

    id: str
    name: str
    instance_type: Reading[str]
    policy_id: Reading[str]
    container_id: str
    target_container_id: Reading[str]
    state: Reading[str]
    health: Reading[str]
    health_errors: Reading[tuple[HealthError, ...]]


@dataclass(frozen=True)
class RunAsAccount:
    """A label under which the configuration server keeps a credential."""

    id: str
    name: Outside


@dataclass(frozen=True)
class ConfigurationServer:
    """A classic configuration server: a fabric of type VMware and all that hangs on it."""

    id: str  # ARM id of the fabric
    fabric_name: str
    name: Outside
    host_name: Reading[Outside | None]
    ip_address: Reading[str]
    agent_version: Reading[str]
    agent_expires: Reading[datetime | None]
    version_status: Reading[str]
    last_heartbeat: Reading[datetime]
    service_status: Reading[str]
    health: Reading[str]
    health_errors: Reading[tuple[HealthError, ...]]
    bcdr_state: Reading[str]
    loads: Mapping[str, Load]  # system, cpu, memory, space, web, database
    certificate_expires: Reading[datetime | None]
    process_servers: Reading[tuple[ProcessServer, ...]]
    master_targets: Reading[tuple[MasterTarget, ...]]
    run_as_accounts: Reading[tuple[RunAsAccount, ...]]
    providers: Reading[tuple[Provider, ...]]
    vcenters: Reading[tuple[VCenterRecord, ...]]
    container_ids: Reading[tuple[str, ...]]
    mappings: Reading[tuple[ContainerMapping, ...]]


@dataclass(frozen=True)
class OtherFabric:
    """A fabric of another kind: `architecture` is modernized (InMageRcm, VMwareV2) or the raw type word."""

    id: str
    name: Outside
    instance_type: str
    architecture: str


@dataclass(frozen=True)
class ProtectedDisk:
    """A disk that site recovery protects."""

    id: str
    name: Outside
    capacity: Reading[int]


@dataclass(frozen=True)
class ReplicatedNic:
    """A network adapter of the on-premises machine as site recovery knows it, and its address there."""

    id: str
    source_address: Reading[str | None]
    recovery_address: Reading[str | None]


@dataclass(frozen=True)
class ProtectedItem:
    """A replication protected item: one machine. `instance_type` tells the provider and the direction.

    InMageAzureV2 replicates on-premises -> Azure, InMage Azure -> on-premises, InMageRcm* is modernized.
    """

    id: str
    name: str
    machine_name: Outside  # the friendly name
    fabric_id: str
    container_id: str
    instance_type: Reading[str]
    active_location: Reading[str]
    protection_state: Reading[str]
    allowed_operations: Reading[tuple[str, ...]]
    current_scenario: Reading[str | None]
    replication_health: Reading[str]
    policy_id: Reading[str | None]
    target_vm_id: Reading[str | None]  # None: no Azure VM, it was never failed over
    recovery_resource_group_id: Reading[str | None]
    os_type: Reading[str]
    os_version: Reading[Outside | None]
    source_ip_address: Reading[str | None]
    agent_version: Reading[str | None]
    last_heartbeat: Reading[datetime]
    infrastructure_vm_id: Reading[str | None]  # instance UUID of the on-premises machine; None: physical
    vcenter_infrastructure_id: Reading[str | None]
    discovery_type: Reading[str | None]
    protectable_item_found: Reading[bool]  # its protectable item resolves
    consistency_group_id: Reading[str | None]
    consistency_group_name: Reading[Outside | None]
    process_server_id: Reading[str | None]
    master_target_id: Reading[str | None]  # only after reprotect
    disks: Reading[tuple[ProtectedDisk, ...]]
    nics: Reading[tuple[ReplicatedNic, ...]]
    recovery_point_count: Reading[int]
    health_errors: Reading[tuple[HealthError, ...]]
    validation_errors: Reading[tuple[HealthError, ...]]


@dataclass(frozen=True)
class Policy:
    """A replication policy. All three figures are minutes, as the service states them."""

    id: str
    name: Outside
    instance_type: Reading[str]  # InMage: failback
    rpo_threshold_minutes: Reading[int]
    history_minutes: Reading[int]
    app_consistent_minutes: Reading[int]


_HUBS_UNREAD: Reading[Any] = not_seen("the hubs of virtual WANs were not read")
_QUOTA_UNREAD: Reading[Any] = not_seen("the quota of the vault's location was not read")


@dataclass(frozen=True)
class SeenInAzure:
    """Everything one look at Azure brought back. A list that could not be read is one unseen reading.

    `vms` maps a VM's id, case folded, to what was seen: the VM, or None when Azure says there is none (404).
    `sizes` and `usages` are those of the vault's location. `probed` is None while nobody has probed.
    """

    vault_id: str
    vault_location: Reading[str]
    configuration_servers: Reading[tuple[ConfigurationServer, ...]]
    other_fabrics: Reading[tuple[OtherFabric, ...]]
    protected_items: Reading[tuple[ProtectedItem, ...]]
    policies: Reading[tuple[Policy, ...]]
    vms: Mapping[str, Reading[AzureVm | None]]
    network_interfaces: Reading[tuple[NetworkInterface, ...]]
    networks: Reading[tuple[VirtualNetwork, ...]]
    gateways: Reading[tuple[Gateway, ...]]
    circuits: Reading[tuple[Circuit, ...]]
    hubs: Reading[tuple[VirtualHub, ...]] = _HUBS_UNREAD
    sizes: Reading[Mapping[str, SizeOffer]] = _QUOTA_UNREAD  # by name, case folded
    usages: Reading[tuple[Usage, ...]] = _QUOTA_UNREAD
    probed: ProbeAnswers | None = None

    def interface(self, nic_id: str) -> NetworkInterface | None:
        """Return the network interface of that id; None: it was not among those read."""
        return self._interface_by_id.get(nic_id.casefold().rstrip("/"))

    @cached_property
    def _interface_by_id(self) -> Mapping[str, NetworkInterface]:
        return {one.id.casefold().rstrip("/"): one for one in self.network_interfaces.value}

    def interfaces_at(self, address: str) -> tuple[NetworkInterface, ...]:
        """Return the network interfaces with a private address; raises `NotSeen` when those of one were not read."""
        _looked_at = self.network_interfaces.value
        return self._interfaces_by_address.get(address, ())

    @cached_property
    def _interfaces_by_address(self) -> Mapping[str, tuple[NetworkInterface, ...]]:
        found: dict[str, tuple[NetworkInterface, ...]] = {}
        for one in self.network_interfaces.value:
            for address, _subnet in one.addresses.value:
                found[address] = (*found.get(address, ()), one)
        return found

    def vm(self, vm_id: str) -> Reading[AzureVm | None]:
        """Return what was seen of a VM by its ARM id; a VM nobody looked for is not seen."""
        return self.vms.get(vm_id.casefold(), not_seen("this Azure VM was not read"))

    @staticmethod
    def unseen(vault_id: str, reason: str) -> SeenInAzure:
        """Return what is known of a vault that could not be read at all."""
        nothing: Reading[Any] = not_seen(reason)
        return SeenInAzure(vault_id, *(nothing,) * 5, {}, *(nothing,) * 4)
