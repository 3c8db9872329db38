"""Which network probes a case asks for, and the answer to each: the questions of steps 2 to 5, put in one place.

What a heartbeat proves is not tried again, and of a VM that is off nothing can be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from wizard_steps.case import Case, Machine, Target
from wizard_steps.classic.configuration_server_vm import failback_address
from wizard_steps.classic.heartbeats import is_fresh
from wizard_steps.classic.networks import interfaces_of, network_id_of, vm_of_server
from wizard_steps.classic.power import runs
from wizard_steps.classic.process_servers import process_server_of
from wizard_steps.classic.retained_addresses import retained
from wizard_steps.reading import NotSeen, Reading, not_seen, read
from wizard_steps.seen_by_probes import (
    INBOUND,
    NOT_PROBED,
    OUTBOUND,
    Connectivity,
    ConnectivityProbe,
    FlowProbe,
    FlowVerdict,
    NextHop,
    NextHopProbe,
    Probe,
    ProbeAnswers,
)
from wizard_steps.seen_in_azure import AzureVm, ProcessServer, same_id
from wizard_steps.subjects import process_servers_in_use
from wizard_steps.wording import _

HTTPS = 443

Q = TypeVar("Q")


# -- questions; each raises `NotSeen` where one of its ends is not known


def _end(case: Case, vm: AzureVm, address: str | None = None) -> tuple[str, str]:
    """Return a VM's interface and address: those of `address`, else the first, which is the primary one."""
    for nic in interfaces_of(case, vm):
        for own, _subnet in nic.addresses.value:
            if address in (None, own):
                return nic.id, own
    raise NotSeen(_("{vm} has no address in Azure").format(vm=vm.name.shown()))


def flow_out(case: Case, vm: AzureVm, remote: str, port: int) -> FlowProbe:
    """Return the question whether a VM's security groups let it connect to `remote`."""
    nic, local = _end(case, vm)
    return FlowProbe(vm.id, nic, OUTBOUND, local, remote, port)


def flow_in(case: Case, vm: AzureVm, own: str, remote: str, port: int) -> FlowProbe:
    """Return the question whether a VM's security groups let `remote` connect to its address `own`."""
    nic, local = _end(case, vm, own)
    return FlowProbe(vm.id, nic, INBOUND, local, remote, port)


def hop_to(case: Case, vm: AzureVm, destination: str) -> NextHopProbe:
    """Return the question where the network sends what a VM sends to `destination`."""
    nic, source = _end(case, vm)
    return NextHopProbe(vm.id, nic, source, destination)


def connection(vm: AzureVm, destination: str, port: int) -> ConnectivityProbe:
    """Return the question whether a VM reaches `destination`."""
    return ConnectivityProbe(vm.id, destination, port)


def data_flows(case: Case, vm: AzureVm, server: ProcessServer) -> tuple[FlowProbe, ...]:
    """Return the questions about both ends of the flow from a machine to its process server's data port."""
    port, address = case.limits.process_server_port, server.ip_address.value
    out = flow_out(case, vm, address, port)
    server_vm = vm_of_server(case, server)
    return (out,) if server_vm is None else (out, flow_in(case, server_vm, address, out.local, port))


def target_ports(case: Case) -> tuple[int, ...]:
    """Return the ports that may be the data port of a master target: no text states it, these two are inferred."""
    return tuple(dict.fromkeys((case.limits.process_server_port, HTTPS)))


# -- answers


def flow(case: Case, probe: FlowProbe) -> Reading[FlowVerdict]:
    """Return what the security groups do with a flow."""
    return _answers(case).flows.get(probe.key, _not_probed())


def next_hop(case: Case, probe: NextHopProbe) -> Reading[NextHop]:
    """Return where a packet goes next."""
    return _answers(case).next_hops.get(probe.key, _not_probed())


def connectivity(case: Case, probe: ConnectivityProbe) -> Reading[Connectivity]:
    """Return what became of a connection that was tried."""
    return _answers(case).connectivity.get(probe.key, _not_probed())


def was_asked(case: Case, probe: Probe) -> bool:
    """Tell whether a question was put to Azure, answered or not."""
    answers = _answers(case)
    if isinstance(probe, FlowProbe):
        return probe.key in answers.flows
    if isinstance(probe, NextHopProbe):
        return probe.key in answers.next_hops
    return probe.key in answers.connectivity


def _answers(case: Case) -> ProbeAnswers:
    return case.azure.probed or ProbeAnswers()


def _not_probed() -> Reading[Any]:
    return not_seen(_(NOT_PROBED))


# -- who can be asked


def agent_was_heard(case: Case, machine: Machine, vm: AzureVm) -> bool:
    """Tell whether a machine's agent was heard by the configuration server since its VM booted, and lately."""
    heartbeat, booted = machine.item.last_heartbeat, vm.power_state_since.value
    return booted is not None and heartbeat.value >= booted and is_fresh(case, heartbeat)


def server_was_heard(case: Case, server: ProcessServer) -> bool:
    """Tell whether a process server was heard lately: its heartbeat goes by way of the configuration server."""
    return is_fresh(case, server.last_heartbeat)


def speaker_of(case: Case, network_id: str) -> AzureVm:
    """Return a running VM that stands in a network and can be asked for it: a process server before a machine.

    Raises `NotSeen` when none is known to run there.
    """
    for vm in _running_vms(case):
        if same_id(_network_of(case, vm), network_id):
            return vm
    raise NotSeen(_("no VM of the batch is known to run in this network, so it could not be probed"))


def _running_vms(case: Case) -> Iterator[AzureVm]:
    """Yield what is known to run: the process servers in use, then the machines."""
    for one in process_servers_in_use(case).or_else(()):
        yield from _if_it_runs(read(partial(vm_of_server, case, one.server)))
    for machine in case.machines.or_else(()):
        yield from _if_it_runs(machine.azure_vm)


def _if_it_runs(reading: Reading[AzureVm | None]) -> Iterator[AzureVm]:
    vm = reading.or_else(None)
    if vm is not None and read(partial(runs, vm)).or_else(default=False):
        yield vm


def _network_of(case: Case, vm: AzureVm) -> str:
    return read(partial(network_id_of, case, vm)).or_else("")


# -- what a case asks for


def wanted_probes(case: Case) -> tuple[Probe, ...]:
    """Return every question the rules of this case ask, each once; one whose ends are not known is left out."""
    home = read(partial(failback_address, case)).or_else("")
    asked = (*_of_machines(case, home), *_of_process_servers(case, home), *_of_networks(case, home))
    return tuple(dict.fromkeys(asked))


def _known(ask: Callable[..., Q], *ends: object) -> Iterator[Q]:
    """Yield the question, unless an end of it is not known."""
    if "" not in ends:
        try:
            yield ask(*ends)
        except NotSeen:
            return


def _of_machines(case: Case, home: str) -> Iterator[Probe]:
    for machine in case.machines.or_else(()):
        for vm in _if_it_runs(machine.azure_vm):
            yield from _known(flow_out, case, vm, home, HTTPS)
            if not read(partial(agent_was_heard, case, machine, vm)).or_else(default=False):
                yield from _known(connection, vm, home, HTTPS)
            if read(partial(retained, case, machine)).or_else(()):
                yield from _known(hop_to, case, vm, home)
            yield from _to_its_process_server(case, machine, vm)


def _to_its_process_server(case: Case, machine: Machine, vm: AzureVm) -> Iterator[Probe]:
    server = read(partial(process_server_of, machine)).or_else(None)
    if server is None:
        return
    server_vm = read(partial(vm_of_server, case, server))
    if server_vm.was_seen and (server_vm.value is None or [*_if_it_runs(server_vm)]):
        yield from _known(connection, vm, server.ip_address.or_else(""), case.limits.process_server_port)
        for flows in _known(data_flows, case, vm, server):
            yield from flows


def _of_process_servers(case: Case, home: str) -> Iterator[Probe]:
    for one in process_servers_in_use(case).or_else(()):
        for vm in _if_it_runs(read(partial(vm_of_server, case, one.server))):
            yield from _known(flow_out, case, vm, home, HTTPS)
            yield from _known(hop_to, case, vm, home)
            if not read(partial(server_was_heard, case, one.server)).or_else(default=False):
                yield from _known(connection, vm, home, HTTPS)
            for address in map(_address_of, one.targets):
                yield from _to_a_master_target(case, vm, address)


def _to_a_master_target(case: Case, vm: AzureVm, address: str) -> Iterator[Probe]:
    yield from _known(hop_to, case, vm, address)
    for port in target_ports(case):
        yield from _known(flow_out, case, vm, address, port)
        yield from _known(connection, vm, address, port)


def _of_networks(case: Case, home: str) -> Iterator[Probe]:
    """Ask, once for every network in use, for the way from there to the site's servers."""
    networks = {network.casefold(): network for vm in _running_vms(case) if (network := _network_of(case, vm))}
    for network in networks.values():
        for address in (home, *map(_address_of, case.targets.or_else(()))):
            yield from _known(hop_to, case, speaker_of(case, network), address)


def _address_of(target: Target) -> str:
    registered = target.registered.or_else(None)
    return "" if registered is None else registered.ip_address.or_else("")
