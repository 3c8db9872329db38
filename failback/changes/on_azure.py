"""What the remedies in Azure share: how a request is written down, and what the vault holds under an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from failback.changes.change import Call, ChangeTarget
from failback.changes.remedy import CannotChange
from wizard_steps.case import Case
from wizard_steps.seen_in_azure import ConfigurationServer, same_id
from wizard_steps.wording import _

SITE_RECOVERY: Final = "Microsoft.RecoveryServices/vaults"


def request(
    verb: str, path: str, body: Mapping[str, Any] | None = None, *, guard: Mapping[str, str] | None = None
) -> Call:
    """Return a request; `guard` is the header by which Azure refuses it when the resource has moved."""
    args: dict[str, Any] = {"path": path}
    if body is not None:
        args["body"] = dict(body)
    if guard is not None:
        args["headers"] = dict(guard)
    return Call("azure", verb, args)


def server_of(case: Case, target: ChangeTarget) -> ConfigurationServer:
    """Return the configuration server of a change; raises `CannotChange` when the vault no longer has it."""
    for server in case.azure.configuration_servers.value:
        if same_id(server.id, target.ref):
            return server
    raise CannotChange(_("the vault no longer has this configuration server"))


def server_in_use(case: Case) -> ChangeTarget:
    """Return the configuration server in use as the target of a change; raises `NotSeen`."""
    server = case.server.value
    return ChangeTarget("configuration-server", server.name.raw, "azure", server.id)


def last_part(resource_id: str) -> str:
    """Return the name at the end of an ARM id."""
    return resource_id.rstrip("/").rpartition("/")[2]
