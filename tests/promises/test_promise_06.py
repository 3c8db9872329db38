"""Promise 6: the journal opens after anything a disk can do to it, and any changed byte is found."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Journal, Word, apply_plan
from failback.changes.journal import LockState, Origin
from failback.changes.journal_file import parse
from failback.changes.operation import Operation
from failback.errors import HomeError
from tests.changes.cases import EXAMPLES
from tests.changes.stage import Stage, StageClock, planned, yes

ORIGIN = Origin("osaka-dr", False, "sha256:1")
CHANGE = planned(EXAMPLES["set-enable-uuid"].case, "set-enable-uuid")


def journal_in(folder: Path) -> Journal:
    return Journal(folder, StageClock(), who="operator", where="jump01")


def fill(journal: Journal) -> None:
    """Write one of every kind of record."""
    lock = journal.new_lock()
    journal.lock(LockState.TAKING, lock, CHANGE.target, ORIGIN)
    journal.lock(LockState.TAKEN, lock, CHANGE.target, ORIGIN, Operation("vcenter", "task-6", "task-6"))
    first = journal.intent(CHANGE, ORIGIN)
    journal.sent(first, Operation("vcenter", "task-7", "task-7"))
    journal.found(first, "done", "row and flag are as planned")
    second = journal.intent(CHANGE, ORIGIN)
    journal.outcome(second, "failed", "vCenter refused it")
    journal.lock(LockState.RELEASED, lock, CHANGE.target, ORIGIN)


def test_cut_off_at_any_byte_it_opens_believes_whole_lines_only_and_can_be_written_on(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    fill(journal)
    whole = journal.path.read_bytes()
    ends = [place for place, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole) + 1):
        journal.path.write_bytes(whole[:length])
        believed = sum(1 for end in ends if end < length)
        content = parse(whole[:length])
        assert content.damage is None
        assert len(content.lines) == believed
        if length % 41 == 0:  # writing takes a disk's time: often enough to hit every kind of line
            journal.history(), journal.locks()
            entry = journal.intent(CHANGE, ORIGIN)
            assert entry == str(believed + 1)
            assert journal.verify_chain() is None


def test_any_changed_byte_is_found(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    fill(journal)
    whole = journal.path.read_bytes()
    for place in range(0, len(whole) - 1, 3):
        for flipped in (whole[place] ^ 1, ord("\n") if whole[place] != ord("\n") else ord(" ")):
            changed = whole[:place] + bytes([flipped]) + whole[place + 1 :]
            assert parse(changed).damage is not None, place


def failing(monkeypatch: pytest.MonkeyPatch, name: str, nth: int, number: int) -> list[int]:
    """Let the n-th call of that name of the operating system fail, and every later one; return how many were made."""
    real, made = getattr(os, name), [0]

    def stepping(*args: Any, **kwargs: Any) -> Any:
        made[0] += 1
        if made[0] >= nth:
            raise OSError(number, os.strerror(number))
        return real(*args, **kwargs)

    monkeypatch.setattr(os, name, stepping)
    return made


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("name", ["write", "fsync"])
def test_at_any_failed_write_or_fsync_a_run_sends_nothing_it_did_not_write_down_and_the_journal_opens(
    name: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for nth in range(1, 40):
        stage = Stage(EXAMPLES["power-cycle"].case, tmp_path / str(nth))
        stage.folder.mkdir()
        example = EXAMPLES["power-cycle"]
        stage.effects = {method: dict(effect) for method, effect in example.effects.items()}
        with monkeypatch.context() as patch:
            made = failing(patch, name, nth, number)
            [outcome] = apply_plan(stage.plan(planned(example.case, "power-cycle")), stage.world(), yes)
        history = stage.journal.history()
        assert stage.journal.verify_chain() is None
        assert bool(stage.sent) <= bool(history), "nothing leaves before its intent is on the disk"
        assert len(stage.sent) <= 1 + sum(len(one.operations) for one in history)
        stage.journal.intent(CHANGE, ORIGIN)  # with room again it goes on
        if made[0] < nth:
            assert outcome.word is Word.VERIFIED
            return
    raise AssertionError("no run came through")


def test_when_the_torn_line_cannot_be_set_aside_nothing_is_written_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = journal_in(tmp_path)
    fill(journal)
    with journal.path.open("ab") as file:
        file.write(b'{"torn')
    before = journal.path.read_bytes()
    with monkeypatch.context() as patch:
        failing(patch, "fsync", 1, errno.ENOSPC)
        with pytest.raises(HomeError):
            journal.intent(CHANGE, ORIGIN)
    assert journal.path.read_bytes() == before


@pytest.mark.parametrize("name", ["replace", "rename"])
def test_a_failed_rename_leaves_the_memory_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(EXAMPLES["refresh-configuration-server"].case, tmp_path)
    stage.memory.note_refresh("/a", stage.clock.now())
    before = stage.memory.load()
    with monkeypatch.context() as patch:
        failing(patch, name, 1, errno.EIO)
        try:
            stage.memory.note_refresh("/b", stage.clock.now())
        except HomeError:
            assert stage.memory.load() == before
    assert "/a" in stage.memory.load().refreshed


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_at_any_limit_of_the_files_size_a_process_leaves_a_journal_that_opens(tmp_path: Path) -> None:
    import resource
    import signal

    whole = journal_in(tmp_path)
    fill(whole)
    size = whole.path.stat().st_size
    for limit in range(1, size, max(1, size // 23)):
        folder = tmp_path / str(limit)
        folder.mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                fill(journal_in(folder))
            except HomeError:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7, "the full disk is said, in a sentence"
        journal = journal_in(folder)
        assert journal.verify_chain() is None
        journal.history()
        journal.intent(CHANGE, ORIGIN)
