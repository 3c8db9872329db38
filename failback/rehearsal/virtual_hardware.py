"""Pieces of virtual hardware for the rehearsal site, in vSphere's own data objects."""

from __future__ import annotations

from typing import Any

from pyVmomi import vim

from failback.rehearsal import description as site

OS_DISK_UNIT, RESERVED_UNIT = 0, 7
HOST_CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBvzCCAWWgAwIBAgIUJB3y3G5CWogXRsvIsQlc/szpdV0wCgYIKoZIzj0EAwIw
NDESMBAGA1UECgwJUmVoZWFyc2FsMR4wHAYDVQQDDBVlc3gub3Nha2EuZXhhbXBs
ZS5jb20wIBcNMjYxMTIzMDA0MTQ4WhgPMjEyNjEwMzAwMDQxNDhaMDQxEjAQBgNV
BAoMCVJlaGVhcnNhbDEeMBwGA1UEAwwVZXN4Lm9zYWthLmV4YW1wbGUuY29tMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExHYBnJlQajcY1h0UQuPc8whFHp/lzZK3
PKKeuUc+mhPrRS1WansZOoinPxH/H5Sp7J8cbxXT8CZasU5ZNbaL26NTMFEwHQYD
VR0OBBYEFMQc3ODcjz06zGmUQ08reiGGcKnOMB8GA1UdIwQYMBaAFMQc3ODcjz06
zGmUQ08reiGGcKnOMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
Uv9N1uXuMsiRKn+LGgV3AXNjO9Asjqodb1XjMRi7YVgCIQDE2S8/uKs9JJcD5/Yb
Xnf2gtKjcJq5HNnxhd74lndabg==
-----END CERTIFICATE-----
"""
VM_NETWORK, VM_NETWORK_REF = "VM Network", "network-40"
FIRST_DISK_KEY, FIRST_CONTROLLER_KEY, FIRST_NIC_KEY = 2000, 1000, 4000


def datastore_ref(name: str) -> str:
    """Return the managed object id of a datastore of this site."""
    return f"datastore-{[one.name for one in site.DATASTORES].index(name) + 30}"


def mount(mode: str, *, mounted: bool = True, accessible: bool = True) -> vim.host.MountInfo:
    """Return how a host mounts a datastore: `mode` is readWrite or readOnly."""
    return vim.host.MountInfo(path="/vmfs/volumes/x", accessMode=mode, mounted=mounted, accessible=accessible)


def guest_nic(number: int, ip: str) -> vim.vm.GuestInfo.NicInfo:
    """Return a network adapter with one address, as VMware Tools reports it."""
    address = vim.net.IpConfigInfo.IpAddress(ipAddress=ip, prefixLength=24, state="preferred")
    return vim.vm.GuestInfo.NicInfo(
        network=VM_NETWORK,
        ipAddress=[ip],
        connected=True,
        deviceConfigId=FIRST_NIC_KEY + number,
        ipConfig=vim.net.IpConfigInfo(ipAddress=[address]),
    )


def devices(name: str, datastore: str, sizes_gib: tuple[int, ...], *, nics: int = 1, pvscsi: bool = False) -> list[Any]:
    """Return a machine's devices: one SCSI controller, its disks, its network adapters."""
    kind = vim.vm.device.ParaVirtualSCSIController if pvscsi else vim.vm.device.VirtualLsiLogicSASController
    units = [unit for unit in range(len(sizes_gib) + 1) if unit != RESERVED_UNIT]
    disks = [
        _disk(name, datastore, FIRST_DISK_KEY + unit, unit, size) for unit, size in zip(units, sizes_gib, strict=False)
    ]
    controller = kind(
        key=FIRST_CONTROLLER_KEY,
        busNumber=0,
        sharedBus="noSharing",
        device=[disk.key for disk in disks],
        deviceInfo=vim.Description(label="SCSI controller 0", summary=kind.__name__.rpartition(".")[2]),
    )
    adapters = [
        vim.vm.device.VirtualVmxnet3(
            key=FIRST_NIC_KEY + number,
            deviceInfo=vim.Description(label=f"Network adapter {number + 1}", summary=VM_NETWORK),
            backing=vim.vm.device.VirtualEthernetCard.NetworkBackingInfo(
                deviceName=VM_NETWORK, network=vim.Network(VM_NETWORK_REF)
            ),
            connectable=vim.vm.device.VirtualDevice.ConnectInfo(
                startConnected=True, allowGuestControl=True, connected=True
            ),
        )
        for number in range(nics)
    ]
    return [controller, *disks, *adapters]


def _disk(name: str, datastore: str, key: int, unit: int, size_gib: int) -> vim.vm.device.VirtualDisk:
    suffix = "" if unit == OS_DISK_UNIT else f"_{unit}"
    backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
        fileName=f"[{datastore}] {name}/{name}{suffix}.vmdk",
        diskMode="persistent",
        thinProvisioned=True,
        datastore=vim.Datastore(datastore_ref(datastore)),
        uuid=site.stable_uuid(f"{name}-vmdk{unit}"),
    )
    return vim.vm.device.VirtualDisk(
        key=key,
        controllerKey=FIRST_CONTROLLER_KEY,
        unitNumber=unit,
        capacityInKB=size_gib * 2**20,
        capacityInBytes=size_gib * site.GIB,
        backing=backing,
        deviceInfo=vim.Description(label=f"Hard disk {unit + 1}", summary=f"{size_gib} GB"),
    )


def guest_volume(
    path: str, size_gib: int, file_system: str, disk_key: int, *, used: float = 0.4
) -> vim.vm.GuestInfo.DiskInfo:
    """Return a volume as VMware Tools reports it."""
    return vim.vm.GuestInfo.DiskInfo(
        diskPath=path,
        capacity=size_gib * site.GIB,
        freeSpace=int(size_gib * site.GIB * (1 - used)),
        filesystemType=file_system,
        mappings=[vim.vm.GuestInfo.VirtualDiskMapping(key=disk_key)],
    )
