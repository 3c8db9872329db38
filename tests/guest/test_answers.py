"""An answer from inside is read strictly: what the program does not write tells nothing, and names are only names."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failback.guest.answers import OddAnswerError, read_formatted, read_look
from failback.guest.programs import LINUX, WINDOWS
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading
from wizard_steps.seen_in_guest import RawDisk, SeenInGuest, VolumeInside

AT = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
GIB = 2**30
HOSTILE = ["[/]", "\x1b]0;x\x07", "a'b", 'a"b', "$(reboot)", "a\nb", "a\u202eb", "%s{0}", "\\\\?\\x", "x" * 5000]


def windows(**changes: Any) -> dict[str, Any]:
    volume = {"path": "R:\\", "fileSystem": "NTFS", "lockStatus": 0, "readOnly": False}
    system = {"path": "C:\\", "fileSystem": "NTFS", "lockStatus": 0, "readOnly": False}
    return {
        "format": "failback-look-1",
        "system": "windows",
        "administrator": True,
        "bitLocker": "present",
        "volumes": [system, volume],
        "installed": ["C:\\Program Files (x86)\\Microsoft Azure Site Recovery"],
        "caches": [],
        "blank": [{"serial": " 6000C29A-1B2C-3D4E-5F60-718293A4B5C6", "size": str(600 * GIB)}],
        "end": True,
        **changes,
    }


def mount(target: str, source: str = "/dev/sdb1", kind: str = "ext4", options: str = "rw,relatime") -> dict[str, str]:
    return {"target": target, "source": source, "fstype": kind, "options": options}


def block(name: str, kind: str = "disk", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "size": 10 * GIB, "serial": None, "fstype": None, **more}


def linux(**changes: Any) -> dict[str, Any]:
    disks = [
        block("sda", children=[block("sda1", "part", fstype="ext4")]),
        block("sdb", serial="6000c29a1b2c3d4e5f60718293a4b5c6", size=str(600 * GIB)),
    ]
    return {
        "format": "failback-look-1",
        "system": "linux",
        "administrator": True,
        "mounts": {"filesystems": [mount("/proc", "proc", "proc"), mount("/", "/dev/sda1"), mount("/mnt/retention")]},
        "blocks": {"blockdevices": disks},
        "blank": ["sdb"],
        "installed": [{"filesystems": [{"target": "/"}]}],
        "caches": [],
        "end": True,
        **changes,
    }


def answer_system(make: Callable[..., dict[str, Any]]) -> str:
    return WINDOWS if make is windows else LINUX


def told(answer: dict[str, Any]) -> SeenInGuest:
    return read_look(json.dumps(answer).encode(), answer["system"], AT)


def volume(seen: SeenInGuest, path: str) -> VolumeInside:
    return next(one for one in seen.volumes if one.path.raw == path)


def shown(reading: Reading[Any]) -> Any:
    return reading.value if reading.was_seen else f"not seen: {reading.reason}"


def test_windows_tells_its_volumes_folders_and_blank_disks() -> None:
    seen = told(windows())

    assert [one.path.raw for one in seen.volumes] == ["C:\\", "R:\\"]
    assert volume(seen, "R:\\").locked.value is False
    assert volume(seen, "C:\\").installed.value == (Outside("C:\\Program Files (x86)\\Microsoft Azure Site Recovery"),)
    assert volume(seen, "R:\\").installed.value == ()
    assert seen.raw_disks.value == (RawDisk("6000c29a1b2c3d4e5f60718293a4b5c6", 600 * GIB),)
    assert seen.lvm.value == ()


@pytest.mark.parametrize(
    ("bit_locker", "status", "file_system", "locked"),
    [
        ("present", 1, "", True),
        ("present", 0, "NTFS", False),
        ("absent", None, "NTFS", False),
        ("absent", None, "", "not seen: BitLocker says nothing of it"),
        ("present", None, "NTFS", "not seen: BitLocker says nothing of it"),
        ("unread", None, "NTFS", "not seen: the account may not ask BitLocker"),
        ("unread", 1, "", True),
    ],
)
def test_a_volume_is_unlocked_only_where_windows_says_so(
    bit_locker: str, status: int | None, file_system: str, locked: object
) -> None:
    one = {"path": "R:\\", "fileSystem": file_system, "lockStatus": status, "readOnly": None}
    seen = volume(told(windows(bitLocker=bit_locker, volumes=[one])), "R:\\")
    found = shown(seen.locked)
    assert found == locked or (isinstance(found, str) and found.startswith(str(locked)))
    assert not seen.read_only.was_seen


def test_a_folder_belongs_to_the_volume_that_is_mounted_closest_to_it() -> None:
    volumes = [
        {"path": path, "fileSystem": "NTFS", "lockStatus": 0, "readOnly": False} for path in ("D:\\", "D:\\cache\\")
    ]
    seen = told(windows(volumes=volumes, installed=["d:\\ASR"], caches=["D:\\Cache\\x", "D:\\cache"]))
    assert volume(seen, "D:\\").installed.value == (Outside("d:\\ASR"),)
    assert volume(seen, "D:\\").caches.value == ()
    assert volume(seen, "D:\\cache\\").caches.value == (Outside("D:\\Cache\\x"), Outside("D:\\cache"))


def test_linux_tells_its_mounts_lvm_and_blank_disks() -> None:
    seen = told(linux())

    assert [one.path.raw for one in seen.volumes] == ["/", "/mnt/retention"]
    assert volume(seen, "/").installed.value == (Outside("/"),)
    assert volume(seen, "/mnt/retention").installed.value == ()
    assert volume(seen, "/mnt/retention").read_only.value is False
    assert seen.raw_disks.value == (RawDisk("6000c29a1b2c3d4e5f60718293a4b5c6", 600 * GIB),)
    assert seen.lvm.value == ()


def test_a_mount_is_read_only_by_its_option_and_not_by_letters_in_another() -> None:
    mounts = {"filesystems": [mount("/a", options="rw,errors=remount-ro"), mount("/b", options="relatime,ro")]}
    seen = told(linux(mounts=mounts))
    assert [volume(seen, path).read_only.value for path in ("/a", "/b")] == [False, True]


@pytest.mark.parametrize(
    ("blocks", "names"),
    [
        ([block("sda", children=[block("sda3", "part", children=[block("vg-root", "lvm")])])], ["vg-root"]),
        ([block("sda", fstype="LVM2_member")], ["sda"]),
        ([block("sda", children=[block("sda1", "part", fstype="ext4")])], []),
    ],
)
def test_lvm_is_found_wherever_it_lies(blocks: list[Any], names: list[str]) -> None:
    assert [one.raw for one in told(linux(blocks={"blockdevices": blocks})).lvm.value] == names


@pytest.mark.parametrize(
    "disk",
    [
        block("sdb", serial="6000c29a1b2c3d4e5f60718293a4b5c6", children=[block("sdb1", "part")]),
        block("sdb", serial="6000c29a1b2c3d4e5f60718293a4b5c6", fstype="ext4"),
        block("sdb", serial=None),
        block("sdb", serial="../../x"),
        block("sdc", serial="6000c29a1b2c3d4e5f60718293a4b5c6"),
    ],
    ids=["has a partition", "has a file system", "no serial", "odd serial", "not blank"],
)
def test_a_disk_is_blank_only_when_everything_says_so(disk: dict[str, Any]) -> None:
    assert told(linux(blocks={"blockdevices": [disk]})).raw_disks.value == ()


SERIAL = "6000c29a1b2c3d4e5f60718293a4b5c6"
MAPPED = block("mpatha", "mpath")


@pytest.mark.parametrize(
    ("disk", "is_blank"),
    [
        (block("sdb", serial=SERIAL, children=[MAPPED]), True),
        (block("sdb", serial=SERIAL, fstype="mpath_member", children=[MAPPED]), True),
        (block("sdb", serial=SERIAL, fstype="mpath_member", children=[{**MAPPED, "fstype": "ext4"}]), False),
        (block("sdb", serial=SERIAL, children=[{**MAPPED, "children": [block("mpatha1", "part")]}]), False),
        (block("sdb", serial=SERIAL, fstype="ext4", children=[MAPPED]), False),
    ],
)
def test_a_disk_that_multipath_reaches_is_blank_when_its_map_is(disk: dict[str, Any], is_blank: bool) -> None:
    found = told(linux(blocks={"blockdevices": [disk]})).raw_disks.value
    assert [one.serial for one in found] == ([SERIAL] if is_blank else [])


FORMATTED = {
    "format": "failback-format-1",
    "system": "linux",
    "serial": SERIAL,
    "size": str(GIB),
    "volume": "/mnt/retention",
    "fileSystem": "ext4",
    "end": True,
}
QUESTION = (SERIAL, str(GIB), "/mnt/retention")


def test_what_formatting_answers_is_one_volume_and_nothing_of_the_rest() -> None:
    seen = read_formatted(json.dumps(FORMATTED).encode(), LINUX, QUESTION, AT)
    assert [one.path.raw for one in seen.volumes] == ["/mnt/retention"]
    assert seen.volumes[0].file_system.value == Outside("ext4")
    assert not any(one.was_seen for one in (seen.lvm, seen.raw_disks, seen.volumes[0].locked))
    letter = {**FORMATTED, "system": "windows", "volume": "R:\\", "fileSystem": "NTFS"}
    windows_one = read_formatted(json.dumps(letter).encode(), WINDOWS, (*QUESTION[:2], "R"), AT)
    assert windows_one.volumes[0].path.raw == "R:\\"


@pytest.mark.parametrize("key", sorted(FORMATTED))
@pytest.mark.parametrize("value", [None, 7, "another", [], {}, False])
def test_an_answer_to_another_question_is_no_proof_that_a_disk_was_formatted(key: str, value: object) -> None:
    for odd in ({**FORMATTED, key: value}, {one: FORMATTED[one] for one in FORMATTED if one != key}):
        with pytest.raises(OddAnswerError):
            read_formatted(json.dumps(odd).encode(), LINUX, QUESTION, AT)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000, b"null", b"{}"])
def test_garbage_is_no_proof_that_a_disk_was_formatted(content: bytes) -> None:
    with pytest.raises(OddAnswerError):
        read_formatted(content, LINUX, QUESTION, AT)


def test_without_roots_rights_nobody_knows_which_disks_are_blank() -> None:
    assert "root" in str(told(linux(administrator=False)).raw_disks.reason)


def test_a_folder_whose_volume_cannot_be_told_leaves_the_question_open() -> None:
    assert not volume(told(linux(installed=[None])), "/mnt/retention").installed.was_seen


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_kept_as_a_name(name: str) -> None:
    one = {"path": name, "fileSystem": name, "lockStatus": 0, "readOnly": False}
    assert volume(told(windows(volumes=[one], installed=[name])), name).file_system.value == Outside(name)
    seen = told(linux(mounts={"filesystems": [mount(name, kind=name)]}))
    assert volume(seen, name).path == Outside(name)
    assert "\x1b" not in repr(seen)


def without(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: {name: value for name, value in answer.items() if name != key}


@pytest.mark.parametrize("make", [windows, linux])
@pytest.mark.parametrize("value", [None, 7, "text", [7], {"a": 1}, [[]], True, [{"path": 1}]])
def test_a_field_of_the_wrong_kind_spoils_the_answer(make: Callable[..., dict[str, Any]], value: object) -> None:
    for key in make():
        if (key in ("administrator", "end") and value is True) or (key in ("installed", "caches") and value == [None]):
            continue  # that is no wrong kind
        answer = make(**{key: value})
        with pytest.raises(OddAnswerError):
            read_look(json.dumps(answer).encode(), answer_system(make), AT)


@pytest.mark.parametrize("make", [windows, linux])
def test_a_field_too_few_or_too_many_spoils_the_answer(make: Callable[..., dict[str, Any]]) -> None:
    answer = make()
    for odd in [*(without(key)(answer) for key in answer), {**answer, "more": 1}]:
        with pytest.raises(OddAnswerError):
            read_look(json.dumps(odd).encode(), answer["system"], AT)


@pytest.mark.parametrize("make", [windows, linux])
def test_an_answer_that_was_cut_off_anywhere_tells_nothing(make: Callable[..., dict[str, Any]]) -> None:
    answer = make()
    content = json.dumps(answer).encode()
    for length in range(len(content)):
        with pytest.raises(OddAnswerError):
            read_look(content[:length], answer["system"], AT)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe{", b"[" * 100_000, b'{"a":NaN}', b"null", b"1" * 5000], ids=lambda text: str(text[:8])
)
def test_garbage_tells_nothing_and_is_not_repeated_in_the_reason(content: bytes) -> None:
    for system in (WINDOWS, LINUX):
        with pytest.raises(OddAnswerError) as odd:
            read_look(content, system, AT)
        assert len(odd.value.reason) < 100


def test_an_answer_for_another_system_tells_nothing() -> None:
    with pytest.raises(OddAnswerError):
        read_look(json.dumps(windows()).encode(), LINUX, AT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(key=st.sampled_from(sorted({*windows(), *linux()})), value=JSON, make=st.sampled_from([windows, linux]))
def test_whatever_stands_in_a_field_is_read_or_refused(
    key: str, value: object, make: Callable[..., dict[str, Any]]
) -> None:
    answer = make(**{key: value})
    with contextlib.suppress(OddAnswerError):  # nothing else may come out of it
        assert isinstance(read_look(json.dumps(answer).encode(), answer_system(make), AT), SeenInGuest)
