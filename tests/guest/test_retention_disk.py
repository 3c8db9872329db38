"""A disk for retention is added on an LSI Logic controller, large enough, beside the VM, and taken away only while empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import REMEDIES, Change, Offer, Word, offers
from failback.changes.add_retention_disk import AddRetentionDisk, wanted_bytes
from failback.changes.remedy import CannotChange
from failback.errors import UsageError
from failback.opening import open_rehearsal
from failback.rehearsal.on_premises import vm_ref
from failback.rehearsal.virtual_hardware import guest_volume
from tests.changes.stage import MT, finding, planned
from tests.estates.changing import change_all
from tests.estates.ready import ready_case
from tests.guest.conftest import yes
from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen
from wizard_steps.seen_in_vcenter import ScsiController, VirtualDisk
from wizard_steps.sizes import GIB

REMEDY = "add-retention-disk"
NEEDS_ONE: Mapping[str, object] = {
    f"{MT}.disks": lambda disks: disks[:1],
    f"{MT}.guest_volumes": lambda volumes: volumes[:1],
}
"""MT01 as it is before anybody gave it a retention disk."""


def case_with(changes: Mapping[str, object] | None = None) -> Case:
    return change_all(ready_case(), {**NEEDS_ONE, **(changes or {})})


def disk(key: int, unit: int, *, controller: int = 1000, capacity: int = 631 * GIB) -> VirtualDisk:
    file = Outside(f"[vmfs-01] MT01/MT01_{key}.vmdk")
    return VirtualDisk(key, f"Hard disk {key}", controller, unit, capacity, "datastore-1", file, f"uuid-{key}")


def device(change: Change) -> Any:
    [row] = change.calls[0].args["spec"]["deviceChange"]
    return row


def refusal(case: Case) -> str:
    with pytest.raises(CannotChange) as refused:
        planned(case, REMEDY)
    return refused.value.reason


def test_the_disk_lies_beside_the_vm_on_the_first_free_place_and_is_guarded() -> None:
    change = planned(case_with(), REMEDY)

    assert change.before == {"SCSI(0:1)": None}
    assert change.after == {"SCSI(0:1)": {"GiB": 587, "datastore": "vmfs-01"}}
    spec = change.calls[0].args["spec"]
    assert spec["changeVersion"] == change.rests_on["changeVersion"]
    added = device(change)
    assert (added["operation"], added["fileOperation"]) == ("add", "create")
    assert (added["device"]["controllerKey"], added["device"]["unitNumber"]) == (1000, 1)
    assert added["device"]["backing"]["datastore"]["value"] == "datastore-1"
    assert "587 GiB" in change.title


def test_it_is_as_large_as_the_rule_on_its_size_wants() -> None:
    case = case_with()
    target = case.targets.value[0]
    assert wanted_bytes(case, target) > case.limits.retention_free_gb * 10**9
    larger = replace(case, limits=replace(case.limits, retention_free_gb=2000))
    assert wanted_bytes(larger, larger.targets.value[0]) > 2000 * 10**9
    linux = case_with({"server.master_targets[*].os_type": "Linux"})
    assert wanted_bytes(linux, linux.targets.value[0]) > 10**12


def test_the_place_of_the_controller_itself_is_never_taken() -> None:
    taken = tuple(disk(2000 + unit, unit) for unit in range(7))
    used = {f"{MT}.guest_volumes[0].disk_keys": tuple(one.key for one in taken)}
    change = planned(case_with({f"{MT}.disks": lambda _: taken, **used}), REMEDY)
    assert list(change.after) == ["SCSI(0:8)"]


def test_only_an_lsi_logic_controller_gets_it() -> None:
    others = (
        ScsiController(1000, "ParaVirtualSCSIController", 0, "SCSI controller 0", (2000,)),
        ScsiController(1001, "LsiLogicController", 1, "SCSI controller 1"),
    )
    assert list(planned(case_with({f"{MT}.controllers": lambda _: others}), REMEDY).after) == ["SCSI(1:0)"]
    assert "add a controller" in refusal(case_with({f"{MT}.controllers": lambda _: others[:1]}))


def test_a_full_controller_takes_no_more() -> None:
    full = tuple(disk(2000 + unit, unit) for unit in range(16))
    used = {f"{MT}.guest_volumes[0].disk_keys": tuple(one.key for one in full)}
    assert "free place" in refusal(case_with({f"{MT}.disks": lambda _: full, **used}))


def test_a_disk_without_a_volume_is_formatted_before_another_is_added() -> None:
    assert "format that one" in refusal(case_with({f"{MT}.disks": lambda disks: (*disks, disk(2001, 1))}))


def test_a_datastore_without_room_gets_no_disk() -> None:
    assert "vmfs-01" in refusal(case_with({"vcenter.datastores[vmfs-01].free": 500 * GIB}))


def test_what_it_rests_on_has_to_be_seen() -> None:
    for path in (f"{MT}.disks", f"{MT}.controllers", f"{MT}.change_version", "vcenter.datastores[vmfs-01].free"):
        case = change_all(case_with(), {path: not_seen("denied")})
        [offer] = offers(case, finding(case, REMEDY))
        assert offer == Offer(REMEDY, None, "not known: denied"), path


def there(case: Case, change: Change) -> Case:
    """Return the case after the disk was added."""
    size = int(change.after["SCSI(0:1)"]["GiB"]) * GIB
    return change_all(case, {f"{MT}.disks": lambda disks: (*disks, disk(2001, 1, capacity=size))})


def test_it_is_verified_at_its_place_and_taken_away_again_while_it_is_empty() -> None:
    case = case_with()
    change = planned(case, REMEDY)
    remedy = REMEDIES[REMEDY]
    assert not remedy.verify(change, case).holds
    after = there(case, change)
    assert remedy.verify(change, after).holds

    back = remedy.undo(change, after)

    assert (back.before, back.after) == (change.after, change.before)
    assert device(back) == {
        "operation": "remove",
        "fileOperation": "destroy",
        "device": {
            "_typeName": "VirtualDisk",
            "key": 2001,
            "controllerKey": 1000,
            "unitNumber": 1,
            "capacityInKB": 587 * 2**20,
        },
    }
    assert "deleted for good" in back.disturbs
    assert remedy.verify(back, case).holds
    assert not remedy.verify(back, after).holds


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        ({f"{MT}.guest_volumes[0].disk_keys": (2000, 2001)}, "a volume of the guest"),
        ({f"{MT}.disks[1].has_parent": True}, "snapshot"),
        ({f"{MT}.disks[1].is_raw_device": True}, "raw device"),
        ({f"{MT}.disks[1].capacity": 999 * GIB}, "no longer as this change left it"),
        ({f"{MT}.guest_volumes[0].disk_keys": not_seen("before vSphere 7.0")}, "before vSphere 7.0"),
    ],
)
def test_a_disk_that_may_hold_something_is_never_deleted(spoiled: Mapping[str, object], why: str) -> None:
    from wizard_steps.reading import NotSeen

    case = case_with()
    change = planned(case, REMEDY)
    after = change_all(there(case, change), spoiled)
    with pytest.raises((CannotChange, NotSeen)) as refused:
        REMEDIES[REMEDY].undo(change, after)
    assert why in refused.value.reason


def test_a_place_that_was_taken_meanwhile_is_refused() -> None:
    case = case_with()
    change = planned(case, REMEDY)
    taken = change_all(case, {f"{MT}.disks": lambda disks: (*disks, disk(2001, 1, capacity=5 * GIB))})
    with pytest.raises(CannotChange, match="taken"):
        AddRetentionDisk().again(change, taken)


# -- on the rehearsal site, through the real pyvmomi


def test_on_the_rehearsal_site_it_is_added_written_down_and_taken_away_again(tmp_path: Path) -> None:
    engine = open_rehearsal("faulty", home=tmp_path)
    case = engine.look()
    engine._read_azure = lambda *_: case.azure  # type: ignore[method-assign]
    report = engine.judge(case)
    wanted = [
        one for one in report.findings if one.requirement.id == "ret-drive-present" and one.status.value == "fail"
    ]
    [change] = engine.plan(case, report, wanted).changes
    assert change.id == "add-retention-disk:MT02"

    [outcome] = engine.apply(engine.plan(case, report, wanted), yes)

    assert outcome.word is Word.VERIFIED, outcome.evidence
    assert engine.rehearsal is not None
    store, ref = engine.rehearsal.store, vm_ref("MT02")
    [disk_there] = [one for one in store.get(ref, "config.hardware.device") if getattr(one, "key", 0) == 2001]
    assert disk_there.backing.fileName.startswith("[vmfs-02] MT02/")
    assert outcome.entry_id is not None

    store.set(ref, {"guest.disk": [*store.get(ref, "guest.disk"), guest_volume("/mnt/retention", 1076, "ext4", 2001)]})
    with pytest.raises(UsageError, match="a volume of the guest"):
        engine.undo(outcome.entry_id, yes)

    store.set(ref, {"guest.disk": store.get(ref, "guest.disk")[:-1]})
    assert engine.undo(outcome.entry_id, yes).word is Word.VERIFIED
    assert [one for one in store.get(ref, "config.hardware.device") if getattr(one, "key", 0) == 2001] == []
