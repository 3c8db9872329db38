"""Reading vCenter in two phases: a few properties of everything, then all that matters of the machines that matter.

The reader has no method that writes. What cannot be read becomes a reading with its reason; only what the operator
has to put right first (a refused password, a changed certificate) and a cancellation leave it as exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar

from failback.clock import Clock
from failback.errors import AccessDeniedError, NotReachedError, TimedOutError, UnreachableError
from failback.progress import Cancelled, Progress, never, silent
from failback.vcenter.properties import Collector, stop_if
from failback.vcenter.read_accounts import read_licences, read_privileges
from failback.vcenter.read_clusters import read_clusters, read_pods
from failback.vcenter.read_events import events_not_read, read_events
from failback.vcenter.read_hosts import read_datastores, read_hosts
from failback.vcenter.read_machines import read_all, read_in_depth
from failback.vcenter.session import Connection, VCenterSession
from wizard_steps.reading import Reading, Source, not_seen, seen
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
            machines=self._list("VirtualMachine", _("machines"), read_all),
            hosts=hosts,
            datastores=self._list("Datastore", _("datastores"), read_datastores),
            clusters=single.map(_none)
            if single.value
            else self._list("ClusterComputeResource", _("clusters"), read_clusters),
            pods=single.map(_none) if single.value else self._list("StoragePod", _("datastore clusters"), read_pods),
            account_privileges=not_seen(_("the account that site recovery uses is not named in the profile")),
        )

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
        return after

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
        machines = [each for each in after.machines.value if each.ref in refs]
        hosts = [each.host_ref.value for each in machines if each.host_ref.was_seen]
        datastores = [
            ref for host in after.hosts.or_else(()) if host.ref in hosts for ref in host.datastore_refs.or_else(())
        ]
        entities = {
            "vm": [each.ref for each in machines],
            "host": list(dict.fromkeys(hosts)),
            "datastore": list(dict.fromkeys(datastores)),
        }
        return self._reading(
            "AuthorizationManager.FetchUserPrivilegeOnEntities",
            lambda connection: read_privileges(connection, account, entities),
        )

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
