"""Canaries in every secret, every kind of failure forced: they are found nowhere afterwards."""

from __future__ import annotations

import builtins
import gc
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from failback import cli, errors
from failback.errors import FailbackError
from failback.report import FORMATS

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
    "Azure's sign-in": "failback.azure.sign_in.SharedCredential.get_token_info",
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
OURS = sorted(name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, FailbackError))


def made(name: str, canary: str) -> BaseException:
    """Return an error of that class; its words quote the secret wherever they are not words of this program."""
    if name in OURS:
        return getattr(errors, name)("what", "why", "next")  # type: ignore[no-any-return]
    kind = getattr(builtins, name)
    if issubclass(kind, UnicodeDecodeError):
        return kind("utf-8", canary.encode(), 0, 1, "reason")  # type: ignore[no-any-return]
    if issubclass(kind, UnicodeEncodeError):
        return kind("utf-8", canary, 0, 1, "reason")  # type: ignore[no-any-return]
    if issubclass(kind, UnicodeTranslateError):
        return kind(canary, 0, 1, "reason")  # type: ignore[no-any-return]
    # What the network and the parsers raise is told in its own words, which come from the system or the server.
    told = issubclass(kind, (OSError, AttributeError, KeyError, TypeError, ValueError, LookupError))
    return kind("words of the system" if told else f"failed with {canary}")  # type: ignore[no-any-return]


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
    canary = SECRETS["FAILBACK_VCENTER_PASSWORD"]
    form = iter([*FORMATS] * 100)
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
