"""Files of disks that hang on no machine of the rehearsal vCenter: listed, asked for their UUID, attached, let go.

    wire.files.put("[vmfs-02] lost/web01.vmdk", uuid="6000c293-...", capacity=80 * 2**30)

The file of a disk that hangs on a machine is known by that machine's devices alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim
from pyVmomi.VmomiSupport import GetVmodlType

from failback.rehearsal.vcenter_wire_calls import Call

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import Answer, VCenterWire

_Browser = vim.host.DatastoreBrowser
_Disk = vim.vm.device.VirtualDisk
_KIB: Final = 1024


@dataclass(frozen=True)
class LooseDisk:
    """The file of a disk that hangs on no machine; `kind` is the type of its backing."""

    uuid: str
    capacity: int
    kind: type[Any] = _Disk.FlatVer2BackingInfo


class Files:
    """The loose disks of one wire, by `[datastore] folder/name.vmdk`."""

    def __init__(self, wire: VCenterWire) -> None:
        self.loose: dict[str, LooseDisk] = {}
        self._wire = wire

    def put(self, name: str, uuid: str, capacity: int, kind: type[Any] = _Disk.FlatVer2BackingInfo) -> None:
        """Let a disk lie there that hangs on no machine."""
        self.loose[name] = LooseDisk(uuid, capacity, kind)

    def attached(self) -> Iterator[tuple[str, Any]]:
        """Yield every disk that hangs on a machine, with its file."""
        for ref in self._wire.store.of_kind(vim.VirtualMachine):
            for device in self._wire.store.get(ref, "config.hardware.device") or []:
                if isinstance(device, _Disk) and device.backing is not None:
                    yield str(getattr(device.backing, "fileName", "")), device

    def attach(self, disk: Any) -> None:
        """Give a device what its file says; raises `FileLocked` where it hangs on a machine, `FileNotFound` if gone."""
        name = disk.backing.fileName
        if any(file == name for file, _device in self.attached()):
            raise vim.fault.FileLocked(file=name, msg="The file is in use.")
        if name not in self.loose:
            raise vim.fault.FileNotFound(file=name, msg="File was not found.")
        found = self.loose[name]
        disk.backing.uuid = found.uuid
        disk.capacityInBytes, disk.capacityInKB = found.capacity, found.capacity // _KIB


def search(wire: VCenterWire, call: Call) -> Any:
    """SearchDatastoreSubFolders_Task: the descriptors of disks, by folder; anything else is refused."""
    spec = call.args["searchSpec"]
    if [type(one) for one in spec.query] != [_Browser.VmDiskQuery] or list(spec.matchPattern) != ["*.vmdk"]:
        raise vim.fault.InvalidDatastorePath(datastorePath=call.args["datastorePath"], msg="disks are listed, only")
    datastore = _datastore_of(wire, call.moref)
    name = wire.store.get(datastore, "name")

    def work() -> Any:
        known = {file: _size(disk) for file, disk in wire.files.attached()}
        known |= {file: (one.capacity, one.kind) for file, one in wire.files.loose.items()}
        folders: dict[str, list[Any]] = {}
        for file, (capacity, kind) in sorted(known.items()):
            if file.startswith(f"[{name}] "):
                folder, _slash, path = file.rpartition("/")
                info = _Browser.VmDiskInfo(path=path, diskType=kind, capacityKb=capacity // _KIB)
                folders.setdefault(f"{folder}/", []).append(info)
        ref = vim.Datastore(datastore)
        found = [_Browser.SearchResults(datastore=ref, folderPath=at, file=files) for at, files in folders.items()]
        return GetVmodlType("vim.host.DatastoreBrowser.SearchResults[]")(found)

    return wire.tasks.start(call, work)


def _size(disk: Any) -> tuple[int, type[Any]]:
    return int(disk.capacityInBytes or disk.capacityInKB * _KIB), type(disk.backing)


def _datastore_of(wire: VCenterWire, browser: str) -> str:
    for ref in wire.store.of_kind(vim.Datastore):
        its = wire.store.get(ref, "browser")
        if its is not None and its._GetMoId() == browser:  # noqa: SLF001 -- pyvmomi's public, underscored way to ask
            return ref
    raise vim.fault.InvalidDatastore(msg="no datastore has this browser")


def query_uuid(wire: VCenterWire, call: Call) -> str:
    """QueryVirtualDiskUuid: as the descriptor writes it, `60 00 c2 93 ... -...`."""
    name = call.args["name"]
    uuids = {file: disk.backing.uuid for file, disk in wire.files.attached()}
    uuids |= {file: one.uuid for file, one in wire.files.loose.items()}
    if name not in uuids:
        raise vim.fault.FileNotFound(file=name, msg="File was not found.")
    digits = uuids[name].replace("-", "")
    pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    return f"{' '.join(pairs[:8])}-{' '.join(pairs[8:])}"


ONLY_OURS: Final = {"ReconfigVM_Task with a file in use": "govmomi attaches a file to two machines"}

ANSWERS: Final[dict[str, Answer]] = {
    "SearchDatastoreSubFolders_Task": search,
    "QueryVirtualDiskUuid": query_uuid,
}
