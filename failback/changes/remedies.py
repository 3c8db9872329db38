"""The registry of remedies: every change this program can make, by the id that requirements name."""

from __future__ import annotations

from collections.abc import Mapping

from failback.changes.add_retention_disk import AddRetentionDisk
from failback.changes.consolidate_disks import ConsolidateDisks
from failback.changes.exclude_from_drs import ExcludeFromDrs
from failback.changes.exclude_from_storage_drs import ExcludeFromStorageDrs
from failback.changes.look_inside import LookInside
from failback.changes.power_cycle import PowerCycle
from failback.changes.power_off_source_vm import PowerOffSourceVm
from failback.changes.refresh_configuration_server import RefreshConfigurationServer
from failback.changes.remedy import Remedy
from failback.changes.remove_snapshots import RemoveSnapshots
from failback.changes.set_enable_uuid import SetEnableUuid
from failback.changes.start_azure_vm import StartAzureVm, StartProcessServer

# In the order in which a plan carries them out: what is guarded by the VM's changeVersion comes before what moves it,
# power comes after every setting that it makes effective, a refresh comes last and shows Azure the result.
_IN_ORDER: tuple[Remedy, ...] = (
    StartAzureVm(),
    StartProcessServer(),
    PowerOffSourceVm(),
    SetEnableUuid(),
    ExcludeFromStorageDrs(),
    ExcludeFromDrs(),
    RemoveSnapshots(),
    ConsolidateDisks(),
    AddRetentionDisk(),
    PowerCycle(),
    RefreshConfigurationServer(),
)

REMEDIES: Mapping[str, Remedy] = {remedy.id: remedy for remedy in _IN_ORDER}

CARRIED_OUT: Mapping[str, Remedy] = {**REMEDIES, LookInside.id: LookInside()}
"""Everything that is carried out as a change: the remedies, and what only brings facts."""
