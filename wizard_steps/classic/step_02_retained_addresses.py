"""Step 2, machines that kept their on-premises address in Azure: the second way to the configuration server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from wizard_steps.case import Case, Machine
from wizard_steps.classic.configuration_server_vm import (
    connected_nics,
    failback_address,
    ipv4_prefixes,
    nic_with,
    vm_of,
)
from wizard_steps.classic.long_steps import CONFIGURATION_SERVER
from wizard_steps.classic.networks import (
    lines_from,
    network,
    network_id_of,
    overlapping,
    prefixes_of,
    shown_id,
    subnet_ids_of,
)
from wizard_steps.classic.power import runs
from wizard_steps.classic.probing import hop_to, next_hop
from wizard_steps.classic.reached import leads_to_the_site, line_is_up, off
from wizard_steps.classic.retained_addresses import retained
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, Requirements, attest, fail, not_applicable, passed, warn
from wizard_steps.seen_in_azure import AzureVm, same_id
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import N_, _

rows = Requirements(CONFIGURATION_SERVER)


def _not_retained(machine: Machine) -> Judgement:
    if machine.azure_vm.value is None:
        return not_applicable(_("it has no Azure VM"))
    return not_applicable(_("it has a new address in Azure"))


@rows.add(
    "ip-retained-s2s",
    statement=N_(
        "A machine that kept its address reaches the configuration server's failback adapter over the connection."
    ),
    seed="components table, CS, para 3",
    subject="machine",
    worst="fail",
    consequence_of=["s2s-or-er-required"],
    cause=N_("With a retained address, traffic for the site's own subnet would never leave the Azure network."),
    action=N_("Give the configuration server a failback adapter in a subnet of its own, routed over the connection."),
)
def retained_address_has_a_path(case: Case, machine: Machine) -> Judgement:
    """Fail what plain reads prove to stay in Azure; where the network sends the rest, the next hop tells."""
    vm, kept = machine.azure_vm.value, retained(case, machine)
    if vm is None or not kept:
        return _not_retained(machine)
    address = failback_address(case)
    net = network(case, network_id_of(case, vm))
    inside = overlapping([address], prefixes_of(net))
    if inside:
        return fail(
            _("{address} of the configuration server lies in {prefix} of {network}: traffic to it stays in Azure"),
            address=address,
            prefix=inside[0][1],
            network=net.name,
            kept=kept,
        )
    if lines_from(case, net.id) and not line_is_up(case, vm):
        return fail(_("no connection to the site is up for {network}"), network=net.name, kept=kept)
    return _by_next_hop(case, vm, kept, address) if runs(vm) else off(vm)


def _by_next_hop(case: Case, vm: AzureVm, kept: tuple[str, ...], address: str) -> Judgement:
    hop = next_hop(case, hop_to(case, vm, address)).value
    said = {"kept": kept, "address": address, "vm": vm.name, "kind": Outside(hop.kind)}
    if not leads_to_the_site(hop):
        return fail(_("it kept {kept}, and what {vm} sends to {address} goes to {kind}"), **said)
    if case.choices.configuration_server_failback_ip is None:
        return attest(
            _(
                "the next hop from {vm} to {address} is {kind}: vouch that this is the configuration server's failback "
                "adapter, or name it as configuration_server_failback_ip under [site]"
            ),
            **said,
        )
    return passed(_("it kept {kept}; the next hop from {vm} to {address} is {kind}"), **said)


@rows.add(
    "ip-retained-two-nics",
    statement=N_("For machines that kept their address the configuration server has two network adapters."),
    seed="components table, CS, para 3",
    subject="machine",
    worst="fail",
    remedies=["add-network-adapter"],
    cause=N_("One adapter faces the source machines, the other faces Azure; one alone cannot tell the two apart."),
    action=N_("Add a network adapter in another subnet, give it an address, and choose it for failback."),
)
def two_adapters(case: Case, machine: Machine) -> Judgement:
    """Count the connected adapters of the server's VM that have IPv4 addresses in different networks."""
    kept = retained(case, machine)
    if not kept:
        return _not_retained(machine)
    vm = vm_of(case)
    if vm is None:
        return attest(
            _("it kept {kept}, and the configuration server is no VM of this vCenter: vouch for two adapters"),
            kept=kept,
        )
    if vm.connected_nics.value < 2:  # noqa: PLR2004 -- the document's own number
        return fail(
            _("it kept {kept}, but {vm} has {count} connected adapter"),
            kept=kept,
            vm=vm.name,
            count=vm.connected_nics.value,
        )
    prefixes = [ipv4_prefixes(nic) for nic in connected_nics(vm)]
    networks = sorted({net for of_one in prefixes for net in of_one})
    if not any(_stand_apart(one, other) for one, other in combinations(prefixes, 2)):
        return fail(
            _("it kept {kept}, but the adapters of {vm} stand in one network only: {networks}"),
            kept=kept,
            vm=vm.name,
            networks=networks or (_("none"),),
            remedies=(),
            action=_("Give the second adapter an address in a subnet of its own."),
        )
    return passed(_("{vm} has adapters in {networks}"), vm=vm.name, networks=networks)


@rows.add(
    "ip-retained-no-overlap",
    statement=N_("The failback adapter's subnet does not overlap the subnet of the Azure VM."),
    seed="components table, CS, para 3",
    subject="machine",
    worst="fail",
    cause=N_("Where two subnets overlap, a router cannot tell which side an address is on."),
    action=N_(
        "Move the failback adapter to a subnet that exists nowhere in Azure; address translation is not supported."
    ),
)
def no_overlap(case: Case, machine: Machine) -> Judgement:
    """Compare the failback adapter with the VM's subnets; with new addresses, the site's prefixes with the network."""
    azure_vm = machine.azure_vm.value
    if azure_vm is None:
        return _not_retained(machine)
    kept = retained(case, machine)
    if not kept:
        return _site_does_not_overlap(case, azure_vm)
    server_vm = vm_of(case)
    if server_vm is None:
        return attest(
            _("it kept {kept}, and the configuration server is no VM of this vCenter: vouch that no subnets overlap"),
            kept=kept,
        )
    return _failback_adapter_does_not_overlap(case, server_vm, azure_vm)


def _failback_adapter_does_not_overlap(case: Case, server_vm: VirtualMachine, azure_vm: AzureVm) -> Judgement:
    address = failback_address(case)
    mine = ipv4_prefixes(nic_with(server_vm, address))
    if not mine:
        nowhere = _("the adapter with {address} stands in no IPv4 network")
        raise NotSeen(nowhere.format(address=Outside(address).shown()))
    subnets = network(case, network_id_of(case, azure_vm)).subnets.value
    theirs = [one for id_ in subnet_ids_of(case, azure_vm) for one in _prefixes_of(subnets, id_)]
    clashes = overlapping(mine, theirs)
    if clashes:
        return fail(
            _("the failback adapter stands in {mine}, the Azure VM in {theirs}: they overlap"),
            mine=clashes[0][0],
            theirs=clashes[0][1],
            address=address,
        )
    return passed(_("failback adapter in {mine}, Azure VM in {theirs}"), mine=mine, theirs=theirs)


def _stand_apart(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether two adapters stand in two networks."""
    return any(mine != its for mine in one for its in other)


def _prefixes_of(subnets: Mapping[str, tuple[str, ...]], subnet_id: str) -> tuple[str, ...]:
    for id_, prefixes in subnets.items():
        if same_id(id_, subnet_id) and prefixes:
            return prefixes
    raise NotSeen(_("the prefixes of the subnet {name} were not read").format(name=shown_id(subnet_id)))


def _site_does_not_overlap(case: Case, azure_vm: AzureVm) -> Judgement:
    net = network(case, network_id_of(case, azure_vm))
    lines = lines_from(case, net.id)
    if not lines:
        return not_applicable(_("no connection to a site is known for {network}"), network=net.name)
    site = [text for line in lines for text in line.connection.remote_prefixes.value]
    clashes = overlapping(site, prefixes_of(net))
    if clashes:
        return warn(
            _("{site} of the site overlaps {theirs} of {network}: some addresses cannot be reached"),
            site=clashes[0][0],
            theirs=clashes[0][1],
            network=net.name,
            cause=_("The connection announces a prefix of the site that also exists in the Azure network."),
            action=_("Readdress one side before machines of the overlapping range come home."),
        )
    learned = [line.connection.name for line in lines if not line.connection.remote_prefixes.value]
    if learned:
        return attest(
            _("the routes of {connections} are learned: vouch that none of them overlaps {prefixes} of {network}"),
            connections=learned,
            prefixes=prefixes_of(net),
            network=net.name,
        )
    return passed(_("the site's prefixes do not overlap {network}"), network=net.name)
