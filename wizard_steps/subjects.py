"""Which subjects a requirement is judged on: one function per kind of subject.

Each returns a reading of subjects: not seen means "nobody can say yet" (nothing chosen, a list unread), an empty
tuple means "there is none", so the requirement does not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wizard_steps.case import Case, Machine, Target, read
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.requirement import Subject
from wizard_steps.seen_in_azure import ProcessServer, RetentionVolume
from wizard_steps.seen_in_vcenter import Datastore, Host
from wizard_steps.wording import _

Subjects = Callable[[Case], Reading[tuple[Subject, ...]]]


@dataclass(frozen=True)
class ServerInUse:
    """A process server in use, and the targets it was chosen with."""

    server: ProcessServer
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class HostInUse:
    """The ESXi host a master target stands on."""

    host: Host
    target: Target


@dataclass(frozen=True)
class DatastoreInUse:
    """A datastore chosen for machines that come home to an alternate location, seen from their target's host."""

    datastore: Datastore
    target: Target
    machines: tuple[Machine, ...]


@dataclass(frozen=True)
class VolumeInUse:
    """The chosen retention volume of a target; `listed` is None when site recovery does not list it."""

    target: Target
    listed: Reading[RetentionVolume | None]


@dataclass(frozen=True)
class ConsistencyGroup:
    """Machines that are replicated as one; a group is an id that two or more items share."""

    id: str
    machines: tuple[Machine, ...]


def names(machines: tuple[Machine, ...]) -> tuple[str, ...]:
    """Return the raw names of some machines."""
    return tuple(machine.name for machine in machines)


def batch_names(case: Case) -> tuple[str, ...]:
    """Return the raw names of the whole batch; none when it could not be read."""
    return names(case.machines.or_else(()))


def machine_subject(machine: Machine) -> Subject:
    """Return a machine as a subject."""
    return Subject("machine", machine.name, machine.item.id, (machine.name,), machine)


def target_subject(target: Target) -> Subject:
    """Return a master target as a subject."""
    return Subject("master-target", target.name, target.id, names(target.machines), target)


def chosen_machines(case: Case) -> Reading[tuple[Subject, ...]]:
    """Every chosen machine, also those that are reprotected already or modernized."""
    return case.chosen_machines.map(lambda all_: tuple(machine_subject(one) for one in all_))


def _machines(case: Case) -> Reading[tuple[Subject, ...]]:
    return case.machines.map(lambda batch: tuple(machine_subject(one) for one in batch))


def _targets(case: Case) -> Reading[tuple[Subject, ...]]:
    return case.targets.map(lambda targets: tuple(target_subject(one) for one in targets))


def _configuration_server(case: Case) -> Reading[tuple[Subject, ...]]:
    return _about_server(case, "configuration-server")


def _about_server(case: Case, kind: str) -> Reading[tuple[Subject, ...]]:
    return case.server.map(lambda server: (Subject(kind, server.name.raw, server.id, batch_names(case), server),))


def process_servers_in_use(case: Case) -> Reading[tuple[ServerInUse, ...]]:
    """Return the process servers that targets were given, each once."""

    def in_use() -> tuple[ServerInUse, ...]:
        found: dict[str, tuple[ProcessServer, tuple[Target, ...]]] = {}
        for target in case.targets.value:
            server = target.process_server.value
            found[server.id] = (server, (*found.get(server.id, (server, ()))[1], target))
        return tuple(ServerInUse(server, targets) for server, targets in found.values())

    return read(in_use)


def _process_servers(case: Case) -> Reading[tuple[Subject, ...]]:
    return process_servers_in_use(case).map(
        lambda servers: tuple(
            Subject(
                "process-server",
                one.server.name.raw,
                one.server.id,
                tuple(name for target in one.targets for name in names(target.machines)),
                one,
            )
            for one in servers
        )
    )


def _hosts(case: Case) -> Reading[tuple[Subject, ...]]:
    def hosts() -> tuple[Subject, ...]:
        return tuple(
            Subject("esxi-host", host.name.raw, host.ref, names(target.machines), HostInUse(host, target))
            for target in case.targets.value
            for host in (target.host.value,)
        )

    return read(hosts)


def _datastores(case: Case) -> Reading[tuple[Subject, ...]]:
    return read(lambda: tuple(_datastore_subject(one) for one in _datastores_in_use(case)))


def _datastore_subject(one: DatastoreInUse) -> Subject:
    return Subject("datastore", one.datastore.name.raw, one.datastore.ref, names(one.machines), one)


def _datastores_in_use(case: Case) -> tuple[DatastoreInUse, ...]:
    """Return the datastores chosen for alternate locations, each once per target."""
    found: dict[tuple[str, str], DatastoreInUse] = {}
    for machine in case.machines.value:
        if machine.location.value != "alternate":
            continue
        datastore, target = chosen_datastore(machine), machine.target.value
        key = (datastore.ref, target.id)
        sofar = found[key].machines if key in found else ()
        found[key] = DatastoreInUse(datastore, target, (*sofar, machine))
    return tuple(found.values())


def chosen_datastore(machine: Machine) -> Datastore:
    """Return the datastore chosen for a machine; raises `NotSeen` when none is, or several have its name."""
    wanted = machine.choice.datastore
    if wanted is None:
        raise NotSeen(_("no datastore chosen for {machine}").format(machine=Outside(machine.name).shown()))
    hits = [one for one in machine.case.vcenter.datastores.value if one.name.same_name(wanted) or one.ref == wanted]
    if len(hits) != 1:
        raise NotSeen(_("{count} datastores are called {name}").format(count=len(hits), name=Outside(wanted).shown()))
    return hits[0]


def _volumes(case: Case) -> Reading[tuple[Subject, ...]]:
    return read(lambda: tuple(_volume_subject(target) for target in case.targets.value))


def _volume_subject(target: Target) -> Subject:
    chosen = target.choice.retention_volume
    if chosen is None:
        raise NotSeen(_("no retention volume chosen for {target}").format(target=Outside(target.name).shown()))
    name = f"{target.name}:{chosen}"
    return Subject(
        "retention-volume",
        name,
        f"{target.id}:{chosen}",
        names(target.machines),
        VolumeInUse(target, listed_volume(target)),
    )


def listed_volume(target: Target) -> Reading[RetentionVolume | None]:
    """Return the chosen retention volume as site recovery lists it; None: it is not in the list."""
    from wizard_steps.case import volume_key

    wanted = volume_key(target.choice.retention_volume or "")
    return read(
        lambda: next(
            (one for one in target.registered.value.retention_volumes.value if volume_key(one.name.raw) == wanted), None
        )
    )


def _groups(case: Case) -> Reading[tuple[Subject, ...]]:
    return read(
        lambda: tuple(
            Subject("consistency-group", group.id, group.id, names(group.machines), group)
            for group in consistency_groups(case)
        )
    )


def consistency_groups(case: Case) -> tuple[ConsistencyGroup, ...]:
    """Return the groups that touch the batch; raises `NotSeen` when a machine's group is unread."""
    members: dict[str, list[Machine]] = {}
    for item in case.azure.protected_items.value:
        machine = Machine(case, item)
        group = item.consistency_group_id.value
        if group is not None:
            members.setdefault(group.casefold(), []).append(machine)
    batch = {machine.item.id for machine in case.machines.value}
    return tuple(
        ConsistencyGroup(group, tuple(machines))
        for group, machines in members.items()
        if len(machines) > 1 and any(one.item.id in batch for one in machines)
    )


def _batch(case: Case) -> Reading[tuple[Subject, ...]]:
    return case.machines.map(lambda batch: (Subject("batch", "batch", "batch", names(batch), case),))


def _vault(case: Case) -> Reading[tuple[Subject, ...]]:
    vault_id = case.azure.vault_id
    return read(lambda: (Subject("vault", vault_id.rpartition("/")[2], vault_id, batch_names(case), case.azure),))


def _account(case: Case) -> Reading[tuple[Subject, ...]]:
    def account() -> tuple[Subject, ...]:
        user = case.choices.site_recovery_vcenter_user
        if user is None:
            raise NotSeen(
                _("the account site recovery uses in vCenter is not named: site_recovery_vcenter_user under [site]")
            )
        return (Subject("account", user, user, batch_names(case), user),)

    return read(account)


BY_KIND: dict[str, Subjects] = {
    "machine": _machines,
    "configuration-server": _configuration_server,
    "process-server": _process_servers,
    "master-target": _targets,
    "esxi-host": _hosts,
    "datastore": _datastores,
    "retention-volume": _volumes,
    "consistency-group": _groups,
    "policy": lambda case: _about_server(case, "policy"),
    "connection": lambda case: _about_server(case, "connection"),
    "vcenter": lambda case: _about_server(case, "vcenter"),
    "account": _account,
    "vault": _vault,
    "batch": _batch,
}
