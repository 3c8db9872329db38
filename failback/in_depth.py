"""Which virtual machines a look reads in depth: servers of site recovery, machines that come home, owners of disks."""

from __future__ import annotations

from failback.unknown_name import no_such_name
from wizard_steps.case import Case, UnknownName, find_server_vm
from wizard_steps.classic.moved_disks import owners
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_vcenter import VirtualMachine


def machines_that_matter(case: Case) -> tuple[str, ...]:
    """Return the managed object ids of the VMs to read in depth; a name that fits nothing raises `FailbackError`."""
    try:
        machines = case.chosen_machines.or_else(())
    except UnknownName as error:
        raise no_such_name(error) from error
    found: list[VirtualMachine | None] = _servers(case)
    found += [one.source_vm.value for one in machines if one.source_vm.was_seen]
    found += [one.vm.value for one in case.targets.or_else(()) if one.vm.was_seen]
    found += owners(case)
    return tuple(dict.fromkeys(vm.ref for vm in found if vm is not None))


def _servers(case: Case) -> list[VirtualMachine | None]:
    """Return the VMs of the configuration server and of every registered master target, where one is found."""
    server = case.server.or_else(None)
    if server is None:
        return []
    known = [
        (server.name, server.ip_address),
        *((one.name, one.ip_address) for one in server.master_targets.or_else(())),
    ]
    found: list[VirtualMachine | None] = []
    for name, address in known:
        try:
            found.append(find_server_vm(case, name, address))
        except NotSeen:
            continue
    return found
