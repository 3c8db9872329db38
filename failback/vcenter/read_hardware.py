"""What the device list, the guest's own report and the snapshot tree of a machine say, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from pyVmomi import vim

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_around_machines import NetworkAdapter
from wizard_steps.seen_in_vcenter import GuestNic, GuestVolume, ScsiController, Snapshot, VirtualDisk
from wizard_steps.wording import _

_device = vim.vm.device
_STORAGE_CONTROLLERS = (_device.VirtualSCSIController, _device.VirtualNVMEController, _device.VirtualSATAController)
_RAW = (
    _device.VirtualDisk.RawDiskMappingVer1BackingInfo,
    _device.VirtualDisk.RawDiskVer2BackingInfo,
    _device.VirtualDisk.PartitionedRawDiskVer2BackingInfo,
)


def id_of(reference: Any) -> str:
    """Return the managed object id of a pyvmomi reference."""
    return str(reference._GetMoId())  # noqa: SLF001 -- pyvmomi's public, underscored way to ask


def ids_of(references: Sequence[Any]) -> tuple[str, ...]:
    """Return the managed object ids of several references."""
    return tuple(id_of(each) for each in references)


def in_utc(at: datetime) -> datetime:
    """Return a time from vCenter as aware UTC; one without a zone is UTC already, as vSphere's times are."""
    return at.replace(tzinfo=timezone.utc) if at.tzinfo is None else at.astimezone(timezone.utc)


def disks(devices: Sequence[Any]) -> tuple[VirtualDisk, ...]:
    """Return the virtual disks of a device list."""
    return tuple(_disk(each) for each in devices if isinstance(each, _device.VirtualDisk))


def _disk(disk: Any) -> VirtualDisk:
    backing = disk.backing
    datastore = getattr(backing, "datastore", None)
    return VirtualDisk(
        key=disk.key,
        label=_label(disk),
        controller_key=disk.controllerKey,
        unit_number=disk.unitNumber,
        capacity=int(disk.capacityInBytes or disk.capacityInKB * 1024),
        datastore_ref=None if datastore is None else id_of(datastore),
        file_name=Outside(getattr(backing, "fileName", None) or ""),
        uuid=getattr(backing, "uuid", None),
        has_parent=getattr(backing, "parent", None) is not None,
        is_raw_device=isinstance(backing, _RAW),
        backing=str(type(backing)._wsdlName),  # noqa: SLF001 -- pyvmomi's public, underscored way to ask
        mode=str(getattr(backing, "diskMode", None) or ""),
    )


def controllers(devices: Sequence[Any]) -> tuple[ScsiController, ...]:
    """Return the storage controllers of a device list, each with the keys of the disks on it."""
    return tuple(
        ScsiController(
            key=each.key,
            kind=type(each).__name__.rpartition(".")[2].removeprefix("Virtual"),
            bus_number=each.busNumber,
            label=_label(each),
            disk_keys=tuple(disk.key for disk in disks(devices) if disk.controller_key == each.key),
            shared_bus=str(getattr(each, "sharedBus", None) or "noSharing"),
        )
        for each in devices
        if isinstance(each, _STORAGE_CONTROLLERS)
    )


def connected_nics(devices: Sequence[Any]) -> int:
    """Count the network adapters that are connected."""
    cards = [each for each in devices if isinstance(each, _device.VirtualEthernetCard)]
    return sum(1 for card in cards if card.connectable is not None and card.connectable.connected)


def network_adapters(devices: Sequence[Any]) -> tuple[NetworkAdapter, ...]:
    """Return the network adapters of a device list, each with what tells its network."""
    return tuple(_adapter(each) for each in devices if isinstance(each, _device.VirtualEthernetCard))


def _adapter(card: Any) -> NetworkAdapter:
    network = getattr(card.backing, "network", None)
    port = getattr(card.backing, "port", None)
    return NetworkAdapter(
        key=card.key,
        kind=type(card).__name__.rpartition(".")[2].removeprefix("Virtual"),
        label=_label(card),
        network_ref=None if network is None else id_of(network),
        port_group_key=None if port is None else port.portgroupKey,
    )


def _label(device: Any) -> str:
    return str(device.deviceInfo.label) if device.deviceInfo is not None else f"device {device.key}"


def snapshots(info: Any) -> tuple[Snapshot, ...]:
    """Flatten a snapshot tree, parents first."""
    return tuple(_flat(info.rootSnapshotList))


def _flat(trees: Sequence[Any]) -> Iterator[Snapshot]:
    for tree in trees:
        yield Snapshot(Outside(tree.name), in_utc(tree.createTime), id_of(tree.snapshot))
        yield from _flat(tree.childSnapshotList)


def longest_chain(layouts: Sequence[Any]) -> int:
    """Return the number of files of the longest disk chain: one for a disk without delta files, 0 without disks."""
    return max((len(layout.chain) for layout in layouts), default=0)


def guest_volumes(volumes: Sequence[Any]) -> tuple[GuestVolume, ...]:
    """Return the file systems that VMware Tools reports."""
    return tuple(
        GuestVolume(
            path=Outside(each.diskPath or ""),
            capacity=int(each.capacity or 0),
            free=int(each.freeSpace or 0),
            file_system=_file_system(each),
            disk_keys=_disk_keys(each),
        )
        for each in volumes
    )


def _file_system(volume: Any) -> Reading[str]:
    if volume.filesystemType:
        return seen(str(volume.filesystemType))
    return not_seen(_("VMware Tools does not report the file system; vSphere 7.0 and later do"))


def _disk_keys(volume: Any) -> Reading[tuple[int, ...]]:
    if volume.mappings:
        return seen(tuple(int(each.key) for each in volume.mappings))
    return not_seen(_("VMware Tools does not report which disk the volume is on; vSphere 7.0 and later do"))


def guest_nics(nics: Sequence[Any]) -> tuple[GuestNic, ...]:
    """Return the network adapters that VMware Tools reports, with addresses and prefix lengths."""
    return tuple(GuestNic(Outside(each.network or ""), bool(each.connected), _addresses(each)) for each in nics)


def _addresses(nic: Any) -> tuple[tuple[str, int], ...]:
    if nic.ipConfig is None:
        return ()
    return tuple((str(each.ipAddress), int(each.prefixLength)) for each in nic.ipConfig.ipAddress)


def ip_addresses(nics: Sequence[Any]) -> tuple[str, ...]:
    """Return every address of every network adapter of the guest."""
    return tuple(dict.fromkeys(str(address) for nic in nics for address in nic.ipAddress))
