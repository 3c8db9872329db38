"""Step 10, row by row: vCenter, its account, hosts and datastores."""

from __future__ import annotations

import pytest

from tests.estates.homecoming import AWAY, GONE_AWAY, PHYSICAL, RECORD, STORE_1, STORE_2, mounted
from tests.estates.paths import HOST, ITEM, MT
from tests.estates.ready import DENIED, change_all, minutes_ago, ready_case, report_of
from tests.estates.ready_vcenter import ACCOUNT, PRIVILEGES
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.outside import Outside
from wizard_steps.seen_in_azure import HealthError


def without(*missing: str) -> dict[str, frozenset[str]]:
    others = ("host-1", "host-2", "datastore-1", "datastore-2", "vm-20", "vm-21")
    return {**dict.fromkeys(others, PRIVILEGES), "vm-10": PRIVILEGES - set(missing)}


GREEN = [
    Row("vcenter-access", "attest", f"vouch that {ACCOUNT} is the account", subject=ACCOUNT),
    Row("mt-host-vmfs", "pass", "vmfs-01, vmfs-02", subject="esx01.example.com"),
    Row("reprotect-datastore-input-nonempty", "pass", "vmfs-01, vmfs-02"),
    Row("vcenter-connected", "pass", "Completed; heartbeat 2 minutes"),
    Row("vcenter-permissions", "pass", "every privilege"),
    Row("same-vcenter-and-cs", "pass", "from here"),
    Row("datastore-type-supported", "not-applicable"),
    Row("datastore-type-supported", "pass", "VMFS", AWAY, "vmfs-02"),
    Row("no-free-esxi", "pass", "enterprisePlus"),
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
    # alternate location
    Row("datastore-type-supported", "fail", "NFS", {**AWAY, f"{STORE_2}.kind": "NFS"}, "vmfs-02"),
    Row("datastore-type-supported", "fail", "NFS41", {**AWAY, f"{STORE_2}.kind": "NFS41"}, "vmfs-02"),
    Row("datastore-type-supported", "pass", "vsan", {**AWAY, f"{STORE_2}.kind": "vsan"}, "vmfs-02"),
    Row("datastore-type-supported", "warn", "VVOL", {**AWAY, f"{STORE_2}.kind": "VVOL"}, "vmfs-02"),
    # host
    Row("mt-host-vmfs", "warn", "only vSAN: vmfs-01, vmfs-02", {"vcenter.datastores[*].kind": "vsan"}),
    Row("mt-host-vmfs", "fail", "vmfs-01 NFS, vmfs-02 NFS", {"vcenter.datastores[*].kind": "NFS"}),
    Row("mt-host-vmfs", "fail", "none", {f"{HOST}.datastore_refs": ()}),
    Row("mt-host-vmfs", "fail", "none", {"vcenter.datastores[*].mounts": mounted(accessible=False)}),
    Row("mt-host-vmfs", "fail", "none", {"vcenter.datastores[*].accessible": False}),
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
    Row(
        "same-vcenter-and-cs",
        "warn",
        "the vault knows vcenter01 as vcenter.tokyo.example.com, this profile reads vcenter.example.com",
        {f"{RECORD}.address": "vcenter.tokyo.example.com"},
    ),
    Row(
        "same-vcenter-and-cs",
        "warn",
        "as vcenter.tokyo.example.com",
        {f"{RECORD}.address": "vcenter.tokyo.example.com", f"{RECORD}.name": "vcenter.example.com"},
    ),
    Row("same-vcenter-and-cs", "warn", "10.20.0.5", {f"{RECORD}.address": "10.20.0.5", "vcenter.host": "10.20.0.6"}),
    Row(
        "same-vcenter-and-cs",
        "warn",
        "web01 came from another vCenter or configuration server; the vault knows",
        {f"{RECORD}.address": "vcenter.tokyo.example.com", f"{ITEM}.fabric_id": "/another/fabric"},
    ),
    Row(
        "same-vcenter-and-cs",
        "pass",
        "the vault knows this vCenter as vcenter.tokyo.example.com",
        {f"{RECORD}.address": "vcenter.tokyo.example.com", "vcenter.instance_uuid": "VCENTER-INFRA-1"},
    ),
    Row("same-vcenter-and-cs", "pass", "an address and a name cannot be compared", {f"{RECORD}.address": "10.20.0.5"}),
    Row("same-vcenter-and-cs", "pass", "from here", {f"{RECORD}.address": "vcenter"}),
    Row("same-vcenter-and-cs", "pass", "from here", {f"{RECORD}.address": "VCENTER.example.com."}),
    Row(
        "same-vcenter-and-cs",
        "pass",
        "from here",
        {f"{RECORD}.address": "fd00:0:0::5", "vcenter.host": "fd00::5"},
    ),
    Row(
        "same-vcenter-and-cs",
        "unknown",
        "denied",
        {f"{RECORD}.address": "vcenter.tokyo.example.com", "vcenter.instance_uuid": DENIED},
    ),
    Row("same-vcenter-and-cs", "not-applicable", "no vCenter to compare with", {"server.vcenters": ()}),
]

UNREAD = [
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
            f"{RECORD}.address",
        ),
        "no-free-esxi": (f"{HOST}.licence_edition", "vcenter.hosts"),
        "datastore-type-supported": ("vcenter.machines",),
    }.items()
    for path in paths
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_that_is_about_no_machine_is_in_the_tables() -> None:
    ours = requirements_of_step(10) - requirements_of_step(10, "machine")
    assert judged_by(GREEN) == judged_by(OTHER) == judged_by(UNREAD) == ours


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
