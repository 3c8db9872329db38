"""The program that formats in a guest of Linux, run for real: on image files by anybody, on a loop device by root."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from failback.guest.answers import read_formatted
from failback.guest.programs import FIRST_WRITTEN, FORMAT, LINUX
from tests.guest.a_linux_guest import LINES, NEEDED, SERIAL, SIZE, TEXT, LinuxGuest

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in NEEDED), reason="needs util-linux, e2fsprogs and coreutils"
)
AT = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


@pytest.fixture
def guest(tmp_path: Path) -> LinuxGuest:
    return LinuxGuest(tmp_path)


def test_a_blank_disk_becomes_a_volume_that_the_next_start_mounts_too(guest: LinuxGuest) -> None:
    assert guest.format() == 0

    assert guest.holds() == "ext4"
    seen = read_formatted(guest.answer, LINUX, (SERIAL, str(SIZE), guest.where), AT)
    assert [(one.path.raw, one.file_system.value.raw) for one in seen.volumes] == [(guest.where, "ext4")]
    [root, old, line] = guest.fstab.read_text().splitlines()
    assert (root, old) == ("UUID=1 / ext4 defaults 0 1", "# /mnt/old")
    assert line.split()[1:] == [guest.where, "ext4", "defaults,nofail", "0", "2"]
    uuid = line.split()[0].removeprefix("UUID=")
    assert (guest.folder / f"fstab.before-{uuid}").read_text() == f"{root}\n{old}"
    assert Path(guest.where).stat().st_mode & 0o777 == 0o755
    assert sorted(one.name for one in (guest.folder / "job").iterdir()) == ["answer.json", "question.txt"]


def test_the_other_disk_is_not_touched(guest: LinuxGuest) -> None:
    before = guest.fingerprint()[str(guest.image("sda"))]
    assert guest.format() == 0
    assert guest.fingerprint()[str(guest.image("sda"))] == before
    assert guest.holds("sda") == ""


def test_a_second_run_finds_the_disk_no_longer_blank(guest: LinuxGuest) -> None:
    assert guest.format() == 0
    before = guest.fingerprint()
    (guest.folder / "job/answer.json").unlink()
    assert guest.format() == 30
    assert guest.fingerprint() == before


def test_a_disk_that_multipath_reaches_is_written_through_its_map(guest: LinuxGuest) -> None:
    mapped = guest.disk("mapper/mpatha", type="mpath", serial="")
    guest.disks[1]["children"] = [{**mapped, "name": "mpatha"}]
    assert guest.format() == 0
    assert (guest.holds("mapper/mpatha"), guest.holds()) == ("ext4", "")


def part(**more: object) -> dict[str, object]:
    return {"name": "sdb1", "type": "part", "size": SIZE, "ro": 0, "mountpoint": "", **more}


def _write(at: int, data: bytes) -> Callable[[LinuxGuest], None]:
    def write(guest: LinuxGuest) -> None:
        with guest.image("sdb").open("r+b") as disk:
            disk.seek(at)
            disk.write(data)

    return write


def _shown(**changes: object) -> Callable[[LinuxGuest], None]:
    return lambda guest: guest.disks[1].update(changes)


def _formatted(guest: LinuxGuest) -> None:
    subprocess.run(["mkfs.ext4", "-q", guest.image("sdb")], check=True)


def _twice(guest: LinuxGuest) -> None:
    guest.disks.append(guest.disk("sdc"))


def _in_fstab(guest: LinuxGuest) -> None:
    guest.fstab.write_text(f"UUID=1 / ext4 defaults 0 1\nUUID=2 {guest.where}/ ext4 defaults 0 2\n")


def _filled(guest: LinuxGuest) -> None:
    Path(guest.where).mkdir()
    (Path(guest.where) / "data").write_text("x")


PARTITION_TABLE = bytes(446) + bytes.fromhex("00202100830a1b0400080000000400") + bytes(49) + b"\x55\xaa"
REFUSED: dict[str, tuple[int, Callable[[LinuxGuest], object]]] = {
    "no root": (20, lambda guest: setattr(guest, "root", False)),
    "a tool is missing": (22, lambda guest: setattr(guest, "lacks", ("flock",))),
    "another serial number": (23, _shown(serial="00" * 16)),
    "no serial number": (23, _shown(serial="")),
    "no disk": (23, _shown(type="rom")),
    "two of one serial number": (24, _twice),
    "another size": (26, _shown(size=SIZE + 512)),
    "a partition": (27, _shown(children=[part()])),
    "a volume on it": (27, _shown(children=[part(name="vg-data", type="lvm")])),
    "two maps": (27, _shown(children=[part(name="mpatha", type="mpath"), part(name="mpatha1")])),
    "mounted": (27, _shown(mountpoint="/data")),
    "swapped to": (27, _shown(mountpoint="[SWAP]")),
    "write-protected": (28, _shown(ro=1)),
    "formatted": (30, _formatted),
    "a partition table": (30, _write(0, PARTITION_TABLE)),
    "a physical volume": (30, _write(512, b"LABELONE" + bytes(16) + b"LVM2 001" + b"x" * 32)),
    "one stray byte": (30, _write(1_000_000, b"x")),
    "the mount point is in use": (31, lambda guest: guest.mounts.update({guest.where: {}})),
    "the mount point is not empty": (31, _filled),
    "the mount point is a file": (31, lambda guest: Path(guest.where).write_text("")),
    "the mount point is a link": (31, lambda guest: Path(guest.where).symlink_to("/")),
    "the table has the mount point": (31, _in_fstab),
    "no table": (32, lambda guest: guest.fstab.unlink()),
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_is_not_the_blank_disk_that_was_meant_is_refused_and_left_as_it_is(how: str, guest: LinuxGuest) -> None:
    code, spoil = REFUSED[how]
    spoil(guest)
    before = guest.fingerprint()

    assert guest.format() == code

    assert code < FIRST_WRITTEN
    assert "nothing was written" in FORMAT[LINUX].exits[code]
    assert guest.fingerprint() == before
    assert not (guest.folder / "job/answer.json").exists()


@pytest.mark.parametrize(
    "question",
    [
        ("", str(SIZE), "/mnt/retention"),
        (SERIAL.upper(), str(SIZE), "/mnt/retention"),
        (SERIAL[:-1], str(SIZE), "/mnt/retention"),
        (f"{SERIAL[:-9]}$(reboot)", str(SIZE), "/mnt/retention"),
        (SERIAL, "0", "/mnt/retention"),
        (SERIAL, "-1", "/mnt/retention"),
        (SERIAL, f"{SIZE};reboot", "/mnt/retention"),
        (SERIAL, str(SIZE), ""),
        (SERIAL, str(SIZE), "/"),
        (SERIAL, str(SIZE), "mnt"),
        (SERIAL, str(SIZE), "/mnt/../etc"),
        (SERIAL, str(SIZE), "/mnt/.."),
        (SERIAL, str(SIZE), "/mnt//x"),
        (SERIAL, str(SIZE), "/mnt/a b"),
        (SERIAL, str(SIZE), "/mnt/$(id)"),
        (SERIAL, str(SIZE), "/mnt/x\\040y"),
        (SERIAL, str(SIZE), "/dev/disk"),
        (SERIAL, str(SIZE)),
        (SERIAL,),
    ],
)
def test_a_question_that_this_program_never_asks_is_refused(question: tuple[str, ...], guest: LinuxGuest) -> None:
    before = guest.fingerprint()
    assert guest.run(*question) == 21
    assert guest.fingerprint() == before


def test_outside_of_its_own_folder_it_does_nothing(guest: LinuxGuest) -> None:
    assert guest.run() == 11


def test_a_disk_that_somebody_holds_is_left_alone(guest: LinuxGuest) -> None:
    before = guest.fingerprint()
    with guest.image("sdb").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        impatient = TEXT.replace("flock -w 15 9", "flock -n 9")
        assert impatient != TEXT
        assert guest.run(SERIAL, str(SIZE), guest.where, text=impatient) == 29
    assert guest.fingerprint() == before


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda guest: setattr(guest, "fails", ("mkfs.ext4",)), 40),
        (lambda guest: setattr(guest, "fails", ("cp",)), 43),
        (lambda guest: setattr(guest, "fails", ("mv",)), 43),
        (lambda guest: setattr(guest, "mount_fails", True), 44),
    ],
)
def test_what_fails_after_the_first_write_says_so_and_leaves_the_table_of_mounts_as_it_was(
    spoil: Callable[[LinuxGuest], None], code: int, guest: LinuxGuest
) -> None:
    spoil(guest)
    before = guest.fstab.read_text()

    assert guest.format() == code

    assert code >= FIRST_WRITTEN
    assert guest.fstab.read_text() == before
    assert not (guest.folder / "job/answer.json").exists()


loop = pytest.mark.skipif(
    os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("losetup", "unshare", "lsblk", "findmnt")),
    reason="only root may have a loop device",
)


@loop
def test_on_a_real_block_device_it_is_formatted_and_mounted(tmp_path: Path) -> None:
    image, job, tools, where = (tmp_path / name for name in ("image", "job", "bin", "retention"))
    job.mkdir()
    tools.mkdir()
    with image.open("wb") as made:
        made.truncate(SIZE)
    attached = subprocess.run(["losetup", "--find", "--show", image], check=False, capture_output=True, text=True)
    if attached.returncode:
        pytest.skip("no loop device is to be had here")
    device = attached.stdout.strip()
    try:
        fstab = tmp_path / "fstab"
        fstab.write_text("")
        # lsblk knows this one disk only, and gives it a serial number; mount reads our table.
        real = shutil.which("lsblk")
        (tools / "lsblk").write_text(
            '#!/bin/sh\ncase "$*" in\n'
            f"  '-d -n -o NAME') echo {Path(device).name} ;;\n"
            f"  '-d -n -o TYPE {device}') echo disk ;;\n"
            f"  '-d -n -o SERIAL {device}') echo {SERIAL} ;;\n"
            f'  *) exec {real} "$@" ;;\nesac\n'
        )
        (tools / "mount").write_text(f'#!/bin/sh\nexec {shutil.which("mount")} -T {fstab} "$@"\n')
        for name in ("udevadm", "systemctl"):
            (tools / name).write_text("#!/bin/sh\n")
        for tool in tools.iterdir():
            tool.chmod(0o755)
        text = TEXT.replace(LINES["path"], f"PATH={tools}:/usr/sbin:/usr/bin:/sbin:/bin\n")
        text = text.replace(LINES["fstab"], f"fstab={fstab}\n")
        (job / "question.txt").write_text(f"{SERIAL}\n{SIZE}\n{where}\n")

        def run() -> int:
            script = f"{text}\n[ -d {where}/lost+found ] || exit 99\n"
            return subprocess.run(["unshare", "-m", "/bin/sh", "-c", script], cwd=job, check=False).returncode

        assert run() == 0
        assert json.loads((job / "answer.json").read_text())["volume"] == str(where)
        assert run() == 30
    finally:
        subprocess.run(["losetup", "--detach", device], check=False)
