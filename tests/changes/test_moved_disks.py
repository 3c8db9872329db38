"""Disks that a master target had and has no more are found by their UUIDs, attached, and taken away again."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.changes import Word
from failback.changes.remedy import CannotChange
from failback.rehearsal import description as described
from failback.rehearsal import on_premises
from tests.changes.ready_site import Site
from wizard_steps.estate import Memory
from wizard_steps.reading import NotSeen

MT01 = on_premises.vm_ref("MT01")
LOST = 2001
MOVED_TO = "[vmfs-02] MT01_moved/MT01_1.vmdk"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def devices(site: Site, ref: str = MT01) -> list[Any]:
    return [copy.deepcopy(one) for one in site.store.get(ref, "config.hardware.device")]


def disks(site: Site, ref: str = MT01) -> dict[int, Any]:
    return {one.key: one for one in devices(site, ref) if isinstance(one, vim.vm.device.VirtualDisk)}


def reprotect(site: Site, machine: str = "web01") -> None:
    """Let a machine replicate back through MT01."""
    target = next(
        one["id"]
        for one in site.arm.store.raw(described.fabric_id())["properties"]["customDetails"]["masterTargetServers"]
        if one["name"] == "MT01"
    )

    def change(body: dict[str, Any]) -> None:
        body["properties"].update(activeLocation="Primary", protectionState="Protected")
        body["properties"]["providerSpecificDetails"].update(instanceType="InMage", masterTargetId=target)

    site.arm.edit(described.item_id(machine), change)


def lose_a_disk(site: Site, *, file: str = MOVED_TO) -> Any:
    """Let a machine be reprotected through MT01 after a look, then take a disk from it whose file lies elsewhere."""
    site.look()
    reprotect(site)
    lost = disks(site)[LOST]
    site.store.set(MT01, {"config.hardware.device": [one for one in devices(site) if one.key != LOST]})
    if file:
        site.wire.files.put(file, lost.backing.uuid, lost.capacityInBytes)
    return lost


def test_a_disk_that_was_moved_away_is_found_by_its_uuid_and_attached_where_it_hung(site: Site) -> None:
    lost = lose_a_disk(site)
    site.wire.files.put("[vmfs-02] other/MT01_1.vmdk", described.stable_uuid("another"), lost.capacityInBytes)

    one = site.plan("attach-moved-disks")
    outcome = site.done(one)

    there = disks(site)[LOST]
    assert (there.backing.fileName, there.backing.uuid, there.unitNumber) == (
        MOVED_TO,
        lost.backing.uuid,
        lost.unitNumber,
    )
    assert [call.method for call in one.calls] == ["ReconfigVM_Task"]
    assert "fileOperation" not in one.calls[0].args["spec"]["deviceChange"][0]
    assert MOVED_TO not in site.wire.files.loose
    site.undone(outcome)
    assert LOST not in disks(site)
    assert site.wire.files.loose[MOVED_TO].uuid == lost.backing.uuid


def test_where_its_place_is_taken_the_next_free_one_is_used(site: Site) -> None:
    lost = lose_a_disk(site)
    other = copy.deepcopy(lost)
    other.key, other.backing.fileName, other.backing.uuid = 2009, "[vmfs-01] MT01/new.vmdk", described.stable_uuid("n")
    site.store.set(MT01, {"config.hardware.device": [*devices(site), other]})

    one = site.plan("attach-moved-disks")

    [slot] = one.after
    assert slot != f"SCSI(0:{lost.unitNumber})"
    assert site.apply(one).word is Word.VERIFIED


def test_a_disk_that_hangs_on_another_vm_is_left_there_and_its_vm_named(site: Site) -> None:
    lost = lose_a_disk(site, file="")
    web01 = on_premises.vm_ref("web01")
    lost.key = 2005
    lost.unitNumber = 5
    site.store.set(web01, {"config.hardware.device": [*devices(site, web01), lost]})

    with pytest.raises(CannotChange, match="it hangs on web01 now"):
        site.plan("attach-moved-disks")


def test_a_file_that_lies_under_a_snapshot_of_another_vm_is_left_there(site: Site) -> None:
    lost = lose_a_disk(site)
    web01 = on_premises.vm_ref("web01")
    standing = devices(site, web01)
    disk = next(one for one in standing if isinstance(one, vim.vm.device.VirtualDisk))
    disk.backing.parent = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
        fileName=MOVED_TO, diskMode="persistent", uuid=lost.backing.uuid
    )
    site.store.set(web01, {"config.hardware.device": standing})

    with pytest.raises(CannotChange, match="no file with its UUID"):
        site.plan("attach-moved-disks")


def test_of_several_files_with_its_uuid_none_is_attached(site: Site) -> None:
    lost = lose_a_disk(site)
    site.wire.files.put("[vmfs-02] copy/MT01_1.vmdk", lost.backing.uuid, lost.capacityInBytes)

    with pytest.raises(CannotChange, match="several files carry its UUID"):
        site.plan("attach-moved-disks")


def test_a_file_that_only_has_the_right_name_is_not_attached(site: Site) -> None:
    lost = lose_a_disk(site, file="")
    site.wire.files.put(MOVED_TO, described.stable_uuid("another"), lost.capacityInBytes)

    with pytest.raises(CannotChange, match="no file with its UUID"):
        site.plan("attach-moved-disks")


def test_a_raw_device_is_left_to_a_person(site: Site) -> None:
    lost = lose_a_disk(site, file="")
    kind = vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo
    site.wire.files.put(MOVED_TO, lost.backing.uuid, lost.capacityInBytes, kind)

    with pytest.raises(CannotChange, match="no plain virtual disk"):
        site.plan("attach-moved-disks")


def test_what_is_found_is_attached_and_what_is_not_is_said(site: Site) -> None:
    lose_a_disk(site)
    first = disks(site)[2000]
    kept = [one for one in devices(site) if one.key != first.key]
    site.store.set(MT01, {"config.hardware.device": kept})

    one = site.plan("attach-moved-disks")

    assert len(one.after) == 1
    assert "not attached: [vmfs-01] MT01/MT01.vmdk" in one.disturbs


def test_nothing_is_attached_before_a_machine_is_reprotected(site: Site) -> None:
    site.look()

    with pytest.raises(CannotChange, match="no machine is reprotected"):
        site.plan("attach-moved-disks")


def test_without_a_memory_it_says_so(site: Site) -> None:
    lose_a_disk(site)
    site.engine.memory._of_this_run = Memory()

    with pytest.raises(CannotChange, match="nothing is remembered"):
        site.plan("attach-moved-disks")


def test_a_disk_that_moved_and_still_hangs_there_is_no_case_for_it(site: Site) -> None:
    site.look()
    reprotect(site)
    moved = devices(site)
    next(one for one in moved if one.key == LOST).backing.fileName = MOVED_TO
    site.store.set(MT01, {"config.hardware.device": moved})

    with pytest.raises(CannotChange, match="still hangs on it"):
        site.plan("attach-moved-disks")


@pytest.mark.parametrize("call", ["SearchDatastoreSubFolders_Task", "QueryVirtualDiskUuid"])
def test_a_search_that_is_refused_is_not_taken_for_nothing_found(call: str, site: Site) -> None:
    lose_a_disk(site)
    site.wire.fault(call, vim.fault.NoPermission(privilegeId="Datastore.Browse"), times=None)

    with pytest.raises(NotSeen, match=r"lacks the privilege Datastore\.Browse"):
        site.plan("attach-moved-disks")


def test_a_search_that_fails_is_told_with_its_reason(site: Site) -> None:
    lose_a_disk(site)
    site.wire.fault("SearchDatastoreSubFolders_Task", vmodl.fault.SystemError(reason="x", msg="disk error"), times=None)

    with pytest.raises(NotSeen, match="disk error"):
        site.plan("attach-moved-disks")


def test_where_no_disk_is_missing_no_datastore_is_searched(site: Site) -> None:
    site.look()
    reprotect(site)
    site.look()

    names = {one.name for one in site.wire.calls}
    assert not names & {"SearchDatastoreSubFolders_Task", "QueryVirtualDiskUuid"}


def test_a_file_that_is_locked_is_passed_over(site: Site) -> None:
    lose_a_disk(site)
    site.wire.files.put("[vmfs-01] a/locked.vmdk", described.stable_uuid("l"), 2**30)
    site.wire.fault("QueryVirtualDiskUuid", vim.fault.FileLocked(file="x"), skip=1)

    assert site.plan("attach-moved-disks").after


def test_a_file_that_another_vm_took_meanwhile_makes_the_plan_stale(site: Site) -> None:
    lost = lose_a_disk(site)
    one = site.plan("attach-moved-disks")
    del site.wire.files.loose[MOVED_TO]
    web01 = on_premises.vm_ref("web01")
    lost.key, lost.unitNumber, lost.backing.fileName = 2005, 5, MOVED_TO
    site.store.set(web01, {"config.hardware.device": [*devices(site, web01), lost]})

    outcome = site.apply(one)

    assert outcome.word is Word.STALE
    assert "hangs on web01" in outcome.evidence


def test_a_plan_that_was_edited_to_lose_what_is_written_is_refused(site: Site) -> None:
    lose_a_disk(site)
    one = site.plan("attach-moved-disks")
    [(slot, then)] = one.after.items()

    outcome = site.apply(replace(one, after={slot: {**then, "mode": "nonpersistent"}}))

    assert outcome.word is Word.STALE
    assert "attached as nonpersistent" in outcome.evidence


def test_the_place_and_the_mode_of_each_disk_are_remembered(site: Site) -> None:
    site.look()
    [places] = [
        places for target, places in site.engine.memory.load().disk_places.items() if len(places) == len(disks(site))
    ][:1]
    assert {one.slot for one in places.values()} >= {"SCSI(0:0)", "SCSI(0:1)"}
    assert {one.mode for one in places.values()} == {"persistent"}


def test_an_older_memory_without_places_still_finds_the_disks(site: Site) -> None:
    lose_a_disk(site)
    site.engine.memory._of_this_run = replace(site.engine.memory.load(), disk_places={})

    site.done(site.plan("attach-moved-disks"))

    assert LOST in disks(site)
