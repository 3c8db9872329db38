"""The rehearsal's Azure under azure-core: a transport that sends to `ArmWire`, and the credential that goes with it.

It cannot reach a network by construction. Waiting happens on the simulator's clock, so that back-off and polling show
as rehearsal time. This module imports azure-core: only code that already uses an SDK imports it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from azure.core.credentials import AccessToken, AccessTokenInfo
from azure.core.exceptions import HttpResponseError, ServiceResponseError, ServiceResponseTimeoutError
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.utils import case_insensitive_dict

from failback.rehearsal.arm_wire import ArmWire, Reply


class WireResponse(HttpResponse):
    """An answer of the simulator, in the form azure-core expects of a transport."""

    def __init__(self, request: HttpRequest, reply: Reply) -> None:
        """Wrap `reply` as the answer to `request`."""
        self._request = request
        self._reply = reply
        self._headers = case_insensitive_dict(reply.all_headers())
        self._encoding: str | None = None
        self._closed = False

    @property
    def request(self) -> HttpRequest:
        """The request this answers."""
        return self._request

    @property
    def status_code(self) -> int:
        """The status of the answer."""
        return self._reply.status

    @property
    def headers(self) -> MutableMapping[str, str]:
        """The headers, found in any case."""
        return self._headers

    @property
    def reason(self) -> str:
        """The reason phrase; the simulator has none."""
        return ""

    @property
    def content_type(self) -> str | None:
        """The content type, None without a body."""
        return self._headers.get("content-type")

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def is_stream_consumed(self) -> bool:
        """The body is in memory: it is always there."""
        return True

    @property
    def url(self) -> str:
        """The address that was asked."""
        return str(self._request.url)

    @property
    def content(self) -> bytes:
        """The body."""
        return self._reply.content

    @property
    def encoding(self) -> str | None:
        """The encoding someone chose for `text`."""
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    def text(self, encoding: str | None = None) -> str:
        """Return the body as text."""
        return self.content.decode(encoding or self._encoding or "utf-8-sig")

    def json(self) -> Any:
        """Return the body as JSON; raises `ValueError` when it is none."""
        return json.loads(self.content)

    def body(self) -> bytes:
        """Return the body; azure-core's older policies ask this way."""
        return self.content

    def read(self) -> bytes:
        """Return the body."""
        return self.content

    def raise_for_status(self) -> None:
        """Raise `HttpResponseError` for an error status."""
        if self.status_code >= HTTPStatus.BAD_REQUEST:
            raise HttpResponseError(response=self)

    def iter_bytes(self, **_kwargs: Any) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.content

    def iter_raw(self, **_kwargs: Any) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.content

    def close(self) -> None:
        """Mark the answer as done with."""
        self._closed = True

    def __enter__(self) -> WireResponse:
        """Return itself."""
        return self

    def __exit__(self, *_details: object) -> None:
        """Close it."""
        self.close()


class WireTransport(HttpTransport[HttpRequest, HttpResponse]):
    """An azure-core transport that hands every request to `ArmWire` and waits on its clock."""

    def __init__(self, arm: ArmWire, *, read_timeout: float = 30.0) -> None:
        """Send to `arm`; a reply that hangs is given up after `read_timeout` seconds of its clock."""
        self.arm = arm
        self.read_timeout = read_timeout

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Answer one request; raises azure-core's own exceptions for a broken or a silent connection."""
        reply = self.arm.handle(request.method, str(request.url), dict(request.headers), _content(request))
        if reply.hangs:
            patience = float(kwargs.get("read_timeout") or self.read_timeout)
            self.arm.clock.sleep(patience)
            raise ServiceResponseTimeoutError(f"Read timed out. (read timeout={patience})")
        if reply.dropped:
            broken = ConnectionResetError(104, "Connection reset by peer")
            raise ServiceResponseError("Connection aborted.", error=broken)
        return WireResponse(request, reply)

    def sleep(self, duration: float) -> None:
        """Wait on the simulator's clock."""
        self.arm.clock.sleep(duration)

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def __enter__(self) -> WireTransport:
        """Return itself."""
        return self

    def __exit__(self, *_details: object) -> None:
        """Nothing to close."""


def _content(request: Any) -> bytes:
    content = getattr(request, "content", None)
    if isinstance(content, dict):
        return urlencode(content).encode()
    return content.encode() if isinstance(content, str) else (content or b"")


class RehearsalCredential:
    """A credential that signs in to nothing: its token is the word "rehearsal"."""

    def get_token_info(self, *_scopes: str, **_options: Any) -> AccessTokenInfo:
        """Return a token that is good for a day of the machine's clock (azure-core measures tokens by that one)."""
        return AccessTokenInfo("rehearsal", int(time.time()) + 86_400)

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        """Return the same, in azure-core's older form."""
        return AccessToken("rehearsal", int(time.time()) + 86_400)
