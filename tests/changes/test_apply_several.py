"""Carrying out several changes: one by one, each told before the next, and what trouble with one means for the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.changes import Change, Confirmation, Outcome, Word, apply_plan, exit_code
from tests.changes.cases import EXAMPLES
from tests.changes.stage import MT, TROUBLE, Stage, no, planned, words, yes
from tests.estates.changing import change, change_all
from tests.estates.ready import ready_case
from wizard_steps.case import Case


def broken_in_three_ways() -> Case:
    return change_all(
        ready_case(),
        {
            **EXAMPLES["set-enable-uuid"].broken,
            **EXAMPLES["exclude-from-drs"].broken,
            **EXAMPLES["exclude-from-storage-drs"].broken,
        },
    )


def three(folder: Path) -> tuple[Stage, tuple[Change, ...]]:
    case = broken_in_three_ways()
    names = ("set-enable-uuid", "exclude-from-storage-drs", "exclude-from-drs")
    effects = {method: dict(effect) for name in names for method, effect in EXAMPLES[name].effects.items()}
    return Stage(case, folder, effects), tuple(planned(case, name) for name in names)


def test_changes_are_carried_out_one_by_one(tmp_path: Path) -> None:
    stage, changes = three(tmp_path)

    assert words(apply_plan(stage.plan(*changes), stage.world(), yes)) == ["verified"] * 3


@pytest.mark.parametrize("cancelled_after", [1, 3])
def test_of_each_change_is_told_what_became_of_it_before_the_next_is_asked_about(
    cancelled_after: int, tmp_path: Path
) -> None:
    stage, changes = three(tmp_path)
    told: list[str] = []

    def confirm(shown: Change) -> Confirmation:
        told.append(f"asked: {shown.id}")
        return yes(shown)

    outcomes = apply_plan(
        stage.plan(*changes),
        stage.world(),
        confirm,
        cancelled=lambda: sum(one.startswith("verified") for one in told) >= cancelled_after,
        ended=lambda one: told.append(f"{one.word.value}: {one.change.id}"),
    )

    asked = [[f"asked: {one.change.id}"] if one.word is Word.VERIFIED else [] for one in outcomes]
    ends = [f"{one.word.value}: {one.change.id}" for one in outcomes]
    assert told == [line for before, end in zip(asked, ends, strict=True) for line in (*before, end)]
    assert words(outcomes).count("verified") == cancelled_after


def test_what_is_declined_or_stale_does_not_stop_the_others(tmp_path: Path) -> None:
    stage, changes = three(tmp_path)
    stage.case = change(stage.case, f"{MT}.change_version", "another")

    outcomes = apply_plan(
        stage.plan(*changes), stage.world(), lambda one: no(one) if one.remedy.endswith("storage-drs") else yes(one)
    )

    assert words(outcomes) == ["stale", "declined", "verified"]


@pytest.mark.parametrize("trouble_at", [0, 1, 2])
@pytest.mark.parametrize("word", ["failed", "unknown"])
def test_after_trouble_the_rest_is_told_as_not_started(word: str, trouble_at: int, tmp_path: Path) -> None:
    stage, changes = three(tmp_path)

    def arm(on: Stage) -> None:
        if len(on.journal.history()) == trouble_at:
            on.raises["follow"] = TROUBLE[word]

    stage.before_look = arm
    outcomes = apply_plan(stage.plan(*changes), stage.world(), yes)

    assert words(outcomes) == ["verified"] * trouble_at + [word] + ["not-started"] * (2 - trouble_at)
    assert len(stage.sent) == trouble_at + 1


def test_cancelling_between_two_changes_sends_no_more(tmp_path: Path) -> None:
    stage, changes = three(tmp_path)

    outcomes = apply_plan(stage.plan(*changes), stage.world(), yes, cancelled=lambda: len(stage.sent) == 1)

    assert words(outcomes) == ["verified", "cancelled", "not-started"]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], 0),
        (["verified"], 0),
        (["verified", "declined"], 1),
        (["stale"], 1),
        (["not-verified"], 1),
        (["failed", "not-started"], 1),
        (["unknown", "not-started"], 3),
        (["cancelled"], 130),
        (["cancelled", "unknown"], 3),
    ],
)
def test_the_exit_code_tells_the_worst_of_it(found: list[str], code: int, tmp_path: Path) -> None:
    one = planned(ready_case(), "power-cycle")

    assert exit_code([Outcome(one, Word(word), "") for word in found]) == code


# -- the refresh
