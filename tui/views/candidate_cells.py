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
    if not mount.accessible:
        return _("not accessible")
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
    load = server.disk_count if isinstance(server, MasterTarget) else server.machine_count
    unit = _("{count} disks") if isinstance(server, MasterTarget) else _("{count} machines")
    free = words.size_of(server.space_available) if isinstance(server, ProcessServer) else ""
    shown = unit.format(count=load.value) if load.was_seen else "?"
    return (
        words.text_of(server.ip_address),
        free or shown,
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
_HEADINGS = {
    choosing.HOST: (N_("memory"), N_("free"), N_("state"), N_("datastores")),
    choosing.DATASTORE: (N_("capacity"), N_("free"), N_("kind"), N_("mounted")),
    choosing.VOLUME: (N_("capacity"), N_("free"), N_("kind"), N_("mounted")),
    choosing.MASTER_TARGET: (N_("address"), N_("carries"), N_("system"), N_("agent")),
    choosing.PROCESS_SERVER: (N_("address"), N_("cache free"), N_("system"), N_("agent")),
}


def columns(kind: str) -> tuple[Column, ...]:
    """Return the columns of a picker."""
    first, second, third, fourth = (_(heading) for heading in _HEADINGS[kind])
    return (
        Column("", 3),
        Column(_("name"), 0),
        Column(first, 11),
        Column(second, 11),
        Column(third, 10),
        Column(fourth, 12),
        Column(_("fit"), 9),
    )
