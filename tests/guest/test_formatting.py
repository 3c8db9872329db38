"""Formatting the retention disk inside: only the one disk that can be meant, and never without looking again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from failback.changes import REMEDIES, Change, Weight
from failback.changes.format_retention_volume import FormatRetentionVolume
from failback.changes.look_inside import PRIVILEGES
from failback.changes.remedy import CannotChange
from failback.guest.programs import FORMAT, LINUX, LOOK, WINDOWS
from tests.changes.stage import MT, planned
from tests.estates.changing import change_all
from tests.estates.ready import ready_case
from tests.estates.ready_azure import NOW
from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, not_seen, seen
from wizard_steps.seen_in_guest import RawDisk, SeenInGuest, VolumeInside
from wizard_steps.seen_in_vcenter import GuestVolume, VirtualDisk
from wizard_steps.sizes import GIB

REMEDY = "format-retention-volume"
UUID = "6000C29a-1b2c-3d4e-5f60-718293a4b5c6"
SERIAL = "6000c29a1b2c3d4e5f60718293a4b5c6"
SIZE = 1024 * GIB
BLANK: Mapping[str, object] = {
    f"{MT}.guest_volumes": lambda volumes: volumes[:1],
    f"{MT}.disks[1].uuid": UUID,
    "server.master_targets[MT01].retention_volumes": (),
}
"""MT01 with its second disk blank."""
AN_MT = "server.master_targets[MT01]"
ON_LINUX = {f"{AN_MT}.os_type": "Linux", "target.retention_volume": "/mnt/retention"}


def case_with(changes: Mapping[str, object] | None = None) -> Case:
    return change_all(ready_case(), {**BLANK, **(changes or {})})


def refusal(changes: Mapping[str, object]) -> str:
    with pytest.raises((CannotChange, NotSeen)) as refused:
        planned(case_with(changes), REMEDY)
    return str(vars(refused.value)["reason"])


def looked(path: str | None = "R:\\", kind: str = "NTFS", blank: tuple[str, ...] = ()) -> SeenInGuest:
    nothing = not_seen("not looked for")
    there = VolumeInside(Outside(path or ""), seen(Outside(kind)), nothing, nothing, nothing, nothing)
    raw = tuple(RawDisk(one, SIZE) for one in blank)
    return SeenInGuest(NOW, (there,) if path else (), seen(()), seen(raw))


def test_it_runs_one_constant_program_with_serial_number_size_and_letter_as_data_then_looks() -> None:
    change = planned(case_with(), REMEDY)

    assert [call.method for call in change.calls] == ["StartProgramInGuest"] * 2
    assert [call.args["program"] for call in change.calls] == [FORMAT[WINDOWS].sha256, LOOK[WINDOWS].sha256]
    assert change.calls[0].args["question"] == [SERIAL, str(SIZE), "R"]
    assert change.before == {"R:\\": None}
    assert change.after == {"R:\\": {"disk": "Hard disk 2", "serial": SERIAL, "bytes": SIZE, "fileSystem": "NTFS"}}
    assert change.rests_on["disk"]["UUID"] == UUID
    assert change.privileges == PRIVILEGES


def test_it_wants_the_name_typed_and_says_what_is_lost() -> None:
    change = planned(case_with(), REMEDY)
    assert REMEDIES[REMEDY].weight is Weight.IRREVERSIBLE
    assert not change.reversible
    assert "Hard disk 2 is destroyed" in change.disturbs
    assert "cannot be taken back" in change.undo


def test_on_linux_it_is_mounted_where_it_was_chosen() -> None:
    change = planned(case_with(ON_LINUX), REMEDY)
    assert change.calls[0].args["question"] == [SERIAL, str(SIZE), "/mnt/retention"]
    assert [call.args["program"] for call in change.calls] == [FORMAT[LINUX].sha256, LOOK[LINUX].sha256]
    assert change.after["/mnt/retention"]["fileSystem"] == "ext4"
    elsewhere = planned(case_with({**ON_LINUX, "target.retention_volume": "/srv/keep/"}), REMEDY)
    assert elsewhere.calls[0].args["question"][2] == "/srv/keep"


@pytest.mark.parametrize(("chosen", "letter"), [(None, "R"), ("r:", "R"), ("S:\\", "S")])
def test_on_windows_it_gets_the_letter_that_was_chosen_or_r(chosen: str | None, letter: str) -> None:
    assert planned(case_with({"target.retention_volume": chosen}), REMEDY).calls[0].args["question"][2] == letter


@pytest.mark.parametrize("chosen", ["C", "A", "RR", "/mnt/retention", "R'", "$(x)", ""])
def test_another_letter_is_never_given(chosen: str) -> None:
    if chosen:
        assert "no place" in refusal({"target.retention_volume": chosen})


@pytest.mark.parametrize(
    "chosen", ["/", "R", "mnt", "/dev/x", "/proc/x", "/mnt/../etc", "/mnt/a b", "/mnt/$(x)", "/mnt//x", "/.ssh"]
)
def test_another_mount_point_is_never_made(chosen: str) -> None:
    assert "no place" in refusal({**ON_LINUX, "target.retention_volume": chosen})


def another(key: int, **more: Any) -> Callable[[tuple[VirtualDisk, ...]], tuple[VirtualDisk, ...]]:
    file = Outside(f"[vmfs-01] MT01/MT01_{key}.vmdk")
    one = VirtualDisk(**{
        "key": key, "label": f"Hard disk {key}", "controller_key": 1000, "unit_number": 2, "capacity": SIZE,
        "datastore_ref": "datastore-1", "file_name": file, "uuid": UUID, **more,
    })  # fmt: skip
    return lambda disks: (*disks, one)


FOREIGN = Outside("[vmfs-01] web01/web01.vmdk")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({f"{MT}.guest_volumes": lambda v: (*v, GuestVolume(Outside("S:\\"), 1, 1, seen("NTFS"), seen((2001,))))},
         "each of its own disks has a volume"),
        ({f"{MT}.guest_volumes[0].path": Outside("R:\\")}, "has a volume R:\\ already"),
        ({f"{MT}.disks": another(2002)}, "nobody can tell which"),
        ({f"{MT}.disks[1].file_name": FOREIGN}, "each of its own disks has a volume"),
        ({f"{MT}.disks[1].has_parent": True}, "snapshot"),
        ({f"{MT}.disks[1].is_raw_device": True}, "raw device"),
        ({f"{MT}.disks[1].capacity": 100 * GIB}, "100 GiB"),
        ({f"{MT}.disks[1].uuid": None}, "UUID"),
        ({f"{MT}.disks[1].uuid": "6000C29a'; reboot"}, "UUID"),
        ({f"{MT}.extra_config": {}}, "disk.EnableUUID"),
        ({f"{MT}.extra_config": {"disk.EnableUUID": Outside("FALSE")}}, "disk.EnableUUID"),
        ({f"{MT}.extra_config": not_seen("denied")}, "denied"),
        ({f"{MT}.disks": not_seen("denied")}, "denied"),
        ({f"{MT}.guest_volumes": not_seen("before vSphere 7.0")}, "before vSphere 7.0"),
        ({f"{MT}.power_state": "poweredOff"}, "not powered on"),
        ({f"{MT}.tools_running": "guestToolsNotRunning"}, "VMware Tools"),
        ({f"{AN_MT}.os_type": "Solaris"}, "neither Windows nor Linux"),
        ({f"{MT}.inside": looked(blank=())}, "showed no blank disk"),
        ({"azure.protected_items": not_seen("denied")}, "denied"),
    ],
)  # fmt: skip
def test_a_disk_that_may_not_be_the_one_is_not_formatted(changes: Mapping[str, object], why: str) -> None:
    assert why in refusal(changes)


def test_a_disk_of_another_machine_beside_it_hides_nothing() -> None:
    change = planned(case_with({f"{MT}.disks": another(2002, file_name=FOREIGN)}), REMEDY)
    assert change.rests_on["disk"]["key"] == 2001


def test_after_machines_are_reprotected_through_it_nothing_on_it_is_formatted() -> None:
    item = "azure.protected_items[0]"
    mine = ready_case().targets.value[0].registered.value.id
    assert "reprotected" in refusal({f"{item}.instance_type": "InMage", f"{item}.master_target_id": mine})


def test_a_look_that_showed_the_disk_blank_agrees() -> None:
    assert planned(case_with({f"{MT}.inside": looked(None, blank=(SERIAL,))}), REMEDY).remedy == REMEDY


def on_disk(kind: str = "NTFS", key: int = 2001, path: str = "R:\\") -> dict[str, object]:
    one = GuestVolume(Outside(path), SIZE, SIZE, seen(kind), seen((key,)))
    return {f"{MT}.guest_volumes": lambda volumes: (*volumes[:1], one)}


@pytest.mark.parametrize(
    ("after", "holds", "told"),
    [
        ({f"{MT}.inside": looked()}, True, "looked inside, R:\\ has the file system NTFS"),
        ({f"{MT}.inside": looked(path="r:")}, True, "NTFS"),
        ({f"{MT}.inside": looked(kind="FAT32")}, False, "FAT32"),
        ({f"{MT}.inside": looked(path="S:\\")}, False, "no volume R:\\"),
        ({f"{MT}.inside": looked(None, blank=(SERIAL,))}, False, "still blank"),
        ({f"{MT}.inside": looked(blank=(SERIAL,))}, False, "still blank"),
        ({f"{MT}.inside": looked(), **on_disk("FAT32")}, True, "NTFS"),
        (on_disk(), True, "VMware Tools report R:\\ with NTFS"),
        (on_disk("FAT"), False, "FAT"),
        (on_disk(key=2000), False, "look inside"),
        (on_disk(path="S:\\"), False, f"serial number {SERIAL} is still blank"),
        ({}, False, "look inside"),
    ],
)
def test_it_is_verified_by_what_the_guest_shows_and_else_by_what_vmware_tools_report(
    after: Mapping[str, object], holds: bool, told: str
) -> None:
    case = case_with()
    found = FormatRetentionVolume().verify(planned(case, REMEDY), change_all(case, after))
    assert (found.holds, told in found.evidence) == (holds, True), found.evidence


@pytest.mark.parametrize(
    ("after", "untouched"),
    [({}, False), ({f"{MT}.inside": looked(None, blank=(SERIAL,))}, True), ({f"{MT}.inside": looked()}, False)],
)
def test_only_a_look_inside_proves_that_nothing_was_done(after: Mapping[str, object], untouched: bool) -> None:
    case = case_with()
    change: Change = planned(case, REMEDY)
    assert FormatRetentionVolume().is_untouched(change, change_all(case, after)) is untouched
