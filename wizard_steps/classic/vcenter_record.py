"""Which of the vCenters registered in the vault is the one this profile reads.

The vault may know it by another address than the profile, so the machines tell as well: a record whose machines stand
in this vCenter is this vCenter's.
"""

from __future__ import annotations

from collections.abc import Sequence

from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, fail, passed, unknown
from wizard_steps.seen_in_azure import VCenterRecord
from wizard_steps.wording import _

_DISCOVERED = frozenset(
    {"completed", "discoverycompleted", "discovered", "succeeded", "success", "connected", "healthy"}
)
_BROKEN = ("fail", "error", "disconnect", "unreach", "notconnected")


def judge_discovery(record: VCenterRecord, remedies: Sequence[str] = ()) -> Judgement:
    """Judge the discovery status of a vCenter, which is free text: an unknown word stays unknown."""
    status = record.discovery_status.value
    word = status.strip().casefold()
    values = {"name": record.name, "status": Outside(status)}
    if any(part in word for part in _BROKEN):
        return fail(_("discovery of {name}: {status}"), **values, remedies=remedies)
    if word in _DISCOVERED:
        return passed(_("discovery of {name}: {status}"), **values)
    return unknown(_("discovery of {name}: {status}, a word this program does not know"), **values)


def record_of(case: Case) -> VCenterRecord | None:
    """Return the record of this vCenter; None: the vault has no record at all.

    Raises `NotSeen` when there are records, but none can be told to be this vCenter's.
    """
    records = case.server.value.vcenters.value
    if not records:
        return None
    ours = case.vcenter.host.casefold()
    for one in records:
        if ours in (one.address.value.casefold(), one.name.raw.casefold()):
            return one
    for one in records:
        if one.infrastructure_id.value.casefold() in _homes(case):
            return one
    raise NotSeen(
        _("the vault knows {addresses}; none of them can be told to be {host}").format(
            addresses=", ".join(one.name.shown() for one in records), host=case.vcenter.host
        )
    )


def _homes(case: Case) -> set[str]:
    """Return the ids of the vCenters of those machines whose VM stands in this one; instance UUIDs are never shared."""
    found = set()
    for machine in case.machines.value:
        known_as = machine.item.vcenter_infrastructure_id.or_else(None)
        if known_as and machine.source_vm.or_else(None) is not None:
            found.add(known_as.casefold())
    return found
