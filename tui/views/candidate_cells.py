"""The figures of a candidate: capacity, free space, kind, how it is mounted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tui.views import choosing, words
from tui.views.table import Column
from wizard_steps.case import Case, Target
from wizard_steps.seen_in_azure import MasterTarget, ProcessServer, RetentionVolume
from wizard_steps.seen_in_vcenter import Datastore, Host
from wizard_steps.wording import N_, _

MIB = 2**20


def _host(case: Case, target: Target | None, host: Host) -> tuple[str, ...]:
    memory = words.size(host.memory_mb.value * MIB) if host.memory_mb.was_seen else "?"
    free = "?"
    if host.memory_mb.was_seen and host.memory_used_mb.was_seen:
        free = words.size((host.memory_mb.value - host.memory_used_mb.value) * MIB)
    state = words.text_of(host.connection_state)
    if host.in_maintenance.or_else(default=False):
        state = _("in maintenance")
    mounted = str(len(host.datastore_refs.value)) if host.datastore_refs.was_seen else "?"
    return memory, free, state, mounted


def _datastore(case: Case, target: Target | None, store: Datastore) -> tuple[str, ...]:
    return words.size_of(store.capacity), words.size_of(store.free), words.text_of(store.kind), _mount(target, store)


def _mount(target: Target | None, store: Datastore) -> str:
    """Say how the master target's host mounts a datastore."""
    host = target.host.or_else(None) if target is not None else None
    if host is None or not store.mounts.was_seen:
        return "?"
    mount = next((one for one in store.mounts.value if one.host_ref == host.ref), None)
    if mount is None or not mount.mounted:
        return _("not mounted")
    if not mount.accessible or not store.accessible.or_else(default=True):
        return _("not accessible")
    if not store.accessible.was_seen:
        return "?"
    return {"readWrite": _("read-write"), "readOnly": _("read-only")}.get(mount.access_mode, mount.access_mode)


def _volume(case: Case, target: Target | None, volume: RetentionVolume) -> tuple[str, ...]:
    from wizard_steps.joins import volume_key

    vm = target.vm.or_else(None) if target is not None else None
    inside = vm.guest_volumes.or_else(()) if vm is not None else ()
    found = next((one for one in inside if volume_key(one.path.raw) == volume_key(volume.name.raw)), None)
    system = words.text_of(found.file_system) if found is not None else "?"
    return (
        words.size_of(volume.capacity),
        words.size_of(volume.free),
        system,
        found.path.shown() if found is not None else "?",
    )


def _server(case: Case, target: Target | None, server: MasterTarget | ProcessServer) -> tuple[str, ...]:
    if isinstance(server, ProcessServer):
        load = words.size_of(server.space_available)
    else:
        load = words.disks(server.disk_count.value) if server.disk_count.was_seen else "?"
    return (
        words.text_of(server.ip_address),
        load,
        words.text_of(server.os_type),
        words.text_of(server.agent_version),
    )


CELLS: Mapping[str, Callable[[Case, Target | None, Any], tuple[str, ...]]] = {
    choosing.HOST: _host,
    choosing.DATASTORE: _datastore,
    choosing.VOLUME: _volume,
    choosing.MASTER_TARGET: _server,
    choosing.PROCESS_SERVER: _server,
}
_COLUMNS: Mapping[str, tuple[tuple[str, int], ...]] = {
    choosing.HOST: ((N_("memory"), 9), (N_("free"), 9), (N_("state"), 13), (N_("stores"), 7)),
    choosing.DATASTORE: ((N_("capacity"), 11), (N_("free"), 11), (N_("kind"), 8), (N_("mounted"), 15)),
    choosing.VOLUME: ((N_("capacity"), 11), (N_("free"), 11), (N_("kind"), 8), (N_("mounted"), 16)),
    choosing.MASTER_TARGET: ((N_("address"), 16), (N_("carries"), 10), (N_("system"), 9), (N_("agent"), 10)),
    choosing.PROCESS_SERVER: ((N_("address"), 16), (N_("cache free"), 11), (N_("system"), 9), (N_("agent"), 10)),
}


def columns(kind: str) -> tuple[Column, ...]:
    """Return the columns of a picker."""
    figures = (Column(_(heading), width) for heading, width in _COLUMNS[kind])
    return (Column("", 3), Column(_("name"), 0), *figures, Column(_("fit"), 9))
