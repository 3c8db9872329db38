"""The pickers of step 10 and 9: ESXi hosts, datastores and retention volumes of a master target.

Those of master targets and process servers stand in `server_candidates`. Every function answers with a reading: not
seen means that the list itself could not be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from wizard_steps.candidate import Candidate, Check, Place, Reason, first_reason, holds
from wizard_steps.case import Case, Machine, Target, read, volume_key
from wizard_steps.classic import homecoming, retention, storage
from wizard_steps.classic.host_licence import is_free_edition
from wizard_steps.classic.storage import Mounted
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_in_azure import RetentionVolume
from wizard_steps.seen_in_vcenter import Datastore, GuestVolume, Host
from wizard_steps.server_candidates import (
    MasterTargetCandidate,
    ProcessServerCandidate,
    master_target_candidates,
    process_server_candidates,
)
from wizard_steps.sizes import GIB, shown_size
from wizard_steps.subjects import chosen_datastore
from wizard_steps.wording import _

_MIB = GIB // 1024


@dataclass(frozen=True, kw_only=True)
class HostCandidate(Place):
    """An ESXi host the master target could stand on; capacity and free are its memory."""

    is_current: bool  # the master target stands on it now


@dataclass(frozen=True, kw_only=True)
class DatastoreCandidate(Place):
    """A datastore for new VMs; `mounted` is how the master target's host has it."""


@dataclass(frozen=True, kw_only=True)
class RetentionCandidate(Place):
    """A volume of the master target; `mounted` tells whether site recovery lists it."""

    is_default: bool  # R on Windows, /mnt/retention on Linux


def host_candidates(case: Case, target: Target) -> Reading[tuple[HostCandidate, ...]]:
    """Return every ESXi host, as a place for a master target and for the new VMs made beside it."""
    return case.vcenter.hosts.map(lambda hosts: tuple(_host(case, target, one) for one in hosts))


def _host(case: Case, target: Target, host: Host) -> HostCandidate:
    machines = target.machines
    reason = first_reason(
        partial(_not_connected, host),
        partial(_in_maintenance, host),
        partial(_misses_own_disks, case, target, host),
        *(partial(_misses_disks_of, case, machine, host) for machine in machines),
        partial(_has_no_vmfs, case, host),
        *(partial(_has_namesake, case, machine, host) for machine in machines),
        partial(_is_free_edition, host),
    )
    fits = () if reason.text else tuple(one.name for one in machines if holds(partial(_lacks_memory, one, host)))
    current, chosen = target.host.or_else(None), target.chosen_host.or_else(None)
    cramped = _("{count} of {all} machines find no memory").format(count=len(machines) - len(fits), all=len(machines))
    return HostCandidate(
        name=host.name,
        ref=host.ref,
        fits=fits,
        first_reason=reason.text,
        is_unknown=reason.is_unknown,
        is_chosen=chosen is not None and chosen.ref == host.ref,
        remark=cramped if not reason.text and len(fits) < len(machines) else "",
        capacity=host.memory_mb.map(lambda mb: mb * _MIB),
        free=read(lambda: _free_memory_mb(host) * _MIB),
        kind=_("ESXi {version}").format(version=Outside(host.version.or_else(_("(version unread)"))).shown()),
        mounted="",
        is_current=current is not None and current.ref == host.ref,
    )


def _not_connected(host: Host) -> str | None:
    state = host.connection_state.value
    return None if state == "connected" else _("it is {state}").format(state=Outside(state).shown())


def _in_maintenance(host: Host) -> str | None:
    return _("it is in maintenance mode") if host.in_maintenance.value else None


def _misses_own_disks(case: Case, target: Target, host: Host) -> str | None:
    own = [case.datastore(ref).value for ref in target.vm.value.datastore_refs.value]
    return _not_writable(own, host)


def _misses_disks_of(case: Case, machine: Machine, host: Host) -> str | None:
    """Return which datastore of a machine the host cannot write: its VM's own ones, or the chosen one."""
    if machine.location.value == homecoming.ORIGINAL:
        return _not_writable(storage.datastores_of_disks(case, machine), host)
    return None if machine.choice.datastore is None else _not_writable([chosen_datastore(machine)], host)


def _not_writable(datastores: Sequence[Datastore], host: Host) -> str | None:
    for one in datastores:
        state = storage.mounted(one, host.ref)
        if state is not Mounted.READ_WRITE:
            return _("{datastore} is {words} there").format(datastore=one.name.shown(), words=state.words)
    return None


def _has_no_vmfs(case: Case, host: Host) -> str | None:
    return None if storage.accessible_vmfs(case, host) else _("it has no VMFS datastore")


def _has_namesake(case: Case, machine: Machine, host: Host) -> str | None:
    if machine.location.value == homecoming.ORIGINAL:
        return None
    refs = host.vm_refs.value
    taken = any(one.ref in refs and one.name.same_name(machine.name) for one in case.vcenter.machines.value)
    return _("a VM called {name} stands there").format(name=Outside(machine.name).shown()) if taken else None


def _is_free_edition(host: Host) -> str | None:
    edition = host.licence_edition.value
    return _("it has the free edition of ESXi") if edition and is_free_edition(edition) else None


def _free_memory_mb(host: Host) -> int:
    return host.memory_mb.value - host.memory_used_mb.value


def _lacks_memory(machine: Machine, host: Host) -> str | None:
    """Return that a new VM would not start; at the original location the VM starts on its own host."""
    if machine.location.value == homecoming.ORIGINAL:
        return None
    return None if homecoming.memory_mb(machine) <= _free_memory_mb(host) else _("not enough memory")


def datastore_candidates(
    case: Case, target: Target, machine: Machine | None = None
) -> Reading[tuple[DatastoreCandidate, ...]]:
    """Return every datastore, for one machine's new disks, or (None) for those of any machine of the target."""
    return case.vcenter.datastores.map(lambda all_: tuple(_datastore(case, target, machine, one) for one in all_))


def _datastore(case: Case, target: Target, machine: Machine | None, datastore: Datastore) -> DatastoreCandidate:
    machines = target.machines if machine is None else (machine,)
    roomy = tuple(one.name for one in machines if holds(partial(_lacks_room, case, one, datastore)))
    reason = first_reason(
        lambda: _not_writable([datastore], target.host.value),
        partial(_in_service, datastore),
        partial(_wrong_kind, datastore),
        partial(_unlisted, target, datastore),
        _room_check(case, machines, roomy, datastore),
    )
    chosen = read(lambda: chosen_datastore(machine)).or_else(None) if machine is not None else None
    kind = datastore.kind.or_else(_("unread"))
    return DatastoreCandidate(
        name=datastore.name,
        ref=datastore.ref,
        fits=() if reason.text else roomy,
        first_reason=reason.text,
        is_unknown=reason.is_unknown,
        is_chosen=chosen is not None and chosen.ref == datastore.ref,
        remark="" if kind.casefold() in (storage.VMFS, storage.VSAN) else _("the documents do not mention this type"),
        capacity=datastore.capacity,
        free=datastore.free,
        kind=Outside(kind).shown(),
        mounted=_how_mounted(datastore, target),
    )


def _how_mounted(datastore: Datastore, target: Target) -> str:
    state = read(lambda: storage.mounted(datastore, target.host.value.ref))
    return state.value.words if state.was_seen else _("not known")


def _in_service(datastore: Datastore) -> str | None:
    mode = datastore.maintenance_mode.value
    return None if mode == "normal" else _("it is in maintenance mode ({mode})").format(mode=Outside(mode).shown())


def _wrong_kind(datastore: Datastore) -> str | None:
    if storage.kind_of(datastore) not in storage.NFS:
        return None
    return _("its type is {kind}; VMFS or vSAN is needed").format(kind=Outside(datastore.kind.value).shown())


def _unlisted(target: Target, datastore: Datastore) -> str | None:
    listed = storage.is_listed(target.registered.value, datastore)
    return None if listed else _("site recovery does not list it for the master target")


def _room_check(case: Case, machines: Sequence[Machine], roomy: Sequence[str], datastore: Datastore) -> Check:
    """Return the check that at least one machine finds room; its reason is that of the first machine."""
    if roomy or not machines:
        return lambda: None
    return partial(_lacks_room, case, machines[0], datastore)


def _lacks_room(case: Case, machine: Machine, datastore: Datastore) -> str | None:
    """Return that a machine's disks do not fit beside those of the machines that chose this datastore already."""
    others = [one for one in homecoming.coming_to(case, datastore) if one.item.id != machine.item.id]
    needed = homecoming.disk_bytes(machine) + sum(sum(one.disk_bytes.or_else(())) for one in others)
    free = datastore.free.value
    if free >= needed:
        return None
    return _("{free} free, {needed} needed").format(free=shown_size(free), needed=shown_size(needed))


def retention_candidates(case: Case, target: Target) -> Reading[tuple[RetentionCandidate, ...]]:
    """Return every volume of a master target: those site recovery lists first, then the others of its guest."""
    listed = read(lambda: target.registered.value.retention_volumes.value)
    if not listed.was_seen:
        return not_seen(listed.reason or "", listed.source)
    known = {volume_key(one.name.raw) for one in listed.value}
    inside = read(lambda: target.vm.value.guest_volumes.value).or_else(())
    guests = {volume_key(one.path.raw): one for one in inside}
    shown = [_listed_volume(target, one, guests.get(volume_key(one.name.raw))) for one in listed.value]
    hidden = [_hidden_volume(case, target, one) for key, one in guests.items() if key not in known]
    return seen((*shown, *hidden), listed.source)


def _listed_volume(target: Target, volume: RetentionVolume, guest: GuestVolume | None) -> RetentionCandidate:
    reason = first_reason(
        lambda: None if volume.capacity.value > 0 else _("its capacity is zero"),
        lambda: _("its file system is FAT") if guest and retention.is_fat(guest.file_system.or_else("")) else None,
    )
    plain = _volume(target, volume.name, guest, reason)
    return replace(plain, capacity=volume.capacity, free=volume.free, mounted=_("listed"))


def _hidden_volume(case: Case, target: Target, guest: GuestVolume) -> RetentionCandidate:
    reason = first_reason(
        lambda: retention.broken_condition(case, target, guest), lambda: retention.still_unlisted(case, target, guest)
    )
    plain = _volume(target, guest.path, guest, reason)
    return replace(plain, capacity=seen(guest.capacity), free=seen(guest.free), mounted=_("not listed"))


def _volume(target: Target, name: Outside, guest: GuestVolume | None, reason: Reason) -> RetentionCandidate:
    """Return what is the same for listed and for other volumes; its room is the caller's to fill in."""
    key, unread = volume_key(name.raw), not_seen(_("not read"))
    return RetentionCandidate(
        name=name,
        ref=name.raw,
        fits=() if reason.text else tuple(one.name for one in target.machines),
        first_reason=reason.text,
        is_unknown=reason.is_unknown,
        is_chosen=key == volume_key(target.choice.retention_volume or ""),
        capacity=unread,
        free=unread,
        kind=Outside(guest.file_system.or_else("") if guest else "").shown() or _("not known"),
        mounted="",
        is_default=key in (volume_key("R"), volume_key("/mnt/retention")),
    )


__all__ = [
    "Candidate",
    "DatastoreCandidate",
    "HostCandidate",
    "MasterTargetCandidate",
    "Place",
    "ProcessServerCandidate",
    "RetentionCandidate",
    "datastore_candidates",
    "host_candidates",
    "master_target_candidates",
    "process_server_candidates",
    "retention_candidates",
]
