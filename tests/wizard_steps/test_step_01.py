"""Step 1, row by row: the machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.paths import AZURE_VM, HOME_VM, ITEM
from tests.estates.ready import GONE, change_all, days_ago, finding_of, minutes_ago, ready_case, report_of
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.choices import TargetChoice
from wizard_steps.outside import Outside
from wizard_steps.reading import seen
from wizard_steps.seen_in_azure import VCenterRecord
from wizard_steps.seen_in_vcenter import Snapshot


def _with_another_vcenter(known: tuple[VCenterRecord, ...]) -> tuple[VCenterRecord, ...]:
    other = replace(
        known[0], name=Outside("vcenter02"), address=seen("vcenter02.example.com"), infrastructure_id=seen("other")
    )
    return (*known, other)


GREEN = [
    Row("rpi-failed-over", "pass", "ReverseReplicate", subject="web01"),
    Row("rpi-reprotect-then-failback", "info", "next: reprotect it", subject="web01"),
    Row("arch-retired-banner", "info", "237 days ago"),
    Row("arch-modernized-stop", "pass", "InMageAzureV2", subject="web01"),
    Row("agent-registered", "pass", "2 minutes", subject="web01"),
    Row("mobility-agent-present", "pass", "2 minutes", subject="web01"),
    Row("azvm-running", "pass", "running", subject="web01"),
    Row("azvm-not-moved-or-deleted", "pass", "rg-dr", subject="web01"),
    Row("duplicate-instance-uuid", "pass", subject="web01"),
    Row("onprem-vm-off", "pass", "powered off", subject="web01"),
    Row("onprem-vm-snapshots", "pass", "no snapshots", subject="web01"),
]

OTHER = [
    # failed over?
    Row("rpi-failed-over", "pass", "SwitchProtection", {f"{ITEM}.allowed_operations": ("SwitchProtection",)}, "web01"),
    Row("rpi-failed-over", "unknown", "it allows Commit", {f"{ITEM}.allowed_operations": ("Commit",)}, "web01"),
    Row("rpi-failed-over", "unknown", "it allows nothing", {f"{ITEM}.allowed_operations": ()}, "web01"),
    Row("rpi-failed-over", "unknown", "Elsewhere", {f"{ITEM}.active_location": "Elsewhere"}, "web01"),
    Row("rpi-failed-over", "unknown", "A2A", {f"{ITEM}.instance_type": "A2A"}, "web01"),
    Row("rpi-failed-over", "info", "reprotected already", {f"{ITEM}.instance_type": "InMage"}, "web01"),
    Row("rpi-failed-over", "not-applicable", "modernized", {f"{ITEM}.instance_type": "InMageRcm"}, "web01"),
    *(
        Row("rpi-failed-over", status, state, {f"{ITEM}.protection_state": state}, "web01")
        for status, states in {
            "pass": ("unplannedfailovercommitted", "UnplannedFailoverCommitPendingStatesBegin"),
            "pending": ("InitialReplicationInProgress", "InitialReplicationRecoveryCompletionPending"),
            "fail": ("Protected",),
            "unknown": ("RecoveryFromFailedCommit", "UnplannedFailoverCommitStatesBegin", "Committed", "x Protected"),
        }.items()
        for state in states
    ),
    Row(
        "rpi-failed-over",
        "fail",
        "never failed over",
        {"choices.machines": ("web01",), f"{ITEM}.target_vm_id": None, f"{ITEM}.active_location": "Primary"},
        "web01",
    ),
    Row(
        "rpi-failed-over",
        "fail",
        "still runs on-premises",
        {"choices.machines": ("web01",), f"{ITEM}.active_location": "Primary"},
        "web01",
    ),
    Row("rpi-failed-over", "fail", "no machine of this vault is failed over", {"azure.protected_items": ()}),
    # a machine that is named for a target alone is named
    Row(
        "rpi-failed-over",
        "fail",
        "still runs on-premises",
        {"choices.targets": (TargetChoice("MT01", machines=("WEB01", "db01")),), f"{ITEM}.active_location": "Primary"},
        "web01",
    ),
    # where it stands on its way
    Row(
        "rpi-reprotect-then-failback",
        "info",
        "not failed over",
        {"choices.machines": ("web01",), f"{ITEM}.target_vm_id": None},
        "web01",
    ),
    Row(
        "rpi-reprotect-then-failback",
        "info",
        "protected in reverse, 24 recovery points",
        {f"{ITEM}.instance_type": "InMage", f"{ITEM}.active_location": "Primary", "choices.machines": ("web01",)},
        "web01",
    ),
    Row(
        "rpi-reprotect-then-failback",
        "info",
        "reprotecting: 0 recovery points",
        {
            f"{ITEM}.instance_type": "InMage",
            f"{ITEM}.active_location": "Primary",
            f"{ITEM}.recovery_point_count": 0,
            "choices.machines": ("web01",),
        },
        "web01",
    ),
    Row(
        "rpi-reprotect-then-failback", "info", "failed back and committed", {f"{ITEM}.instance_type": "InMage"}, "web01"
    ),
    Row("rpi-reprotect-then-failback", "not-applicable", "", {f"{ITEM}.instance_type": "InMageRcmFailback"}, "web01"),
    # architecture
    Row("arch-retired-banner", "info", "ends support", {"now": days_ago(2000)}),
    Row("arch-retired-banner", "not-applicable", "", {"azure.configuration_servers": ()}),
    Row("arch-modernized-stop", "fail", "InMageRcm", {f"{ITEM}.instance_type": "InMageRcm"}, "web01"),
    Row("arch-modernized-stop", "pass", "InMage", {f"{ITEM}.instance_type": "InMage"}, "web01"),
    Row(
        "arch-modernized-stop",
        "unknown",
        "HyperVReplicaAzure",
        {f"{ITEM}.instance_type": "HyperVReplicaAzure"},
        "web01",
    ),
    # agent
    Row("agent-registered", "fail", "15 minutes old", {f"{ITEM}.last_heartbeat": minutes_ago(15)}, "web01"),
    Row("agent-registered", "pass", "14 minutes old", {f"{ITEM}.last_heartbeat": minutes_ago(14.9)}, "web01"),
    Row(
        "agent-registered",
        "pending",
        "has 15 minutes",
        {f"{ITEM}.last_heartbeat": minutes_ago(20), f"{AZURE_VM}.power_state_since": minutes_ago(5)},
        "web01",
    ),
    Row(
        "agent-registered",
        "fail",
        "20 minutes old",
        {f"{ITEM}.last_heartbeat": minutes_ago(20), f"{AZURE_VM}.power_state_since": minutes_ago(15)},
        "web01",
    ),
    Row("agent-registered", "pending", "has 15 minutes", {f"{AZURE_VM}.power_state_since": minutes_ago(1)}, "web01"),
    Row("agent-registered", "pass", "2 minutes", {f"{AZURE_VM}.power_state_since": None}, "web01"),
    Row(
        "agent-registered", "unknown", "compare the clocks", {f"{AZURE_VM}.power_state_since": days_ago(-1e6)}, "web01"
    ),
    Row("agent-registered", "unknown", "in the future", {f"{ITEM}.last_heartbeat": minutes_ago(-30)}, "web01"),
    Row("agent-registered", "fail", "Azure has no VM web01", {AZURE_VM: None}, "web01"),
    Row(
        "agent-registered",
        "not-applicable",
        "never failed over",
        {"choices.machines": ("web01",), f"{ITEM}.target_vm_id": None},
        "web01",
    ),
    Row(
        "mobility-agent-present",
        "attest",
        "no heartbeat for 60 minutes",
        {f"{ITEM}.last_heartbeat": minutes_ago(60)},
        "web01",
    ),
    Row("mobility-agent-present", "fail", "Azure has no VM", {AZURE_VM: None}, "web01"),
    # Azure VM
    Row("azvm-running", "fail", "deallocated", {f"{AZURE_VM}.power_state": "deallocated"}, "web01"),
    Row("azvm-running", "fail", "stopped", {f"{AZURE_VM}.power_state": "stopped"}, "web01"),
    Row("azvm-running", "pending", "starting", {f"{AZURE_VM}.power_state": "starting"}, "web01"),
    Row("azvm-running", "unknown", "dreaming", {f"{AZURE_VM}.power_state": "dreaming"}, "web01"),
    Row("azvm-running", "fail", "Azure has no VM", {AZURE_VM: None}, "web01"),
    Row("azvm-not-moved-or-deleted", "fail", "no VM web01 in rg-dr", {AZURE_VM: None}, "web01"),
    Row(
        "azvm-not-moved-or-deleted",
        "fail",
        "is in rg-other; site recovery expects it in rg-dr",
        {f"{AZURE_VM}.resource_group_id": "/subscriptions/s/resourceGroups/rg-other"},
        "web01",
    ),
    Row("azvm-not-moved-or-deleted", "pass", "", {f"{ITEM}.recovery_resource_group_id": None}, "web01"),
    Row(
        "azvm-not-moved-or-deleted",
        "fail",
        "MigrationSucceeded",
        {f"{ITEM}.protection_state": "MigrationSucceeded"},
        "web01",
    ),
    Row("azvm-not-moved-or-deleted", "fail", "no way back", {f"{ITEM}.current_scenario": "CompleteMigration"}, "web01"),
    Row(
        "azvm-not-moved-or-deleted",
        "not-applicable",
        "",
        {"choices.machines": ("web01",), f"{ITEM}.target_vm_id": None},
        "web01",
    ),
    # on-premises
    Row(
        "duplicate-instance-uuid",
        "warn",
        "web01 (vm-20), db01 (vm-21)",
        {"vcenter.machines[db01].instance_uuid": "50000000-0000-0000-0000-0000000web01"},
        "web01",
    ),
    Row("duplicate-instance-uuid", "not-applicable", "physical", {f"{ITEM}.infrastructure_vm_id": None}, "web01"),
    Row("onprem-vm-off", "fail", "poweredOn", {f"{HOME_VM}.power_state": "poweredOn"}, "web01"),
    Row("onprem-vm-off", "fail", "suspended", {f"{HOME_VM}.power_state": "suspended"}, "web01"),
    Row("onprem-vm-off", "unknown", "asleep", {f"{HOME_VM}.power_state": "asleep"}, "web01"),
    Row(
        "onprem-vm-off",
        "not-applicable",
        "runs on-premises still",
        {
            "choices.machines": ("web01",),
            f"{ITEM}.active_location": "Primary",
            f"{HOME_VM}.power_state": "poweredOn",
        },
        "web01",
    ),
    Row("onprem-vm-off", "attest", "physical", {f"{ITEM}.infrastructure_vm_id": None}, "web01"),
    Row("onprem-vm-off", "not-applicable", "shows this account no machine", {HOME_VM: GONE}, "web01"),
    Row(
        "onprem-vm-off",
        "unknown",
        "another vCenter",
        {
            "server.vcenters": _with_another_vcenter,
            f"{ITEM}.vcenter_infrastructure_id": "other",
        },
        "web01",
    ),
    Row(
        "onprem-vm-snapshots",
        "warn",
        "web01 has 1 snapshot: before patch, 2026-11-20 10:00 UTC",
        {f"{HOME_VM}.snapshots": (Snapshot(Outside("before patch"), days_ago(2), "snapshot-1"),)},
        "web01",
    ),
    Row(
        "onprem-vm-snapshots",
        "warn",
        "2 snapshots, the newest b",
        {
            f"{HOME_VM}.snapshots": tuple(
                Snapshot(Outside(name), days_ago(at), name)
                for name, at in (
                    ("a", 3),
                    ("b", 1),
                )
            )
        },
        "web01",
    ),
    Row("onprem-vm-snapshots", "not-applicable", "no VM", {HOME_VM: GONE}, "web01"),
]

UNREAD = [
    Unread("rpi-failed-over", "azure.protected_items"),
    *(
        Unread("rpi-failed-over", f"{ITEM}.{name}", "web01")
        for name in ("instance_type", "active_location", "allowed_operations", "target_vm_id", "protection_state")
    ),
    *(
        Unread("rpi-reprotect-then-failback", f"{ITEM}.{name}", "web01")
        for name in ("instance_type", "active_location", "target_vm_id", "protection_state")
    ),
    Unread("arch-retired-banner", "azure.configuration_servers"),
    Unread("arch-modernized-stop", f"{ITEM}.instance_type", "web01"),
    Unread("agent-registered", f"{ITEM}.last_heartbeat", "web01"),
    Unread("agent-registered", f"{AZURE_VM}.power_state_since", "web01"),
    Unread("agent-registered", AZURE_VM, "web01"),
    Unread("mobility-agent-present", f"{ITEM}.last_heartbeat", "web01"),
    Unread("mobility-agent-present", AZURE_VM, "web01"),
    Unread("azvm-running", AZURE_VM, "web01"),
    Unread("azvm-running", f"{AZURE_VM}.power_state", "web01"),
    Unread("azvm-not-moved-or-deleted", AZURE_VM, "web01"),
    *(
        Unread("azvm-not-moved-or-deleted", f"{ITEM}.{name}", "web01")
        for name in ("target_vm_id", "recovery_resource_group_id", "protection_state", "current_scenario")
    ),
    Unread("duplicate-instance-uuid", "vcenter.machines", "web01"),
    Unread("duplicate-instance-uuid", "vcenter.machines[CS01].instance_uuid", "web01"),
    Unread("duplicate-instance-uuid", f"{ITEM}.infrastructure_vm_id", "web01"),
    Unread("onprem-vm-off", "vcenter.machines", "web01"),
    Unread("onprem-vm-off", f"{HOME_VM}.power_state", "web01"),
    Unread("onprem-vm-off", f"{ITEM}.infrastructure_vm_id", "web01"),
    Unread("onprem-vm-snapshots", f"{HOME_VM}.snapshots", "web01"),
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    assert judged_by(GREEN) == judged_by(OTHER) == judged_by(UNREAD) == requirements_of_step(1)


def test_a_pending_agent_says_until_when_to_wait() -> None:
    case = change_all(
        ready_case(), {f"{ITEM}.last_heartbeat": minutes_ago(20), f"{AZURE_VM}.power_state_since": minutes_ago(5)}
    )
    assert finding_of(case, "agent-registered", "web01").due == minutes_ago(-10)


def test_a_deleted_azure_vm_is_the_root_of_what_follows_from_it() -> None:
    report = report_of(change_all(ready_case(), {AZURE_VM: None}))
    caused = {one.requirement.id for one in report.findings if one.caused_by == "azvm-not-moved-or-deleted"}
    assert {"azvm-running", "agent-registered", "mobility-agent-present"} <= caused
    assert [one.requirement.id for one in report.roots() if one.status.value == "fail"] == ["azvm-not-moved-or-deleted"]
