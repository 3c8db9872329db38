"""Files travel to the very ESXi host that vCenter vouches for: another certificate gets no byte of them."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from failback.vcenter.transfer import LARGEST, TransferError, over_https
from tests.peers.certificates import Authority, Issued
from tests.vcenter.tls_listener import TlsListener

TICKET = "token-7788"


class EsxiHost(TlsListener):
    """Answers every request with `reply`."""

    reply = b""

    def _listen_to(self, connection: object) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secured:  # type: ignore[arg-type]
            self.handshakes += 1
            self._hear_the_request(secured)
            with contextlib.suppress(OSError):
                secured.sendall(self.reply)

    def _hear_the_request(self, secured: ssl.SSLSocket) -> None:
        """Read head and body, however many pieces they come in: closing on an unread piece would reset the connection."""
        request = b""
        while b"\r\n\r\n" not in request and (piece := secured.recv(65536)):
            request += piece
        head, _, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
        while length and len(body) < int(length.group(1)) and (piece := secured.recv(65536)):
            body += piece
        self.heard += head + b"\r\n\r\n" + body if head else b""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/guestFile?id=1&token={TICKET}"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def certificate(authority: Authority) -> Issued:
    return authority.self_signed("esx01")


@pytest.fixture
def host(certificate: Issued) -> Iterator[EsxiHost]:
    with EsxiHost(certificate) as listening:
        yield listening


def answered(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def pem(one: Issued) -> str:
    return Path(one.certificate).read_text(encoding="ascii")


def reason(host: EsxiHost, certificate: str, **more: bytes) -> str:
    with pytest.raises(TransferError) as failed:
        over_https("PUT" if more else "GET", host.url, certificate, **more)
    assert TICKET not in failed.value.reason
    return failed.value.reason


def test_a_file_is_fetched_and_another_is_sent(host: EsxiHost, certificate: Issued) -> None:
    host.reply = answered(b'{"a":1}')
    assert over_https("GET", host.url, pem(certificate)) == b'{"a":1}'
    assert host.heard.startswith(f"GET /guestFile?id=1&token={TICKET} HTTP/1.1".encode())

    host.heard, host.reply = b"", answered(b"", "201 Created")
    assert over_https("PUT", host.url, pem(certificate), b"two\nlines\n") == b""
    assert host.heard.startswith(b"PUT /guestFile")
    assert b"Content-Length: 10" in host.heard


def test_another_certificate_gets_no_byte_not_even_on_loopback(host: EsxiHost, authority: Authority) -> None:
    assert "another certificate" in reason(host, pem(authority.self_signed("impostor")), body=b"data")
    assert host.heard == b""


def test_the_hosts_own_authority_is_not_enough(host: EsxiHost, authority: Authority) -> None:
    host.show(authority.issue("esx01"))
    other = authority.issue("esx02")
    assert "another certificate" in reason(host, pem(other))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (answered(b"gone", "404 Not Found"), "HTTP 404"),
        (answered(b"", "302 Found"), "HTTP 302"),
        (answered(b"x" * (LARGEST + 1)), "larger"),
        (b"nonsense\r\n\r\n", "did not transfer"),
        (b"", "did not transfer"),
    ],
    ids=["gone", "redirected", "too large", "no HTTP", "hung up"],
)
def test_a_file_that_does_not_arrive_is_told_without_its_ticket(
    host: EsxiHost, certificate: Issued, reply: bytes, why: str
) -> None:
    host.reply = reply
    assert why in reason(host, pem(certificate))


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "https:///x", "https://[::1/x", "file:///etc/passwd", ""])
def test_an_address_that_is_not_protected_is_not_asked(url: str, certificate: Issued) -> None:
    with pytest.raises(TransferError, match="address"):
        over_https("GET", url, pem(certificate))


def test_what_is_no_certificate_trusts_nobody(host: EsxiHost) -> None:
    assert "did not transfer" in reason(host, "no certificate")
    assert host.handshakes == 0
