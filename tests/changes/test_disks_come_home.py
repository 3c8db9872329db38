"""Disks of machines that hung on a master target and were moved along: attached, remembered, and home at last."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Confirmation, Word, apply_plan
from failback.changes.journal import Origin
from failback.changes.memory import remember
from failback.changes.recovery import Finding as Became
from failback.changes.recovery import recover
from failback.rehearsal import description as described
from failback.rehearsal import on_premises
from tests.changes.cases import EXAMPLES
from tests.changes.ready_site import Site
from tests.changes.stage import Stage, planned
from tests.changes.test_moved_disks import LOST, MOVED_TO, MT01, devices, disks, lose_a_disk, reprotect
from tests.estates.changing import change
from wizard_steps.requirement import Finding, Status

WEB01 = on_premises.vm_ref("web01")
FILE = "[vmfs-02] MT01_moved/web01.vmdk"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def take(site: Site, ref: str, key: int) -> Any:
    """Take a disk away from a VM."""
    disk = disks(site, ref)[key]
    site.store.set(ref, {"config.hardware.device": [one for one in devices(site, ref) if one.key != key]})
    return disk


def hang(site: Site, ref: str, disk: Any, key: int, unit: int) -> None:
    """Hang a disk on a VM."""
    there = copy.deepcopy(disk)
    there.key, there.unitNumber = key, unit
    site.store.set(ref, {"config.hardware.device": [*devices(site, ref), there]})


def reprotected(site: Site) -> Any:
    """Let web01 replicate back through MT01, on which its first disk hangs; return that disk."""
    site.look()
    reprotect(site)
    disk = take(site, WEB01, 2000)
    hang(site, MT01, disk, 2005, 5)
    site.look()
    return disk


def fail_back(site: Site) -> None:
    site.arm.edit(described.item_id("web01"), lambda body: body["properties"].update(activeLocation="Recovery"))


def reverse_replication_ends(site: Site) -> None:
    site.arm.edit(
        described.item_id("web01"),
        lambda body: body["properties"]["providerSpecificDetails"].update(instanceType="InMageAzureV2"),
    )


def moved_and_failed_back(site: Site) -> Any:
    """Let a Storage vMotion have moved the disk, and somebody have taken it from MT01 after the failback."""
    disk = reprotected(site)
    fail_back(site)
    take(site, MT01, 2005)
    site.wire.files.put(FILE, disk.backing.uuid, disk.capacityInBytes)
    return disk


def row(site: Site) -> Finding:
    report = site.engine.judge(site.look())
    return next(
        one for one in report.findings if one.requirement.id == "mt-svmotion-recovery" and one.subject.name == "MT01"
    )


def test_the_disk_of_a_machine_that_failed_back_is_attached_to_the_machine_itself(site: Site) -> None:
    disk = moved_and_failed_back(site)
    assert row(site).status is Status.FAIL

    one = site.plan("attach-moved-disks")
    assert (one.target.kind, one.target.name, list(one.after)) == ("machine", "web01", ["SCSI(0:0)"])
    done = site.done(one)

    [there] = [each for each in disks(site, WEB01).values() if each.backing.uuid == disk.backing.uuid]
    assert there.backing.fileName == FILE
    assert disk.backing.uuid not in [each.backing.uuid for each in disks(site).values()]
    assert row(site).status is Status.PASS
    site.undone(done)
    assert site.wire.files.loose[FILE].uuid == disk.backing.uuid
    assert row(site).status is Status.FAIL


def test_without_its_name_nothing_is_attached(site: Site) -> None:
    moved_and_failed_back(site)
    one = site.plan("attach-moved-disks")
    empty = site.engine.plan(site.engine.case(), site.engine.judge(site.engine.case()), [])

    [outcome] = site.engine.apply(replace(empty, changes=(one,)), lambda _one: Confirmation(agreed=True, typed="MT01"))

    assert outcome.word is Word.DECLINED
    assert FILE in site.wire.files.loose


def test_a_disk_is_still_looked_for_when_the_last_machine_no_longer_replicates_back(site: Site) -> None:
    moved_and_failed_back(site)
    reverse_replication_ends(site)

    assert row(site).status is Status.FAIL
    assert row(site).status is Status.FAIL, "a look does not forget it"
    site.done(site.plan("attach-moved-disks"))
    assert row(site).status is Status.NOT_APPLICABLE


def test_a_disk_that_still_hangs_on_the_master_target_is_known_for_its_machines_own_afterwards(site: Site) -> None:
    disk = reprotected(site)
    moved = devices(site)
    next(one for one in moved if one.key == 2005).backing.fileName = FILE
    site.store.set(MT01, {"config.hardware.device": moved})
    reverse_replication_ends(site)
    site.look()

    take(site, MT01, 2005)
    site.wire.files.put(FILE, disk.backing.uuid, disk.capacityInBytes)

    assert site.plan("attach-moved-disks").target.name == "web01"


def test_a_machine_that_came_home_with_all_its_disks_is_no_failure(site: Site) -> None:
    disk = reprotected(site)
    fail_back(site)
    take(site, MT01, 2005)
    hang(site, WEB01, disk, 2000, 0)
    calls = len(site.wire.calls)

    assert row(site).status is Status.PASS
    assert "SearchDatastoreSubFolders_Task" not in {one.name for one in site.wire.calls[calls:]}


def test_what_still_replicates_back_gets_its_disk_on_the_master_target(site: Site) -> None:
    disk = reprotected(site)
    take(site, MT01, 2005)
    site.wire.files.put(FILE, disk.backing.uuid, disk.capacityInBytes)

    one = site.plan("attach-moved-disks")

    assert (one.target.kind, one.target.name, list(one.after)) == ("master-target", "MT01", ["SCSI(0:5)"])


def test_a_machine_that_fails_back_after_the_plan_makes_it_stale(site: Site) -> None:
    disk = reprotected(site)
    take(site, MT01, 2005)
    site.wire.files.put(FILE, disk.backing.uuid, disk.capacityInBytes)
    one = site.plan("attach-moved-disks")
    fail_back(site)

    outcome = site.apply(one)

    assert outcome.word is Word.STALE
    assert "belongs on web01 now" in outcome.evidence
    assert FILE in site.wire.files.loose


def test_where_a_verified_change_attached_a_disk_is_its_place_and_a_move_from_there_still_shows(site: Site) -> None:
    lose_a_disk(site)
    assert row(site).status is Status.FAIL
    site.done(site.plan("attach-moved-disks"))
    assert row(site).status is Status.PASS

    moved = devices(site)
    next(one for one in moved if one.key == LOST).backing.fileName = "[vmfs-01] elsewhere/MT01_1.vmdk"
    site.store.set(MT01, {"config.hardware.device": moved})

    assert row(site).status is Status.FAIL
    assert "is now [vmfs-01] elsewhere/MT01_1.vmdk" in row(site).evidence


def test_what_an_interrupted_change_attached_is_remembered_when_it_is_found_out(tmp_path: Path) -> None:
    example = EXAMPLES["attach-moved-disks"]
    one = planned(example.case, "attach-moved-disks", **example.finding)
    stage = Stage(example.case, tmp_path, dict(example.effects))
    stage.journal.intent(one, Origin("osaka-dr", False, "sha256:…"))
    stage.world().wire("vcenter").send(one.calls[0])

    [found] = recover(stage.world())

    assert found.word is Became.DONE
    assert stage.memory.load().attached_files == {"mt-mt01": {"disk-10-1": MOVED_TO}}


def test_when_no_machine_replicates_back_any_more_the_places_of_its_own_disks_are_forgotten(tmp_path: Path) -> None:
    example = EXAMPLES["attach-moved-disks"]
    one = planned(example.case, "attach-moved-disks", **example.finding)
    stage = Stage(example.case, tmp_path, dict(example.effects))
    [outcome] = apply_plan(stage.plan(one), stage.world(), lambda each: Confirmation(True, each.target.name))
    assert outcome.word is Word.VERIFIED, outcome.evidence
    known = stage.memory.load()
    assert known.attached_files == {"mt-mt01": {"disk-10-1": MOVED_TO}}

    after = remember(known, change(stage.case, "azure.protected_items[web01].instance_type", "InMageAzureV2"))

    assert after.attached_files == {"mt-mt01": {}}
    assert after.disk_files["mt-mt01"]["disk-10-1"] == MOVED_TO
