"""A plan is refused when anything it rests on has moved: nothing is sent, and the sentence names what moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Word, apply_plan
from failback.changes.change import Change
from tests.changes.cases import ADDED_DISK, EXAMPLES, LSI, PARAVIRTUAL
from tests.changes.cases_around_machines import MOVES_AROUND_MACHINES, NETWORK
from tests.changes.stage import MT, SNAPSHOTS, Stage, planned, yes, yes_and_keep
from tests.estates.changing import GONE, change, days_ago
from tests.estates.ready import ready_case
from tests.estates.ready_azure import CONTAINER
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen
from wizard_steps.sizes import GIB

WEB01 = "vcenter.machines[web01]"
NAMESAKE = "vcenter.machines[vm-21]"
POLICIES = ready_case().azure.policies.value
MAPPINGS = ready_case().server.value.mappings.value

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
    "swap-to-lsi": {
        "SCSI controllers": (f"{MT}.controllers", (LSI, PARAVIRTUAL, replace(PARAVIRTUAL, key=1002, bus_number=2))),
        "changeVersion": (f"{MT}.change_version", "another"),
        "powerState": (f"{MT}.power_state", "poweredOff"),
        "snapshots": (f"{MT}.snapshots", SNAPSHOTS),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "rename-colliding-vm": {
        "name": (f"{NAMESAKE}.name", "somebody's"),
        "powerState": (f"{NAMESAKE}.power_state", "poweredOn"),
        "instanceUuid": (f"{NAMESAKE}.instance_uuid", "another"),
    },
    "move-master-target-host": {
        "ESXi host": (f"{MT}.host_ref", "host-1"),
        "powerState": (f"{MT}.power_state", "poweredOff"),
        "datastores": (f"{MT}.datastore_refs", ("datastore-1", "datastore-2")),
        "host connection": ("vcenter.hosts[host-1].connection_state", "disconnected"),
        "host in maintenance": ("vcenter.hosts[host-1].in_maintenance", True),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "mount-vmware-tools": {
        "installer mounted": (f"{MT}.tools_installer_mounted", True),
        "powerState": (f"{MT}.power_state", "poweredOff"),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "upgrade-vmware-tools": {
        "VMware Tools": (f"{MT}.tools_version_status", "guestToolsTooOld"),
        "powerState": (f"{MT}.power_state", "poweredOff"),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "start-configuration-server": {
        "powerState": ("vcenter.machines[CS01].power_state", "suspended"),
        "instanceUuid": ("vcenter.machines[CS01].instance_uuid", "another"),
    },
    "create-failback-policy": {
        "policy": ("azure.policies", POLICIES),
        "failback policies": ("azure.policies", POLICIES),
    },
    "map-failback-policy": {
        f"{CONTAINER}/replicationProtectionContainerMappings/failback": ("server.mappings", MAPPINGS),
        "mappings": ("server.mappings", ()),
        "policies": ("azure.policies[to-azure-failback]", GONE),
    },
    "reset-connection": {
        "status": ("azure.gateways[0].connections[0].status", "Connecting"),
        "kind": ("azure.gateways[0].connections[0].kind", "ExpressRoute"),
    },
    **MOVES_AROUND_MACHINES,
    "renew-certificate": {"certificate expires": ("server.certificate_expires", days_ago(-8))},
    "add-retention-disk": {
        "SCSI(0:1)": (f"{MT}.disks", lambda disks: (*disks, replace(ADDED_DISK, capacity=1))),
        "changeVersion": (f"{MT}.change_version", "another"),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "format-retention-volume": {
        "R:\\": (f"{MT}.guest_volumes", ready_case().targets.value[0].vm.value.guest_volumes.value),
        "disk": (f"{MT}.disks[1].capacity", 1025 * GIB),
        "disk.EnableUUID": (f"{MT}.extra_config", {}),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
        "master target": ("server.master_targets[MT01].id", "another"),
        "powerState": (f"{MT}.power_state", "suspended"),
        "toolsRunningStatus": (f"{MT}.tools_running", "guestToolsNotRunning"),
    },
}

# Where the moved value leaves nothing to change, the sentence says that instead of the value's name.
SAID_OTHERWISE = {
    ("attach-moved-disks", "SCSI(0:1)"): "is taken",
    ("add-network-adapter", f"network adapter on {NETWORK}"): "already as wanted",
    ("add-retention-disk", "SCSI(0:1)"): "is taken",
    ("format-retention-volume", "R:\\"): "has a volume",
    ("format-retention-volume", "powerState"): "not powered on",
    ("format-retention-volume", "toolsRunningStatus"): "VMware Tools",
    ("rename-colliding-vm", "name"): "the plan calls it web01",
    ("consolidate-disks", "snapshots"): "snapshots",
    ("exclude-from-drs", "overrides allowed"): "ignores",
    ("exclude-from-drs", "cluster"): "cluster",
    ("power-off-source-vm", "powerState"): "not powered on",
    ("move-master-target-host", "ESXi host"): "already as wanted",
    ("move-master-target-host", "host connection"): "not connected",
    ("move-master-target-host", "host in maintenance"): "in maintenance",
    ("mount-vmware-tools", "installer mounted"): "already as wanted",
    ("mount-vmware-tools", "powerState"): "power it on first",
    ("upgrade-vmware-tools", "powerState"): "does not run",
    ("create-failback-policy", "policy"): "already as wanted",
    ("create-failback-policy", "failback policies"): "already as wanted",
    ("map-failback-policy", f"{CONTAINER}/replicationProtectionContainerMappings/failback"): "already as wanted",
    ("map-failback-policy", "policies"): "is gone",
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
    for path in (
        "vcenter.machines",
        "vcenter.account_grants",
        "azure.configuration_servers",
        "azure.policies",
        "azure.gateways",
    ):
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
