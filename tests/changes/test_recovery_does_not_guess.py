"""What a later start must not conclude: from too early a look, from work that still runs, from a clock that was set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from failback.changes import Finding
from failback.changes.operation import Operation
from failback.changes.recovery import STILL_MOVING, recover
from failback.errors import OutcomeUnknownError, WorkGoneError
from tests.changes.stage import Stage
from tests.changes.test_recovery import TASK, cut_off
from tests.estates.changing import change

TOKEN = Operation("azure", "token", "job-1")
RUNNING_STILL = OutcomeUnknownError("Azure", "the operation was still running after 900 s", "look at the job list")


def test_a_request_to_azure_that_takes_effect_later_is_not_called_not_done_at_the_first_look(tmp_path: Path) -> None:
    stage, _one = cut_off("start-azure-vm", tmp_path)
    begun = stage.clock.now()

    def later(on: Stage) -> None:
        if on.clock.now() - begun > timedelta(seconds=60):
            on.case = change(on.case, "azure.vms[web01].power_state", "running")

    stage.before_look = later
    [found] = recover(stage.world())

    assert found.word is Finding.DONE, found.evidence


def test_a_request_to_azure_of_which_nothing_shows_for_long_enough_was_not_done(tmp_path: Path) -> None:
    stage, _one = cut_off("start-azure-vm", tmp_path)
    begun = stage.clock.now()

    [found] = recover(stage.world())

    assert found.word is Finding.NOT_DONE
    assert stage.clock.now() - begun >= STILL_MOVING


def test_an_old_request_to_azure_is_judged_at_once(tmp_path: Path) -> None:
    stage, _one = cut_off("start-azure-vm", tmp_path)
    stage.clock.at += timedelta(hours=3)
    begun = stage.clock.now()

    [found] = recover(stage.world())

    assert found.word is Finding.NOT_DONE
    assert stage.clock.now() == begun


@pytest.mark.parametrize(("remedy", "handle"), [("start-azure-vm", TOKEN), ("remove-snapshots", TASK)])
def test_work_whose_end_is_not_seen_is_never_called_not_done(remedy: str, handle: Operation, tmp_path: Path) -> None:
    stage, _one = cut_off(remedy, tmp_path, handle)
    stage.raises["follow"] = RUNNING_STILL

    [found] = recover(stage.world())

    assert found.word is Finding.CANNOT_TELL
    assert "still running" in found.evidence


def test_work_that_the_system_has_forgotten_has_ended_and_what_is_there_decides(tmp_path: Path) -> None:
    stage, _one = cut_off("remove-snapshots", tmp_path, TASK)
    stage.raises["follow"] = WorkGoneError("vCenter", "vCenter no longer knows task-7", "look")

    [found] = recover(stage.world())

    assert found.word is Finding.NOT_DONE


def test_a_clock_that_was_set_back_makes_nobody_wait_for_it(tmp_path: Path) -> None:
    stage, _one = cut_off("set-enable-uuid", tmp_path)
    stage.clock.at -= timedelta(days=1)
    begun = stage.clock.now()

    [found] = recover(stage.world())

    assert found.word is Finding.NOT_DONE
    assert stage.clock.now() - begun <= timedelta(seconds=30)
