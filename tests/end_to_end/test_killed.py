"""Killed in the middle of a change, over TLS: the next start finds the work in govmomi's task or Azure's operation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from failback.azure.allowed import SENT, on_the_list
from failback.changes import Entry, Finding, recovery
from failback.commands.sites import Which, opened
from failback.engine import Engine
from failback.rehearsal.arm_actions import power_view
from failback.rehearsal.description import vm_id
from failback.vcenter.allowed import CHANGES
from tests.changes.stage import yes
from tests.end_to_end.site_on_peers import Peers, peers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(90),
    pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL"),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """Both peers; MT01 lacks disk.EnableUUID and a machine's Azure VM is off."""
    with peers(tmp_path_factory.mktemp("peers"), "mt-disk-enableuuid", "azvm-running") as running:
        running.site.arm.operations.seconds = 2.0
        running.site.arm.operations.retry_after = "1"
        yield running


@contextmanager
def next_start(both: Peers, profile: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Start the program once more, in this process."""
    for name, value in {**both.environment, "FAILBACK_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(recovery, "SETTLED_AFTER", timedelta(seconds=0.5))
    monkeypatch.setattr(recovery, "BETWEEN_LOOKS", 0.5)
    with opened(Which(str(profile)), read_only=False) as engine:
        yield engine


def killed(both: Peers, profile: Path, home: Path, *what: str) -> None:
    """Carry a change out in a process of its own that is killed on the way."""
    environment = {
        **os.environ,
        **both.environment,
        "FAILBACK_HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "tests.end_to_end.dying", str(profile), *what]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stdout + ended.stderr


def found_done(engine: Engine, place: str) -> Entry:
    """Recover the one change in flight, which was done, and return its entry; its operation was noted where it could."""
    [entry] = engine.in_flight()
    assert bool(entry.operations) is (place == "recorded")
    [found] = engine.recover()
    assert found.word is Finding.DONE, found.evidence
    assert engine.in_flight() == ()
    return entry


@pytest.fixture
def places(both: Peers, tmp_path: Path) -> tuple[Path, Path]:
    """A profile of the peers, and an empty home of the program."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return both.write_profile(tmp_path / "osaka.toml"), home


@pytest.mark.parametrize("place", ["recorded", "answered"])
def test_a_change_of_a_vm_is_found_done_by_its_task_and_sent_once(
    place: str, both: Peers, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, home = places
    both.vcenter.forget_calls()

    killed(both, profile, home, "set-enable-uuid", "MT01", place)

    with next_start(both, profile, home, monkeypatch) as engine:
        entry = found_done(engine, place)
        undone = engine.undo(entry.id, yes)  # takes up the lock that was left, and lets go of it
        assert undone.word.value == "verified", undone.evidence
    changing = [one.method for one in both.vcenter.calls() if one.method in CHANGES]
    assert changing == ["ReconfigVM_Task"] * len(("lock", "change", "lock", "undo", "let go"))


@pytest.mark.parametrize("place", ["recorded", "answered"])
def test_an_operation_of_azure_is_followed_by_its_token_and_sent_once(
    place: str, both: Peers, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, home = places
    machine = vm_id("web02")
    both.site.arm.put(f"{machine}/instanceView", power_view("deallocated", both.site.clock.now()))
    both.site.arm.requests.clear()

    killed(both, profile, home, "start-azure-vm", "web02", place)

    with next_start(both, profile, home, monkeypatch) as engine:
        found_done(engine, place)
    sent = [one.path for one in both.site.arm.requests if on_the_list(SENT, one.method, one.path)]
    assert [path.casefold() for path in sent] == [f"{machine}/start".casefold()]
