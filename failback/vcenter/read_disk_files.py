"""Where disks lie that a VM had and has no more: searched for by UUID on the datastores that its host mounts.

Nothing is changed: files are listed, and loose ones are asked for the UUID in their descriptor. A disk that hangs on
any VM of the inventory is known by that VM's own devices, and its file is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pyVmomi import vim

from failback.clock import Clock
from failback.errors import NotReachedError
from failback.progress import Cancelled
from failback.vcenter.faults import told
from failback.vcenter.properties import Collector, stop_if
from failback.vcenter.read_hardware import id_of
from failback.vcenter.session import Connection
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.outside import Outside, visible
from wizard_steps.seen_around_machines import DiskFile
from wizard_steps.wording import _

MOST_ASKED: Final = 300
"""How many loose files are asked for their UUID in one search; each is a call."""
PATIENCE: Final = timedelta(minutes=5)
"""How long one datastore may take to list its disks."""
BETWEEN_LOOKS: Final = 0.5
_KIB: Final = 1024
_Browser = vim.host.DatastoreBrowser


@dataclass(frozen=True)
class Search:
    """What is searched for and where: UUIDs with the file each was last known by, datastores by reference and name."""

    wanted: Mapping[str, str]
    datastores: Mapping[str, str]
    datacenter: str
    machines: tuple[str, ...]  # whose disks may lie there


@dataclass(frozen=True)
class _Listed:
    """A disk's descriptor on a datastore."""

    file: str
    datastore: str
    capacity: int
    kind: str | None


def find_disks(connection: Connection, search: Search, clock: Clock, cancelled: Cancelled) -> tuple[DiskFile, ...]:
    """Return every file that carries one of the UUIDs; raises `NotReachedError` where the search cannot be finished."""
    wanted = {plain_uuid(one) for one in search.wanted}
    attached = _attached(connection, search.machines, cancelled)
    found = [one for one in attached.values() if one is not None and plain_uuid(one.uuid) in wanted]
    listed = [
        one
        for ref, name in search.datastores.items()
        for one in _listed(connection, ref, name, clock, cancelled)
        if one.file.casefold() not in attached
    ]
    known_names = {_base(file) for file in search.wanted.values()}
    loose = sorted(listed, key=lambda one: (_base(one.file) not in known_names, one.file))
    if len(loose) > MOST_ASKED:
        raise _unfinished(
            _("{count} disks there hang on no VM, more than are asked for their UUID").format(count=len(loose)),
            _("tidy up there, or compare their UUIDs by hand"),
        )
    for one in loose:
        stop_if(cancelled)
        uuid = _uuid_of(connection, one.file, search.datacenter)
        if uuid is not None and plain_uuid(uuid) in wanted:
            found.append(DiskFile(uuid, Outside(one.file), one.datastore, one.capacity, one.kind))
    return tuple(found)


def _unfinished(why: str, advice: str) -> NotReachedError:
    return NotReachedError(_("The search for disks"), why, advice)


def _base(file: str) -> str:
    return file.rpartition("/")[2].casefold()


# -- disks that hang on machines


def _attached(connection: Connection, machines: Iterable[str], cancelled: Cancelled) -> dict[str, DiskFile | None]:
    """Return every file that is a disk of these machines, or lies under one as the parent of a snapshot (`None`)."""
    collector = Collector(connection, cancelled)
    files: dict[str, DiskFile | None] = {}
    for answer in collector.of_these(vim.VirtualMachine, machines, ("name", "config.hardware.device")):
        devices = answer.values.get("config.hardware.device")
        if devices is None:
            why = answer.missing.get("config.hardware.device") or _("vCenter holds no value for it")
            raise _unfinished(
                _("the disks of {name} were not told ({why}), and one could be among them").format(
                    name=visible(str(answer.values.get("name") or answer.ref)), why=why
                ),
                _("look again with an account that may read every machine"),
            )
        name = Outside(str(answer.values.get("name") or answer.ref))
        for disk in devices:
            if isinstance(disk, vim.vm.device.VirtualDisk):
                files |= _files_of(disk, name)
    return files


def _files_of(disk: Any, owner: Outside) -> Iterator[tuple[str, DiskFile | None]]:
    backing = disk.backing
    file = getattr(backing, "fileName", None)
    if file:
        ref = id_of(backing.datastore) if getattr(backing, "datastore", None) is not None else ""
        size = int(disk.capacityInBytes or disk.capacityInKB * _KIB)
        uuid = getattr(backing, "uuid", None) or ""
        yield file.casefold(), DiskFile(uuid, Outside(file), ref, size, type(backing)._wsdlName, owner)  # noqa: SLF001
    while (backing := getattr(backing, "parent", None)) is not None:
        if getattr(backing, "fileName", None):
            yield backing.fileName.casefold(), None


# -- disks on datastores


def _listed(connection: Connection, datastore: str, name: str, clock: Clock, cancelled: Cancelled) -> Sequence[_Listed]:
    collector = Collector(connection, cancelled)
    (answer,) = collector.of_these(vim.Datastore, [datastore], ("browser",))
    browser = _Browser(id_of(answer.values["browser"]), connection.stub)
    details = vim.host.DatastoreBrowser.VmDiskQuery.Details(
        diskType=True, capacityKb=True, hardwareVersion=False, controllerType=False, diskExtents=False, thin=False
    )
    spec = _Browser.SearchSpec(
        query=[_Browser.VmDiskQuery(details=details)],
        details=_Browser.FileInfo.Details(fileType=True, fileSize=True, modification=False, fileOwner=False),
        matchPattern=["*.vmdk"],
    )
    task = browser.SearchDatastoreSubFolders_Task(f"[{name}]", spec)
    folders = _result_of(collector, id_of(task), name, clock, cancelled)
    return [_found(one, folder, datastore) for folder in folders for one in folder.file]


def _found(file: Any, folder: Any, datastore: str) -> _Listed:
    # vCenter writes `[datastore] folder/`, and what stands between the parts differs with releases.
    datastore_name, _bracket, inside = str(folder.folderPath).partition("]")
    path = "/".join(part for part in [*inside.strip(" ").split("/"), str(file.path)] if part)
    kind = getattr(file, "diskType", None)
    return _Listed(
        file=f"{datastore_name}] {path}",
        datastore=datastore,
        capacity=int(getattr(file, "capacityKb", None) or 0) * _KIB,
        kind=None if kind is None else str(getattr(kind, "_wsdlName", kind)),
    )


def _result_of(collector: Collector, task: str, name: str, clock: Clock, cancelled: Cancelled) -> Any:
    """Wait for a search and return its result; raises `NotReachedError` when it fails or takes too long."""
    until = clock.now() + PATIENCE
    while True:
        stop_if(cancelled)
        (answer,) = collector.of_these(vim.Task, [task], ("info.state", "info.result", "info.error"))
        state = str(answer.values.get("info.state"))
        unread = answer.missing.get("info.result")
        if state == "success" and unread is None:
            return answer.values.get("info.result") or ()
        if state in ("success", "error") or clock.now() > until:
            why = unread or (told(answer.values["info.error"]) if state == "error" else _("it did not end in time"))
            raise _unfinished(
                _("the disks on {name} were not listed ({why})").format(name=visible(name), why=why),
                _("look again, or search for them by hand"),
            )
        clock.sleep(BETWEEN_LOOKS)


def _uuid_of(connection: Connection, file: str, datacenter: str) -> str | None:
    """Return the UUID in a disk's descriptor; `None` for a file that is locked, gone, or no disk."""
    manager = connection.content.virtualDiskManager
    ask: Callable[..., Any] = manager.QueryVirtualDiskUuid
    try:
        return str(ask(file, vim.Datacenter(datacenter, connection.stub)))
    except vim.fault.FileFault:
        return None
