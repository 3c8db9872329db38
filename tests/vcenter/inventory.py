"""The small vCenter of these tests: one cluster, two hosts, two datastores in a datastore cluster, two machines."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from pyVmomi import vim

from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.session import VCenterSession

USER, PASSWORD = "operator@vsphere.local", "correct horse"
TARGET, OTHER = "vm-1", "vm-2"
BOOTED = datetime(2026, 11, 14, 2, 0, tzinfo=timezone.utc)
GIB = 2**30


def small_vcenter(clock: RehearsalClock) -> VCenterWire:
    wire = VCenterWire(clock, users={USER: PASSWORD})
    store = wire.store
    store.add("group-p1", "StoragePod", {"name": "gold"})
    for number in (1, 2):
        store.add(f"browser-{number}", "HostDatastoreBrowser", {})
        store.add(f"datastore-{number}", "Datastore", _datastore(number))
        store.add(f"storageSystem-{number}", "HostStorageSystem", {})
        store.add(f"host-{number}", "HostSystem", _host(number))
    store.add("datacenter-1", "Datacenter", {"name": "osaka", "datastore": ["datastore-1", "datastore-2"]})
    summary = vim.Network.Summary(name="VM Network", accessible=True, ipPoolName="")
    store.add("network-1", "Network", {"name": "VM Network", "host": ["host-1", "host-2"], "summary": summary})
    store.add("domain-c1", "ClusterComputeResource", {"name": "osaka", "configurationEx": cluster_settings()})
    store.set("host-1", {"parent": "domain-c1"})
    store.set("group-p1", {
        "podStorageDrsEntry.storageDrsConfig.podConfig.enabled": True,
        "podStorageDrsEntry.storageDrsConfig.podConfig.defaultVmBehavior": "automated",
        "podStorageDrsEntry.storageDrsConfig.vmConfig": [],
    })  # fmt: skip
    store.add(TARGET, "VirtualMachine", machine("MT01", 1))
    store.add(OTHER, "VirtualMachine", machine("web01", 2))
    wire.licences["host-1"] = "esx.enterprisePlus.cpuPackage"
    return wire


def session_on(wire: VCenterWire, password: str = PASSWORD) -> VCenterSession:
    return VCenterSession("vcenter.example.com", USER, password, wire.stub)


def cluster_settings() -> Any:
    drs = vim.cluster.DrsConfigInfo(enabled=True, enableVmBehaviorOverrides=True, vmotionRate=3)
    return vim.cluster.ConfigInfoEx(dasConfig=vim.cluster.DasConfigInfo(enabled=True), drsConfig=drs)


def _datastore(number: int) -> dict[str, Any]:
    mount = vim.host.MountInfo(path="/vmfs/volumes/x", accessMode="readWrite", mounted=True, accessible=True)
    return {
        "name": f"vmfs-0{number}",
        "browser": f"browser-{number}",
        "parent": "group-p1",
        "summary.type": "VMFS",
        "summary.capacity": 1000 * GIB,
        "summary.freeSpace": 400 * GIB,
        "summary.accessible": True,
        "host": [vim.Datastore.HostMount(key=vim.HostSystem("host-1"), mountInfo=mount)],
    }


def _host(number: int) -> dict[str, Any]:
    return {
        "name": f"esx0{number}.example.com",
        "runtime.connectionState": "connected",
        "runtime.inMaintenanceMode": False,
        "summary.overallStatus": "green",
        "summary.config.product.version": "8.0.3",
        "summary.hardware.memorySize": 512 * GIB,
        "summary.hardware.cpuMhz": 2600,
        "summary.hardware.numCpuCores": 32,
        "summary.quickStats.overallMemoryUsage": 200 * 1024,
        "summary.quickStats.overallCpuUsage": 14000,
        "datastore": ["datastore-1", "datastore-2"],
        "configManager.storageSystem": f"storageSystem-{number}",
        "vm": [f"vm-{number}"],
    }


def machine(name: str, number: int) -> dict[str, Any]:
    nic = vim.vm.GuestInfo.NicInfo(
        network="VM Network", ipAddress=[f"10.20.0.{number}", f"fd00::{number}"], connected=True, deviceConfigId=4000
    )
    return {
        "name": name,
        "config.instanceUuid": f"50000000-0000-4000-8000-00000000000{number}",
        "config.uuid": f"42000000-0000-4000-8000-00000000000{number}",
        "config.template": False,
        "config.guestId": "windows2019srv_64Guest",
        "config.hardware.memoryMB": 8192,
        "config.hardware.numCPU": 4,
        "config.changeVersion": "2026-11-21T08:00:00.000001Z",
        "config.flags.diskUuidEnabled": False,
        "config.extraConfig": [vim.option.OptionValue(key="disk.enableuuid", value="FALSE")],
        "config.hardware.device": devices(name),
        "runtime.powerState": "poweredOn",
        "runtime.connectionState": "connected",
        "runtime.host": f"host-{number}",
        "runtime.bootTime": BOOTED,
        "runtime.consolidationNeeded": False,
        "datastore": ["datastore-1"],
        "guest.toolsRunningStatus": "guestToolsRunning",
        "guest.toolsVersionStatus2": "guestToolsCurrent",
        "guest.hostName": f"{name}.example.com",
        "guest.ipAddress": f"10.20.0.{number}",
        "guest.net": [nic],
        "guest.disk": [],
        "layoutEx.disk": [vim.vm.FileLayoutEx.DiskLayout(key=2000, chain=[vim.vm.FileLayoutEx.DiskUnit(fileKey=[1])])],
    }


def devices(name: str, controller: Any = None) -> list[Any]:
    kind = controller or vim.vm.device.ParaVirtualSCSIController
    label = vim.Description(label="SCSI controller 0", summary="")
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
        fileName=f"[vmfs-01] {name}/{name}.vmdk",
        diskMode="persistent",
        datastore=vim.Datastore("datastore-1"),
        uuid="6000",
    )
    return [
        kind(key=1000, busNumber=0, sharedBus="noSharing", deviceInfo=label),
        vim.vm.device.VirtualDisk(
            key=2000, controllerKey=1000, unitNumber=0, capacityInKB=10 * 2**20, capacityInBytes=10 * GIB, backing=backing,
            deviceInfo=vim.Description(label="Hard disk 1", summary=""),
        ),
        vim.vm.device.VirtualVmxnet3(
            key=4000,
            connectable=vim.vm.device.VirtualDevice.ConnectInfo(startConnected=True, allowGuestControl=True, connected=True),
        ),
    ]  # fmt: skip


def snapshot_tree(*names: str) -> Any:
    """Snapshots inside one another, the first on top."""
    below: list[Any] = []
    for number, name in reversed(list(enumerate(names, start=1))):
        below = [
            vim.vm.SnapshotTree(
                snapshot=vim.vm.Snapshot(f"snapshot-{number}"), vm=vim.VirtualMachine(TARGET), name=name, description="",
                createTime=BOOTED, state="poweredOn", quiesced=False, id=number, childSnapshotList=below,
            )
        ]  # fmt: skip
    return vim.vm.SnapshotInfo(rootSnapshotList=below)
