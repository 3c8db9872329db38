"""Whether a failed-over machine kept its on-premises address in Azure. Then it needs a second way home."""

from __future__ import annotations

from wizard_steps.case import Case, Machine
from wizard_steps.classic.networks import addresses_of, same_address
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _


def retained(case: Case, machine: Machine) -> tuple[str, ...]:
    """Return the addresses a machine has in Azure and had on-premises; none: it got new ones, or has no Azure VM.

    Raises `NotSeen` where an adapter may have had one on-premises that nobody wrote down, and none of the others tells.
    """
    vm = machine.azure_vm.value
    if vm is None:
        return ()
    of_adapters = [nic.source_address.value for nic in machine.item.nics.value]
    at_home = {one for one in (*of_adapters, machine.item.source_ip_address.value) if one is not None}
    if not at_home:
        raise NotSeen(_("site recovery does not say which address the machine had on-premises"))
    in_azure = addresses_of(case, vm)
    if not in_azure:
        raise NotSeen(_("{vm} has no address in Azure").format(vm=vm.name.shown()))
    kept = tuple(address for address in in_azure if any(same_address(address, one) for one in at_home))
    if not kept and len(at_home) < len(of_adapters):
        raise NotSeen(_("site recovery does not say which address each adapter of the machine had on-premises"))
    return kept
