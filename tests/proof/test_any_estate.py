"""Whatever the model can express is judged: without an exception, the same each time, and never too well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.estates.ready import GONE, NOW, change_all, minutes_ago, ready_case, report_of
from tests.proof.strange import MOMENTS, Change, any_change, changed, places, readings_of, unread, value_at
from wizard_steps.case import Case, UnknownName
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.judge import Report
from wizard_steps.requirement import Status, Verdict

READY = ready_case()
PLACES = list(dict.fromkeys(places(READY.estate)))
READINGS = readings_of(READY.estate)
RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
FAST = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

WRONG: Mapping[str, Any] = {
    "azure.vms[web01].power_state": "deallocated",
    "azure.protected_items[db01].last_heartbeat": minutes_ago(40),
    "azure.protected_items[web01].os_version": "Microsoft Windows Server 2025",
    "azure.protected_items[web01].protectable_item_found": False,
    "azure.gateways[gw-dr].connections[to-osaka].status": "NotConnected",
    "azure.policies[*].rpo_threshold_minutes": 30,
    "server.service_status": "Stopped",
    "server.certificate_expires": minutes_ago(9),
    "server.version_status": "UpdateRequired",
    "server.process_servers[PS-AZ-01].health": "Critical",
    "server.providers[0].connection_status": "Disconnected",
    "server.mappings[failback]": GONE,
    "server.master_targets[MT01].last_heartbeat": minutes_ago(99),
    "server.master_targets[MT01].agent_version": "9.99.0.0",
    "server.master_targets[MT01].datastores": (),
    "server.master_targets[MT01].retention_volumes": (),
    "vcenter.machines[web01].power_state": "poweredOn",
    "vcenter.machines[MT01].extra_config": {},
    "vcenter.machines[MT01].tools_running": "guestToolsNotRunning",
    "vcenter.machines[MT01].consolidation_needed": True,
    "vcenter.datastores[datastore-1].accessible": False,
    "vcenter.hosts[*].memory_used_mb": 10**9,
    "vcenter.hosts[*].licence_edition": "esxBasic",
    "vcenter.pods[group-p1].overrides": {},
    "choices.link_mbps": 1,
}

faults_of_state = st.sets(st.sampled_from(sorted(WRONG)), max_size=6)
faults_of_reading = st.sets(st.sampled_from(READINGS), min_size=1, max_size=8)
any_estate = st.dictionaries(st.sampled_from(PLACES), any_change(), min_size=1, max_size=10)


def with_changes(changes: Mapping[str, Change]) -> Case:
    """Return the ready case with its estate changed."""
    return replace(READY, estate=changed(READY.estate, changes))


def with_wrong(names: set[str]) -> Case:
    """Return the ready case with some things wrong."""
    return change_all(READY, {name: WRONG[name] for name in sorted(names)})


def judged(case: Case) -> Report | None:
    """Return the report; None: a choice names nothing any more, which is for the operator to put right first."""
    try:
        return report_of(case)
    except UnknownName:
        return None


@FAST
@given(any_estate)
def test_any_estate_is_judged_without_an_exception_and_the_same_each_time(changes: dict[str, Change]) -> None:
    case = with_changes(changes)
    report = judged(case)
    again = judged(replace(case))
    assert report == again
    if report is not None:
        assert {one.requirement.id for one in report.findings} == {row.id for row in REQUIREMENTS}


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: str(moment.year))
def test_no_moment_that_a_clock_can_tell_is_too_much_for_a_rule(moment: datetime) -> None:
    for path in [one for one in PLACES if isinstance(value_at(READY.estate, one), datetime)]:
        assert judged(with_changes({path: lambda _old: moment})) is not None


@FAST
@given(any_estate)
def test_what_any_estate_is_judged_to_be_stays_within_what_its_row_may_be(changes: dict[str, Change]) -> None:
    report = judged(with_changes(changes))
    if report is None:
        return
    mild = {row.id for row in REQUIREMENTS if row.worst is Status.INFO}
    severe = [one.requirement.id for one in report.findings if one.status in (Status.FAIL, Status.PENDING)]
    assert not mild & set(severe) - {"rpi-reprotect-then-failback"}


@pytest.mark.parametrize("fault", sorted(WRONG))
def test_each_fault_of_state_alone_makes_some_finding_worse(fault: str) -> None:
    before = {(one.requirement.id, one.subject.name): one.status.rank for one in report_of(READY).findings}
    worse = [
        one.requirement.id
        for one in report_of(with_wrong({fault})).findings
        if one.status.rank < before.get((one.requirement.id, one.subject.name), Status.PASS.rank)
    ]
    assert worse != []


@FAST
@given(faults_of_state, st.sampled_from(sorted(WRONG)))
def test_a_fault_of_state_never_improves_a_verdict(faults: set[str], one_more: str) -> None:
    before, after = report_of(with_wrong(faults)), report_of(with_wrong({*faults, one_more}))
    assert RANK[after.verdict] <= RANK[before.verdict]
    machines = {one.id: one.verdict for one in before.machines}
    assert all(RANK[one.verdict] <= RANK[machines[one.id]] for one in after.machines if one.id in machines)


@FAST
@given(faults_of_state, faults_of_reading)
def test_a_fault_of_reading_never_moves_a_verdict_towards_ready(faults: set[str], paths: set[str]) -> None:
    case = with_wrong(faults)
    before = report_of(case)
    after = judged(replace(case, estate=changed(case.estate, dict.fromkeys(paths, unread))))
    if after is None:
        return
    assert after.verdict is Verdict.UNKNOWN or RANK[after.verdict] <= RANK[before.verdict]
    was = {(one.requirement.id, one.subject.name): one.status for one in before.findings}
    better = [
        f"{one.requirement.id} on {one.subject.name}: {was[key].value} -> {one.status.value}: {one.evidence}"
        for one in after.findings
        if (key := (one.requirement.id, one.subject.name)) in was
        and one.status.rank > was[key].rank
        and one.status is not Status.UNKNOWN
    ]
    assert better == []


@FAST
@given(st.integers(0, 400))
def test_a_verdict_never_gets_better_by_waiting(minutes: int) -> None:
    before = report_of(READY)
    after = report_of(replace(READY, now=NOW + timedelta(minutes=minutes)))
    assert RANK[after.verdict] <= RANK[before.verdict]
