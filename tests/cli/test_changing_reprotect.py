"""Reprotecting by the command line: the request is shown and written down, submitted by the typed name, followed."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback import opening, profiles
from failback.changes import Journal
from failback.clock import SystemClock
from failback.engine import Engine
from failback.errors import EXIT_DONE, EXIT_NOT_READY, EXIT_WRONG_INPUT
from failback.opening import open_rehearsal
from failback.rehearsal.site import Site
from failback.secrets import open_store
from failback.sessions import RehearsalSessions
from tests.cli.conftest import Run
from tests.tui.walking import Walk, walking
from wizard_steps.requirement import Status


class Ready:
    """A site that counts as a real one, with nothing wrong and everything vouched for, and its saved profile."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.site = Site(())
        self.home = home
        monkeypatch.setattr(opening, "RealSessions", lambda *_arguments: RehearsalSessions(self.site))
        monkeypatch.setattr(opening, "SystemClock", lambda: self.site.clock)
        profile = self._vouched()
        home.mkdir(mode=0o700)
        profiles.create(replace(profile, name="osaka-dr", secret_store="environment"))
        self.site.arm.requests.clear()

    def _vouched(self) -> Any:
        whole = self.site.profile()
        profile = replace(whole, choices=replace(whole.choices, machines=("web01",)))
        engine = Engine(profile, RehearsalSessions(self.site), self.site.clock, self.home, rehearsal=self.site)
        engine.memory.note = lambda _case: None  # type: ignore[method-assign]
        for finding in engine.judge(engine.look()).findings:
            if finding.status is Status.ATTEST:
                engine.attest(finding.requirement.id, finding.subject.name, "operator")
        return engine.profile

    def submitted(self) -> list[Any]:
        return [one for one in self.site.arm.requests if one.method == "POST" and one.path.endswith("/reProtect")]


@pytest.fixture
def ready(home: Path, monkeypatch: pytest.MonkeyPatch) -> Ready:
    return Ready(home, monkeypatch)


def body_in(plan: Path) -> Any:
    """Return the body of the only request of a plan."""
    return json.loads(plan.read_text())["changes"][0]["calls"][0]["args"]["body"]


@pytest.fixture
def plan(ready: Ready, run: Run, tmp_path: Path) -> Path:
    """Return the file of the reprotect plan."""
    path = tmp_path / "plan.json"
    ran = run("plan", "--profile", "osaka-dr", "--reprotect", "--output", str(path))
    assert ran.code == EXIT_DONE, ran.err
    return path


def test_the_request_is_shown_with_its_az_rest_line_and_written_as_json(ready: Ready, run: Run, tmp_path: Path) -> None:
    files = [tmp_path / "plan.json", tmp_path / "requests.json"]
    ran = run("plan", "--profile", "osaka-dr", "--reprotect", "--output", str(files[0]), "--requests", str(files[1]))

    assert ran.code == EXIT_DONE, ran.err
    [change] = json.loads(files[0].read_text())["changes"]
    [request] = json.loads(files[1].read_text())["requests"]
    assert change["calls"][0]["args"] == {"path": request["path"], "body": request["body"]}
    assert request["azRest"] in ran.err.splitlines()
    assert shlex.split(request["azRest"])[:4] == ["az", "rest", "--method", "post"]
    assert ready.submitted() == []


def test_by_the_typed_name_it_is_submitted_once_and_followed_as_a_job(
    ready: Ready, run: Run, plan: Path, terminal: Callable[..., None]
) -> None:
    terminal("web01")

    ran = run("apply", str(plan))

    assert ran.code == EXIT_DONE, ran.out + ran.err
    assert "VERIFIED" in ran.out
    [sent] = ready.submitted()
    assert sent.body == body_in(plan)
    [entry] = Journal(ready.home, SystemClock()).history()
    assert (entry.change.remedy, entry.outcome) == ("submit-reprotect", "verified")
    assert entry.operations[0].name in ran.err, "the job's id is told while it is followed"


@pytest.mark.parametrize("typed", ["", "y", "WEB01"])
def test_anything_else_that_is_typed_submits_nothing(
    typed: str, ready: Ready, run: Run, plan: Path, terminal: Callable[..., None]
) -> None:
    terminal(typed)

    ran = run("apply", str(plan))

    assert (ran.code, ready.submitted()) == (EXIT_NOT_READY, [])
    assert "DECLINED" in ran.out


def test_a_job_that_fails_speaks_with_azures_own_error_causes_and_advice(
    ready: Ready, run: Run, plan: Path, terminal: Callable[..., None]
) -> None:
    advice = {"possibleCauses": "The agent is silent.", "recommendedAction": "Start the mobility service."}
    ready.site.arm.operations.end_next_with(
        "Failed", {"code": "95226", "message": "Reprotect could not be started.", "details": [advice]}
    )
    terminal("web01")

    ran = run("apply", str(plan))

    assert ran.code == EXIT_NOT_READY
    told = " ".join(ran.out.split())
    for words in ("FAILED", "95226", "Reprotect could not be started.", *advice.values()):
        assert words in told


def test_a_machine_that_is_not_ready_is_named_and_has_no_request(run: Run) -> None:
    ran = run("plan", "--demo", "--reprotect")

    assert ran.code == EXIT_DONE
    assert json.loads(ran.out)["changes"] == []
    assert "web01 has none: it is not ready yet" in " ".join(ran.err.split())


def test_requests_without_reprotect_are_a_wrong_command_line(run: Run, tmp_path: Path) -> None:
    assert run("plan", "--demo", "--requests", str(tmp_path / "x.json")).code == EXIT_WRONG_INPUT


async def test_the_same_goes_by_keys_and_leaves_the_same_request(ready: Ready, plan: Path) -> None:
    planned = body_in(plan)
    profile = profiles.load_named("osaka-dr")
    engine = opening.open_site(profile, open_store("environment", keyring=None))
    async with walking(engine, size=(120, 40)) as walk:
        await _until(walk, lambda: walk.app.job is None)
        await walk.press("l")  # with probes
        await _until(walk, lambda: walk.app.job is None)
        await walk.press("t", "f")
        await _until(walk, lambda: walk.screen == "PlanScreen")
        assert "Reprotect web01" in walk.text
        await walk.press("a")
        await _until(walk, lambda: walk.screen == "TypedNameDialog")
        await walk.press("tab", *"web01", "enter", "y")
        await _until(walk, lambda: walk.screen == "ApplyScreen" and walk.app.job is None)
    [sent] = ready.submitted()
    assert sent.body == planned


async def test_by_keys_too_a_machine_that_is_not_ready_is_named(tmp_path: Path) -> None:
    async with walking(open_rehearsal("faulty", tmp_path), size=(120, 40)) as walk:
        await _until(walk, lambda: walk.app.job is None)
        await walk.press("t", "f")
        await _until(walk, lambda: walk.screen == "MessageDialog")
        assert "web01 has none: it is not ready yet" in walk.text


async def _until(walk: Walk, done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, walk.text
        await walk.pilot.pause(0.02)
