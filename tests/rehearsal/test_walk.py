"""A newcomer can take the faulty rehearsal site to its end: by the wizard's own changes and the site's engineer."""

from __future__ import annotations

from collections import Counter

import pytest

from failback.changes import Change, Confirmation, Word
from failback.engine import Engine
from failback.rehearsal.faults import FAULTS
from tests.rehearsal.conftest import Rehearse
from wizard_steps.judge import TROUBLE, Report
from wizard_steps.requirement import Finding, Status, Verdict

LONG_ENOUGH = 60
FIVE_MINUTES = 300.0


def agreed(change: Change) -> Confirmation:
    """Confirm a change, with the name typed where it is asked for."""
    return Confirmation(agreed=True, typed=change.target.name)


def troubles(report: Report) -> list[Finding]:
    return [one for one in report.roots() if one.status in TROUBLE]


def one_round(engine: Engine, report: Report, done: Counter[str]) -> None:
    """Do the next thing an operator would: the wizard's changes, else the engineer's action, else wait."""
    assert engine.rehearsal is not None
    plan = engine.plan(engine.case(), report)
    if plan.changes:
        outcomes = engine.apply(plan, agreed)
        assert {one.word for one in outcomes} == {Word.VERIFIED}
        done.update(one.change.remedy for one in outcomes)
        return
    for finding in troubles(report):
        for action in engine.rehearsal.actions_for(finding):
            engine.rehearsal.perform(action)
            done["engineer"] += 1
            return
    engine.rehearsal.clock.advance(FIVE_MINUTES)
    done["waited"] += 1


def walk(engine: Engine) -> Counter[str]:
    """Take the site from its faults to where only a person's word is missing; return what it took."""
    done: Counter[str] = Counter()
    for _round in range(LONG_ENOUGH):
        report = engine.judge(engine.look())
        if not troubles(report):
            return done
        one_round(engine, report, done)
    raise AssertionError([(one.requirement.id, one.subject.name, one.evidence) for one in troubles(report)])


@pytest.mark.timeout(240)
def test_the_faulty_site_can_be_taken_to_ready(rehearse: Rehearse) -> None:
    engine = rehearse("faulty")
    done = walk(engine)
    mended_by_the_wizard = {remedy for remedy in done if remedy not in {"engineer", "waited"}}
    assert len(mended_by_the_wizard) >= 4
    assert (done["add-retention-disk"], done["format-retention-volume"]) == (1, 1)
    assert done["engineer"] <= sum(fault.mends is not None for fault in FAULTS)
    case = engine.case()
    assert engine.judge(case).verdict is Verdict.TO_ATTEST
    for finding in engine.judge(case).findings:
        if finding.status is Status.ATTEST:
            case = engine.attest(finding.requirement.id, finding.subject.name, "operator")
    assert engine.judge(case).verdict is Verdict.READY


@pytest.mark.timeout(240)
def test_every_change_of_the_walk_is_in_the_history_with_its_outcome(rehearse: Rehearse) -> None:
    engine = rehearse("faulty")
    done = walk(engine)
    changes = sum(count for remedy, count in done.items() if remedy not in {"engineer", "waited"})
    history = engine.history()
    assert len(history) == changes
    assert {entry.outcome for entry in history} == {Word.VERIFIED.value}
