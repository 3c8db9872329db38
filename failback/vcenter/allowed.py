"""Every call this program makes to vCenter, by its SOAP name; `session` lets nothing else out.

`READS` change nothing on the server but the session's own views; a search for files shows there as a task. `CHANGES`
go out only inside `VCenterSession.run_change`, which `failback.changes.through_vcenter` alone uses. Tests hold what is
seen at both wires to these lists.
"""

from __future__ import annotations

from typing import Final

READS: Final = frozenset(
    {
        "RetrieveServiceContent",
        "Login",
        "Logout",
        "CreateContainerView",
        "DestroyView",
        "RetrievePropertiesEx",
        "ContinueRetrievePropertiesEx",
        "QueryEvents",
        "QueryAssignedLicenses",
        "FetchUserPrivilegeOnEntities",
        "RetrieveEntityPermissions",
        "SearchDatastoreSubFolders_Task",
        "QueryVirtualDiskUuid",
    }
)

CHANGES: Final = frozenset(
    {
        "ReconfigVM_Task",
        "RemoveAllSnapshots_Task",
        "ConsolidateVMDisks_Task",
        "ConfigureStorageDrsForPod_Task",
        "ReconfigureComputeResource_Task",
        "PowerOnVM_Task",
        "PowerOffVM_Task",
        "ShutdownGuest",
        "RelocateVM_Task",
        "Rename_Task",
        "RescanAllHba",
        "RescanVmfs",
        "MountVmfsVolume",
        "UnmountVmfsVolume",
        "MountToolsInstaller",
        "UnmountToolsInstaller",
        "UpgradeTools_Task",
        "AddAuthorizationRole",
        "RemoveAuthorizationRole",
        "SetEntityPermissions",
        "RemoveEntityPermission",
    }
)


GUEST_OPERATIONS: Final = frozenset(
    {
        "CreateTemporaryDirectoryInGuest",
        "InitiateFileTransferToGuest",
        "StartProgramInGuest",
        "ListProcessesInGuest",
        "TerminateProcessInGuest",
        "InitiateFileTransferFromGuest",
        "DeleteDirectoryInGuest",
    }
)
"""What `failback.guest.guest_session` alone calls, inside of a change, to run a program of this product in a guest."""


class NotAllowedError(Exception):
    """A call was about to leave that is on no list, or that changes something outside of a change: a defect."""
