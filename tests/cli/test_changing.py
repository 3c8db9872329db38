from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from failback.errors import EXIT_NOT_READY, EXIT_WRONG_INPUT
from failback.home import MOST_MIB
from failback.opening import open_rehearsal
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the text of a fresh plan of the rehearsal site: its clock stands still, so it fits every fresh one."""
    engine = open_rehearsal("faulty", tmp_path_factory.mktemp("rehearsal"))
    case = engine.look()
    return engine.plan(case, engine.judge(case)).to_text()


@pytest.fixture
def plan(planned: str, tmp_path: Path) -> Path:
    """Return a file with that plan."""
    path = tmp_path / "plan.json"
    path.write_text(planned)
    return path


def one_change(plan: Path, remedy: str) -> Path:
    """Keep one change of a plan, with the digest it then has."""
    from failback.changes.plan import Plan

    made = Plan.from_text(plan.read_text())
    kept = tuple(one for one in made.changes if one.remedy == remedy)
    plan.write_text(Plan(made.made_at, made.profile, made.rehearsal, kept).to_text())
    return plan


def test_a_plan_is_shown_to_the_person_and_written_for_the_program(run: Run, planned: str, tmp_path: Path) -> None:
    ran = run("plan", "--demo", "--output", str(tmp_path / "made.json"))
    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "made.json").read_text() == planned
    written = json.loads(planned)
    assert list(written) == ["schema_version", "made_at", "profile", "rehearsal", "digest", "changes"]
    assert written["rehearsal"] is True
    assert "REHEARSAL" in ran.err
    assert "disk.EnableUUID: not set -> TRUE" in ran.err
    assert "nothing was changed yet" in ran.err


def test_a_site_with_nothing_wrong_has_nothing_to_change(run: Run) -> None:
    ran = run("plan", "--demo", "--estate", "ready")
    assert ran.code == 0
    assert json.loads(ran.out)["changes"] == []


def test_applying_asks_for_the_change_and_verifies_it(run: Run, plan: Path, terminal: Callable[..., None]) -> None:
    one_change(plan, "set-enable-uuid")
    terminal("y")
    ran = run("apply", str(plan))
    assert ran.code == 0, ran.err
    assert "VERIFIED" in ran.out
    assert "disk.EnableUUID: not set -> TRUE" in ran.err


def test_a_no_leaves_it_as_it_is(run: Run, plan: Path, terminal: Callable[..., None]) -> None:
    one_change(plan, "set-enable-uuid")
    terminal("n")
    ran = run("apply", str(plan))
    assert ran.code == EXIT_NOT_READY
    assert "DECLINED" in ran.out


@pytest.mark.parametrize(
    ("typed", "code", "word"),
    [("MT01", 0, "VERIFIED"), ("mt01", 1, "DECLINED"), ("y", 1, "DECLINED"), ("", 1, "DECLINED")],
)
def test_what_cannot_be_undone_wants_the_name_typed(
    run: Run, plan: Path, terminal: Callable[..., None], typed: str, code: int, word: str
) -> None:
    one_change(plan, "remove-snapshots")
    terminal(typed)
    ran = run("apply", str(plan))
    assert (ran.code, word in ran.out) == (code, True), ran.out + ran.err


@pytest.mark.parametrize(("typed", "code", "word"), [("MT01", 0, "VERIFIED"), ("y", 1, "DECLINED")])
def test_what_puts_data_at_risk_wants_the_name_typed_though_it_can_be_undone(
    run: Run,
    plan: Path,
    terminal: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
    word: str,
) -> None:
    from failback.changes import REMEDIES, Weight

    monkeypatch.setattr(type(REMEDIES["set-enable-uuid"]), "weight", Weight.RISKY)
    asked: list[str] = []
    prompt = click.prompt
    monkeypatch.setattr(click, "prompt", lambda text, **how: (asked.append(text), prompt(text, **how))[1])
    one_change(plan, "set-enable-uuid")
    terminal(typed)
    ran = run("apply", str(plan))
    assert (ran.code, word in ran.out) == (code, True), ran.out + ran.err
    assert asked == ["This puts data at risk. To go on, type the name MT01; anything else leaves it as it is"]


def test_without_a_terminal_nothing_is_applied(run: Run, plan: Path) -> None:
    ran = run("apply", str(plan))
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert "no terminal" in ran.err


def test_read_only_applies_nothing_wherever_it_is_written(run: Run, plan: Path, terminal: Callable[..., None]) -> None:
    terminal("y")
    for arguments in (
        ["--read-only", "apply", str(plan)],
        ["apply", "--read-only", str(plan)],
        ["history", "undo", "--read-only", "1"],
    ):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
        assert "--read-only" in ran.err


def test_a_stale_plan_is_refused_with_what_moved(run: Run, plan: Path, terminal: Callable[..., None]) -> None:
    from failback.changes.plan import Plan

    one_change(plan, "set-enable-uuid")
    data = json.loads(plan.read_text())
    data["changes"][0]["rests_on"]["changeVersion"] = "another"
    from failback.changes.change import Change

    made = Plan.from_text(plan.read_text())
    changes = tuple(Change.from_json(one) for one in data["changes"])
    plan.write_text(Plan(made.made_at, made.profile, made.rehearsal, changes).to_text())
    terminal("y")
    ran = run("apply", str(plan))
    assert ran.code == EXIT_NOT_READY
    assert "STALE" in ran.out


def test_an_edited_plan_is_refused(run: Run, plan: Path, terminal: Callable[..., None]) -> None:
    plan.write_text(plan.read_text().replace("TRUE", "FALSE", 1))
    terminal("y")
    ran = run("apply", str(plan))
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert "digest" in ran.err


@pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", "\x00", '{"schema_version": 2}', "[" * 200_000])
def test_a_file_that_is_no_plan_is_refused(
    run: Run, tmp_path: Path, terminal: Callable[..., None], content: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    terminal("y")
    ran = run("apply", str(path))
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert "failback plan" in ran.err


@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "large"])
def test_a_plan_that_is_no_plain_file_or_too_large_is_refused_at_once(
    run: Run, tmp_path: Path, terminal: Callable[..., None], kind: str
) -> None:
    path = Path("/dev/zero") if kind == "device" else tmp_path / "plan.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(MOST_MIB * 2**20 + 1)
    terminal("y")
    ran = run("apply", str(path))
    assert (ran.code, ran.out, len(ran.told)) == (EXIT_WRONG_INPUT, "", 1)
    assert f"the plan {path}: " in ran.err
    assert ("larger than 16 MiB" if kind == "large" else "not a plain file") in ran.err


def test_a_plan_may_lie_behind_a_link(run: Run, plan: Path, tmp_path: Path, terminal: Callable[..., None]) -> None:
    plan.write_text("{}")
    (tmp_path / "link.json").symlink_to(plan)
    terminal("y")
    assert "fields of a plan" in run("apply", str(tmp_path / "link.json")).err


def test_an_empty_history_says_so(run: Run) -> None:
    ran = run("history")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing was changed" in ran.err


def test_an_entry_that_does_not_exist_is_named(run: Run, terminal: Callable[..., None]) -> None:
    terminal("y")
    ran = run("history", "undo", "999\x1b")
    assert (ran.code, ran.out) == (EXIT_WRONG_INPUT, "")
    assert "999\\x1b" in ran.err
    assert 'the change "": the journal' in run("history", "undo", "").err


def test_the_history_tells_who_what_when_before_and_after(run: Run, plan: Path, home: Path) -> None:
    from failback.changes.journal import Journal, Origin
    from failback.changes.plan import Plan
    from failback.clock import SystemClock
    from failback.home import home_folder

    made = Plan.from_text(one_change(plan, "set-enable-uuid").read_text())
    journal = Journal(home_folder(), SystemClock(), who="tanaka", where="jump01")
    origin = Origin("osaka", rehearsal=False, plan_digest=made.digest)
    done = journal.intent(made.changes[0], origin)
    journal.outcome(done, "verified", "the row reads TRUE")
    journal.intent(made.changes[0], origin)
    ran = run("history")
    assert ran.code == 0
    for words in (
        "tanaka on jump01",
        "profile osaka",
        "disk.EnableUUID: not set -> TRUE",
        "VERIFIED: the row reads TRUE",
        "OUTCOME NOT RECORDED",
    ):
        assert words in ran.out
    assert "every line is as it was written" in ran.err

    journal.path.write_text(journal.path.read_text().replace("tanaka", "suzuki", 1))
    assert "changed or damaged" in run("history").err
