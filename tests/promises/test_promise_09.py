"""Promise 9: one truth, two faces: the same scenario by keys and by command line leaves the same calls and journal."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback import cli, opening, profiles
from failback.changes import Change, weight_of
from failback.engine import Engine
from failback.sessions import RehearsalSessions
from tests.promises.a_site import ASite
from tests.tui.walking import Walk, walking
from tui.dialogs.dialog import Dialog
from tui.dialogs.typed_name_dialog import TypedNameDialog

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

AGREED = {"set-enable-uuid:MT01", "remove-snapshots:MT01", "exclude-from-drs:MT02"}
DIFFERS = {"at", "seq", "prev", "hash", "plan", "entry", "operation", "changeVersion", "value", "id"}
"""What two runs of the same scenario may differ in: times, ids, digests, and the guards that follow from them."""


class Asked:
    """Knows which change the program asks about at this moment, on whichever face."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now: Change | None = None
        apply = Engine.apply

        def noting(engine: Engine, plan: Any, confirm: Any, *more: Any, **named: Any) -> Any:
            def note(change: Change) -> Any:
                self.now = change
                return confirm(change)

            return apply(engine, plan, note, *more, **named)

        monkeypatch.setattr(Engine, "apply", noting)

    @property
    def agreed(self) -> bool:
        assert self.now is not None
        return self.now.id in AGREED

    def typed(self) -> str:
        """Return what a person answers at the command line's question."""
        assert self.now is not None
        if weight_of(self.now).wants_the_name:
            return self.now.target.name if self.agreed else ""
        return "y" if self.agreed else "n"


def by_command_line(site: ASite, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch)
    monkeypatch.setenv("FAILBACK_HOME", str(home))
    monkeypatch.setattr(opening, "RealSessions", lambda *_arguments: RehearsalSessions(site.site))
    monkeypatch.setattr(opening, "SystemClock", lambda: site.site.clock)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda *_prompt: asked.typed())
    home.mkdir(mode=0o700)
    profiles.create(replace(site.profile, secret_store="environment"))
    plan = home / "plan.json"
    assert cli.run(["plan", "--profile", site.profile.name, "--output", str(plan)]) == 0
    assert cli.run(["apply", str(plan)]) == 1  # most of it is declined


async def by_keys(site: ASite, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch)
    async with walking(site.engine(home), size=(120, 40)) as walk:
        await _until(walk, lambda: walk.app.job is None)
        await walk.pilot.press("p")
        await _until(walk, lambda: walk.screen == "PlanScreen")
        await walk.pilot.press("a")
        while True:
            await _until(walk, lambda: isinstance(walk.app.screen, Dialog) or _is_through(walk))
            if _is_through(walk):
                return
            dialog = walk.app.screen
            for key in _answer(asked, dialog):
                await walk.pilot.press(key)
                await walk.pilot.pause()
            await _until(walk, lambda dialog=dialog: walk.app.screen is not dialog)  # type: ignore[misc]


def _answer(asked: Asked, dialog: Any) -> list[str]:
    assert asked.now is not None
    if not asked.agreed:
        return ["enter"]  # Cancel has the focus
    return ["tab", *asked.now.target.name, "enter", "y"] if isinstance(dialog, TypedNameDialog) else ["y"]


def _is_through(walk: Walk) -> bool:
    return walk.app.job is None and walk.screen == "ApplyScreen"


async def _until(walk: Walk, done: Any) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, walk.text
        await walk.pilot.pause(0.02)


def journal_of(home: Path) -> list[Any]:
    return [_alike(json.loads(line)) for line in (home / "journal.jsonl").read_text().splitlines()]


def _alike(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _alike(one) for key, one in value.items() if key not in DIFFERS or isinstance(one, dict)}
    return [_alike(one) for one in value] if isinstance(value, list) else value


async def test_the_same_scenario_by_keys_and_by_command_line_leaves_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed, told = ASite(), ASite()
    with monkeypatch.context() as patch:
        await by_keys(keyed, tmp_path / "keyed", patch)
    with monkeypatch.context() as patch:
        by_command_line(told, tmp_path / "told", patch)

    assert len([one for one in keyed.arrived if not one.is_lock]) >= len(AGREED)
    assert [(one.name, one.moref, _alike(dict(one.args))) for one in keyed.arrived] == [
        (one.name, one.moref, _alike(dict(one.args))) for one in told.arrived
    ]
    assert keyed.posted() == told.posted()
    assert journal_of(tmp_path / "keyed") == journal_of(tmp_path / "told")
