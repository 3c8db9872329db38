"""What runs inside a guest is constant: the same text for every machine, handed over so that no shell can change it."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest

from failback.guest.answers import read_look
from failback.guest.programs import FIRST_WRITTEN, LINUX, PROGRAMS, WINDOWS, Program

CONSTANT = {
    ("look", WINDOWS): "sha256:6109ba4d7534e12e65ab4928b45115d1df03cca781dd22d7b42dcb1602d5b23f",
    ("look", LINUX): "sha256:f3521eb7753d3c568ae909d7345df30e488f6f5593f6c82edf75fe873182277c",
    ("format", WINDOWS): "sha256:870db1348b00386411dac0b228654d64961eaf1168c2d123e7afb084e8e9889c",
    ("format", LINUX): "sha256:89fa7dc271a343524e63c185116fc208d5316df12daa20daf69b51e1fff6d770",
}
"""Whoever changes a program changes its hash here as well, in a commit that shows both."""

AT = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
EVERY = pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda one: f"{one.name}-{one.system}")


def test_the_programs_are_these_and_no_other() -> None:
    assert {(one.name, one.system): one.sha256 for one in PROGRAMS.values()} == CONSTANT


@EVERY
def test_a_program_holds_no_place_for_data(program: Program) -> None:
    assert not re.search(r"(?<!\$)\{[a-z_]+\}|@@|__[A-Z]+__", program.text)
    assert "Invoke-Expression" not in program.text
    assert not re.search(r"\b(iex|eval)\b", program.text)


@EVERY
def test_what_starts_a_program_is_the_same_line_for_every_machine_and_holds_nothing_a_shell_reads(
    program: Program,
) -> None:
    assert re.fullmatch(
        r"-NoLogo -NoProfile -NonInteractive -EncodedCommand [A-Za-z0-9+/=]+"
        if program.system == WINDOWS
        else r"-c 'echo [A-Za-z0-9+/=]+ \| base64 -d \| /bin/sh'",
        program.arguments,
    )
    encoding = "utf-16-le" if program.system == WINDOWS else "utf-8"
    encoded = max(re.split(r"[ ']", program.arguments), key=len)
    assert base64.b64decode(encoded).decode(encoding) == program.text
    assert len(program.path) + len(program.arguments) < 32_000  # what CreateProcess takes


@EVERY
def test_a_program_does_not_show_its_text_when_it_is_printed(program: Program) -> None:
    assert len(repr(program)) < 100


FORMATS = [one for one in PROGRAMS.values() if one.writes]
FIRST_WRITES = {WINDOWS: "Initialize-Disk -PartitionStyle", LINUX: "mkfs.ext4 -q"}


@pytest.mark.parametrize("program", FORMATS, ids=lambda one: one.system)
def test_what_formats_says_of_every_end_whether_something_was_written(program: Program) -> None:
    before, after = program.text.split(FIRST_WRITES[program.system])
    codes = [[int(one) for one in re.findall(r"\b(?:exit|return) ([1-9][0-9]*)", part)] for part in (before, after)]
    assert max(codes[0]) < FIRST_WRITTEN <= min(codes[1])
    assert {*codes[0], *codes[1]} <= set(program.exits)
    for code, meaning in program.exits.items():
        if code != 11:
            assert meaning.startswith("nothing was written") is (code < FIRST_WRITTEN), code


@pytest.mark.parametrize("program", FORMATS, ids=lambda one: one.system)
def test_what_formats_names_no_disk_by_its_number(program: Program) -> None:
    assert not re.search(r"-(Disk)?Number\b|PhysicalDrive|/dev/[sv]d|Clear-Disk|diskpart|-Force\b", program.text)


def test_what_formats_in_windows_looks_twice_before_it_writes_and_once_after() -> None:
    """PowerShell is not to be had here: only the order of what stands in the text is held."""
    text = next(one for one in FORMATS if one.system == WINDOWS).text
    before, after = text.split(FIRST_WRITES[WINDOWS])
    assert before.count("$refused = Test-Blank $found") == 2
    assert before.rindex("Test-Blank $found") > before.index("Set-Disk")
    assert "SerialNumber" in after
    for guard in ("'RAW'", "IsSystem", "IsBoot", "Get-Partition", "$disk.Size -cne $size", "Threading.Mutex"):
        assert guard in before, guard


def carried_out(program: Program, folder: Path) -> int:
    """Run a program as VMware Tools do on Linux: the whole line by a shell, in the program's folder."""
    return subprocess.run(
        ["/bin/sh", "-c", f"{program.path} {program.arguments}"], cwd=folder, check=False, capture_output=True
    ).returncode


linux = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("lsblk", "findmnt", "base64")), reason="needs util-linux and coreutils"
)
LOOK = next(one for one in PROGRAMS.values() if (one.name, one.system) == ("look", LINUX))


@linux
def test_the_look_runs_here_and_its_answer_is_read(tmp_path: Path) -> None:
    (tmp_path / "question.txt").write_text("")

    assert carried_out(LOOK, tmp_path) == 0

    assert sorted(one.name for one in tmp_path.iterdir()) == ["answer.json", "question.txt"]
    seen = read_look((tmp_path / "answer.json").read_bytes(), LINUX, AT)
    mounts = json.loads((tmp_path / "answer.json").read_text())["mounts"]["filesystems"]
    assert [one.path.raw for one in seen.volumes] == [
        one["target"] for one in mounts if one["source"].startswith("/dev/")
    ]


@linux
def test_a_program_that_is_not_in_its_own_folder_writes_nothing(tmp_path: Path) -> None:
    assert carried_out(LOOK, tmp_path) == 11
    assert list(tmp_path.iterdir()) == []


@linux
@pytest.mark.parametrize("name", ["it's", 'a"b', "$(touch gone)", "a\nb", "`id`", "a b;c", "-rf", "ü\u202e"])
def test_a_folder_with_a_hostile_name_is_only_a_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "question.txt").write_text("")

    assert carried_out(LOOK, folder) == 0

    assert sorted(one.name for one in folder.iterdir()) == ["answer.json", "question.txt"]
    assert [one.name for one in tmp_path.iterdir()] == [name]
