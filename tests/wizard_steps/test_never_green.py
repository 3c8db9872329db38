"""Take one field away from a site with faults, wherever it stands: no finding may look better for it."""

from __future__ import annotations

import dataclasses

import pytest

from tests.estates.denying import denied, fields_read
from tests.estates.ready import GONE, change_all, minutes_ago, ready_case, report_of
from wizard_steps.case import Case
from wizard_steps.requirement import Finding, Status

FAULTS = {
    "azure.vms[web01].power_state": "deallocated",
    "azure.protected_items[db01].last_heartbeat": minutes_ago(40),
    "azure.protected_items[web01].source_ip_address": "10.1.0.21",
    "azure.gateways[gw-dr].connections[to-osaka].status": "NotConnected",
    "server.service_status": "Stopped",
    "server.certificate_expires": minutes_ago(9),
    "server.process_servers[PS-AZ-01].health": "Critical",
    "server.mappings[failback]": GONE,
    "server.master_targets[MT01].retention_volumes": (),
    "vcenter.machines[web01].power_state": "poweredOn",
    "vcenter.machines[MT01].extra_config": {},
    "vcenter.machines[MT01].tools_running": "guestToolsNotRunning",
    "vcenter.datastores[datastore-1].accessible": False,
    "vcenter.pods[group-p1].overrides": {},
}


def with_faults() -> Case:
    return change_all(ready_case(), FAULTS)


def findings(case: Case) -> dict[tuple[str, str], Finding]:
    return {(one.requirement.id, one.subject.name): one for one in report_of(case).findings}


@pytest.mark.parametrize("field", sorted(set(fields_read(with_faults().estate))))
def test_what_is_not_read_never_makes_a_finding_look_better(field: str) -> None:
    case = with_faults()
    before = findings(case)
    after = findings(dataclasses.replace(case, estate=denied(case.estate, field)))
    better = [
        f"{one.requirement.id} on {one.subject.name}: {before[key].status.value} -> {one.status.value}, {one.evidence}"
        for key, one in after.items()
        if key in before and one.status.rank > before[key].status.rank and one.status is not Status.UNKNOWN
    ]
    assert better == []
    vanished = {requirement for requirement, _subject in before.keys() - after.keys()}
    unknown = {one.requirement.id for one in after.values() if one.status is Status.UNKNOWN}
    assert vanished <= unknown
