"""Step 5: the ports between machines, process server, configuration server, master target, vCenter and Azure."""

from __future__ import annotations

from typing import Any

from wizard_steps.attestations import attestation_for
from wizard_steps.case import Case, Machine, Target
from wizard_steps.classic.health import judge_errors
from wizard_steps.classic.heartbeats import age, is_fresh
from wizard_steps.classic.networks import NOT_PROBED
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
from wizard_steps.classic.process_servers import running_vm
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    Step,
    attest,
    fail,
    not_applicable,
    passed,
    unknown,
    warn,
)
from wizard_steps.seen_in_azure import ConfigurationServer, ProcessServer, VCenterRecord
from wizard_steps.wording import N_, _

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


def _vouch(flow: Flow[Any]) -> Judgement:
    if flow.is_inferred:
        return attest(
            _("vouch that {flow} is open (or the port the document's figure shows: no text states it); {not_probed}"),
            flow=shown(flow),
            not_probed=_(NOT_PROBED),
        )
    return attest(
        _("vouch that {flow} is open in every firewall on the way; {not_probed}"),
        flow=shown(flow),
        not_probed=_(NOT_PROBED),
    )


def _as_said_of(case: Case, requirement: str, subject: str) -> Judgement | None:
    """Return what a person's word for the whole path says of its port: nobody is asked the same thing twice."""
    vouched = attestation_for(case, requirement, subject)
    if vouched is None:
        return None
    return passed(_("{who} vouched on {when} that the path is open"), who=Outside(vouched.by), when=vouched.at)


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
    """Take a heartbeat of the agent since its VM booted as proof: the agent reports to the configuration server."""
    vm = flow.about.azure_vm.value
    if vm is None:
        return not_applicable(_("the machine has no Azure VM"))
    heartbeat, booted = flow.about.item.last_heartbeat.value, vm.power_state_since.value
    if booted is not None and heartbeat >= booted and is_fresh(case, heartbeat):
        return passed(
            _("the agent was heard {minutes} minutes ago, since its VM booted in Azure"), minutes=age(case, heartbeat)
        )
    return _vouch(flow)


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
    """Take a person's word until the probes are read; of a process server that is off nothing can be said."""
    machine, server = flow.about
    if machine.azure_vm.value is None:
        return not_applicable(_("the machine has no Azure VM"))
    running_vm(case, server)
    return _as_said_of(case, "azvm-reach-ps", machine.name) or _vouch(flow)


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
    """Take a fresh heartbeat as proof: it goes by way of the configuration server."""
    heartbeat = flow.about.last_heartbeat.value
    minutes = age(case, heartbeat)
    if is_fresh(case, heartbeat):
        return passed(_("the process server was heard {minutes} minutes ago"), minutes=minutes)
    return unknown(
        _("the last heartbeat is {minutes} minutes old and proves nothing; {not_probed}"),
        minutes=minutes,
        not_probed=_(NOT_PROBED),
    )


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
def process_server_to_target(case: Case, flow: Flow[ProcessServer]) -> Judgement:
    """Take a person's word: the port is inferred, and only the site sees its own firewall (ruling)."""
    running_vm(case, flow.about)
    return _as_said_of(case, "ps-reach-mt", flow.about.name.raw) or _vouch(flow)


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
    minutes = age(case, target.last_heartbeat.value)
    if is_fresh(case, target.last_heartbeat.value):
        return passed(_("the master target was heard {minutes} minutes ago"), minutes=minutes)
    return fail(_("the master target was last heard {minutes} minutes ago"), minutes=minutes)


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
    """Take the heartbeat of the provider as proof."""
    beats = [age(case, one.last_heartbeat.value) for one in flow.about.providers.value]
    if not beats:
        return fail(_("no recovery services provider of it is registered in the vault"))
    if min(beats) > case.limits.provider_fail_minutes:
        return fail(_("Azure last heard the configuration server {minutes} minutes ago"), minutes=min(beats))
    return passed(_("Azure heard the configuration server {minutes} minutes ago"), minutes=min(beats))


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
    """Take a fresh heartbeat of the vCenter's registration, without errors, as proof."""
    record = flow.about
    if record is None:
        return fail(_("no vCenter is registered with the configuration server"))
    minutes = age(case, record.last_heartbeat.value)
    if is_fresh(case, record.last_heartbeat.value):
        heard = passed(
            _("the configuration server heard {vcenter} {minutes} minutes ago"), vcenter=record.name, minutes=minutes
        )
        return all_hold(lambda: heard, lambda: judge_errors(record.health_errors))
    return warn(
        _("the configuration server last heard {vcenter} {minutes} minutes ago"), vcenter=record.name, minutes=minutes
    )
