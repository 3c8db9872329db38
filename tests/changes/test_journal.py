"""The journal survives torn writes and full disks, and any changed byte in it is found."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Journal
from failback.changes.canonical import canonical, digest_of
from failback.changes.journal import Origin
from failback.changes.journal_file import JournalFile, parse
from failback.changes.operation import Operation
from failback.errors import HomeError
from tests.changes.cases import EXAMPLES
from tests.changes.stage import StageClock, planned

ORIGIN = Origin("osaka-dr", False, "sha256:1")
TASK = Operation("vcenter", "task-7", "task-7")


def journal_in(folder: Path) -> Journal:
    return Journal(folder, StageClock(), who="operator", where="jump01")


def filled(folder: Path) -> Journal:
    """Return a journal with one verified change and one that was cut off after it was sent."""
    journal = journal_in(folder)
    change = planned(EXAMPLES["set-enable-uuid"].case, "set-enable-uuid")
    first = journal.intent(change, ORIGIN)
    journal.sent(first, TASK)
    journal.outcome(first, "verified", "row and flag are as planned")
    second = journal.intent(planned(EXAMPLES["remove-snapshots"].case, "remove-snapshots"), ORIGIN)
    journal.sent(second, TASK)
    return journal


def test_the_history_tells_who_did_what_where_and_what_became_of_it(tmp_path: Path) -> None:
    first, second = filled(tmp_path).history()

    assert (first.who, first.where, first.outcome, first.operations) == ("operator", "jump01", "verified", (TASK,))
    assert first.change == planned(EXAMPLES["set-enable-uuid"].case, "set-enable-uuid")
    assert first.change.before["disk.EnableUUID"] is None
    assert first.origin == ORIGIN
    assert first.ended_at is not None
    assert second.outcome is None


def test_the_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    assert stat.S_IMODE(filled(tmp_path).path.stat().st_mode) == 0o600


def test_a_journal_that_others_may_write_to_is_not_believed(tmp_path: Path) -> None:
    journal = filled(tmp_path)
    journal.path.chmod(0o666)

    with pytest.raises(HomeError):
        journal.history()
    with pytest.raises(HomeError):
        journal.outcome("1", "verified", "…")


def test_an_empty_folder_has_an_empty_history(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)

    assert journal.history() == ()
    assert journal.verify_chain() is None


def test_cut_off_at_any_byte_it_opens_with_every_whole_line_and_goes_on(tmp_path: Path) -> None:
    whole = filled(tmp_path).path.read_bytes()
    for length in range(len(whole) + 1):
        content = parse(whole[:length])
        assert content.damage is None
        assert len(content.lines) == whole[:length].count(b"\n")
        assert content.torn == whole[:length].rpartition(b"\n")[2]


def test_a_torn_last_line_is_set_aside_and_never_believed(tmp_path: Path) -> None:
    journal = filled(tmp_path)
    whole = journal.path.read_bytes()
    torn = whole.splitlines(keepends=True)[2][:-1]  # the outcome, all but its line break
    start = b"".join(whole.splitlines(keepends=True)[:2])
    journal.path.write_bytes(start + torn)

    assert [one.outcome for one in journal.history()] == [None]
    journal.outcome("1", "unknown", "found after a crash")

    assert [one.outcome for one in journal.history()] == ["unknown"]
    assert (tmp_path / "journal.jsonl.torn-1").read_bytes() == torn
    assert journal.path.read_bytes().startswith(start)
    assert journal.verify_chain() is None


def test_any_changed_byte_is_found(tmp_path: Path) -> None:
    whole = filled(tmp_path).path.read_bytes()
    for place in range(len(whole)):
        for new in {whole[place] ^ 1, ord(" "), ord("\n")} - {whole[place]}:
            spoilt = whole[:place] + bytes([new]) + whole[place + 1 :]
            content = parse(spoilt)
            last = place == len(whole) - 1  # the last line break: then the line counts as torn
            assert content.damage is not None or (last and content.torn), (place, new)


def test_a_line_that_was_taken_out_put_in_or_moved_is_found(tmp_path: Path) -> None:
    lines = filled(tmp_path).path.read_bytes().splitlines(keepends=True)
    for place in range(len(lines) - 1):
        for spoilt in (lines[:place] + lines[place + 1 :], lines[: place + 1] + lines[place:], [*lines[1:], lines[0]]):
            assert parse(b"".join(spoilt)).damage is not None


def test_a_line_rewritten_with_a_digest_of_its_own_is_found_by_the_line_after_it(tmp_path: Path) -> None:
    lines = filled(tmp_path).path.read_bytes().splitlines(keepends=True)
    forged = {**json.loads(lines[2]), "outcome": "failed"}
    del forged["hash"]
    lines[2] = canonical({**forged, "hash": digest_of(forged)}) + b"\n"

    damage = parse(b"".join(lines)).damage

    assert damage is not None
    assert str(damage).startswith("line 4:")


def test_the_same_record_in_another_writing_is_found(tmp_path: Path) -> None:
    lines = filled(tmp_path).path.read_bytes().splitlines(keepends=True)
    for rewritten in (lines[1].replace(b":", b": ", 1), b" " + lines[1], lines[1].replace(b"task", b"\\u0074ask", 1)):
        assert json.loads(rewritten) == json.loads(lines[1])
        assert parse(lines[0] + rewritten).damage is not None


def test_lines_missing_at_the_end_are_told_by_a_head_kept_elsewhere(tmp_path: Path) -> None:
    journal = filled(tmp_path)
    head = journal.head()
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(lines[:-1]))

    assert journal.verify_chain() is None
    assert journal.head() != head


def test_nothing_is_added_to_a_journal_that_was_tampered_with(tmp_path: Path) -> None:
    journal = filled(tmp_path)
    spoilt = journal.path.read_bytes().replace(b"verified", b"verifieD")
    journal.path.write_bytes(spoilt)

    with pytest.raises(HomeError, match="line 3"):
        journal.outcome("4", "verified", "…")

    assert journal.path.read_bytes() == spoilt
    assert [one.outcome for one in journal.history()] == [None]
    damage = journal.verify_chain()
    assert damage is not None
    assert damage.line == 3


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_leaves_no_half_line_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    journal = filled(tmp_path)
    before = journal.path.read_bytes()
    real = os.write

    def full(descriptor: int, *data: Any) -> int:
        if call == "write" and len(data[0]) > 10:
            return real(descriptor, data[0][:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(HomeError, match="No space left"):
        journal.outcome("4", "verified", "…")
    monkeypatch.undo()

    assert journal.path.read_bytes() == before


def test_every_record_is_on_disk_before_its_method_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    journal = journal_in(tmp_path)
    journal.intent(planned(EXAMPLES["set-enable-uuid"].case, "set-enable-uuid"), ORIGIN)

    assert journal.path.stat().st_size in synced


def test_two_programs_that_write_at_once_keep_one_chain(tmp_path: Path) -> None:
    def write() -> None:
        file = JournalFile(tmp_path / "journal.jsonl")
        for _ in range(20):
            file.append({"event": "outcome", "entry": "1"})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    content = JournalFile(tmp_path / "journal.jsonl").read()
    assert content.damage is None
    assert [line["seq"] for line in content.lines] == list(range(1, 81))


def test_a_link_in_the_journals_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "journal.jsonl").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(HomeError):
        journal_in(tmp_path).outcome("1", "verified", "…")
