"""Promise 3: a stale plan is refused at every value it rests on, and the sentence names the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.changes import Change, Word, apply_plan
from failback.changes.own_writes import OwnWrites
from tests.changes.cases import EXAMPLES
from tests.changes.stage import MT, SNAPSHOTS, Stage, planned, yes
from tests.changes.test_stale import EVERY_MOVE, MOVES, SAID_OTHERWISE, change_of
from tests.estates.changing import change
from wizard_steps.outside import Outside


@pytest.mark.parametrize(("remedy", "value"), EVERY_MOVE)
def test_what_moved_while_the_operator_was_thinking_is_seen_before_anything_is_sent(
    remedy: str, value: str, tmp_path: Path
) -> None:
    path, moved = MOVES[remedy][value]
    stage = Stage(EXAMPLES[remedy].case, tmp_path)
    one = change_of(remedy)

    def meanwhile(shown: Change) -> object:
        stage.clock.sleep(31)
        if path.startswith("memory"):
            stage.memory.note_refresh(one.target.ref, SNAPSHOTS[0].created_at)
        else:
            stage.case = change(stage.case, path, moved)
        return yes(shown)

    [outcome] = apply_plan(stage.plan(one), stage.world(), meanwhile)  # type: ignore[arg-type]

    assert outcome.word is Word.STALE
    assert SAID_OTHERWISE.get((remedy, value), value) in outcome.evidence
    assert (stage.sent, stage.journal.history()) == ([], ())


@pytest.mark.parametrize("minutes", [0, 9, 11, 24 * 60])
def test_a_verdict_older_than_its_limit_is_never_acted_on_without_reading_again(minutes: int, tmp_path: Path) -> None:
    stage = Stage(EXAMPLES["set-enable-uuid"].case, tmp_path)
    one = change_of("set-enable-uuid")
    stage.clock.sleep(60 * minutes)
    stage.case = change(stage.case, f"{MT}.power_state", "poweredOff")

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.STALE
    assert "powerState" in outcome.evidence
    assert stage.sent == []


def test_an_edit_by_somebody_else_is_not_taken_for_this_runs_own_write(tmp_path: Path) -> None:
    stage = Stage(EXAMPLES["set-enable-uuid"].case, tmp_path)
    one = change_of("set-enable-uuid")

    def under_the_lock(on: Stage) -> None:
        if on.locking and "theirs" not in on.case.vcenter.machines.value[0].extra_config.value:
            rows = on.case.vcenter.machines.value[0].extra_config.value
            on.case = change(
                on.case, f"{MT}.extra_config", {**rows, "disk.EnableUUID": Outside("FALSE"), "theirs": Outside("1")}
            )

    stage.before_look = under_the_lock
    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.STALE
    assert "disk.EnableUUID" in outcome.evidence
    assert stage.sent == []


def test_only_a_version_that_was_noted_is_carried_over() -> None:
    one = planned(EXAMPLES["set-enable-uuid"].case, "set-enable-uuid")
    writes = OwnWrites()
    assert writes.carried_over(one) is one
    version = one.rests_on["changeVersion"]
    writes.note(one.target.ref, "another", "third")
    assert writes.carried_over(one) is one
    writes.note(one.target.ref, version, "second")
    writes.note("elsewhere", "second", "never")
    after = writes.carried_over(one)
    assert after.rests_on == {**one.rests_on, "changeVersion": "second"}
    assert after.calls[0].args["spec"] == {**one.calls[0].args["spec"], "changeVersion": "second"}
