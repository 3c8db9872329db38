"""What the program remembers: first sights stay, ids compare without case, and a spoilt file is set aside."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from failback.changes import MemoryStore
from failback.changes.memory import remember
from failback.errors import HomeError
from tests.estates.changing import change, change_all
from tests.estates.ready import ready_case
from tests.estates.ready_azure import NOW
from wizard_steps.case import Case
from wizard_steps.estate import Memory
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen

MT = "vcenter.machines[MT01]"


def test_nothing_is_remembered_before_the_first_look(tmp_path: Path) -> None:
    assert MemoryStore(tmp_path).load() == Memory()


def test_a_look_is_remembered_by_the_next_start_of_the_program(tmp_path: Path) -> None:
    case = ready_case()
    MemoryStore(tmp_path).note(case)

    known = MemoryStore(tmp_path).load()

    server = case.server.value
    assert known.configuration_server_addresses == {server.id.casefold(): server.ip_address.value}
    assert known.disk_files == {
        "mt-mt01": {"disk-10-0": "[vmfs-01] MT01/MT01.vmdk", "disk-10-1": "[vmfs-01] MT01/MT01_1.vmdk"}
    }
    assert known.retention_disk_added == {}
    assert stat.S_IMODE((tmp_path / "memory.json").stat().st_mode) == 0o600


def test_a_refresh_is_remembered_beside_it(tmp_path: Path) -> None:
    store = MemoryStore(tmp_path)
    store.note(ready_case())
    store.note_refresh("/Subscriptions/X", NOW)

    assert store.load().refreshed == {"/subscriptions/x": NOW}
    assert store.load().disk_files


def reprotected_case() -> Case:
    """The ready case with web01 replicating back through MT01 already."""
    return change_all(
        ready_case(),
        {
            "azure.protected_items[web01].instance_type": "InMage",
            "azure.protected_items[web01].master_target_id": "mt-MT01",
        },
    )


MOVED = {f"{MT}.disks[1].file_name": "[vmfs-02] MT01/MT01_1.vmdk"}


def test_the_first_address_of_a_configuration_server_is_kept() -> None:
    known = remember(Memory(), ready_case())

    assert remember(known, change(ready_case(), "server.ip_address", "10.9.9.9")) == known


def test_disks_are_followed_until_a_machine_is_reprotected_through_their_master_target() -> None:
    known = remember(Memory(), ready_case())

    after = remember(known, change_all(ready_case(), MOVED))

    assert after.disk_files["mt-mt01"]["disk-10-1"] == "[vmfs-02] MT01/MT01_1.vmdk"


def test_from_then_on_where_a_disk_was_first_seen_is_kept() -> None:
    known = remember(Memory(), ready_case())

    assert remember(known, change_all(reprotected_case(), MOVED)) == known


def test_a_master_target_that_was_never_seen_before_a_machine_was_reprotected_stays_unknown() -> None:
    assert remember(Memory(), reprotected_case()).disk_files == {}


def with_one_more_disk(case: Case) -> Case:
    disks = case.targets.value[0].vm.value.disks.value
    added = replace(disks[1], key=2002, uuid="disk-10-2", file_name=Outside("[vmfs-01] MT01/MT01_2.vmdk"))
    return change(case, f"{MT}.disks", (*disks, added))


def test_a_disk_that_appears_on_a_known_master_target_counts_as_added_when_it_was_seen() -> None:
    known = remember(Memory(), ready_case())

    after = remember(known, with_one_more_disk(ready_case()))

    assert after.retention_disk_added == {"mt-mt01": NOW}
    assert set(after.disk_files["mt-mt01"]) == {"disk-10-0", "disk-10-1", "disk-10-2"}


def test_a_disk_of_a_reprotected_machine_is_no_retention_disk() -> None:
    known = remember(Memory(), ready_case())

    after = remember(known, with_one_more_disk(reprotected_case()))

    assert after.retention_disk_added == {}
    assert "disk-10-2" in after.disk_files["mt-mt01"]


@pytest.mark.parametrize(
    "path", ["azure.configuration_servers", "azure.protected_items", "vcenter.machines", f"{MT}.disks"]
)
def test_what_was_not_seen_changes_nothing(path: str) -> None:
    known = remember(Memory(), ready_case())

    assert remember(known, change(ready_case(), path, not_seen("denied"))) == known


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"schema_version": 9}', b'{"schema_version": 1}', b"\xff"]
)
def test_a_file_that_cannot_be_understood_is_set_aside_and_never_in_the_way(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "memory.json").write_bytes(content)
    (tmp_path / "memory.json").chmod(0o600)

    assert MemoryStore(tmp_path).load() == Memory()
    assert (tmp_path / "memory.json.unreadable").read_bytes() == content


def test_a_memory_that_others_may_write_to_is_not_believed(tmp_path: Path) -> None:
    MemoryStore(tmp_path).note(ready_case())
    (tmp_path / "memory.json").chmod(0o666)

    with pytest.raises(HomeError):
        MemoryStore(tmp_path).load()


def test_without_a_folder_the_memory_ends_with_the_program() -> None:
    store = MemoryStore(None)
    store.note(ready_case())
    store.note_refresh("fabric", NOW)

    assert store.load().refreshed == {"fabric": NOW}
    assert MemoryStore(None).load() == Memory()
