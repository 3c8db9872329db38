"""What the signed-in account may do in Azure on what a change touches, asked before the operator is.

Azure lists the actions that role assignments allow at a resource, with wildcards, and those they take away again.
Conditions of an assignment and deny assignments are not in that list: Azure itself decides when the request arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from failback.azure import allowed
from failback.azure.clients import AzureClients
from failback.azure.faults import fault_of
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse

API_VERSION: Final = "2022-04-01"
_RESOURCE = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+/[^/]+/[^/]+", re.IGNORECASE)
"""The vault, the VM, the network security group: the resource that stands in its group by itself."""


def lacking_in_azure(clients: AzureClients, paths: Iterable[str], actions: Iterable[str]) -> tuple[str, ...]:
    """Return those of `actions` that this account may not do on the resources that requests to `paths` change.

    Raises `NotSeen` with the reason when that cannot be told.
    """
    scopes = dict.fromkeys(found.group() for found in map(_RESOURCE.match, paths) if found)
    if not scopes:
        raise NotSeen(_("the request names no resource to ask for"))
    wanted = [one for one in actions if one.casefold().startswith("microsoft.")]
    missing: dict[str, None] = {}
    with closing(clients.limited_to((allowed.PERMISSIONS,))) as asking:
        for scope in scopes:
            permissions = _permissions(asking, scope)
            missing.update(dict.fromkeys(one for one in wanted if not _allows(permissions, one)))
    return tuple(missing)


@dataclass(frozen=True)
class HeldInAzure:
    """What role assignments allow at a resource: patterns of actions, and whether an action is among them."""

    permissions: tuple[Mapping[str, Any], ...]

    def lacking(self, actions: Iterable[str]) -> tuple[str, ...]:
        """Return those of `actions` that are not allowed."""
        return tuple(one for one in actions if not _allows(self.permissions, one))

    def beyond(self, actions: Iterable[str]) -> tuple[str, ...]:
        """Return the patterns that allow more than `actions`: those with a wildcard, and those of other actions."""
        wanted = {one.casefold() for one in actions}
        patterns = {str(one) for part in self.permissions for one in part.get("actions") or ()}
        return tuple(sorted(one for one in patterns if one.casefold() not in wanted))


def held_in_azure(clients: AzureClients, scope: str) -> HeldInAzure:
    """Return what this account holds at a resource; raises `NotSeen` with the reason when that cannot be told."""
    with closing(clients.limited_to((allowed.PERMISSIONS,))) as asking:
        return HeldInAzure(tuple(_permissions(asking, scope)))


def _permissions(clients: AzureClients, scope: str) -> list[Mapping[str, Any]]:
    from azure.core.rest import HttpRequest

    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    url = f"{clients.cloud.resource_manager.rstrip('/')}{path}?api-version={API_VERSION}"
    try:
        answer: HttpResponse = clients.vaults.send_request(HttpRequest("GET", url))
        answer.raise_for_status()
        body = answer.json()
        found = list(body["value"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotSeen(_("the answer could not be understood")) from error
    except Exception as error:
        raise NotSeen(fault_of(error).reason) from error
    if body.get("nextLink"):
        raise NotSeen(_("Azure did not tell all of it at once"))
    return found


def _allows(permissions: Iterable[Mapping[str, Any]], action: str) -> bool:
    return any(
        _among(one.get("actions") or (), action) and not _among(one.get("notActions") or (), action)
        for one in permissions
    )


def _among(patterns: Iterable[str], action: str) -> bool:
    return any(
        re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), action, re.IGNORECASE)
        for pattern in patterns
    )
