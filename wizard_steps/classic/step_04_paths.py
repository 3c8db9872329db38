"""Step 4, the ways of the data: from the machines to the process server, from there to the site."""

from __future__ import annotations

from wizard_steps.case import Case, Machine, same_id
from wizard_steps.classic.heartbeats import age, is_fresh, judge_heartbeat
from wizard_steps.classic.long_steps import PROCESS_SERVER
from wizard_steps.classic.networks import (
    NOT_PROBED,
    is_connected,
    network_id_of,
    peering_between,
    shown_id,
    vm_of_server,
)
from wizard_steps.classic.process_servers import process_server_of, running_vm
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    attest,
    fail,
    not_applicable,
    passed,
    unknown,
    warn,
)
from wizard_steps.seen_in_azure import AzureVm, ProcessServer
from wizard_steps.subjects import ServerInUse
from wizard_steps.wording import N_, _

rows = Requirements(PROCESS_SERVER)


def _no_azure_vm() -> Judgement:
    return not_applicable(_("the machine has no Azure VM"))


@rows.add(
    "ps-low-latency",
    statement=N_("The process server is close to the machine."),
    seed="components table, PS, para 3",
    subject="machine",
    worst="warn",
    consequence_of=["ps-azure-required", "ps-same-vnet"],
    remedies=["switch-process-server"],
    cause=N_("Replication slows down with every millisecond between the machine and its process server."),
    action=N_("Choose a process server in the machine's own region and network."),
)
def close_to_the_machine(case: Case, machine: Machine) -> Judgement:
    """Compare region and network; the latency itself takes a probe."""
    vm = machine.azure_vm.value
    if vm is None:
        return _no_azure_vm()
    server = process_server_of(machine)
    server_vm = vm_of_server(case, server)
    if server_vm is None:
        return warn(_("{server} stands on-premises, {vm} in Azure"), server=server.name, vm=vm.name)
    here, there = vm.location.value, server_vm.location.value
    if here.casefold() != there.casefold():
        return warn(_("{vm} is in {here}, {server} in {there}"), vm=vm.name, here=here, server=server.name, there=there)
    if not same_id(network_id_of(case, vm), network_id_of(case, server_vm)):
        return warn(_("{vm} and {server} are in two networks of {here}"), vm=vm.name, server=server.name, here=here)
    return passed(_("{vm} and {server} are in one network in {here}"), vm=vm.name, server=server.name, here=here)


@rows.add(
    "ps-same-vnet",
    statement=N_("The process server is in the Azure network of the machine."),
    seed="components table, PS, para 5",
    subject="machine",
    worst="fail",
    consequence_of=["ps-azure-required"],
    remedies=["switch-process-server"],
    cause=N_("The machine sends its data to the process server by its private address."),
    action=N_("Choose a process server in the machine's network, or deploy one there."),
)
def in_the_machines_network(case: Case, machine: Machine) -> Judgement:
    """Compare networks; a peering that is connected both ways takes a person's word (ruling)."""
    vm = machine.azure_vm.value
    if vm is None:
        return _no_azure_vm()
    server = process_server_of(machine)
    server_vm = vm_of_server(case, server)
    if server_vm is None:
        return not_applicable(_("{server} stands on-premises"), server=server.name)
    mine, its = network_id_of(case, vm), network_id_of(case, server_vm)
    said = {"vm": vm.name, "server": server.name, "network": shown_id(mine), "other": shown_id(its)}
    if same_id(mine, its):
        return passed(_("{vm} and {server} are in {network}"), **said)
    if _are_peered(case, mine, its):
        return attest(
            _("{vm} is in {network}, {server} in {other}, peered both ways: vouch that this peering carries the data"),
            **said,
        )
    return fail(_("{vm} is in {network}, {server} in {other}, and they are not peered both ways"), **said)


def _are_peered(case: Case, one: str, other: str) -> bool:
    return is_connected(peering_between(case, one, other)) and is_connected(peering_between(case, other, one))


@rows.add(
    "ps-reach-cs",
    statement=N_("The process server reaches the configuration server."),
    seed="components table, PS, para 5",
    subject="process-server",
    worst="fail",
    consequence_of=["ps-azure-required", "ps-health"],
    remedies=["allow-port"],
    cause=N_("The process server takes its orders from the configuration server on-premises."),
    action=N_("See that TCP 443 from the process server to the configuration server is open on both sides."),
)
def reaches_configuration_server(case: Case, in_use: ServerInUse) -> Judgement:
    """Take a heartbeat as proof: it reaches Azure by way of the configuration server."""
    server = in_use.server
    heartbeat = server.last_heartbeat.value
    if is_fresh(case, heartbeat):
        return judge_heartbeat(case, server.name, heartbeat)
    return unknown(
        _("the last heartbeat of {name} is {minutes} minutes old and proves nothing; {not_probed}"),
        name=server.name,
        minutes=age(case, heartbeat),
        not_probed=_(NOT_PROBED),
    )


@rows.add(
    "ps-reach-mt",
    statement=N_("The process server reaches the master target."),
    seed="components table, PS, para 5",
    subject="process-server",
    worst="fail",
    consequence_of=["ps-azure-required"],
    remedies=["allow-port"],
    cause=N_("The process server sends the machines' data to the master target on-premises."),
    action=N_("From the process server try TCP 9443 and 443 to the master target; look at the firewall on-premises."),
)
def reaches_master_target(case: Case, in_use: ServerInUse) -> Judgement:
    """Take a person's word: no heartbeat goes this way, and no one but the site sees its own firewall (ruling)."""
    server = in_use.server
    running_vm(case, server)
    masters = [one.registered.value for one in in_use.targets]
    return attest(
        _("vouch that {server} reaches {masters} through the firewall on-premises; {not_probed}"),
        server=server.name,
        masters=[f"{one.name.shown()} ({one.ip_address.value})" for one in masters],
        not_probed=_(NOT_PROBED),
    )


@rows.add(
    "azvm-reach-ps",
    statement=N_("The machine's Azure VM reaches the process server."),
    seed="PS section, step 2",
    subject="machine",
    worst="fail",
    consequence_of=["ps-azure-required", "ps-same-vnet", "azvm-not-moved-or-deleted"],
    remedies=["allow-port"],
    cause=N_("The agent in the VM sends its data to the process server."),
    action=N_("From the Azure VM try TCP 9443 to the process server; look at the network security groups on the way."),
)
def machine_reaches_process_server(case: Case, machine: Machine) -> Judgement:
    """Fail where no network joins the two; otherwise a person vouches until the probes are read."""
    vm = machine.azure_vm.value
    if vm is None:
        return _no_azure_vm()
    server = process_server_of(machine)
    server_vm = running_vm(case, server)
    if server_vm is not None and not _are_joined(case, vm, server_vm):
        return fail(
            _("{vm} and {server} are in two networks that are not peered both ways"),
            vm=vm.name,
            server=server.name,
            remedies=(),
            action=_("Choose a process server in the machine's network."),
        )
    return _to_be_tried(case, vm, server)


def _are_joined(case: Case, one: AzureVm, other: AzureVm) -> bool:
    mine, its = network_id_of(case, one), network_id_of(case, other)
    return same_id(mine, its) or _are_peered(case, mine, its)


def _to_be_tried(case: Case, vm: AzureVm, server: ProcessServer) -> Judgement:
    return attest(
        _("vouch that {vm} reaches {server} ({address}) on TCP {port}; {not_probed}"),
        vm=vm.name,
        server=server.name,
        address=server.ip_address.value,
        port=case.limits.process_server_port,
        not_probed=_(NOT_PROBED),
    )
