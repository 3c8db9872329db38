"""Taking a change back: a change of its own that leads to the recorded start, or the reason why it cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from failback.changes import Change, Entry, Word, apply_plan, undo_entry
from failback.errors import ChangeFailedError, UsageError
from tests.changes.stage import MT, PROFILE, Stage, no, yes
from tests.changes.test_apply import stage_of
from tests.estates.changing import change


def done(remedy: str, folder: Path) -> tuple[Stage, Change, Entry]:
    """Return a stage on which a change was carried out, and its entry."""
    stage, one = stage_of(remedy, folder)
    apply_plan(stage.plan(one), stage.world(), yes)
    [entry] = stage.journal.history()
    stage.effects = {"ReconfigVM_Task": {f"{MT}.extra_config": {}, f"{MT}.disk_uuid_flag": False}}
    return stage, one, entry


def test_undo_is_a_change_of_its_own_in_the_history_and_leads_back_to_the_start(tmp_path: Path) -> None:
    stage, one, entry = done("set-enable-uuid", tmp_path)

    outcome = undo_entry(entry, stage.world(), yes)

    assert outcome.word is Word.VERIFIED
    rows = stage.case.vcenter.machines.value[0].extra_config.value
    assert ("disk.EnableUUID" in rows) is (one.before["disk.EnableUUID"] is not None)
    assert [entry.origin.undoes for entry in stage.journal.history()] == [None, entry.id]


def test_what_cannot_be_undone_says_why_and_sends_nothing(tmp_path: Path) -> None:
    stage, _one, entry = done("remove-snapshots", tmp_path)

    with pytest.raises(UsageError, match="cannot be brought back"):
        undo_entry(entry, stage.world(), yes)

    assert len(stage.sent) == 1


def test_undo_is_refused_read_only_and_for_another_profile(tmp_path: Path) -> None:
    stage, _one, entry = done("set-enable-uuid", tmp_path)

    for overrides in ({"read_only": True}, {"profile": f"not-{PROFILE}"}, {"rehearsal": True}):
        with pytest.raises(UsageError):
            undo_entry(entry, stage.world(**overrides), yes)


def test_what_somebody_edited_since_is_not_undone(tmp_path: Path) -> None:
    stage, _one, entry = done("set-enable-uuid", tmp_path)
    stage.case = change(stage.case, f"{MT}.disk_uuid_flag", False)

    with pytest.raises(UsageError, match="no longer as this change left it"):
        undo_entry(entry, stage.world(), yes)


def test_a_change_that_was_refused_is_not_undone_though_somebody_else_made_it(tmp_path: Path) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)
    stage.raises["send"] = ChangeFailedError("vCenter", "it refused", "ask")
    apply_plan(stage.plan(one), stage.world(), yes)
    del stage.raises["send"]
    [entry] = stage.journal.history()
    stage.case = change(change(stage.case, f"{MT}.extra_config", _rows("TRUE")), f"{MT}.disk_uuid_flag", True)

    with pytest.raises(UsageError, match="was not carried out"):
        undo_entry(entry, stage.world(), yes)


def test_a_change_that_a_later_start_found_not_done_is_not_undone(tmp_path: Path) -> None:
    stage, _one, entry = done("set-enable-uuid", tmp_path)

    with pytest.raises(UsageError, match="was not carried out"):
        undo_entry(replace(entry, outcome=None, found="not-done"), stage.world(), yes)


def test_a_change_is_undone_once(tmp_path: Path) -> None:
    stage, _one, entry = done("set-enable-uuid", tmp_path)
    assert undo_entry(entry, stage.world(), yes).word is Word.VERIFIED
    stage.case = change(change(stage.case, f"{MT}.extra_config", _rows("TRUE")), f"{MT}.disk_uuid_flag", True)

    with pytest.raises(UsageError, match="undone already"):
        undo_entry(entry, stage.world(), yes)


def test_an_undo_that_was_declined_leaves_it_to_another_day(tmp_path: Path) -> None:
    stage, _one, entry = done("set-enable-uuid", tmp_path)

    assert undo_entry(entry, stage.world(), no).word is Word.DECLINED
    assert undo_entry(entry, stage.world(), yes).word is Word.VERIFIED


def test_another_vm_in_the_place_of_the_changed_one_is_left_alone(tmp_path: Path) -> None:
    stage, _one, entry = done("set-enable-uuid", tmp_path)
    stage.case = change(stage.case, f"{MT}.instance_uuid", "50099999-0000-0000-0000-000000000000")

    with pytest.raises(UsageError, match="another VM"):
        undo_entry(entry, stage.world(), yes)


def _rows(value: str) -> dict[str, object]:
    from wizard_steps.outside import Outside

    return {"disk.EnableUUID": Outside(value)}
