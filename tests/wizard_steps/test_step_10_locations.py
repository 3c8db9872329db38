"""Step 10, row by row: where each machine comes home to, its original location or an alternate one."""

from __future__ import annotations

import pytest

from tests.estates.homecoming import AWAY, BOTH_AWAY, GONE_AWAY, PHYSICAL, STORE_1, STORE_2, leftover, mounted
from tests.estates.paths import HOME_VM, HOST, ITEM, MT, MT_VM
from tests.estates.ready import DENIED, GONE, change_all, finding_of, ready_case
from tests.estates.ready_azure import GIB
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.choices import LocationChoice

GREEN = [
    Row("olr-mt-host-vmdk-access", "pass", "esx01.example.com has vmfs-01", {}, "web01"),
    Row("olr-datastore-mounted-rw", "pass", "read-write", {}, "web01"),
    Row("alr-new-vm-on-mt-host", "not-applicable", "original", {}, "web01"),
    Row("alr-new-vm-on-mt-host", "info", "on esx01.example.com, its disks on vmfs-02", AWAY, "web01"),
    Row("alr-choose-host", "not-applicable", "", {}, "web01"),
    Row("alr-choose-host", "pass", "connected", AWAY, "web01"),
    Row("alr-datastore-accessible-from-mt-host", "not-applicable", "", {}, "web01"),
    Row("alr-datastore-accessible-from-mt-host", "pass", "3 TiB free, 100 GiB needed by this machine", AWAY, "web01"),
    Row("olr-optional-delete-onprem-vm", "info", "web01 is kept", {}, "web01"),
    Row("alr-same-host-datastore", "not-applicable", "", {}, "web01"),
    Row("alr-same-host-datastore", "info", "uses another datastore", AWAY, "web01"),
    Row("phys-host-discovered", "not-applicable", "it was a VM", {}, "web01"),
    Row("phys-host-discovered", "pass", "through vcenter01", {**AWAY, **PHYSICAL}, "web01"),
    Row("rdm-disks", "pass", "no raw", {}, "web01"),
    Row("vm-name-collision", "pass", "", {}, "web01"),
    Row(
        "esxi-memory",
        "pass",
        "esx02.example.com has 192 GiB free; the 2 machines that start there need 16 GiB",
        {},
        "web01",
    ),
    Row("vm-datastore-accessible", "pass", "", {}, "web01"),
    Row("temp-disk-excluded", "info", "Standard_D4s_v5 brings none", {}, "web01"),
]

OTHER = [
    # original location
    Row(
        "olr-mt-host-vmdk-access",
        "fail",
        "does not have vmfs-01",
        {f"{HOST}.datastore_refs": ("datastore-2",)},
        "web01",
    ),
    Row("olr-mt-host-vmdk-access", "not-applicable", "alternate", AWAY, "web01"),
    Row(
        "olr-mt-host-vmdk-access",
        "fail",
        "no VM in this vCenter",
        {"choices.locations": (LocationChoice("web01", "original"),), HOME_VM: GONE},
        "web01",
    ),
    Row("olr-mt-host-vmdk-access", "unknown", "does not say", {f"{HOME_VM}.disks[0].datastore_ref": None}, "web01"),
    Row(
        "olr-datastore-mounted-rw",
        "fail",
        "vmfs-01 on esx01.example.com: mounted read-only",
        {f"{STORE_1}.mounts": mounted("readOnly")},
        "web01",
    ),
    Row("olr-datastore-mounted-rw", "fail", "not mounted", {f"{STORE_1}.mounts": mounted(is_mounted=False)}, "web01"),
    Row("olr-datastore-mounted-rw", "fail", "not mounted", {f"{STORE_1}.mounts": lambda all_: all_[1:]}, "web01"),
    Row(
        "olr-datastore-mounted-rw",
        "fail",
        "inaccessible (AllPathsDown_Start)",
        {f"{STORE_1}.mounts": mounted(accessible=False, why="AllPathsDown_Start")},
        "web01",
    ),
    Row("olr-datastore-mounted-rw", "fail", "mounted, but inaccessible", {f"{STORE_1}.accessible": False}, "web01"),
    Row("olr-datastore-mounted-rw", "unknown", "noAccess", {f"{STORE_1}.mounts": mounted("noAccess")}, "web01"),
    Row(
        "olr-datastore-mounted-rw",
        "warn",
        "enteringMaintenance",
        {f"{STORE_1}.maintenance_mode": "enteringMaintenance"},
        "web01",
    ),
    Row("olr-datastore-mounted-rw", "unknown", "no disk", {f"{HOME_VM}.disks": ()}, "web01"),
    Row("olr-datastore-mounted-rw", "not-applicable", "", AWAY, "web01"),
    Row("vm-datastore-accessible", "fail", "inaccessible", {f"{STORE_1}.mounts": mounted(accessible=False)}, "web01"),
    Row("vm-datastore-accessible", "fail", "inaccessible", {f"{STORE_1}.accessible": False}, "web01"),
    Row("vm-datastore-accessible", "pass", "read-only", {f"{STORE_1}.mounts": mounted("readOnly")}, "web01"),
    Row(
        "vm-datastore-accessible",
        "fail",
        "vmfs-02",
        {f"{HOME_VM}.datastore_refs": ("datastore-1", "datastore-2"), f"{STORE_2}.mounts": mounted(is_mounted=False)},
        "web01",
    ),
    Row("vm-datastore-accessible", "not-applicable", "", AWAY, "web01"),
    Row("olr-optional-delete-onprem-vm", "not-applicable", "alternate", AWAY, "web01"),
    Row("olr-optional-delete-onprem-vm", "not-applicable", "alternate", {HOME_VM: GONE}, "web01"),
    Row(
        "rdm-disks",
        "warn",
        "Hard disk 1 of web01 are raw devices; their LUNs",
        {f"{HOME_VM}.disks[0].is_raw_device": True},
        "web01",
    ),
    Row(
        "rdm-disks",
        "warn",
        "they come home as virtual disks",
        {**AWAY, f"{HOME_VM}.disks[0].is_raw_device": True},
        "web01",
    ),
    Row("rdm-disks", "not-applicable", "no VM", {HOME_VM: GONE}, "web01"),
    # alternate location
    Row(
        "alr-new-vm-on-mt-host",
        "unknown",
        "no datastore chosen",
        {"choices.locations": (LocationChoice("web01", "alternate"),)},
        "web01",
    ),
    Row(
        "alr-choose-host",
        "fail",
        "MT01 stands on esx01.example.com, chosen is esx02.example.com",
        {**AWAY, "target.esxi_host": "esx02.example.com"},
        "web01",
    ),
    Row("alr-choose-host", "unknown", "no ESXi host chosen", {**AWAY, "target.esxi_host": None}, "web01"),
    Row("alr-choose-host", "fail", "notResponding", {**AWAY, f"{HOST}.connection_state": "notResponding"}, "web01"),
    Row("alr-choose-host", "fail", "maintenance", {**AWAY, f"{HOST}.in_maintenance": True}, "web01"),
    Row("alr-choose-host", "warn", "red", {**AWAY, f"{HOST}.overall_status": "red"}, "web01"),
    Row("alr-choose-host", "unknown", "gray", {**AWAY, f"{HOST}.overall_status": "gray"}, "web01"),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "fail",
        "read-only",
        {**AWAY, f"{STORE_2}.mounts": mounted("readOnly")},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "fail",
        "does not list vmfs-02",
        {**AWAY, f"{MT}.datastores": lambda all_: all_[:1]},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "fail",
        "99 GiB free, 100 GiB needed",
        {**AWAY, f"{STORE_2}.free": 99 * GIB},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "fail",
        "vmfs-02 on esx01.example.com: mounted, but inaccessible",
        {**AWAY, f"{STORE_2}.accessible": False},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host", "warn", "109 GiB free", {**AWAY, f"{STORE_2}.free": 109 * GIB}, "web01"
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "pass",
        "110 GiB free",
        {**AWAY, f"{STORE_2}.free": 110 * GIB + 1},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "fail",
        "200 GiB needed by 2 machines",
        {**BOTH_AWAY, f"{STORE_2}.free": 150 * GIB},
        "web01",
    ),
    Row(
        "alr-same-host-datastore",
        "pass",
        "as well",
        {"choices.locations": (LocationChoice("web01", "alternate", "vmfs-01"),)},
        "web01",
    ),
    Row(
        "alr-same-host-datastore",
        "warn",
        "does not have vmfs-02",
        {**AWAY, f"{HOST}.datastore_refs": ("datastore-1",)},
        "web01",
    ),
    Row(
        "alr-same-host-datastore",
        "unknown",
        "0 datastores are called",
        {"choices.locations": (LocationChoice("web01", "alternate", "vmfs-9"),)},
        "web01",
    ),
    Row("phys-host-discovered", "fail", "no vCenter", {**AWAY, **PHYSICAL, "server.vcenters": ()}, "web01"),
    Row("phys-host-discovered", "fail", "no datastore of esx01", {**AWAY, **PHYSICAL, f"{MT}.datastores": ()}, "web01"),
    Row(
        "vm-name-collision",
        "fail",
        "another VM of this name (vm-90, poweredOn)",
        {**GONE_AWAY, **leftover("WEB01")},
        "web01",
    ),
    Row("vm-name-collision", "fail", "vm-90", leftover("web01"), "web01"),
    Row("vm-name-collision", "pass", "", {**GONE_AWAY, **leftover("web01", "host-2")}, "web01"),
    Row(
        "vm-name-collision",
        "pass",
        "",
        {f"{HOST}.vm_refs": ("vm-10", "vm-11", "vm-20"), f"{HOME_VM}.host_ref": "host-1"},
        "web01",
    ),
    Row("vm-name-collision", "unknown", "was not among those read", {f"{HOST}.vm_refs": ("vm-10", "vm-99")}, "web01"),
    Row(
        "esxi-memory",
        "warn",
        "esx02.example.com has 8 GiB free",
        {"vcenter.hosts[host-2].memory_used_mb": 262144 - 8192},
        "web01",
    ),
    Row(
        "esxi-memory",
        "pass",
        "esx01.example.com has 192 GiB free; this machine, which starts there, needs 16 GiB",
        GONE_AWAY,
        "web01",
    ),
    Row("esxi-memory", "warn", "", {**GONE_AWAY, f"{HOST}.memory_used_mb": 262144 - 8192}, "web01"),
    Row("esxi-memory", "unknown", "neither here nor in Azure", {**GONE_AWAY, "azure.vms[web01]": None}, "web01"),
    # temporary disk
    Row("temp-disk-excluded", "info", "brings one", {"azure.vms[web01].has_temporary_disk": True}, "web01"),
    Row(
        "temp-disk-excluded",
        "info",
        "is not known to bring one",
        {"azure.vms[web01].has_temporary_disk": DENIED},
        "web01",
    ),
]

UNREAD_AT_HOME = {
    "olr-mt-host-vmdk-access": (
        f"{HOST}.datastore_refs",
        f"{HOME_VM}.disks",
        "vcenter.machines",
        "vcenter.datastores",
        f"{MT_VM}.host_ref",
    ),
    "olr-datastore-mounted-rw": (
        f"{STORE_1}.mounts",
        f"{STORE_1}.accessible",
        f"{STORE_1}.maintenance_mode",
        f"{HOME_VM}.disks",
        "vcenter.hosts",
    ),
    "vm-datastore-accessible": (f"{STORE_1}.mounts", f"{STORE_1}.accessible", f"{HOME_VM}.datastore_refs"),
    "olr-optional-delete-onprem-vm": ("vcenter.machines", f"{ITEM}.infrastructure_vm_id"),
    "rdm-disks": (f"{HOME_VM}.disks", "vcenter.machines"),
    "vm-name-collision": (f"{HOST}.vm_refs", "vcenter.machines", f"{ITEM}.infrastructure_vm_id"),
    "esxi-memory": (
        "vcenter.hosts[host-2].memory_mb",
        "vcenter.hosts[host-2].memory_used_mb",
        f"{HOME_VM}.memory_mb",
        f"{HOME_VM}.host_ref",
    ),
    "phys-host-discovered": (f"{ITEM}.infrastructure_vm_id",),
    "alr-new-vm-on-mt-host": ("vcenter.machines",),
    "alr-choose-host": ("vcenter.machines",),
    "alr-datastore-accessible-from-mt-host": ("vcenter.machines",),
    "alr-same-host-datastore": ("vcenter.machines",),
}
UNREAD_AWAY = {
    "alr-new-vm-on-mt-host": (f"{MT_VM}.host_ref", "vcenter.datastores"),
    "alr-choose-host": (
        "vcenter.hosts",
        f"{HOST}.connection_state",
        f"{HOST}.in_maintenance",
        f"{HOST}.overall_status",
    ),
    "alr-datastore-accessible-from-mt-host": (
        f"{STORE_2}.mounts",
        f"{STORE_2}.accessible",
        f"{STORE_2}.free",
        f"{MT}.datastores",
    ),
    "alr-same-host-datastore": (f"{MT_VM}.datastore_refs", f"{HOST}.datastore_refs"),
    "phys-host-discovered": (f"{MT}.datastores", "server.vcenters"),
    "esxi-memory": ("azure.vms[web01].memory_mb", "azure.vms[web01]", f"{HOST}.memory_mb"),
    "vm-name-collision": (f"{HOST}.vm_refs",),
}
UNREAD = [Unread(row, path, "web01") for row, paths in UNREAD_AT_HOME.items() for path in paths]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


@pytest.mark.parametrize(("row", "path"), [(row, path) for row, paths in UNREAD_AWAY.items() for path in paths])
def test_a_row_of_the_alternate_location_is_unknown_without_a_reading(row: str, path: str) -> None:
    changes = {**GONE_AWAY, **(PHYSICAL if row == "phys-host-discovered" else {}), path: DENIED}
    Row(row, "unknown", "denied", changes, "web01").check()


def test_a_machine_whose_disks_nobody_read_has_no_known_need_of_room() -> None:
    unread = {**AWAY, "azure.vms[web01].disk_sizes": DENIED, f"{ITEM}.disks": DENIED}
    Row("alr-datastore-accessible-from-mt-host", "unknown", "denied", unread, "web01").check()


def test_every_requirement_of_the_step_about_machines_is_in_the_tables() -> None:
    ours = requirements_of_step(10, "machine")
    assert judged_by(GREEN) == judged_by(OTHER) == ours
    assert judged_by(UNREAD) | {"temp-disk-excluded"} == ours


REMEDIES = [
    ("olr-datastore-mounted-rw", {f"{STORE_1}.mounts": mounted("readOnly")}, ()),
    ("olr-datastore-mounted-rw", {f"{STORE_1}.mounts": mounted(accessible=False)}, ("rescan-storage",)),
    ("olr-datastore-mounted-rw", {f"{STORE_1}.mounts": mounted(is_mounted=False)}, ("rescan-storage", "mount-vmfs")),
    ("alr-choose-host", {**AWAY, "target.esxi_host": "esx02.example.com"}, ("move-master-target-host",)),
    ("alr-choose-host", {**AWAY, f"{HOST}.in_maintenance": True}, ()),
    ("alr-datastore-accessible-from-mt-host", {**AWAY, f"{STORE_2}.free": 0}, ()),
    ("vm-name-collision", {**GONE_AWAY, **leftover("web01")}, ("rename-colliding-vm",)),
    ("esxi-memory", {**GONE_AWAY, f"{HOST}.memory_used_mb": 262144}, ("move-master-target-host",)),
    ("esxi-memory", {"vcenter.hosts[host-2].memory_used_mb": 262144}, ()),
]


@pytest.mark.parametrize(("requirement", "changes", "remedies"), REMEDIES)
def test_only_what_mends_the_cause_is_offered(
    requirement: str, changes: dict[str, object], remedies: tuple[str, ...]
) -> None:
    assert finding_of(change_all(ready_case(), changes), requirement, "web01").remedies == remedies
