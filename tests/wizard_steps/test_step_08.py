"""Step 8, row by row: the master target's virtual machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.estates.paths import HOST, MT
from tests.estates.ready import DENIED, NOW, change_all, days_ago, finding_of, ready_case, report_of
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.estate import Memory
from wizard_steps.outside import Outside
from wizard_steps.seen_in_azure import ListedDatastore
from wizard_steps.seen_in_vcenter import Relocation, ScsiController, Snapshot

VM = "vcenter.machines[MT01]"
POD = "vcenter.pods[pod-1]"
CLUSTER = "vcenter.clusters[cluster-1]"
REPROTECTED = {
    "azure.protected_items[db01].instance_type": "InMage",
    "azure.protected_items[db01].master_target_id": "MT-mt01",
}
REMEMBERED = Memory(
    disk_files={"mt-mt01": {"disk-10-0": "[vmfs-01] MT01/MT01.vmdk", "DISK-10-1": "[vmfs-01] MT01/MT01_1.vmdk"}}
)
HELD = Memory(disk_files={"mt-mt01": {**REMEMBERED.disk_files["mt-mt01"], "disk-21-0": "[vmfs-01] db01/db01.vmdk"}})
LOST: dict[str, object] = {"memory": HELD, "vcenter.machines[db01].disks": ()}
FOUND = replace(REMEMBERED, attached_files={"mt-mt01": {"disk-10-1": "[vmfs-02] found/MT01_1.vmdk"}})
NO_OVERRIDE: dict[str, object] = {f"{POD}.overrides": {}}
NO_DRS_OVERRIDE: dict[str, object] = {f"{CLUSTER}.drs_overrides": {}}


def snapshots(*names: str) -> tuple[Snapshot, ...]:
    return tuple(Snapshot(Outside(name), days_ago(n + 1), f"snapshot-{n}") for n, name in enumerate(names))


def controller(kind: str, disks: tuple[int, ...] = (), bus: int = 1) -> ScsiController:
    return ScsiController(1000 + bus, kind, bus, f"SCSI controller {bus}", disks)


def beside_lsi(one: ScsiController) -> object:
    def add(there: tuple[ScsiController, ...]) -> tuple[ScsiController, ...]:
        return (*there, one)

    return add


def moved(at: datetime, old: str | None, new: str | None, kind: str = "VmRelocatedEvent") -> tuple[Relocation, ...]:
    user = Outside("VSPHERE.LOCAL\\night-shift")
    return (Relocation(at, kind, user, Outside(old) if old else None, Outside(new) if new else None),)


GREEN = [
    Row("mt-no-snapshots", "pass", "no snapshots"),
    Row("mt-no-pvscsi", "pass", "no paravirtual"),
    Row("mt-lsi-logic-only", "pass", "LsiLogicSASController with 2 disks"),
    Row("mt-no-storage-vmotion", "attest", "vouch that nobody"),
    Row("mt-exclude-vmotion", "pass", "Storage DRS leaves"),
    Row("mt-svmotion-recovery", "not-applicable", "no machine is reprotected"),
    Row("mt-vmware-tools", "pass", "guestToolsCurrent"),
    Row("mt-tools-datastore-discovery", "pass", "vmfs-01, vmfs-02"),
    Row("mt-disk-enableuuid", "pass", "TRUE"),
    Row("mt-disk-enableuuid-effective", "pass", "set on 2026-11-02 10:00 UTC, powered on 2026-11-12 10:00 UTC"),
    Row("mt-not-backed-up-by-snapshots", "attest", "shows none made in the last seven days; vouch"),
]

OTHER = [
    # snapshots
    Row(
        "mt-no-snapshots",
        "fail",
        "1 snapshot: 'before patch' 2026-11-21 10:00",
        {f"{VM}.snapshots": snapshots("before patch")},
    ),
    Row("mt-no-snapshots", "fail", "4 snapshots: 'a'", {f"{VM}.snapshots": snapshots("a", "b", "c", "d")}),
    Row("mt-no-snapshots", "fail", "[/]", {f"{VM}.snapshots": snapshots("[/]")}),
    Row("mt-no-snapshots", "fail", "Hard disk 2", {f"{VM}.disks[1].has_parent": True}),
    Row("mt-no-snapshots", "fail", "longest chain 3", {f"{VM}.longest_disk_chain": 3}),
    Row("mt-no-snapshots", "warn", "consolidated", {f"{VM}.consolidation_needed": True}),
    Row(
        "mt-no-snapshots",
        "fail",
        "before patch",
        {f"{VM}.snapshots": snapshots("before patch"), f"{VM}.longest_disk_chain": DENIED},
    ),
    # controllers
    Row(
        "mt-no-pvscsi",
        "fail",
        "SCSI controller 1 is ParaVirtualSCSIController with 0 disks",
        {f"{VM}.controllers": beside_lsi(controller("ParaVirtualSCSIController"))},
    ),
    Row(
        "mt-no-pvscsi",
        "fail",
        "with 1 disk",
        {f"{VM}.controllers": (controller("ParaVirtualSCSIController", (2000,)),)},
    ),
    Row(
        "mt-lsi-logic-only",
        "pass",
        "LsiLogicController",
        {f"{VM}.controllers": (controller("LsiLogicController", bus=0),)},
    ),
    Row(
        "mt-lsi-logic-only",
        "fail",
        "BusLogicController",
        {f"{VM}.controllers": beside_lsi(controller("BusLogicController"))},
    ),
    Row("mt-lsi-logic-only", "fail", "NVMEController", {f"{VM}.controllers": beside_lsi(controller("NVMEController"))}),
    Row(
        "mt-lsi-logic-only",
        "fail",
        "ParaVirtual",
        {f"{VM}.controllers": beside_lsi(controller("ParaVirtualSCSIController"))},
    ),
    Row("mt-lsi-logic-only", "fail", "no LSI Logic controller; there is: none", {f"{VM}.controllers": ()}),
    Row("mt-lsi-logic-only", "fail", "AHCIController", {f"{VM}.controllers": (controller("AHCIController"),)}),
    Row("mt-lsi-logic-only", "pass", "LsiLogicSAS", {f"{VM}.controllers": beside_lsi(controller("AHCIController"))}),
    Row(
        "mt-lsi-logic-only",
        "warn",
        "AHCIController with 1 disk",
        {f"{VM}.controllers": beside_lsi(controller("AHCIController", (2001,)))},
    ),
    # storage vMotion
    Row(
        "mt-no-storage-vmotion",
        "warn",
        "moved from vmfs-02 to vmfs-01 on 2026-11-12 10:00 UTC by VSPHERE.LOCAL\\night-shift",
        {f"{VM}.relocations": moved(days_ago(10), "vmfs-02", "vmfs-01")},
    ),
    Row("mt-no-storage-vmotion", "attest", "", {f"{VM}.relocations": moved(days_ago(31), "vmfs-02", "vmfs-01")}),
    Row("mt-no-storage-vmotion", "attest", "", {f"{VM}.relocations": moved(days_ago(1), "vmfs-01", "VMFS-01")}),
    Row(
        "mt-no-storage-vmotion", "attest", "", {f"{VM}.relocations": moved(days_ago(1), None, None, "VmMigratedEvent")}
    ),
    Row("mt-no-storage-vmotion", "warn", "does not name", {f"{VM}.relocations": moved(days_ago(1), None, "vmfs-01")}),
    Row(
        "mt-no-storage-vmotion",
        "fail",
        "db01, reprotected already",
        {**REPROTECTED, f"{VM}.relocations": moved(days_ago(40), "vmfs-02", "vmfs-01")},
    ),
    Row("mt-no-storage-vmotion", "attest", "", REPROTECTED),
    # exclusion
    Row("mt-exclude-vmotion", "fail", "Storage DRS of pod-1 moves", NO_OVERRIDE),
    Row("mt-exclude-vmotion", "fail", "moves", {f"{POD}.overrides": {"vm-10": (True, None)}}),
    Row("mt-exclude-vmotion", "warn", "recommends", {f"{POD}.overrides": {"vm-10": (None, "manual")}}),
    Row("mt-exclude-vmotion", "warn", "recommends", {**NO_OVERRIDE, f"{POD}.default_behavior": "manual"}),
    Row(
        "mt-exclude-vmotion",
        "fail",
        "moves",
        {f"{POD}.default_behavior": "manual", f"{POD}.overrides": {"vm-10": (None, "automated")}},
    ),
    Row("mt-exclude-vmotion", "pass", "", {**NO_OVERRIDE, f"{POD}.enabled": False}),
    Row("mt-exclude-vmotion", "pass", "", {**NO_OVERRIDE, "vcenter.datastores[vmfs-01].pod_ref": None}),
    Row("mt-exclude-vmotion", "unknown", "sometimes", {**NO_OVERRIDE, f"{POD}.default_behavior": "sometimes"}),
    Row("mt-exclude-vmotion", "unknown", "not among those read", {"vcenter.pods": ()}),
    Row("mt-exclude-vmotion", "warn", "DRS of cluster-1", NO_DRS_OVERRIDE),
    Row("mt-exclude-vmotion", "warn", "cluster-1", {f"{CLUSTER}.drs_overrides": {"vm-10": True}}),
    Row("mt-exclude-vmotion", "warn", "cluster-1", {f"{CLUSTER}.drs_overrides_allowed": False}),
    Row("mt-exclude-vmotion", "pass", "", {**NO_DRS_OVERRIDE, f"{CLUSTER}.drs_enabled": False}),
    Row("mt-exclude-vmotion", "pass", "", {"vcenter.clusters": (), f"{HOST}.cluster_ref": None}),
    Row("mt-exclude-vmotion", "unknown", "not among those read", {"vcenter.clusters": ()}),
    Row("mt-exclude-vmotion", "fail", "pod-1", {**NO_OVERRIDE, "vcenter.clusters": DENIED}),
    # after a move
    Row("mt-svmotion-recovery", "attest", "db01", REPROTECTED),
    Row("mt-svmotion-recovery", "pass", "2 disks", {**REPROTECTED, "memory": REMEMBERED}),
    Row(
        "mt-svmotion-recovery",
        "pass",
        "",
        {**REPROTECTED, "memory": REMEMBERED, f"{VM}.disks[1].file_name": "[vmfs-01] MT01/MT01_1-000001.vmdk"},
    ),
    Row(
        "mt-svmotion-recovery",
        "fail",
        "is now [vmfs-02] MT01/MT01_1.vmdk",
        {**REPROTECTED, "memory": REMEMBERED, f"{VM}.disks[1].file_name": "[vmfs-02] MT01/MT01_1.vmdk"},
    ),
    Row(
        "mt-svmotion-recovery",
        "fail",
        "no longer attached",
        {**REPROTECTED, "memory": REMEMBERED, f"{VM}.disks[1].uuid": "another"},
    ),
    Row("mt-svmotion-recovery", "not-applicable", "", {"memory": REMEMBERED, f"{VM}.disks[1].uuid": "another"}),
    Row("mt-svmotion-recovery", "pass", "or came home", {**REPROTECTED, "memory": HELD}),
    Row("mt-svmotion-recovery", "fail", "[vmfs-01] db01/db01.vmdk is no longer attached", {**REPROTECTED, **LOST}),
    Row("mt-svmotion-recovery", "fail", "[vmfs-01] db01/db01.vmdk is no longer attached", LOST),
    Row("mt-svmotion-recovery", "not-applicable", "", {"memory": HELD}),
    Row("mt-svmotion-recovery", "not-applicable", "", {**LOST, "vcenter.machines[db01].vmx_file": "[x] y/db01.vmx"}),
    Row("mt-svmotion-recovery", "unknown", "denied", {**LOST, "vcenter.machines[db01].disks": DENIED, **REPROTECTED}),
    Row("mt-svmotion-recovery", "unknown", "denied", {**LOST, "vcenter.machines[db01].disks": DENIED}),
    Row(
        "mt-svmotion-recovery",
        "fail",
        "MT01_1.vmdk is no longer attached",
        {**REPROTECTED, **LOST, "vcenter.machines[db01].disks": DENIED, f"{VM}.disks[1].uuid": "another"},
    ),
    Row(
        "mt-svmotion-recovery",
        "pass",
        "",
        {**REPROTECTED, "memory": FOUND, f"{VM}.disks[1].file_name": "[vmfs-02] found/MT01_1.vmdk"},
    ),
    Row(
        "mt-svmotion-recovery",
        "fail",
        "is now [vmfs-03] found/MT01_1.vmdk",
        {**REPROTECTED, "memory": FOUND, f"{VM}.disks[1].file_name": "[vmfs-03] found/MT01_1.vmdk"},
    ),
    # tools
    Row("mt-vmware-tools", "fail", "guestToolsNotInstalled", {f"{VM}.tools_version_status": "guestToolsNotInstalled"}),
    Row(
        "mt-vmware-tools", "fail", "do not run (guestToolsNotRunning)", {f"{VM}.tools_running": "guestToolsNotRunning"}
    ),
    Row(
        "mt-vmware-tools",
        "fail",
        "poweredOff",
        {f"{VM}.tools_running": "guestToolsNotRunning", f"{VM}.power_state": "poweredOff"},
    ),
    Row("mt-vmware-tools", "pending", "starting", {f"{VM}.tools_running": "guestToolsExecutingScripts"}),
    Row("mt-vmware-tools", "unknown", "sleeping", {f"{VM}.tools_running": "sleeping"}),
    Row("mt-vmware-tools", "pass", "guestToolsUnmanaged", {f"{VM}.tools_version_status": "guestToolsUnmanaged"}),
    Row("mt-vmware-tools", "warn", "guestToolsNeedUpgrade", {f"{VM}.tools_version_status": "guestToolsNeedUpgrade"}),
    Row("mt-vmware-tools", "warn", "guestToolsSupportedOld", {f"{VM}.tools_version_status": "guestToolsSupportedOld"}),
    Row("mt-vmware-tools", "fail", "guestToolsTooOld", {f"{VM}.tools_version_status": "guestToolsTooOld"}),
    Row("mt-vmware-tools", "unknown", "ancient", {f"{VM}.tools_version_status": "ancient"}),
    # discovery
    Row("mt-tools-datastore-discovery", "fail", "lists no datastore", {f"{MT}.datastores": ()}),
    Row(
        "mt-tools-datastore-discovery",
        "warn",
        "lists 1 datastores; not among them: vmfs-02",
        {f"{MT}.datastores": lambda all_: all_[:1]},
    ),
    Row("mt-tools-datastore-discovery", "pass", "", {f"{MT}.datastores[vmfs-02].name": "renamed since"}),
    Row("mt-tools-datastore-discovery", "warn", "vmfs-02", {f"{MT}.datastores[vmfs-02].uuid": "another"}),
    Row("mt-tools-datastore-discovery", "pass", "", {"vcenter.datastores[vmfs-02].vmfs_uuid": None}),
    Row(
        "mt-tools-datastore-discovery",
        "pass",
        "",
        {f"{MT}.datastores": lambda all_: all_[:1], "vcenter.datastores[vmfs-02].kind": "NFS"},
    ),
    # disk.EnableUUID
    Row("mt-disk-enableuuid", "fail", "missing", {f"{VM}.extra_config": {}}),
    Row("mt-disk-enableuuid", "fail", "FALSE", {f"{VM}.extra_config": {"disk.EnableUUID": Outside("FALSE")}}),
    Row("mt-disk-enableuuid", "pass", "", {f"{VM}.extra_config": {"disk.enableUUID": Outside("true")}}),
    Row(
        "mt-disk-enableuuid",
        "fail",
        "FALSE / TRUE",
        {f"{VM}.extra_config": {"disk.EnableUUID": Outside("TRUE"), "disk.enableuuid": Outside("FALSE")}},
    ),
    Row("mt-disk-enableuuid", "fail", "flag", {f"{VM}.disk_uuid_flag": False}),
    Row(
        "mt-disk-enableuuid-effective",
        "fail",
        "set on 2026-11-22 09:00",
        {f"{VM}.enable_uuid_set_at": NOW.replace(hour=9)},
    ),
    Row("mt-disk-enableuuid-effective", "attest", "on since 2026-11-12 10:00 UTC", {f"{VM}.enable_uuid_set_at": None}),
    Row("mt-disk-enableuuid-effective", "attest", "unknown time", {f"{VM}.boot_time": None}),
    Row("mt-disk-enableuuid-effective", "pending", "off", {f"{VM}.power_state": "poweredOff"}),
    Row("mt-disk-enableuuid-effective", "fail", "not TRUE", {f"{VM}.extra_config": {}}),
    # backups
    Row(
        "mt-not-backed-up-by-snapshots",
        "warn",
        "2 snapshots made in the last seven days, the latest on 2026-11-21 10:00 UTC",
        {f"{VM}.snapshot_events": (days_ago(1), days_ago(3))},
    ),
]

UNREAD = [
    Unread(row, path)
    for row, paths in {
        "mt-no-snapshots": (f"{VM}.snapshots", f"{VM}.disks", f"{VM}.longest_disk_chain", f"{VM}.consolidation_needed"),
        "mt-no-pvscsi": (f"{VM}.controllers", "vcenter.machines"),
        "mt-lsi-logic-only": (f"{VM}.controllers", "server.master_targets"),
        "mt-no-storage-vmotion": (f"{VM}.relocations", "azure.protected_items"),
        "mt-exclude-vmotion": (
            f"{VM}.datastore_refs",
            f"{VM}.disks",
            "vcenter.datastores",
            "vcenter.datastores[vmfs-01].pod_ref",
            "vcenter.pods",
            f"{POD}.enabled",
            f"{POD}.overrides",
            f"{VM}.host_ref",
            "vcenter.hosts",
            f"{HOST}.cluster_ref",
            "vcenter.clusters",
            f"{CLUSTER}.drs_enabled",
            f"{CLUSTER}.drs_overrides",
            f"{CLUSTER}.drs_overrides_allowed",
        ),
        "mt-svmotion-recovery": ("azure.protected_items", "azure.protected_items[db01].instance_type"),
        "mt-vmware-tools": (f"{VM}.tools_running", f"{VM}.tools_version_status"),
        "mt-tools-datastore-discovery": (
            f"{MT}.datastores",
            f"{HOST}.datastore_refs",
            "vcenter.datastores[vmfs-02].kind",
            "vcenter.datastores[vmfs-02].mounts",
        ),
        "mt-disk-enableuuid": (f"{VM}.extra_config", f"{VM}.disk_uuid_flag"),
        "mt-disk-enableuuid-effective": (
            f"{VM}.extra_config",
            f"{VM}.power_state",
            f"{VM}.enable_uuid_set_at",
            f"{VM}.boot_time",
        ),
        "mt-not-backed-up-by-snapshots": (f"{VM}.snapshot_events",),
    }.items()
    for path in paths
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    assert judged_by(GREEN) == judged_by(OTHER) == judged_by(UNREAD) == requirements_of_step(8)


REMEDIES = [
    ("mt-no-snapshots", {f"{VM}.snapshots": snapshots("a"), f"{VM}.disks[1].has_parent": True}, ("remove-snapshots",)),
    ("mt-no-snapshots", {f"{VM}.longest_disk_chain": 2}, ("consolidate-disks",)),
    ("mt-no-snapshots", {f"{VM}.consolidation_needed": True}, ("consolidate-disks",)),
    ("mt-lsi-logic-only", {f"{VM}.controllers": ()}, ("add-lsi-controller",)),
    ("mt-lsi-logic-only", {f"{VM}.controllers": beside_lsi(controller("NVMEController"))}, ("swap-to-lsi",)),
    ("mt-exclude-vmotion", NO_OVERRIDE, ("exclude-from-storage-drs",)),
    ("mt-exclude-vmotion", NO_DRS_OVERRIDE, ("exclude-from-drs",)),
    ("mt-exclude-vmotion", {**NO_OVERRIDE, **NO_DRS_OVERRIDE}, ("exclude-from-storage-drs", "exclude-from-drs")),
    ("mt-vmware-tools", {f"{VM}.tools_version_status": "guestToolsNotInstalled"}, ("mount-vmware-tools",)),
    ("mt-vmware-tools", {f"{VM}.tools_version_status": "guestToolsTooOld"}, ("upgrade-vmware-tools",)),
    ("mt-vmware-tools", {f"{VM}.tools_running": "guestToolsNotRunning"}, ()),
    ("mt-disk-enableuuid", {f"{VM}.extra_config": {}}, ("set-enable-uuid",)),
    ("mt-disk-enableuuid-effective", {f"{VM}.enable_uuid_set_at": NOW}, ("power-cycle",)),
    ("mt-disk-enableuuid-effective", {f"{VM}.extra_config": {}}, ()),
    ("mt-tools-datastore-discovery", {f"{MT}.datastores": ()}, ("refresh-configuration-server",)),
]


@pytest.mark.parametrize(("requirement", "changes", "remedies"), REMEDIES)
def test_only_what_mends_the_cause_is_offered(
    requirement: str, changes: dict[str, object], remedies: tuple[str, ...]
) -> None:
    assert finding_of(change_all(ready_case(), changes), requirement).remedies == remedies


def test_a_missing_row_explains_why_nothing_is_in_effect() -> None:
    report = report_of(change_all(ready_case(), {f"{VM}.extra_config": {}}))
    causes = {one.requirement.id: one.caused_by for one in report.findings if one.status.value == "fail"}
    assert causes == {
        "mt-disk-enableuuid": None,
        "mt-disk-enableuuid-effective": "mt-disk-enableuuid",
        "mt-note-requirements": "mt-disk-enableuuid",
    }


def test_a_datastore_is_recognised_by_its_uuid_however_it_is_written() -> None:
    def dashed(all_: tuple[ListedDatastore, ...]) -> tuple[ListedDatastore, ...]:
        return tuple(replace(one, uuid=one.uuid.map(lambda text: text.replace("-", "").upper())) for one in all_)

    Row("mt-tools-datastore-discovery", "pass", "", {f"{MT}.datastores": dashed}).check()
