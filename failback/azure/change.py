"""The changes this program makes in Azure: those of `allowed.SENT`, each by its path.

A change is two steps, so that a crash between them loses nothing: `begin_*` sends it and returns a token as soon as
Azure has accepted it; `follow` waits for the end, also in a later run. The token holds no secret, but the addresses
that are asked next: it is refused when they lead to another host or to anything but these changes.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from failback.azure import allowed, arm_ids
from failback.azure.clients import AzureClients
from failback.azure.cloud import host_of
from failback.azure.faults import Fault, Kind, WaitCancelledError, as_error, fault_of
from failback.azure.jobs import JobWords, job_said
from failback.clock import Clock
from failback.errors import ChangeFailedError, FailbackError, OutcomeUnknownError, StalePlanError, WorkGoneError
from failback.progress import Cancelled, never
from wizard_steps.outside import visible
from wizard_steps.wording import _

if TYPE_CHECKING:
    from failback.azure.polling import OperationProgress, StrictPolling

DEADLINE_SECONDS = 900.0
_GUARD_REFUSED = 412  # If-Match or If-None-Match did not hold
_NOT_ACCEPTED = frozenset({Kind.UNREACHABLE, Kind.UNTRUSTED, Kind.CONFLICT, Kind.REFUSED, Kind.NOT_FOUND, Kind.DENIED})
_SIGN_IN = frozenset({Kind.NOT_SIGNED_IN, Kind.SIGN_IN_REFUSED, Kind.WRONG_TENANT, Kind.NO_SUBSCRIPTION})


@dataclass(frozen=True)
class Begun:
    """A change that Azure has accepted: `token` to follow it by, and the job's id in the vault where there is one."""

    token: str
    job_id: str | None


def refresh_configuration_server(clients: AzureClients, provider_id: str, clock: Clock) -> Begun:
    """Ask a configuration server, through its provider, to report everything anew; see `send`."""
    return send(clients, f"{provider_id}/refreshProvider", clock)


def start_virtual_machine(clients: AzureClients, vm_id: str, clock: Clock) -> Begun:
    """Start an Azure VM; see `send`."""
    return send(clients, f"{vm_id}/start", clock)


def send(
    clients: AzureClients,
    path: str,
    clock: Clock,
    *,
    verb: str = "POST",
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Begun:
    """Send a planned request: a verb, a path, a body where the operation has one, and the guard in its headers.

    Returns as soon as Azure has accepted it. Raises `ChangeFailedError` when it was refused or is none of this
    program's changes, `StalePlanError` when its guard refused it, `OutcomeUnknownError` when the connection broke,
    and the errors of a sign-in that no longer works.
    """
    operation = next((one for one in allowed.SENT if allowed.on_the_list((one,), verb, path)), None)
    if operation is None or (body is not None) is not operation.body:
        raise ChangeFailedError(
            _("Azure"),
            _("this program has no such change: {path}").format(path=visible(path)),
            _("make the plan anew"),
        )
    names: list[Any] = allowed.names_in(operation, path)
    what = _("sending {verb} {path}").format(verb=visible(verb), path=visible(path.rpartition("/")[2]))
    polling = _only_begin(clock, clients.cloud.resource_manager)
    more = {"headers": dict(headers)} if headers else {}
    try:
        with closing(clients.limited_to(allowed.CHANGES)) as changing:
            arguments = [*names, *([dict(body)] if body is not None else [])]
            method = _method(changing, operation, arm_ids.subscription(path))
            poller = method(*arguments, polling=polling, **more)
            return Begun(poller.continuation_token(), polling.job_id)
    except FailbackError:
        raise
    except Exception as error:
        raise _before_acceptance(error, what) from error


def follow(
    clients: AzureClients,
    token: str,
    clock: Clock,
    *,
    told: Callable[[OperationProgress], None] | None = None,
    cancelled: Cancelled = never,
    deadline: float | None = None,
) -> Any:
    """Wait until an accepted change has ended well, at most `deadline` seconds of `clock` (None: as it usually takes).

    Returns the JSON of its last answer, None where it has none.

    `told` hears every status. Raises `ChangeFailedError` when Azure says that it failed, `OutcomeUnknownError` when
    nobody can say (deadline, unknown status word, no connection, a token that cannot be used), and
    `InterruptedByOperatorError` when `cancelled`: the change itself goes on in Azure.
    """
    from failback.azure.polling import OnlyFollow

    operation, addresses = _operation_of(token, clients)
    what = _("following the change in Azure")
    limit = _PATIENCE.get(operation, DEADLINE_SECONDS) if deadline is None else deadline
    polling = OnlyFollow(clock, clients.cloud.resource_manager, told=told, cancelled=cancelled, deadline=limit)
    path = urlsplit(addresses[0]).path
    # The token knows what it is about; the arguments only fill the places that the method declares.
    arguments = [*allowed.names_in(operation, path), *([{}] if operation.body else [])]
    try:
        with closing(clients.limited_to(allowed.FOLLOWED)) as following:  # it cannot send what it follows
            method = _method(following, operation, arm_ids.subscription(path))
            method(*arguments, polling=polling, continuation_token=token).result()
        return polling.answer
    except WaitCancelledError as error:
        raise as_error(error, what) from error
    except FailbackError:
        raise
    except Exception as error:
        raise _after_acceptance(error, what, partial(job_said, clients, addresses)) from error


_PATIENCE = {allowed.REPROTECT: 3600.0}
"""How long, in seconds, an operation is followed that takes longer than the others."""


def _only_begin(clock: Clock, endpoint: str) -> StrictPolling:
    from failback.azure.polling import OnlyBegin

    return OnlyBegin(clock, endpoint)


def _method(clients: AzureClients, operation: allowed.Operation, subscription: str) -> Callable[..., Any]:
    client: Any = clients.site_recovery
    if operation.client in ("compute", "network"):
        client = getattr(clients, operation.client)(subscription)
    method: Callable[..., Any] = getattr(getattr(client, operation.group), operation.name)
    return method


def _before_acceptance(error: Exception, what: str) -> FailbackError:
    """Return the error of a change whose request itself went wrong: refused, or nobody knows."""
    if getattr(error, "status_code", None) == _GUARD_REFUSED:
        return StalePlanError(what, _("somebody else changed it in between, so Azure refused it"), _("look again"))
    fault = fault_of(error)
    if fault.kind in _SIGN_IN:
        return as_error(error, what)
    if fault.kind in _NOT_ACCEPTED or fault.kind is Kind.THROTTLED:
        return ChangeFailedError(what, fault.reason, _next_step(fault))
    return OutcomeUnknownError(what, fault.reason, _("look at the vault's job list before you send it again"))


def _after_acceptance(error: Exception, what: str, job: Callable[[], JobWords | None]) -> FailbackError:
    """Return the error of a change that Azure had accepted: it failed, as its job says, or nobody knows."""
    fault = fault_of(error)
    if fault.kind is Kind.OPERATION_FAILED:
        said = job()
        if said is not None:
            return ChangeFailedError(what, said.why, said.next_step or _next_step(fault))
        return ChangeFailedError(what, fault.reason, _next_step(fault))
    kind = WorkGoneError if fault.kind is Kind.NOT_FOUND else OutcomeUnknownError
    return kind(what, fault.reason, _("look at the vault's job list, then read again"))


def _next_step(fault: Fault) -> str:
    """Return Azure's own advice where it gives some, ours otherwise."""
    return fault.advice[0].shown() if fault.advice else fault.next_step


def _operation_of(token: str, clients: AzureClients) -> tuple[allowed.Operation, list[str]]:
    """Return the change a token belongs to and its addresses; raises `OutcomeUnknownError` for any other token."""
    verb, addresses = _addresses(token)
    if addresses and all(host_of(one) == clients.cloud.host for one in addresses):
        for operation in allowed.SENT:
            if allowed.on_the_list((operation,), verb, addresses[0]):
                return operation, addresses
    raise OutcomeUnknownError(
        _("following the change in Azure"),
        _("the saved token does not belong to a change of this program in this cloud"),
        _("look at the vault's job list, then read again"),
    )


def _addresses(token: str) -> tuple[str, list[str]]:
    """Return the verb and the addresses a token holds, that of the request first; empty for garbage."""
    try:
        data = json.loads(base64.b64decode(token, validate=True))["data"]
        headers = {str(name).lower(): str(value) for name, value in data["response"]["headers"].items()}
        verb, request = str(data["request"]["method"]), str(data["request"]["url"])
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return "", []
    return verb, [request, *(headers[name] for name in ("azure-asyncoperation", "location") if name in headers)]
