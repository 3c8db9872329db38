"""From findings to a plan: which remedies there are for a finding, and which changes they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from failback.changes.change import Change
from failback.changes.plan import Plan
from failback.changes.remedies import REMEDIES
from failback.changes.remedy import CannotChange
from failback.changes.submit_reprotect import SubmitReprotect
from wizard_steps.case import Case, Machine
from wizard_steps.judge import Report
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Finding
from wizard_steps.wording import _


@dataclass(frozen=True)
class Offer:
    """What one remedy of a finding comes to: a change, or the sentence that says why there is none."""

    remedy: str
    change: Change | None
    reason: str | None = None


def offers(case: Case, finding: Finding) -> tuple[Offer, ...]:
    """Return what each remedy of a finding comes to, in the finding's own order. Pure; raises for nothing seen."""
    return tuple(_offer(case, finding, remedy) for remedy in finding.remedies)


def _offer(case: Case, finding: Finding, remedy_id: str) -> Offer:
    try:
        return Offer(remedy_id, REMEDIES[remedy_id].plan(case, finding))
    except NotSeen as missing:
        return Offer(remedy_id, None, _("not known: {reason}").format(reason=missing.reason))
    except CannotChange as refused:
        return Offer(remedy_id, None, refused.reason)


def reprotect_offers(case: Case) -> tuple[Offer, ...]:
    """Return what reprotecting comes to for each machine of the batch, in its order; members of a group stay together.

    It mends nothing, so no finding asks for it and no plan of mends holds it.
    """
    batch = case.machines.or_else(())
    groups: dict[str, int] = {}
    for machine in batch:
        groups.setdefault(_group(machine), len(groups))
    return tuple(_reprotect(case, one) for one in sorted(batch, key=lambda one: groups[_group(one)]))


def _group(machine: Machine) -> str:
    group = machine.item.consistency_group_id
    return (group.value if group.was_seen else None) or machine.item.id


def _reprotect(case: Case, machine: Machine) -> Offer:
    remedy = SubmitReprotect()
    try:
        return Offer(remedy.id, remedy.for_machine(case, machine))
    except NotSeen as missing:
        return Offer(remedy.id, None, _("not known: {reason}").format(reason=missing.reason))
    except CannotChange as refused:
        return Offer(remedy.id, None, refused.reason)


def make_reprotect_plan(
    case: Case,
    now: datetime,
    profile_name: str,
    rehearsal: bool,  # noqa: FBT001 -- the fields of a plan, in their order
) -> Plan:
    """Return the plan that reprotects every machine whose verdict lets it; it may be empty."""
    changes = [one.change for one in reprotect_offers(case) if one.change is not None]
    return Plan(now, profile_name, rehearsal, _with_ids_of_their_own(changes))


def make_plan(
    case: Case,
    report: Report,
    findings: Sequence[Finding] | None,
    now: datetime,
    profile_name: str,
    rehearsal: bool,  # noqa: FBT001 -- the fields of a plan, in their order
) -> Plan:
    """Return the plan that mends `findings`; `None` means every root cause of the report that has a remedy.

    What another finding explains is left out then: it is judged anew once its cause is mended. A change that several
    findings ask for stands in the plan once. The plan may be empty.
    """
    chosen = [one for one in report.findings if one.caused_by is None] if findings is None else findings
    found: dict[tuple[str, str], Change] = {}
    for finding in chosen:
        for offer in offers(case, finding):
            if offer.change is not None:
                found.setdefault((offer.remedy, offer.change.target.ref), offer.change)
    order = list(REMEDIES)
    changes = sorted(found.values(), key=lambda one: order.index(one.remedy))
    return Plan(now, profile_name, rehearsal, _with_ids_of_their_own(changes))


def _with_ids_of_their_own(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes; where two targets share a name, the later one's id carries its reference too."""
    taken: set[str] = set()
    kept = []
    for one in changes:
        change = replace(one, id=f"{one.id}@{one.target.ref}") if one.id in taken else one
        taken.add(change.id)
        kept.append(change)
    return tuple(kept)
