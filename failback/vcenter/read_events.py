"""What the event log tells of a machine: when disk.EnableUUID was written, relocations, snapshots made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from pyVmomi import vim

from failback.vcenter.read_hardware import in_utc
from failback.vcenter.session import Connection
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, Source, not_seen, seen
from wizard_steps.seen_in_vcenter import Relocation
from wizard_steps.wording import _

T = TypeVar("T")

LOOK_BACK: Final = timedelta(days=30)
"""vCenter keeps events for 30 days unless told otherwise."""
SNAPSHOT_DAYS: Final = timedelta(days=7)
RELOCATIONS: Final = ("VmRelocatedEvent", "VmMigratedEvent", "DrsVmMigratedEvent")
TYPES: Final = (*RELOCATIONS, "VmReconfiguredEvent", "TaskEvent")
MOST: Final = 1000
"""How many events vCenter tells at once, the newest ones; with as many there may have been more."""
ENABLE_UUID: Final = "disk.enableuuid"


def read_events(connection: Connection, ref: str, at: datetime) -> Mapping[str, Reading[Any]]:
    """Ask for a machine's events of the last 30 days. vCenter answers the newest `MOST`, oldest first."""
    machine = vim.VirtualMachine(ref, connection.stub)
    events = connection.content.eventManager.QueryEvents(
        vim.event.EventFilterSpec(
            entity=vim.event.EventFilterSpec.ByEntity(entity=machine, recursion="self"),
            time=vim.event.EventFilterSpec.ByTime(beginTime=at - LOOK_BACK),
            eventTypeId=list(TYPES),
        )
    )
    found = sorted(events, key=lambda event: in_utc(event.createdTime))
    source = Source("vcenter", "EventManager.QueryEvents", at)
    cut_off = len(found) >= MOST
    reached = in_utc(found[0].createdTime) if cut_off else at - LOOK_BACK
    set_at, recently = _enable_uuid_set_at(found), at - SNAPSHOT_DAYS
    moves = tuple(_relocation(each) for each in found if _kind(each) in RELOCATIONS)

    def whole(value: T, *, known: bool) -> Reading[T]:
        reason = _("vCenter tells the newest {count} events only, and there were as many").format(count=len(found))
        return seen(value, source) if known else not_seen(reason, source)

    return {
        "enable_uuid_set_at": whole(set_at, known=set_at is not None or not cut_off),
        "relocations": whole(moves, known=not cut_off),
        "snapshot_events": whole(_snapshot_times(found, recently), known=reached <= recently),
    }


def events_not_read(reason: str, at: datetime) -> Mapping[str, Reading[Any]]:
    """Return the readings of an event log that could not be read."""
    nothing: Reading[Any] = not_seen(reason, Source("vcenter", "EventManager.QueryEvents", at))
    return {"enable_uuid_set_at": nothing, "relocations": nothing, "snapshot_events": nothing}


def _kind(event: Any) -> str:
    return type(event).__name__.rpartition(".")[2]


def _enable_uuid_set_at(events: Sequence[Any]) -> datetime | None:
    """Return when the row was last written; `None` when no event that is still kept says so."""
    return max((in_utc(each.createdTime) for each in events if _wrote_enable_uuid(each)), default=None)


def _wrote_enable_uuid(event: Any) -> bool:
    spec = getattr(event, "configSpec", None)
    return spec is not None and any(row.key.casefold() == ENABLE_UUID for row in spec.extraConfig)


def _relocation(event: Any) -> Relocation:
    return Relocation(
        at=in_utc(event.createdTime),
        kind=_kind(event),
        user=Outside(event.userName or ""),
        from_datastore=_name(event.sourceDatastore),
        to_datastore=_name(event.ds),
    )


def _name(argument: Any) -> Outside | None:
    return None if argument is None else Outside(argument.name)


def _snapshot_times(events: Sequence[Any], since: datetime) -> tuple[datetime, ...]:
    """Return when snapshots were made: vCenter has only task events for that. Their removal is what is wished for."""
    times = [in_utc(each.createdTime) for each in events if _makes_a_snapshot(each)]
    return tuple(at for at in times if at >= since)


def _makes_a_snapshot(event: Any) -> bool:
    info = getattr(event, "info", None)
    return info is not None and "createsnapshot" in (info.descriptionId or "").casefold()
