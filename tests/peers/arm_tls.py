"""The rehearsal's Azure behind TLS on loopback, with a sign-in authority of its own: a peer for tests of the whole program.

    with ArmPeer(site.arm) as peer:
        peer.profile_lines()     # the [azure] section of a profile with cloud = "custom"
        peer.ca_file             # the authority to trust
        peer.secret              # FAILBACK_AZURE_CLIENT_SECRET

As a program of its own it serves a rehearsal site and prints one line of JSON with what a client must know, then runs
until its standard input ends:

    python tests/peers/arm_tls.py [--estate NAME] [--directory DIR]

The site's clock is set to the machine's time and runs with it, so that heartbeats are fresh for a program that lives by
the machine's clock; operations take a second.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import json
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from failback.rehearsal.arm_wire import ArmWire, Reply
from tests.peers import certificates

if TYPE_CHECKING:
    from types import TracebackType

TENANT = "11111111-1111-4111-8111-111111111111"
CLIENT = "22222222-2222-4222-8222-222222222222"
SECRET = "a client secret for loopback"
DEVICE_CODE = "ABCD-EFGH"


class Authority:
    """A sign-in authority that knows one application, its secret, and one device code."""

    def __init__(self) -> None:
        self.base = ""
        self.secret = SECRET
        self.device_polls_left = 1  # how often "authorization_pending" is answered before somebody has signed in
        self.device_refusal: tuple[str, str] | None = None  # the same for requests with a device code only
        self.refusal: tuple[str, str] | None = None  # (error, description) for every token request
        self.certificates: list[x509.Certificate] = []  # those that the application may sign in with
        self.requests: list[str] = []
        self.tokens: set[str] = set()

    def handle(self, method: str, path: str, form: Mapping[str, str]) -> Reply | None:
        """Answer a request to the authority; None for one that is for the Resource Manager."""
        if not path.startswith(f"/{TENANT}/"):
            return None
        self.requests.append(f"{method} {path}")
        if path.endswith("/.well-known/openid-configuration"):
            return Reply(200, self._configuration())
        if path.endswith("/devicecode"):
            return Reply(200, self._device())
        return self._token(form) if path.endswith("/token") else None

    def _configuration(self) -> dict[str, Any]:
        endpoints = f"{self.base}/{TENANT}/oauth2/v2.0"
        return {
            "issuer": f"{self.base}/{TENANT}/v2.0",
            "token_endpoint": f"{endpoints}/token",
            "authorization_endpoint": f"{endpoints}/authorize",
            "device_authorization_endpoint": f"{endpoints}/devicecode",
        }

    def _device(self) -> dict[str, Any]:
        return {
            "user_code": DEVICE_CODE,
            "device_code": "device-1",
            "verification_uri": f"{self.base}/device",
            "expires_in": 900,
            "interval": 0,
            "message": "enter the code",
        }

    def _token(self, form: Mapping[str, str]) -> Reply:
        if self.refusal is not None:
            return _refused(*self.refusal)
        if "device_code" in form and self.device_refusal is not None:
            return _refused(*self.device_refusal)
        if "client_assertion" in form:
            if not any(_is_signed_with(one, form["client_assertion"]) for one in self.certificates):
                return _refused("invalid_client", "AADSTS700027: The certificate is not registered. Trace ID: 0")
        elif form.get("grant_type") == "client_credentials" and form.get("client_secret") != self.secret:
            return _refused("invalid_client", "AADSTS7000215: Invalid client secret provided. Trace ID: 0 Timestamp: 0")
        if "device_code" in form and self.device_polls_left > 0:
            self.device_polls_left -= 1
            return _refused("authorization_pending", "AADSTS70016: pending")
        token = f"loopback-{len(self.tokens)}"
        self.tokens.add(token)
        body = {"token_type": "Bearer", "expires_in": 3599, "access_token": token}
        return Reply(200, {**body, "id_token": self._id_token()} if "device_code" in form else body)

    def _id_token(self) -> str:
        """Return who signed in, as a token without a signature: over TLS nobody checks one."""
        now = int(time.time())
        claims: dict[str, Any] = {"aud": CLIENT, "iss": f"{self.base}/{TENANT}/v2.0", "sub": "operator", "tid": TENANT}
        claims |= {"preferred_username": "operator@example.com", "iat": now, "exp": now + 3600}
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        return ".".join(
            [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts] + ["x"]
        )


def _is_signed_with(certificate: x509.Certificate, assertion: str) -> bool:
    """Tell whether the key of a certificate made the signature (RS256) of a client's assertion."""
    signed, _, signature = assertion.rpartition(".")
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(
            base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)),
            signed.encode(),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except InvalidSignature:
        return False
    return True


def _refused(error: str, description: str) -> Reply:
    return Reply(401 if error == "invalid_client" else 400, {"error": error, "error_description": description})


class ArmPeer:
    """The simulator and its authority on one loopback port, behind TLS."""

    def __init__(self, arm: ArmWire, directory: Path | None = None) -> None:
        self.arm = arm
        self.authority = Authority()
        self._own = tempfile.TemporaryDirectory() if directory is None else None
        folder = (Path(self._own.name) if self._own else directory or Path()) / "azure"
        vouching = certificates.Authority(folder)
        issued = vouching.issue("server")
        self.ca_file = vouching.ca
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _front_end(self))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(issued.certificate, issued.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.base = self.authority.base = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.secret = SECRET
        self.patience = 30.0  # seconds that a reply which hangs keeps the caller waiting
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> ArmPeer:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._own is not None:
            self._own.cleanup()

    def settings(self, subscription: str) -> dict[str, Any]:
        """Return the values of a profile's `[azure]` section that signs in here."""
        return {
            "cloud": "custom",
            "tenant_id": TENANT,
            "subscription_id": subscription,
            "sign_in": "client-secret",
            "client_id": CLIENT,
            "ca_file": str(self.ca_file),
            "authority": self.base,
            "resource_manager": self.base,
        }

    def profile_lines(self, subscription: str) -> str:
        """Return the `[azure]` section as TOML."""
        rows = [f"{name} = {json.dumps(value)}" for name, value in self.settings(subscription).items()]
        return "\n".join(["[azure]", *rows, ""])


def _front_end(peer: ArmPeer) -> type[BaseHTTPRequestHandler]:
    arm, authority = peer.arm, peer.authority

    class FrontEnd(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # one packet an answer: with the default, delayed acknowledgements cost 40 ms each
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the library's
            """Stay silent."""

        def do_GET(self) -> None:
            self._answer()

        do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815 -- the names are the library's

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            form = {name: values[0] for name, values in parse_qs(content.decode(errors="replace")).items()}
            reply = authority.handle(self.command, urlsplit(self.path).path, form) or self._resource_manager(content)
            if reply.dropped or reply.hangs:
                time.sleep(peer.patience if reply.hangs else 0)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.all_headers().items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        def _resource_manager(self, content: bytes) -> Reply:
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in authority.tokens:
                return Reply.error(401, "InvalidAuthenticationToken", "The access token is invalid.")
            return arm.handle(self.command, authority.base + self.path, dict(self.headers), content)

    return FrontEnd


def main() -> int:
    """Serve a rehearsal site until standard input ends."""
    from failback.rehearsal.description import SUBSCRIPTION
    from failback.rehearsal.site import ESTATES, Site

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--estate", default="faulty")
    parser.add_argument("--directory", type=Path)
    options = parser.parse_args()
    site = Site(ESTATES[options.estate], speed=1.0, start=dt.datetime.now(dt.timezone.utc))
    site.arm.operations.seconds = 1.0
    site.arm.operations.retry_after = "1"
    with ArmPeer(site.arm, options.directory) as peer:
        told = {"base": peer.base, "ca_file": str(peer.ca_file), "secret": peer.secret, **peer.settings(SUBSCRIPTION)}
        print(json.dumps(told), flush=True)
        for _line in sys.stdin:
            pass
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
