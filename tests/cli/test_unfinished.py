from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from failback import opening, profiles
from failback.changes.journal import Origin
from failback.sessions import RehearsalSessions
from tests.cli.conftest import Run
from tests.promises.a_site import ASite


@pytest.fixture
def site(home: Path, monkeypatch: pytest.MonkeyPatch) -> ASite:
    """Save a profile whose sessions lead to one site, and leave a change in its journal without an end."""
    site = ASite()
    monkeypatch.setattr(opening, "RealSessions", lambda *_arguments: RehearsalSessions(site.site))
    monkeypatch.setattr(opening, "SystemClock", lambda: site.site.clock)
    profiles.create(replace(site.profile, secret_store="environment"))
    journal = site.engine(home).journal
    journal.intent(site.change("set-enable-uuid"), Origin(site.profile.name, False, "sha256:…"))
    return site


def test_the_history_shows_what_is_still_open_and_a_check_finds_out(run: Run, site: ASite) -> None:
    told = run("history").out
    assert "OUTCOME NOT RECORDED" in told
    assert "STILL OPEN" in told

    checked = run("check", "--profile", "osaka-dr")
    assert "an earlier run was cut off: change 1, Set disk.EnableUUID on MT01" in checked.err
    assert "change 1: NOT-DONE" in checked.err
    assert "cut off" not in checked.out
    assert site.arrived == []

    told = run("history").out
    assert "found later, NOT-DONE" in told
    assert "STILL OPEN" not in told
    assert "cut off" not in run("check", "--profile", "osaka-dr").err


def test_a_check_says_who_holds_a_master_target(run: Run, site: ASite) -> None:
    from tests.promises.test_promise_04 import an_administrator_edits

    text = '{"at":"2026-11-22T09:00:00Z","by":"ann","id":"' + "0" * 32 + '","on":"jump02"}'
    an_administrator_edits(site, "failback.lock", text)

    assert "MT01 is locked by ann on jump02 since 2026-11-22 09:00 UTC" in run("check", "--profile", "osaka-dr").err


def test_a_plan_says_what_is_locked_while_it_is_carried_out(run: Run, site: ASite) -> None:
    said = " ".join(run("plan", "--profile", "osaka-dr").err.split())

    assert "MT01 is locked for you meanwhile (failback.lock); nobody holds it now" in said
