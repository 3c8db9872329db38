"""What a later start says of a change that was cut off, step by step: what it waits for, what it believes, what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from failback.changes import Change, Finding, Word, in_flight
from failback.changes.journal import Origin
from failback.changes.operation import Operation
from failback.changes.recovery import recover
from failback.changes.running import alone, somebody_runs
from failback.errors import ChangeFailedError, InterruptedByOperatorError, NotReachedError, UsageError
from tests.changes.cases import EXAMPLES
from tests.changes.stage import PROFILE, Stage, planned
from tests.estates.changing import change, change_all
from wizard_steps.reading import not_seen

ORIGIN = Origin(PROFILE, False, "sha256:1")
TASK = Operation("vcenter", "task-7", "task-7")


def cut_off(remedy: str, folder: Path, *operations: Operation, took_effect: bool = False) -> tuple[Stage, Change]:
    """Return a stage whose journal has a change without an end."""
    example = EXAMPLES[remedy]
    one = planned(example.case, remedy, **example.finding)
    stage = Stage(example.case, folder)
    if took_effect:
        for effect in example.effects.values():
            stage.case = change_all(stage.case, dict(effect))
    entry = stage.journal.intent(one, ORIGIN)
    for operation in operations:
        stage.journal.sent(entry, operation)
    return stage, one


@pytest.mark.parametrize(("took_effect", "word"), [(True, Finding.DONE), (False, Finding.NOT_DONE)])
def test_cut_off_before_anything_was_recorded_what_is_there_decides(
    took_effect: bool, word: Finding, tmp_path: Path
) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path, took_effect=took_effect)

    [found] = recover(stage.world())

    assert found.word is word, found.evidence
    assert stage.sent == []
    [entry] = stage.journal.history()
    assert (entry.outcome, entry.found, entry.found_evidence) == (None, word.value, found.evidence)
    assert in_flight(stage.world()) == ()


def test_an_absence_is_not_believed_before_the_call_had_time_to_arrive(tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path)
    before = stage.clock.now()

    recover(stage.world())

    assert (stage.clock.now() - before).total_seconds() >= 15


def test_a_task_that_the_journal_knows_is_followed_to_its_end_first(tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path, TASK, took_effect=True)

    [found] = recover(stage.world())

    assert found.word is Finding.DONE
    assert stage.events.index("follow task-7") < stage.events.index("look")


def test_a_task_that_ended_badly_is_not_done_in_vcenters_words(tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path, TASK)
    stage.raises["follow"] = ChangeFailedError("vCenter", "it refused ReconfigVM_Task", "ask")

    [found] = recover(stage.world())

    assert found.word is Finding.NOT_DONE
    assert "it refused ReconfigVM_Task" in found.evidence


def test_a_call_whose_answer_was_lost_is_found_by_its_task(tmp_path: Path) -> None:
    stage, one = cut_off("remove-snapshots", tmp_path, took_effect=True)
    stage.tasks["task-9"] = one.calls[0]

    [found] = recover(stage.world())

    assert found.word is Finding.DONE
    assert "follow task-9" in stage.events


def test_half_of_a_change_is_neither_done_nor_not_and_says_how_far_it_got(tmp_path: Path) -> None:
    stage, _one = cut_off("power-cycle", tmp_path, TASK)
    stage.case = change(stage.case, "vcenter.machines[MT01].power_state", "poweredOff")

    [found] = recover(stage.world())

    assert found.word is Finding.CANNOT_TELL
    assert "1 of its 2 calls was carried out" in found.evidence
    assert "look at the recent tasks and events of MT01" in found.evidence
    assert "PowerOnVM_Task" in found.evidence


def test_a_refresh_without_its_token_cannot_be_told_and_says_where_to_look(tmp_path: Path) -> None:
    stage, _one = cut_off("refresh-configuration-server", tmp_path)

    [found] = recover(stage.world())

    assert found.word is Finding.CANNOT_TELL
    assert "the vault's jobs" in found.evidence


TROUBLE: dict[str, Any] = {
    "follow": InterruptedByOperatorError("vCenter", "task-7 goes on in vCenter", "look"),
    "look": NotReachedError("vCenter", "nothing answers there", "wait"),
}


@pytest.mark.parametrize("where", TROUBLE)
def test_what_cannot_be_found_out_now_stays_open_for_the_next_start(where: str, tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path, TASK)
    stage.raises[where] = TROUBLE[where]

    [found] = recover(stage.world())

    assert found.word is Finding.NOT_YET
    assert TROUBLE[where].args[1] in found.evidence
    assert len(in_flight(stage.world())) == 1


def test_a_side_that_is_not_seen_is_no_answer(tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path, TASK)
    stage.case = change(stage.case, "vcenter.machines", not_seen("denied"))

    [found] = recover(stage.world())

    assert found.word is Finding.NOT_YET
    assert len(in_flight(stage.world())) == 1


def test_a_machine_that_is_gone_cannot_be_told_of_for_good(tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path, TASK)
    stage.case = change(stage.case, "vcenter.machines", ())

    [found] = recover(stage.world())

    assert found.word is Finding.CANNOT_TELL
    assert in_flight(stage.world()) == ()


@pytest.mark.parametrize(
    ("word", "is_open"), [("unknown", True), ("cancelled", True), ("failed", False), ("verified", False)]
)
def test_an_end_that_left_the_question_open_is_looked_into_too(word: str, is_open: bool, tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path, TASK)
    stage.journal.outcome(stage.journal.history()[0].id, Word(word).value, "…")

    assert bool(in_flight(stage.world())) is is_open


def test_what_belongs_to_another_profile_or_to_a_rehearsal_is_left_alone(tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path)

    for overrides in ({"profile": "tokyo-dr"}, {"rehearsal": True}):
        assert in_flight(stage.world(**overrides)) == ()


def test_one_run_of_a_profile_at_a_time_and_its_mark_goes_with_it(tmp_path: Path) -> None:
    with alone(tmp_path, "osaka-dr"):
        assert somebody_runs(tmp_path, "osaka-dr")
        assert not somebody_runs(tmp_path, "tokyo-dr")
        with pytest.raises(UsageError, match="another failback of yours"), alone(tmp_path, "osaka-dr"):
            pass
    assert not somebody_runs(tmp_path, "osaka-dr")
