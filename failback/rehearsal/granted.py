"""What the rehearsal's operator may do: exactly the operator's and the grantor's roles that this program ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyVmomi import vim

from failback.rehearsal.arm_wire import ArmWire, Reply, Request
from failback.roles import AZURE_OPERATOR, VCENTER_GRANTOR, VCENTER_OPERATOR, privileges_of

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import VCenterWire

_KINDS = (
    vim.VirtualMachine,
    vim.HostSystem,
    vim.Datastore,
    vim.Folder,
    vim.ClusterComputeResource,
    vim.StoragePod,
    vim.ResourcePool,
    vim.Network,
    vim.Datacenter,
)


def grant(wire: VCenterWire, arm: ArmWire, account: str) -> None:
    """Give `account` the operator's role in vCenter, the grantor's on datacenters, and the operator's in Azure."""
    held = {ref: set(privileges_of(VCENTER_OPERATOR)) for ref in wire.store.of_kind(*_KINDS)}
    for ref in wire.store.of_kind(vim.Datacenter):
        held[ref] |= privileges_of(VCENTER_GRANTOR)
    wire.privileges[account] = held
    arm.on("GET", r"/providers/Microsoft\.Authorization/permissions", _permissions)


def _permissions(_arm: ArmWire, _request: Request) -> Reply:
    actions = sorted(privileges_of(AZURE_OPERATOR))
    return Reply(200, {"value": [{"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}]})
