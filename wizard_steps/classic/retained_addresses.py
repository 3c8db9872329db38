"""Whether a failed-over machine kept its on-premises address in Azure. Then it needs a second way home."""

from __future__ import annotations

from wizard_steps.case import Case, Machine
from wizard_steps.classic.networks import addresses_of
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _


def retained(case: Case, machine: Machine) -> tuple[str, ...]:
    """Return the addresses a machine has in Azure and had on-premises; none: it got new ones, or has no Azure VM."""
    vm = machine.azure_vm.value
    if vm is None:
        return ()
    at_home = {nic.source_address.value for nic in machine.item.nics.value} | {machine.item.source_ip_address.value}
    at_home.discard(None)
    if not at_home:
        raise NotSeen(_("site recovery does not say which address the machine had on-premises"))
    in_azure = addresses_of(case, vm)
    if not in_azure:
        raise NotSeen(_("{vm} has no address in Azure").format(vm=vm.name.shown()))
    return tuple(address for address in in_azure if address in at_home)
