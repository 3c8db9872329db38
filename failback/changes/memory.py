"""What the program itself saw or did before, kept beside the journal; rules read it as `wizard_steps.estate.Memory`.

Of an address, what was seen first is kept: a rule that asks "is it still as it was?" would otherwise be answered by
the change itself. Disks are remembered by their UUIDs, as `_remember_disks` says, with the place where each hung.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from failback.changes.plan import utc_text, utc_time
from failback.errors import UsageError
from failback.home import read_private, replace_private
from wizard_steps.case import Case, Target
from wizard_steps.classic.moved_disks import held_for_others
from wizard_steps.classic.reprotected import through
from wizard_steps.estate import DiskPlace, Memory
from wizard_steps.reading import NotSeen
from wizard_steps.scsi_places import slot_of
from wizard_steps.seen_in_vcenter import VirtualMachine

FILE_NAME = "memory.json"
_VERSION = 1


class MemoryStore:
    """The memory in one folder, or of one run of the program."""

    def __init__(self, folder: Path | None) -> None:
        """Keep the memory in `folder`; `None` keeps it as long as the program runs (each rehearsal is a new site)."""
        self._path = None if folder is None else folder / FILE_NAME
        self._of_this_run = Memory()
        self._lock = threading.Lock()

    def load(self) -> Memory:
        """Return what is remembered; nothing yet is an empty memory.

        A file that cannot be understood is moved aside and nothing is remembered: the rules then say so themselves.
        Raises `HomeError` when others could have written it.
        """
        if self._path is None:
            return self._of_this_run
        try:
            content = read_private(self._path)
        except FileNotFoundError:
            return Memory()
        try:
            return _from_json(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError, UsageError):
            self._path.replace(self._path.with_name(f"{FILE_NAME}.unreadable"))
            return Memory()

    def note(self, case: Case) -> None:
        """Remember what a look brought that later looks are compared with."""
        self._change(lambda known: remember(known, case))

    def note_refresh(self, fabric_id: str, at: datetime) -> None:
        """Remember that this program had a configuration server refreshed at `at` (aware)."""
        self._change(lambda known: replace(known, refreshed={**known.refreshed, fabric_id.casefold(): at}))

    def note_formatted(self, target_id: str, at: datetime) -> None:
        """Remember that this program made a master target's disk a volume at `at` (aware): it is to be listed soon."""
        self._change(
            lambda known: replace(known, retention_disk_added={**known.retention_disk_added, target_id.casefold(): at})
        )

    def note_attached(self, target_id: str, files: Mapping[str, str]) -> None:
        """Remember the files of disks, by UUID, that this program attached to a master target."""
        key = target_id.casefold()

        def with_files(known: Memory) -> Memory:
            mine = {**known.attached_files.get(key, {}), **files}
            return replace(known, attached_files={**known.attached_files, key: mine})

        self._change(with_files)

    def _change(self, change: Callable[[Memory], Memory]) -> None:
        with self._lock:
            known = self.load()
            new = change(known)
            if self._path is None:
                self._of_this_run = new
            elif new != known:
                replace_private(self._path, json.dumps(_to_json(new), indent=1, sort_keys=True).encode())


def remember(known: Memory, case: Case) -> Memory:
    """Return the memory after one more look. What was not seen changes nothing."""
    addresses = dict(known.configuration_server_addresses)
    for server in case.azure.configuration_servers.or_else(()):
        address = server.ip_address.or_else(None)
        if address:
            addresses.setdefault(server.id.casefold(), address)
    after = replace(known, configuration_server_addresses=addresses)
    for target in case.targets.or_else(()):
        try:
            after = _remember_disks(after, case, target)
        except NotSeen:
            continue
    return after


def _remember_disks(known: Memory, case: Case, target: Target) -> Memory:
    """Return the memory with a master target's disks; raises `NotSeen`.

    Until a machine is reprotected through it, its disks are its own: the map follows them, and one that appears was
    added when it was first seen. From then on disks of machines hang on it that must not move: where each was first
    seen is kept, and a target nobody remembers from before stays unknown. When the last machine has left, a disk of
    another VM that has not come home is remembered until it has.
    """
    key = target.registered.value.id.casefold()
    before = known.disk_files.get(key)
    vm = target.vm.value
    now = {disk.uuid.casefold(): disk.file_name.raw for disk in vm.disks.value if disk.uuid}
    places = _places(vm)
    places_before, attached = known.disk_places.get(key, {}), known.attached_files.get(key, {})
    added = known.retention_disk_added
    if through(case, target):
        if before is None:
            return known
        now, places = {**now, **before}, {**places, **places_before}
    else:
        if before is not None and set(now) - set(before):
            added = {**added, key: case.estate.taken_at}
        held = held_for_others(replace(case, memory=known), target)
        now = {**now, **held}
        places = {**{uuid: places_before[uuid] for uuid in held if uuid in places_before}, **places}
        attached = {uuid: file for uuid, file in attached.items() if uuid in held}
    return replace(
        known,
        disk_files={**known.disk_files, key: now},
        disk_places={**known.disk_places, key: places},
        attached_files={**known.attached_files, key: attached},
        retention_disk_added=added,
    )


def _places(vm: VirtualMachine) -> dict[str, DiskPlace]:
    """Return where each disk of a VM hangs, by its UUID; raises `NotSeen`."""
    slots = {disk.uuid.casefold(): (slot_of(vm, disk), disk.mode) for disk in vm.disks.value if disk.uuid}
    return {uuid: DiskPlace(slot, mode) for uuid, (slot, mode) in slots.items() if slot is not None}


def _to_json(memory: Memory) -> dict[str, Any]:
    return {
        "schema_version": _VERSION,
        "configuration_server_addresses": dict(memory.configuration_server_addresses),
        "disk_files": {target: dict(files) for target, files in memory.disk_files.items()},
        "disk_places": {
            target: {uuid: [one.slot, one.mode] for uuid, one in places.items()}
            for target, places in memory.disk_places.items()
        },
        "attached_files": {target: dict(files) for target, files in memory.attached_files.items()},
        "retention_disk_added": {target: utc_text(at) for target, at in memory.retention_disk_added.items()},
        "refreshed": {fabric: utc_text(at) for fabric, at in memory.refreshed.items()},
    }


def _from_json(data: Mapping[str, Any]) -> Memory:
    if data["schema_version"] != _VERSION:
        raise ValueError(data["schema_version"])
    return Memory(
        configuration_server_addresses={key: str(one) for key, one in data["configuration_server_addresses"].items()},
        disk_files=_files(data["disk_files"]),
        disk_places={  # since a later release: an older file has none
            key: {uuid: DiskPlace(str(slot), str(mode)) for uuid, (slot, mode) in places.items()}
            for key, places in data.get("disk_places", {}).items()
        },
        attached_files=_files(data.get("attached_files", {})),  # since a later release, too
        retention_disk_added={key: utc_time(one) for key, one in data["retention_disk_added"].items()},
        refreshed={key: utc_time(one) for key, one in data["refreshed"].items()},
    )


def _files(data: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    return {key: {uuid: str(name) for uuid, name in files.items()} for key, files in data.items()}
