"""Which of the vCenters registered in the vault is the one this profile reads.

The vault may know it by another address than the profile, so the machines tell as well: a record whose machines stand
in this vCenter is this vCenter's.
"""

from __future__ import annotations

from collections.abc import Sequence

from wizard_steps.case import Case
from wizard_steps.classic.networks import as_address
from wizard_steps.joins import same_host
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, fail, not_applicable, passed, unknown, warn
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


def judge_address(case: Case, record: VCenterRecord) -> Judgement:
    """Judge whether a record's address is that of the vCenter which the profile reads.

    That its machines stand here does not prove it: a VM that is moved or restored to another vCenter may keep its UUID.
    Two names, or two IP addresses, that differ are a warning, as the table has it of another vCenter (one may have
    several names). A name and an IP address cannot be compared without asking the network, and that is said. Where the
    record carries this vCenter's own instance UUID, it is this vCenter, whatever it is called there.
    """
    theirs, ours = record.address.value, case.vcenter.host
    values = {"name": record.name, "theirs": Outside(theirs), "ours": Outside(ours)}
    their_address, our_address = as_address(theirs), as_address(ours)
    if their_address == our_address and (their_address is not None or same_host(theirs, ours)):
        return not_applicable(_("the vault and the profile know it by one address"))
    if (their_address is None) is not (our_address is None):
        return passed(
            _("the vault knows {name} as {theirs}, this profile as {ours}: an address and a name cannot be compared"),
            **values,
        )
    if _plain(record.infrastructure_id.value) == _plain(case.vcenter.instance_uuid.value):
        return passed(_("the vault knows this vCenter as {theirs}: its own id is that of the record"), **values)
    return warn(
        _("the vault knows {name} as {theirs}, this profile reads {ours}: they may be two vCenters"),
        **values,
        cause=_("Site recovery sends the machines to the vCenter that the vault names, not to the one read here."),
        action=_("Make sure that both are one vCenter; then give the profile and the vault the same address for it."),
    )


def _plain(uuid: str) -> str:
    return uuid.replace("-", "").casefold()


def _homes(case: Case) -> set[str]:
    """Return the ids of the vCenters of those machines whose VM stands in this one; instance UUIDs are never shared."""
    found = set()
    for machine in case.machines.value:
        known_as = machine.item.vcenter_infrastructure_id.or_else(None)
        if known_as and machine.source_vm.or_else(None) is not None:
            found.add(known_as.casefold())
    return found
