"""Promise 4: two who change the same VM at once never lose an update, and never act under each other's lock.

Our simulator enforces `changeVersion`, as vCenter does and stock govmomi does not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Change, Confirmation, Word
from failback.changes.lock import KEY, TAKE_OVER
from tests.changes.stage import yes
from tests.promises.a_site import ASite

MT01 = "vm-100"
ROW = "disk.EnableUUID"


def an_administrator_edits(site: ASite, row: str, value: str) -> None:
    """Write a row of MT01 as somebody does who knows nothing of this program: the version moves on."""
    from pyVmomi import vim

    rows = [one for one in site.site.store.get(MT01, "config.extraConfig") or [] if one.key != row]
    version = site.site.store.get(MT01, "config.changeVersion")
    site.site.store.set(
        MT01,
        {
            "config.extraConfig": [*rows, vim.option.OptionValue(key=row, value=value)],
            "config.changeVersion": f"{version}'",
        },
    )


def at_the_nth_call(site: ASite, place: int, deed: Callable[[], None]) -> None:
    """Let `deed` happen just before vCenter answers the n-th call from now on."""
    answer, count = site.site.wire.answer, [0]

    def interleaved(*args: Any) -> Any:
        count[0] += 1
        if count[0] == place:
            deed()
        return answer(*args)

    site.site.wire.answer = interleaved  # type: ignore[method-assign]


@pytest.mark.parametrize("part", range(4))
def test_an_edit_at_any_moment_is_kept_or_makes_ours_stale(part: int, tmp_path: Path) -> None:
    place, tried, came_out = part + 1, 0, set()
    while True:
        site = ASite()
        engine = site.engine(tmp_path / str(place))
        edits: list[str] = []

        def edit(site: ASite = site, edits: list[str] = edits) -> None:
            an_administrator_edits(site, ROW, "FALSE")
            edits.append(ROW)

        at_the_nth_call(site, place, edit)
        [outcome] = site.apply(engine, site.change("set-enable-uuid"))
        if not edits:
            break
        tried += 1
        came_out.add(outcome.word)
        wrote = any(name == "ReconfigVM_Task" for name, _ref in site.sent())
        assert site.rows()[ROW] == "FALSE", "the administrator's word is the last, or ours was written before it"
        if outcome.word is Word.VERIFIED:
            assert wrote  # then the edit came after everything was read again
        assert KEY not in site.rows()
        place += 4
    assert tried > 3
    assert Word.STALE in came_out


def test_two_operators_on_one_master_target_the_second_sees_the_first_and_is_kept_out(tmp_path: Path) -> None:
    site = ASite()
    first, second = site.engine(tmp_path / "first"), site.engine(tmp_path / "second")
    of_the_second: list[Any] = []
    asked: list[Change] = []

    def decline(shown: Change) -> Confirmation:
        asked.append(shown)
        return yes(shown) if shown.remedy != TAKE_OVER else Confirmation(agreed=False)

    def meanwhile(sentence: str) -> None:
        if "runs in vCenter" in sentence and site.sent() and not of_the_second:
            of_the_second.extend(site.apply(second, site.change("exclude-from-drs"), confirm=decline))

    [done] = site.apply(first, site.change("remove-snapshots"), progress=meanwhile)

    assert done.word is Word.VERIFIED
    assert [one.word for one in of_the_second] == [Word.DECLINED]
    assert "is locked by" in of_the_second[0].evidence
    assert [one.remedy for one in asked] == ["exclude-from-drs", TAKE_OVER]
    assert [name for name, _ref in site.sent()] == ["RemoveAllSnapshots_Task"]
    assert [name for name, _lock in second.locks(second.look())] == []
    assert KEY not in site.rows()


@pytest.mark.parametrize("typed", ["", "mt01", "MT02", "yes"])
def test_a_lock_is_taken_over_with_the_typed_name_only(typed: str, tmp_path: Path) -> None:
    site = ASite()
    an_administrator_edits(site, KEY, '{"at":"2026-11-22T09:00:00Z","by":"ann","id":"' + "0" * 32 + '","on":"jump02"}')
    engine = site.engine(tmp_path / "home")

    def confirm(shown: Change) -> Confirmation:
        return Confirmation(agreed=True, typed=typed) if shown.remedy == TAKE_OVER else yes(shown)

    [outcome] = site.apply(engine, site.change("exclude-from-drs"), confirm=confirm)

    assert outcome.word is Word.DECLINED
    assert "ann on jump02 since 2026-11-22 09:00 UTC" in outcome.evidence
    assert site.arrived == []


def test_whoever_was_taken_over_sends_nothing_more(tmp_path: Path) -> None:
    site = ASite()
    first, second = site.engine(tmp_path / "first"), site.engine(tmp_path / "second")
    taken: list[Any] = []

    def take_over_before_the_second_change(shown: Change) -> Confirmation:
        if shown.remedy == "exclude-from-storage-drs" and not taken:
            taken.append(True)
            at_the_nth_call(site, 1, lambda: None)
            an_administrator_edits(site, KEY, second.journal.new_lock().text())
            site.site.clock.sleep(60)  # long enough for everything to be read again
        return yes(shown)

    outcomes = site.apply(
        first,
        site.change("exclude-from-drs"),
        site.change("exclude-from-storage-drs"),
        confirm=take_over_before_the_second_change,
    )

    assert [one.word for one in outcomes] == [Word.VERIFIED, Word.STALE]
    assert "was taken over by" in outcomes[1].evidence
    assert [name for name, _ref in site.sent()] == ["ReconfigureComputeResource_Task"]
    assert KEY in site.rows(), "the other one's lock is theirs to let go of"


def test_of_two_who_take_the_lock_at_the_same_moment_one_is_refused(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")

    def just_before(sentence: str) -> None:
        if "locked for you" in sentence:
            an_administrator_edits(site, "theirs", "1")

    [outcome] = site.apply(engine, site.change("exclude-from-drs"), progress=just_before)

    assert outcome.word is Word.STALE
    assert "could not be locked" in outcome.evidence
    assert site.sent() == []
    assert KEY not in site.rows()
    assert [one.may_be_held for one in engine.journal.locks()] == [False]
