"""Whether what a plan calls its target is what the target is called: the name is what a person confirms, and types.

A plan is a file. Its reference leads to what is changed, its name to what a person believes is changed; both have to
be of one thing of this site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from failback.changes.change import ChangeTarget
from failback.changes.on_azure import last_part
from failback.changes.remedy import CannotChange
from wizard_steps.case import Case, Machine, same_id
from wizard_steps.classic.configuration_server_vm import vm_of as vm_of_server
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _

Names = Iterator[tuple[str, str]]
"""References, each with a raw name by which the thing is known here."""


def check_named(case: Case, target: ChangeTarget) -> None:
    """Raise `CannotChange` unless the target is known here by its name, and `NotSeen` where that was not read."""
    known = _KNOWN.get(target.kind)
    if known is None:
        raise CannotChange(_("this program changes nothing of the kind {kind}").format(kind=visible(target.kind)))
    names = {name for ref, name in known(case) if same_id(ref, target.ref)}
    if target.kind == "policy":  # it may be one that is to be
        names = {last_part(target.ref)} if same_id(target.ref, f"{_policies(case)}/{target.name}") else set()
    if target.name in names:
        return
    if not names:
        _all_was_read(case, target)
        raise CannotChange(
            _("{name}: what the plan means by it is not, or no longer, of this site").format(name=visible(target.name))
        )
    raise CannotChange(
        _("the plan calls it {name}, and it is {names}").format(
            name=visible(target.name), names=", ".join(sorted(visible(one) for one in names))
        )
    )


def _all_was_read(case: Case, target: ChangeTarget) -> None:
    """Raise `NotSeen` where what the target can mean was not read, so that nobody can say it is not there."""
    if target.system == "vcenter":
        _machines_of_vcenter = case.vcenter.machines.value
    elif target.kind == "machine":
        for machine in case.chosen_machines.value:
            _vm = machine.azure_vm.value


def _policies(case: Case) -> str:
    return f"{case.azure.vault_id}/replicationPolicies"


def _in_vcenter(case: Case, ref: str) -> str:
    return f"{case.vcenter.instance_uuid.value}/{ref}"


def _master_targets(case: Case) -> Names:
    for one in case.targets.value:
        vm = one.vm.or_else(None)
        if vm is not None:
            yield _in_vcenter(case, vm.ref), one.name


def _machines(case: Case) -> Names:
    for machine in case.chosen_machines.value:
        yield machine.item.id, machine.name
        yield from _vms_of(case, machine)
    for vm in case.vcenter.machines.or_else(()):
        yield _in_vcenter(case, vm.ref), vm.name.raw


def _vms_of(case: Case, machine: Machine) -> Names:
    azure, source = machine.azure_vm.or_else(None), machine.source_vm.or_else(None)
    if azure is not None:
        yield azure.id, machine.name
    if source is not None:
        yield _in_vcenter(case, source.ref), machine.name


def _configuration_servers(case: Case) -> Names:
    for server in case.azure.configuration_servers.value:
        yield server.id, server.name.raw
    try:
        vm = vm_of_server(case)
    except NotSeen:
        return
    if vm is not None:
        yield _in_vcenter(case, vm.ref), case.server.value.name.raw


def _process_servers(case: Case) -> Names:
    for target in case.targets.value:
        server = target.process_server.or_else(None)
        if server is None:
            continue
        for nic in case.azure.network_interfaces.value:
            owner = nic.vm_id.or_else(None)
            addresses = [address for address, _subnet in nic.addresses.or_else(())]
            if owner and server.ip_address.or_else(None) in addresses:
                yield owner, server.name.raw


def _hosts(case: Case) -> Names:
    return ((_in_vcenter(case, one.ref), one.name.raw) for one in case.vcenter.hosts.value)


def _datacenters(case: Case) -> Names:
    return ((_in_vcenter(case, one.ref), one.name.raw) for one in case.vcenter.datacenters.value)


def _connections(case: Case) -> Names:
    for gateway in case.azure.gateways.value:
        for one in gateway.connections.or_else(()):
            yield one.id, one.name.raw


def _records(case: Case) -> Names:
    host = case.vcenter.host
    yield f"{case.server.value.id}/replicationvCenters/{host.replace('.', '-')}", host


def _groups(case: Case) -> Names:
    probed = case.azure.probed
    for rules in () if probed is None else probed.rules.values():
        for one in rules.or_else(()):
            yield one.group_id, last_part(one.group_id)


def _none(_case: Case) -> Names:
    return iter(())


_KNOWN: Final[Mapping[str, Callable[[Case], Names]]] = {
    "master-target": _master_targets,
    "machine": _machines,
    "configuration-server": _configuration_servers,
    "process-server": _process_servers,
    "esxi-host": _hosts,
    "datacenter": _datacenters,
    "connection": _connections,
    "vcenter": _records,
    "network": _groups,
    "policy": _none,
}
"""By the kind of a target: everything here that it can mean."""
