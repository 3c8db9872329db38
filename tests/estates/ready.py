"""The small ready case: two machines, one master target, and nothing wrong on either side.

web01 and db01 are Windows machines that failed over to Azure with new addresses, and come home to their original
location. CS01 is the configuration server, PS-AZ-01 the process server in their Azure network, MT01 the master target
on esx01 with retention volume R. It was probed. Every heartbeat is two minutes old at `NOW`. `change` says what is different.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.estates.changing import GONE, change, change_all, days_ago, minutes_ago
from tests.estates.ready_azure import NOW, seen_in_azure
from tests.estates.ready_probes import answers_to
from tests.estates.ready_vcenter import ACCOUNT, seen_in_vcenter
from wizard_steps.case import Case
from wizard_steps.choices import Choices, TargetChoice
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.estate import Estate, Memory
from wizard_steps.judge import Report, judge
from wizard_steps.reading import not_seen
from wizard_steps.requirement import Finding

DENIED = not_seen("denied")


def ready_choices() -> Choices:
    """Return what the operator chose: MT01 with PS-AZ-01, volume R, on esx01, for every machine."""
    return Choices(
        targets=(TargetChoice("MT01", process_server="PS-AZ-01", retention_volume="R", esxi_host="esx01.example.com"),),
        site_recovery_vcenter_user=ACCOUNT,
        link_mbps=500,
    )


def _unprobed() -> Case:
    return Case(Estate(seen_in_azure(), seen_in_vcenter(), taken_at=NOW), ready_choices(), NOW, memory=Memory())


@cache
def _ready() -> Case:
    """Return the one ready case: nobody can change it, so every test of a worker shares it."""
    case = _unprobed()
    return replace(case, estate=replace(case.estate, azure=replace(case.azure, probed=answers_to(case))))


def ready_case(**overrides: object) -> Case:
    """Return the ready case, probed and judged at `NOW`; `overrides` replace whole fields of the case."""
    case = _ready()
    return replace(case, **overrides) if overrides else case  # type: ignore[arg-type]


def report_of(case: Case) -> Report:
    """Return the case judged by every requirement of the classic architecture."""
    return judge(case, REQUIREMENTS)


def findings_of(case: Case, requirement: str) -> tuple[Finding, ...]:
    """Return the findings of one requirement, judged with the rows that it follows from."""
    row = next(one for one in REQUIREMENTS if one.id == requirement)
    rows = [one for one in REQUIREMENTS if one is row or (row.rule is None and one.id in row.consequence_of)]
    return tuple(one for one in judge(case, rows).findings if one.requirement is row)


def finding_of(case: Case, requirement: str, subject: str | None = None) -> Finding:
    """Return the one finding of a requirement on the subject of that name; without a name, the only one there is."""
    found = [one for one in findings_of(case, requirement) if subject is None or one.subject.name == subject]
    if len(found) != 1:
        names = [one.subject.name for one in findings_of(case, requirement)]
        raise LookupError(f"{requirement} on {subject}: {len(found)} findings; it was judged on {names}")
    return found[0]


__all__ = [
    "DENIED",
    "GONE",
    "NOW",
    "change",
    "change_all",
    "days_ago",
    "finding_of",
    "findings_of",
    "minutes_ago",
    "ready_case",
    "ready_choices",
    "report_of",
]
