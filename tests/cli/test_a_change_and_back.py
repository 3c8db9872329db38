from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from failback import opening, profiles
from failback.rehearsal.site import rehearsal_site
from failback.sessions import RehearsalSessions
from tests.cli.conftest import Run


@pytest.fixture
def real_site(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Save a profile, and let its real sessions lead to one site in memory; return the profile's name."""
    site = rehearsal_site("faulty")
    monkeypatch.setattr(opening, "RealSessions", lambda *_arguments: RehearsalSessions(site))
    monkeypatch.setattr(opening, "SystemClock", lambda: site.clock)
    profiles.create(replace(site.profile(), name="osaka-dr", secret_store="environment"))
    return "osaka-dr"


def test_a_fault_is_planned_mended_told_by_the_history_and_undone(
    run: Run, terminal: Callable[..., None], real_site: str, tmp_path: Path
) -> None:
    def state() -> str:
        findings = json.loads(run("check", "--profile", real_site, "--format", "json").out)["findings"]
        return next(
            one["status"]
            for one in findings
            if one["requirement"] == "mt-disk-enableuuid" and one["subject"]["name"] == "MT01"
        )

    assert state() == "fail"
    plan = tmp_path / "plan.json"
    assert run("plan", "--profile", real_site, "--output", str(plan)).code == 0
    count = len(json.loads(plan.read_text())["changes"])
    place = next(
        n for n, one in enumerate(json.loads(plan.read_text())["changes"]) if one["remedy"] == "set-enable-uuid"
    )

    terminal(*("y" if n == place else "n" for n in range(count)))
    applied = run("apply", str(plan))
    assert applied.code == 1  # the others were declined
    assert applied.out.count("VERIFIED") == 1
    assert state() == "pass"

    told = run("history").out
    entry = told.split()[0].removeprefix("#")
    assert told.startswith(f"#{entry} 2026-")
    assert "profile osaka-dr" in told
    assert "disk.EnableUUID: not set -> TRUE" in told

    terminal("y")
    undone = run("history", "undo", entry)
    assert undone.code == 0, undone.out + undone.err
    before, after = run("history").out.split("\n#")
    assert "VERIFIED" in before
    assert f"by change {after.split()[0]}" in " ".join(before.split("UNDONE on")[1].split())
    assert f"undoes {entry}" in after
    assert "UNDONE" not in after
    assert state() == "fail"
    assert f"undoes {entry}" in run("history").out
