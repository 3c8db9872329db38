"""Steps 7 to 10: what looks ready at first sight and is not, each beside what is really so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.paths import HOME_VM, HOST, ITEM, MT, PROVIDER
from tests.estates.ready import DENIED, GONE, NOW, change_all, finding_of, findings_of, ready_case
from tests.estates.ready_azure import GIB
from tests.estates.ready_vcenter import PRIVILEGES, VCENTER_UUID
from tests.estates.rows import Row
from wizard_steps.choices import LocationChoice, TargetChoice
from wizard_steps.classic.retention import blank_disks
from wizard_steps.estate import Memory
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen, seen
from wizard_steps.seen_in_azure import HealthError
from wizard_steps.seen_in_guest import SeenInGuest, VolumeInside
from wizard_steps.seen_in_vcenter import VirtualDisk

VM = "vcenter.machines[MT01]"
STORE_2 = "vcenter.datastores[vmfs-02]"
VOLUMES = f"{MT}.retention_volumes"
ON_R = f"{VM}.guest_volumes[1]"
AWAY = {"choices.locations": (LocationChoice("web01", "alternate", "vmfs-02"),), "azure.vms[web01].memory_mb": 16384}
BOTH_AWAY = {"choices.locations": tuple(LocationChoice(name, "alternate", "vmfs-02") for name in ("web01", "db01"))}
IN_GROUP = {"azure.protected_items[*].consistency_group_id": "erp"}
TWICE = {
    "choices.targets": (
        TargetChoice("MT01", "PS-AZ-01", "R", "esx01.example.com", ("web01",)),
        TargetChoice("mt-MT01", "PS-AZ-01", "R", "esx01.example.com", ("db01",)),
    )
}
ONE_IS_LEFT = {"choices.targets": (TargetChoice("MT01", "PS-AZ-01", "R", "esx01.example.com", ("web01",)),)}
THROUGH_MT01 = {f"{ITEM}.instance_type": "InMage", f"{ITEM}.master_target_id": "mt-MT01"}
UNLISTED = {VOLUMES: ()}


def disks(count: int) -> tuple[int, ...]:
    return (1024,) * count


def error(level: str) -> tuple[HealthError, ...]:
    return (HealthError("90068", level, Outside("no line"), Outside("the network"), Outside("look at the network")),)


def inside(**facts: object) -> dict[str, object]:
    """Return a look inside the master target that showed volume R with these facts."""
    none: tuple[Outside, ...] = ()
    r = VolumeInside(Outside("R:\\"), seen(Outside("NTFS")), seen(False), seen(False), seen(none), seen(none))
    r = replace(r, **{name: seen(value) for name, value in facts.items()})  # type: ignore[arg-type]
    return {f"{VM}.inside": SeenInGuest(NOW, (r,), seen(()), seen(()))}


def remembered(**files: str) -> dict[str, object]:
    return {"memory": Memory(disk_files={"mt-mt01": files})}


STEP_1_2_6 = [
    # what site recovery itself reports of a machine, of the server's provider and of the policy's association
    *(
        Row(row, status, evidence, {path: told}, subject)
        for row, path, subject in (
            ("rpi-failed-over", f"{ITEM}.health_errors", "web01"),
            ("rpi-failed-over", f"{ITEM}.validation_errors", "web01"),
            ("cs-connected-azure", f"{PROVIDER}.health_errors", None),
            ("failback-policy-associated", "server.mappings[failback].health_errors", None),
        )
        for status, evidence, told in (
            ("fail", "90068: no line", error("Error")),
            ("warn", "90068: no line", error("Warning")),
            ("unknown", "90068: no line", error("Grave")),
            ("unknown", "denied", DENIED),
        )
    ),
]

STEP_7 = [
    # what site recovery itself reports of a master target
    Row("mt-present-default-windows", "fail", "90068: no line", {f"{MT}.health_errors": error("Error")}, "MT01"),
    Row("mt-present-default-windows", "fail", "90068", {f"{MT}.validation_errors": error("Error")}, "MT01"),
    Row("mt-present-default-windows", "warn", "90068", {f"{MT}.health_errors": error("Warning")}, "MT01"),
    Row("mt-present-default-windows", "unknown", "denied", {f"{MT}.health_errors": DENIED}, "MT01"),
    Row("mt-present-default-windows", "unknown", "denied", {f"{MT}.validation_errors": DENIED}, "MT01"),
    # a machine without disks is a machine nobody read
    Row("mt-max-60-disks", "unknown", "no disk of web01", {"azure.vms[web01].disk_sizes": ()}, "MT01"),
    Row(
        "mt-max-60-disks",
        "unknown",
        "no disk of web01",
        {"azure.vms[web01]": None, f"{ITEM}.disks": ()},
        "MT01",
    ),
    Row("mt-separate-when-over-60", "unknown", "no disk of web01", {"azure.vms[web01].disk_sizes": ()}),
    # a machine without a master target does not "fit as chosen"
    Row("mt-separate-when-over-60", "unknown", "no master target chosen", ONE_IS_LEFT),
    # a proposal sends no machine to an older system than its own
    Row(
        "mt-separate-when-over-60",
        "fail",
        "left over",
        {
            "server.master_targets[CS01].os_version": "Windows Server 2012 R2",
            "azure.vms[web01].disk_sizes": disks(58),
            "azure.vms[db01].disk_sizes": disks(2),
        },
    ),
    # members of a group are told apart by their items, not by their names
    Row(
        "mvm-same-os-family",
        "fail",
        "web01 Linux, web01 Windows",
        {**IN_GROUP, f"{ITEM}.os_type": "Linux", "azure.protected_items[db01].machine_name": "web01"},
        "erp",
    ),
    # a VM that vCenter does not reach any more
    Row("mt-is-vmware-vm", "fail", "MT01 as inaccessible", {f"{VM}.connection_state": "inaccessible"}, "MT01"),
    Row("mt-is-vmware-vm", "unknown", "denied", {f"{VM}.connection_state": DENIED}, "MT01"),
    Row(
        "mt-present-default-windows",
        "fail",
        "site recovery does not know MT09; it knows CS01, MT01",
        {"choices.targets": (TargetChoice("MT09"),)},
        "MT09",
    ),
]

STEP_7 += [
    # a VM of the right name and the wrong address is another VM
    Row(
        "mt-is-vmware-vm", "unknown", "has 10.99.0.11, not 10.20.0.11", {f"{VM}.ip_addresses": ("10.99.0.11",)}, "MT01"
    ),
    Row("mt-is-vmware-vm", "pass", "MT01", {f"{VM}.ip_addresses": ()}, "MT01"),
    Row(
        "mt-is-vmware-vm",
        "pass",
        "MT01",
        {
            f"{VM}.ip_addresses": ("10.99.0.11",),
            "choices.same_machine": {"mt01": f"{VCENTER_UUID}/50000000-0000-0000-0000-00000000MT01"},
        },
        "MT01",
    ),
    # the configuration server's second adapter is the configuration server as well
    Row(
        "mt-present-default-windows",
        "pass",
        "the default master target",
        {
            "choices.targets": (TargetChoice("CS01"),),
            "server.master_targets[CS01].ip_address": "192.168.7.10",
            "server.master_targets[CS01].id": "ps-CS01",
        },
        "CS01",
    ),
]

STEP_8 = [
    Row(
        "mt-lsi-logic-only",
        "warn",
        "Hard disk 2 is on no SCSI controller",
        {f"{VM}.disks[1].controller_key": 200},
    ),
    Row(
        "mt-disk-enableuuid-effective",
        "pending",
        "the VM is suspended",
        {f"{VM}.power_state": "suspended"},
    ),
    # nothing is proven by a memory that holds nothing
    Row("mt-svmotion-recovery", "attest", "no earlier state", {**THROUGH_MT01, **remembered()}, "MT01"),
]

STEP_9 = [
    Row("ret-not-used-otherwise", "unknown", "no disk of this VM", {f"{ON_R}.disk_keys": (4711,)}),
    Row("ret-not-used-otherwise", "fail", "MT010.vmdk", {f"{VM}.disks[1].file_name": "[vsan] 5e5c/MT010.vmdk"}),
    Row("ret-not-used-otherwise", "pass", "", {f"{VM}.disks[1].file_name": "[vsan] 5e5c/MT01_1-000001.vmdk"}),
    Row("ret-fs-not-fat", "fail", "not formatted", {f"{ON_R}.file_system": "RAW"}),
    Row("ret-fs-not-fat", "fail", "msdos", {f"{ON_R}.file_system": "msdos"}),
    Row("ret-drive-formatted", "fail", "names no file system on R", {**UNLISTED, f"{ON_R}.file_system": "RAW"}),
    # the first of the documented conditions, also where only the guest tells it
    Row("ret-visible", "warn", "BitLocker has it locked", {**UNLISTED, **inside(locked=True)}),
    Row("ret-visible", "warn", "read-only", {**UNLISTED, **inside(read_only=True)}),
    Row("ret-visible", "warn", "cache of site recovery", {**UNLISTED, **inside(caches=(Outside("R:\\cache"),))}),
    Row("ret-visible", "warn", "is installed on it", {**UNLISTED, **inside(installed=(Outside("R:\\asr"),))}),
    Row("ret-visible", "warn", "needs a refresh", {**UNLISTED, **inside()}),
    Row(
        "ret-visible",
        "warn",
        "its file system is FAT32",
        {**UNLISTED, f"{ON_R}.file_system": not_seen("old"), **inside(file_system=Outside("FAT32"))},
    ),
    Row(
        "ret-visible",
        "warn",
        "its capacity is zero",
        {**UNLISTED, f"{ON_R}.file_system": not_seen("old"), f"{ON_R}.capacity": 0, f"{ON_R}.free": 0},
    ),
    Row("ret-capacity-nonzero", "unknown", "more free than it holds", {f"{VOLUMES}[R].free": 2048 * GIB}),
    Row("retention-size-ok", "unknown", "more free than it holds", {f"{VOLUMES}[R].free": 2048 * GIB}),
    Row(
        "retention-size-ok",
        "warn",
        "1 TB",
        {f"{MT}.os_type": "Linux", f"{VOLUMES}[R].capacity": 900 * GIB, f"{VOLUMES}[R].free": 890 * GIB},
    ),
]

STEP_10 = [
    # original location: the host and the VM have to be there
    Row("olr-mt-host-vmdk-access", "fail", "is notResponding", {f"{HOST}.connection_state": "notResponding"}, "web01"),
    Row("olr-mt-host-vmdk-access", "fail", "maintenance", {f"{HOST}.in_maintenance": True}, "web01"),
    Row("olr-mt-host-vmdk-access", "fail", "web01 as orphaned", {f"{HOME_VM}.connection_state": "orphaned"}, "web01"),
    Row("olr-mt-host-vmdk-access", "unknown", "no disk of web01", {f"{HOME_VM}.disks": ()}, "web01"),
    Row(
        "esxi-memory",
        "warn",
        "esx02.example.com is disconnected",
        {"vcenter.hosts[host-2].connection_state": "disconnected"},
        "web01",
    ),
    Row("esxi-memory", "warn", "in maintenance mode", {"vcenter.hosts[host-2].in_maintenance": True}, "web01"),
    Row("mt-host-vmfs", "unknown", "is disconnected", {f"{HOST}.connection_state": "disconnected"}),
    # alternate location
    Row(
        "alr-datastore-accessible-from-mt-host",
        "fail",
        "vmfs-02 is in maintenance mode (inMaintenance)",
        {**AWAY, f"{STORE_2}.maintenance_mode": "inMaintenance"},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "fail",
        "enteringMaintenance",
        {**AWAY, f"{STORE_2}.maintenance_mode": "enteringMaintenance"},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "unknown",
        "no disk of web01",
        {**AWAY, "azure.vms[web01].disk_sizes": ()},
        "web01",
    ),
    Row(
        "alr-datastore-accessible-from-mt-host",
        "unknown",
        "no disk of db01",
        {**BOTH_AWAY, "azure.vms[db01].disk_sizes": ()},
        "web01",
    ),
    Row(
        "phys-host-discovered",
        "fail",
        "no datastore of esx01.example.com",
        {
            **AWAY,
            f"{ITEM}.infrastructure_vm_id": None,
            f"{MT}.datastores[*].uuid": "elsewhere",
        },
        "web01",
    ),
    # privileges on some objects say nothing of the others
    *(
        Row(
            "vcenter-permissions",
            "unknown",
            "was not asked about",
            {"vcenter.account_privileges": lambda held, ref=ref: {key: held[key] for key in held if key != ref}},
        )
        for ref in ("vm-10", "host-1", "datastore-2", "vm-20")
    ),
    Row("vcenter-access", "unknown", "was not asked about", {"vcenter.account_privileges": {"vm-10": PRIVILEGES}}),
    Row("vcenter-permissions", "unknown", "no master target chosen", {"choices.targets": ()}),
    # the disks of the machine's own VM
    Row("rdm-disks", "warn", "web01 is not set: site recovery has to guess", {f"{HOME_VM}.extra_config": {}}, "web01"),
    Row(
        "rdm-disks",
        "warn",
        "is FALSE",
        {f"{HOME_VM}.extra_config": {"Disk.enableuuid": Outside("FALSE")}},
        "web01",
    ),
    Row("rdm-disks", "pass", "no raw", {**AWAY, f"{HOME_VM}.extra_config": {}}, "web01"),
    Row("rdm-disks", "unknown", "denied", {f"{HOME_VM}.extra_config": DENIED}, "web01"),
    # what it costs
    Row(
        "olr-optional-delete-onprem-vm",
        "info",
        "only what changed since the failover is copied, 100 GiB at most, about 0.7 hours over the measured 500 Mbit/s",
        {},
        "web01",
    ),
    Row(
        "alr-new-vm-on-mt-host",
        "info",
        "all 100 GiB are copied, about 0.3 hours over the nominal 1000 Mbit/s (Microsoft's table of gateway SKUs for",
        {**AWAY, "choices.link_mbps": None},
        "web01",
    ),
    Row(
        "alr-new-vm-on-mt-host",
        "info",
        "how long it takes is not known: no connected line states its bandwidth",
        {**AWAY, "choices.link_mbps": None, "azure.gateways[gw-dr].size": "New"},
        "web01",
    ),
    Row(
        "olr-optional-delete-onprem-vm",
        "info",
        "how much is copied is not known: denied",
        {"azure.vms[web01].disk_sizes": DENIED, f"{ITEM}.disks": DENIED},
        "web01",
    ),
    Row("no-free-esxi", "attest", "esx.homelab", {f"{HOST}.licence_edition": "esx.homelab.cpuPackage"}),
    Row("no-free-esxi", "pass", "vvf", {f"{HOST}.licence_edition": "vvf.cpuCore"}),
]


@pytest.mark.parametrize("row", [*STEP_1_2_6, *STEP_7, *STEP_8, *STEP_9, *STEP_10], ids=lambda row: row.sentence)
def test_what_looks_ready_is_judged_as_it_is(row: Row) -> None:
    row.check()


def test_a_target_that_is_chosen_twice_is_still_one_with_60_disks() -> None:
    changes = {**TWICE, "azure.vms[web01].disk_sizes": disks(40), "azure.vms[db01].disk_sizes": disks(30)}
    found = findings_of(change_all(ready_case(), changes), "mt-max-60-disks")
    assert {(one.status.value, one.evidence.partition(";")[0]) for one in found} == {
        ("fail", "72 of 60 disks: 70 to come")
    }


def test_two_machines_of_one_name_cannot_both_be_made_on_one_host() -> None:
    changes = {**BOTH_AWAY, HOME_VM: GONE, "azure.protected_items[db01].machine_name": "WEB01"}
    found = findings_of(change_all(ready_case(), {**changes, "vcenter.hosts[host-2].vm_refs": ()}), "vm-name-collision")
    assert [one.status.value for one in found] == ["fail", "fail"]
    assert all("two machines of this batch are called" in one.evidence for one in found)


def test_the_disk_of_a_machine_that_replicates_home_is_no_blank_disk_to_be_formatted() -> None:
    hung_there = VirtualDisk(
        2002, "Hard disk 3", 1000, 2, 80 * GIB, "datastore-1", Outside("[vmfs-01] web01/web01.vmdk"), "disk-20-0"
    )
    own = replace(hung_there, key=2003, label="Hard disk 4", file_name=Outside("[vmfs-01] MT01/MT01_2.vmdk"))
    case = change_all(ready_case(), {f"{VM}.disks": lambda there: (*there, hung_there, own)})
    assert [one.label for one in blank_disks(case.targets.value[0].vm.value)] == ["Hard disk 4"]


def test_with_no_master_target_chosen_an_assignment_is_proposed() -> None:
    case = change_all(ready_case(), {"choices.targets": ()})
    finding = finding_of(case, "mt-separate-when-over-60")
    assert finding.status.value == "unknown"
    assert "no master target chosen; they would fit like this: " in finding.evidence
