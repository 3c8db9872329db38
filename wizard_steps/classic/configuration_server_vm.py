"""The configuration server as a VM on-premises, where it is one that this vCenter shows."""

from __future__ import annotations

from wizard_steps.case import Case, server_vm_candidates
from wizard_steps.classic.networks import prefix, same_address
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_vcenter import GuestNic, VirtualMachine
from wizard_steps.wording import _


def vm_of(case: Case) -> VirtualMachine | None:
    """Return the VM of the configuration server: the one named under same_machine, else the only one that answers.

    None: no machine of this vCenter answers, so it is a physical machine or stands elsewhere. Raises `NotSeen` when
    several answer, or the machines were not read.
    """
    server = case.server.value
    chosen = case.machine_by_choice(server.name.raw)
    if chosen is not None:
        return chosen.value
    hits = server_vm_candidates(case, server.name, server.ip_address)
    if len(hits) > 1:
        raise NotSeen(
            _("{count} machines in vCenter could be {name}: choose one under same_machine").format(
                count=len(hits), name=server.name.shown()
            )
        )
    return hits[0] if hits else None


def failback_address(case: Case) -> str:
    """Return the address that Azure reaches the configuration server by: as chosen, else the registered one."""
    return case.choices.configuration_server_failback_ip or case.server.value.ip_address.value


def connected_nics(vm: VirtualMachine) -> tuple[GuestNic, ...]:
    """Return the connected adapters of a VM that have an IPv4 address, as VMware Tools reports them."""
    return tuple(nic for nic in vm.guest_nics.value if nic.connected and ipv4_prefixes(nic))


def ipv4_prefixes(nic: GuestNic) -> tuple[str, ...]:
    """Return the IPv4 networks an adapter stands in, written as prefixes; an address it gave itself leads nowhere."""
    written = (f"{address}/{length}" for address, length in nic.addresses)
    return tuple(str(net) for net in map(prefix, written) if net.version == 4 and not net.is_link_local)  # noqa: PLR2004 -- IP's version


def nic_with(vm: VirtualMachine, address: str) -> GuestNic:
    """Return the adapter that has an address; raises `NotSeen` when none does."""
    for nic in vm.guest_nics.value:
        if any(same_address(one, address) for one, _length in nic.addresses):
            return nic
    raise NotSeen(
        _("no adapter of {vm} has the address {address}: set configuration_server_failback_ip under [site]").format(
            vm=vm.name.shown(), address=Outside(address).shown()
        )
    )
