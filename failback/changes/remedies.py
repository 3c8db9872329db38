"""The registry of remedies: every change this program can make, by the id that requirements name."""

from __future__ import annotations

from collections.abc import Mapping

from failback.changes.add_network_adapter import AddNetworkAdapter
from failback.changes.add_retention_disk import AddRetentionDisk
from failback.changes.add_vcenter_record import AddVCenterRecord
from failback.changes.allow_port import AllowPort
from failback.changes.attach_moved_disks import AttachMovedDisks
from failback.changes.consolidate_disks import ConsolidateDisks
from failback.changes.create_failback_policy import CreateFailbackPolicy
from failback.changes.exclude_from_drs import ExcludeFromDrs
from failback.changes.exclude_from_storage_drs import ExcludeFromStorageDrs
from failback.changes.format_retention_volume import FormatRetentionVolume
from failback.changes.grant_vcenter_role import GrantVCenterRole
from failback.changes.host_storage import MountVmfs, RescanStorage
from failback.changes.look_inside import LookInside
from failback.changes.map_failback_policy import MapFailbackPolicy
from failback.changes.move_master_target_host import MoveMasterTargetHost
from failback.changes.power_cycle import PowerCycle
from failback.changes.power_off_source_vm import PowerOffSourceVm
from failback.changes.refresh_configuration_server import RefreshConfigurationServer
from failback.changes.remedy import Remedy
from failback.changes.remove_snapshots import RemoveSnapshots
from failback.changes.rename_colliding_vm import RenameCollidingVm
from failback.changes.renew_certificate import RenewCertificate
from failback.changes.reset_connection import ResetConnection
from failback.changes.set_enable_uuid import SetEnableUuid
from failback.changes.start_azure_vm import StartAzureVm, StartProcessServer
from failback.changes.start_configuration_server import StartConfigurationServer
from failback.changes.start_mobility_service import StartMobilityService
from failback.changes.submit_reprotect import SubmitReprotect
from failback.changes.swap_to_lsi import AddLsiController, SwapToLsi
from failback.changes.switch_process_server import SwitchProcessServer
from failback.changes.vmware_tools import MountVMwareTools, UpgradeVMwareTools

# In the order in which a plan carries them out: what is guarded by the VM's changeVersion comes before what moves it,
# power comes after every setting that it makes effective, a refresh comes last and shows Azure the result.
_IN_ORDER: tuple[Remedy, ...] = (
    StartAzureVm(),
    StartProcessServer(),
    StartConfigurationServer(),
    StartMobilityService(),
    ResetConnection(),
    AllowPort(),
    RenewCertificate(),
    AddVCenterRecord(),
    CreateFailbackPolicy(),
    MapFailbackPolicy(),
    SwitchProcessServer(),
    GrantVCenterRole(),
    AddNetworkAdapter(),
    PowerOffSourceVm(),
    RescanStorage(),
    MountVmfs(),
    RenameCollidingVm(),
    SetEnableUuid(),
    ExcludeFromStorageDrs(),
    ExcludeFromDrs(),
    RemoveSnapshots(),
    ConsolidateDisks(),
    SwapToLsi(),
    AddLsiController(),
    AttachMovedDisks(),
    AddRetentionDisk(),
    MoveMasterTargetHost(),
    PowerCycle(),
    MountVMwareTools(),
    UpgradeVMwareTools(),
    FormatRetentionVolume(),
    RefreshConfigurationServer(),
    SubmitReprotect(),
)

REMEDIES: Mapping[str, Remedy] = {remedy.id: remedy for remedy in _IN_ORDER}

CARRIED_OUT: Mapping[str, Remedy] = {**REMEDIES, LookInside.id: LookInside()}
"""Everything that is carried out as a change: the remedies, and what only brings facts."""
