"""Key rings: the real ones where they run, each constructed by name; every other refused by class."""

from __future__ import annotations

import contextlib
import errno
import getpass
import importlib
import os
import secrets as random
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from keyring.errors import KeyringError

from failback import keyrings
from failback.errors import HomeError, SecretError
from failback.profiles.model import KEYRINGS
from failback.secrets import KeyringStore, Secret, SecretName, TypedOrKept, open_keyring, open_store
from tests.security.parts import need

CANARY = "canary-5d21"
RIGHT = "open sesame"
NAME = SecretName.VCENTER_PASSWORD


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def never_asked() -> Secret:
    raise AssertionError("nobody was to be asked")


def files_holding(text: str, folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file() and text.encode() in one.read_bytes()]


# -- the encrypted file


def encrypted_file(passphrase: str = RIGHT) -> KeyringStore:
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("keyrings.cryptfile")
    need("the extra encrypted-file", there="keyrings.cryptfile" in sys.modules)
    return open_keyring("encrypted-file", lambda: Secret(passphrase))


@pytest.mark.slow
def test_the_encrypted_file_keeps_a_secret_that_nobody_reads_without_the_passphrase(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda *_: pytest.fail("the library asked on the terminal by itself"))
    encrypted_file().keep(NAME, "operator@vc", Secret(CANARY))
    assert encrypted_file().get(NAME, "operator@vc") == Secret(CANARY)
    path = home / "secrets" / "keyring.cfg"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert files_holding(CANARY, home) == []
    with pytest.raises(SecretError, match="not its passphrase") as refused:
        encrypted_file("wrong")
    assert "wrong" not in str(refused.value)


@pytest.mark.skipif(os.name != "posix", reason="symbolic links and modes of POSIX")
def test_an_encrypted_file_that_others_could_have_put_there_is_refused(home: Path, tmp_path: Path) -> None:
    (home / "secrets").mkdir(parents=True, mode=0o700)
    elsewhere = tmp_path / "elsewhere"
    (home / "secrets" / "keyring.cfg").symlink_to(elsewhere)
    with pytest.raises(HomeError, match="symbolic link"):
        encrypted_file()
    assert not elsewhere.exists()


# -- the kernel's


FORBIDDEN = {os.strerror(number) for number in (errno.EPERM, errno.EACCES, errno.ENOSYS)}


def kernel() -> KeyringStore:
    """Return the kernel's key ring. Where it is forbidden (containers do that), CI cannot run it either."""
    try:
        store = open_keyring("kernel", never_asked)
        store.keep(NAME, f"probe-{os.getpid()}", Secret("probe"))
    except SecretError as refused:
        below = refused.__cause__
        if isinstance(below, KeyringError) and str(below) in FORBIDDEN:
            pytest.skip(f"NOT RUN: the kernel does not allow its key ring here ({below})")
        need("the kernel's key ring (libkeyutils)", there=False)
        raise
    return store


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: the kernel's key ring is Linux's")
def test_the_kernel_keeps_a_secret_in_no_file_and_replaces_it(home: Path) -> None:
    account = f"operator-{random.token_hex(4)}@vc"
    store = kernel()
    for text in (CANARY, CANARY + "-new, longer than the one before", "short"):
        store.keep(NAME, account, Secret(text))
        assert store.get(NAME, account) == Secret(text)
    store._backend.delete_password("failback", f"vcenter-password:{account}")
    with pytest.raises(SecretError, match="has none"):
        store.get(NAME, account)
    assert files_holding(CANARY, home.parent) == []


# -- the Secret Service


SESSION = """\
import sys
from failback.errors import HomeError, SecretError
from failback.secrets import Secret, SecretName, open_keyring
store = open_keyring("secret-service", lambda: sys.exit("asked"))
try:
    store.get(SecretName.VCENTER_PASSWORD, "operator@vc")
    sys.exit("it had one before")
except SecretError as missing:
    assert "has none" in str(missing), missing
store.keep(SecretName.VCENTER_PASSWORD, "operator@vc", Secret(sys.stdin.readline().strip()))
again = open_keyring(None, lambda: sys.exit("asked"))
print(again.get(SecretName.VCENTER_PASSWORD, "operator@vc").reveal()[::-1])
"""


@pytest.mark.slow
def test_gnome_keyring_keeps_a_secret_inside_a_session_bus(tmp_path: Path) -> None:
    need(
        "gnome-keyring with dbus-run-session",
        there=all(map(shutil.which, ("dbus-run-session", "gnome-keyring-daemon"))),
    )
    data = tmp_path / "data"
    environment = {**os.environ, "XDG_DATA_HOME": str(data), "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    environment.pop("DISPLAY", None)
    unlock = "printf 'of the login' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
    ran = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f'{unlock}; exec "$0" -c "$1"', sys.executable, SESSION],
        input=CANARY + "\n",
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=Path(__file__).parents[2],
        timeout=50,
    )
    assert ran.stdout.strip() == CANARY[::-1], ran.stderr
    assert list(data.rglob("*.keyring"))
    assert files_holding(CANARY, tmp_path) == []


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_part_that_is_missing_is_skipped_loudly_and_is_a_failure_under_ci(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    need("anything", there=True)
    with pytest.raises(outcome, match="NOT RUN: a part is not on this machine"):
        need("a part", there=False)


def test_without_any_key_ring_it_is_one_sentence_that_names_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(SecretError, match='set store = "ask"') as refused:
        open_keyring("secret-service", never_asked).get(NAME, "operator@vc")
    assert refused.value.exit_code == 2


# -- those of other platforms: not run here, but named and refused


@pytest.mark.parametrize("name", ["windows", "macos"])
def test_a_key_ring_of_another_platform_is_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(SecretError, match="does not exist on this platform"):
        open_keyring(name, never_asked)


@pytest.mark.parametrize(("platform", "name"), [("darwin", "macos"), ("win32", "windows"), ("linux", "secret-service")])
def test_each_platform_has_its_own(monkeypatch: pytest.MonkeyPatch, platform: str, name: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert keyrings.kind_of(None) == name


def test_the_classes_of_windows_and_macos_are_admitted_by_name_and_their_relatives_are_not() -> None:
    class Backend:
        pass

    def of(module: str, name: str) -> Any:
        return type(name, (Backend,), {"__module__": module})()

    keyrings.refuse_untrusted(of("keyring.backends.Windows", "WinVaultKeyring"))
    keyrings.refuse_untrusted(of("keyring.backends.macOS", "Keyring"))
    for module, name in (
        ("keyrings.alt.file", "PlaintextKeyring"),
        ("keyrings.alt.file", "EncryptedKeyring"),
        ("keyrings.cryptfile.file", "PlaintextKeyring"),
        ("keyring.backends.chainer", "ChainerBackend"),
        ("keyring.backends.null", "Keyring"),
        ("keyring.backends.Windows", "Keyring"),
    ):
        with pytest.raises(SecretError, match="not one that we trust"):
            keyrings.refuse_untrusted(of(module, name))


def test_a_profile_names_exactly_the_key_rings_there_are() -> None:
    assert tuple(keyrings.KINDS) == KEYRINGS


@pytest.mark.parametrize("name", KEYRINGS)
def test_where_a_secret_would_live_can_be_said_before_anything_is_opened(name: str) -> None:
    assert len(keyrings.where(name)) > 20
    assert "{" not in keyrings.where(name)


# -- what a form hands on


class Kept(KeyringStore):
    """A key ring in memory."""

    def __init__(self, *, full: bool = False) -> None:
        self.secrets: dict[tuple[SecretName, str], str] = {}
        self._full = full

    def get(self, name: SecretName, account: str) -> Secret:
        return Secret(self.secrets[name, account])

    def keep(self, name: SecretName, account: str, secret: Secret) -> None:
        if self._full:
            raise keyrings.unusable("it is full")
        self.secrets[name, account] = secret.reveal()


def test_what_was_typed_is_used_at_once_and_kept_only_when_the_sign_in_went_well() -> None:
    ring = Kept()
    store = TypedOrKept({NAME: Secret(CANARY), SecretName.GUEST_PASSWORD: Secret("")}, ring)
    assert store.get(NAME, "operator@vc") == Secret(CANARY)
    assert ring.secrets == {}
    assert store.keep_what_worked() is None
    assert ring.secrets == {(NAME, "operator@vc"): CANARY}
    assert TypedOrKept({}, ring).get(NAME, "operator@vc") == Secret(CANARY)


def test_a_key_ring_that_takes_nothing_is_told_and_does_not_undo_the_sign_in() -> None:
    store = TypedOrKept({NAME: Secret(CANARY)}, Kept(full=True))
    store.get(NAME, "operator@vc")
    told = store.keep_what_worked()
    assert told is not None
    assert "full" in told.why
    assert CANARY not in str(told)


def test_the_encrypted_files_passphrase_is_asked_for_in_our_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def construct(_name: str, passphrase: Any) -> Any:
        passphrase()
        raise keyrings.unusable("enough")

    monkeypatch.setattr(keyrings, "construct", construct)
    with pytest.raises(SecretError, match="enough"):
        open_store("keyring", lambda prompt: asked.append(prompt) or "x", "encrypted-file")  # type: ignore[func-returns-value]
    assert asked[0].startswith("passphrase of the encrypted file")
