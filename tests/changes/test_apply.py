"""Carrying out a plan: the order of its stages, what every trouble comes to, and what is left when it stops."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Change, Confirmation, Word, apply_plan
from failback.changes.world import Confirm
from failback.errors import (
    InterruptedByOperatorError,
    NotReachedError,
    SignInRefusedError,
    UsageError,
)
from tests.changes.cases import EXAMPLES
from tests.changes.stage import TROUBLE, Stage, no, planned, unguarded, words, yes
from tests.estates.changing import change_all


def stage_of(remedy: str, folder: Path) -> tuple[Stage, Change]:
    example = EXAMPLES[remedy]
    effects = {method: dict(effect) for method, effect in example.effects.items()}
    return Stage(example.case, folder, effects), planned(example.case, remedy, **example.finding)


@pytest.mark.parametrize("remedy", EXAMPLES)
def test_every_remedy_goes_all_the_way_and_is_read_again(remedy: str, tmp_path: Path) -> None:
    stage, one = stage_of(remedy, tmp_path)

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.VERIFIED
    assert unguarded(stage.sent) == unguarded(one.calls)
    [entry] = stage.journal.history()
    assert (entry.id, entry.outcome, entry.evidence) == (outcome.entry_id, "verified", outcome.evidence)
    assert list(entry.change.calls) == stage.sent
    assert (entry.change.before, entry.change.after) == (one.before, one.after)
    assert entry.origin.plan_digest == stage.plan(one).digest


def test_the_order_is_look_confirm_lock_look_write_down_send_write_down_follow_look_write_down_let_go(
    tmp_path: Path,
) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    def confirm(shown: Change) -> Confirmation:
        stage.events.append("confirm")
        return yes(shown)

    apply_plan(stage.plan(one), stage.world(), confirm)

    assert stage.events == [
        "look",
        "confirm",
        "ready",
        "look",
        "journal intent",
        "send ReconfigVM_Task",
        "journal sent",
        "follow task-7",
        "look",
        "journal outcome",
        "look",
    ]


def test_each_call_of_a_change_is_followed_to_its_end_before_the_next(tmp_path: Path) -> None:
    stage, one = stage_of("power-cycle", tmp_path)

    apply_plan(stage.plan(one), stage.world(), yes)

    assert [event for event in stage.events if event.startswith(("send", "follow"))] == [
        "send ShutdownGuest",
        "follow task-7",
        "send PowerOnVM_Task",
        "follow task-7",
    ]


# -- before anything is sent


def test_read_only_makes_no_call_and_no_look(tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    with pytest.raises(UsageError, match="read-only"):
        apply_plan(stage.plan(one), stage.world(read_only=True), yes)

    assert stage.events == []


@pytest.mark.parametrize("overrides", [{"rehearsal": True}, {"profile": "tokyo-dr"}])
def test_a_plan_for_somewhere_else_is_refused(overrides: dict[str, Any], tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    with pytest.raises(UsageError):
        apply_plan(stage.plan(one, **overrides), stage.world(), yes)

    assert stage.events == []


def test_a_change_that_is_declined_leaves_no_trace(tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    assert words(apply_plan(stage.plan(one), stage.world(), no)) == ["declined"]
    assert (stage.sent, stage.journal.history()) == ([], ())


def typing(text: str | None) -> Confirm:
    """Agree, and type `text`."""
    return lambda _one: Confirmation(agreed=True, typed=text)


@pytest.mark.parametrize("typed", [None, "", "mt01", "MT01 ", "MT02", "yes"])
def test_what_cannot_be_undone_wants_exactly_the_name_of_its_target(typed: str | None, tmp_path: Path) -> None:
    stage, one = stage_of("remove-snapshots", tmp_path)

    [outcome] = apply_plan(stage.plan(one), stage.world(), typing(typed))

    assert outcome.word is Word.DECLINED
    assert stage.sent == []


def test_a_harmless_change_wants_no_name(tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    assert words(apply_plan(stage.plan(one), stage.world(), typing(None))) == ["verified"]


def test_a_target_named_like_markup_is_confirmed_by_that_very_name(tmp_path: Path) -> None:
    stage, _one = stage_of("remove-snapshots", tmp_path)
    stage.case = change_all(stage.case, {"server.master_targets[MT01].name": "[/]", "target.master_target": "mt-MT01"})
    one = planned(stage.case, "remove-snapshots")

    [outcome] = apply_plan(stage.plan(one), stage.world(), typing("[/]"))

    assert outcome.word is Word.VERIFIED


@pytest.mark.parametrize("where", ["ready", "look"])
def test_a_system_that_does_not_answer_is_told_before_anything_is_written_down(where: str, tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)
    stage.raises[where] = NotReachedError("vCenter", "nothing answers there", "check the network")

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.FAILED
    assert "nothing was sent" in outcome.evidence
    assert stage.journal.history() == ()


def test_without_a_journal_nothing_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.FAILED
    assert "No space left" in outcome.evidence
    assert stage.sent == []


# -- after it was sent


@pytest.mark.parametrize("where", ["send", "follow"])
@pytest.mark.parametrize("word", TROUBLE)
def test_what_a_system_answers_decides_the_outcome_and_the_journal_has_it(
    word: str, where: str, tmp_path: Path
) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)
    stage.raises[where] = TROUBLE[word]

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word.value == word
    assert TROUBLE[word].args[1] in outcome.evidence
    assert [entry.outcome for entry in stage.journal.history()] == [word]


@pytest.mark.parametrize(
    "error", [NotReachedError("vCenter", "gone", "wait"), SignInRefusedError("vCenter", "no", "ask")]
)
def test_a_connection_lost_on_the_way_leaves_the_outcome_unknown_and_nothing_is_sent_again(
    error: Exception, tmp_path: Path
) -> None:
    for where in ("send", "follow"):
        stage, one = stage_of("power-cycle", tmp_path / where)
        stage.folder.mkdir()
        stage.raises[where] = error

        [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

        assert outcome.word is Word.UNKNOWN
        assert len(stage.sent) == 1


def test_a_write_that_is_cancelled_says_what_it_left_behind_and_the_journal_knows_the_task(tmp_path: Path) -> None:
    stage, one = stage_of("remove-snapshots", tmp_path)
    stage.raises["follow"] = InterruptedByOperatorError("vCenter", "task-7 goes on in vCenter", "look at Recent Tasks")

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.CANCELLED
    assert "task-7 goes on in vCenter" in outcome.evidence
    [entry] = stage.journal.history()
    assert (entry.outcome, [one.name for one in entry.operations]) == ("cancelled", ["task-7"])


def test_a_change_that_did_not_take_is_never_called_done(tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)
    stage.effects = {}

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.NOT_VERIFIED


def test_a_change_that_cannot_be_read_again_is_never_called_verified(tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    def second_look_fails(on: Stage) -> None:
        if on.sent:
            on.raises["look"] = NotReachedError("vCenter", "nothing answers there", "check the network")

    stage.before_look = second_look_fails
    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.NOT_VERIFIED
    assert "could not be read again" in outcome.evidence


def full_disk_once_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk be full from the moment on at which the first call has left."""
    real = os.write

    def write(descriptor: int, *data: Any) -> int:
        if stage.sent:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, *data)

    monkeypatch.setattr(os, "write", write)


def test_a_disk_that_fills_up_under_a_change_hides_nothing_of_what_became_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)
    full_disk_once_sent(stage, monkeypatch)

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)
    monkeypatch.undo()

    assert outcome.word is Word.VERIFIED
    assert "No space left" in outcome.evidence
    assert [entry.outcome for entry in stage.journal.history()] == [None]


def test_no_second_call_is_sent_when_the_first_could_not_be_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, one = stage_of("power-cycle", tmp_path)
    full_disk_once_sent(stage, monkeypatch)

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.FAILED
    assert [call.method for call in stage.sent] == ["ShutdownGuest"]


# -- several changes


def test_a_refresh_is_remembered_from_the_moment_it_was_sent(tmp_path: Path) -> None:
    stage, one = stage_of("refresh-configuration-server", tmp_path)

    apply_plan(stage.plan(one), stage.world(), yes)

    assert stage.memory.load().refreshed == {one.target.ref.casefold(): stage.clock.now()}
    assert words(apply_plan(stage.plan(one), stage.world(), yes)) == ["stale"]


@pytest.mark.parametrize(("word", "remembered"), [("failed", False), ("unknown", True)])
def test_a_refresh_that_was_refused_is_not_remembered_and_one_that_may_have_arrived_is(
    word: str, remembered: bool, tmp_path: Path
) -> None:
    stage, one = stage_of("refresh-configuration-server", tmp_path)
    stage.raises["send"] = TROUBLE[word]

    apply_plan(stage.plan(one), stage.world(), yes)

    assert bool(stage.memory.load().refreshed) is remembered
