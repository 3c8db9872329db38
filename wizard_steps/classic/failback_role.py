"""The privileges that site recovery's account needs in vCenter for failback.

Source: Microsoft's page on preparing the on-premises servers (role Azure_Site_Recovery). `Datastore.DeleteFile` stands
there too, but newer vSphere no longer offers it, so it is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

_BY_GROUP = {
    "Datastore": "AllocateSpace Browse FileManagement UpdateVirtualMachineFiles",
    "Network": "Assign",
    "Resource": "AssignVMToPool ColdMigrate HotMigrate",
    "Task": "Create Update",
    "VirtualMachine.Config": (
        "AddExistingDisk AddNewDisk AddRemoveDevice AdvancedConfig Annotation CPUCount ChangeTracking DiskExtend "
        "DiskLease EditDevice HostUSBDevice ManagedBy Memory MksControl QueryFTCompatibility QueryUnownedFiles "
        "RawDevice ReloadFromPath RemoveDisk Rename ResetGuestInfo Resource Settings SwapPlacement ToggleForkParent "
        "UpgradeVirtualHardware"
    ),
    "VirtualMachine.Interact": (
        "AnswerQuestion DeviceConnection PowerOff PowerOn SetCDMedia SetFloppyMedia ToolsInstall"
    ),
    "VirtualMachine.Inventory": "Create Register Unregister",
    "VirtualMachine.Provisioning": "GetVmFiles PutVmFiles",
    "VirtualMachine.State": "RemoveSnapshot",
}
NEEDED: frozenset[str] = frozenset(f"{group}.{name}" for group, names in _BY_GROUP.items() for name in names.split())


def missing(held: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """Return the privileges that are missing on at least one of the objects asked about, sorted."""
    return tuple(sorted({one for privileges in held for one in NEEDED - privileges}))
