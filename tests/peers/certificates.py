"""Certificates for peers on loopback: an authority, and leaves that it signs or that sign themselves."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("127.0.0.1", "127.0.0.2", "localhost")


@dataclass(frozen=True)
class Issued:
    """A certificate in a PEM file, its key in another, and its SHA-256 fingerprint (`AB:CD:...`)."""

    certificate: Path
    key: Path
    sha256: str


class Authority:
    """An authority of its own, kept in a folder; `ca` is the file to trust it by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Authority of the tests")
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        built = (
            _builder(self._name, self._name, self._key, 365)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        )
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *, days: int = 30, names: tuple[str, ...] = NAMES) -> Issued:
        """Sign a server's certificate; `days` below zero makes one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = _server(_builder(_name(name), self._name, key, days), names).add_extension(identifier, critical=False)
        return self._written(name, builder.sign(self._key, hashes.SHA256()), key)

    def self_signed(self, name: str, *, days: int = 30) -> Issued:
        """Make a server's certificate that nobody vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._written(
            name, _server(_builder(_name(name), _name(name), key, days), NAMES).sign(key, hashes.SHA256()), key
        )

    def _written(self, name: str, made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
        certificate, private = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return Issued(certificate, private, made.fingerprint(hashes.SHA256()).hex(":").upper())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=min(days, 0)) - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _server(builder: x509.CertificateBuilder, names: tuple[str, ...]) -> x509.CertificateBuilder:
    return (
        builder.add_extension(x509.SubjectAlternativeName([_alternative(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
