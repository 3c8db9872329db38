"""Every kind of sign-in to Azure, carried out against an authority on loopback over TLS; and every way it is refused."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from failback.azure.cloud import CLOUDS, cloud_of
from failback.azure.sign_in import DeviceCode, credential_for
from failback.clock import SystemClock
from failback.errors import (
    AccessDeniedError,
    FailbackError,
    InterruptedByOperatorError,
    NotReachedError,
    SignInRefusedError,
    UnreachableError,
)
from failback.profiles.model import AzureSettings, Profile, VaultSettings, VCenterSettings
from failback.rehearsal.arm_wire import ArmWire, Reply
from failback.secrets import Secret, SecretName
from failback.sessions import RealSessions
from tests.azure import world
from tests.peers.arm_tls import CLIENT, SECRET, ArmPeer
from tests.peers.certificates import Authority
from tests.peers.connect_proxy import ConnectProxy
from tests.peers.identity_endpoint import IdentityEndpoint

PASSPHRASE = "canary passphrase"


@pytest.fixture
def peer() -> Iterator[ArmPeer]:
    arm = ArmWire(SystemClock())
    world.build(arm)
    with ArmPeer(arm) as one:
        yield one


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


class Secrets:
    """What a person would type."""

    def __init__(self, secret: str = SECRET, passphrase: str = "") -> None:
        self._known = {
            SecretName.AZURE_CLIENT_SECRET: Secret(secret),
            SecretName.AZURE_CERTIFICATE_PASSPHRASE: Secret(passphrase),
        }

    def get(self, name: SecretName, account: str) -> Secret:
        return self._known[name]


def site(peer: ArmPeer, **values: Any) -> Profile:
    azure = AzureSettings(**{**peer.settings(world.SUBSCRIPTION), **values})
    return Profile("loopback", VCenterSettings("127.0.0.1", "nobody"), azure, VaultSettings("rg-dr", "rsv-dr"))


def location_of_the_vault(profile: Profile, secrets: Secrets | None = None, show_code: Any = None) -> str:
    """Sign in as the program does, read the vault, and return where it is."""
    sessions = RealSessions(profile, secrets or Secrets(), show_code)
    try:
        return str(sessions.azure().vaults.vaults.get("rg-dr", "rsv-dr")["location"])
    finally:
        sessions.close()


def refusal(profile: Profile, secrets: Secrets | None = None, show_code: Any = None) -> FailbackError:
    with pytest.raises(FailbackError) as caught:
        RealSessions(profile, secrets or Secrets(), show_code).azure()
    assert "Traceback" not in str(caught.value)
    assert "AADSTS" not in str(caught.value)
    return caught.value


@pytest.fixture
def certificate(tmp_path: Path, peer: ArmPeer) -> Path:
    """A client certificate with its encrypted key, which the authority knows."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "failback")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    peer.authority.certificates.append(made)
    path = tmp_path / "sp.pem"
    encryption = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_client_secret_signs_in(peer: ArmPeer) -> None:
    assert location_of_the_vault(site(peer)) == "japanwest"


def test_a_client_certificate_signs_in_with_the_passphrase_of_its_key(peer: ArmPeer, certificate: Path) -> None:
    profile = site(peer, sign_in="client-certificate", certificate_path=certificate)
    assert location_of_the_vault(profile, Secrets(passphrase=PASSPHRASE)) == "japanwest"


def test_a_wrong_passphrase_is_told_from_a_certificate_that_nobody_knows(peer: ArmPeer, certificate: Path) -> None:
    profile = site(peer, sign_in="client-certificate", certificate_path=certificate)
    assert "passphrase" in refusal(profile, Secrets(passphrase="wrong")).next_step
    peer.authority.certificates.clear()
    told = refusal(profile, Secrets(passphrase=PASSPHRASE))
    assert told.why == "the application does not know this certificate, or it has expired"


def test_a_device_code_signs_in_once_somebody_typed_it(peer: ArmPeer) -> None:
    shown: list[DeviceCode] = []
    assert location_of_the_vault(site(peer, sign_in="device-code"), show_code=shown.append) == "japanwest"
    assert len(shown) == 1


def test_a_managed_identity_signs_in_through_its_authority_host(peer: ArmPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    peer.authority.tokens.add("of-the-machine")
    with IdentityEndpoint("of-the-machine") as endpoint:
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", endpoint.address)
        assert location_of_the_vault(site(peer, sign_in="managed-identity", client_id=CLIENT)) == "japanwest"
    assert endpoint.asked[0]["client_id"] == CLIENT


def test_a_machine_without_an_identity_says_so(peer: ArmPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    with IdentityEndpoint("") as endpoint:
        endpoint.refusal = (400, {"error": "invalid_request", "error_description": "Identity not found"})
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", endpoint.address)
        told = refusal(site(peer, sign_in="managed-identity", client_id=None))
    assert told.why == "this machine has no managed identity that answers"


@pytest.mark.parametrize("kind", ["client-secret", "device-code"])
def test_a_sign_in_writes_no_file_at_all(
    peer: ArmPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Neither a token nor a cache of them: the libraries would keep one if they were asked to."""
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    written: list[str] = []
    real_open = os.open

    def noted(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            written.append(str(path))
        return real_open(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", noted)
    assert location_of_the_vault(site(peer, sign_in=kind), show_code=lambda _code: None) == "japanwest"
    assert written == []
    assert list(tmp_path.rglob("*")) == []


# -- refused


REFUSED = [
    ("invalid_client", "AADSTS7000222: The provided client secret keys are expired.", "the client secret has expired"),
    ("invalid_request", "AADSTS90002: Tenant not found.", "there is no such tenant"),
    ("unauthorized_client", "AADSTS700016: Application not found.", "this tenant has no application with that client"),
    ("invalid_grant", "AADSTS53003: Access has been blocked.", "a conditional access policy forbids this sign-in"),
    ("invalid_grant", "AADSTS53000: Device is not compliant.", "a conditional access policy admits managed devices"),
    ("interaction_required", "AADSTS50158: External challenge.", "a conditional access policy asks for one more proof"),
    ("interaction_required", "AADSTS50076: MFA.", "a second factor is asked for"),
]


@pytest.mark.parametrize(("error", "description", "why"), REFUSED, ids=lambda value: str(value)[:24])
def test_what_the_authority_refuses_is_one_plain_sentence_and_exit_code_2(
    peer: ArmPeer, error: str, description: str, why: str
) -> None:
    peer.authority.refusal = (error, description)
    told = refusal(site(peer))
    assert isinstance(told, SignInRefusedError)
    assert told.exit_code == 2
    assert told.why.startswith(why)


def test_a_wrong_secret_is_not_repeated_in_the_sentence(peer: ArmPeer) -> None:
    told = refusal(site(peer), Secrets("canary-wrong-secret"))
    assert told.why == "the client secret is wrong"
    assert "canary" not in repr(told) + str(told)


def test_a_device_code_that_expired_says_that_nobody_typed_it(peer: ArmPeer) -> None:
    peer.authority.device_refusal = ("expired_token", "AADSTS70020: The provided value for 'code' has expired.")
    told = refusal(site(peer, sign_in="device-code"), show_code=lambda _code: None)
    assert told.why == "nobody entered the code in time"


def test_waiting_for_a_device_code_ends_as_soon_as_the_operator_says_so(peer: ArmPeer) -> None:
    peer.authority.device_polls_left = 10**9
    shown = threading.Event()
    sessions = RealSessions(site(peer, sign_in="device-code"), Secrets(), lambda _code: shown.set())
    started = time.monotonic()
    with pytest.raises(InterruptedByOperatorError):
        sessions.azure(shown.is_set)
    assert time.monotonic() - started < 10
    time.sleep(0.2)  # the question that was under way when it was cancelled
    asked = len(peer.authority.requests)
    time.sleep(0.2)
    assert len(peer.authority.requests) == asked, "it goes on asking behind the operator's back"


def test_no_network_is_not_a_refused_sign_in(peer: ArmPeer) -> None:
    told = refusal(site(peer, authority="https://127.0.0.1:1"))
    assert isinstance(told, UnreachableError)
    assert told.exit_code == 3


def test_a_missing_right_on_the_vault_is_named(peer: ArmPeer) -> None:
    from azure.core.exceptions import AzureError

    from failback.azure.faults import as_error

    action = "Microsoft.RecoveryServices/vaults/read"
    words = f"The client does not have authorization to perform action '{action}' over scope '/subscriptions/x'."
    peer.arm.fault("GET", "/vaults/rsv-dr$", Reply.error(403, "AuthorizationFailed", words), times=None)
    with pytest.raises(AzureError) as caught:
        location_of_the_vault(site(peer))
    told = as_error(caught.value, "vault rsv-dr")
    assert isinstance(told, AccessDeniedError)
    assert action in told.why


def test_a_stronger_sign_in_that_a_policy_asks_for_later_is_told_in_plain_words(peer: ArmPeer) -> None:
    from azure.core.exceptions import AzureError

    from failback.azure.faults import as_error

    asked = Reply.error(401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge")
    asked.headers["WWW-Authenticate"] = (
        'Bearer authorization_uri="https://login.example/", error="insufficient_claims", '
        'claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="'
    )
    peer.arm.fault("GET", "/vaults/rsv-dr$", asked, times=None)
    with pytest.raises(AzureError) as caught:
        location_of_the_vault(site(peer))
    told = as_error(caught.value, "vault rsv-dr")
    assert isinstance(told, SignInRefusedError)
    assert "conditional access policy asks for a stronger sign-in" in told.why


def test_the_azure_cli_that_would_have_to_sign_in_anew_is_told_in_plain_words() -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import AzureCliCredential

    from failback.azure.faults import fault_of

    with pytest.raises(ClientAuthenticationError) as caught:
        AzureCliCredential().get_token_info("scope", options={"claims": '{"access_token": {}}'})
    assert "conditional access policy" in fault_of(caught.value).reason


# -- clouds and proxies


@pytest.mark.parametrize("name", sorted(CLOUDS))
@pytest.mark.parametrize("kind", ["client-secret", "device-code"])
def test_each_cloud_signs_in_at_its_own_authority_and_asks_for_its_own_scope(name: str, kind: str) -> None:
    from azure.core import AzureClouds
    from azure.mgmt.core.tools import get_arm_endpoints

    known = {
        "public": AzureClouds.AZURE_PUBLIC_CLOUD,
        "us-government": AzureClouds.AZURE_US_GOVERNMENT,
        "china": AzureClouds.AZURE_CHINA_CLOUD,
    }
    settings = AzureSettings("subscription", "tenant", name, sign_in=kind, client_id=CLIENT)
    cloud = cloud_of(settings)
    endpoints = get_arm_endpoints(known[name])
    assert cloud.resource_manager == endpoints["resource_manager"].rstrip("/")
    from failback.azure.sign_in import SignInSecrets

    credential = credential_for(
        settings, cloud, SignInSecrets(lambda: "secret", lambda: None), show_code=lambda _code: None
    )
    assert cloud.authority in {f"https://{one}" for one in _hosts(credential)}


def _hosts(credential: Any) -> set[str]:
    inner = credential._credential
    return {str(getattr(inner, "_authority", "")).removeprefix("https://")}


def test_all_traffic_goes_through_the_proxy_of_the_profile(peer: ArmPeer) -> None:
    with ConnectProxy() as proxy:
        assert location_of_the_vault(site(peer, proxy=proxy.address)) == "japanwest"
    assert set(proxy.tunnels) == {peer.base.removeprefix("https://")}
    assert len(proxy.tunnels) >= 2, "the authority and the Resource Manager"
    assert SECRET.replace(" ", "+").encode() not in proxy.read, "a proxy that only tunnels reads nothing"


def test_a_proxy_that_inspects_tls_works_with_its_authority_as_ca_file_and_is_refused_without(
    peer: ArmPeer, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "proxy")
    with ConnectProxy(authority.issue("proxy")) as proxy:
        assert location_of_the_vault(site(peer, proxy=proxy.address, ca_file=authority.ca)) == "japanwest"
        before = proxy.read
        told = refusal(site(peer, proxy=proxy.address))
    assert isinstance(told, NotReachedError)
    assert "not vouched for" in told.why
    assert "ca_file" in told.next_step
    assert proxy.read == before, "nothing was said to a proxy that did not prove itself"


def test_a_proxy_that_does_not_answer_is_named(peer: ArmPeer) -> None:
    told = refusal(site(peer, proxy="http://127.0.0.1:1"))
    assert isinstance(told, UnreachableError)
    assert "proxy" in told.why
