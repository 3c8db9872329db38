"""The lock of a run is let go of however the run ends: stopped by a person, or by a defect of this program."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.changes import Word, apply_plan
from failback.changes.remedies import CARRIED_OUT
from tests.changes.stage import lock_in, yes
from tests.changes.test_apply import stage_of
from tests.promises.a_site import ASite


def test_who_stops_before_anything_is_sent_leaves_no_lock(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    stopped: list[str] = []

    def told(sentence: str) -> None:
        if "locked for you" in sentence:
            stopped.append(sentence)

    [outcome] = site.apply(engine, site.change("set-enable-uuid"), progress=told, cancelled=lambda: bool(stopped))

    site.site.clock.advance(300)
    assert outcome.word is Word.CANCELLED
    assert site.sent() == []
    assert "failback.lock" not in site.rows()


def test_who_stops_after_a_change_was_done_leaves_no_lock_and_the_change_is_verified(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    change = site.change("set-enable-uuid")

    [outcome] = site.apply(engine, change, cancelled=lambda: bool(site.sent()) and _ended(site))

    site.site.clock.advance(300)
    assert outcome.word is Word.VERIFIED, outcome.evidence
    assert "failback.lock" not in site.rows()


def test_who_stops_waiting_for_work_that_goes_on_leaves_the_lock_to_it(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")

    [outcome] = site.apply(engine, site.change("remove-snapshots"), cancelled=lambda: bool(site.sent()))

    assert outcome.word is Word.CANCELLED
    assert "failback.lock" in site.rows()


def _ended(site: ASite) -> bool:
    """Tell whether the row that was sent is there: from then on everybody has stopped."""
    return "disk.EnableUUID" in {key for key, value in site.rows().items() if value == "TRUE"}


def test_a_defect_under_a_change_leaves_no_lock_and_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)
    remedy = CARRIED_OUT["set-enable-uuid"]
    again = type(remedy).again
    calls: list[int] = []

    def breaks_later(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:  # under the lock, before anything was sent
            raise RuntimeError("a defect")
        return again(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(remedy), "again", breaks_later)

    with pytest.raises(RuntimeError, match="a defect"):
        apply_plan(stage.plan(one), stage.world(), yes)

    assert stage.sent == []
    assert [bool(lock_in(call)) for call in stage.locking] == [True, False]


def test_a_defect_after_something_was_sent_leaves_the_lock_and_the_entry_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, one = stage_of("set-enable-uuid", tmp_path)

    def breaks(*_arguments: object) -> object:
        raise RuntimeError("a defect")

    monkeypatch.setattr(type(CARRIED_OUT["set-enable-uuid"]), "verify", breaks)

    with pytest.raises(RuntimeError, match="a defect"):
        apply_plan(stage.plan(one), stage.world(), yes)

    assert [bool(lock_in(call)) for call in stage.locking] == [True]
    [entry] = stage.journal.history()
    assert entry.is_open
