"""Where a process server stands, and which process servers a rule about them is judged on."""

from __future__ import annotations

from wizard_steps.case import Case, Machine, read
from wizard_steps.classic.networks import circuit_of, lines_from, network_id_of, vm_of_server
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.requirement import Subject
from wizard_steps.seen_in_azure import AzureVm, ProcessServer
from wizard_steps.subjects import BY_KIND, ServerInUse, batch_names
from wizard_steps.wording import _

RUNNING = "running"


def chosen_or_none_in_azure(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return the process servers in use; without a choice, one nameless subject where none stands in Azure.

    So a vault that lacks a process server in Azure is a failure, not merely a choice that is still open.
    """
    in_use = BY_KIND["process-server"](case)
    return in_use if in_use.was_seen else read(lambda: _nobody_in_azure(case, in_use))


def _nobody_in_azure(case: Case, in_use: Reading[tuple[Subject, ...]]) -> tuple[Subject, ...]:
    if any(vm_of_server(case, one) is not None for one in case.server.value.process_servers.value):
        return in_use.value
    return (Subject("process-server", "-", "", batch_names(case), None),)


def process_server_of(machine: Machine) -> ProcessServer:
    """Return the process server a machine's data goes through; raises `NotSeen` while none is chosen."""
    return machine.target.value.process_server.value


def running_vm(case: Case, server: ProcessServer) -> AzureVm | None:
    """Return the Azure VM of a process server; None: it is not in Azure. Raises `NotSeen` when the VM is not running.

    For rules about what a process server reaches: of one that is off nothing can be said.
    """
    vm = vm_of_server(case, server)
    if vm is not None and vm.power_state.value.casefold() != RUNNING:
        raise NotSeen(_("its VM {vm} is not running").format(vm=vm.name.shown()))
    return vm


def expressroute_is_up(case: Case, in_use: ServerInUse) -> bool:
    """Tell whether every network of the machines has a connected ExpressRoute with private peering."""
    machines = [machine for target in in_use.targets for machine in target.machines]
    vms = [vm for machine in machines if (vm := machine.azure_vm.value) is not None]
    networks = {network_id_of(case, vm).casefold() for vm in vms}
    return bool(networks) and all(_has_expressroute(case, one) for one in networks)


def _has_expressroute(case: Case, network_id: str) -> bool:
    for line in lines_from(case, network_id):
        if line.connection.status.value.casefold() == "connected":
            circuit = circuit_of(case, line.connection)
            if circuit is not None and (circuit.private_peering_state.value or "").casefold() == "enabled":
                return True
    return False
