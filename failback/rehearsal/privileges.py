"""The privileges that a failback role holds, as the document for the account's role lists them.

Source: Microsoft's page on preparing the on-premises servers (the role Azure_Site_Recovery); ids checked against
govmomi's list of privileges, not against a live vCenter.
"""

from __future__ import annotations

_CONFIGURE = (
    "AddExistingDisk AddNewDisk AddRemoveDevice AdvancedConfig Annotation CPUCount ChangeTracking DiskExtend DiskLease EditDevice "
    "HostUSBDevice ManagedBy Memory MksControl QueryFTCompatibility QueryUnownedFiles RawDevice ReloadFromPath RemoveDisk Rename "
    "ResetGuestInfo Resource Settings SwapPlacement ToggleForkParent UpgradeVirtualHardware"
)

FAILBACK_ROLE: tuple[str, ...] = (
    "Datastore.AllocateSpace",
    "Datastore.Browse",
    "Datastore.DeleteFile",
    "Datastore.FileManagement",
    "Datastore.UpdateVirtualMachineFiles",
    "Network.Assign",
    "Resource.AssignVMToPool",
    "Resource.ColdMigrate",
    "Resource.HotMigrate",
    "Task.Create",
    "Task.Update",
    *(f"VirtualMachine.Config.{name}" for name in _CONFIGURE.split()),
    *(f"VirtualMachine.Interact.{name}" for name in "AnswerQuestion DeviceConnection SetCDMedia SetFloppyMedia PowerOff PowerOn ToolsInstall".split()),
    *(f"VirtualMachine.Inventory.{name}" for name in "Create CreateFromExisting Register Unregister".split()),
    *(f"VirtualMachine.Provisioning.{name}" for name in "GetVmFiles PutVmFiles".split()),
    "VirtualMachine.State.RemoveSnapshot",
)
