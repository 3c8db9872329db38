"""Create the failback policy that a vault set up by a script lacks: 15 minutes, 24 hours, 60 minutes (recipe R9)."""

from __future__ import annotations

from typing import Any

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_azure import SITE_RECOVERY, last_part, request
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.classic.step_06_failback_policy import (
    APP_CONSISTENT_MINUTES,
    HISTORY_MINUTES,
    RPO_MINUTES,
    failback_policies,
)
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import Policy, same_id
from wizard_steps.wording import _

POLICY = "policy"
_WANTED = {
    "recoveryPointThresholdInMinutes": RPO_MINUTES,
    "recoveryPointHistory": HISTORY_MINUTES,
    "appConsistentFrequencyInMinutes": APP_CONSISTENT_MINUTES,
}


class CreateFailbackPolicy(Remedy):
    """PUT of a policy of the kind InMage. The vault has no version to guard it with."""

    id = "create-failback-policy"
    weight = Weight.HARMLESS
    reads = AZURE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the policy to be: named after the one to Azure, as the portal names it, if there is one."""
        seen = [one.item.policy_id for one in case.machines.or_else(()) if one.item.policy_id.was_seen]
        forward = next((last_part(one.value) for one in seen if one.value), "vmware")
        name = f"{forward}-failback"
        return ChangeTarget("policy", name, "azure", f"{case.azure.vault_id}/replicationPolicies/{name}")

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Create it where there is no failback policy, or delete it where nothing is mapped to it."""
        now = _as_it_is(case, target)
        then: dict[str, Any] | None = dict(_WANTED) if wanted is None else wanted[POLICY]
        if now == then:
            raise CannotChange(_("the policy is already as wanted"))
        if then is None:
            _refuse_in_use(case, target)
        elif now is not None or (wanted is None and failback_policies(case)):
            raise CannotChange(_("the vault has a failback policy; one cannot be edited"))
        if then is None:
            title, verb, call = _("Delete the failback policy {name}"), "delete", request("DELETE", target.ref)
        else:
            title, verb, call = _("Create the failback policy {name}"), "write", request("PUT", target.ref, _body(then))
        return Shape(
            title=title.format(name=visible(target.name)),
            before={POLICY: now},
            after={POLICY: then},
            calls=(call,),
            rests_on={"failback policies": sorted(one.id.casefold() for one in failback_policies(case))},
            disturbs=_(
                "nothing; it runs as a job in the vault. Azure does not guard this call: a policy of this name that "
                "somebody makes in the seconds after the last reading makes it fail or is replaced"
            ),
            reversible=True,
            undo=_("the policy is deleted again, as long as nothing is associated with it"),
            privileges=(f"{SITE_RECOVERY}/replicationPolicies/{verb}",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look for the policy and compare its figures."""
        now = _as_it_is(case, change.target)
        if now != change.after[POLICY]:
            return Verification(False, _("read again, the policy is not as planned"))
        name = visible(change.target.name)
        return Verification(
            True,
            _("the vault has no policy {name}").format(name=name)
            if now is None
            else _("the vault has the failback policy {name}").format(name=name),
        )


def _body(values: dict[str, Any]) -> dict[str, Any]:
    details = {"instanceType": "InMage", "multiVmSyncStatus": "Enable", **values}
    return {"properties": {"providerSpecificInput": details}}


def _as_it_is(case: Case, target: ChangeTarget) -> dict[str, Any] | None:
    policy = next((one for one in case.azure.policies.value if same_id(one.id, target.ref)), None)
    return None if policy is None else _figures(policy)


def _figures(policy: Policy) -> dict[str, Any]:
    values = (policy.rpo_threshold_minutes, policy.history_minutes, policy.app_consistent_minutes)
    return {name: one.value for name, one in zip(_WANTED, values, strict=True)}


def _refuse_in_use(case: Case, target: ChangeTarget) -> None:
    """Raise `CannotChange` when a mapping or a machine uses the policy, `NotSeen` when that was not read."""
    for server in case.azure.configuration_servers.value:
        if any(same_id(one.policy_id.value, target.ref) for one in server.mappings.value):
            raise CannotChange(_("the policy is associated with a configuration server: take that back first"))
    for item in case.azure.protected_items.value:
        if item.policy_id.value is not None and same_id(item.policy_id.value, target.ref):
            raise CannotChange(_("{name} is replicated by this policy").format(name=item.machine_name.shown()))
