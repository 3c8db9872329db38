"""Step 5: the ports between machines, process server, configuration server, master target, vCenter and Azure."""

from __future__ import annotations

from functools import partial
from typing import Any

from wizard_steps.attestations import attestation_for
from wizard_steps.case import Case, Machine, Target
from wizard_steps.classic.configuration_server_vm import failback_address
from wizard_steps.classic.health import judge_errors
from wizard_steps.classic.heartbeats import age, is_fresh
from wizard_steps.classic.ports import (
    Flow,
    configuration_server_to_azure,
    configuration_server_to_vcenter,
    machine_to_configuration_server,
    machine_to_process_server,
    master_target_to_configuration_server,
    process_server_to_configuration_server,
    process_server_to_master_target,
    shown,
)
from wizard_steps.classic.power import runs
from wizard_steps.classic.probing import (
    agent_was_heard,
    connection,
    connectivity,
    data_flows,
    flow_out,
    server_was_heard,
    was_asked,
)
from wizard_steps.classic.process_servers import running_pair_of, running_vm
from wizard_steps.classic.providers import judge_provider
from wizard_steps.classic.reached import (
    denials,
    denied,
    issues_of,
    off,
    tried,
    tried_by_process_server,
    was_reached,
)
from wizard_steps.classic.vcenter_record import judge_discovery
from wizard_steps.conditions import all_hold, one_holds
from wizard_steps.outside import Outside
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    Step,
    attest,
    fail,
    not_applicable,
    passed,
    warn,
)
from wizard_steps.seen_by_probes import FlowProbe
from wizard_steps.seen_in_azure import AzureVm, ConfigurationServer, ProcessServer, VCenterRecord
from wizard_steps.wording import N_, _, ngettext

STEP = Step(5, "ports", N_("Ports"))
rows = Requirements(STEP)

_FIGURE = N_("Data and orders flow between these two; the document shows it in its figure of ports.")
_OPEN = N_("Open the port in the network security groups and in every firewall on the way.")

rows.add_roll_up(
    "ports-required-open",
    statement=N_("The ports of reprotection and failback are open."),
    seed="ports section + figure",
    subject="batch",
    consequence_of=[
        "port-azvm-cs-443",
        "port-azvm-ps-9443",
        "port-ps-cs-443",
        "port-ps-mt-data",
        "port-mt-cs",
        "port-cs-azure-443",
        "port-cs-vcenter-443",
    ],
    action=N_("Open the ports that the rows of this step name."),
)


@rows.add(
    "port-azvm-cs-443",
    statement=N_("The machine's Azure VM reaches the configuration server on TCP 443."),
    seed="ports figure",
    subject="port",
    worst="fail",
    consequence_of=["azvm-not-moved-or-deleted"],
    remedies=["allow-port"],
    subjects=machine_to_configuration_server,
    cause=_FIGURE,
    action=_OPEN,
)
def machine_to_server(case: Case, flow: Flow[Machine]) -> Judgement:
    """Fail what security rules deny; take a heartbeat since the VM's boot as proof, else a connection that was made."""
    vm = flow.about.azure_vm.value
    if vm is None:
        return not_applicable(_("the machine has no Azure VM"))
    if not runs(vm):
        return off(vm)
    where, number = failback_address(case), flow.number
    if (evidence := _denied_if_asked(case, flow_out(case, vm, where, number))) is not None:
        return denied(evidence)
    if agent_was_heard(case, flow.about, vm):
        minutes = age(case, flow.about.item.last_heartbeat)
        return passed(
            ngettext(
                "the agent was heard {minutes} minute ago, since its VM booted in Azure",
                "the agent was heard {minutes} minutes ago, since its VM booted in Azure",
                minutes,
            ),
            minutes=minutes,
        )
    return tried(case, vm, case.server.value.name, where, number)


def _denied_if_asked(case: Case, probe: FlowProbe) -> list[str] | None:
    """Return what denies a flow; None: nothing, or nobody asked."""
    return (denials(case, probe) or None) if was_asked(case, probe) else None


@rows.add(
    "port-azvm-ps-9443",
    statement=N_("The machine's Azure VM reaches the process server on its data port, TCP 9443 unless it was changed."),
    seed="ports figure",
    subject="port",
    worst="fail",
    consequence_of=["ps-azure-required", "azvm-not-moved-or-deleted"],
    remedies=["allow-port"],
    subjects=machine_to_process_server,
    cause=_FIGURE,
    action=_OPEN,
)
def machine_to_data_port(case: Case, flow: Flow[tuple[Machine, ProcessServer]]) -> Judgement:
    """Judge the security rules of both ends; whether the connection comes about is step 4's row."""
    machine, server = flow.about
    pair = running_pair_of(case, machine)
    if pair is None:
        return not_applicable(_("the machine has no Azure VM"))
    vm = pair.vm
    if not runs(vm):
        return _as_said_of(case, "azvm-reach-ps", machine.name) or off(vm)
    flows = data_flows(case, vm, server)
    evidence = denials(case, *flows)
    if evidence:
        return denied(evidence)
    if pair.server_vm is None:
        return _to_the_site(case, flow, vm)
    return passed(_("the network security groups of both ends let {flow} through"), flow=shown(flow))


def _to_the_site(case: Case, flow: Flow[tuple[Machine, ProcessServer]], vm: AzureVm) -> Judgement:
    """Judge the flow to a process server on-premises: what is not proven takes a word about the firewall there."""
    machine, server = flow.about
    address = server.ip_address.value
    result = connectivity(case, connection(vm, address, flow.number)).value
    if result.reached:
        return was_reached(vm, server.name, address, flow.number, result)
    return _as_said_of(case, "azvm-reach-ps", machine.name) or attest(
        _("vouch that the firewall on-premises lets {flow} through: no answer came"), flow=shown(flow)
    )


def _as_said_of(case: Case, requirement: str, subject: str) -> Judgement | None:
    """Return what a person's word for the whole path says of its port: nobody is asked the same thing twice."""
    vouched = attestation_for(case, requirement, subject)
    if vouched is None:
        return None
    return passed(_("{who} vouched on {when} that the path is open"), who=Outside(vouched.by), when=vouched.at)


@rows.add(
    "port-ps-cs-443",
    statement=N_("The process server reaches the configuration server on TCP 443."),
    seed="ports figure",
    subject="port",
    worst="fail",
    consequence_of=["ps-azure-required", "ps-health"],
    remedies=["allow-port"],
    subjects=process_server_to_configuration_server,
    cause=_FIGURE,
    action=_OPEN,
)
def process_server_to_server(case: Case, flow: Flow[ProcessServer]) -> Judgement:
    """Fail what security rules deny; take a fresh heartbeat as proof: it goes by way of the configuration server."""
    server, where, number = flow.about, failback_address(case), flow.number
    vm = running_vm(case, server)
    if vm is not None and (evidence := _denied_if_asked(case, flow_out(case, vm, where, number))) is not None:
        return denied(evidence)
    if server_was_heard(case, server):
        minutes = age(case, server.last_heartbeat)
        return passed(
            ngettext(
                "the process server was heard {minutes} minute ago",
                "the process server was heard {minutes} minutes ago",
                minutes,
            ),
            minutes=minutes,
        )
    return tried_by_process_server(case, server, vm)


@rows.add(
    "port-ps-mt-data",
    statement=N_("The process server reaches the master target's data port."),
    seed="ports figure",
    subject="port",
    worst="fail",
    consequence_of=["ps-azure-required"],
    remedies=["allow-port"],
    subjects=process_server_to_master_target,
    cause=_FIGURE,
    action=_OPEN,
)
def process_server_to_target(case: Case, flow: Flow[tuple[ProcessServer, Target]]) -> Judgement:
    """Take a connection that was made as proof, else a person's word: the port is inferred (ruling)."""
    server, target = flow.about
    master = target.registered.value
    vm, address = running_vm(case, server), master.ip_address.value
    said = _as_said_of(case, "ps-reach-mt", server.name.raw)
    if vm is None:
        return said or _vouch(flow, _("the process server stands on-premises"))
    evidence = denials(case, flow_out(case, vm, address, flow.number))
    if evidence:
        return _vouch(flow, "; ".join(evidence))
    result = connectivity(case, connection(vm, address, flow.number)).value
    if result.reached:
        return was_reached(vm, master.name, address, flow.number, result)
    issues = _("no answer came to {vm}{issues}").format(vm=vm.name.shown(), issues=issues_of(result))
    return said or _vouch(flow, issues)


def _vouch(flow: Flow[Any], evidence: str) -> Judgement:
    return attest(
        _("{evidence}: vouch that {flow} is open, or the port the document's figure shows, for no text states it"),
        evidence=evidence,
        flow=shown(flow),
    )


@rows.add(
    "port-mt-cs",
    statement=N_("The master target reaches the configuration server."),
    seed="ports figure",
    subject="port",
    worst="fail",
    consequence_of=["mt-present-default-windows"],
    subjects=master_target_to_configuration_server,
    cause=_FIGURE,
    action=N_("See that the master target's services run, and that it reaches the configuration server on TCP 443."),
)
def target_to_server(case: Case, flow: Flow[Target]) -> Judgement:
    """Take a fresh heartbeat as proof."""
    target = flow.about.registered.value
    minutes = age(case, target.last_heartbeat)
    if is_fresh(case, target.last_heartbeat):
        return passed(
            ngettext(
                "the master target was heard {minutes} minute ago",
                "the master target was heard {minutes} minutes ago",
                minutes,
            ),
            minutes=minutes,
        )
    return fail(
        _("the master target was last heard {minutes} minutes ago"),
        minutes=minutes,
    )


@rows.add(
    "port-cs-azure-443",
    statement=N_("The configuration server reaches Azure on TCP 443."),
    seed="ports figure",
    subject="port",
    worst="fail",
    consequence_of=["cs-running", "cs-connected-azure"],
    subjects=configuration_server_to_azure,
    cause=_FIGURE,
    action=N_("Open TCP 443 from the configuration server to Azure's site recovery endpoints, proxy included."),
)
def server_to_azure(case: Case, flow: Flow[ConfigurationServer]) -> Judgement:
    """Take a provider that is connected, and heard of, as proof."""
    providers = flow.about.providers.value
    if not providers:
        return fail(_("no recovery services provider of it is registered in the vault"))
    return one_holds(*(partial(judge_provider, case, flow.about, one) for one in providers))


@rows.add(
    "port-cs-vcenter-443",
    statement=N_("The configuration server reaches vCenter on the port it is registered with."),
    seed="ports figure",
    subject="port",
    worst="fail",
    consequence_of=["vcenter-connected"],
    subjects=configuration_server_to_vcenter,
    cause=_FIGURE,
    action=N_("Open the port from the configuration server to vCenter, or correct the port of its registration."),
)
def server_to_vcenter(case: Case, flow: Flow[VCenterRecord | None]) -> Judgement:
    """Take a fresh heartbeat of the vCenter's registration, with discovery and without errors, as proof."""
    record = flow.about
    if record is None:
        return fail(_("no vCenter is registered with the configuration server"))
    return all_hold(
        partial(_was_heard, case, record), partial(judge_discovery, record), lambda: judge_errors(record.health_errors)
    )


def _was_heard(case: Case, record: VCenterRecord) -> Judgement:
    minutes = age(case, record.last_heartbeat)
    said = {"vcenter": record.name, "minutes": minutes}
    if is_fresh(case, record.last_heartbeat):
        return passed(
            ngettext(
                "the configuration server heard {vcenter} {minutes} minute ago",
                "the configuration server heard {vcenter} {minutes} minutes ago",
                minutes,
            ),
            **said,
        )
    return warn(
        _("the configuration server last heard {vcenter} {minutes} minutes ago"),
        **said,
    )
