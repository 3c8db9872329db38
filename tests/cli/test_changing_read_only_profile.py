"""A profile that says `read_only = true`: on no face and by no command is anything changed on its site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from failback import opening, profiles
from failback.errors import EXIT_WRONG_INPUT, ProfileError, UsageError
from failback.secrets import open_store
from failback.sessions import RehearsalSessions
from tests.changes.stage import yes
from tests.cli.conftest import Run
from tests.promises.a_site import ASite
from tests.tui.walking import walking


@pytest.fixture
def site(home: Path, monkeypatch: pytest.MonkeyPatch) -> ASite:
    site = ASite()
    monkeypatch.setattr(opening, "RealSessions", lambda *_arguments: RehearsalSessions(site.site))
    monkeypatch.setattr(opening, "SystemClock", lambda: site.site.clock)
    home.mkdir(mode=0o700)
    profiles.create(replace(site.profile, secret_store="environment", read_only=True))
    return site


def test_what_was_written_is_read_again(site: ASite) -> None:
    assert profiles.load_named(site.profile.name).read_only
    assert "read_only = true" in profiles.load_named(site.profile.name).path.read_text()  # type: ignore[union-attr]


def test_the_commands_that_change_something_refuse(
    site: ASite, run: Run, tmp_path: Path, terminal: Callable[..., None]
) -> None:
    terminal("y", "y")
    plan = tmp_path / "plan.json"
    plan.write_text(site.plan(site.change("set-enable-uuid")).to_text())

    ran = run("apply", str(plan))

    assert ran.code == EXIT_WRONG_INPUT
    assert "read_only" in ran.err
    assert site.sent() == []
    assert site.arrived == []


def test_the_engine_itself_refuses(site: ASite) -> None:
    engine = opening.open_site(profiles.load_named(site.profile.name), open_store("environment"))
    with pytest.raises(UsageError, match="read_only"):
        site.apply(engine, site.change("set-enable-uuid"), confirm=yes)
    assert site.arrived == []


async def test_the_wizard_says_so_and_plans_nothing(site: ASite) -> None:
    engine = opening.open_site(profiles.load_named(site.profile.name), open_store("environment"))
    async with walking(engine, size=(120, 40)) as walk:
        await walk.settle(lambda: walk.app.job is None)
        await walk.press("p")
        assert walk.screen != "PlanScreen"
        assert "read-only" in walk.text.lower()


@pytest.mark.parametrize("value", ['"yes"', "1", "[]"])
def test_anything_but_true_or_false_is_a_wrong_profile(value: str, site: ASite) -> None:
    path = profiles.load_named(site.profile.name).path
    assert path is not None
    path.write_text(path.read_text().replace("read_only = true", f"read_only = {value}"))
    with pytest.raises(ProfileError, match="true or false"):
        profiles.load(str(path))
