"""Files of guest operations: they travel between here and the ESXi host, whose address vCenter names with a ticket.

The host is trusted by the certificate that vCenter tells of it, read over the session that is itself held to a proven
certificate. No credential travels here; the ticket in the address is good for one file and is never shown.
"""

from __future__ import annotations

import http.client
import ssl
from typing import Final, Protocol
from urllib.parse import urlsplit

from failback.vcenter.trust import leaf_context
from wizard_steps.outside import visible
from wizard_steps.wording import _

TRANSFER_SECONDS: Final = 30.0
"""How long an ESXi host may be silent."""
LARGEST: Final = 1 << 20
"""Bytes of the largest file that is taken: answers have some kilobytes."""
_DONE: Final = frozenset({http.client.OK, http.client.CREATED, http.client.NO_CONTENT})


class TransferError(Exception):
    """A file did not arrive; `reason` is a translated clause without the address."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


class Transfer(Protocol):
    """Sends a body by PUT, or fetches one by GET, over TLS that is held to one certificate."""

    def __call__(self, method: str, url: str, certificate: str, body: bytes = b"") -> bytes:
        """Return what was answered; raises `TransferError`. `certificate` is the host's own, as PEM."""
        ...


def _parts(url: str) -> tuple[str, int, str]:
    """Return host, port and path of an address that is under TLS; raises `TransferError` for any other."""
    try:
        where = urlsplit(url)
        host, port = where.hostname or "", where.port or 443
    except ValueError as error:
        raise TransferError(_("vCenter named an address for the file that is none")) from error
    if where.scheme != "https" or not host:
        raise TransferError(_("vCenter named an address for the file that is not protected by TLS"))
    return host, port, f"{where.path}?{where.query}"


def over_https(method: str, url: str, certificate: str, body: bytes = b"") -> bytes:
    """Do it over the network: one connection to exactly that host, by no proxy, following no redirection."""
    host, port, path = _parts(url)
    try:
        connection = http.client.HTTPSConnection(
            host, port, timeout=TRANSFER_SECONDS, context=leaf_context(certificate)
        )
        try:
            connection.request(method, path, body=body if method == "PUT" else None)
            answer = connection.getresponse()
            content = answer.read(LARGEST + 1)
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as error:
        raise TransferError(
            _("the ESXi host {host} shows another certificate than vCenter knows of it").format(host=visible(host))
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise TransferError(
            _("the ESXi host {host} did not transfer the file ({kind})").format(
                host=visible(host), kind=type(error).__name__
            )
        ) from error
    if answer.status not in _DONE:
        raise TransferError(
            _("the ESXi host {host} refused the file (HTTP {status})").format(host=visible(host), status=answer.status)
        )
    if len(content) > LARGEST:
        raise TransferError(_("the file is larger than any answer can be"))
    return content
