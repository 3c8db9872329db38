"""Who answers at vCenter's address: its certificate, and the TLS context that holds every connection to it.

The certificate is fetched and judged before a credential exists in any buffer. pyvmomi's own `thumbprint` is not used:
it is asked only after the CA check failed, and it switches verification off on a shared context. Here the context
itself trusts the pinned leaf and nothing else, so that every later connection is held to it, loopback included.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from failback.errors import CertificateChangedError, CertificateUntrustedError, InputError
from failback.home import trusted_file
from failback.vcenter.faults import broken_connection, named
from wizard_steps.outside import Outside, visible
from wizard_steps.wording import _

HANDSHAKE_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Certificate:
    """A server's leaf certificate, as a person compares it. `sha256` is written `AB:CD:...`; the times are UTC."""

    subject: Outside
    issuer: Outside
    not_before: datetime
    not_after: datetime
    sha256: str
    pem: str = field(repr=False)

    @classmethod
    def from_der(cls, der: bytes) -> Certificate:
        """Read a certificate in DER form; raises `ValueError` when it is none."""
        from cryptography import x509

        read = x509.load_der_x509_certificate(der)
        return cls(
            subject=Outside(read.subject.rfc4514_string()),
            issuer=Outside(read.issuer.rfc4514_string()),
            not_before=read.not_valid_before_utc,
            not_after=read.not_valid_after_utc,
            sha256=spelled(hashlib.sha256(der).hexdigest()),
            pem=ssl.DER_cert_to_PEM_cert(der),
        )

    def is_pinned_by(self, fingerprint: str) -> bool:
        """Tell whether `fingerprint` (any case, colons or not) is this certificate's."""
        return spelled(fingerprint) == self.sha256

    def is_valid_at(self, moment: datetime) -> bool:
        """Tell whether `moment` lies between its dates."""
        return self.not_before <= moment <= self.not_after


class FirstContactError(CertificateUntrustedError):
    """No certificate is pinned and no authority vouches: `certificate` is what a person may compare and accept."""

    def __init__(self, what: str, why: str, next_step: str, *, certificate: Certificate) -> None:
        """Keep the certificate beside the sentence, for the dialog that shows it."""
        super().__init__(what, why, next_step)
        self.certificate = certificate


def spelled(fingerprint: str) -> str:
    """Return a fingerprint as `AB:CD:...`, however it was written."""
    digits = fingerprint.replace(":", "").replace(" ", "").upper()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def fetch_certificate(host: str, port: int, timeout: float = HANDSHAKE_SECONDS) -> Certificate:
    """Shake hands, take the server's leaf certificate and hang up; nothing else is sent, nothing is verified.

    Raises `UnreachableError` or `TimedOutError` when nobody answers or it does not speak TLS.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only to look: no credential travels over this connection
    return Certificate.from_der(_leaf(context, host, port, timeout))


def trusted_context(
    host: str,
    port: int,
    *,
    pinned: str | None = None,
    ca_file: Path | None = None,
    timeout: float = HANDSHAKE_SECONDS,
) -> ssl.SSLContext:
    """Return the context that every connection to that vCenter is made with, after one handshake that proves it.

    `pinned` is the SHA-256 fingerprint of the leaf; without it `ca_file` decides, or the system's authorities.
    Raises `CertificateChangedError` for another certificate than the pinned one, `FirstContactError` when nobody
    vouches for it, `CertificateUntrustedError` for one that has expired: nobody is offered to pin that.
    """
    if pinned is not None:
        return _pinned_context(fetch_certificate(host, port, timeout), pinned, host)
    context = _authorities(ca_file)
    try:
        _leaf(context, host, port, timeout)
    except CertificateUntrustedError as refused:
        raise _nobody_vouches(host, refused, fetch_certificate(host, port, timeout)) from None
    return context


def _nobody_vouches(host: str, refused: CertificateUntrustedError, certificate: Certificate) -> Exception:
    """Return the error for a certificate that no authority vouches for: it may be pinned, unless it has expired."""
    if not certificate.is_valid_at(datetime.now(timezone.utc)):
        return CertificateUntrustedError(named(host), refused.why + ", " + _dates(certificate), _renew())
    return FirstContactError(
        refused.what,
        refused.why,
        _(
            "compare its SHA-256 fingerprint {fingerprint} with the server's own, then pin it with certificate_sha256 "
            "under [vcenter] in the profile, or name its authority with ca_file"
        ).format(fingerprint=certificate.sha256),
        certificate=certificate,
    )


def _pinned_context(certificate: Certificate, pinned: str, host: str) -> ssl.SSLContext:
    if not certificate.is_pinned_by(pinned):
        raise changed(host, pinned, certificate.sha256)
    if not certificate.is_valid_at(datetime.now(timezone.utc)):
        raise CertificateUntrustedError(
            named(host), _("its certificate is the pinned one, but {dates}").format(dates=_dates(certificate)), _renew()
        )
    return leaf_context(certificate.pem)


def leaf_context(pem: str) -> ssl.SSLContext:
    """Return a context that trusts one server certificate and no other; raises `ssl.SSLError` for what is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the very leaf is compared: a name in it would prove nothing more
    context.load_verify_locations(cadata=pem)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _authorities(ca_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else trusted_file(ca_file))
    except (OSError, RuntimeError) as error:  # `ssl.SSLError` is an `OSError`; a circle of links may be the other
        raise InputError(
            _("ca_file {path}").format(path=visible(str(ca_file))),
            _("it cannot be read as certificates ({error})").format(error=visible(str(error))),
            _("name a file with the authority's certificate in PEM form"),
        ) from None
    # Python 3.13 adds this flag and older ones do not: vCenter's own authority (VMCA) made certificates that it
    # refuses, and the same vCenter should not be trusted by one Python and refused by another.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def changed(host: str, pinned: str, seen: str) -> CertificateChangedError:
    """Return the error for a certificate that is not the pinned one, with both fingerprints in the sentence."""
    return CertificateChangedError(
        named(host),
        _("its certificate has changed; pinned was {old}, now it shows {new}").format(old=spelled(pinned), new=seen),
        _("ask who runs this vCenter whether it was renewed, and pin the new one only then"),
        pinned=spelled(pinned),
        seen=seen,
    )


def _leaf(context: ssl.SSLContext, host: str, port: int, timeout: float) -> bytes:
    try:
        with (
            socket.create_connection((host, port), timeout) as connection,
            context.wrap_socket(connection, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True) or b""
    except ssl.SSLCertVerificationError as refused:
        raise CertificateUntrustedError(
            named(host),
            _("its certificate is not trusted ({reason})").format(reason=visible(refused.verify_message)),
            _("compare the certificate with the server's and pin it, or name its authority with ca_file"),
        ) from None
    except (OSError, ValueError) as error:
        raise broken_connection(host, port, error) from error


def _dates(certificate: Certificate) -> str:
    return _("it is valid from {start} to {end} only").format(
        start=_day(certificate.not_before), end=_day(certificate.not_after)
    )


def _renew() -> str:
    return _("have it renewed, then pin the new one; check this computer's clock as well")


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
