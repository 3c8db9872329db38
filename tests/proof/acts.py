"""Small changes to the ready rehearsal site, at its wires: what the sites of the matrix are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pyVmomi import vim

from failback.profiles.model import Profile
from failback.rehearsal import description as site
from failback.rehearsal.arm_actions import power_view
from failback.rehearsal.in_azure import ago
from failback.rehearsal.on_premises import host_ref, vm_ref
from failback.rehearsal.site import Site
from failback.rehearsal.virtual_hardware import datastore_ref, mount
from tests.proof.judging import Choose
from wizard_steps.choices import Choices

Body = dict[str, Any]

# -- Azure


def edit(where: Site, resource: str, change: Callable[[Body], None]) -> None:
    """Change the properties of a resource."""
    where.arm.edit(resource, lambda body: change(body["properties"]))


def fabric(where: Site, **changes: Any) -> None:
    """Change what the fabric says of the configuration server."""
    edit(where, site.fabric_id(), lambda properties: properties["customDetails"].update(changes))


def servers(where: Site, kind: str) -> list[Body]:
    """Return the fabric's own list of servers: processServers or masterTargetServers."""
    kept: list[Body] = where.arm.store.raw(site.fabric_id())["properties"]["customDetails"][kind]
    return kept


def process_server(where: Site, name: str = site.PROCESS_SERVER, **changes: Any) -> None:
    """Change what the fabric says of a process server."""
    next(one for one in servers(where, "processServers") if one["friendlyName"] == name).update(changes)


def master_target(where: Site, name: str, **changes: Any) -> None:
    """Change what the fabric says of a master target."""
    next(one for one in servers(where, "masterTargetServers") if one["name"] == name).update(changes)


def item(where: Site, machine: str, details: Mapping[str, Any] | None = None, **changes: Any) -> None:
    """Change a protected item: `changes` its properties, `details` those of its provider."""

    def change(properties: Body) -> None:
        properties.update(changes)
        properties["providerSpecificDetails"].update(details or {})

    edit(where, site.item_id(machine), change)


def power(where: Site, machine: str, word: str, *, hours_ago: float = 2) -> None:
    """Put an Azure VM into a power state."""
    since = where.clock.now() - timedelta(hours=hours_ago)
    where.arm.put(site.vm_id(machine) + "/instanceView", power_view(word, since))


def network_interface(where: Site, machine: str, change: Callable[[Body], None]) -> None:
    """Change the network interface of an Azure VM."""
    edit(where, site.network_id("networkInterfaces", f"{machine}-nic"), change)


def move_to_subnet(where: Site, machine: str, address: str, subnet: str) -> None:
    """Give an Azure VM another address, in another subnet."""

    def change(properties: Body) -> None:
        properties["ipConfigurations"][0]["properties"].update(privateIPAddress=address, subnet={"id": subnet})

    network_interface(where, machine, change)


def add_subnet(where: Site, name: str, prefix: str, astray: str = "") -> str:
    """Add a subnet to the servers' network and return its id; packets for `astray` are dropped there."""
    network = site.network_id("virtualNetworks", site.NETWORK)
    properties: Body = {"addressPrefix": prefix}
    if astray:
        table = site.network_id("routeTables", f"rt-{name}")
        route = {"addressPrefix": f"{astray}/32", "nextHopType": "None"}
        where.arm.put(
            table,
            {"location": site.LOCATION, "properties": {"routes": [{"name": "drop", "properties": route}]}},
        )
        properties["routeTable"] = {"id": table}
    whole = f"{network}/subnets/{name}"
    edit(where, network, lambda inside: inside["subnets"].append({"id": whole, "name": name, "properties": properties}))
    return whole


def deny(where: Site, machine: str, direction: str, remote: str, port: int) -> None:
    """Put a security group on an Azure VM's interface that denies one flow."""
    group = site.network_id("networkSecurityGroups", f"nsg-{machine}")
    rule = {
        "direction": direction,
        "access": "Deny",
        "priority": 200,
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "sourceAddressPrefix": remote if direction == "Inbound" else "*",
        "destinationAddressPrefix": remote if direction == "Outbound" else "*",
        "destinationPortRange": str(port),
    }
    where.arm.put(
        group,
        {"location": site.LOCATION, "properties": {"securityRules": [{"name": "deny", "properties": rule}]}},
    )
    network_interface(where, machine, lambda properties: properties.update(networkSecurityGroup={"id": group}))


def reprotect(where: Site, machine: str, target: str) -> None:
    """Let a machine have been reprotected already, through a master target."""
    item(
        where,
        machine,
        {
            "instanceType": "InMage",
            "masterTargetId": site.target_id(target),
            "azureVirtualMachineId": site.vm_id(machine),
        },
        activeLocation="Recovery",
        replicationHealth="Normal",
    )


def keep_address(where: Site, machine: str, address: str | None = None) -> None:
    """Let a machine have had its Azure address on-premises already; the configuration server has its two adapters."""
    spec = next(one for one in site.MACHINES if one.name == machine)
    kept = address or spec.azure_ip
    where.arm.edit(site.item_id(machine), lambda body: _source_address(body, kept))
    two_adapters(where)


def _source_address(body: Body, address: str) -> None:
    details = body["properties"]["providerSpecificDetails"]
    details["ipAddress"] = address
    details["vmNics"][0]["ipConfigs"][0]["staticIPAddress"] = address


# -- on-premises


def vm(where: Site, name: str, **changes: Any) -> None:
    """Change properties of a machine's VM; `__` stands for the dot of a path."""
    where.store.set(vm_ref(name), {path.replace("__", "."): value for path, value in changes.items()})


def devices(where: Site, name: str) -> list[Any]:
    """Return the devices of a machine's VM."""
    return list(where.store.get(vm_ref(name), "config.hardware.device"))


def two_adapters(where: Site) -> None:
    """Give the configuration server a second network adapter, in the network its machines came from."""
    from failback.rehearsal.virtual_hardware import devices as made
    from failback.rehearsal.virtual_hardware import guest_nic

    name = site.CONFIGURATION_SERVER
    nics = [guest_nic(0, site.CONFIGURATION_SERVER_IP), guest_nic(1, "10.60.1.250")]
    vm(where, name, config__hardware__device=made(name, "vmfs-01", (100, 600, 600), nics=2), guest__net=nics)


def adapter(where: Site, name: str, address: str, prefix: int = 24) -> None:
    """Let the first network adapter of a machine's VM have another address."""
    from failback.rehearsal.virtual_hardware import guest_nic

    first = guest_nic(0, address)
    first.ipConfig.ipAddress[0].prefixLength = prefix
    rest = list(where.store.get(vm_ref(name), "guest.net"))[1:]
    vm(where, name, guest__net=[first, *rest], guest__ipAddress=address)


def volume(where: Site, name: str, place: int, **changes: Any) -> None:
    """Change a volume that VMware Tools report of a machine's guest; `place` as in its list."""
    volumes = list(where.store.get(vm_ref(name), "guest.disk"))
    for key, value in changes.items():
        setattr(volumes[place], key, value)
    vm(where, name, guest__disk=volumes)


def mounts(where: Site, datastore: str, host: str, **changes: Any) -> None:
    """Change how a host mounts a datastore."""
    ref = datastore_ref(datastore)
    kept = [one for one in where.store.get(ref, "host") if one.key != vim.HostSystem(host_ref(host))]
    how = {"mode": "readWrite", **changes}
    new = vim.Datastore.HostMount(key=vim.HostSystem(host_ref(host)), mountInfo=mount(**how))
    where.store.set(ref, {"host": [*kept, new]})


def event(where: Site, happened: Any, name: str, *, hours_ago: float) -> None:
    """Add an event about a machine's VM to vCenter's log."""
    happened.key = happened.chainId = len(where.wire.events) + 1
    happened.createdTime = where.clock.now() - timedelta(hours=hours_ago)
    happened.userName = "somebody@vsphere.local"
    happened.vm = vim.event.VmEventArgument(vm=vim.VirtualMachine(vm_ref(name)), name=name)
    where.wire.events.append(happened)


# -- choices


def choosing(**changes: Any) -> Choose:
    """Return what changes the operator's choices by name."""

    def choose(profile: Profile) -> Profile:
        choices: Choices = replace(profile.choices, **changes)
        return profile.with_choices(choices)

    return choose


def targets(change: Callable[[Any], Any]) -> Choose:
    """Return what changes every chosen master target."""

    def choose(profile: Profile) -> Profile:
        return profile.with_choices(
            replace(profile.choices, targets=tuple(change(one) for one in profile.choices.targets))
        )

    return choose


def for_target(name: str, **changes: Any) -> Choose:
    """Return what changes the choices that go with one master target."""
    return targets(lambda one: replace(one, **changes) if one.master_target == name else one)


def every_machine() -> tuple[str, ...]:
    """Return the names of all machines of the site."""
    return tuple(one.name for one in site.MACHINES)


__all__ = [
    "Body",
    "adapter",
    "add_subnet",
    "ago",
    "choosing",
    "deny",
    "devices",
    "edit",
    "event",
    "every_machine",
    "fabric",
    "for_target",
    "item",
    "keep_address",
    "master_target",
    "mounts",
    "move_to_subnet",
    "network_interface",
    "power",
    "process_server",
    "reprotect",
    "servers",
    "targets",
    "two_adapters",
    "vm",
    "volume",
]
