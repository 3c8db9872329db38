"""The rule that nothing unread is green: what must hold of a report when something was not seen."""

from __future__ import annotations

from collections.abc import Mapping

from tests.proof.judging import Judged
from tests.proof.losing import Name, depend_on, lost, statuses
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.requirement import Finding, Status

ROLL_UPS = {row.id for row in REQUIREMENTS if row.rule is None}

SECOND_SOURCE: Mapping[str, str] = {
    "VirtualMachine.storageProfile": "site recovery names the disks it protects: only those come home",
}
"""What may be lost without harm, because the rules have it from a second place as well; and that place."""

ENOUGH_WITHOUT_VCENTER: Mapping[str, str] = {
    "cs-running": "its heartbeat proves it; the VM, if it is one of this vCenter at all, can only make it worse",
    "ret-visible": "site recovery's own list proves it; what the guest has is told for comparison",
}
"""Rows that look at vCenter, and stand without it, each with the reason."""

SAYS_WHAT_IT_LACKS: Mapping[str, str] = {
    "alr-new-vm-on-mt-host": "it informs where the new VM is made; how long the copy takes is said beside it",
    "olr-optional-delete-onprem-vm": "it informs that the VM may be deleted; what either way costs is said beside it",
}
"""Rows that judge nothing and only inform: one that lacks a figure says so, with the reason, and informs of the rest."""


def hold_to_unknown(ready: Judged, after: Judged) -> None:
    """Assert that exactly the rows that depend on what was lost are unknown, and say why."""
    loss = lost(ready.case, after.case)
    then, now = statuses(ready), statuses(after)
    may, must = _depending(ready, loss.names), _depending(ready, loss.wholly)
    changed = {row for row in then if then[row] != now[row]}
    new = [one for one in after.report.findings if (one.subject.name, one.status) not in then[one.requirement.id]]
    assert [_said(one) for one in new if one.status is not Status.UNKNOWN] == []
    unsaid = [one for one in new if one.requirement.id not in ROLL_UPS and not _says(one, loss.reasons)]
    assert [_said(one) for one in unsaid] == []
    more = sorted(changed - may)
    assert not more, f"changed without depending on what was lost: {more}"
    said = {
        one.requirement.id for one in after.report.findings if one.status is Status.INFO and _says(one, loss.reasons)
    }
    good = sorted(must - changed - (said & SAYS_WHAT_IT_LACKS.keys()))
    assert not good, f"as good as before without what they depend on: {good}"


def _depending(ready: Judged, names: frozenset[Name]) -> set[str]:
    """Return the rows that look at one of the sources, and do not stand without it."""
    found = set()
    for row, sources in depend_on(ready).items():
        needed = {one for one in sources & names if one[1] not in SECOND_SOURCE}
        if row in ENOUGH_WITHOUT_VCENTER:
            needed = {one for one in needed if one[0] != "vcenter"}
        if needed:
            found.add(row)
    return found


def _says(finding: Finding, reasons: frozenset[str]) -> bool:
    return any(reason in finding.evidence for reason in reasons)


def _said(finding: Finding) -> str:
    return f"{finding.requirement.id} on {finding.subject.name}: {finding.status.value}: {finding.evidence}"
