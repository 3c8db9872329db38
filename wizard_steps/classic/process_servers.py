"""Where a process server stands, and which process servers a rule about them is judged on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from wizard_steps.case import Case, Machine, read
from wizard_steps.classic.networks import circuit_of, is_up, lines_from, network_id_of, vm_of_server
from wizard_steps.classic.power import RUNNING
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.requirement import Subject
from wizard_steps.seen_in_azure import AzureVm, ProcessServer
from wizard_steps.subjects import BY_KIND, ServerInUse, batch_names
from wizard_steps.wording import _


def chosen_or_none_in_azure(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return the process servers in use; without a choice, one nameless subject where none stands in Azure.

    So a vault that lacks a process server in Azure is a failure, not merely a choice that is still open.
    """
    in_use = BY_KIND["process-server"](case)
    return in_use if in_use.was_seen else read(lambda: _nobody_in_azure(case, in_use))


def _nobody_in_azure(case: Case, in_use: Reading[tuple[Subject, ...]]) -> tuple[Subject, ...]:
    if deployed(case) is not None:
        return in_use.value
    return (Subject("process-server", "-", "", batch_names(case), None),)


@dataclass(frozen=True)
class Pair:
    """A machine's Azure VM and its process server; `server_vm` is None for a process server on-premises."""

    vm: AzureVm
    server: ProcessServer
    server_vm: AzureVm | None


def pair_of(case: Case, machine: Machine) -> Pair | None:
    """Return a machine's Azure VM and the process server its data goes through; None: it has no Azure VM."""
    vm = machine.azure_vm.value
    if vm is None:
        return None
    server = process_server_of(machine)
    return Pair(vm, server, vm_of_server(case, server))


def running_pair_of(case: Case, machine: Machine) -> Pair | None:
    """Return the same for rules about what passes between them; raises `NotSeen` where the process server is off."""
    pair = pair_of(case, machine)
    if pair is not None:
        _must_run(pair.server_vm)
    return pair


def deployed(case: Case) -> tuple[ProcessServer, AzureVm] | None:
    """Return the first registered process server that stands in Azure, and its VM; None: none does.

    Raises `NotSeen` when none is known to, and of one it cannot be told.
    """
    found = [(one, read(partial(vm_of_server, case, one))) for one in case.server.value.process_servers.value]
    for one, reading in found:
        vm = reading.or_else(None)
        if vm is not None:
            return one, vm
    _told = [reading.value for _one, reading in found]
    return None


def process_server_of(machine: Machine) -> ProcessServer:
    """Return the process server a machine's data goes through; raises `NotSeen` while none is chosen."""
    return machine.target.value.process_server.value


def running_vm(case: Case, server: ProcessServer) -> AzureVm | None:
    """Return the Azure VM of a process server; None: it is not in Azure. Raises `NotSeen` when the VM is not running.

    For rules about what a process server reaches: of one that is off nothing can be said.
    """
    vm = vm_of_server(case, server)
    _must_run(vm)
    return vm


def _must_run(vm: AzureVm | None) -> None:
    if vm is not None and vm.power_state.value.casefold() != RUNNING:
        raise NotSeen(_("the process server's VM {vm} is not running").format(vm=vm.name.shown()))


def expressroute_is_up(case: Case, in_use: ServerInUse) -> bool:
    """Tell whether every network of the machines has a connected ExpressRoute with private peering."""
    machines = [machine for target in in_use.targets for machine in target.machines]
    vms = [vm for machine in machines if (vm := machine.azure_vm.value) is not None]
    networks = {network_id_of(case, vm).casefold() for vm in vms}
    return bool(networks) and all(_has_expressroute(case, one) for one in networks)


def _has_expressroute(case: Case, network_id: str) -> bool:
    for line in lines_from(case, network_id):
        if is_up(line.connection):
            circuit = circuit_of(case, line.connection)
            if circuit is not None and (circuit.private_peering_state.value or "").casefold() == "enabled":
                return True
    return False
