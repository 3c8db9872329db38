"""Roles of vCenter in the arguments of a call: a plan names them, and their numbers are looked up when it is sent.

A role that a change makes has no number before. Names of roles are unique in a vCenter, and are what a person reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from failback.changes.change import Call

if TYPE_CHECKING:
    from failback.vcenter.session import Connection

_NAMED: Final = "role named"


class NoSuchRoleError(Exception):
    """A call names a role that this vCenter does not have (any more)."""


def role(name: str) -> dict[str, str]:
    """Return the role of that name, for the place of its number."""
    return {_NAMED: name}


def with_numbers(call: Call, connection: Connection) -> Call:
    """Return the call with the number of each role it names; raises `NoSuchRoleError`."""
    if not _names(call.args):
        return call
    from failback.vcenter.properties import Collector
    from failback.vcenter.read_accounts import read_roles

    numbers = {one.name.raw: one.id for one in read_roles(Collector(connection))}
    return replace(call, args=_numbered(call.args, numbers))


def _names(value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {_NAMED} or any(_names(one) for one in value.values())
    return isinstance(value, (list, tuple)) and any(_names(one) for one in value)


def _numbered(value: Any, numbers: Mapping[str, int]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {_NAMED}:
            if value[_NAMED] not in numbers:
                raise NoSuchRoleError(value[_NAMED])
            return numbers[value[_NAMED]]
        return {key: _numbered(one, numbers) for key, one in value.items()}
    return [_numbered(one, numbers) for one in value] if isinstance(value, (list, tuple)) else value
