"""What the wizard planned and somebody on the site did meanwhile is not done once more; and a process server's start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from failback.changes import REMEDIES, Change, Outcome, Word
from failback.changes.planning import offers
from failback.engine import Engine
from failback.opening import open_rehearsal
from failback.rehearsal import description as described
from failback.rehearsal.arm_actions import power_view
from tests.changes.ready_site import Site
from tests.changes.stage import finding, yes

ADD = "add-retention-disk"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_rehearsal("faulty", home=tmp_path)


def planned(engine: Engine) -> list[Change]:
    """Return the changes that would add a retention disk now."""
    case = engine.look()
    return [
        one.change
        for each in engine.judge(case).findings
        for one in offers(case, each)
        if one.remedy == ADD and one.change is not None
    ]


def apply(engine: Engine, change: Change) -> Outcome:
    empty = engine.plan(engine.case(), engine.judge(engine.case()), [])
    [outcome] = engine.apply(replace(empty, changes=(change,)), yes)
    return outcome


def disks(engine: Engine) -> int:
    [target] = [one for one in engine.look().targets.value if one.name == "MT02"]
    return len(target.vm.value.disks.value)


def test_a_disk_that_the_engineer_added_meanwhile_makes_the_plan_stale(engine: Engine) -> None:
    [change, *_same] = planned(engine)
    before = disks(engine)
    site = engine.rehearsal
    assert site is not None
    [action] = [
        action
        for each in engine.judge(engine.case()).findings
        for action in site.actions_for(each)
        if "retention disk on MT02" in action.title
    ]
    site.perform(action)

    outcome = apply(engine, change)

    assert outcome.word is Word.STALE, outcome.evidence
    assert disks(engine) == before + 1
    assert planned(engine) == []


def test_a_disk_that_was_added_and_not_yet_formatted_is_not_added_once_more(engine: Engine) -> None:
    [change, *_same] = planned(engine)
    assert apply(engine, change).word is Word.VERIFIED

    assert planned(engine) == []
    assert apply(engine, change).word is Word.STALE


def test_a_process_server_that_is_off_is_started_by_its_azure_vm_and_only_once(tmp_path: Path) -> None:
    site = Site(tmp_path)
    machine = described.vm_id(described.PROCESS_SERVER)
    site.arm.put(f"{machine}/instanceView", power_view("deallocated", site.engine.clock.now()))
    case = site.look()
    server = case.targets.value[0].process_server.value
    one = _start(site, server.id)

    outcome = site.done(one)

    assert one.target.ref.casefold() == machine.casefold()
    assert site.written() == [("POST", f"{machine}/start")]
    assert "running" in outcome.evidence
    assert site.apply(one).word is Word.STALE
    assert len(site.written()) == 1


def _start(site: Site, server_id: str) -> Change:
    case = site.look()
    asking = finding(case, "start-process-server", kind="process-server", subject_id=server_id, name="PS-AZ-01")
    return REMEDIES["start-process-server"].plan(case, asking)
