"""What was seen around the machines of a vCenter, as plain frozen data: networks, rights, and files of disks.

No requirement is judged by these: they are what a change needs to know before it can say what it would do.
"""

from __future__ import annotations

from dataclasses import dataclass

from wizard_steps.outside import Outside

STANDARD, DISTRIBUTED, OPAQUE, UPLINK = "standard", "distributed", "opaque", "uplink"
"""Kinds of networks: of a host's own switch, of a distributed one, of another product (NSX), a switch's own uplinks."""


@dataclass(frozen=True)
class Network:
    """A network that virtual machines are connected to; `switch_uuid` and `port_group_key` of a distributed one."""

    ref: str
    name: Outside
    kind: str  # STANDARD, DISTRIBUTED, OPAQUE or UPLINK
    host_refs: tuple[str, ...]
    switch_uuid: str | None = None
    port_group_key: str | None = None


@dataclass(frozen=True)
class NetworkAdapter:
    """A virtual network adapter. `kind` is the vSphere class without `Virtual`; the network is known by one of two."""

    key: int
    kind: str
    label: str
    network_ref: str | None
    port_group_key: str | None

    def is_on(self, network: Network) -> bool:
        """Tell whether it is connected to a network."""
        if network.port_group_key is not None:
            return self.port_group_key == network.port_group_key
        return self.network_ref == network.ref


@dataclass(frozen=True)
class Datacenter:
    """A datacenter, known by the datastores in it."""

    ref: str
    name: Outside
    datastore_refs: tuple[str, ...]


@dataclass(frozen=True)
class Role:
    """A role of vCenter: a name for a set of privileges. A system role cannot be changed."""

    id: int
    name: Outside
    is_system: bool
    privileges: frozenset[str]


@dataclass(frozen=True)
class AccountGrant:
    """What an account has on a datacenter.

    `held` is what it may do there, from wherever that comes. `role_id` and `propagates` are of the permission that is
    given to the account itself on the datacenter itself, under the name `principal`; `role_id` None: there is none.
    """

    datacenter_ref: str
    account: str
    held: frozenset[str]
    principal: str | None = None
    role_id: int | None = None
    propagates: bool = False


@dataclass(frozen=True)
class DiskFile:
    """The file of a virtual disk that was searched for by its UUID.

    `attached_to` names the VM whose disk it is; None: no VM of the inventory has it. `kind` is the vSphere type of its
    backing, where the datastore tells it. `capacity` is in bytes.
    """

    uuid: str
    file_name: Outside
    datastore_ref: str
    capacity: int
    kind: str | None = None
    attached_to: Outside | None = None
