"""The least an account needs: one role that looks and one that also changes, for vCenter and for Azure, as data.

Whoever may give rights can give himself all of them, so that stands in a role of its own, the grantor's.

`docs/roles.md` says how they are used. Tests hold them to the calls this program makes: nothing lacks, nothing is too
much. Who only looks with the reader's roles cannot change anything, whatever this program does.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from failback.azure.allowed import Operation

VCENTER_READER: Final = "vcenter-reader"
VCENTER_OPERATOR: Final = "vcenter-operator"
VCENTER_GRANTOR: Final = "vcenter-grantor"
AZURE_READER: Final = "azure-reader"
AZURE_OPERATOR: Final = "azure-operator"

_VERBS: Final = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_ANY_PROVIDER: Final = ("Microsoft.Compute", "Microsoft.Network")


@cache
def privileges_of(role: str) -> frozenset[str]:
    """Return the privileges (vCenter) or actions (Azure) of a role by its name; raises `FileNotFoundError`."""
    text = resources.files(__name__).joinpath(f"{role}.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return frozenset(data["privileges"] if "privileges" in data else data["Actions"])


def actions_of(operation: Operation) -> frozenset[str]:
    """Return the actions that Azure wants for an operation: its provider, its types, and what the verb does.

    A request that may go to several providers (the status of any operation) wants the action of each.
    """
    provider, *parts = operation.path.rpartition("/providers/")[2].split("/")
    types = [part for part in parts if part != "*"]
    if operation.verb == "POST":
        *types, deed = types
        ending = f"{deed}/action"
    else:
        ending = _VERBS[operation.verb]
    providers = _ANY_PROVIDER if provider == "*" else (provider,)
    return frozenset("/".join([one, *types, ending]) for one in providers)
