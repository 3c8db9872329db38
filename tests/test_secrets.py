from __future__ import annotations

import copy
import io
import logging
import pickle

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService, fail, null

from failback import keyrings
from failback.errors import EXIT_WRONG_INPUT, SecretError
from failback.secrets import AskStore, EnvironmentStore, KeyringStore, Secret, SecretName, open_store

CANARY = "canary-7f3a"


def test_a_secret_shows_nothing_however_it_is_printed() -> None:
    secret = Secret(CANARY)
    stream = io.StringIO()
    logger = logging.getLogger("canary")
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(stream))
    logger.error("%s %r", secret, [secret])
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        "{}".format(secret),  # noqa: UP032 -- every way of formatting
        repr({"a": secret}),
        stream.getvalue(),
    ]
    assert all(CANARY not in one for one in shown)
    assert secret.reveal() == CANARY


@pytest.mark.parametrize("carry", [pickle.dumps, copy.copy, copy.deepcopy, hash])
def test_a_secret_is_not_copied_pickled_or_hashed(carry: object) -> None:
    with pytest.raises(TypeError) as raised:
        carry(Secret(CANARY))  # type: ignore[operator]
    assert CANARY not in str(raised.value)


def test_asking_asks_once_for_each_account_and_again_after_a_refusal() -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return f"answer {len(asked)}"

    store = AskStore(answer)
    name = SecretName.VCENTER_PASSWORD
    assert store.get(name, "a@vc").reveal() == "answer 1"
    assert store.get(name, "a@vc").reveal() == "answer 1"
    assert store.get(name, "b@vc").reveal() == "answer 2"
    store.forget(name, "a@vc")
    assert store.get(name, "a@vc").reveal() == "answer 3"
    assert asked[0] == "password for vCenter (a@vc): "


def test_asking_without_a_terminal_is_one_clear_sentence_and_exit_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(CANARY))
    with pytest.raises(SecretError) as raised:
        open_store("ask").get(SecretName.VCENTER_PASSWORD, "operator@vc")
    assert raised.value.exit_code == EXIT_WRONG_INPUT
    assert "FAILBACK_VCENTER_PASSWORD" in raised.value.message()
    assert "no terminal" in raised.value.message()


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        (SecretName.VCENTER_PASSWORD, "FAILBACK_VCENTER_PASSWORD"),
        (SecretName.AZURE_CLIENT_SECRET, "FAILBACK_AZURE_CLIENT_SECRET"),
        (SecretName.AZURE_CERTIFICATE_PASSPHRASE, "FAILBACK_AZURE_CERTIFICATE_PASSPHRASE"),
        (SecretName.GUEST_PASSWORD, "FAILBACK_GUEST_PASSWORD"),
    ],
)
def test_the_environment_is_read_by_the_documented_variables(name: SecretName, variable: str) -> None:
    assert EnvironmentStore({variable: CANARY}).get(name, "x").reveal() == CANARY


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(SecretError, match="FAILBACK_VCENTER_PASSWORD is not set"):
        EnvironmentStore({}).get(SecretName.VCENTER_PASSWORD, "x")


def test_a_client_certificate_may_have_no_passphrase() -> None:
    assert not EnvironmentStore({}).get(SecretName.AZURE_CERTIFICATE_PASSPHRASE, "x")


class PlaintextKeyring(KeyringBackend):
    """What `keyrings.alt` installs, and keyring would choose on its own."""

    priority = 99.0  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return CANARY

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("never written to")

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError("never written to")


class Disguised(SecretService.Keyring):
    """A relative of a trusted backend is not a trusted backend."""


@pytest.mark.parametrize("backend", [PlaintextKeyring, null.Keyring, fail.Keyring, Disguised])
def test_a_key_ring_that_is_not_known_by_class_is_refused(backend: type[KeyringBackend]) -> None:
    with pytest.raises(SecretError, match="not one that we trust"):
        KeyringStore(backend())


def test_a_platform_without_a_key_ring_is_told_before_anybody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "haiku")
    with pytest.raises(SecretError, match="this platform has none"):
        open_store("keyring")


def test_a_key_ring_keeps_and_returns_and_says_what_is_missing_or_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    backend = SecretService.Keyring()
    monkeypatch.setattr(SecretService.Keyring, "get_password", lambda _self, service, entry: kept.get((service, entry)))
    monkeypatch.setattr(
        SecretService.Keyring,
        "set_password",
        lambda _self, service, entry, secret: kept.update({(service, entry): secret}),
    )
    store = KeyringStore(backend)
    with pytest.raises(SecretError, match="vcenter-password:operator@vc"):
        store.get(SecretName.VCENTER_PASSWORD, "operator@vc")
    store.keep(SecretName.VCENTER_PASSWORD, "operator@vc", Secret(CANARY))
    assert store.get(SecretName.VCENTER_PASSWORD, "operator@vc") == Secret(CANARY)

    def locked(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(SecretService.Keyring, "get_password", locked)
    with pytest.raises(SecretError) as raised:
        store.get(SecretName.VCENTER_PASSWORD, "operator@vc")
    assert "RuntimeError" in raised.value.message()
    assert CANARY not in raised.value.message()


def test_only_backends_that_encrypt_or_forget_are_on_the_list() -> None:
    assert {module for module, _name in keyrings.TRUSTED} == {
        "keyring.backends.SecretService",
        "keyring.backends.macOS",
        "keyring.backends.Windows",
        "keyrings.cryptfile.cryptfile",
        "failback.kernel_keyring",
    }
