"""The journal's name on the disk: a line is not kept as long as the folder could forget its file, or holds another."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from failback.changes.journal import Journal
from failback.changes.journal_file import JournalFile
from failback.errors import HomeError
from tests.changes.stage import StageClock

if sys.platform == "win32":
    pytest.skip("folders are not synced there", allow_module_level=True)

import fcntl


class Synced:
    """Notes which folders were brought to the disk; the first `failing` times it fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failing: int = 0) -> None:
        self.folders: list[int] = []
        self.failing = failing
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._note)

    def _note(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            if self.failing:
                self.failing -= 1
                raise OSError(errno.EIO, "Input/output error")
            self.folders.append(found.st_ino)
        self._fsync(descriptor)


def test_the_folder_and_where_it_stands_are_on_the_disk_before_the_first_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    synced = Synced(monkeypatch)

    JournalFile(home / "journal.jsonl").append({"event": "x"})

    assert {home.stat().st_ino, tmp_path.stat().st_ino} <= set(synced.folders)


def test_a_folder_that_could_not_be_synced_is_synced_with_the_next_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = Synced(monkeypatch, failing=1)
    file = JournalFile(tmp_path / "journal.jsonl")
    with pytest.raises(HomeError):
        file.append({"event": "x"})
    assert file.path.read_bytes() == b""

    file.append({"event": "y"})

    assert tmp_path.stat().st_ino in synced.folders
    assert [line["event"] for line in file.read().lines] == ["y"]


def test_an_empty_file_that_another_process_has_just_made_is_synced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = JournalFile(tmp_path / "journal.jsonl")
    os.close(os.open(file.path, os.O_CREAT | os.O_WRONLY, 0o600))
    synced = Synced(monkeypatch)

    file.append({"event": "x"})

    assert tmp_path.stat().st_ino in synced.folders


@pytest.mark.parametrize("how", ["moved away", "deleted", "replaced"])
def test_a_journal_that_goes_while_its_lock_is_waited_for_gets_no_line_that_nobody_finds(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = JournalFile(tmp_path / "journal.jsonl")
    file.append({"event": "before"})
    flock = fcntl.flock
    waited: list[int] = []

    def slow(descriptor: int, operation: int) -> Any:
        if not waited:
            waited.append(descriptor)
            if how == "deleted":
                file.path.unlink()
            else:
                file.path.rename(tmp_path / "journal.old")
            if how == "replaced":
                os.close(os.open(file.path, os.O_CREAT | os.O_WRONLY, 0o600))
        return flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", slow)
    file.append({"event": "after"})

    assert [line["event"] for line in file.read().lines] == ["after"]


def test_what_became_of_a_change_whose_intent_was_moved_away_breaks_no_history(tmp_path: Path) -> None:
    journal = Journal(tmp_path, StageClock(), who="operator", where="jump01")

    journal.outcome("7", "verified", "...")

    assert journal.history() == ()
    assert journal.verify_chain() is None
