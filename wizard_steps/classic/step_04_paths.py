"""Step 4, the ways of the data: from the machines to the process server, from there to the site."""

from __future__ import annotations

from functools import partial

from wizard_steps.case import Case, Machine, Target, same_id
from wizard_steps.classic.configuration_server_vm import failback_address
from wizard_steps.classic.heartbeats import judge_heartbeat
from wizard_steps.classic.long_steps import PROCESS_SERVER
from wizard_steps.classic.networks import (
    is_connected,
    network_id_of,
    peering_between,
    shown_id,
)
from wizard_steps.classic.power import runs
from wizard_steps.classic.probing import (
    connection,
    connectivity,
    data_flows,
    hop_to,
    server_was_heard,
    target_ports,
    was_asked,
)
from wizard_steps.classic.process_servers import Pair, pair_of, running_pair_of, running_vm
from wizard_steps.classic.reached import (
    astray,
    denials,
    denied,
    line_is_up,
    off,
    tried,
    tried_by_process_server,
    was_not_reached,
    was_reached,
)
from wizard_steps.conditions import all_hold, not_known
from wizard_steps.reading import NotSeen, read
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    attest,
    fail,
    not_applicable,
    passed,
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
    """Compare region and network; the latency itself is known where the connection was tried."""
    pair = pair_of(case, machine)
    if pair is None:
        return _no_azure_vm()
    vm, server, server_vm = pair.vm, pair.server, pair.server_vm
    if server_vm is None:
        return warn(_("{server} stands on-premises, {vm} in Azure"), server=server.name, vm=vm.name)
    here, there = vm.location.value, server_vm.location.value
    if _plain(here) != _plain(there):
        return warn(_("{vm} is in {here}, {server} in {there}"), vm=vm.name, here=here, server=server.name, there=there)
    if not same_id(network_id_of(case, vm), network_id_of(case, server_vm)):
        return warn(_("{vm} and {server} are in two networks of {here}"), vm=vm.name, server=server.name, here=here)
    return _latency(case, vm, server, here)


def _plain(location: str) -> str:
    """Return the name of a location in the one form that compares: `Japan East` is `japaneast`."""
    return "".join(location.casefold().split())


def _latency(case: Case, vm: AzureVm, server: ProcessServer, here: str) -> Judgement:
    """Judge, in one network of one region, how long a packet takes where that was tried."""
    tried = connection(vm, server.ip_address.value, case.limits.process_server_port)
    latency = connectivity(case, tried).value.latency_ms if was_asked(case, tried) else None
    said = {"vm": vm.name, "server": server.name, "here": here}
    if latency is None:
        return passed(_("{vm} and {server} are in one network in {here}"), **said)
    said = {**said, "latency": latency, "limit": case.limits.latency_warn_ms}
    if latency > case.limits.latency_warn_ms:
        return warn(
            _("{vm} and {server} are in one network in {here}, but {latency} ms apart, over {limit} ms"), **said
        )
    return passed(_("{vm} and {server} are in one network in {here}, {latency} ms apart"), **said)


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
    pair = pair_of(case, machine)
    if pair is None:
        return _no_azure_vm()
    vm, server, server_vm = pair.vm, pair.server, pair.server_vm
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
    """Take a heartbeat as proof: it reaches Azure by way of the configuration server. A hop that goes astray fails."""
    server = in_use.server
    vm = running_vm(case, server)
    where = failback_address(case)
    if vm is not None and (lost := astray(case, hop_to(case, vm, where))) is not None and line_is_up(case, vm):
        return fail(lost, remedies=(), action=_("Correct the route that sends this address away from the site."))
    if server_was_heard(case, server):
        return judge_heartbeat(case, server.name, server.last_heartbeat)
    return tried_by_process_server(case, server, vm)


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
    """Fail a hop that goes astray; what no probe proves takes a person's word: only the site sees its firewall."""
    vm = running_vm(case, in_use.server)
    return all_hold(*(partial(_reaches, case, in_use.server, vm, one) for one in in_use.targets))


def _reaches(case: Case, server: ProcessServer, vm: AzureVm | None, target: Target) -> Judgement:
    master = target.registered.value
    address = master.ip_address.value
    said = {"server": server.name, "target": master.name, "address": address}
    if vm is None:
        return attest(_("vouch that {server} reaches {target} ({address}) through the firewall on-premises"), **said)
    lost = astray(case, hop_to(case, vm, address))
    if lost is not None and line_is_up(case, vm):
        return fail(lost, remedies=(), action=_("Correct the route that sends this address away from the site."))
    tries = [(port, connectivity(case, connection(vm, address, port))) for port in target_ports(case)]
    for port, reading in tries:
        if reading.was_seen and reading.value.reached:
            return was_reached(vm, master.name, address, port, reading.value)
    return attest(
        _(
            "{server} got no answer of {target} ({address}) on TCP {ports}{lost}, and no text states its data port: "
            "vouch that the firewall on-premises lets the data through"
        ),
        **said,
        ports=[str(port) for port, reading in tries if not reading.value.reached],
        lost="" if lost is None else f" ({lost})",
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
    """Take only a connection that was made as proof (ruling); rules that allow it prove nothing yet."""
    pair = running_pair_of(case, machine)
    if pair is None:
        return _no_azure_vm()
    vm, server, server_vm = pair.vm, pair.server, pair.server_vm
    if server_vm is not None and not _are_joined(case, vm, server_vm):
        return fail(
            _("{vm} and {server} are in two networks that are not peered both ways"),
            vm=vm.name,
            server=server.name,
            remedies=(),
            action=_("Choose a process server in the machine's network."),
        )
    return _tried(case, pair) if runs(vm) else off(vm)


def _are_joined(case: Case, one: AzureVm, other: AzureVm) -> bool:
    mine, its = network_id_of(case, one), network_id_of(case, other)
    return same_id(mine, its) or _are_peered(case, mine, its)


def _tried(case: Case, pair: Pair) -> Judgement:
    vm, server = pair.vm, pair.server
    address, port = server.ip_address.value, case.limits.process_server_port
    reading = connectivity(case, connection(vm, address, port))
    if not reading.was_seen:
        evidence = read(partial(denials, case, *data_flows(case, vm, server))).or_else([])
        return denied(evidence) if evidence else not_known(NotSeen(reading.reason or "", reading.source))
    if pair.server_vm is None:
        return tried(case, vm, server.name, address, port)
    result = reading.value
    judgement = was_reached if result.reached else was_not_reached
    return judgement(vm, server.name, address, port, result)
