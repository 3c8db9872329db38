"""Submit a machine's reprotect request: replication home begins, and the job is followed to its end (recipe R13).

The one change that is no mending: it is planned by itself, only for a machine whose verdict lets it, and wants the
machine's name typed.
"""

from __future__ import annotations

from typing import Any

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_azure import SITE_RECOVERY, request
from failback.changes.on_vcenter import machine_of, named
from failback.changes.remedy import CannotChange, Remedy, Shape, Verification, Weight
from failback.changes.reprotect_request import group_of, reprotect_request
from wizard_steps.case import Case, Machine, same_id
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.judge import judge
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Finding, Verdict
from wizard_steps.wording import _

REPLICATES = "replicates"
_AZURE_TO_SITE, _NOT_YET = "Azure to the site", "not yet: it is failed over"
_PRIVILEGE = (
    f"{SITE_RECOVERY}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems/reProtect/action"
)
ENOUGH = frozenset({Verdict.READY, Verdict.READY_WITH_WARNINGS})


class SubmitReprotect(Remedy):
    """POST reProtect. Refused unless the machine's verdict is ready, with warnings or without."""

    id = "submit-reprotect"
    weight = Weight.IRREVERSIBLE
    probes = True

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the machine's protected item."""
        return target_of_machine(machine_of(case, finding))

    def for_machine(self, case: Case, machine: Machine) -> Change:
        """Return the change that reprotects a machine; raises `NotSeen` or `CannotChange` with the reason."""
        target = target_of_machine(machine)
        row = "rpi-reprotect-then-failback"
        return self._change(f"{self.id}:{target.name}", row, target, self.shape(case, target, None))

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Make the request from what was seen and chosen; everything in it is what it rests on."""
        machine = _machine(case, target)
        made = reprotect_request(case, machine)
        verdict = _verdict(case, machine)
        if verdict not in ENOUGH:
            raise CannotChange(
                _("its verdict is {verdict}: prepare everything, then reprotect").format(verdict=verdict.value)
            )
        details: dict[str, Any] = made.body["properties"]["providerSpecificDetails"]
        members = group_of(case, machine)
        return Shape(
            title=_("Reprotect {name}").format(name=named(target)),
            before={REPLICATES: _NOT_YET},
            after={REPLICATES: _AZURE_TO_SITE},
            calls=(request("POST", made.path, made.body),),
            rests_on={
                "verdict": "ready",
                "allowed operations": list(machine.item.allowed_operations.value),
                "protection state": machine.item.protection_state.value,
                "consistency group": list(members),
                **{name: value for name, value in details.items() if isinstance(value, str)},
            },
            disturbs=_disturbs(members),
            reversible=False,
            undo=_(
                "reprotection is taken back by failing over again or by disabling protection: both are left to a person"
            ),
            privileges=(_PRIVILEGE,),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look in which direction the item replicates now, and through which servers."""
        item = _machine(case, change.target).item
        kind, state = item.instance_type.value, Outside(item.protection_state.value).shown()
        if kind.casefold() != "inmage":
            return Verification(
                False, _("the job ended well, but site recovery shows the machine as {state}").format(state=state)
            )
        wanted = change.calls[0].args["body"]["properties"]["providerSpecificDetails"]["masterTargetId"]
        found = item.master_target_id.value
        if found is not None and found != wanted:
            return Verification(False, _("it replicates home through another master target than the request named"))
        return Verification(
            True, _("it replicates from Azure to the site ({state}); the first copy takes its time").format(state=state)
        )


def target_of_machine(machine: Machine) -> ChangeTarget:
    """Return a machine's protected item as the target of a change."""
    return ChangeTarget("machine", machine.name, "azure", machine.item.id)


def _machine(case: Case, target: ChangeTarget) -> Machine:
    for machine in case.chosen_machines.value:
        if same_id(machine.item.id, target.ref):
            return machine
    raise CannotChange(_("the machine is no longer among the chosen ones"))


def _verdict(case: Case, machine: Machine) -> Verdict:
    """Return what the rules make of the machine in this very case; raises `NotSeen` when they do not speak of it."""
    for one in judge(case, REQUIREMENTS).machines:
        if same_id(one.id, machine.item.id):
            return one.verdict
    raise NotSeen(_("the machine was not judged"))


def _disturbs(members: tuple[str, ...]) -> str:
    words = _(
        "the machine goes on running in Azure; its data are sent home from now on, over the link to the site, and its "
        "VM on-premises is written over where it comes home to its original location. Azure does not guard this call: "
        "it refuses a second one itself"
    )
    if not members:
        return words
    names = ", ".join(Outside(one).shown() for one in members)
    return _("{words}. It is one of a consistency group: reprotect all of {names}").format(words=words, names=names)
