"""What the signed-in account may do in vCenter on what a change touches, asked before the operator is.

A privilege counts on the kind of object it belongs to: `VirtualMachine.*` on the VM, `StoragePod.*` on the datastore
cluster. vCenter answers for the account by its name, with everything that groups and propagation bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from failback.changes.change import Change
from failback.errors import AccessDeniedError
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _

if TYPE_CHECKING:
    from failback.vcenter.session import Connection, VCenterSession

HELD_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "VirtualMachine": ("VirtualMachine",),
    "Host": ("HostSystem", "ClusterComputeResource", "ComputeResource"),
    "StoragePod": ("StoragePod",),
    "Datastore": ("Datastore",),
    "Network": ("Network", "DistributedVirtualPortgroup"),
    "Resource": ("ResourcePool", "VirtualMachine", "ClusterComputeResource"),
    "Folder": ("Folder",),
    "Authorization": ("Datacenter",),
}
"""On which kinds of managed objects the privileges of a group are asked for."""


def references_in(args: Any) -> dict[str, str]:
    """Return every managed object that the arguments of a call name: its id, and its kind."""
    return dict(_references(args))


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if value.get("_typeName") == "ManagedObjectReference":
            yield value["value"], value["type"]
            return
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from _references(part)


def lacking_in_vcenter(session: VCenterSession, change: Change) -> tuple[str, ...]:
    """Return the privileges of `change` that the session's account lacks; raises `NotSeen` or `FailbackError`."""
    asked = {ref: kind for call in change.calls for ref, kind in references_in(call.args).items()}
    wanted = {one: _objects_of(one, asked) for one in change.privileges}
    refs = {ref: asked[ref] for on in wanted.values() for ref in on}
    held = _held(session, refs) if refs else {}
    missing = tuple(one for one, on in wanted.items() if _is_lacking(one, on, held))
    open_ends = _unanswered(wanted, held)
    if open_ends and not missing:
        raise NotSeen(_("vCenter was not asked, or did not answer, for {names}").format(names=", ".join(open_ends)))
    return missing


def _is_lacking(privilege: str, on: Sequence[str], held: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether vCenter answered for every object that a privilege counts on, and none has it."""
    return bool(on) and all(ref in held and privilege not in held[ref] for ref in on)


def _unanswered(wanted: Mapping[str, Sequence[str]], held: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the privileges that there was nothing to ask about, and the objects that vCenter did not answer for."""
    unasked = [one for one, on in wanted.items() if not on]
    return [*unasked, *sorted({ref for on in wanted.values() for ref in on if ref not in held})]


def _objects_of(privilege: str, asked: Mapping[str, str]) -> tuple[str, ...]:
    kinds = HELD_ON.get(privilege.partition(".")[0], ())
    return tuple(ref for ref, kind in asked.items() if kind in kinds)


def _held(session: VCenterSession, refs: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    from pyVmomi.VmomiSupport import GuessWsdlType

    def work(connection: Connection) -> Mapping[str, frozenset[str]]:
        entities = [GuessWsdlType(kind)(ref, connection.stub) for ref, kind in refs.items()]
        told = connection.content.authorizationManager.FetchUserPrivilegeOnEntities(entities, session.username)
        return {str(one.entity._GetMoId()): frozenset(one.privileges) for one in told}  # noqa: SLF001 -- pyvmomi's way

    try:
        return session.run(work)
    except AccessDeniedError as denied:
        raise NotSeen(denied.why) from denied
