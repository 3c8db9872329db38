"""How every request to Azure travels: retried with patience and within limits, and only if it is on the list.

azure-core's own retry policy sleeps as long as the service asks it to, in silence and past any timeout, and repeats a
POST after 429, 500, 503 and 504. Here a long wait is an answer, a request that changes something is repeated only
where repeating is known to be harmless, and waiting ends when the operator cancels.

This module imports azure-core: only code that already uses an SDK imports it.
"""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    CustomHookPolicy,
    HeadersPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from failback import __version__
from failback.azure.allowed import Operation, is_harmless, on_the_list
from failback.azure.cloud import Cloud, host_of
from failback.azure.faults import WaitCancelledError
from failback.errors import InternalError
from failback.progress import Cancelled
from wizard_steps.outside import visible
from wizard_steps.wording import _

LONGEST_WAIT = 30.0
"""Seconds of a Retry-After that are waited for; a longer one is reported as throttling."""

TRIES_AGAIN = 3
"""How often a request is repeated."""

_CHANGING = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_ERRORS_FROM = 400


def wait(transport: Any, seconds: float, cancelled: Cancelled | None) -> None:
    """Wait on the transport's own clock, a second at a time; raises `WaitCancelledError` when cancelled."""
    left = seconds
    while left > 0:
        if cancelled is not None and cancelled():
            raise WaitCancelledError
        transport.sleep(min(1.0, left))
        left -= 1.0


class PatientRetryPolicy(RetryPolicy[Any, Any]):
    """Repeats what may be repeated, waits no longer than `LONGEST_WAIT` at a time, and can be cancelled.

    A call passes `cancelled=` among its keywords; the policy takes it out again.
    """

    def __init__(self) -> None:
        """Take this program's own numbers: three repeats, pauses of 0, 1.6 and 3.2 seconds."""
        super().__init__(retry_total=TRIES_AGAIN, retry_backoff_max=8)

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        """Keep the call's `cancelled` with the settings of this one request."""
        cancelled = options.pop("cancelled", None)
        return {**super().configure_retries(options), "cancelled": cancelled}

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send unless cancelled already."""
        cancelled = request.context.options.get("cancelled")
        if cancelled is not None and cancelled():
            raise WaitCancelledError
        return super().send(request)

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Tell whether an error answer is worth another try."""
        if response.http_response.status_code < _ERRORS_FROM:
            return False
        if not self._may_repeat(response.http_request):
            return False
        if (self.get_retry_after(response) or 0) > LONGEST_WAIT:
            return False
        return bool(super().is_retry(settings, response))

    def _is_method_retryable(self, settings: dict[str, Any], request: Any, response: Any = None) -> bool:
        """Tell the same where the connection broke: nobody knows whether the request took effect."""
        if not self._may_repeat(request):
            return False
        return request.method.upper() in _CHANGING or bool(super()._is_method_retryable(settings, request, response))

    def sleep(
        self, settings: dict[str, Any], transport: Any, response: PipelineResponse[Any, Any] | None = None
    ) -> None:
        """Wait before the next try, in small pieces that can be cancelled."""
        asked = self.get_retry_after(response) if response is not None else None
        wait(transport, asked or self.get_backoff_time(settings), settings["cancelled"])

    @staticmethod
    def _may_repeat(request: Any) -> bool:
        return request.method.upper() not in _CHANGING or is_harmless(request.url)


class KeepToTheListPolicy(SansIOHTTPPolicy[Any, Any]):
    """Lets nothing out that is not on the list: looking must change nothing, whatever a library does by itself."""

    def __init__(self, host: tuple[str, int], operations: tuple[Operation, ...]) -> None:
        """Let out these operations only, and to this host only: a link in an answer could lead the token elsewhere."""
        self._host = host
        self._operations = operations

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Raise `InternalError` for a request that nobody listed."""
        verb, url = request.http_request.method, request.http_request.url
        if host_of(url) != self._host or not on_the_list(self._operations, verb, url):
            raise InternalError(
                _("Azure"),
                _("{verb} {url} is not among the calls this program makes there").format(
                    verb=verb, url=visible(url.partition("?")[0])
                ),
                _("report this as a defect"),
            )


def pipeline(credential: Any, cloud: Cloud, operations: tuple[Operation, ...], options: dict[str, Any]) -> list[Any]:
    """Return the policies of a client, in the order a request passes them.

    Left out on purpose: `ARMAutoResourceProviderRegistrationPolicy`, which answers a 409 by registering a resource
    provider (a change, made by a read), the redirect policy (Resource Manager does not redirect; a captive portal
    does, with the token), and both logging policies.
    """
    return [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy(user_agent=f"failback-wizard/{__version__}", user_agent_use_env=False),
        ProxyPolicy(proxies=options.get("proxies")),
        ContentDecodePolicy(),
        KeepToTheListPolicy(cloud.host, operations),
        PatientRetryPolicy(),
        ARMChallengeAuthenticationPolicy(credential, cloud.scope, enable_cae=True),
        CustomHookPolicy(),
    ]
