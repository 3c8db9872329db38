"""A second network adapter for the configuration server, on the network in which its failback address lies.

Which network that is the profile does not name, so it is concluded or left: the address under [site] is given, and
exactly one network of the server's host carries machines with addresses in its subnet. The address itself is entered
inside the guest, by a person.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any, Final

from failback.changes.change import Change, ChangeTarget, State, in_words
from failback.changes.on_vcenter import identity, moref, named, powered_on, vm_call, vm_of, vm_target
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.classic.configuration_server_vm import vm_of as vm_of_server
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding
from wizard_steps.seen_around_machines import DISTRIBUTED, STANDARD, Network, NetworkAdapter
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

KIND: Final = "Vmxnet3"
"""What Microsoft's requirements for the configuration server ask for."""
MOST: Final = 10
"""Network adapters a VM can have."""
_KEY: Final = "network adapter on "
_NEW_KEY: Final = -501
_SHOWN: Final = 8


class AddNetworkAdapter(Remedy):
    """One ReconfigVM_Task that adds a VMXNET3 adapter, connected. Nothing stops."""

    id = "add-network-adapter"
    weight = Weight.HARMLESS
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the configuration server's VM."""
        vm = vm_of_server(case)
        if vm is None:
            raise CannotChange(_("this vCenter has no VM of the configuration server: add the adapter where it stands"))
        return vm_target(case, "configuration-server", case.server.value.name.raw, vm)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add the adapter on the network that was concluded, or take the one away that was added."""
        vm = vm_of(case, target)
        network = _the_network(case, vm) if wanted is None else _network_of(case, next(iter(wanted), ""))
        key, added = _KEY + network.ref, {"network": network.name.raw, "kind": KIND}
        after: dict[str, Any] = {key: added} if wanted is None else dict(wanted)
        if after not in ({key: added}, {key: None}):
            raise CannotChange(_("what the plan wants is no network adapter that this change adds"))
        then = after[key]
        now = _there(vm, network)
        if now == then:
            raise CannotChange(_("its network adapters are already as wanted"))
        if then is not None and now is not None:
            raise CannotChange(_("an adapter on {network} is there already").format(network=network.name.shown()))
        change = _addition(vm, network) if then is not None else _removal(vm, network)
        spec = {"changeVersion": vm.change_version.value, "deviceChange": [change]}
        return Shape(
            title=(
                _("Add a network adapter on {network} to {name}")
                if then is not None
                else _("Take the network adapter on {network} away from {name}")
            ).format(network=network.name.shown(), name=named(target)),
            before={key: now},
            after=after,
            calls=(vm_call("ReconfigVM_Task", vm, spec=spec),),
            rests_on={
                **identity(vm),
                "changeVersion": vm.change_version.value,
                "powerState": vm.power_state.value,
                "failback address": case.choices.configuration_server_failback_ip,
            },
            disturbs=_disturbs(vm, network, adds=then is not None),
            reversible=True,
            undo=_("the adapter is taken away again; what the guest was told about it stays in the guest"),
            privileges=("VirtualMachine.Config.AddRemoveDevice", "Network.Assign")
            if then is not None
            else ("VirtualMachine.Config.AddRemoveDevice",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look at the adapters on that network."""
        vm = vm_of(case, change.target)
        [(key, wanted)] = change.after.items()
        now = _there(vm, _network_of(case, key))
        if now != wanted:
            return Verification(
                False, _("read again, {what} is not as planned: {now}").format(what=key, now=in_words(now))
            )
        if wanted is None:
            return Verification(True, _("the adapter is gone"))
        return Verification(
            True,
            _("the adapter is there. Enter {address} in the guest, then choose it for failback").format(
                address=Outside(case.choices.configuration_server_failback_ip or "?").shown()
            ),
        )


# -- which network


def _the_network(case: Case, vm: VirtualMachine) -> Network:
    """Return the only network that carries the failback address's subnet; raises `CannotChange` with candidates."""
    offered = _offered(case, vm)
    address = _address(case, vm, offered)
    carrying = {name for name, _vm in _neighbours(case, vm, address)}
    hits = [one for one in offered if one.name.raw in carrying]
    if len(hits) == 1 and not any(adapter.is_on(hits[0]) for adapter in vm.network_adapters.value):
        return hits[0]
    shown = Outside(str(address)).shown()
    if len(hits) == 1:
        raise CannotChange(
            _("{address} lies in the subnet of {network}, on which it has an adapter already").format(
                address=shown, network=hits[0].name.shown()
            )
        )
    if hits:
        raise CannotChange(
            _(
                "several networks of its host carry machines in the subnet of {address}: {networks}. Choose by hand"
            ).format(address=shown, networks=_names(hits))
        )
    raise CannotChange(
        _(
            "no network of its host carries a machine in the subnet of {address}, so which one it is only the site "
            "knows; there is: {networks}"
        ).format(address=shown, networks=_names(offered))
    )


def _offered(case: Case, vm: VirtualMachine) -> tuple[Network, ...]:
    """Return the networks of the VM's host that it can be connected to."""
    host = vm.host_ref.value
    return tuple(
        one for one in case.vcenter.networks.value if host in one.host_refs and one.kind in (STANDARD, DISTRIBUTED)
    )


def _address(
    case: Case, vm: VirtualMachine, offered: Iterable[Network]
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the failback address of the profile; raises `CannotChange` where it says nothing of a network."""
    text = case.choices.configuration_server_failback_ip
    if text is None:
        raise CannotChange(
            _(
                "which network reaches the Azure machines only the site knows: set configuration_server_failback_ip "
                "under [site] to the address it will have there. Its host has: {networks}"
            ).format(networks=_names(offered))
        )
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise CannotChange(_("{address} is no address").format(address=Outside(text).shown())) from None
    for one in case.vcenter.machines.value:
        if text in one.ip_addresses.or_else(()):
            if one.ref == vm.ref:
                raise CannotChange(
                    _(
                        "it has {address} already, so what it lacks is the adapter towards the source machines, whose "
                        "network only the site knows; its host has: {networks}"
                    ).format(address=address, networks=_names(offered))
                )
            raise CannotChange(_("{address} is an address of {vm}").format(address=address, vm=one.name.shown()))
    return address


def _neighbours(
    case: Case, vm: VirtualMachine, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> Iterator[tuple[str, VirtualMachine]]:
    """Yield the networks, by name, on which VMware Tools report an address in the same subnet, each with the VM."""
    for one in case.vcenter.machines.value:
        if one.ref == vm.ref:
            continue
        for nic in one.guest_nics.or_else(()):
            if nic.connected and any(_holds(text, length, address) for text, length in nic.addresses):
                yield nic.network.raw, one


def _holds(text: str, length: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(f"{text}/{length}", strict=False)
    except ValueError:
        return False


def _names(networks: Iterable[Network]) -> str:
    names = sorted({one.name.shown() for one in networks})
    more = _("and {count} more").format(count=len(names) - _SHOWN)
    return ", ".join([*names[:_SHOWN], more] if len(names) > _SHOWN else names) or _("none")


def _network_of(case: Case, key: str) -> Network:
    """Find the network of a change again; raises `CannotChange` when it is gone."""
    ref = key.removeprefix(_KEY)
    for one in case.vcenter.networks.value:
        if one.ref == ref:
            return one
    raise CannotChange(_("its network is no longer in this vCenter"))


# -- the adapter


def _on(vm: VirtualMachine, network: Network) -> NetworkAdapter | None:
    """Return the VM's only adapter on a network; raises `CannotChange` where there are more."""
    found = [one for one in vm.network_adapters.value if one.is_on(network)]
    if len(found) > 1:
        raise CannotChange(
            _("it has {count} adapters on {network}").format(count=len(found), network=network.name.shown())
        )
    return found[0] if found else None


def _there(vm: VirtualMachine, network: Network) -> dict[str, Any] | None:
    adapter = _on(vm, network)
    return None if adapter is None else {"network": network.name.raw, "kind": adapter.kind}


def _addition(vm: VirtualMachine, network: Network) -> dict[str, Any]:
    if len(vm.network_adapters.value) >= MOST:
        raise CannotChange(_("it has {count} network adapters, and there is no room for another").format(count=MOST))
    backing: dict[str, Any] = {
        "_typeName": "VirtualEthernetCardNetworkBackingInfo",
        "deviceName": network.name.raw,
        "network": moref("Network", network.ref),
    }
    if network.kind == DISTRIBUTED:
        port = {"switchUuid": network.switch_uuid, "portgroupKey": network.port_group_key}
        backing = {"_typeName": "VirtualEthernetCardDistributedVirtualPortBackingInfo", "port": port}
    device = {
        "_typeName": f"Virtual{KIND}",
        "key": _NEW_KEY,
        "addressType": "generated",
        "backing": backing,
        "connectable": {"startConnected": True, "allowGuestControl": True, "connected": powered_on(vm)},
    }
    return {"operation": "add", "device": device}


def _removal(vm: VirtualMachine, network: Network) -> dict[str, Any]:
    adapter = _on(vm, network)
    if adapter is None:
        raise CannotChange(_("it has no adapter on {network}").format(network=network.name.shown()))
    return {"operation": "remove", "device": {"_typeName": f"Virtual{adapter.kind}", "key": adapter.key}}


def _disturbs(vm: VirtualMachine, network: Network, *, adds: bool) -> str:
    if adds:
        return _("nothing: the adapter is added while the VM runs, and has no address until one is entered inside")
    addresses = [
        Outside(text).shown()
        for nic in vm.guest_nics.or_else(())
        if nic.network.raw == network.name.raw
        for text, _length in nic.addresses
    ]
    if not addresses:
        return _("nothing: the guest reports no address on this adapter")
    return _("what reaches the server at {addresses} stops").format(addresses=", ".join(addresses))
