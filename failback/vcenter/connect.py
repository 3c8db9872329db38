"""The adapter for a real vCenter: SOAP over TLS that is held to a proven certificate, with a timeout on every call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from failback.vcenter.trust import HANDSHAKE_SECONDS, trusted_context

CALL_SECONDS: Final = 60.0
"""How long one call may take. Long work is a task on the server; a page of properties takes a few seconds."""
IDLE_SECONDS: Final = 20.0
"""How long a connection is kept for the next call: less than proxies and vCenter keep theirs."""
OLDEST_VERSION: Final = "vim.version.version9"
"""vSphere 5.5: what a connection speaks until the server has said what it is."""


def over_tls(
    host: str,
    port: int = 443,
    *,
    certificate_sha256: str | None = None,
    ca_file: Path | None = None,
    call_seconds: float = CALL_SECONDS,
) -> Callable[[], Any]:
    """Return a function that proves the server's certificate and makes an adapter for it; see `trusted_context`."""

    def connect() -> Any:
        from pyVmomi.SoapAdapter import SoapStubAdapter

        context = trusted_context(
            host,
            port,
            pinned=certificate_sha256,
            ca_file=ca_file,
            timeout=min(HANDSHAKE_SECONDS, call_seconds),
        )
        return SoapStubAdapter(
            host=host,
            port=port,
            path="/sdk",
            version=OLDEST_VERSION,
            sslContext=context,
            httpConnectionTimeout=call_seconds,
            connectionPoolTimeout=IDLE_SECONDS,
        )

    return connect
