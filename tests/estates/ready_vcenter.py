"""What vCenter shows of the small ready case: two hosts, two VMFS datastores, four machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from tests.estates.ready_azure import CS_ADDRESS, GIB, MT_ADDRESS, NOW
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, Source, seen
from wizard_steps.seen_in_vcenter import (
    Cluster,
    Datastore,
    GuestNic,
    GuestVolume,
    Host,
    Mount,
    ScsiController,
    SeenInVCenter,
    StoragePod,
    VirtualDisk,
    VirtualMachine,
)

T = TypeVar("T")

VCENTER = "vcenter.example.com"
VCENTER_UUID = "11111111-2222-3333-4444-555555555555"
ACCOUNT = "svc-asr@vsphere.local"
HOSTS = ("host-1", "host-2")
_CONFIG = (
    "AddExistingDisk",
    "AddNewDisk",
    "AddRemoveDevice",
    "AdvancedConfig",
    "Annotation",
    "CPUCount",
    "ChangeTracking",
    "DiskExtend",
    "DiskLease",
    "EditDevice",
    "HostUSBDevice",
    "ManagedBy",
    "Memory",
    "MksControl",
    "QueryFTCompatibility",
    "QueryUnownedFiles",
    "RawDevice",
    "ReloadFromPath",
    "RemoveDisk",
    "Rename",
    "ResetGuestInfo",
    "Resource",
    "Settings",
    "SwapPlacement",
    "ToggleForkParent",
    "UpgradeVirtualHardware",
)
_INTERACT = (
    "AnswerQuestion",
    "DeviceConnection",
    "SetCDMedia",
    "SetFloppyMedia",
    "PowerOff",
    "PowerOn",
    "ToolsInstall",
)
PRIVILEGES = frozenset(
    {
        "Datastore.AllocateSpace",
        "Datastore.Browse",
        "Datastore.DeleteFile",
        "Datastore.FileManagement",
        "Datastore.UpdateVirtualMachineFiles",
        "Network.Assign",
        "Resource.AssignVMToPool",
        "Resource.ColdMigrate",
        "Resource.HotMigrate",
        "System.Anonymous",
        "System.Read",
        "System.View",
        "Task.Create",
        "Task.Update",
        "VirtualMachine.Inventory.Create",
        "VirtualMachine.Inventory.CreateFromExisting",
        "VirtualMachine.Inventory.Register",
        "VirtualMachine.Inventory.Unregister",
        "VirtualMachine.Provisioning.GetVmFiles",
        "VirtualMachine.Provisioning.PutVmFiles",
        "VirtualMachine.State.RemoveSnapshot",
        *(f"VirtualMachine.Config.{name}" for name in _CONFIG),
        *(f"VirtualMachine.Interact.{name}" for name in _INTERACT),
    }
)


def vcenter_saw(value: T, what: str = "ready case") -> Reading[T]:
    """Return a value as vCenter showed it a minute before `NOW`."""
    return seen(value, Source("vcenter", what, NOW - timedelta(minutes=1)))


def _machine(number: int, name: str, *, power: str, host: str, addresses: tuple[str, ...]) -> VirtualMachine:
    """Return a machine with one 100 GB disk on an LSI Logic SAS controller, without snapshots."""
    disk = VirtualDisk(
        2000,
        "Hard disk 1",
        1000,
        0,
        100 * GIB,
        "datastore-1",
        Outside(f"[vmfs-01] {name}/{name}.vmdk"),
        f"disk-{number}-0",
    )
    return VirtualMachine(
        ref=f"vm-{number}",
        name=Outside(name),
        instance_uuid=vcenter_saw(f"50000000-0000-0000-0000-{name:0>12}"),
        bios_uuid=vcenter_saw(f"42000000-0000-0000-0000-{name:0>12}"),
        power_state=vcenter_saw(power),
        connection_state=vcenter_saw("connected"),
        host_ref=vcenter_saw(host),
        datastore_refs=vcenter_saw(("datastore-1",)),
        ip_addresses=vcenter_saw(addresses),
        dns_name=vcenter_saw(Outside(f"{name.lower()}.example.com") if addresses else None),
        memory_mb=vcenter_saw(8192),
        cpu_count=vcenter_saw(4),
        guest_id=vcenter_saw("windows2019srv_64Guest"),
        is_template=vcenter_saw(False),
        change_version=vcenter_saw("2026-11-01T00:00:00Z"),
        extra_config=vcenter_saw({"disk.EnableUUID": Outside("TRUE")}),
        disk_uuid_flag=vcenter_saw(True),
        disks=vcenter_saw((disk,)),
        controllers=vcenter_saw((ScsiController(1000, "LsiLogicSASController", 0, "SCSI controller 0", (2000,)),)),
        connected_nics=vcenter_saw(1),
        snapshots=vcenter_saw(()),
        longest_disk_chain=vcenter_saw(1),
        consolidation_needed=vcenter_saw(False),
        boot_time=vcenter_saw(NOW - timedelta(days=10)),
        created_at=vcenter_saw(NOW - timedelta(days=90)),
        guest_full_name=vcenter_saw(Outside("Microsoft Windows Server 2019 (64-bit)")),
        guest_volumes=vcenter_saw((_volume("C:\\", 100 * GIB, 60 * GIB, 2000),)),
        guest_nics=vcenter_saw((GuestNic(Outside("VM Network"), True, tuple((one, 24) for one in addresses)),)),
        tools_running=vcenter_saw("guestToolsRunning"),
        tools_version_status=vcenter_saw("guestToolsCurrent"),
        enable_uuid_set_at=vcenter_saw(None),
        relocations=vcenter_saw(()),
        snapshot_events=vcenter_saw(()),
        vmx_file=vcenter_saw(f"[vmfs-01] {name}/{name}.vmx"),
    )


def _volume(path: str, capacity: int, free: int, disk: int) -> GuestVolume:
    return GuestVolume(Outside(path), capacity, free, vcenter_saw("NTFS"), vcenter_saw((disk,)))


def _master_target() -> VirtualMachine:
    """Return MT01: disk.EnableUUID set before the last boot, and a second disk of 1 TB, volume R."""
    vm = _machine(10, "MT01", power="poweredOn", host="host-1", addresses=(MT_ADDRESS,))
    retention = VirtualDisk(
        2001, "Hard disk 2", 1000, 1, 1024 * GIB, "datastore-1", Outside("[vmfs-01] MT01/MT01_1.vmdk"), "disk-10-1"
    )
    return replace(
        vm,
        extra_config=vcenter_saw({"disk.EnableUUID": Outside("TRUE")}),
        disk_uuid_flag=vcenter_saw(True),
        enable_uuid_set_at=vcenter_saw(NOW - timedelta(days=20)),
        disks=vcenter_saw((*vm.disks.value, retention)),
        controllers=vcenter_saw((ScsiController(1000, "LsiLogicSASController", 0, "SCSI controller 0", (2000, 2001)),)),
        guest_volumes=vcenter_saw(
            (_volume("C:\\", 100 * GIB, 60 * GIB, 2000), _volume("R:\\", 1024 * GIB, 1020 * GIB, 2001))
        ),
    )


def _host(number: int) -> Host:
    return Host(
        ref=f"host-{number}",
        name=Outside(f"esx0{number}.example.com"),
        connection_state=vcenter_saw("connected"),
        in_maintenance=vcenter_saw(False),
        overall_status=vcenter_saw("green"),
        version=vcenter_saw("7.0.3"),
        memory_mb=vcenter_saw(262144),
        memory_used_mb=vcenter_saw(65536),
        cpu_mhz=vcenter_saw(64000),
        cpu_used_mhz=vcenter_saw(8000),
        cluster_ref=vcenter_saw("domain-c1"),
        datastore_refs=vcenter_saw(("datastore-1", "datastore-2")),
        vm_refs=vcenter_saw(("vm-10", "vm-11") if number == 1 else ("vm-20", "vm-21")),
        licence_edition=vcenter_saw("esx.enterprisePlus.cpuPackageCoreLimited"),
    )


def _datastore(number: int) -> Datastore:
    return Datastore(
        ref=f"datastore-{number}",
        name=Outside(f"vmfs-0{number}"),
        kind=vcenter_saw("VMFS"),
        capacity=vcenter_saw(4096 * GIB),
        free=vcenter_saw(3072 * GIB),
        accessible=vcenter_saw(True),
        maintenance_mode=vcenter_saw("normal"),
        mounts=vcenter_saw(tuple(Mount(host, "readWrite", mounted=True, accessible=True) for host in HOSTS)),
        pod_ref=vcenter_saw("group-p1"),
        vmfs_uuid=vcenter_saw(f"vmfs-uuid-{number}"),
    )


def seen_in_vcenter() -> SeenInVCenter:
    """Return everything vCenter shows of the ready case. MT01 is kept out of DRS and Storage DRS."""
    refs = (*HOSTS, "datastore-1", "datastore-2", "vm-10", "vm-20", "vm-21")
    return SeenInVCenter(
        host=VCENTER,
        instance_uuid=vcenter_saw(VCENTER_UUID),
        version=vcenter_saw("7.0.3"),
        is_single_host=vcenter_saw(False),
        machines=vcenter_saw(
            (
                _master_target(),
                _machine(11, "CS01", power="poweredOn", host="host-1", addresses=(CS_ADDRESS,)),
                _machine(20, "web01", power="poweredOff", host="host-2", addresses=()),
                _machine(21, "db01", power="poweredOff", host="host-2", addresses=()),
            )
        ),
        hosts=vcenter_saw((_host(1), _host(2))),
        datastores=vcenter_saw((_datastore(1), _datastore(2))),
        clusters=vcenter_saw(
            (
                Cluster(
                    "domain-c1",
                    Outside("cluster-1"),
                    vcenter_saw(True),
                    vcenter_saw(True),
                    vcenter_saw({"vm-10": False}),
                ),
            )
        ),
        pods=vcenter_saw(
            (
                StoragePod(
                    "group-p1",
                    Outside("pod-1"),
                    vcenter_saw(True),
                    vcenter_saw("automated"),
                    vcenter_saw({"vm-10": (False, None)}),
                ),
            )
        ),
        account_privileges=vcenter_saw(dict.fromkeys(refs, PRIVILEGES)),
    )
