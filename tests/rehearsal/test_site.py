"""The rehearsal site is believable: its faults are found from its state, and it can be taken to ready."""

from __future__ import annotations

from collections import Counter

from failback.azure.allowed import PROBES, READS, on_the_list
from failback.rehearsal.faults import FAULTS
from tests.rehearsal.conftest import Rehearse
from wizard_steps.judge import TROUBLE, Report
from wizard_steps.requirement import Status, Verdict


def troubles(report: Report) -> Counter[tuple[str, str]]:
    """Return what is wrong at the root, by requirement and subject."""
    return Counter((one.requirement.id, one.subject.name) for one in report.roots() if one.status in TROUBLE)


def test_each_fault_of_the_faulty_site_is_found_once_and_nothing_else_is(rehearse: Rehearse) -> None:
    engine = rehearse("faulty")
    report = engine.judge(engine.look())
    assert troubles(report) == Counter((fault.requirement, fault.subject) for fault in FAULTS)
    assert report.verdict is Verdict.NOT_READY


def test_on_the_ready_site_only_what_a_person_must_vouch_for_is_left(rehearse: Rehearse) -> None:
    engine = rehearse("ready")
    report = engine.judge(engine.look())
    left = {
        (one.requirement.id, one.status.value, one.evidence)
        for one in report.findings
        if one.status not in {Status.PASS, Status.INFO, Status.NOT_APPLICABLE, Status.ATTEST}
    }
    assert left == set()
    assert report.verdict is Verdict.TO_ATTEST


def test_a_look_at_the_site_writes_nothing_on_either_wire(rehearse: Rehearse) -> None:
    engine = rehearse("faulty")
    engine.look()
    assert engine.rehearsal is not None
    allowed = (*READS, *PROBES)
    strays = [one.path for one in engine.rehearsal.arm.requests if not on_the_list(allowed, one.method, one.path)]
    assert strays == []
    assert not {call.name for call in engine.rehearsal.wire.calls if call.name.endswith("_Task")}


def test_with_everything_vouched_for_the_ready_site_is_ready(rehearse: Rehearse) -> None:
    engine = rehearse("ready")
    case = engine.look()
    for finding in engine.judge(case).findings:
        if finding.status is Status.ATTEST:
            case = engine.attest(finding.requirement.id, finding.subject.name, "operator")
    assert engine.judge(case).verdict is Verdict.READY
