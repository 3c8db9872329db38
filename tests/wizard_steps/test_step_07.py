"""Step 7, row by row: the master target, and what machines and groups ask of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.paths import ITEM, MT
from tests.estates.ready import DENIED, GONE, NOW, change_all, finding_of, minutes_ago, ready_case
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.choices import TargetChoice
from wizard_steps.outside import Outside
from wizard_steps.reading import not_seen, seen
from wizard_steps.seen_in_azure import ProtectedItem
from wizard_steps.seen_in_guest import SeenInGuest

VM = "vcenter.machines[MT01]"
OTHER_ITEM = "azure.protected_items[db01]"
IN_GROUP = {"azure.protected_items[*].consistency_group_id": "erp"}
ON_TWO_TARGETS = {
    "choices.targets": (
        TargetChoice("MT01", "PS-AZ-01", "R", "esx01.example.com", ("web01",)),
        TargetChoice("CS01", "PS-AZ-01", "R", "esx01.example.com", ("db01",)),
    )
}
ALL_LINUX = {"server.master_targets[*].os_type": "Linux", "azure.protected_items[*].os_type": "Linux"}
ALREADY_THROUGH_CS01 = {
    **IN_GROUP,
    f"{OTHER_ITEM}.instance_type": "InMage",
    f"{OTHER_ITEM}.master_target_id": "mt-CS01",
}
ON_THE_CONFIGURATION_SERVER = {"choices.targets": (TargetChoice("CS01", "PS-AZ-01", "R", "esx01.example.com"),)}


def on_lvm(*volumes: str) -> dict[str, object]:
    """Return a look inside that found these volumes on LVM."""
    return {f"{VM}.inside": SeenInGuest(NOW, (), seen(tuple(map(Outside, volumes))), seen(()))}


def disks(count: int) -> tuple[int, ...]:
    """Return the sizes of so many small disks."""
    return (1024,) * count


GREEN = [
    Row("mt-present-default-windows", "pass", "separate Windows master target; heartbeat 2 minutes", subject="MT01"),
    Row("mt-max-60-disks", "pass", "4 of 60 disks: 2 to come", subject="MT01"),
    Row("mt-separate-when-over-60", "pass", "MT01 4 of 60"),
    Row("mt-separate-high-traffic", "pass", "no machine"),
    Row("mvm-same-os-family", "not-applicable"),
    Row("mvm-same-os-family", "pass", "web01 Windows, db01 Windows", IN_GROUP, "erp"),
    Row("mvm-same-mt", "pass", "2 machines, all through MT01", IN_GROUP, "erp"),
    Row("mt-os-same-or-newer", "pass", "2016 Datacenter, the master target Microsoft Windows Server 2019", {}, "web01"),
    Row("mt-create-matching-os", "pass", "CS01, MT01 run Windows", subject="web01"),
    Row("mt-version-rule", "pass", "9.63.7000.1", subject="MT01"),
    Row("uuid-clash", "pass", subject="web01"),
    Row("mt-is-vmware-vm", "pass", "MT01", subject="MT01"),
    Row("mt-linux-sizing", "not-applicable", "Windows", subject="MT01"),
    Row("mt-linux-sizing", "pass", "8 GiB of memory, 4 cores, first disk 100 GiB", ALL_LINUX, "MT01"),
    Row("group-reprotect-by-plan", "info", "web01, db01", IN_GROUP, "erp"),
    Row("mt-note-requirements", "pass", subject="MT01"),
]

OTHER = [
    Row("mt-present-default-windows", "fail", "for 15 minutes", {f"{MT}.last_heartbeat": minutes_ago(15)}, "MT01"),
    Row("mt-present-default-windows", "pass", "14 minutes", {f"{MT}.last_heartbeat": minutes_ago(14)}, "MT01"),
    Row("mt-present-default-windows", "unknown", "future", {f"{MT}.last_heartbeat": minutes_ago(-9)}, "MT01"),
    Row("mt-present-default-windows", "pass", "default master target", ON_THE_CONFIGURATION_SERVER, "CS01"),
    Row("mt-present-default-windows", "fail", "CS01", {MT: GONE}, "MT01"),
    Row("mt-present-default-windows", "fail", "none", {"choices.targets": (), "server.master_targets": ()}, "-"),
    Row("mt-present-default-windows", "unknown", "no master target chosen", {"choices.targets": ()}),
    # 60 disks
    Row("mt-max-60-disks", "fail", "61 of 60", {"azure.vms[web01].disk_sizes": disks(58)}, "MT01"),
    Row("mt-max-60-disks", "warn", "60 of 60", {"azure.vms[web01].disk_sizes": disks(57)}, "MT01"),
    Row("mt-max-60-disks", "warn", "50 of 60", {"azure.vms[web01].disk_sizes": disks(47)}, "MT01"),
    Row("mt-max-60-disks", "pass", "49 of 60", {"azure.vms[web01].disk_sizes": disks(46)}, "MT01"),
    Row("mt-max-60-disks", "fail", "site recovery counts 59, the VM has 2", {f"{MT}.disk_count": 59}, "MT01"),
    Row("mt-max-60-disks", "unknown", "no master target chosen", {"choices.targets": ()}),
    Row("mt-separate-when-over-60", "fail", "left over: web01", {"azure.vms[web01].disk_sizes": disks(59)}),
    Row("mt-separate-when-over-60", "fail", "they would like this", {"azure.vms[web01].disk_sizes": disks(58)}),
    Row(
        "mt-separate-when-over-60",
        "fail",
        "left over",
        {**IN_GROUP, "azure.vms[web01].disk_sizes": disks(30), "azure.vms[db01].disk_sizes": disks(30)},
    ),
    Row("mt-separate-when-over-60", "unknown", "no master target chosen", {"choices.targets": ()}),
    Row(
        "mt-separate-when-over-60",
        "fail",
        "left over: web01",
        {"choices.targets": (), "azure.vms[web01].disk_sizes": disks(59)},
    ),
    # traffic
    Row("mt-separate-high-traffic", "pass", "2 machines", ON_THE_CONFIGURATION_SERVER),
    # groups
    Row("mvm-same-os-family", "fail", "web01 Linux, db01 Windows", {**IN_GROUP, f"{ITEM}.os_type": "Linux"}, "erp"),
    Row("mvm-same-os-family", "unknown", "Solaris", {**IN_GROUP, f"{ITEM}.os_type": "Solaris"}, "erp"),
    Row("mvm-same-mt", "not-applicable"),
    Row("mvm-same-mt", "fail", "web01 -> MT01, db01 -> CS01", {**IN_GROUP, **ON_TWO_TARGETS}, "erp"),
    Row("mvm-same-mt", "fail", "web01 -> MT01, db01 -> CS01", ALREADY_THROUGH_CS01, "erp"),
    Row(
        "mvm-same-mt",
        "pass",
        "all through MT01",
        {**ALREADY_THROUGH_CS01, f"{OTHER_ITEM}.master_target_id": "MT-mt01"},
        "erp",
    ),
    Row(
        "mvm-same-mt",
        "unknown",
        "does not say",
        {**ALREADY_THROUGH_CS01, f"{OTHER_ITEM}.master_target_id": None},
        "erp",
    ),
    Row("mvm-same-mt", "warn", "db01", {**IN_GROUP, "choices.machines": ("web01",)}, "erp"),
    Row("group-reprotect-by-plan", "not-applicable"),
    # operating systems
    Row(
        "mt-os-same-or-newer",
        "fail",
        "the machine runs Linux, MT01 runs Windows",
        {f"{ITEM}.os_type": "Linux"},
        "web01",
    ),
    Row("mt-os-same-or-newer", "pass", "both run Linux", ALL_LINUX, "web01"),
    Row("mt-os-same-or-newer", "fail", "Server 2022", {f"{ITEM}.os_version": "Windows Server 2022"}, "web01"),
    Row("mt-os-same-or-newer", "pass", "Server 2019", {f"{ITEM}.os_version": "Windows Server 2019"}, "web01"),
    Row("mt-os-same-or-newer", "unknown", "cannot be compared", {f"{ITEM}.os_version": "Windows 11 Pro"}, "web01"),
    Row("mt-os-same-or-newer", "unknown", "does not state", {f"{ITEM}.os_version": None}, "web01"),
    Row("mt-os-same-or-newer", "pass", "2019 (64-bit)", {f"{MT}.os_version": None}, "web01"),
    Row(
        "mt-os-same-or-newer", "unknown", "neither", {f"{MT}.os_version": None, f"{VM}.guest_full_name": None}, "web01"
    ),
    Row("mt-os-same-or-newer", "unknown", "no master target chosen", {"choices.targets": ()}, "web01"),
    Row("mt-create-matching-os", "fail", "the 2 registered", {f"{ITEM}.os_type": "Linux"}, "web01"),
    Row(
        "mt-create-matching-os",
        "pass",
        "MT01 run Linux",
        {f"{ITEM}.os_type": "Linux", f"{MT}.os_type": "Linux"},
        "web01",
    ),
    # versions
    Row("mt-version-rule", "fail", "master target 9.64.0.0", {f"{MT}.agent_version": "9.64.0.0"}, "MT01"),
    Row("mt-version-rule", "pass", "9.7.0.0", {f"{MT}.agent_version": "9.7.0.0"}, "MT01"),
    Row(
        "mt-version-rule",
        "fail",
        "process server 9.62.0.0",
        {"server.process_servers[PS-AZ-01].agent_version": "9.62.0.0"},
        "MT01",
    ),
    Row("mt-version-rule", "fail", "configuration server 9.62.0.0", {"server.agent_version": "9.62.0.0"}, "MT01"),
    Row("mt-version-rule", "unknown", "newest", {f"{MT}.agent_version": "newest"}, "MT01"),
    # the VM
    Row(
        "uuid-clash",
        "fail",
        "42000000-0000-0000-0000-0000000web01",
        {f"{VM}.bios_uuid": "42000000-0000-0000-0000-0000000WEB01"},
        "web01",
    ),
    Row("uuid-clash", "unknown", "could be", {"vcenter.machines[web01].ip_addresses": ("10.20.0.11",)}, "web01"),
    Row("uuid-clash", "not-applicable", "physical", {f"{ITEM}.infrastructure_vm_id": None}, "web01"),
    Row("uuid-clash", "pass", "", {"vcenter.machines[web01]": GONE}, "web01"),
    Row("mt-is-vmware-vm", "attest", "LVM", ALL_LINUX, "MT01"),
    Row("mt-is-vmware-vm", "pass", "without LVM as the guest showed", {**ALL_LINUX, **on_lvm()}, "MT01"),
    Row("mt-is-vmware-vm", "fail", "ubuntu--vg-root", {**ALL_LINUX, **on_lvm("ubuntu--vg-root")}, "MT01"),
    Row("mt-is-vmware-vm", "attest", "LVM", {**ALL_LINUX, f"{VM}.inside": not_seen("refused")}, "MT01"),
    Row("mt-is-vmware-vm", "unknown", "same_machine", {VM: GONE}, "MT01"),
    Row("mt-is-vmware-vm", "fail", "PS-AZ-01-nic", {VM: GONE, f"{MT}.ip_address": "10.1.0.10"}, "MT01"),
    Row("mt-linux-sizing", "warn", "4 GiB of memory", {**ALL_LINUX, f"{VM}.memory_mb": 4096}, "MT01"),
    Row("mt-linux-sizing", "warn", "2 cores", {**ALL_LINUX, f"{VM}.cpu_count": 2}, "MT01"),
    Row("mt-linux-sizing", "warn", "first disk 40 GiB", {**ALL_LINUX, f"{VM}.disks[0].capacity": 40 * 2**30}, "MT01"),
    Row("mt-linux-sizing", "unknown", "no disk", {**ALL_LINUX, f"{VM}.disks": ()}, "MT01"),
    Row("mt-note-requirements", "fail", "mt-version-rule", {f"{MT}.agent_version": "9.64.0.0"}, "MT01"),
]

UNREAD = [
    *(
        Unread(row, path, "MT01")
        for row, paths in {
            "mt-present-default-windows": (f"{MT}.last_heartbeat", f"{MT}.ip_address", "server.ip_address"),
            "mt-max-60-disks": (f"{MT}.disk_count", f"{VM}.disks"),
            "mt-version-rule": (
                f"{MT}.agent_version",
                "server.agent_version",
                "server.process_servers[PS-AZ-01].agent_version",
                "server.process_servers",
            ),
            "mt-is-vmware-vm": (f"{MT}.os_type", "vcenter.machines"),
            "mt-linux-sizing": (f"{MT}.os_type",),
        }.items()
        for path in paths
    ),
    Unread("mt-max-60-disks", "azure.protected_items", "MT01"),
    Unread("mt-separate-when-over-60", f"{MT}.disk_count"),
    Unread("mt-separate-when-over-60", "azure.protected_items"),
    Unread("mt-separate-high-traffic", f"{MT}.ip_address"),
    *(
        Unread(row, path, "web01")
        for row, paths in {
            "mt-os-same-or-newer": (f"{ITEM}.os_type", f"{MT}.os_type", f"{ITEM}.os_version", f"{MT}.os_version"),
            "mt-create-matching-os": (f"{ITEM}.os_type", "server.master_targets", "server.master_targets[*].os_type"),
            "uuid-clash": (
                f"{VM}.bios_uuid",
                f"{VM}.instance_uuid",
                "vcenter.machines[web01].bios_uuid",
                f"{ITEM}.infrastructure_vm_id",
            ),
        }.items()
        for path in paths
    ),
    Unread("mvm-same-os-family", f"{ITEM}.consistency_group_id"),
    Unread("mvm-same-mt", f"{ITEM}.consistency_group_id"),
    Unread("group-reprotect-by-plan", f"{ITEM}.consistency_group_id"),
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    ours = requirements_of_step(7)
    assert judged_by(GREEN) == ours
    assert judged_by(OTHER) == ours
    assert judged_by(UNREAD) | {"mt-note-requirements"} == ours


@pytest.mark.parametrize("path", [f"{VM}.memory_mb", f"{VM}.cpu_count", f"{VM}.disks"])
def test_the_size_of_a_linux_target_nobody_read_is_unknown(path: str) -> None:
    Row("mt-linux-sizing", "unknown", "denied", {**ALL_LINUX, path: DENIED}, "MT01").check()


@pytest.mark.parametrize("path", [f"{ITEM}.os_type", f"{OTHER_ITEM}.os_type"])
def test_a_group_with_an_unread_member_is_unknown(path: str) -> None:
    Row("mvm-same-os-family", "unknown", "denied", {**IN_GROUP, path: DENIED}, "erp").check()


def test_eleven_machines_through_the_configuration_server_are_much_traffic() -> None:
    def many(items: tuple[ProtectedItem, ...]) -> tuple[ProtectedItem, ...]:
        first = items[0]
        return tuple(
            replace(first, id=f"item-{n}", name=f"item-{n}", machine_name=Outside(f"m{n:02}")) for n in range(11)
        )

    changes = {**ON_THE_CONFIGURATION_SERVER, "azure.protected_items": many}
    Row("mt-separate-high-traffic", "warn", "11 machines come home through CS01", changes).check()


def test_the_proposed_assignment_names_machines_and_targets() -> None:
    case = change_all(ready_case(), {"azure.vms[web01].disk_sizes": disks(58)})
    finding = finding_of(case, "mt-separate-when-over-60")
    assert "CS01: " in finding.evidence
    assert "MT01: " in finding.evidence


def test_a_machine_that_came_home_already_counts_in_its_group_but_not_in_the_budget() -> None:
    case = change_all(ready_case(), ALREADY_THROUGH_CS01)
    assert "1 to come" in finding_of(case, "mt-max-60-disks", "MT01").evidence
