"""Formatting the retention disk at a terminal: the name, then the account inside the machine; kept nowhere."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from failback import opening, profiles
from failback.rehearsal.on_premises import vm_ref
from failback.rehearsal.site import Site, rehearsal_site
from failback.sessions import RehearsalSessions
from tests.cli.conftest import Ran, Run

CANARY = "kanarie-2222-geheim"


@pytest.fixture
def site(home: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Let the real sessions of a saved profile lead to one site in memory."""
    site = rehearsal_site("faulty")
    site.wire.guests.accounts[vm_ref("MT02")] = ("root", CANARY)
    monkeypatch.setattr(opening, "RealSessions", lambda *_arguments: RehearsalSessions(site))
    monkeypatch.setattr(opening, "SystemClock", lambda: site.clock)
    profiles.create(replace(site.profile(), name="osaka-dr", secret_store="environment"))
    return site


@pytest.fixture
def apply_one(run: Run, terminal: Callable[..., None], tmp_path: Path) -> Callable[..., Ran]:
    """Return what plans one remedy and carries it out with prepared answers."""

    def do(remedy: str, *answers: str) -> Ran:
        from failback.changes.plan import Plan

        path = tmp_path / "plan.json"
        assert run("plan", "--profile", "osaka-dr", "--output", str(path)).code == 0
        made = Plan.from_text(path.read_text())
        [wanted] = [one for one in made.changes if one.remedy == remedy]
        path.write_text(Plan(made.made_at, made.profile, made.rehearsal, (wanted,)).to_text())
        terminal(*answers)
        return run("apply", str(path))

    return do


def typed(password: str) -> Callable[..., str]:
    def read(prompt: str, stream: object = None) -> str:
        assert "MT02" in prompt
        return password

    return read


def status(run: Run) -> str:
    findings = json.loads(run("check", "--profile", "osaka-dr", "--format", "json").out)["findings"]
    return next(
        one["status"]
        for one in findings
        if (one["requirement"], one["subject"]["name"]) == ("ret-drive-formatted", "MT02:/mnt/retention")
    )


@pytest.mark.parametrize("where", ["typed", "environment"])
def test_a_disk_is_added_and_formatted_and_the_password_is_nowhere(
    where: str, site: Site, apply_one: Callable[..., Ran], run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "environment":
        monkeypatch.setenv("FAILBACK_GUEST_PASSWORD", CANARY)
    monkeypatch.setattr(getpass, "getpass", typed(CANARY if where == "typed" else "not asked for"))
    assert apply_one("add-retention-disk", "y").code == 0
    assert status(run) == "fail"

    ran = apply_one("format-retention-volume", "MT02", "root")

    assert ran.code == 0, ran.out + ran.err
    assert "VERIFIED" in ran.out
    assert "kept nowhere" in ran.err
    assert status(run) == "pass"
    files = [one.read_bytes() for one in home.parent.rglob("*") if one.is_file()]
    assert not any(CANARY.encode() in content for content in files)
    assert CANARY not in ran.out + ran.err + run("history").out


@pytest.mark.parametrize("answers", [("MT02", ""), ("MT02",), ("MT02", "root")])
def test_without_an_account_nothing_is_sent(
    answers: tuple[str, ...], site: Site, apply_one: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", typed(""))
    assert apply_one("add-retention-disk", "y").code == 0
    ran = apply_one("format-retention-volume", *answers)
    assert ran.code == 1, ran.out + ran.err
    assert "no account inside it was given" in ran.out
    assert site.wire.guests.runs == []


def test_a_password_that_the_guest_refuses_is_told_in_plain_words(
    site: Site, apply_one: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", typed("wrong"))
    assert apply_one("add-retention-disk", "y").code == 0
    ran = apply_one("format-retention-volume", "MT02", "root")
    assert ran.code == 1
    assert "refused the user name or the password" in ran.out
