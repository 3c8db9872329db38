"""The changes this program makes in Azure: refresh a configuration server, start a virtual machine.

A change is two steps, so that a crash between them loses nothing: `begin_*` sends it and returns a token as soon as
Azure has accepted it; `follow` waits for the end, also in a later run. The token holds no secret, but the addresses
that are asked next: it is refused when they lead to another host or to anything but these changes.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from failback.azure import allowed, arm_ids
from failback.azure.clients import AzureClients
from failback.azure.cloud import host_of
from failback.azure.faults import Fault, Kind, WaitCancelledError, as_error, fault_of
from failback.clock import Clock
from failback.errors import ChangeFailedError, FailbackError, OutcomeUnknownError
from failback.progress import Cancelled, never
from wizard_steps.outside import visible
from wizard_steps.wording import _

if TYPE_CHECKING:
    from failback.azure.polling import OperationProgress, StrictPolling

DEADLINE_SECONDS = 900.0
_NOT_ACCEPTED = frozenset({Kind.UNREACHABLE, Kind.UNTRUSTED, Kind.CONFLICT, Kind.REFUSED, Kind.NOT_FOUND, Kind.DENIED})
_SIGN_IN = frozenset({Kind.NOT_SIGNED_IN, Kind.SIGN_IN_REFUSED, Kind.WRONG_TENANT, Kind.NO_SUBSCRIPTION})


@dataclass(frozen=True)
class Begun:
    """A change that Azure has accepted: `token` to follow it by, and the job's id in the vault where there is one."""

    token: str
    job_id: str | None


def refresh_configuration_server(clients: AzureClients, provider_id: str, clock: Clock) -> Begun:
    """Ask a configuration server, through its provider, to report everything anew ("Refresh server").

    Returns as soon as Azure has accepted it. Raises `ChangeFailedError` when it was refused, `OutcomeUnknownError`
    when the connection broke, and the errors of a sign-in that no longer works.
    """
    kinds = ("resourceGroups", "vaults", "replicationFabrics", "replicationRecoveryServicesProviders")
    names = [arm_ids.part(provider_id, kind) for kind in kinds]
    return _begin(clients, allowed.REFRESH, names, clock, _("refreshing the configuration server"))


def start_virtual_machine(clients: AzureClients, vm_id: str, clock: Clock) -> Begun:
    """Start an Azure VM. Raises like `refresh_configuration_server`."""
    names = [arm_ids.group(vm_id), arm_ids.part(vm_id, "virtualMachines")]
    return _begin(clients, allowed.START_VM, names, clock, _("starting the Azure VM"))


def send(clients: AzureClients, path: str, clock: Clock) -> Begun:
    """Send a planned POST by its path; raises `ChangeFailedError` for one that is none of this module's changes."""
    if allowed.on_the_list((allowed.REFRESH,), "POST", path):
        return refresh_configuration_server(clients, path, clock)
    if allowed.on_the_list((allowed.START_VM,), "POST", path):
        return start_virtual_machine(clients, path, clock)
    raise ChangeFailedError(
        _("Azure"),
        _("this program has no such change: {path}").format(path=visible(path)),
        _("make the plan anew"),
    )


def follow(
    clients: AzureClients,
    token: str,
    clock: Clock,
    *,
    told: Callable[[OperationProgress], None] | None = None,
    cancelled: Cancelled = never,
    deadline: float = DEADLINE_SECONDS,
) -> None:
    """Wait until an accepted change has ended well, at most `deadline` seconds of `clock`.

    `told` hears every status. Raises `ChangeFailedError` when Azure says that it failed, `OutcomeUnknownError` when
    nobody can say (deadline, unknown status word, no connection, a token that cannot be used), and
    `InterruptedByOperatorError` when `cancelled`: the change itself goes on in Azure.
    """
    from failback.azure.polling import StrictPolling

    operation = _operation_of(token, clients)
    what = _("following the change in Azure")
    polling = StrictPolling(clock, clients.cloud.resource_manager, told=told, cancelled=cancelled, deadline=deadline)
    nothing = [""] * _ARGUMENTS[operation]  # the token knows what it is about
    try:
        with closing(clients.limited_to(allowed.CHANGES)) as changing:
            _method(changing, operation)(*nothing, polling=polling, continuation_token=token).result()
    except WaitCancelledError as error:
        raise as_error(error, what) from error
    except FailbackError:
        raise
    except Exception as error:
        raise _after_acceptance(error, what) from error


_ARGUMENTS = {allowed.REFRESH: 4, allowed.START_VM: 2}
"""How many names each change takes."""


def _begin(clients: AzureClients, operation: allowed.Operation, names: list[str], clock: Clock, what: str) -> Begun:
    if not all(names):
        raise ChangeFailedError(what, _("the plan names nothing that Azure could know"), _("make the plan anew"))
    polling = _only_begin(clock, clients.cloud.resource_manager)
    try:
        with closing(clients.limited_to(allowed.CHANGES)) as changing:
            poller = _method(changing, operation)(*names, polling=polling)
            return Begun(poller.continuation_token(), polling.job_id)
    except FailbackError:
        raise
    except Exception as error:
        raise _before_acceptance(error, what) from error


def _only_begin(clock: Clock, endpoint: str) -> StrictPolling:
    from failback.azure.polling import OnlyBegin

    return OnlyBegin(clock, endpoint)


def _method(clients: AzureClients, operation: allowed.Operation) -> Callable[..., Any]:
    client: Any = clients.compute() if operation.client == "compute" else clients.site_recovery
    method: Callable[..., Any] = getattr(getattr(client, operation.group), operation.name)
    return method


def _before_acceptance(error: Exception, what: str) -> FailbackError:
    """Return the error of a change whose request itself went wrong: refused, or nobody knows."""
    fault = fault_of(error)
    if fault.kind in _SIGN_IN:
        return as_error(error, what)
    if fault.kind in _NOT_ACCEPTED or fault.kind is Kind.THROTTLED:
        return ChangeFailedError(what, fault.reason, _next_step(fault))
    return OutcomeUnknownError(what, fault.reason, _("look at the vault's job list before you send it again"))


def _after_acceptance(error: Exception, what: str) -> FailbackError:
    """Return the error of a change that Azure had accepted: it failed, or nobody knows."""
    fault = fault_of(error)
    if fault.kind is Kind.OPERATION_FAILED:
        return ChangeFailedError(what, fault.reason, _next_step(fault))
    return OutcomeUnknownError(what, fault.reason, _("look at the vault's job list, then read again"))


def _next_step(fault: Fault) -> str:
    """Return Azure's own advice where it gives some, ours otherwise."""
    return fault.advice[0].shown() if fault.advice else fault.next_step


def _operation_of(token: str, clients: AzureClients) -> allowed.Operation:
    """Return the change a token belongs to; raises `OutcomeUnknownError` for one that leads anywhere else."""
    addresses = _addresses(token)
    if addresses and all(host_of(one) == clients.cloud.host for one in addresses):
        for operation in _ARGUMENTS:
            if allowed.on_the_list((operation,), "POST", addresses[0]):
                return operation
    raise OutcomeUnknownError(
        _("following the change in Azure"),
        _("the saved token does not belong to a change of this program in this cloud"),
        _("look at the vault's job list, then read again"),
    )


def _addresses(token: str) -> list[str]:
    """Return the addresses a token holds, that of the request first; empty for garbage."""
    try:
        data = json.loads(base64.b64decode(token, validate=True))["data"]
        headers = {str(name).lower(): str(value) for name, value in data["response"]["headers"].items()}
        request = str(data["request"]["url"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return []
    return [request, *(headers[name] for name in ("azure-asyncoperation", "location") if name in headers)]
