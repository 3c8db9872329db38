from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from failback import profiles
from tests.cli.conftest import Run

OPTIONS = (
    *("--vcenter", "vc.example.com"),
    *("--username", "operator@vsphere.local"),
    *("--tenant", "t"),
    *("--subscription", "s"),
    *("--resource-group", "rg"),
    *("--vault", "v"),
)


def test_a_profile_is_made_listed_shown_and_removed(run: Run, home: Path) -> None:
    assert run("profile", "new", "osaka", *OPTIONS).code == 0
    path = home / "profiles" / "osaka.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run("profile", "list").out == "osaka\n"
    assert run("profile", "show", "osaka").out == path.read_text()
    assert profiles.load("osaka").vcenter.host == "vc.example.com"
    assert run("profile", "remove", "osaka", "--yes").code == 0
    none = run("profile", "list")
    assert none.out == ""
    assert "failback profile new" in none.err


def test_what_no_option_says_is_asked_for(run: Run, terminal: Callable[..., None]) -> None:
    terminal("vc.example.com", "operator", "s", "t", "rg", "v")
    ran = run("profile", "new", "osaka")
    assert (ran.code, ran.out) == (0, "")
    made = profiles.load("osaka")
    assert (made.vcenter.username, made.azure.subscription_id, made.azure.tenant_id, made.vault.name) == (
        "operator",
        "s",
        "t",
        "v",
    )


def test_walking_away_from_a_question_writes_nothing(run: Run, terminal: Callable[..., None]) -> None:
    terminal("vc.example.com")
    ran = run("profile", "new", "osaka")
    assert (ran.code, ran.out) == (130, "")
    assert profiles.saved_profiles() == []


def test_a_profile_that_exists_is_not_overwritten(run: Run) -> None:
    run("profile", "new", "osaka", *OPTIONS)
    ran = run("profile", "new", "osaka", *OPTIONS)
    assert ran.code == 2
    assert "exists already" in ran.err


def test_removing_asks_and_a_no_keeps_it(run: Run, terminal: Callable[..., None]) -> None:
    run("profile", "new", "osaka", *OPTIONS)
    assert run("profile", "remove", "osaka").code == 2
    terminal("n")
    assert run("profile", "remove", "osaka").code == 1
    assert profiles.saved_profiles() == ["osaka"]
    terminal("y")
    assert run("profile", "remove", "osaka").code == 0
    assert profiles.saved_profiles() == []


def test_a_profile_that_is_not_there_is_told_before_anything_is_asked(run: Run, terminal: Callable[..., None]) -> None:
    terminal()  # whoever is asked walks away
    ran = run("profile", "remove", "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no such file" in ran.err


def test_a_profile_that_is_a_broken_link_can_be_removed(run: Run) -> None:
    path = profiles.path_of("osaka")
    path.symlink_to("nowhere")
    assert run("profile", "remove", "osaka", "--yes").code == 0
    assert not path.is_symlink()


def test_a_profile_is_shown_without_its_hidden_characters(run: Run) -> None:
    run("profile", "new", "osaka", *OPTIONS)
    path = profiles.path_of("osaka")
    path.write_text(path.read_text() + "# \u202e\n")
    ran = run("profile", "show", "osaka")
    assert ran.out.endswith("# \\u202e\n")
