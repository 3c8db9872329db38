"""Reading vCenter in two phases: a few properties of everything, then all that matters of the machines that matter.

The reader has no method that writes. What cannot be read becomes a reading with its reason; only what the operator
has to put right first (a refused password, a changed certificate) and a cancellation leave it as exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from failback.clock import Clock
from failback.errors import AccessDeniedError, NotReachedError, TimedOutError, UnreachableError
from failback.progress import Cancelled, Progress, never, silent
from failback.vcenter.properties import Collector, stop_if
from failback.vcenter.read_accounts import read_grants, read_licences, read_privileges, read_roles
from failback.vcenter.read_clusters import read_clusters, read_pods
from failback.vcenter.read_disk_files import Search, find_disks
from failback.vcenter.read_events import events_not_read, read_events
from failback.vcenter.read_hosts import read_datastores, read_hosts
from failback.vcenter.read_machines import read_all, read_in_depth, read_these
from failback.vcenter.read_networks import read_datacenters, read_networks
from failback.vcenter.session import Connection, VCenterSession
from wizard_steps.reading import NotSeen, Reading, Source, not_seen, read, seen
from wizard_steps.seen_around_machines import AccountGrant, DiskFile, Role
from wizard_steps.seen_in_vcenter import Host, SeenInVCenter, VirtualMachine
from wizard_steps.wording import _

T = TypeVar("T")

SINGLE_HOST: Final = "HostAgent"
"""`about.apiType` of an ESXi host that was signed in to directly."""


class VCenterReader:
    """Looks at one vCenter (or one ESXi host) through a session. Its methods block and belong on a worker thread."""

    def __init__(self, session: VCenterSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def read(self, progress: Progress = silent, cancelled: Cancelled = never) -> SeenInVCenter:
        """Read the small properties of every machine, host, datastore, cluster and datastore cluster."""
        return _Look(self._session, self._clock, progress, cancelled).at_everything()

    def read_in_depth(
        self,
        seen_before: SeenInVCenter,
        refs: Iterable[str],
        progress: Progress = silent,
        cancelled: Cancelled = never,
        *,
        account: str | None = None,
    ) -> SeenInVCenter:
        """Read everything of the machines named by `refs` and return what was seen with these replaced.

        With `account` the privileges of that account on these machines, their hosts and datastores are read as well.
        """
        look = _Look(self._session, self._clock, progress, cancelled)
        return look.in_depth(seen_before, tuple(dict.fromkeys(refs)), account)

    def search_disks(
        self,
        seen_before: SeenInVCenter,
        wanted: Mapping[str, Mapping[str, str]],
        progress: Progress = silent,
        cancelled: Cancelled = never,
    ) -> SeenInVCenter:
        """Search for disks that machines have no more, and return what was seen with the files that were found.

        `wanted` holds, by the machine's ref, the UUID of each disk and the file it was last known by.
        """
        return _Look(self._session, self._clock, progress, cancelled).for_disks(seen_before, wanted)


class _Look:
    """One pass. When nothing answers any more the rest is not asked: each question would wait for its timeout."""

    def __init__(self, session: VCenterSession, clock: Clock, progress: Progress, cancelled: Cancelled) -> None:
        self._session = session
        self._clock = clock
        self._progress = progress
        self._cancelled = cancelled
        self._silent_because: str | None = None

    def at_everything(self) -> SeenInVCenter:
        self._progress(_("vCenter: signing in"))
        about = self._reading("ServiceInstance.content.about", lambda connection: connection.content.about)
        if about.reason is not None:
            return SeenInVCenter.unseen(self._session.host, about.reason)
        single = about.map(lambda each: str(each.apiType) == SINGLE_HOST)
        hosts = self._hosts()
        return SeenInVCenter(
            host=self._session.host,
            instance_uuid=_named_in(about, "instanceUuid"),
            version=_named_in(about, "version"),
            is_single_host=single,
            machines=self._with_those_on(hosts, self._list("VirtualMachine", _("machines"), read_all)),
            hosts=hosts,
            datastores=self._list("Datastore", _("datastores"), read_datastores),
            clusters=single.map(_none)
            if single.value
            else self._list("ClusterComputeResource", _("clusters"), read_clusters),
            pods=single.map(_none) if single.value else self._list("StoragePod", _("datastore clusters"), read_pods),
            account_privileges=not_seen(_nobody_named()),
            account_grants=not_seen(_nobody_named()),
            roles=not_seen(_nobody_named()),
            networks=self._list("Network", _("networks"), read_networks),
            datacenters=self._list("Datacenter", _("datacenters"), read_datacenters),
        )

    def _with_those_on(
        self, hosts: Reading[tuple[Host, ...]], machines: Reading[tuple[VirtualMachine, ...]]
    ) -> Reading[tuple[VirtualMachine, ...]]:
        """Return the machines with those that only a host knows of: one that this account may not see is not gone."""
        if not (hosts.was_seen and machines.was_seen):
            return machines
        known = {each.ref for each in machines.value}
        on_hosts = (ref for host in hosts.value for ref in host.vm_refs.or_else(()))
        left = tuple(dict.fromkeys(ref for ref in on_hosts if ref not in known))
        if not left:
            return machines
        more = self._list("VirtualMachine", _("machines"), lambda collector, at: read_these(collector, left, at))
        return more.map(lambda found: (*machines.value, *found))

    def in_depth(self, before: SeenInVCenter, refs: tuple[str, ...], account: str | None) -> SeenInVCenter:
        if not before.machines.was_seen or not refs:
            return before
        deep = self._reading("VirtualMachine", lambda connection: self._machines(connection, refs))
        if deep.reason is not None:
            return replace(before, machines=before.machines.map(lambda known: _unread(known, refs, deep.reason or "")))
        machines = {ref: self._with_events(machine) for ref, machine in deep.value.items()}
        found = before.machines.map(
            lambda known: tuple(
                machines.get(each.ref, each) for each in known if each.ref in machines or each.ref not in refs
            )
        )
        after = replace(before, machines=found)
        if account:
            after = replace(after, account_privileges=self._privileges(after, refs, account))
            after = replace(after, account_grants=self._grants(after, refs, account), roles=self._roles())
        return after

    def for_disks(self, before: SeenInVCenter, wanted: Mapping[str, Mapping[str, str]]) -> SeenInVCenter:
        found: list[Reading[tuple[DiskFile, ...]]] = []
        for ref, disks in wanted.items():
            self._progress(_("vCenter: searching the datastores for {count} disks").format(count=len(disks)))
            search = read(partial(_search, before, ref, disks))
            found.append(
                not_seen(search.reason, search.source)
                if search.reason is not None
                else self._reading("DatastoreBrowser.SearchDatastoreSubFolders_Task", self._searching(search.value))
            )
        unseen = next((one for one in found if not one.was_seen), None)
        if unseen is not None or not found:
            return before if unseen is None else replace(before, disk_files=unseen)
        files = dict.fromkeys(file for one in found for file in one.value)
        return replace(before, disk_files=seen(tuple(files), found[0].source))

    def _searching(self, search: Search) -> Callable[[Connection], tuple[DiskFile, ...]]:
        return lambda connection: find_disks(connection, search, self._clock, self._cancelled)

    def _machines(self, connection: Connection, refs: tuple[str, ...]) -> dict[str, VirtualMachine]:
        collector = self._collector(connection, _("machines in depth"))
        return read_in_depth(collector, refs, self._clock.now())

    def _with_events(self, machine: VirtualMachine) -> VirtualMachine:
        self._progress(_("vCenter: events of {machine}").format(machine=machine.name.shown()))
        stop_if(self._cancelled)
        at = self._clock.now()
        told = self._reading("EventManager.QueryEvents", lambda connection: read_events(connection, machine.ref, at))
        found = told.value if told.reason is None else events_not_read(told.reason, at)
        return replace(machine, **found)  # type: ignore[arg-type]  # the three readings by their names

    def _hosts(self) -> Reading[tuple[Host, ...]]:
        hosts = self._list("HostSystem", _("hosts"), read_hosts)
        if hosts.reason is not None:
            return hosts
        editions = self._list(
            "LicenseAssignmentManager", _("licences"), lambda collector, _at: read_licences(collector)
        )

        def with_licence(host: Host) -> Host:
            return replace(host, licence_edition=editions.map(lambda known: known.get(host.ref)))

        return hosts.map(lambda known: tuple(with_licence(host) for host in known))

    def _privileges(
        self, after: SeenInVCenter, refs: tuple[str, ...], account: str
    ) -> Reading[Mapping[str, frozenset[str]]]:
        self._progress(_("vCenter: privileges of {account}").format(account=account))
        entities = read(lambda: _around(after, refs))
        if not entities.was_seen:
            return not_seen(entities.reason or "", entities.source)
        return self._reading(
            "AuthorizationManager.FetchUserPrivilegeOnEntities",
            lambda connection: read_privileges(connection, account, entities.value),
        )

    def _grants(self, after: SeenInVCenter, refs: tuple[str, ...], account: str) -> Reading[tuple[AccountGrant, ...]]:
        """Read what the account has on the datacenters in which the machines named by `refs` lie."""
        if not after.datacenters.was_seen:
            return not_seen(after.datacenters.reason or "", after.datacenters.source)
        stores = {one for each in after.machines.value if each.ref in refs for one in each.datastore_refs.or_else(())}
        around = [each.ref for each in after.datacenters.value if stores & set(each.datastore_refs)]
        return self._reading(
            "AuthorizationManager.RetrieveEntityPermissions",
            lambda connection: read_grants(connection, account, around),
        )

    def _roles(self) -> Reading[tuple[Role, ...]]:
        return self._list("AuthorizationManager", _("roles"), lambda collector, _at: read_roles(collector))

    def _list(self, kind: str, what: str, read: Callable[[Collector, datetime], T]) -> Reading[T]:
        return self._reading(kind, lambda connection: read(self._collector(connection, what), self._clock.now()))

    def _collector(self, connection: Connection, what: str) -> Collector:
        def tell(count: int) -> None:
            self._progress(_("vCenter: {what}, {count} so far").format(what=what, count=count))

        self._progress(_("vCenter: {what}").format(what=what))
        return Collector(connection, self._cancelled, tell)

    def _reading(self, what: str, work: Callable[[Connection], T]) -> Reading[T]:
        """Do one piece of reading; what vCenter refuses or does not answer becomes the reason."""
        stop_if(self._cancelled)
        source = Source("vcenter", what, self._clock.now())
        if self._silent_because is not None:
            return not_seen(self._silent_because, source)
        try:
            return seen(self._session.run(work), source)
        except (UnreachableError, TimedOutError) as silence:
            self._silent_because = silence.why
            return not_seen(silence.why, source)
        except (AccessDeniedError, NotReachedError) as refused:
            return not_seen(refused.why, source)


def _around(seen_so_far: SeenInVCenter, refs: tuple[str, ...]) -> Mapping[str, list[str]]:
    """Return some machines, their hosts and all that these mount, by kind. Raises `NotSeen` where one is not known."""
    machines = [each for each in seen_so_far.machines.value if each.ref in refs]
    hosts = list(dict.fromkeys(each.host_ref.value for each in machines))
    datastores = [ref for host in seen_so_far.hosts.value if host.ref in hosts for ref in host.datastore_refs.value]
    return {"vm": [each.ref for each in machines], "host": hosts, "datastore": list(dict.fromkeys(datastores))}


def _nobody_named() -> str:
    return _("the account that site recovery uses is not named in the profile")


def _named_in(about: Reading[Any], name: str) -> Reading[str]:
    value = about.map(lambda each: getattr(each, name))
    return value if value.value else not_seen(_("this server names no {what}").format(what=name), about.source)


def _none(_single: bool) -> tuple[Any, ...]:  # noqa: FBT001 -- what `Reading.map` hands over
    """Return what an ESXi host on its own has of clusters."""
    return ()


def _unread(known: Iterable[VirtualMachine], refs: Iterable[str], reason: str) -> tuple[VirtualMachine, ...]:
    """Return the machines, with the reason at everything that was to be read in depth."""
    from failback.vcenter.read_machines import IN_DEPTH

    events = ("enable_uuid_set_at", "relocations", "snapshot_events")
    nothing: Reading[Any] = not_seen(reason)
    unread: dict[str, Any] = dict.fromkeys((*IN_DEPTH, *events), nothing)
    wanted = set(refs)
    return tuple(replace(each, **unread) if each.ref in wanted else each for each in known)


def _search(before: SeenInVCenter, ref: str, disks: Mapping[str, str]) -> Search:
    """Return where the disks of a machine are searched for: on all that its host mounts. Raises `NotSeen`."""
    [machine] = [each for each in before.machines.value if each.ref == ref]
    [host] = [each for each in before.hosts.value if each.ref == machine.host_ref.value]
    within = set(host.datastore_refs.value)
    stores = {
        each.ref: each.name.raw for each in before.datastores.value if each.ref in within and each.accessible.value
    }
    homes = [
        each.ref for each in before.datacenters.value if set(machine.datastore_refs.value) & set(each.datastore_refs)
    ]
    if len(homes) != 1:
        raise NotSeen(_("its datastores lie in {count} datacenters").format(count=len(homes)))
    beside = tuple(each.ref for each in before.machines.value if set(each.datastore_refs.value) & set(stores))
    return Search(disks, stores, homes[0], beside)
