"""The wizard, driven by keys in a terminal against both peers over TLS: from a profile to a mended fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from failback.changes import Journal
from failback.clock import SystemClock
from tests.end_to_end.conftest import Run
from tests.end_to_end.site_on_peers import Peers, peers
from tests.end_to_end.terminal import Terminal

pytestmark = pytest.mark.timeout(180)  # programs are started, and each signs in to both peers


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Peers]:
    """Both peers; the master target MT01 lacks disk.EnableUUID."""
    with peers(tmp_path, "mt-disk-enableuuid") as running:
        yield running


@pytest.fixture
def home(faulty: Peers, tmp_path: Path) -> Path:
    """A home of the program's own, with one saved profile."""
    home = tmp_path / "home"
    (home / "profiles").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    faulty.write_profile(home / "profiles" / "osaka-dr.toml")
    return home


def status_of(report: str, requirement: str) -> list[tuple[str, str]]:
    """Return subject and status of every finding of one requirement in a JSON report."""
    found = [one for one in json.loads(report)["findings"] if one["requirement"] == requirement]
    return [(one["subject"]["name"], one["status"]) for one in found]


def test_keys_alone_take_disk_enableuuid_from_fail_to_pass(
    faulty: Peers, home: Path, failback: Run, tmp_path: Path
) -> None:
    environment = {**faulty.environment, "FAILBACK_HOME": str(home), "HOME": str(tmp_path)}
    before = failback("check", "--profile", "osaka-dr", "--format", "json", environment=environment)
    assert ("MT01", "fail") in status_of(before.stdout, "mt-disk-enableuuid")

    terminal = Terminal(environment=environment)
    try:
        terminal.wait_for("osaka-dr", "vCenter")
        terminal.press("\r")
        terminal.wait_for("Sign in to osaka-dr")
        terminal.press("\r")
        terminal.wait_for("12 machines come home", "not ready")
        terminal.press("8")
        terminal.wait_for("Step 8 of 10", "the row disk.EnableUUID is missing")
        terminal.press("f")
        terminal.wait_for("1 change is planned", "not set → TRUE")
        terminal.press("a")
        terminal.wait_for("Make this change?")
        terminal.press("\r")  # Enter never agrees: Cancel is focused
        terminal.wait_for("not confirmed")
        terminal.press("b")
        terminal.wait_for("Step 8 of 10", "the row disk.EnableUUID is missing", without="stops it")
        terminal.press_until("f", "1 change is planned")  # both sides are read again first
        terminal.press("a")
        terminal.wait_for("Make this change?")
        terminal.press("y")
        terminal.wait_for("row and flag are as planned")
        terminal.press("q")
    finally:
        code = terminal.close()
    assert code == 0
    assert not any(secret.encode() in terminal.sent_out for secret in faulty.environment.values())

    after = failback("check", "--profile", "osaka-dr", "--format", "json", environment=environment)
    assert ("MT01", "pass") in status_of(after.stdout, "mt-disk-enableuuid")
    journal = Journal(home, SystemClock())
    assert journal.verify_chain() is None
    (entry,) = journal.history()
    assert entry.change.id == "set-enable-uuid:MT01"
    assert entry.outcome == "verified"
    said = failback("history", environment=environment)
    assert "Set disk.EnableUUID on MT01" in said.stdout
