"""The rehearsal site's half on-premises: the managed objects that its vCenter would answer from.

Property paths are those of the vSphere API; a value that moves with time is a function of the time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pyVmomi import vim

from failback.rehearsal import description as site
from failback.rehearsal.vcenter_store import Store
from failback.rehearsal.virtual_hardware import (
    FIRST_DISK_KEY,
    HOST_CERTIFICATE,
    VM_NETWORK,
    VM_NETWORK_REF,
    datastore_ref,
    devices,
    guest_nic,
    guest_volume,
    mount,
)

CLUSTER = "domain-c8"
DATACENTER = "datacenter-2"
POD = "group-p21"
_BOOTED_HOURS_AGO = 200


def host_ref(name: str) -> str:
    """Return the managed object id of an ESXi host of this site."""
    return f"host-{[one.name for one in site.HOSTS].index(name) + 10}"


def vm_ref(name: str) -> str:
    """Return the managed object id of a machine's VM."""
    names = [
        *(one.name for one in site.TARGETS),
        site.CONFIGURATION_SERVER,
        *(one.name for one in site.MACHINES),
        "dc01",
    ]
    return f"vm-{names.index(name) + 100}"


def host_name(name: str) -> str:
    """Return the full name under which vCenter knows an ESXi host."""
    return f"{name}.osaka.example.com"


def build(store: Store, start: datetime) -> None:
    """Put everything that stands on-premises into `store`; `start` is the clock's first moment."""
    for spec in site.DATASTORES:
        _datastore(store, spec)
    store.add(POD, "StoragePod", {"name": "gold"})
    _datacenter(store)
    for host in site.HOSTS:
        _host(store, host)
    add_network(store, VM_NETWORK_REF, VM_NETWORK)
    for target in site.TARGETS:
        _target(store, target, start)
    _configuration_server(store, start)
    for machine in site.MACHINES:
        if machine.datastore:
            _source(store, machine)
    _bystander(store, start)
    _cluster(store)
    _pod(store)
    list_machines_of_hosts(store)


def _datacenter(store: Store) -> None:
    datastores = [datastore_ref(one.name) for one in site.DATASTORES]
    store.add(DATACENTER, "Datacenter", {"name": "Osaka", "datastore": datastores})


def add_network(store: Store, ref: str, name: str) -> None:
    """Add a network that every host has."""
    hosts = [host_ref(one.name) for one in site.HOSTS]
    summary = vim.Network.Summary(name=name, accessible=True, ipPoolName="")
    store.add(ref, "Network", {"name": name, "host": hosts, "summary": summary})


def list_machines_of_hosts(store: Store) -> None:
    """Let every host list the machines that stand on it."""
    for host in site.HOSTS:
        here = [
            ref
            for ref in store.of_kind(vim.VirtualMachine)
            if _moid(store.get(ref, "runtime.host")) == host_ref(host.name)
        ]
        store.set(host_ref(host.name), {"vm": here})


def _moid(ref: Any) -> str:
    return str(ref._GetMoId())  # noqa: SLF001 -- pyvmomi's only way to ask a reference for its id


def _datastore(store: Store, spec: site.DatastoreSpec) -> None:
    mounts = [
        vim.Datastore.HostMount(key=vim.HostSystem(host_ref(host)), mountInfo=mount("readWrite")) for host in spec.hosts
    ]
    info: Any = vim.host.NasDatastoreInfo(
        name=spec.name, url=f"ds:///vmfs/volumes/{spec.name}/", freeSpace=0, maxFileSize=0
    )
    if spec.kind == "VMFS":
        volume = vim.host.VmfsVolume(
            type="VMFS",
            name=spec.name,
            uuid=_vmfs_uuid(spec.name),
            capacity=spec.capacity_gib * site.GIB,
            blockSizeMb=1,
            maxBlocks=63 * 2**20,
            majorVersion=6,
            version="6.82",
            extent=[vim.host.ScsiDisk.Partition(diskName="naa.6000", partition=1)],
            vmfsUpgradable=False,
        )
        info = vim.host.VmfsDatastoreInfo(
            name=spec.name, url=f"ds:///vmfs/volumes/{spec.name}/", freeSpace=0, maxFileSize=0, vmfs=volume
        )
    ref = datastore_ref(spec.name)
    browser = ref.replace("datastore", "datastoreBrowser")
    store.add(browser, "HostDatastoreBrowser", {})
    store.add(
        ref,
        "Datastore",
        {
            "browser": browser,
            "name": spec.name,
            "summary.name": spec.name,
            "summary.type": spec.kind,
            "summary.url": f"ds:///vmfs/volumes/{spec.name}/",
            "summary.capacity": spec.capacity_gib * site.GIB,
            "summary.freeSpace": spec.free_gib * site.GIB,
            "summary.accessible": True,
            "summary.multipleHostAccess": len(spec.hosts) > 1,
            "summary.maintenanceMode": "normal",
            "host": mounts,
            "info": info,
        },
    )
    if spec.pod:
        store.set(ref, {"parent": vim.StoragePod(POD)})


def _vmfs_uuid(name: str) -> str:
    from failback.rehearsal.in_azure import vmfs_uuid

    return vmfs_uuid(name)


def _host(store: Store, spec: site.HostSpec) -> None:
    storage = host_ref(spec.name).replace("host", "storageSystem")
    store.add(storage, "HostStorageSystem", {})
    store.add(
        host_ref(spec.name),
        "HostSystem",
        {
            "name": host_name(spec.name),
            "runtime.connectionState": "connected",
            "runtime.inMaintenanceMode": False,
            "runtime.powerState": "poweredOn",
            "overallStatus": "green",
            "summary.overallStatus": "green",
            "config.product.version": "8.0.3",
            "config.certificate": list(HOST_CERTIFICATE.encode()),
            "summary.config.product.version": "8.0.3",
            "hardware.memorySize": spec.memory_gib * site.GIB,
            "summary.hardware.memorySize": spec.memory_gib * site.GIB,
            "summary.hardware.cpuMhz": 2600,
            "summary.hardware.numCpuCores": 32,
            "summary.quickStats.overallMemoryUsage": spec.memory_used_gib * 1024,
            "summary.quickStats.overallCpuUsage": 14000,
            "parent": vim.ClusterComputeResource(CLUSTER),
            "configManager.storageSystem": storage,
            "datastore": [datastore_ref(one.name) for one in site.DATASTORES if spec.name in one.hosts],
        },
    )


def _vm(
    name: str, host: str, datastore: str, *, powered_on: bool, guest_id: str, memory_gib: int, ips: tuple[str, ...]
) -> dict[str, Any]:
    """Return the properties that every machine has."""
    return {
        "name": name,
        "config.instanceUuid": site.stable_uuid(name),
        "config.uuid": site.stable_uuid(f"bios-{name}"),
        "config.template": False,
        "config.guestId": guest_id,
        "config.hardware.memoryMB": memory_gib * 1024,
        "config.hardware.numCPU": 4,
        "config.changeVersion": "2026-11-21T08:00:00.000001Z",
        "config.flags.diskUuidEnabled": True,
        "config.extraConfig": [vim.option.OptionValue(key="disk.EnableUUID", value="TRUE")],
        "runtime.powerState": "poweredOn" if powered_on else "poweredOff",
        "runtime.connectionState": "connected",
        "runtime.host": host_ref(host),
        "runtime.consolidationNeeded": False,
        "datastore": [datastore_ref(datastore)],
        "summary.config.vmPathName": f"[{datastore}] {name}/{name}.vmx",
        "guest.toolsRunningStatus": "guestToolsRunning" if powered_on else "guestToolsNotRunning",
        "guest.toolsVersionStatus2": "guestToolsCurrent",
        "guest.guestState": "running" if powered_on else "notRunning",
        "guest.hostName": f"{name}.osaka.example.com" if powered_on else None,
        "guest.ipAddress": ips[0] if ips else None,
        "guest.net": [guest_nic(number, ip) for number, ip in enumerate(ips)],
        "guest.disk": [],
        "config.hardware.device": [],
        "layoutEx.disk": [],
    }


def retention_guest_volume(target: site.TargetSpec) -> vim.vm.GuestInfo.DiskInfo:
    """Return a target's retention volume as VMware Tools reports it."""
    path = f"{target.retention}:\\" if target.os == site.WINDOWS else target.retention
    return guest_volume(
        path,
        target.retention_gib,
        target.retention_file_system,
        FIRST_DISK_KEY + len(target.other_volumes),
        used=0.002,
    )


def _target(store: Store, target: site.TargetSpec, start: datetime) -> None:
    volumes = [
        guest_volume(path, size, kind, FIRST_DISK_KEY + place)
        for place, (path, size, kind) in enumerate(target.other_volumes)
    ]
    booted = start - timedelta(hours=_BOOTED_HOURS_AGO)
    store.add(
        vm_ref(target.name),
        "VirtualMachine",
        {
            **_vm(
                target.name,
                target.host,
                target.datastore,
                powered_on=True,
                guest_id=target.guest_id,
                memory_gib=16,
                ips=(target.ip,),
            ),
            "config.hardware.device": devices(target.name, target.datastore, target.local_disks_gib),
            "config.extraConfig": [vim.option.OptionValue(key="disk.EnableUUID", value="TRUE")],
            "config.flags.diskUuidEnabled": True,
            "config.createDate": start - timedelta(days=90),
            "runtime.bootTime": booted,
            "guest.guestFullName": target.os_version,
            "guest.disk": [*volumes, retention_guest_volume(target)],
        },
    )


def _configuration_server(store: Store, start: datetime) -> None:
    name = site.CONFIGURATION_SERVER
    store.add(
        vm_ref(name),
        "VirtualMachine",
        {
            **_vm(
                name,
                "esx02",
                "vmfs-01",
                powered_on=True,
                guest_id="windows9Server64Guest",
                memory_gib=32,
                ips=(site.CONFIGURATION_SERVER_IP,),
            ),
            "config.hardware.device": devices(name, "vmfs-01", (100, 600, 600)),
            "config.createDate": start - timedelta(days=60),
            "runtime.bootTime": start - timedelta(hours=_BOOTED_HOURS_AGO),
            "guest.guestFullName": "Microsoft Windows Server 2016 (64-bit)",
            "guest.disk": [guest_volume("C:\\", 100, "NTFS", 2000), guest_volume("D:\\", 600, "NTFS", 2001)],
        },
    )


def _source(store: Store, machine: site.MachineSpec) -> None:
    datastore = str(machine.datastore)
    guest = "windows2019srv_64Guest" if machine.os == site.WINDOWS else "rhel7_64Guest"
    store.add(
        vm_ref(machine.name),
        "VirtualMachine",
        {
            **_vm(
                machine.name,
                machine.host,
                datastore,
                powered_on=False,
                guest_id=guest,
                memory_gib=machine.memory_gib,
                ips=(),
            ),
            "config.hardware.device": devices(machine.name, datastore, machine.disks_gib, pvscsi=True),
            "config.extraConfig": [vim.option.OptionValue(key="disk.EnableUUID", value="TRUE")],
            "config.flags.diskUuidEnabled": True,
        },
    )


def _bystander(store: Store, start: datetime) -> None:
    """Add a machine that has nothing to do with site recovery, as every vCenter has."""
    store.add(
        vm_ref("dc01"),
        "VirtualMachine",
        {
            **_vm(
                "dc01",
                "esx01",
                "vmfs-01",
                powered_on=True,
                guest_id="windows2019srv_64Guest",
                memory_gib=8,
                ips=("10.20.0.5",),
            ),
            "config.hardware.device": devices("dc01", "vmfs-01", (60,)),
            "runtime.bootTime": start - timedelta(hours=_BOOTED_HOURS_AGO),
        },
    )


def _cluster(store: Store) -> None:
    overrides = [
        vim.cluster.DrsVmConfigInfo(key=vim.VirtualMachine(vm_ref(one.name)), enabled=False) for one in site.TARGETS
    ]
    drs = vim.cluster.DrsConfigInfo(
        enabled=True, enableVmBehaviorOverrides=True, defaultVmBehavior="fullyAutomated", vmotionRate=3
    )
    config = vim.cluster.ConfigInfoEx(
        dasConfig=vim.cluster.DasConfigInfo(enabled=True), drsConfig=drs, drsVmConfig=overrides
    )
    store.add(
        CLUSTER,
        "ClusterComputeResource",
        {"name": "osaka", "configurationEx": config, "host": [host_ref(one.name) for one in site.HOSTS]},
    )


def _pod(store: Store) -> None:
    pod = vim.storageDrs.PodConfigInfo(
        enabled=True, ioLoadBalanceEnabled=True, defaultVmBehavior="automated", defaultIntraVmAffinity=True
    )
    overrides = [
        vim.storageDrs.VmConfigInfo(vm=vim.VirtualMachine(vm_ref(one.name)), enabled=False) for one in site.TARGETS
    ]
    store.set(
        POD,
        {
            "podStorageDrsEntry": vim.StorageResourceManager.PodStorageDrsEntry(
                storageDrsConfig=vim.storageDrs.ConfigInfo(podConfig=pod, vmConfig=overrides)
            ),
            "childEntity": [vim.Datastore(datastore_ref(one.name)) for one in site.DATASTORES if one.pod],
        },
    )


def add_leftover(store: Store, ref: str, name: str) -> None:
    """Add a powered-off machine on the first host that site recovery knows nothing of."""
    spare = {
        **_vm(name, "esx01", "vmfs-01", powered_on=False, guest_id="windows9Server64Guest", memory_gib=8, ips=()),
        "config.instanceUuid": site.stable_uuid(f"leftover-{name}"),
        "config.uuid": site.stable_uuid(f"bios-leftover-{name}"),
        "config.hardware.device": devices(name, "vmfs-01", (120,)),
    }
    store.add(ref, "VirtualMachine", spare)
    list_machines_of_hosts(store)
