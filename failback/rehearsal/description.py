"""The rehearsal site in words and figures: what stands on-premises in Osaka, and what was failed over to Azure.

This is the site with nothing wrong. `on_premises` and `in_azure` build the two wires from it, `faults` breaks it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

GIB = 2**30
TIB = 2**40
SUBSCRIPTION = "5e5ca11b-0000-4000-8000-00000000d0c5"
TENANT = "5e5ca11b-0000-4000-8000-000000007e4a"
RESOURCE_GROUP = "rg-osaka-dr"
VAULT = "rsv-osaka-dr"
LOCATION = "japanwest"
FABRIC = "8a2f4c1e90b75d36e1f0a4c8b2d69753"
CONTAINER = "cloud_5e5ca11b-9a44-4a3e-8f6e-0000000c5010"
PROVIDER = "5e5ca11b-0000-4000-8000-0000000ad001"
VCENTER = "vcenter.osaka.example.com"
VCENTER_UUID = "5e5ca11b-0000-4000-8000-00000000ac01"
VCENTER_INFRASTRUCTURE = "5e5ca11b-0000-4000-8000-0000000f0001"
ACCOUNT = "svc-asr@vsphere.local"
WINDOWS, LINUX = "Windows", "Linux"


def stable_uuid(name: str) -> str:
    """Return the UUID that always belongs to `name` on this site."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.osaka.example.com"))


@dataclass(frozen=True)
class MachineSpec:
    """A machine that was failed over. `datastore` holds its VM; None: a physical machine, or one deleted since."""

    name: str
    os: str
    os_version: str
    disks_gib: tuple[int, ...]
    target: str
    source_ip: str
    azure_ip: str
    datastore: str | None = "vmfs-03"
    host: str = "esx03"
    memory_gib: int = 8
    group: str | None = None
    is_physical: bool = False


@dataclass(frozen=True)
class TargetSpec:
    """A master target: what site recovery calls it, where its VM stands, its retention volume."""

    name: str
    os: str
    os_version: str
    guest_id: str
    ip: str
    host: str
    datastore: str
    retention: str
    retention_gib: int
    other_volumes: tuple[tuple[str, int, str], ...]  # path, GiB, file system
    retention_file_system: str
    local_disks_gib: tuple[int, ...]


@dataclass(frozen=True)
class DatastoreSpec:
    """A datastore and the hosts that mount it."""

    name: str
    kind: str
    capacity_gib: int
    free_gib: int
    hosts: tuple[str, ...]
    pod: str | None = None


@dataclass(frozen=True)
class HostSpec:
    """An ESXi host."""

    name: str
    memory_gib: int
    memory_used_gib: int


SERVER_2019 = "Microsoft Windows Server 2019 Datacenter"
SERVER_2016 = "Microsoft Windows Server 2016 Standard"
UBUNTU = "Ubuntu 20.04"
RHEL = "RHEL 7.9"

MACHINES = (
    MachineSpec("web01", WINDOWS, SERVER_2016, (80, 100), "MT01", "10.20.5.11", "10.60.1.11"),
    MachineSpec("web02", WINDOWS, SERVER_2016, (80, 100), "MT01", "10.20.5.12", "10.60.1.12"),
    MachineSpec("app01", WINDOWS, SERVER_2019, (80, 200), "MT01", "10.20.5.21", "10.60.1.21", group="erp"),
    MachineSpec("app02", WINDOWS, SERVER_2019, (80, 200), "MT01", "10.20.5.22", "10.60.1.22", group="erp"),
    MachineSpec(
        "sql01", WINDOWS, SERVER_2019, (80, 500, 500), "MT01", "10.20.5.31", "10.60.1.31", memory_gib=32, group="erp"
    ),
    MachineSpec("file01", WINDOWS, SERVER_2016, (80, 900), "MT01", "10.20.5.41", "10.60.1.41", datastore="vmfs-02"),
    MachineSpec("print01", WINDOWS, SERVER_2016, (80,), "MT01", "10.20.5.42", "10.60.1.42", datastore=None),
    MachineSpec(
        "hr-phys01",
        WINDOWS,
        SERVER_2016,
        (120, 250),
        "MT01",
        "10.20.5.43",
        "10.60.1.43",
        datastore=None,
        is_physical=True,
    ),
    MachineSpec("lnx-web01", LINUX, RHEL, (60, 60), "MT02", "10.20.5.51", "10.60.1.51"),
    MachineSpec("lnx-web02", LINUX, RHEL, (60, 60), "MT02", "10.20.5.52", "10.60.1.52"),
    MachineSpec("lnx-db01", LINUX, RHEL, (60, 400), "MT02", "10.20.5.53", "10.60.1.53", memory_gib=16),
    MachineSpec("lnx-mq01", LINUX, RHEL, (60, 120), "MT02", "10.20.5.54", "10.60.1.54"),
)
ALTERNATE_DATASTORE = "vmfs-03"

TARGETS = (
    TargetSpec(
        "MT01",
        WINDOWS,
        SERVER_2019,
        "windows2019srv_64Guest",
        "10.20.0.21",
        "esx01",
        "vmfs-01",
        "R",
        1024,
        (("C:\\", 100, "NTFS"), ("D:\\", 60, "NTFS")),
        "NTFS",
        (100, 60, 1024),
    ),
    TargetSpec(
        "MT02",
        LINUX,
        UBUNTU,
        "ubuntu64Guest",
        "10.20.0.22",
        "esx02",
        "vmfs-02",
        "/mnt/retention",
        1200,
        (("/", 120, "ext4"),),
        "ext4",
        (120, 1200),
    ),
)

HOSTS = (HostSpec("esx01", 512, 180), HostSpec("esx02", 512, 200), HostSpec("esx03", 384, 250))
_ALL = ("esx01", "esx02", "esx03")
DATASTORES = (
    DatastoreSpec("vmfs-01", "VMFS", 8192, 5200, _ALL, pod="gold"),
    DatastoreSpec("vmfs-02", "VMFS", 8192, 6100, _ALL, pod="gold"),
    DatastoreSpec("vmfs-03", "VMFS", 12288, 4300, _ALL),
    DatastoreSpec("nfs-iso", "NFS", 2048, 900, _ALL),
    DatastoreSpec("esx03-local", "VMFS", 900, 800, ("esx03",)),
)

CONFIGURATION_SERVER = "CS01"
CONFIGURATION_SERVER_IP = "10.20.0.10"
PROCESS_SERVER = "PS-AZ-01"
PROCESS_SERVER_IP = "10.60.1.4"
CONFIGURATION_SERVER_ID = "5E5CA11B-0C50-1000-A9B0E3EFAC2DDCA2"
PROCESS_SERVER_ID = "5E5CA11B-0A25-0001-B8AF6AA66E3ECC8F"
AGENT_VERSION = "9.62.0.0"
NETWORK = "vnet-osaka-dr"
NETWORK_PREFIX = "10.60.0.0/16"
SUBNET = "snet-servers"
SUBNET_PREFIX = "10.60.1.0/24"
SITE_PREFIX = "10.20.0.0/16"


def target_id(name: str) -> str:
    """Return the site recovery id of a master target, in the odd four-group form the service uses."""
    return f"5E5CA11B-{sum(map(ord, name)):04X}-7A47-{stable_uuid(name).replace('-', '').upper()[:16]}"


def vault_id() -> str:
    """Return the vault's ARM id."""
    return f"{group_id()}/providers/Microsoft.RecoveryServices/vaults/{VAULT}"


def group_id() -> str:
    """Return the resource group's ARM id."""
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}"


def fabric_id() -> str:
    """Return the ARM id of the configuration server's fabric."""
    return f"{vault_id()}/replicationFabrics/{FABRIC}"


def container_id() -> str:
    """Return the ARM id of the protection container."""
    return f"{fabric_id()}/replicationProtectionContainers/{CONTAINER}"


def provider_id() -> str:
    """Return the ARM id of the recovery services provider."""
    return f"{fabric_id()}/replicationRecoveryServicesProviders/{PROVIDER}"


def policy_id(name: str) -> str:
    """Return the ARM id of a replication policy."""
    return f"{vault_id()}/replicationPolicies/{name}"


def mapping_id(name: str) -> str:
    """Return the ARM id of a container mapping."""
    return f"{container_id()}/replicationProtectionContainerMappings/{name}"


def item_id(machine: str) -> str:
    """Return the ARM id of a machine's protected item."""
    return f"{container_id()}/replicationProtectedItems/{stable_uuid(machine)}"


def vm_id(machine: str) -> str:
    """Return the ARM id of a machine's Azure VM."""
    return f"{group_id()}/providers/Microsoft.Compute/virtualMachines/{machine}"


def network_id(kind: str, name: str) -> str:
    """Return the ARM id of a Microsoft.Network resource of this site."""
    return f"{group_id()}/providers/Microsoft.Network/{kind}/{name}"


def subnet_id() -> str:
    """Return the ARM id of the servers' subnet."""
    return f"{network_id('virtualNetworks', NETWORK)}/subnets/{SUBNET}"
