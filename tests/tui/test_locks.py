"""Two operators: the plan shows who holds a master target, and going on against another takes a typed word."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.changes import Change, Confirm, Confirmation, Outcome, Plan, Word
from failback.changes.lock import KEY, TAKE_OVER, Lock, all_wanted, guarding, held, taking_over
from failback.changes.outcome import Ended, unheard
from failback.progress import Cancelled, Progress
from tests.changes.stage import planned
from tests.estates.changing import change
from tests.estates.ready import NOW
from tests.promises.a_site import ASite
from tests.promises.test_promise_04 import an_administrator_edits
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import Walk, broken_case, walking
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.widgets.row_table import RowTable
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen

ANNS = '{"at":"2026-11-22T09:00:00Z","by":"ann","id":"' + "0" * 32 + '","on":"jump02"}'


async def _planned(walk: Walk) -> None:
    await walk.press("8", "p")
    assert walk.screen == "PlanScreen"


async def _only(walk: Walk, part: str) -> None:
    """Leave every change out of the plan but those that hold `part`."""
    for line in list(walk.table.lines):
        if part not in line.words:
            walk.table.go_to(line.key)
            await walk.press("space")


def _said(walk: Walk) -> str:
    return " ".join(walk.text.split())


def _locked(text: str, *, ours: bool = False) -> FakeEngine:
    """Return a site on whose MT01 somebody's lock stands."""
    engine = FakeEngine(change(broken_case(), "vcenter.machines[MT01].extra_config", {KEY: Outside(text)}))
    engine.own_locks = {"0" * 32} if ours else set()
    return engine


async def test_the_plan_quietly_says_what_it_locks_as_long_as_it_changes_that() -> None:
    async with walking(FakeEngine(broken_case())) as walk:
        await _planned(walk)
        assert "MT01 is locked for you meanwhile (failback.lock); nobody holds it now" in _said(walk)
        await _only(walk, "nothing at all")
        assert "is locked for you" not in _said(walk), "a plan of nothing locks nothing"


@pytest.mark.parametrize(
    ("text", "ours", "told"),
    [
        (ANNS, False, "MT01 is LOCKED by ann on jump02 since 2026-11-22 09:00 UTC: it is taken over only if you type"),
        (ANNS, True, "MT01: the lock of your own run of 2026-11-22 09:00 UTC, which was cut off, is taken up"),
        ("me!\x1b[2J", False, "MT01 is LOCKED by somebody (it says me!\\x1b[2J)"),
    ],
)
async def test_the_plan_says_who_holds_what_it_would_lock(text: str, ours: bool, told: str) -> None:
    async with walking(_locked(text, ours=ours)) as walk:
        await _planned(walk)
        assert told in _said(walk)


def test_the_plan_says_where_the_lock_cannot_be_read() -> None:
    changed = planned(broken_case(), "remove-snapshots")
    case = change(broken_case(), "vcenter.machines[MT01].extra_config", not_seen("no right to read it"))
    wanted = all_wanted(case, [changed], ())
    assert [one.told() for one in wanted] == [
        "MT01: whether somebody else holds its lock cannot be read (no right to read it); nothing is sent then"
    ]


class _HeldByAnn(FakeEngine):
    """Carries out one change under the lock that ann holds: taking it over is asked about as the engine does."""

    def apply(
        self,
        plan: Plan,
        confirm: Confirm,
        progress: Progress,
        cancelled: Cancelled,
        ended: Ended = unheard,
        undoes: str | None = None,
    ) -> tuple[Outcome, ...]:
        one = guarding(self.seen, plan.changes[0].target)
        assert one is not None
        there = held(one.vm)
        assert there is not None
        assert confirm(plan.changes[0]).agreed
        answer = confirm(taking_over(one, there, Lock("1" * 32, "operator", "here", NOW)))
        self.applied.append((TAKE_OVER, answer.agreed, answer.typed))
        return tuple(Outcome(change, Word.DECLINED, "it is locked by ann") for change in plan.changes)


@pytest.mark.parametrize(
    ("keys", "answer"), [(["enter"], (False, None)), (["tab", *"MT01", "tab", "y"], (True, "MT01"))]
)
async def test_a_lock_of_another_is_taken_over_with_the_typed_name_only(
    keys: list[str], answer: tuple[bool, str | None]
) -> None:
    engine = _HeldByAnn(_locked(ANNS).seen)
    async with walking(engine) as walk:
        await _planned(walk)
        await walk.press("a")
        await walk.settle(lambda: isinstance(walk.app.screen, YesDialog))
        await walk.pilot.press("y")
        await walk.settle(lambda: isinstance(walk.app.screen, TypedNameDialog))
        assert "Somebody else holds the lock" in walk.text
        assert "ann on jump02 since 2026-11-22 09:00 UTC" in _said(walk)
        assert "under way" in walk.app.screen_stack[-2].query_one(RowTable).lines[0].words
        await walk.press(*keys)
        await walk.settle(lambda: walk.app.job is None)
        assert engine.applied == [(TAKE_OVER, *answer)]


def test_what_was_left_to_another_is_not_asked_about_again(tmp_path: Path) -> None:
    site = ASite()
    an_administrator_edits(site, KEY, ANNS)
    engine = site.engine(tmp_path)
    asked: list[str] = []

    def confirm(shown: Change) -> Confirmation:
        asked.append(shown.remedy)
        return Confirmation(shown.remedy != TAKE_OVER)

    outcomes = site.apply(
        engine, site.change("exclude-from-drs"), site.change("exclude-from-storage-drs"), confirm=confirm
    )
    assert asked == ["exclude-from-drs", TAKE_OVER]
    assert [one.word for one in outcomes] == [Word.DECLINED, Word.DECLINED]
    assert "is locked by ann on jump02" in outcomes[1].evidence
    assert site.sent() == []
