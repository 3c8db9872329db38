"""Associate the failback policy with the configuration server: map its container onto itself (recipe R9)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_azure import SITE_RECOVERY, last_part, request, server_in_use, server_of
from failback.changes.on_vcenter import named
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.classic.step_06_failback_policy import failback_policies
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import ConfigurationServer, ContainerMapping, Policy, same_id
from wizard_steps.wording import _

_NAMED = "failback"
_PRIVILEGE = (
    f"{SITE_RECOVERY}/replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings"
)


class MapFailbackPolicy(Remedy):
    """PUT of a container mapping for every container that has none; POST remove takes one back."""

    id = "map-failback-policy"
    weight = Weight.HARMLESS
    reads = AZURE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the configuration server in use."""
        return server_in_use(case)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Map what has no mapping home, or remove the mappings that were made."""
        server = server_of(case, target)
        wished = _wished(case, server) if wanted is None else dict(wanted)
        before = _as_it_is(server, wished)
        changed = {path: policy for path, policy in wished.items() if before[path] != policy}
        if not changed:
            raise CannotChange(_("the association is already as wanted"))
        removed = [path for path, policy in changed.items() if policy is None]
        if removed:
            _refuse_in_use(case)
        calls = tuple(_call(case, path, policy, before[path]) for path, policy in changed.items())
        return Shape(
            title=_title(target, removes=bool(removed)),
            before=before,
            after=wished,
            calls=calls,
            rests_on={
                "mappings": sorted(one.id.casefold() for one in server.mappings.value),
                "policies": sorted({*filter(None, before.values()), *filter(None, wished.values())}),
            },
            disturbs=_(
                "nothing; it runs as a job in the vault. Azure does not guard this call: an association that somebody "
                "makes in the seconds after the last reading makes it fail"
            ),
            reversible=True,
            undo=_("the association is removed again, as long as no machine is reprotected by it"),
            privileges=(f"{_PRIVILEGE}/{'remove/action' if removed else 'write'}",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look which policy each mapping ties, and whether it is paired."""
        server = server_of(case, change.target)
        for path, policy in change.after.items():
            if _policy_at(server, path) != policy:
                return Verification(False, _("read again, the association is not as planned"))
            mapping = _mapping(server, path)
            if mapping is not None and mapping.state.value.casefold() != "paired":
                return Verification(
                    False, _("the association is there and {state}").format(state=visible(mapping.state.value))
                )
        return Verification(True, _("the association is as planned"))


def _title(target: ChangeTarget, *, removes: bool) -> str:
    if removes:
        return _("Take the association of the failback policy with {name} back").format(name=named(target))
    return _("Associate the failback policy with {name}").format(name=named(target))


def _as_it_is(server: ConfigurationServer, paths: Collection[str]) -> dict[str, str | None]:
    """Return the policy at each path (`None`: no mapping); raises `CannotChange` for a path of another server."""
    if not all(path.casefold().startswith(f"{server.id}/".casefold()) for path in paths):
        raise CannotChange(_("it names an association of another configuration server"))
    return {path: _policy_at(server, path) for path in paths}


def _wished(case: Case, server: ConfigurationServer) -> dict[str, str | None]:
    """Return the path of a mapping for every container without one home, and the policy it will tie."""
    policy = _policy(case)
    homeless = [one for one in server.container_ids.value if not _maps_home(case, server, one)]
    if not homeless:
        raise CannotChange(_("the association is already as wanted"))
    return {
        f"{one}/replicationProtectionContainerMappings/{_free_name(server, one)}": policy.id.casefold()
        for one in homeless
    }


def _free_name(server: ConfigurationServer, container: str) -> str:
    taken = {one.name.casefold() for one in server.mappings.value if same_id(one.container_id, container)}
    return next(name for number in range(len(taken) + 1) if (name := f"{_NAMED}{number or ''}") not in taken)


def _policy(case: Case) -> Policy:
    found = failback_policies(case)
    if not found:
        raise CannotChange(_("the vault has no failback policy to associate: create one first"))
    if len(found) > 1:
        raise CannotChange(
            _("the vault has {count} failback policies: associate the one you mean in the portal").format(
                count=len(found)
            )
        )
    return found[0]


def _maps_home(case: Case, server: ConfigurationServer, container: str) -> bool:
    policies = failback_policies(case)
    return any(
        same_id(one.container_id, container)
        and same_id(one.target_container_id.value, container)
        and any(same_id(one.policy_id.value, policy.id) for policy in policies)
        for one in server.mappings.value
    )


def _mapping(server: ConfigurationServer, path: str) -> ContainerMapping | None:
    return next((one for one in server.mappings.value if same_id(one.id, path)), None)


def _policy_at(server: ConfigurationServer, path: str) -> str | None:
    mapping = _mapping(server, path)
    return None if mapping is None else mapping.policy_id.value.casefold()


def _refuse_in_use(case: Case) -> None:
    """Raise `CannotChange` while a machine replicates home: its mapping carries it."""
    for item in case.azure.protected_items.value:
        if item.instance_type.value.casefold() == "inmage":
            raise CannotChange(
                _("{name} is reprotected already: the association carries it").format(name=item.machine_name.shown())
            )


def _call(case: Case, path: str, policy: str | None, before: str | None) -> Call:
    if policy is None:
        return request("POST", f"{path}/remove", {"properties": {"providerSpecificInput": {"instanceType": "InMage"}}})
    if before is not None:
        raise CannotChange(_("there is an association {name} of another policy").format(name=visible(last_part(path))))
    known = next((one.id for one in case.azure.policies.value if same_id(one.id, policy)), None)
    if known is None:
        raise CannotChange(_("the policy {name} is gone").format(name=visible(last_part(policy))))
    body: dict[str, Any] = {
        "targetProtectionContainerId": path.rpartition("/replicationProtectionContainerMappings/")[0],
        "policyId": known,
        "providerSpecificInput": {"instanceType": "InMage"},
    }
    return request("PUT", path, {"properties": body})
