"""A plan that somebody edited and gave a new digest: it is refused in a sentence, whatever was written into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Change, Outcome, Word, apply_plan
from tests.changes.cases import EXAMPLES
from tests.changes.stage import Stage, planned, yes
from tests.promises.a_site import ASite

REMEDIES = sorted(EXAMPLES)


def applied(remedy: str, folder: Path, edit: Callable[[Change], Change]) -> tuple[Stage, Outcome]:
    example = EXAMPLES[remedy]
    stage = Stage(example.case, folder)
    one = edit(planned(example.case, remedy, **example.finding))
    [outcome] = apply_plan(stage.plan(one), stage.world(), yes)
    return stage, outcome


@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_change_that_names_its_target_wrongly_is_refused_before_it_is_shown(remedy: str, tmp_path: Path) -> None:
    stage, outcome = applied(remedy, tmp_path, lambda one: replace(one, target=replace(one.target, name="harmless")))

    assert outcome.word is Word.STALE, outcome.evidence
    assert "harmless" in outcome.evidence
    assert (stage.sent, stage.locking) == ([], [])


def test_every_target_that_this_program_plans_has_a_name_that_fits(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    plan = engine.plan(site.case, site.report)
    assert len(plan.changes) >= 8

    for one in plan.changes:
        [outcome] = site.apply(engine, one, confirm=_never)
        assert outcome.word is Word.DECLINED, (one.id, outcome.evidence)


def _never(_change: Change) -> Any:
    from failback.changes import Confirmation

    return Confirmation(agreed=False)


ODD: Mapping[str, Callable[[Any], Any]] = {
    "nothing": lambda _after: {},
    "other keys": lambda _after: {"x": 1},
    "numbers": lambda after: dict.fromkeys(after, 7),
    "texts": lambda after: dict.fromkeys(after, "no"),
    "lists": lambda after: {key: [{}] for key in after},
    "objects": lambda after: {key: {"a": {}} for key in after},
    "nulls": dict.fromkeys,
    "one more": lambda after: {**after, "y": None},
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_wanted_state_that_makes_no_sense_is_refused_in_a_sentence(remedy: str, odd: str, tmp_path: Path) -> None:
    stage, outcome = applied(remedy, tmp_path, lambda one: replace(one, after=ODD[odd](one.after)))

    assert outcome.word in (Word.STALE, Word.FAILED), outcome.evidence
    assert "nothing was sent" in outcome.evidence
    assert (stage.sent, stage.locking) == ([], [])


@pytest.mark.parametrize("ref", ["", "/", "vm-10", "x/vm-10", "/subscriptions", "//", "../.."])
@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_reference_that_leads_nowhere_is_refused_in_a_sentence(remedy: str, ref: str, tmp_path: Path) -> None:
    stage, outcome = applied(remedy, tmp_path, lambda one: replace(one, target=replace(one.target, ref=ref)))

    assert outcome.word in (Word.STALE, Word.FAILED), outcome.evidence
    assert (stage.sent, stage.locking) == ([], [])


@pytest.mark.parametrize("remedy", REMEDIES)
def test_calls_that_were_edited_are_never_sent(remedy: str, tmp_path: Path) -> None:
    def edited(one: Change) -> Change:
        return replace(one, calls=(*one.calls, one.calls[-1]))

    stage, outcome = applied(remedy, tmp_path, edited)

    assert outcome.word is Word.STALE
    assert stage.sent == []
