"""Each way to sign in to Azure, carried out by keys in a terminal of 80x24 against both peers over TLS."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from failback.profiles.model import SIGN_INS
from tests.end_to_end.site_on_peers import Peers
from tests.end_to_end.terminal import Terminal
from tests.peers.arm_tls import DEVICE_CODE
from tests.peers.identity_endpoint import IdentityEndpoint
from tests.peers.vcenter_simulator import PASSWORD

pytestmark = pytest.mark.timeout(180)  # programs are started, and each signs in to both peers

TOKEN = "a-token-from-outside"  # what the Azure CLI and the machine's own identity give out
PASSPHRASE = "canary passphrase"


@pytest.fixture
def outside(both: Peers, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which an Azure CLI and a managed identity answer with a token that the peer takes."""
    both.azure.authority.tokens.add(TOKEN)
    commands = tmp_path / "bin"
    commands.mkdir()
    expires = int(time.time()) + 3600
    answer = {"accessToken": TOKEN, "expires_on": expires, "tokenType": "Bearer"}
    (commands / "az").write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    (commands / "az").chmod(0o700)
    with IdentityEndpoint(TOKEN) as identity:
        yield {
            "PATH": f"{commands}:/usr/bin:/bin",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": identity.address,
            "HOME": str(tmp_path),
            "FAILBACK_HOME": str(tmp_path / "home"),
        }


def a_certificate(peers: Peers, path: Path) -> Path:
    """Write a client certificate with its encrypted key, which the authority knows."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "failback")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    made = builder.sign(key, hashes.SHA256())
    peers.azure.authority.certificates.append(made)
    locked = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    kept = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    path.write_bytes(kept + made.public_bytes(serialization.Encoding.PEM))
    path.chmod(0o600)
    return path


def save(peers: Peers, home: Path, kind: str) -> None:
    """Save the one profile: it asks for every secret and knows no pinned certificate yet."""
    profiles = home / "profiles"
    profiles.mkdir(parents=True, mode=0o700)
    path = peers.write_profile(profiles / "osaka-dr.toml")
    more = ""
    if kind == "client-certificate":
        more = f"\ncertificate_path = {json.dumps(str(a_certificate(peers, home / 'sp.pem')))}"
    lines = path.read_text().replace('sign_in = "client-secret"', f'sign_in = "{kind}"{more}').splitlines()
    kept = [line for line in lines if not line.startswith("certificate_sha256")]
    path.write_text("\n".join(kept).replace('store = "environment"', 'store = "ask"'))


def settle(terminal: Terminal) -> None:
    """Read until the screen stands still: which line has the focus is not among its words."""
    written = -1
    while written != (written := len(terminal.sent_out)):
        terminal._read(0.3)


@pytest.mark.parametrize("kind", SIGN_INS)
def test_each_way_signs_in_by_keys_from_first_contact_to_the_machines(
    both: Peers, outside: dict[str, str], kind: str
) -> None:
    secret = {"client-secret": both.azure.secret, "client-certificate": PASSPHRASE}.get(kind, "")
    save(both, Path(outside["FAILBACK_HOME"]), kind)
    both.azure.authority.device_polls_left = 10**9
    asked_before = len(both.azure.authority.requests)
    terminal = Terminal(environment=outside)
    try:
        terminal.wait_for("osaka-dr", "vCenter")
        terminal.press("\r")
        assert kind in terminal.wait_for("Sign in to osaka-dr", "password for vCenter", "F2")
        terminal.press(PASSWORD)
        terminal.wait_for("•" * len(PASSWORD))
        if secret:
            terminal.press("\r")  # to the next line
            settle(terminal)
            terminal.press(secret)
            terminal.wait_for("•" * len(PASSWORD) + "\n", "•" * len(secret) + "\n")
        terminal.press("\x1bOQ")  # F2
        fingerprint = both.vcenter.certificate.sha256 if both.vcenter.certificate else ""
        terminal.wait_for("First contact with this vCenter", fingerprint[:40], "No password was sent yet")
        terminal.press("y")
        if kind == "device-code":
            terminal.wait_for(DEVICE_CODE, f"{both.azure.base}/device")
            both.azure.authority.device_polls_left = 0
        terminal.wait_for("12 machines come home")
        terminal.press("q")
    finally:
        both.azure.authority.device_polls_left = 1
        code = terminal.close()
    assert code == 0
    codes = [one for one in both.azure.authority.requests[asked_before:] if one.endswith("/devicecode")]
    assert len(codes) == (kind == "device-code"), "a code is typed once, after vCenter has proved who it is"
    kept = b"".join(one.read_bytes() for one in Path(outside["FAILBACK_HOME"]).rglob("*") if one.is_file())
    for typed in filter(None, (PASSWORD, secret)):
        assert typed.encode() not in terminal.sent_out + kept
