"""Canaries in every secret, every kind of failure forced: they are found nowhere afterwards."""

from __future__ import annotations

import builtins
import gc
import http.client
import json
import logging
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import azure.core.exceptions
import azure.identity
import keyring.errors
import pytest
from pyVmomi import vim

from failback import cli, errors, profiles
from failback.crash import keep_crash
from failback.errors import FailbackError
from failback.report import FORMATS
from failback.secrets import EnvironmentStore
from failback.sessions import RealSessions

ROOT = Path(__file__).parents[2]
SECRETS = {
    "FAILBACK_VCENTER_PASSWORD": "canary-a1-of-vcenter",
    "FAILBACK_AZURE_CLIENT_SECRET": "canary-b2-of-azure",
    "FAILBACK_AZURE_CERTIFICATE_PASSPHRASE": "canary-c3-of-the-key",
    "FAILBACK_GUEST_PASSWORD": "canary-d4-of-the-guest",
    "FAILBACK_KEYRING_PASSPHRASE": "canary-e5-of-the-file",
}
PROFILE = """\
schema_version = 1
[vcenter]
host = "127.0.0.1"
port = 1
username = "operator"
[azure]
cloud = "custom"
authority = "https://127.0.0.1:1"
resource_manager = "https://127.0.0.1:1"
tenant_id = "5e5ca11b-0000-4000-8000-00000000d0c6"
subscription_id = "5e5ca11b-0000-4000-8000-00000000d0c5"
client_id = "5e5ca11b-0000-4000-8000-00000000d0c7"
sign_in = "{sign_in}"
[vault]
resource_group = "rg"
name = "v"
[secrets]
store = "environment"
"""

# Where a failure strikes while a secret is at hand, and what the secret is called there.
PLACES = {
    "vCenter's certificate": "failback.vcenter.connect.trusted_context",
    "vCenter's sign-in": "failback.vcenter.session.VCenterSession._sign_in",
    "Azure's sign-in": "azure.identity.ClientSecretCredential.get_token_info",
    "judging": "failback.engine.judge",
    "writing": "failback.report.write",
    "the secret itself": "failback.secrets.EnvironmentStore.get",
}
SKIPPED = {"SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "BaseExceptionGroup"}
BUILT_IN = sorted(
    name
    for name, one in vars(builtins).items()
    if isinstance(one, type) and issubclass(one, BaseException) and name not in SKIPPED and "Group" not in name
)
LIBRARIES = {
    f"{module.__name__}.{name}": one
    for module in (azure.core.exceptions, azure.identity, http.client, ssl, keyring.errors)
    for name, one in vars(module).items()
    if isinstance(one, type) and issubclass(one, Exception) and one.__module__ != "builtins"
}
VSPHERE = ("InvalidLogin", "NoPermission", "NotAuthenticated", "InvalidLocale", "HostConnectFault")
OURS = sorted(name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, FailbackError))


def made(name: str, canary: str) -> BaseException:
    """Return an error of that class; its words quote the secret, but for the words of this program itself."""
    if name in OURS:
        return getattr(errors, name)("what", "why", "next")  # type: ignore[no-any-return]
    if name in VSPHERE:
        return getattr(vim.fault, name)(msg=f"failed with {canary}")  # type: ignore[no-any-return]
    kind = LIBRARIES.get(name) or getattr(builtins, name)
    for special, arguments in (
        (azure.core.exceptions.DecodeError, (f"failed with {canary}", None)),
        (UnicodeDecodeError, ("utf-8", canary.encode(), 0, 1, "reason")),
        (UnicodeEncodeError, ("utf-8", canary, 0, 1, "reason")),
        (UnicodeTranslateError, (canary, 0, 1, "reason")),
        (OSError, (5, f"failed with {canary}", f"/a/file/{canary}")),  # as the system makes it
    ):
        if issubclass(kind, special):
            return kind(*arguments)  # type: ignore[no-any-return]
    return kind(f"failed with {canary}")  # type: ignore[no-any-return]


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "home"))
    for variable, secret in SECRETS.items():
        monkeypatch.setenv(variable, secret)
    path = tmp_path / "site.toml"
    path.write_text(PROFILE.format(sign_in="client-secret"))
    return path


def hits(text: str) -> list[str]:
    return [secret for secret in SECRETS.values() if secret in text]


def hits_in_files(folder: Path) -> list[tuple[str, Path]]:
    files = [one for one in folder.rglob("*") if one.is_file()]
    return [(secret, one) for one in files for secret in hits(one.read_text(errors="replace"))]


@pytest.mark.parametrize("place", PLACES)
def test_no_failure_of_any_class_anywhere_tells_a_secret(
    place: str,
    profile: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    if "Azure" not in place:  # it would be asked three times for each class

        def down(*_: Any) -> Any:
            raise errors.UnreachableError("Azure", "nothing answers there", "look again")

        monkeypatch.setattr("failback.sessions.RealSessions._open_azure", down)
    canary = SECRETS["FAILBACK_AZURE_CLIENT_SECRET" if "Azure" in place else "FAILBACK_VCENTER_PASSWORD"]
    form = cycle(FORMATS)
    for name in [*BUILT_IN, *OURS]:

        def fails(*_: Any, password: str = canary, kind: str = name, **__: Any) -> Any:
            locals_of_a_frame = {"password": password}
            raise made(kind, locals_of_a_frame["password"])

        monkeypatch.setattr(PLACES[place], fails)
        code = cli.run(["check", "--profile", str(profile), "--format", next(form)])
        out, err = capfd.readouterr()
        assert code != 0, name
        assert not hits(out + err), name
        assert "Traceback" not in out + err, name
    assert not hits(caplog.text)
    assert not hits_in_files(tmp_path)
    gc.collect()


AT_THE_SIGN_IN = {
    "vCenter's certificate": ("failback.vcenter.connect.trusted_context", "FAILBACK_VCENTER_PASSWORD"),
    "vCenter's own answer": ("failback.vcenter.session.VCenterSession._sign_in", "FAILBACK_VCENTER_PASSWORD"),
    "Azure's credential": ("azure.identity.ClientSecretCredential.__init__", "FAILBACK_AZURE_CLIENT_SECRET"),
    "Azure's token": ("azure.identity.ClientSecretCredential.get_token_info", "FAILBACK_AZURE_CLIENT_SECRET"),
}


@pytest.mark.parametrize("place", AT_THE_SIGN_IN)
def test_no_failure_of_any_librarys_class_at_the_sign_in_quotes_the_secret(
    place: str, profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, variable = AT_THE_SIGN_IN[place]
    told: dict[str, str] = {}
    for name in [*BUILT_IN, *LIBRARIES, *VSPHERE]:

        def fails(*_: Any, kind: str = name, **__: Any) -> Any:
            raise made(kind, SECRETS[variable])

        monkeypatch.setattr(path, fails)
        sessions = RealSessions(profiles.load(str(profile)), EnvironmentStore())
        try:
            sessions.vcenter().run(lambda _connection: None) if "vCenter" in place else sessions.azure()
        except FailbackError as error:
            told[name] = error.message()
        except BaseException as error:  # noqa: BLE001 -- what nobody foresaw becomes a crash file
            told[name] = keep_crash(error).message()
        sessions.close()
    assert sorted(told) == sorted([*BUILT_IN, *LIBRARIES, *VSPHERE]), "none was swallowed"
    assert [name for name, words in told.items() if hits(words)] == []
    assert len(set(told.values())) > 5, "they are told apart"
    assert not hits_in_files(tmp_path)


def test_a_refused_sign_in_writes_the_whole_report_without_a_secret(
    profile: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for form in FORMATS:
        assert cli.run(["check", "--profile", str(profile), "--format", form, "--output", str(tmp_path / form)]) == 3
    out, err = capfd.readouterr()
    assert not hits(out + err + caplog.text)
    assert not hits_in_files(tmp_path)


AZ = """\
#!{python}
import json, os, sys
parent = os.getppid()
with open({seen!r}, "a") as file:
    file.write(repr(dict(os.environ)) + repr(sys.argv))
    file.write(open(f"/proc/{{parent}}/cmdline").read())
print(json.dumps({{"accessToken": "t", "expires_on": 4102444800, "tenant": "t", "tokenType": "Bearer"}}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.slow
def test_no_child_and_no_command_line_is_told_a_secret(tmp_path: Path, profile: Path) -> None:
    seen = tmp_path / "seen-by-az"
    (tmp_path / "bin").mkdir()
    az = tmp_path / "bin" / "az"
    az.write_text(AZ.format(python=sys.executable, seen=str(seen)))
    az.chmod(0o755)
    profile.write_text(PROFILE.format(sign_in="azure-cli"))
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [sys.executable, "-m", "failback", "check", "--profile", str(profile)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 3, ran.stderr
    assert "PATH" in seen.read_text(), "the child was started and told what it saw"
    assert not hits(seen.read_text())
    assert not hits(ran.stdout + ran.stderr)
    assert not hits_in_files(tmp_path / "home")


HARDENED = """\
import ctypes, json, resource, sys, threading, warnings, logging
from failback.crash import keep_no_core, print_nothing_unasked
keep_no_core(); print_nothing_unasked()
def fails(): raise RuntimeError("canary-thread")
thread = threading.Thread(target=fails); thread.start(); thread.join()
class Finaliser:
    def __del__(self): raise RuntimeError("canary-finaliser")
Finaliser()
warnings.warn("canary-warning"); logging.getLogger("library").error("canary-log")
print(json.dumps([resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_no_core_is_kept_and_nothing_is_printed_behind_the_programs_back(tmp_path: Path) -> None:
    environment = {**os.environ, "FAILBACK_HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", HARDENED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == [[0, 0], 0]
    assert ran.stderr == ""
    (crash,) = (tmp_path / "crashes").iterdir()
    assert "RuntimeError" in crash.read_text()
    assert "canary" not in crash.read_text().replace('raise RuntimeError("canary-thread")', "")


@pytest.fixture(autouse=True)
def _threads_stay_as_they_were() -> Iterator[None]:
    before = threading.excepthook
    yield
    assert threading.excepthook is before
