"""How a change wants to be confirmed where its remedy alone does not say it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from failback.changes import Confirmation, Weight, Word, apply_plan, weight_of
from failback.changes.change import Call
from tests.changes.cases import EXAMPLES
from tests.changes.stage import Stage, planned, yes
from tests.estates.changing import change


def test_a_machine_that_is_asked_to_shut_down_wants_a_yes_and_one_that_is_cut_off_the_name(tmp_path: Path) -> None:
    example = EXAMPLES["power-off-source-vm"]
    case = change(example.case, "vcenter.machines[web01].tools_running", "guestToolsNotRunning")
    gentle, hard = (planned(one, "power-off-source-vm", **example.finding) for one in (example.case, case))
    stage = Stage(case, tmp_path)

    assert (weight_of(gentle), weight_of(hard)) == (Weight.DISRUPTIVE, Weight.IRREVERSIBLE)
    [outcome] = apply_plan(stage.plan(hard), stage.world(), lambda _one: Confirmation(agreed=True))

    assert outcome.word is Word.DECLINED
    assert stage.sent == []


def test_what_deletes_a_disk_with_its_file_wants_the_name() -> None:
    one = planned(EXAMPLES["set-enable-uuid"].case, "set-enable-uuid")
    spec = {"deviceChange": [{"operation": "remove", "fileOperation": "destroy", "device": {}}]}

    assert weight_of(one) is Weight.HARMLESS
    assert weight_of(replace(one, calls=(Call("vcenter", "ReconfigVM_Task", {"spec": spec}),))) is Weight.IRREVERSIBLE


def test_a_machine_that_was_suspended_in_between_does_not_count_as_shut_down(tmp_path: Path) -> None:
    example = EXAMPLES["power-off-source-vm"]
    one = planned(example.case, "power-off-source-vm", **example.finding)
    stage = Stage(example.case, tmp_path, {"ShutdownGuest": {"vcenter.machines[web01].power_state": "suspended"}})

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)

    assert outcome.word is Word.NOT_VERIFIED
    assert "suspended" in outcome.evidence
