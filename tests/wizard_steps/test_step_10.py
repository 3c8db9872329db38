"""Step 10, row by row: vCenter and its account, host and datastore, for both kinds of homecoming."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.ready import DENIED, GONE, change_all, finding_of, minutes_ago, ready_case, report_of
from tests.estates.ready_azure import GIB
from tests.estates.ready_vcenter import ACCOUNT, PRIVILEGES
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.choices import LocationChoice
from wizard_steps.outside import Outside
from wizard_steps.reading import seen
from wizard_steps.seen_in_azure import HealthError
from wizard_steps.seen_in_vcenter import Mount, VirtualMachine

MT = "server.master_targets[MT01]"
MT_VM = "vcenter.machines[MT01]"
HOME_VM = "vcenter.machines[web01]"
ITEM = "azure.protected_items[web01]"
HOST = "vcenter.hosts[host-1]"
STORE_1, STORE_2 = "vcenter.datastores[vmfs-01]", "vcenter.datastores[vmfs-02]"
RECORD = "server.vcenters[vcenter01]"
PHYSICAL = {f"{ITEM}.infrastructure_vm_id": None, f"{ITEM}.vcenter_infrastructure_id": None}
AWAY = {
    "choices.locations": (LocationChoice("web01", "alternate", "vmfs-02"),),
    "azure.vms[web01].memory_mb": 16384,
}
BOTH_AWAY = {
    "choices.locations": (
        LocationChoice("web01", "alternate", "vmfs-02"),
        LocationChoice("db01", "alternate", "vmfs-02"),
    )
}
GONE_AWAY = {**AWAY, HOME_VM: GONE, "vcenter.hosts[host-2].vm_refs": ("vm-21",)}


def mounted(
    mode: str = "readWrite", *, is_mounted: bool = True, accessible: bool = True, why: str | None = None
) -> object:
    """Return how esx01 mounts a datastore, in place of how it did."""

    def change(there: tuple[Mount, ...]) -> tuple[Mount, ...]:
        kept = tuple(one for one in there if one.host_ref != "host-1")
        return (*kept, Mount("host-1", mode, mounted=is_mounted, accessible=accessible, inaccessible_reason=why))

    return change


def without(*missing: str) -> dict[str, frozenset[str]]:
    others = ("host-1", "host-2", "datastore-1", "datastore-2", "vm-20", "vm-21")
    return {**dict.fromkeys(others, PRIVILEGES), "vm-10": PRIVILEGES - set(missing)}


def leftover(name: str, host: str = "host-1") -> dict[str, object]:
    """Return the changes that leave another VM of that name on a host."""

    def add(there: tuple[VirtualMachine, ...]) -> tuple[VirtualMachine, ...]:
        stray = replace(
            there[1],
            ref="vm-90",
            name=Outside(name),
            instance_uuid=seen("90"),
            bios_uuid=seen("91"),
            ip_addresses=seen(()),
        )
        return (*there, stray)

    return {"vcenter.machines": add, f"vcenter.hosts[{host}].vm_refs": lambda refs: (*refs, "vm-90")}


GREEN = [
    Row("vcenter-access", "attest", f"vouch that {ACCOUNT} is the account", subject=ACCOUNT),
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
    Row("mt-host-vmfs", "pass", "vmfs-01, vmfs-02", subject="esx01.example.com"),
    Row("reprotect-datastore-input-nonempty", "pass", "vmfs-01, vmfs-02"),
    Row("vcenter-connected", "pass", "Completed; heartbeat 2 minutes"),
    Row("vcenter-permissions", "pass", "every privilege"),
    Row("same-vcenter-and-cs", "pass", "from here"),
    Row("datastore-type-supported", "not-applicable"),
    Row("datastore-type-supported", "pass", "VMFS", AWAY, "vmfs-02"),
    Row("rdm-disks", "pass", "no raw", {}, "web01"),
    Row("no-free-esxi", "pass", "enterprisePlus"),
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
    # account
    Row("vcenter-access", "fail", "lacks 1 privilege", {"vcenter.account_privileges": without("Datastore.Browse")}),
    Row("vcenter-access", "unknown", "not named", {"choices.site_recovery_vcenter_user": None}),
    Row(
        "vcenter-permissions",
        "fail",
        "lacks Datastore.Browse, Network.Assign",
        {"vcenter.account_privileges": without("Network.Assign", "Datastore.Browse")},
    ),
    Row("vcenter-permissions", "pass", "", {"vcenter.account_privileges": without("Datastore.DeleteFile")}),
    Row("vcenter-permissions", "unknown", "no object", {"vcenter.account_privileges": {}}),
    Row("vcenter-permissions", "fail", "", {"vcenter.account_privileges": {"host-1": frozenset()}}),
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
    Row("datastore-type-supported", "fail", "NFS", {**AWAY, f"{STORE_2}.kind": "NFS"}, "vmfs-02"),
    Row("datastore-type-supported", "fail", "NFS41", {**AWAY, f"{STORE_2}.kind": "NFS41"}, "vmfs-02"),
    Row("datastore-type-supported", "pass", "vsan", {**AWAY, f"{STORE_2}.kind": "vsan"}, "vmfs-02"),
    Row("datastore-type-supported", "warn", "VVOL", {**AWAY, f"{STORE_2}.kind": "VVOL"}, "vmfs-02"),
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
    # host
    Row("mt-host-vmfs", "warn", "only vSAN: vmfs-01, vmfs-02", {"vcenter.datastores[*].kind": "vsan"}),
    Row("mt-host-vmfs", "fail", "vmfs-01 NFS, vmfs-02 NFS", {"vcenter.datastores[*].kind": "NFS"}),
    Row("mt-host-vmfs", "fail", "none", {f"{HOST}.datastore_refs": ()}),
    Row("mt-host-vmfs", "fail", "none", {"vcenter.datastores[*].mounts": mounted(accessible=False)}),
    Row("mt-host-vmfs", "pass", "vmfs-02", {f"{STORE_1}.mounts": mounted(accessible=False)}),
    Row("reprotect-datastore-input-nonempty", "fail", "lists no datastore", {f"{MT}.datastores": ()}),
    Row("no-free-esxi", "fail", "esxBasic", {f"{HOST}.licence_edition": "esxBasic"}),
    Row("no-free-esxi", "fail", "esx.hypervisor.cpuPackage", {f"{HOST}.licence_edition": "esx.hypervisor.cpuPackage"}),
    Row("no-free-esxi", "warn", "evaluation", {f"{HOST}.licence_edition": "eval"}),
    Row("no-free-esxi", "attest", "no licence is read", {f"{HOST}.licence_edition": None}),
    Row("no-free-esxi", "attest", "homemade", {f"{HOST}.licence_edition": "homemade"}),
    # vCenter
    Row("vcenter-connected", "fail", "knows no vCenter", {"server.vcenters": ()}),
    Row("vcenter-connected", "fail", "DiscoveryFailed", {f"{RECORD}.discovery_status": "DiscoveryFailed"}),
    Row("vcenter-connected", "unknown", "Pondering", {f"{RECORD}.discovery_status": "Pondering"}),
    Row("vcenter-connected", "warn", "heartbeat 20 minutes", {f"{RECORD}.last_heartbeat": minutes_ago(20)}),
    Row(
        "vcenter-connected",
        "fail",
        "95126",
        {f"{RECORD}.health_errors": (HealthError("95126", "Error", Outside("no answer"), None, None),)},
    ),
    Row("vcenter-connected", "pass", "", {f"{RECORD}.address": "10.20.0.5"}),
    Row(
        "vcenter-connected",
        "unknown",
        "none of them can be told",
        {f"{RECORD}.address": "10.20.0.5", f"{RECORD}.infrastructure_id": "other"},
    ),
    Row(
        "same-vcenter-and-cs",
        "warn",
        "web01",
        {f"{ITEM}.vcenter_infrastructure_id": "other", "choices.machines": ("web01", "db01")},
    ),
    Row("same-vcenter-and-cs", "warn", "web01", {f"{ITEM}.fabric_id": "/another/fabric"}),
    Row("same-vcenter-and-cs", "pass", "", {**AWAY, **PHYSICAL}),
    Row("same-vcenter-and-cs", "not-applicable", "no vCenter to compare with", {"server.vcenters": ()}),
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
        f"{STORE_1}.maintenance_mode",
        f"{HOME_VM}.disks",
        "vcenter.hosts",
    ),
    "vm-datastore-accessible": (f"{STORE_1}.mounts", f"{HOME_VM}.datastore_refs"),
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
        f"{STORE_2}.free",
        f"{MT}.datastores",
    ),
    "alr-same-host-datastore": (f"{MT_VM}.datastore_refs", f"{HOST}.datastore_refs"),
    "phys-host-discovered": (f"{MT}.datastores", "server.vcenters"),
    "esxi-memory": ("azure.vms[web01].memory_mb", "azure.vms[web01]", f"{HOST}.memory_mb"),
    "vm-name-collision": (f"{HOST}.vm_refs",),
}
UNREAD = [
    *(Unread(row, path, "web01") for row, paths in UNREAD_AT_HOME.items() for path in paths),
    *(
        Unread(row, path)
        for row, paths in {
            "vcenter-access": ("vcenter.account_privileges",),
            "vcenter-permissions": ("vcenter.account_privileges",),
            "mt-host-vmfs": (
                f"{HOST}.datastore_refs",
                "vcenter.datastores",
                f"{STORE_1}.kind",
                f"{STORE_1}.mounts",
                "vcenter.hosts",
            ),
            "reprotect-datastore-input-nonempty": (f"{MT}.datastores", "server.master_targets"),
            "vcenter-connected": (
                "server.vcenters",
                f"{RECORD}.discovery_status",
                f"{RECORD}.last_heartbeat",
                f"{RECORD}.health_errors",
            ),
            "same-vcenter-and-cs": (
                "server.vcenters",
                f"{ITEM}.vcenter_infrastructure_id",
                f"{RECORD}.infrastructure_id",
            ),
            "no-free-esxi": (f"{HOST}.licence_edition", "vcenter.hosts"),
            "datastore-type-supported": ("vcenter.machines",),
        }.items()
        for path in paths
    ),
]


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


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    ours = requirements_of_step(10)
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


def test_the_ready_case_waits_only_for_what_a_person_must_vouch_for() -> None:
    open_rows = {
        one.requirement.id: one.status.value
        for one in report_of(ready_case()).findings
        if one.requirement.step.number >= 7 and one.status.value not in {"pass", "info", "not-applicable"}
    }
    asked = ("mt-no-storage-vmotion", "mt-not-backed-up-by-snapshots", "ret-not-locked", "vcenter-access")
    assert open_rows == dict.fromkeys(asked, "attest")


def test_an_alternate_machine_leaves_nothing_else_open() -> None:
    report = report_of(change_all(ready_case(), GONE_AWAY))
    bad = [
        one.requirement.id
        for one in report.findings
        if one.requirement.step.number >= 7 and one.status.value in {"fail", "pending", "unknown", "warn"}
    ]
    assert bad == []
