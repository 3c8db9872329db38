"""Roles and permissions in the rehearsal vCenter, and what an account may do where by them.

`wire.privileges` says what an account has from its groups and from above. A permission that names the account counts
instead of that, on the object it is given on, and below it where it is passed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim, vmodl

from failback.rehearsal.vcenter_wire_calls import Call
from wizard_steps.principals import is_same_principal

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import Answer, VCenterWire

MANAGER: Final = "AuthorizationManager"
BUILT_IN: Final = ("System.Anonymous", "System.Read", "System.View")
FIRST_ROLE: Final = 100
_Manager = vim.AuthorizationManager


def system_roles() -> list[Any]:
    """Return the roles that every vCenter has."""
    return [_role(-2, "ReadOnly", BUILT_IN, system=True), _role(-5, "NoAccess", (), system=True)]


def _role(number: int, name: str, privileges: tuple[str, ...], *, system: bool = False) -> Any:
    return _Manager.Role(
        roleId=number,
        system=system,
        name=name,
        info=vim.Description(label=name, summary=name),
        privilege=sorted({*privileges, *(() if name == "NoAccess" else BUILT_IN)}),
    )


def held_by(wire: VCenterWire, account: str, ref: str) -> set[str]:
    """Return what an account may do on an object."""
    for place, is_below in ((ref, False), *((one, True) for one in _above(wire, ref))):
        for permission in wire.store.get(place, "permission") or []:
            named = not permission.group and is_same_principal(permission.principal, account)
            if named and (permission.propagate or not is_below):
                return set(_by_number(wire, permission.roleId).privilege)
    return set(wire.privileges.get(account, {}).get(ref, set()))


def _above(wire: VCenterWire, ref: str) -> list[str]:
    """Return the datacenter an object lies in: the wire's inventory has no other folders that anything is given on."""
    if issubclass(wire.store.kind_of(ref), (vim.Datacenter, vim.Folder)):
        return []
    return list(wire.store.of_kind(vim.Datacenter))[:1]


def _roles(wire: VCenterWire) -> list[Any]:
    return list(wire.store.get(MANAGER, "roleList") or [])


def _by_number(wire: VCenterWire, number: int) -> Any:
    for one in _roles(wire):
        if one.roleId == number:
            return one
    raise vim.fault.NotFound(msg="There is no such role.")


def add_role(wire: VCenterWire, call: Call) -> int:
    """AddAuthorizationRole: a name is taken once."""
    roles = _roles(wire)
    if any(one.name.casefold() == call.args["name"].casefold() for one in roles):
        raise vim.fault.AlreadyExists(name=call.args["name"], msg="The name is taken.")
    number = max([FIRST_ROLE, *(one.roleId for one in roles)]) + 1
    made = _role(number, call.args["name"], tuple(call.args["privIds"] or ()))
    wire.store.set(MANAGER, {"roleList": [*roles, made]})
    return int(number)


def remove_role(wire: VCenterWire, call: Call) -> None:
    """RemoveAuthorizationRole: refused while somebody has it, where the caller asks for that."""
    number = call.args["roleId"]
    if _by_number(wire, number).system:
        raise vmodl.fault.InvalidArgument(invalidProperty="roleId", msg="A system role stays.")
    users = [
        (ref, one)
        for ref in wire.store.of_kind(vim.ManagedEntity)
        for one in wire.store.get(ref, "permission") or []
        if one.roleId == number
    ]
    if users and not call.args["failIfUsed"]:
        raise vmodl.fault.NotSupported(msg="the rehearsal vCenter takes no role from those who have it")
    if users:
        raise vim.fault.RemoveFailed(msg="The role is in use.")
    wire.store.set(MANAGER, {"roleList": [one for one in _roles(wire) if one.roleId != number]})


def retrieve_permissions(wire: VCenterWire, call: Call) -> Any:
    """RetrieveEntityPermissions, of the object itself."""
    if call.args["inherited"]:
        raise vmodl.fault.NotSupported(msg="the rehearsal vCenter tells permissions of an object itself only")
    return list(wire.store.get(_id(call.args["entity"]), "permission") or [])


def set_permissions(wire: VCenterWire, call: Call) -> None:
    """SetEntityPermissions: replaces what the same account or group has there, and leaves the others."""
    entity = _id(call.args["entity"])
    given = list(call.args["permission"])
    for one in given:
        _by_number(wire, one.roleId)
        one.entity = wire.store.ref(entity)
    kept = [
        one for one in wire.store.get(entity, "permission") or [] if not any(_is_same(one, other) for other in given)
    ]
    wire.store.set(entity, {"permission": [*kept, *given]})


def remove_permission(wire: VCenterWire, call: Call) -> None:
    """RemoveEntityPermission: one that is not there is an error."""
    entity, user, group = _id(call.args["entity"]), call.args["user"], call.args["isGroup"]
    there = list(wire.store.get(entity, "permission") or [])
    kept = [one for one in there if one.group != group or not is_same_principal(one.principal, user)]
    if len(kept) == len(there):
        raise vim.fault.NotFound(msg="There is no such permission.")
    wire.store.set(entity, {"permission": kept or None})


def _is_same(one: Any, other: Any) -> bool:
    return one.group == other.group and is_same_principal(one.principal, other.principal)


def _id(reference: Any) -> str:
    return str(reference._GetMoId())  # noqa: SLF001 -- pyvmomi's public, underscored way to ask


ANSWERS: Final[dict[str, Answer]] = {
    "AddAuthorizationRole": add_role,
    "RemoveAuthorizationRole": remove_role,
    "RetrieveEntityPermissions": retrieve_permissions,
    "SetEntityPermissions": set_permissions,
    "RemoveEntityPermission": remove_permission,
}

ONLY_OURS: Final = {
    "SetEntityPermissions beside others": "govmomi drops what others have on the object",
    "RemoveAuthorizationRole of one in use": "govmomi removes it all the same",
    "RemoveEntityPermission of none": "govmomi accepts it",
}
