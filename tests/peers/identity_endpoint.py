"""The address inside an Azure machine that gives out tokens of its managed identity, on loopback (plain HTTP, as there)."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit


class IdentityEndpoint:
    """Gives out `token` for every request that comes as the service wants it; with `refusal` none."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.asked: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _front_end(self))
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> IdentityEndpoint:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, metadata: str) -> tuple[int, dict[str, Any]]:
        """Return status and body for a request."""
        address = urlsplit(path)
        self.asked.append({name: values[0] for name, values in parse_qs(address.query).items()})
        if self.refusal is not None:
            return self.refusal
        if address.path != "/metadata/identity/oauth2/token" or metadata != "true":
            return 400, {"error": "invalid_request"}
        expires = str(int(time.time()) + 3600)
        return 200, {
            "access_token": self.token,
            "expires_in": "3600",
            "expires_on": expires,
            "resource": self.asked[-1].get("resource", ""),
            "token_type": "Bearer",
        }


def _front_end(endpoint: IdentityEndpoint) -> type[BaseHTTPRequestHandler]:
    class FrontEnd(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the library's
            """Stay silent."""

        def do_GET(self) -> None:
            status, body = endpoint.answer(self.path, self.headers.get("Metadata", ""))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return FrontEnd
