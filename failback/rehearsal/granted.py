"""What the rehearsal's operator may do: exactly the two operator's roles that this program ships, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyVmomi import vim

from failback.rehearsal.arm_wire import ArmWire, Reply, Request
from failback.roles import AZURE_OPERATOR, VCENTER_OPERATOR, privileges_of

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
)


def grant(wire: VCenterWire, arm: ArmWire, account: str) -> None:
    """Give `account` the operator's role on everything in vCenter, and whoever signs in to Azure that in Azure."""
    wire.privileges[account] = {ref: set(privileges_of(VCENTER_OPERATOR)) for ref in wire.store.of_kind(*_KINDS)}
    arm.on("GET", r"/providers/Microsoft\.Authorization/permissions", _permissions)


def _permissions(_arm: ArmWire, _request: Request) -> Reply:
    actions = sorted(privileges_of(AZURE_OPERATOR))
    return Reply(200, {"value": [{"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}]})
