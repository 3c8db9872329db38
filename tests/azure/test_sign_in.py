"""Signing in: the one credential of the profile, against an authority on loopback over TLS."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessTokenInfo
from azure.core.exceptions import AzureError

from failback.azure.clients import AzureClients
from failback.azure.cloud import CLOUDS, cloud_of
from failback.azure.faults import Kind, as_error, fault_of
from failback.azure.reading import AzureReader
from failback.azure.sign_in import (
    DeviceCode,
    SharedCredential,
    SignInSecrets,
    credential_for,
    transport_options,
)
from failback.clock import SystemClock
from failback.errors import ProfileError, SignInRefusedError, UnreachableError
from failback.profiles.model import AzureSettings
from failback.rehearsal.arm_wire import ArmWire, Reply
from tests.azure import world
from tests.peers.arm_tls import CLIENT, DEVICE_CODE, SECRET, TENANT, ArmPeer


@pytest.fixture
def peer() -> Iterator[ArmPeer]:
    arm = ArmWire(SystemClock())
    world.build(arm)
    with ArmPeer(arm) as one:
        yield one


def settings(peer: ArmPeer | None = None, **values: Any) -> AzureSettings:
    base: dict[str, Any] = peer.settings(world.SUBSCRIPTION) if peer else {"subscription_id": world.SUBSCRIPTION}
    return AzureSettings(**{**base, **values})


def secrets(secret: str = SECRET, passphrase: str | None = None) -> SignInSecrets:
    return SignInSecrets(lambda: secret, lambda: passphrase)


def sign_in(chosen: AzureSettings, **options: Any) -> SharedCredential:
    credential = credential_for(chosen, cloud_of(chosen), options.pop("secrets", secrets()), **options)
    credential.sign_in()
    return credential


# -- over TLS on loopback


def test_a_client_secret_signs_in_and_the_vault_is_read_over_tls(peer: ArmPeer) -> None:
    chosen = settings(peer)
    cloud = cloud_of(chosen)
    clients = AzureClients(sign_in(chosen), cloud, world.SUBSCRIPTION, transport_options=transport_options(chosen))
    seen = AzureReader(clients, world.VAULT_OF_TESTS, SystemClock()).read()
    clients.close()
    assert seen.configuration_servers.value[0].name.raw == "CS01"
    assert {item.machine_name.raw for item in seen.protected_items.value} == {"web01", "db01"}
    token_requests = [one for one in peer.authority.requests if one.endswith("/token")]
    assert len(token_requests) == 1, "four clients and many threads share one token"


def test_a_wrong_secret_is_refused_in_one_plain_sentence(peer: ArmPeer) -> None:
    with pytest.raises(AzureError) as caught:
        sign_in(settings(peer), secrets=secrets("wrong"))
    error = as_error(caught.value, "the sign-in to Azure")
    assert isinstance(error, SignInRefusedError)
    assert error.exit_code == 2
    assert str(error) == (
        "the sign-in to Azure: the client secret is wrong; check the secret's value (not its id), then try again."
    )


def test_a_device_code_is_shown_once_and_waited_for(peer: ArmPeer) -> None:
    shown: list[DeviceCode] = []
    credential = sign_in(settings(peer, sign_in="device-code"), show_code=shown.append)
    credential.sign_in()
    assert [(one.address, one.code) for one in shown] == [(f"{peer.base}/device", DEVICE_CODE)]
    assert shown[0].expires.tzinfo is not None


def test_an_authority_that_nobody_vouches_for_is_told_from_one_that_is_down(peer: ArmPeer) -> None:
    with pytest.raises(AzureError) as caught:
        sign_in(settings(peer, ca_file=None))
    assert fault_of(caught.value).kind is Kind.UNTRUSTED


def test_an_authority_that_is_down_is_not_a_refused_sign_in(peer: ArmPeer) -> None:
    down = "https://127.0.0.1:1"
    with pytest.raises(AzureError) as caught:
        sign_in(settings(peer, authority=down))
    assert fault_of(caught.value).kind is Kind.UNREACHABLE
    assert isinstance(as_error(caught.value, "Azure"), UnreachableError)


def test_a_connection_that_breaks_over_tls_is_tried_again(peer: ArmPeer) -> None:
    peer.arm.fault("GET", "/vaults/rsv-dr$", Reply(dropped=True))
    chosen = settings(peer)
    clients = AzureClients(
        sign_in(chosen), cloud_of(chosen), world.SUBSCRIPTION, transport_options=transport_options(chosen)
    )
    assert clients.vaults.vaults.get("rg-dr", "rsv-dr")["location"] == "japanwest"
    clients.close()


def test_a_resource_manager_that_stays_silent_is_given_up_in_time(peer: ArmPeer) -> None:
    peer.patience = 1.5
    peer.arm.fault("GET", "/vaults/rsv-dr$", Reply(hangs=True), times=None)
    chosen = settings(peer)
    options = {**transport_options(chosen), "read_timeout": 0.2}
    clients = AzureClients(sign_in(chosen), cloud_of(chosen), world.SUBSCRIPTION, transport_options=options)
    with pytest.raises(AzureError) as caught:
        clients.vaults.vaults.get("rg-dr", "rsv-dr", retry_total=0)
    assert fault_of(caught.value).kind is Kind.TIMED_OUT
    clients.close()


# -- without a network


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for az is a shell script")
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1", "nobody is signed in to the Azure CLI"),
        ("echo 'ERROR: AADSTS700082: The refresh token has expired' >&2; exit 1", "the earlier sign-in has expired"),
        (None, "the Azure CLI is not installed, or not on the path"),
    ],
)
def test_the_azure_cli_says_why_it_has_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, reason: str
) -> None:
    if script is not None:
        fake = tmp_path / "az"
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
    shells = os.pathsep.join(["/bin", "/usr/bin"]) if script is not None else ""
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), shells]))
    with pytest.raises(AzureError) as caught:
        sign_in(settings(sign_in="azure-cli"))
    fault = fault_of(caught.value)
    assert (fault.kind, fault.reason) == (Kind.NOT_SIGNED_IN, reason)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for az is a shell script")
def test_the_azure_cli_signs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '{"accessToken": "from-az", "expires_on": 4102444800, "tenant": "t", "tokenType": "Bearer"}'
    fake = tmp_path / "az"
    fake.write_text(f"#!/bin/sh\necho '{answer}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), "/bin", "/usr/bin"]))
    credential = sign_in(settings(sign_in="azure-cli"))
    assert credential.get_token_info("https://management.azure.com/.default").token == "from-az"


INCOMPLETE: list[dict[str, Any]] = [
    {"sign_in": "client-secret", "tenant_id": TENANT},
    {"sign_in": "client-secret", "client_id": CLIENT},
    {"sign_in": "client-certificate", "tenant_id": TENANT, "client_id": CLIENT},
    {
        "sign_in": "client-certificate",
        "tenant_id": TENANT,
        "client_id": CLIENT,
        "certificate_path": Path("/nowhere.pem"),
    },
    {"sign_in": "device-code", "tenant_id": TENANT},
    {"sign_in": "telepathy"},
    {"cloud": "mars"},
    {"cloud": "custom", "authority": "https://login.example"},
    {"cloud": "custom", "authority": "http://login.example", "resource_manager": "https://arm.example"},
    {"sign_in": "client-secret", "tenant_id": TENANT, "client_id": CLIENT, "ca_file": Path("/nowhere.pem")},
    {"sign_in": "client-secret", "tenant_id": "not a tenant!", "client_id": CLIENT},
]


@pytest.mark.parametrize("values", INCOMPLETE, ids=lambda values: " ".join(f"{k}={v}" for k, v in values.items()))
def test_a_profile_that_lacks_something_is_told_so_before_anything_is_sent(values: dict[str, Any]) -> None:
    chosen = settings(**values)
    with pytest.raises(ProfileError) as caught:
        credential_for(chosen, cloud_of(chosen), secrets())
    assert caught.value.exit_code == 2


def test_a_certificate_that_is_none_is_a_mistake_in_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "sp.pem"
    path.write_text("not a certificate")
    chosen = settings(sign_in="client-certificate", tenant_id=TENANT, client_id=CLIENT, certificate_path=path)
    with pytest.raises(ProfileError):
        credential_for(chosen, CLOUDS["public"], secrets())


def test_a_managed_identity_takes_no_secret() -> None:
    def nobody() -> str:
        raise AssertionError("a secret was asked for")

    credential_for(settings(sign_in="managed-identity"), CLOUDS["public"], SignInSecrets(nobody, nobody))


def test_every_call_has_time_limits() -> None:
    options = transport_options(settings(proxy="http://proxy:3128"))
    assert options["connection_timeout"] == 10
    assert options["read_timeout"] == 30
    assert options["proxies"]["https"] == "http://proxy:3128"


class CountingCredential:
    def __init__(self, lives_for: float) -> None:
        self.calls: list[dict[str, Any]] = []
        self._lives_for = lives_for

    def get_token_info(self, *_scopes: str, options: Any = None) -> AccessTokenInfo:
        self.calls.append(dict(options or {}))
        expires = int(datetime.now().timestamp() + self._lives_for)  # noqa: DTZ005 -- seconds since the epoch
        return AccessTokenInfo(f"token-{len(self.calls)}", expires)

    def close(self) -> None:
        """Nothing to close."""


def test_many_threads_ask_for_one_token() -> None:
    inner = CountingCredential(3600)
    shared = SharedCredential(inner, "scope")  # type: ignore[arg-type]  # a credential as far as this goes
    threads = [threading.Thread(target=shared.sign_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inner.calls) == 1


def test_a_token_about_to_expire_and_a_claims_challenge_ask_again() -> None:
    short = CountingCredential(120)
    shared = SharedCredential(short, "scope")  # type: ignore[arg-type]  # the same
    shared.sign_in()
    shared.sign_in()
    assert len(short.calls) == 2
    long = CountingCredential(3600)
    shared = SharedCredential(long, "scope")  # type: ignore[arg-type]  # the same
    shared.sign_in()
    assert shared.get_token_info("scope", options={"claims": "new"}).token == "token-2"
    assert shared.get_token("scope").token == "token-2"


def test_a_refused_sign_in_prints_nothing_by_itself(peer: ArmPeer, capfd: pytest.CaptureFixture[str]) -> None:
    handlers = logging.getLogger("azure").handlers
    assert any(isinstance(one, logging.NullHandler) for one in handlers)
    with pytest.raises(AzureError):
        sign_in(settings(peer), secrets=secrets("wrong"))
    assert capfd.readouterr() == ("", "")
