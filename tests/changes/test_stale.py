"""A plan is refused when anything it rests on has moved: nothing is sent, and the sentence names what moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Word, apply_plan
from failback.changes.change import Change
from tests.changes.cases import EXAMPLES
from tests.changes.stage import MT, SNAPSHOTS, Stage, planned, yes, yes_and_keep
from tests.estates.changing import GONE, change
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen

WEB01 = "vcenter.machines[web01]"

# For every remedy and every value its change rests on (or shows as "now"): how the world can move it.
MOVES: dict[str, dict[str, tuple[str, object]]] = {
    "set-enable-uuid": {
        "changeVersion": (f"{MT}.change_version", "another"),
        "powerState": (f"{MT}.power_state", "poweredOff"),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
        "disk.EnableUUID": (f"{MT}.extra_config", {"disk.EnableUUID": Outside("FALSE")}),
        "flags.diskUuidEnabled": (f"{MT}.disk_uuid_flag", True),
    },
    "remove-snapshots": {
        "snapshots": (f"{MT}.snapshots", SNAPSHOTS[:1]),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "consolidate-disks": {
        "longest disk chain": (f"{MT}.longest_disk_chain", 3),
        "consolidationNeeded": (f"{MT}.consolidation_needed", False),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
        "snapshots": (f"{MT}.snapshots", SNAPSHOTS),
    },
    "exclude-from-drs": {
        "DRS override": ("vcenter.clusters[0].drs_overrides", {"vm-10": True}),
        "drsEnabled": ("vcenter.clusters[0].drs_enabled", False),
        "overrides allowed": ("vcenter.clusters[0].drs_overrides_allowed", False),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
        "cluster": ("vcenter.hosts[host-1].cluster_ref", None),
    },
    "exclude-from-storage-drs": {
        "Storage DRS override in pod-1 (group-p1)": ("vcenter.pods[0].overrides", {"vm-10": (True, None)}),
        "pods": ("vcenter.pods[0].enabled", False),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "power-cycle": {
        "powerState": (f"{MT}.power_state", "poweredOff"),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
        "powered on since": (f"{MT}.boot_time", SNAPSHOTS[0].created_at),
    },
    "power-off-source-vm": {
        "powerState": (f"{WEB01}.power_state", "poweredOff"),
        "instanceUuid": (f"{WEB01}.instance_uuid", "another"),
        "VMware Tools runs": (f"{WEB01}.tools_running", "guestToolsNotRunning"),
    },
    "start-azure-vm": {"power state": ("azure.vms[web01].power_state", "stopped")},
    "refresh-configuration-server": {
        "providers": ("server.providers[0].id", "another"),
        "last refresh by this program": ("memory.refreshed", None),
    },
}

# Where the moved value leaves nothing to change, the sentence says that instead of the value's name.
SAID_OTHERWISE = {
    ("consolidate-disks", "snapshots"): "snapshots",
    ("exclude-from-drs", "overrides allowed"): "ignores",
    ("exclude-from-drs", "cluster"): "cluster",
    ("power-off-source-vm", "powerState"): "not powered on",
}


EVERY_MOVE = [(remedy, value) for remedy, moves in MOVES.items() for value in moves]


def change_of(remedy: str) -> Change:
    return planned(EXAMPLES[remedy].case, remedy, **EXAMPLES[remedy].finding)


@pytest.mark.parametrize("remedy", EXAMPLES)
def test_there_is_a_move_for_every_value_a_change_rests_on(remedy: str) -> None:
    one = change_of(remedy)

    assert set(MOVES[remedy]) == {*one.rests_on, *one.before}


@pytest.mark.parametrize(("remedy", "value"), EVERY_MOVE)
def test_a_change_is_refused_when_a_value_it_rests_on_has_moved(remedy: str, value: str, tmp_path: Path) -> None:
    path, moved = MOVES[remedy][value]
    stage = Stage(EXAMPLES[remedy].case, tmp_path)
    one = change_of(remedy)
    if path.startswith("memory"):
        stage.memory.note_refresh(one.target.ref, SNAPSHOTS[0].created_at)
    else:
        stage.case = change(stage.case, path, moved)
    asked: list[Change] = []

    [outcome] = apply_plan(stage.plan(one), stage.world(), yes_and_keep(asked))

    assert outcome.word is Word.STALE
    assert SAID_OTHERWISE.get((remedy, value), value) in outcome.evidence
    assert (stage.sent, asked, stage.journal.history()) == ([], [], ())


@pytest.mark.parametrize("remedy", EXAMPLES)
def test_a_value_that_can_no_longer_be_read_is_no_reason_to_go_on(remedy: str, tmp_path: Path) -> None:
    stage = Stage(EXAMPLES[remedy].case, tmp_path)
    for path in ("vcenter.machines", "azure.configuration_servers"):
        stage.case = change(stage.case, path, not_seen("denied"))
    if remedy == "start-azure-vm":
        stage.case = change(stage.case, "azure.vms[web01]", not_seen("denied"))

    [outcome] = apply_plan(stage.plan(change_of(remedy)), stage.world(), yes)

    assert outcome.word is Word.FAILED
    assert "denied" in outcome.evidence
    assert stage.sent == []


def test_a_target_that_is_gone_is_named(tmp_path: Path) -> None:
    stage = Stage(change(EXAMPLES["set-enable-uuid"].case, "vcenter.machines[MT01]", GONE), tmp_path)

    [outcome] = apply_plan(stage.plan(change_of("set-enable-uuid")), stage.world(), yes)

    assert (outcome.word, stage.sent) == (Word.STALE, [])


@pytest.mark.parametrize(
    "forge",
    [
        lambda one: replace(one, calls=(replace(one.calls[0], method="Destroy_Task"),)),
        lambda one: replace(one, calls=(*one.calls, one.calls[0])),
        lambda one: replace(one, after={**one.after, "more": 1}),
        lambda one: replace(one, privileges=()),
        lambda one: replace(one, rests_on={}),
        lambda one: replace(one, before={}),
    ],
)
def test_a_plan_that_says_anything_but_what_the_remedy_would_do_is_refused(
    forge: Callable[[Any], Any], tmp_path: Path
) -> None:
    stage = Stage(EXAMPLES["remove-snapshots"].case, tmp_path)

    [outcome] = apply_plan(stage.plan(forge(change_of("remove-snapshots"))), stage.world(), yes)

    assert outcome.word is Word.STALE
    assert stage.sent == []


def test_what_is_shown_is_made_here_and_not_taken_from_the_file(tmp_path: Path) -> None:
    stage = Stage(EXAMPLES["remove-snapshots"].case, tmp_path)
    forged = replace(
        change_of("remove-snapshots"), title="Look at MT01", disturbs="nothing", reversible=True, undo="easy"
    )
    shown: list[Change] = []

    apply_plan(stage.plan(forged), stage.world(), yes_and_keep(shown))

    assert shown == [change_of("remove-snapshots")]


def test_a_snapshot_made_while_the_operator_was_thinking_is_noticed_before_anything_is_sent(tmp_path: Path) -> None:
    stage = Stage(EXAMPLES["remove-snapshots"].case, tmp_path)

    def slow(one: Change) -> Any:
        stage.clock.sleep(31)
        stage.case = change(stage.case, f"{MT}.snapshots", (*SNAPSHOTS, replace(SNAPSHOTS[0], ref="snapshot-3")))
        return yes(one)

    [outcome] = apply_plan(stage.plan(change_of("remove-snapshots")), stage.world(), slow)

    assert outcome.word is Word.STALE
    assert "snapshots" in outcome.evidence
    assert stage.sent == []
