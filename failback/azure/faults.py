"""What went wrong in Azure, in one plain sentence: every exception of azure-core becomes a `Fault`.

The kind of a fault decides the exit code. Azure's own words for causes and remedies are taken from the answer itself:
the library drops them. Nothing here is raised by Azure on purpose for people to read, so texts from outside are cut
to one line and made safe to show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from failback.azure.fault import Fault, Kind, WaitCancelledError, one_line
from failback.azure.sign_in_faults import of_identity
from failback.errors import (
    AccessDeniedError,
    FailbackError,
    InterruptedByOperatorError,
    NotFoundError,
    NotReachedError,
    SignInRefusedError,
    TimedOutError,
    UnreachableError,
)
from wizard_steps.outside import Outside, visible
from wizard_steps.wording import N_, _

__all__ = ["STOPS_EVERYTHING", "Fault", "Kind", "WaitCancelledError", "as_error", "fault_of"]

_ERRORS: Mapping[Kind, type[FailbackError]] = {
    Kind.NOT_SIGNED_IN: SignInRefusedError,
    Kind.SIGN_IN_REFUSED: SignInRefusedError,
    Kind.WRONG_TENANT: SignInRefusedError,
    Kind.NO_SUBSCRIPTION: NotFoundError,
    Kind.NOT_FOUND: NotFoundError,
    Kind.DENIED: AccessDeniedError,
    Kind.THROTTLED: NotReachedError,
    Kind.TIMED_OUT: TimedOutError,
    Kind.UNREACHABLE: UnreachableError,
    Kind.CANCELLED: InterruptedByOperatorError,
}

STOPS_EVERYTHING = frozenset({Kind.NOT_SIGNED_IN, Kind.SIGN_IN_REFUSED, Kind.WRONG_TENANT, Kind.NO_SUBSCRIPTION})
"""Kinds that mean the profile or the account must change first: exit code 2, not half a report."""


def as_error(error: BaseException, what: str) -> FailbackError:
    """Return the error of this program's own family for an exception, about `what` (`Azure`, `vault rsv-dr`)."""
    if isinstance(error, FailbackError):
        return error
    fault = fault_of(error)
    return _ERRORS.get(fault.kind, NotReachedError)(what, fault.reason, fault.next_step)


def fault_of(error: BaseException) -> Fault:
    """Return what an exception means. Imports azure-core, which whoever got the exception has loaded already.

    An exception that is none of azure-core's is raised again: it is a defect, and must not look like an answer.
    """
    from azure.core.exceptions import AzureError

    if isinstance(error, WaitCancelledError):
        return Fault(Kind.CANCELLED, _("cancelled by the operator"), _("start it again when you are ready"))
    if not isinstance(error, AzureError):
        raise error
    return _of_polling(error) or _of_sign_in(error) or _of_connection(error) or _of_answer(error)


# -- operations


def _of_polling(error: BaseException) -> Fault | None:
    from failback.azure.polling import OperationTooSlowError, OperationUnclearError

    if isinstance(error, OperationTooSlowError):
        reason = _("the operation was still running after {seconds} s").format(seconds=round(error.seconds))
        return Fault(Kind.OPERATION_UNCLEAR, reason, _("look at the vault's job list, then read again"), error.word)
    if isinstance(error, OperationUnclearError):
        reason = _('the operation answered with the unknown word "{word}"').format(word=visible(error.word))
        return Fault(Kind.OPERATION_UNCLEAR, reason, _("look at the vault's job list, then read again"), error.word)
    return None


# -- signing in


def _of_sign_in(error: BaseException) -> Fault | None:
    from azure.core.exceptions import ClientAuthenticationError

    if not isinstance(error, ClientAuthenticationError):
        return None
    if error.response is not None and _error_code(error):
        return _of_401(error)
    for inner in _chain(error):
        below = _of_connection(inner)
        if below is not None:
            return below
    return of_identity(str(error.message))


def _of_401(error: Any) -> Fault:
    code = _error_code(error)
    if code == "InvalidAuthenticationTokenTenant":
        reason = _("the subscription belongs to another tenant than the one that signed in")
        return Fault(Kind.WRONG_TENANT, reason, _("check tenant_id and subscription_id in the profile"), code)
    if "insufficient_claims" in error.response.headers.get("WWW-Authenticate", ""):
        reason = _("a conditional access policy asks for a stronger sign-in than this one")
        return Fault(Kind.NOT_SIGNED_IN, reason, _("sign in again as the policy asks, by device code say"), code)
    if "Expired" in code:
        return Fault(Kind.NOT_SIGNED_IN, _("the sign-in has expired"), _("sign in again"), code)
    reason = _("Azure did not accept the token ({code})").format(code=visible(code))
    return Fault(Kind.SIGN_IN_REFUSED, reason, _("sign in again"), code)


# -- the connection


def _of_connection(error: BaseException) -> Fault | None:
    from azure.core.exceptions import (
        ServiceRequestError,
        ServiceRequestTimeoutError,
        ServiceResponseError,
        ServiceResponseTimeoutError,
    )

    if isinstance(error, (ServiceRequestTimeoutError, ServiceResponseTimeoutError)):
        return Fault(Kind.TIMED_OUT, _("no answer in time"), _("check the network and the proxy, then read again"))
    if isinstance(error, ServiceRequestError):
        return _of_request(str(error))
    if isinstance(error, ServiceResponseError):
        return Fault(Kind.BROKEN_OFF, _("the connection broke before an answer came"), _("read again"))
    return None


def _of_request(text: str) -> Fault:
    if "CERTIFICATE_VERIFY_FAILED" in text:
        reason = _("its certificate is not vouched for by an authority this machine trusts")
        return Fault(Kind.UNTRUSTED, reason, _("give ca_file under [azure] if a proxy inspects TLS here"))
    if "ssl" in text.lower():  # the library says the same of a TLS connection that broke after the request was taken
        reason = _("the TLS connection broke")
        return Fault(Kind.BROKEN_OFF, reason, _("check the network and the proxy, then read again"))
    if any(words in text for words in ("resolve", "Name or service not known", "getaddrinfo", "nodename")):
        return Fault(Kind.UNREACHABLE, _("its name cannot be resolved"), _("check DNS, the network and the proxy"))
    if "ProxyError" in text or "proxy" in text.lower():
        return Fault(Kind.UNREACHABLE, _("the proxy does not answer"), _("check proxy under [azure] in the profile"))
    if "timed out" in text.lower():
        return Fault(Kind.TIMED_OUT, _("no connection in time"), _("check the network and the proxy, then read again"))
    return Fault(Kind.UNREACHABLE, _("nothing answers there"), _("check the network and the proxy, then read again"))


# -- the answer

_ERRORS_FROM = 400  # an operation's status arrives with 200, however the operation ended
_DENIED_ACTION = re.compile(r"perform action '([^']+)'")


def _of_answer(error: Any) -> Fault:
    from azure.core.exceptions import DecodeError

    status = getattr(error, "status_code", None)
    undecodable = isinstance(error, DecodeError) and status is not None and int(status) < _ERRORS_FROM
    if undecodable or status is None:
        return Fault(Kind.MALFORMED, _("the answer could not be understood"), _("read again"))
    causes, advice = _own_words(error)
    made = _by_code(error) or _by_status(error, int(status))
    return Fault(made.kind, made.reason, made.next_step, _error_code(error), made.action, causes, advice)


def _by_code(error: Any) -> Fault | None:
    from azure.core.polling.base_polling import OperationFailed

    code = _error_code(error)
    if code in {"SubscriptionNotFound", "InvalidSubscriptionId"}:
        reason = _("the signed-in account sees no such subscription")
        return Fault(Kind.NO_SUBSCRIPTION, reason, _("check subscription_id in the profile, and the account's rights"))
    if code == "ResourceGroupNotFound":
        return Fault(Kind.NOT_FOUND, _("there is no such resource group"), _("check resource_group in the profile"))
    if int(error.status_code) >= _ERRORS_FROM:
        return None
    text = one_line(str(getattr(error.error, "message", None) or error.message))
    if isinstance(error.inner_exception, OperationFailed):
        if not getattr(error.error, "message", None):
            text = _ended_without_a_word(error.inner_exception)
        return Fault(Kind.OPERATION_FAILED, text, _("follow Azure's advice, then try again"))
    return Fault(Kind.OPERATION_UNCLEAR, text, _("look at the vault's job list, then read again"))


_NOT_ABOUT_THE_RESOURCE = frozenset(
    {"", "InvalidResourceType", "InvalidResourceNamespace", "InvalidApiVersionParameter"}
)
"""Codes of a 404 (none: a proxy's, say) that leave open whether the resource is there."""


def _ended_without_a_word(error: Any) -> str:
    word = str(getattr(error, "word", ""))
    if word.lower() in {"canceled", "cancelled"}:
        return _("it was cancelled in Azure, which says no more; what was done until then stays")
    return _("it ended as {word}, and Azure gives no reason").format(word=visible(word) or "?")


def _by_status(error: Any, status: int) -> Fault:
    if status == 404 and _error_code(error) in _NOT_ABOUT_THE_RESOURCE:  # noqa: PLR2004
        return Fault(Kind.MALFORMED, _("the answer does not say whether there is such a resource"), _("read again"))
    if status == 403:  # noqa: PLR2004
        return _denied(error)
    if status == 429:  # noqa: PLR2004
        after = _retry_after(error)
        reason = _("Azure throttles this account")
        if after:
            reason = _("Azure throttles this account and asks to wait {seconds} s").format(seconds=after)
        return Fault(Kind.THROTTLED, reason, _("wait, then read again"))
    plain = _PLAIN_STATUS.get(status)
    if plain is not None:
        kind, why, next_step = plain
        return Fault(kind, _(why), _(next_step))
    if status >= 500:  # noqa: PLR2004
        reason = _("the service failed with status {status}").format(status=status)
        return Fault(Kind.SERVICE_FAILED, reason, _("read again in a few minutes"))
    text = one_line(str(getattr(error.error, "message", None) or error.message))
    return Fault(Kind.REFUSED, text, _("follow Azure's advice, then try again"))


_PLAIN_STATUS: Mapping[int, tuple[Kind, str, str]] = {
    401: (Kind.SIGN_IN_REFUSED, N_("Azure did not accept the token"), N_("sign in again")),
    404: (Kind.NOT_FOUND, N_("Azure has no such resource"), N_("check the names in the profile")),
    408: (Kind.TIMED_OUT, N_("no answer in time"), N_("read again")),
    409: (Kind.CONFLICT, N_("another operation is in progress there"), N_("wait until it has ended, then try again")),
    504: (Kind.TIMED_OUT, N_("the service had no answer in time"), N_("read again in a few minutes")),
}


def _denied(error: Any) -> Fault:
    found = _DENIED_ACTION.search(str(error.message))
    if found is None:
        reason = _("this account may not do that ({code})").format(code=visible(_error_code(error) or "403"))
        return Fault(Kind.DENIED, reason, _("have the right granted, then read again"))
    action = visible(found.group(1))
    reason = _("this account lacks the permission {action}").format(action=action)
    return Fault(Kind.DENIED, reason, _("have it granted, then read again"), action=action)


def _error_code(error: Any) -> str:
    return str(getattr(getattr(error, "error", None), "code", None) or "")


def _retry_after(error: Any) -> str:
    value = str(error.response.headers.get("Retry-After", "")) if error.response is not None else ""
    return value if value.isdigit() else ""


def _own_words(error: Any) -> tuple[tuple[Outside, ...], tuple[Outside, ...]]:
    """Return Site Recovery's own causes and advice, from the answer's JSON: the library leaves them out."""
    try:
        details = error.response.json()["error"].get("details") or []
    except (AttributeError, KeyError, TypeError, ValueError):
        return (), ()
    rows = [row for row in details if isinstance(row, Mapping)]
    return tuple(_texts(rows, "possibleCauses")), tuple(_texts(rows, "recommendedAction"))


def _texts(rows: list[Mapping[str, Any]], name: str) -> Iterator[Outside]:
    for row in rows:
        if row.get(name):
            yield Outside(str(row[name]))


def _chain(error: BaseException) -> Iterator[BaseException]:
    below = error.__cause__ or error.__context__
    while below is not None:
        yield below
        below = below.__cause__ or below.__context__
