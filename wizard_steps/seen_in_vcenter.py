"""What was seen in vCenter, as plain frozen data. Names are those of the vSphere API where it has one.

An object's `ref` is its managed object id (`vm-42`), unique within the vCenter named by `instance_uuid`.
Sizes are bytes unless a name says otherwise. Heavy values are read only for machines that matter; on all
others they are "not seen: not read in depth".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_around_machines import AccountGrant, Datacenter, DiskFile, Network, NetworkAdapter, Role
from wizard_steps.seen_in_guest import LOOK_INSIDE, SeenInGuest

NOT_IN_DEPTH = "not read in depth: only master targets, the configuration server and chosen machines are"


_SHALLOW: Reading[Any] = not_seen(NOT_IN_DEPTH)
_NO_BEHAVIORS: Reading[Any] = seen({})
_STORAGE_UNREAD: Reading[Any] = not_seen("the storage system of the host was not read")
_LICENCE_UNREAD: Reading[Any] = not_seen("the licence of the host was not read")
_NETWORKS_UNREAD: Reading[Any] = not_seen("the networks were not read")
_DATACENTERS_UNREAD: Reading[Any] = not_seen("the datacenters were not read")
_NOBODY_NAMED: Reading[Any] = not_seen("the account that site recovery uses is not named in the profile")
_NOT_SEARCHED: Reading[Any] = not_seen("no disk is missing, so the datastores were not searched")


@dataclass(frozen=True)
class Snapshot:
    """A node of a machine's snapshot tree, flattened parent first."""

    name: Outside
    created_at: datetime
    ref: str


@dataclass(frozen=True)
class ScsiController:
    """A storage controller; `kind` is the vSphere class without `Virtual`.

    LsiLogicController, LsiLogicSASController, ParaVirtualSCSIController, BusLogicController, NVMEController,
    AHCIController (SATA; it carries the optical drive and is no SCSI controller).
    """

    key: int
    kind: str
    bus_number: int
    label: str
    disk_keys: tuple[int, ...] = ()
    shared_bus: str = "noSharing"


@dataclass(frozen=True)
class VirtualDisk:
    """A virtual disk. `file_name` is `[datastore] folder/name.vmdk`; `uuid` is its backing's UUID.

    `backing` is the vSphere type of its backing, `mode` how it takes writes (persistent, independent_persistent ...).
    """

    key: int
    label: str
    controller_key: int
    unit_number: int | None
    capacity: int
    datastore_ref: str | None
    file_name: Outside
    uuid: str | None = None
    has_parent: bool = False
    is_raw_device: bool = False
    backing: str = "VirtualDiskFlatVer2BackingInfo"
    mode: str = "persistent"


@dataclass(frozen=True)
class GuestVolume:
    """A file system that VMware Tools reports. `file_system` is absent before vSphere 7.0 (not seen)."""

    path: Outside
    capacity: int
    free: int
    file_system: Reading[str]
    disk_keys: Reading[tuple[int, ...]]


@dataclass(frozen=True)
class GuestNic:
    """A network adapter as the guest reports it; `addresses` are (address, prefix length) pairs."""

    network: Outside
    connected: bool
    addresses: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Relocation:
    """A storage relocation or migration found in the event log."""

    at: datetime
    kind: str
    user: Outside
    from_datastore: Outside | None
    to_datastore: Outside | None


@dataclass(frozen=True)
class VirtualMachine:
    """A virtual machine. The first block is read for every machine, the second only in depth."""

    ref: str
    name: Outside
    instance_uuid: Reading[str]
    bios_uuid: Reading[str]
    power_state: Reading[str]  # poweredOn, poweredOff, suspended
    connection_state: Reading[str]
    host_ref: Reading[str]
    datastore_refs: Reading[tuple[str, ...]]
    ip_addresses: Reading[tuple[str, ...]]
    dns_name: Reading[Outside | None]
    memory_mb: Reading[int]
    cpu_count: Reading[int]
    guest_id: Reading[str]
    is_template: Reading[bool]
    guest_nics: Reading[tuple[GuestNic, ...]] = _SHALLOW
    # Its configuration, `[datastore] folder/name.vmx`: a VM is at home in the folder of it.
    vmx_file: Reading[str] = _SHALLOW
    # --- in depth
    change_version: Reading[str] = _SHALLOW
    extra_config: Reading[Mapping[str, Outside]] = _SHALLOW
    disk_uuid_flag: Reading[bool] = _SHALLOW
    disks: Reading[tuple[VirtualDisk, ...]] = _SHALLOW
    controllers: Reading[tuple[ScsiController, ...]] = _SHALLOW
    connected_nics: Reading[int] = _SHALLOW
    network_adapters: Reading[tuple[NetworkAdapter, ...]] = _SHALLOW
    snapshots: Reading[tuple[Snapshot, ...]] = _SHALLOW
    longest_disk_chain: Reading[int] = _SHALLOW
    consolidation_needed: Reading[bool] = _SHALLOW
    boot_time: Reading[datetime | None] = _SHALLOW
    created_at: Reading[datetime | None] = _SHALLOW
    guest_full_name: Reading[Outside | None] = _SHALLOW
    guest_volumes: Reading[tuple[GuestVolume, ...]] = _SHALLOW
    tools_running: Reading[str] = _SHALLOW
    tools_version_status: Reading[str] = _SHALLOW
    tools_installer_mounted: Reading[bool] = _SHALLOW
    # When disk.EnableUUID was last written, from the event log; None: the log does not reach back.
    enable_uuid_set_at: Reading[datetime | None] = _SHALLOW
    relocations: Reading[tuple[Relocation, ...]] = _SHALLOW
    # When snapshots were made in the last seven days, from the event log.
    snapshot_events: Reading[tuple[datetime, ...]] = _SHALLOW
    # --- only after a look inside, which is a change and wants guest credentials
    inside: Reading[SeenInGuest] = LOOK_INSIDE


@dataclass(frozen=True)
class Mount:
    """How one ESXi host mounts a datastore. `access_mode` is readWrite or readOnly."""

    host_ref: str
    access_mode: str
    mounted: bool
    accessible: bool
    inaccessible_reason: str | None = None


@dataclass(frozen=True)
class Datastore:
    """A datastore; `kind` is the vSphere type word (VMFS, NFS, NFS41, vsan, VVOL, OTHER)."""

    ref: str
    name: Outside
    kind: Reading[str]
    capacity: Reading[int]
    free: Reading[int]
    accessible: Reading[bool]
    maintenance_mode: Reading[str]
    mounts: Reading[tuple[Mount, ...]]
    pod_ref: Reading[str | None]
    vmfs_uuid: Reading[str | None]


@dataclass(frozen=True)
class Host:
    """An ESXi host. `memory_used_mb` is the live figure of its quick statistics."""

    ref: str
    name: Outside
    connection_state: Reading[str]
    in_maintenance: Reading[bool]
    overall_status: Reading[str]
    version: Reading[str]
    memory_mb: Reading[int]
    memory_used_mb: Reading[int]
    cpu_mhz: Reading[int]
    cpu_used_mhz: Reading[int]
    cluster_ref: Reading[str | None]
    datastore_refs: Reading[tuple[str, ...]]
    vm_refs: Reading[tuple[str, ...]]
    # editionKey of the licence assigned to the host; None: none assigned
    licence_edition: Reading[str | None] = _LICENCE_UNREAD
    # managed object id of its HostStorageSystem
    storage_system_ref: Reading[str | None] = _STORAGE_UNREAD


@dataclass(frozen=True)
class Cluster:
    """A cluster and its DRS settings. `drs_overrides` maps a machine's ref to "is DRS allowed to move it"."""

    ref: str
    name: Outside
    drs_enabled: Reading[bool]
    drs_overrides_allowed: Reading[bool]
    drs_overrides: Reading[Mapping[str, bool]]
    # DRS automation level of the same entries, where they name one: an entry that is edited keeps it.
    drs_override_behaviors: Reading[Mapping[str, str]] = _NO_BEHAVIORS


@dataclass(frozen=True)
class StoragePod:
    """A datastore cluster and its Storage DRS settings. `default_behavior` is manual or automated.

    `overrides` maps a machine's ref to (enabled, behavior); either may be None: "as the pod".
    """

    ref: str
    name: Outside
    enabled: Reading[bool]
    default_behavior: Reading[str]
    overrides: Reading[Mapping[str, tuple[bool | None, str | None]]]


@dataclass(frozen=True)
class SeenInVCenter:
    """Everything one look at vCenter brought back. A list that could not be read is one unseen reading."""

    host: str  # the address of the profile
    instance_uuid: Reading[str]
    version: Reading[str]
    is_single_host: Reading[bool]
    machines: Reading[tuple[VirtualMachine, ...]]
    hosts: Reading[tuple[Host, ...]]
    datastores: Reading[tuple[Datastore, ...]]
    clusters: Reading[tuple[Cluster, ...]]
    pods: Reading[tuple[StoragePod, ...]]
    # Privileges of the account that site recovery uses, by entity ref; read when the profile names the account.
    account_privileges: Reading[Mapping[str, frozenset[str]]]
    # --- what only changes ask for
    networks: Reading[tuple[Network, ...]] = _NETWORKS_UNREAD
    datacenters: Reading[tuple[Datacenter, ...]] = _DATACENTERS_UNREAD
    # What the same account has on each datacenter, and every role there is; read when the profile names the account.
    account_grants: Reading[tuple[AccountGrant, ...]] = _NOBODY_NAMED
    roles: Reading[tuple[Role, ...]] = _NOBODY_NAMED
    # Where the disks lie that a master target had and has no more; searched for only when one is missing.
    disk_files: Reading[tuple[DiskFile, ...]] = _NOT_SEARCHED

    def machines_with(self, instance_uuid: str) -> tuple[VirtualMachine, ...]:
        """Return the machines known to have an instance UUID; raises `NotSeen` when the machines were not read."""
        _looked_at = self.machines.value
        found = self._by_instance_uuid.get(instance_uuid.casefold(), ())
        _known_by = [one.instance_uuid.value for one in found]  # whoever asks looked at these
        return found

    @cached_property
    def _by_instance_uuid(self) -> Mapping[str, tuple[VirtualMachine, ...]]:
        found: dict[str, tuple[VirtualMachine, ...]] = {}
        for one in self.machines.value:
            if one.instance_uuid.was_seen:
                uuid = one.instance_uuid.value.casefold()
                found[uuid] = (*found.get(uuid, ()), one)
        return found

    @cached_property
    def without_instance_uuid(self) -> tuple[VirtualMachine, ...]:
        """The machines whose instance UUID was not read: each might be any machine."""
        return tuple(one for one in self.machines.value if not one.instance_uuid.was_seen)

    @staticmethod
    def unseen(host: str, reason: str) -> SeenInVCenter:
        """Return what is known of a vCenter that could not be read at all."""
        nothing: Reading[Any] = not_seen(reason)
        return SeenInVCenter(host, *(nothing,) * 14)
