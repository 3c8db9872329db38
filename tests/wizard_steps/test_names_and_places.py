"""Names of accounts, UUIDs of disks and places on controllers, each written in more than one way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.ready import ready_case
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.principals import as_vcenter_writes, is_same_principal
from wizard_steps.reading import seen
from wizard_steps.scsi_places import disk_at, free_slots, place_of, slot_of
from wizard_steps.seen_in_vcenter import ScsiController, VirtualMachine


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("svc-asr@vsphere.local", "VSPHERE.LOCAL\\svc-asr", True),
        ("SVC-ASR@vsphere.local", "vsphere.local\\svc-asr", True),
        ("svc@corp.example.com", "CORP\\svc", True),
        ("root", "ROOT", True),
        ("svc@corp.example.com", "LAB\\svc", False),
        ("svc@vsphere.local", "VSPHERE.LOCAL\\svc2", False),
        ("root", "VSPHERE.LOCAL\\root", False),
        ("a@b@vsphere.local", "VSPHERE.LOCAL\\a@b", True),
    ],
)
def test_an_account_is_known_in_either_spelling(one: str, other: str, same: bool) -> None:
    assert is_same_principal(one, other) is same
    assert is_same_principal(other, one) is same


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("svc-asr@vsphere.local", "VSPHERE.LOCAL\\svc-asr"),
        ("CORP\\svc", "CORP\\svc"),
        ("root", "root"),
    ],
)
def test_an_account_is_written_as_vcenter_takes_it(given: str, written: str) -> None:
    assert as_vcenter_writes(given) == written
    assert is_same_principal(given, written)


def test_a_uuid_is_the_same_in_a_file_and_at_a_machine() -> None:
    assert plain_uuid("60 00 C2 93 7b a0 3a 03-9f 22 56 c5 29 93 b7 27") == plain_uuid(
        "6000c293-7ba0-3a03-9f22-56c52993b727"
    )
    assert plain_uuid("6000c293-7ba0-3a03-9f22-56c52993b727") != plain_uuid("6000c293-7ba0-3a03-9f22-56c52993b728")


def mt01() -> VirtualMachine:
    return ready_case().targets.value[0].vm.value


def test_a_disk_is_found_by_its_place_and_its_place_by_the_disk() -> None:
    vm = mt01()
    second = vm.disks.value[1]

    assert slot_of(vm, second) == "SCSI(0:1)"
    assert disk_at(vm, "SCSI(0:1)") is second
    assert place_of(vm, "SCSI(0:1)") == (1000, 1)


@pytest.mark.parametrize("slot", ["SCSI(1:0)", "SCSI(0:1", "SCSI(0:x)", "", "IDE(0:1)"])
def test_a_place_that_is_not_there_is_none(slot: str) -> None:
    assert place_of(mt01(), slot) is None
    assert disk_at(mt01(), slot) is None


def test_free_places_leave_out_disks_the_controllers_own_unit_and_controllers_of_another_kind() -> None:
    vm = mt01()
    more = (*vm.controllers.value, ScsiController(1001, "ParaVirtualSCSIController", 1, "SCSI controller 1"))

    free = free_slots(replace(vm, controllers=seen(more)))

    assert free == tuple(f"SCSI(0:{unit})" for unit in range(2, 16) if unit != 7)
