"""Nobody but the vCenter that was trusted gets to see a byte of a credential. All of it on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from failback.errors import (
    CertificateChangedError,
    CertificateUntrustedError,
    InputError,
    TimedOutError,
    UnreachableError,
)
from failback.vcenter.connect import over_tls
from failback.vcenter.session import VCenterSession
from failback.vcenter.trust import FirstContactError, fetch_certificate, spelled, trusted_context
from tests.peers.certificates import Authority, Issued
from tests.vcenter.tls_listener import TlsListener

HOST = "127.0.0.1"


@pytest.fixture
def mine(authority: Authority) -> Issued:
    return authority.self_signed("mine")


@pytest.fixture
def server(mine: Issued) -> Iterator[TlsListener]:
    with TlsListener(mine) as listening:
        yield listening


def speak(context: ssl.SSLContext, port: int) -> None:
    """Do what every later connection does: shake hands, then send the credential."""
    with socket.create_connection((HOST, port), 2) as raw, context.wrap_socket(raw, server_hostname=HOST) as secured:
        secured.sendall(b"credential")


def heard_after(server: TlsListener) -> bytes:
    """What the server was told: it serves one connection after the other, so a new handshake ends the ones before."""
    fetch_certificate(HOST, server.port)
    return server.heard


def test_the_pinned_certificate_is_accepted_however_its_fingerprint_is_written(
    server: TlsListener, mine: Issued
) -> None:
    for written in (mine.sha256, mine.sha256.lower(), mine.sha256.replace(":", "")):
        speak(trusted_context(HOST, server.port, pinned=written), server.port)
    assert heard_after(server) == b"credential" * 3


def test_a_certificate_swapped_between_two_connections_is_refused_before_a_credential_byte(
    server: TlsListener, mine: Issued, authority: Authority
) -> None:
    context = trusted_context(HOST, server.port, pinned=mine.sha256)
    server.show(authority.self_signed("impostor"))
    with pytest.raises(ssl.SSLCertVerificationError):
        speak(context, server.port)
    assert heard_after(server) == b""


def test_a_session_says_old_and_new_when_the_certificate_is_swapped_under_it(
    server: TlsListener, mine: Issued, authority: Authority
) -> None:
    other = authority.self_signed("impostor")
    prove = over_tls(HOST, server.port, certificate_sha256=mine.sha256, call_seconds=2)

    def proved_then_swapped() -> object:
        stub = prove()
        server.show(other)
        return stub

    session = VCenterSession(HOST, "operator", "canary-password", proved_then_swapped)
    with pytest.raises(CertificateChangedError) as refused:
        session.run(lambda connection: connection)
    assert (refused.value.pinned, refused.value.seen) == (mine.sha256, other.sha256)
    assert mine.sha256 in str(refused.value)
    assert other.sha256 in str(refused.value)
    assert heard_after(server) == b""


def test_a_certificate_that_an_authority_vouches_for_does_not_replace_the_pinned_one(
    server: TlsListener, mine: Issued, authority: Authority
) -> None:
    server.show(authority.issue("vouched"))
    with pytest.raises(CertificateChangedError):
        trusted_context(HOST, server.port, pinned=mine.sha256, ca_file=authority.ca)
    assert heard_after(server) == b""


def test_a_pinned_certificate_that_expired_is_refused_with_its_dates(server: TlsListener, authority: Authority) -> None:
    old = authority.self_signed("old", days=-3)
    server.show(old)
    with pytest.raises(CertificateUntrustedError, match=r"valid from .* to .* only"):
        trusted_context(HOST, server.port, pinned=old.sha256)
    assert heard_after(server) == b""


def test_an_authority_of_the_profile_vouches_for_the_server(server: TlsListener, authority: Authority) -> None:
    server.show(authority.issue("vouched"))
    speak(trusted_context(HOST, server.port, ca_file=authority.ca), server.port)


def test_an_authority_does_not_help_a_certificate_that_was_made_for_another_name(
    server: TlsListener, authority: Authority
) -> None:
    server.show(authority.issue("unfit", names=("another.example.com",)))
    with pytest.raises(FirstContactError, match=r"not valid for '127\.0\.0\.1'"):
        trusted_context(HOST, server.port, ca_file=authority.ca)
    assert heard_after(server) == b""


@pytest.mark.parametrize("vouched", [True, False], ids=["vouched for", "self-signed"])
def test_an_expired_certificate_is_refused_with_its_dates_and_not_offered_to_be_pinned(
    server: TlsListener, authority: Authority, vouched: bool
) -> None:
    issue = authority.issue if vouched else authority.self_signed
    server.show(issue("expired", days=-3))
    with pytest.raises(CertificateUntrustedError, match=r"valid from .* to .* only") as refused:
        trusted_context(HOST, server.port, ca_file=authority.ca)
    assert not isinstance(refused.value, FirstContactError)
    assert heard_after(server) == b""


def test_the_first_contact_shows_what_a_person_has_to_compare(server: TlsListener, mine: Issued) -> None:
    with pytest.raises(FirstContactError, match="self-signed certificate") as first:
        trusted_context(HOST, server.port)
    certificate = first.value.certificate
    assert certificate.sha256 == mine.sha256
    assert certificate.subject.raw == certificate.issuer.raw == "CN=mine"
    assert certificate.not_before < certificate.not_after
    assert mine.sha256 in str(first.value), "without a screen the sentence is all there is to compare"
    assert first.value.exit_code == 2
    assert heard_after(server) == b""


def test_fetching_a_certificate_sends_nothing(server: TlsListener, mine: Issued) -> None:
    assert fetch_certificate(HOST, server.port).is_pinned_by(mine.sha256)
    assert heard_after(server) == b""


def test_a_ca_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.pem"):
        trusted_context(HOST, 1, ca_file=tmp_path / "nowhere.pem")


def test_a_port_where_nobody_listens_is_named() -> None:
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(UnreachableError, match=f"port {port}"):
        trusted_context(HOST, port, pinned="AB")


def test_a_server_that_accepts_and_stays_silent_times_out() -> None:
    with socket.create_server((HOST, 0)) as silent, pytest.raises(TimedOutError):
        trusted_context(HOST, silent.getsockname()[1], pinned="AB", timeout=0.1)


def test_a_server_that_does_not_speak_tls_is_told_so() -> None:
    with socket.create_server((HOST, 0)) as plain:

        def answer() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(UnreachableError, match="TLS"):
            trusted_context(HOST, plain.getsockname()[1], pinned="AB", timeout=2)


def test_a_fingerprint_is_spelled_one_way() -> None:
    assert spelled("ab cd:EF") == "AB:CD:EF"
