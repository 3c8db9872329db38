"""Promise 7: apply and then undo is the start, for every change that can be undone; nothing else runs without the name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from failback.changes import Confirmation, Weight, Word, apply_plan, undo_entry, weight_of
from failback.changes.remedies import CARRIED_OUT
from failback.errors import UsageError
from tests.changes.cases import EXAMPLES
from tests.changes.ready_site import Site
from tests.changes.stage import Stage, planned, yes
from tests.promises.there_and_back import THERE_AND_BACK, reversible_ones, state_of


def test_every_remedy_that_can_be_undone_is_tried_there_and_back() -> None:
    assert reversible_ones() == sorted(THERE_AND_BACK)


@pytest.mark.parametrize("remedy", reversible_ones())
def test_apply_then_undo_leaves_the_whole_site_as_it_was(remedy: str, tmp_path: Path) -> None:
    site, case = Site(tmp_path), THERE_AND_BACK[remedy]
    case.breaks(site)
    start = state_of(site)
    change = site.plan(remedy, case.kind, case.name)
    assert change.reversible
    assert state_of(site) == start, "planning changes nothing"

    done = site.done(change)
    assert state_of(site) != start
    site.undone(done)

    assert state_of(site) == start


@pytest.mark.parametrize("remedy", sorted(EXAMPLES))
def test_a_change_says_whether_it_can_be_undone_and_one_that_cannot_is_refused(remedy: str, tmp_path: Path) -> None:
    example = EXAMPLES[remedy]
    one = planned(example.case, remedy, **example.finding)
    assert one.undo
    if one.reversible:
        return
    stage = Stage(example.case, tmp_path)
    entry_id = stage.journal.intent(one, _origin(stage))
    stage.journal.outcome(entry_id, "verified", "…")
    entry = stage.journal.entry(entry_id)
    assert entry is not None

    with pytest.raises(UsageError):
        undo_entry(entry, stage.world(), yes)
    assert (stage.sent, stage.locking) == ([], [])


WANT_THE_NAME = sorted(name for name in EXAMPLES if CARRIED_OUT[name].weight.wants_the_name)


@pytest.mark.parametrize("typed", [None, "", "y", "yes", "{other_case}", "{name} ", " {name}", "{name}{name}"])
@pytest.mark.parametrize("remedy", WANT_THE_NAME)
def test_what_wants_the_name_never_runs_without_exactly_the_targets_name(
    remedy: str, typed: str | None, tmp_path: Path
) -> None:
    example = EXAMPLES[remedy]
    one = planned(example.case, remedy, **example.finding)
    said = None if typed is None else typed.format(name=one.target.name, other_case=one.target.name.swapcase())
    assert said != one.target.name
    stage = Stage(example.case, tmp_path)

    [outcome] = apply_plan(stage.plan(one), stage.world(), lambda _one: Confirmation(agreed=True, typed=said))

    assert weight_of(one).wants_the_name
    assert outcome.word is Word.DECLINED
    assert (stage.sent, stage.locking, stage.journal.history()) == ([], [], ())


def test_every_remedy_that_cannot_be_undone_and_destroys_something_wants_the_name() -> None:
    assert {"remove-snapshots", "consolidate-disks"} <= set(WANT_THE_NAME)


def test_what_can_be_undone_and_still_puts_data_at_risk_wants_the_name_too() -> None:
    example = EXAMPLES["attach-moved-disks"]
    one = planned(example.case, "attach-moved-disks", **example.finding)

    assert one.reversible
    assert weight_of(one) is Weight.RISKY
    assert "attach-moved-disks" in WANT_THE_NAME


def _origin(stage: Stage) -> Any:
    from failback.changes.journal import Origin

    return Origin("osaka-dr", False, "sha256:…")
