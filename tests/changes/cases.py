"""For each remedy: a case in which it has something to do, and what its calls do to that case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.changes.cases_around_machines import AROUND_MACHINES, CHANGE_VERSION, web01
from tests.changes.stage import MT, SNAPSHOTS
from tests.estates.changing import GONE, change_all, days_ago
from tests.estates.ready import ready_case
from tests.estates.ready_azure import NOW
from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_in_guest import SeenInGuest, VolumeInside
from wizard_steps.seen_in_vcenter import ScsiController, VirtualDisk
from wizard_steps.sizes import GIB

LSI = ScsiController(1000, "LsiLogicSASController", 0, "SCSI controller 0", (2000, 2001))
PARAVIRTUAL = ScsiController(1001, "ParaVirtualSCSIController", 1, "SCSI controller 1")


ADDED_DISK = VirtualDisk(
    2001, "Hard disk 2", 1000, 1, 587 * GIB, "datastore-1", Outside("[vmfs-01] MT01/MT01_1.vmdk"), "disk-10-1"
)
NOT_TOLD: Reading[Any] = not_seen("not looked for")
LOOKED_INSIDE = SeenInGuest(
    NOW,
    (VolumeInside(Outside("R:\\"), seen(Outside("NTFS")), NOT_TOLD, NOT_TOLD, NOT_TOLD, NOT_TOLD),),
    seen(()),
    seen(()),
)


@dataclass(frozen=True)
class Example:
    """`broken` makes the ready case one that needs the remedy; `effects` are what each of its calls does to it."""

    broken: Mapping[str, object]
    effects: Mapping[str, Mapping[str, object]]
    finding: Mapping[str, Any] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """The case that needs the remedy."""
        return change_all(ready_case(), self.broken)


EXAMPLES: Mapping[str, Example] = {
    **{name: Example(*parts) for name, parts in AROUND_MACHINES.items()},
    "set-enable-uuid": Example(
        {f"{MT}.extra_config": {}, f"{MT}.disk_uuid_flag": False},
        {
            "ReconfigVM_Task": {
                f"{MT}.extra_config": {"disk.EnableUUID": Outside("TRUE")},
                f"{MT}.disk_uuid_flag": True,
                **CHANGE_VERSION,
            }
        },
    ),
    "remove-snapshots": Example(
        {f"{MT}.snapshots": SNAPSHOTS, f"{MT}.longest_disk_chain": 3},
        {"RemoveAllSnapshots_Task": {f"{MT}.snapshots": (), f"{MT}.longest_disk_chain": 1, **CHANGE_VERSION}},
    ),
    "consolidate-disks": Example(
        {f"{MT}.consolidation_needed": True, f"{MT}.longest_disk_chain": 2},
        {"ConsolidateVMDisks_Task": {f"{MT}.consolidation_needed": False, f"{MT}.longest_disk_chain": 1}},
    ),
    "exclude-from-drs": Example(
        {"vcenter.clusters[0].drs_overrides": {}},
        {"ReconfigureComputeResource_Task": {"vcenter.clusters[0].drs_overrides": {"vm-10": False}}},
    ),
    "exclude-from-storage-drs": Example(
        {"vcenter.pods[0].overrides": {}},
        {"ConfigureStorageDrsForPod_Task": {"vcenter.pods[0].overrides": {"vm-10": (False, None)}}},
    ),
    "power-cycle": Example(
        {},
        {
            "ShutdownGuest": {f"{MT}.power_state": "poweredOff"},
            "PowerOnVM_Task": {f"{MT}.power_state": "poweredOn", f"{MT}.boot_time": NOW},
        },
    ),
    "power-off-source-vm": Example(
        {"vcenter.machines[web01].power_state": "poweredOn"},
        {"ShutdownGuest": {"vcenter.machines[web01].power_state": "poweredOff"}},
        web01(),
    ),
    "start-azure-vm": Example(
        {"azure.vms[web01].power_state": "deallocated"},
        {"POST": {"azure.vms[web01].power_state": "running"}},
        web01(),
    ),
    "refresh-configuration-server": Example({}, {}),
    "swap-to-lsi": Example(
        {f"{MT}.controllers": (LSI, PARAVIRTUAL)}, {"ReconfigVM_Task": {f"{MT}.controllers": (LSI,), **CHANGE_VERSION}}
    ),
    "rename-colliding-vm": Example(
        {
            "vcenter.machines[vm-21].name": "web01",
            "vcenter.hosts[host-1].vm_refs": ("vm-10", "vm-11", "vm-21"),
        },
        {"Rename_Task": {"vcenter.machines[vm-21].name": "web01-old"}},
        web01(),
    ),
    "move-master-target-host": Example(
        {f"{MT}.host_ref": "host-2"}, {"RelocateVM_Task": {f"{MT}.host_ref": "host-1"}}, web01()
    ),
    "mount-vmware-tools": Example(
        {f"{MT}.tools_installer_mounted": False}, {"MountToolsInstaller": {f"{MT}.tools_installer_mounted": True}}
    ),
    "upgrade-vmware-tools": Example(
        {f"{MT}.tools_version_status": "guestToolsNeedUpgrade"},
        {"UpgradeTools_Task": {f"{MT}.tools_version_status": "guestToolsCurrent"}},
    ),
    "start-configuration-server": Example(
        {"vcenter.machines[CS01].power_state": "poweredOff"},
        {"PowerOnVM_Task": {"vcenter.machines[CS01].power_state": "poweredOn"}},
    ),
    "create-failback-policy": Example(
        {"azure.policies[to-azure-failback]": GONE, "server.mappings[failback]": GONE},
        {"PUT": {"azure.policies": ready_case().azure.policies.value}},
    ),
    "map-failback-policy": Example(
        {"server.mappings[failback]": GONE}, {"PUT": {"server.mappings": ready_case().server.value.mappings.value}}
    ),
    "reset-connection": Example(
        {"azure.gateways[0].connections[0].status": "NotConnected"},
        {"POST": {"azure.gateways[0].connections[0].status": "Connected"}},
    ),
    "renew-certificate": Example(
        {"server.certificate_expires": days_ago(-9)}, {"POST": {"server.certificate_expires": days_ago(-900)}}
    ),
    "add-retention-disk": Example(
        {f"{MT}.disks[1]": GONE, f"{MT}.guest_volumes[1]": GONE},
        {"ReconfigVM_Task": {f"{MT}.disks": lambda disks: (*disks, ADDED_DISK), **CHANGE_VERSION}},
    ),
    "format-retention-volume": Example(
        {f"{MT}.guest_volumes[1]": GONE, f"{MT}.disks[1].uuid": "6000C29a-1b2c-3d4e-5f60-718293a4b5c6"},
        {"StartProgramInGuest": {f"{MT}.inside": LOOKED_INSIDE}},
    ),
}
