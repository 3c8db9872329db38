"""Step 6: the failback policy exists, and is tied to the machines' own protection container."""

from __future__ import annotations

from functools import partial

from wizard_steps.case import Case, same_id
from wizard_steps.classic.health import BAD, CAUTION, GOOD, judge_errors
from wizard_steps.conditions import all_hold, one_holds
from wizard_steps.outside import Outside
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    Step,
    fail,
    info,
    not_applicable,
    passed,
    pending,
    unknown,
    warn,
)
from wizard_steps.seen_in_azure import ConfigurationServer, ContainerMapping, Policy
from wizard_steps.wording import N_, _

STEP = Step(6, "failback-policy", N_("Failback policy"))
rows = Requirements(STEP)

FAILBACK_KIND = "inmage"
RPO_MINUTES, HISTORY_MINUTES, APP_CONSISTENT_MINUTES = 15, 24 * 60, 60
_UNPAIRED = frozenset({"unpaired", "unpairing", "unpairingfailed", "pairingfailed", "failed", "deleting"})


def failback_policies(case: Case) -> tuple[Policy, ...]:
    """Return the policies that replicate from Azure to the site."""
    return tuple(one for one in case.azure.policies.value if one.instance_type.value.casefold() == FAILBACK_KIND)


def _containers_in_use(case: Case, server: ConfigurationServer) -> tuple[str, ...]:
    """Return the protection containers of the batch on this server; without a machine of it, all of the server's."""
    mine = [one.item for one in case.machines.value if same_id(one.item.fabric_id, server.id)]
    found = {item.container_id.casefold(): item.container_id for item in mine}
    return tuple(found.values()) or server.container_ids.value


def _failback_mappings(case: Case, server: ConfigurationServer, container: str) -> tuple[ContainerMapping, ...]:
    """Return the mappings that tie a failback policy to a container."""
    policies = failback_policies(case)
    return tuple(
        one
        for one in server.mappings.value
        if same_id(one.container_id, container) and any(same_id(one.policy_id.value, policy.id) for policy in policies)
    )


def _points_home(mapping: ContainerMapping) -> bool:
    """Tell whether a mapping points at its own container, as that of a failback policy does."""
    return same_id(mapping.target_container_id.value, mapping.container_id)


@rows.add(
    "failback-policy-exists",
    statement=N_("The vault has a failback policy."),
    seed="components table, policy, para 1",
    subject="policy",
    worst="fail",
    remedies=["create-failback-policy"],
    cause=N_("The portal makes it together with the policy to Azure; a vault that was set up by a script has none."),
    action=N_("Create a failback policy with a recovery point objective of 15 minutes and 24 hours of history."),
)
def exists(case: Case, server: ConfigurationServer) -> Judgement:
    """Look for a policy of the kind that replicates from Azure to the site."""
    found = failback_policies(case)
    if not found:
        return fail(_("none of the vault's {count} policies replicates home"), count=len(case.azure.policies.value))
    return passed(_("failback policy {names}"), names=[one.name for one in found])


@rows.add(
    "failback-policy-associated",
    statement=N_("The failback policy is associated with the configuration server."),
    seed="components table, policy, para 2",
    subject="policy",
    worst="fail",
    consequence_of=["failback-policy-exists"],
    remedies=["map-failback-policy"],
    cause=N_("Without the association a reprotect request is refused (error 78253)."),
    action=N_("Associate the failback policy with the configuration server: map its container onto itself."),
)
def associated(case: Case, server: ConfigurationServer) -> Judgement:
    """Ask for a paired, healthy mapping of every container that a machine of the batch is in."""
    containers = _containers_in_use(case, server)
    if not containers:
        return fail(_("{name} has no protection container"), name=server.name, remedies=())
    return all_hold(*(partial(_container, case, server, one) for one in containers))


def _container(case: Case, server: ConfigurationServer, container: str) -> Judgement:
    mappings = [one for one in _failback_mappings(case, server, container) if _points_home(one)]
    if not mappings:
        return fail(_("no failback policy is associated with {name}"), name=server.name, container=container)
    return one_holds(*(partial(_mapping, one) for one in mappings))


def _mapping(mapping: ContainerMapping) -> Judgement:
    return all_hold(partial(_paired, mapping), partial(judge_errors, mapping.health_errors))


def _paired(mapping: ContainerMapping) -> Judgement:
    state, health = mapping.state.value, mapping.health.value
    said = {"name": Outside(mapping.name), "state": Outside(state), "health": Outside(health)}
    if state.casefold() == "paired":
        judgement = passed if health.casefold() in GOOD else warn if health.casefold() in CAUTION | BAD else unknown
        return judgement(_("the association {name} is {state}, its health {health}"), **said)
    if state.casefold() in {"pairing", "pairinginprogress"}:
        return pending(_("the association {name} is {state}"), action=_("Wait, then look again."), **said)
    judgement = fail if state.casefold() in _UNPAIRED else unknown
    return judgement(_("the association {name} is {state}"), **said)


@rows.add(
    "failback-policy-values",
    statement=N_("The failback policy has the usual values: 15 minutes, 24 hours, 60 minutes."),
    seed="components table, policy, para 2",
    subject="policy",
    worst="warn",
    consequence_of=["failback-policy-exists"],
    cause=N_("Policies made by a script may differ; the history they keep decides how much room retention needs."),
    action=N_("Size the retention drive by the policy's history, or create a policy with the usual values."),
)
def usual_values(case: Case, server: ConfigurationServer) -> Judgement:
    """Compare the three figures of the policies in use; the service states all of them in minutes."""
    policies = failback_policies(case)
    if not policies:
        return not_applicable(_("there is no failback policy"))
    return all_hold(*(partial(_values, one) for one in _in_use(case, server) or policies))


def _in_use(case: Case, server: ConfigurationServer) -> tuple[Policy, ...]:
    """Return the failback policies that reprotection of the batch would use; none while none is associated."""
    used = [
        one.policy_id.value
        for container in _containers_in_use(case, server)
        for one in _failback_mappings(case, server, container)
        if _points_home(one)
    ]
    return tuple(one for one in failback_policies(case) if any(same_id(one.id, id_) for id_ in used))


def _values(policy: Policy) -> Judgement:
    values = (
        policy.rpo_threshold_minutes.value,
        policy.history_minutes.value,
        policy.app_consistent_minutes.value,
    )
    usual = values == (RPO_MINUTES, HISTORY_MINUTES, APP_CONSISTENT_MINUTES)
    judgement = passed if usual else warn
    return judgement(
        _("{name}: threshold {rpo} min, history {history} h, application snapshots every {snapshots} min"),
        name=policy.name,
        rpo=values[0],
        history=f"{values[1] / 60:g}",
        snapshots=values[2],
    )


@rows.add(
    "failback-policy-readonly",
    statement=N_("The failback policy cannot be edited."),
    seed="components table, policy, para 2",
    subject="policy",
    worst="info",
)
def cannot_be_edited(case: Case, server: ConfigurationServer) -> Judgement:
    """State a fact of the service; other values take another policy and another association."""
    return info(_("other values take another policy and another association"))


@rows.add(
    "policy-mapping-direction",
    statement=N_("The policy that reprotection will use replicates from Azure to the site."),
    seed="Az PowerShell source",
    subject="policy",
    worst="fail",
    consequence_of=["failback-policy-exists", "failback-policy-associated"],
    cause=N_("A request with the policy to Azure would replicate in the wrong direction."),
    action=N_("Associate the failback policy with the machines' own container; the target 'Microsoft Azure' is wrong."),
)
def direction(case: Case, server: ConfigurationServer) -> Judgement:
    """Ask, for every container in use, for a failback policy whose paired mapping points at that container itself."""
    return all_hold(*(partial(_direction, case, server, one) for one in _containers_in_use(case, server)))


def _direction(case: Case, server: ConfigurationServer, container: str) -> Judgement:
    mappings = _failback_mappings(case, server, container)
    usable = [one for one in mappings if _points_home(one) and one.state.value.casefold() == "paired"]
    if usable:
        return passed(_("reprotection will use {policy}"), policy=Outside(usable[0].policy_id.value.rpartition("/")[2]))
    astray = [one for one in mappings if not _points_home(one)]
    if astray:
        return fail(
            _("the association {name} of the failback policy points at {target}, not at its own container"),
            name=Outside(astray[0].name),
            target=Outside(astray[0].target_container_id.value.rpartition("/")[2]),
        )
    return fail(_("no failback policy is ready to be used on {name}"), name=server.name)
