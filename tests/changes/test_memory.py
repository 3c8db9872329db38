"""What the program remembers: first sights stay, ids compare without case, and a spoilt file is set aside."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from failback.changes import MemoryStore
from failback.changes.memory import remember
from failback.errors import HomeError
from tests.estates.changing import change
from tests.estates.ready import ready_case
from tests.estates.ready_azure import NOW
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


def test_what_was_seen_first_is_not_overwritten_by_what_changed() -> None:
    case = ready_case()
    known = remember(Memory(), case)
    moved = change(case, f"{MT}.disks[1].file_name", "[vmfs-02] MT01/MT01_1.vmdk")
    moved = change(moved, "server.ip_address", "10.9.9.9")

    assert remember(known, moved) == known


def test_a_disk_that_appears_on_a_known_master_target_counts_as_added_when_it_was_seen() -> None:
    case = ready_case()
    known = remember(Memory(), case)
    disks = case.targets.value[0].vm.value.disks.value
    added = replace(disks[1], key=2002, uuid="disk-10-2", file_name=Outside("[vmfs-01] MT01/MT01_2.vmdk"))

    after = remember(known, change(case, f"{MT}.disks", (*disks, added)))

    assert after.retention_disk_added == {"mt-mt01": NOW}
    assert set(after.disk_files["mt-mt01"]) == {"disk-10-0", "disk-10-1", "disk-10-2"}


@pytest.mark.parametrize("path", ["azure.configuration_servers", "vcenter.machines", f"{MT}.disks"])
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
