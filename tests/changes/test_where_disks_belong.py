"""A disk that is missing on a master target goes back there, or to its own machine; where both may be, nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from failback.changes.remedy import CannotChange
from failback.changes.where_disks_belong import where_it_belongs
from tests.changes.stage import planned
from tests.estates.changing import change_all
from tests.estates.ready import DENIED, ready_case
from tests.estates.ready_azure import GIB
from wizard_steps.case import Case
from wizard_steps.estate import Memory
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_around_machines import DiskFile

ITEM, VM = "azure.protected_items[web01]", "vcenter.machines[web01]"
FILE, FOUND = "[vmfs-01] web01/web01.vmdk", "[vmfs-02] MT01/web01.vmdk"
ON_THE_WAY: dict[str, object] = {
    f"{ITEM}.instance_type": "InMage",
    f"{ITEM}.master_target_id": "mt-MT01",
    f"{ITEM}.active_location": "Primary",
    f"{ITEM}.protection_state": "Protected",
    f"{ITEM}.current_scenario": None,
}
FAILED_BACK = {**ON_THE_WAY, f"{ITEM}.active_location": "Recovery", f"{ITEM}.protection_state": "FailoverCommitted"}
LOST: dict[str, object] = {
    "memory": Memory(disk_files={"mt-mt01": {"disk-20-0": FILE}}),
    f"{VM}.disks": (),
    "vcenter.disk_files": (DiskFile("disk-20-0", Outside(FOUND), "datastore-2", 100 * GIB),),
}
"""web01's only disk hangs neither on MT01, where it was first seen, nor on web01."""


def case_of(*changes: dict[str, object]) -> Case:
    return change_all(ready_case(), {**LOST, **{path: value for one in changes for path, value in one.items()}})


def home_of(*changes: dict[str, object], file: str = FILE) -> str:
    case = case_of(*changes)
    return where_it_belongs(case, case.targets.value[0], file).name.raw


def test_while_its_machine_replicates_back_it_belongs_on_the_master_target() -> None:
    assert home_of(ON_THE_WAY) == "MT01"


def test_once_its_machine_failed_back_it_belongs_there() -> None:
    assert home_of(FAILED_BACK) == "web01"


@pytest.mark.parametrize("location", ["Primary", "Recovery"])
def test_once_reverse_replication_ended_it_belongs_on_its_machine(location: str) -> None:
    assert home_of({f"{ITEM}.active_location": location}) == "web01"


def test_once_site_recovery_protects_its_machine_no_more_it_belongs_there() -> None:
    others = ready_case().azure.protected_items.map(
        lambda all_: tuple(i for i in all_ if i.machine_name.raw != "web01")
    )
    assert home_of({"azure.protected_items": others.value}) == "web01"


def test_a_disk_of_the_master_targets_own_belongs_there() -> None:
    assert home_of(FAILED_BACK, file="[vmfs-01] MT01/MT01_1.vmdk") == "MT01"


BOTH = [
    ({**ON_THE_WAY, f"{ITEM}.protection_state": "PlannedFailoverFailed"}, "look at the failback's job in the vault"),
    ({**ON_THE_WAY, f"{ITEM}.current_scenario": "UnplannedFailover"}, "is being failed back, or that broke off"),
    ({**ON_THE_WAY, f"{ITEM}.active_location": "Elsewhere"}, "Elsewhere, Protected"),
    ({**ON_THE_WAY, f"{ITEM}.master_target_id": "mt-MT09"}, "another master target than MT01: look for the disk there"),
    ({f"{ITEM}.instance_type": "InMageRcmFailback"}, "replicated as InMageRcmFailback"),
    ({**ON_THE_WAY, f"{ITEM}.infrastructure_vm_id": None}, "say so under same_machine"),
    ({**ON_THE_WAY, f"{ITEM}.infrastructure_vm_id": DENIED}, "say so under same_machine"),
    ({**FAILED_BACK, f"{VM}.vmx_file": "[vmfs-03] web01/web01.vmx"}, "nobody can tell whose disk it is"),
    ({**FAILED_BACK, f"{VM}.is_template": True}, "nobody can tell whose disk it is"),
]


@pytest.mark.parametrize(("changes", "why"), BOTH)
def test_where_both_may_be_it_is_attached_nowhere_and_what_to_look_at_is_said(
    changes: dict[str, object], why: str
) -> None:
    case = case_of(changes)

    with pytest.raises(CannotChange, match=why):
        where_it_belongs(case, case.targets.value[0], FILE)
    with pytest.raises(CannotChange, match=why):
        planned(change_all(case, REPLICATING), "attach-moved-disks")


REPLICATING = {
    "azure.protected_items[db01].instance_type": "InMage",
    "azure.protected_items[db01].master_target_id": "mt-MT01",
}
"""Somebody else comes home through MT01 meanwhile."""


@pytest.mark.parametrize(
    "unread",
    [
        {f"{ITEM}.active_location": DENIED},
        {f"{ITEM}.protection_state": DENIED},
        {"vcenter.machines[db01].vmx_file": DENIED, f"{VM}.vmx_file": "[vmfs-03] web01/web01.vmx"},
        {"vcenter.machines[db01].vmx_file": "[vmfs-01] web01/other.vmx"},
    ],
)
def test_what_was_not_read_is_not_guessed(unread: dict[str, object]) -> None:
    with pytest.raises(NotSeen):
        home_of(ON_THE_WAY, unread)


def test_a_machine_that_failed_back_gets_its_disk_on_any_controller_and_its_own_name_is_typed() -> None:
    controllers = (
        ready_case()
        .vcenter.machines.value[2]
        .controllers.map(lambda all_: tuple(replace(one, kind="ParaVirtualSCSIController") for one in all_))
    )
    case = case_of(FAILED_BACK, {f"{VM}.controllers": controllers.value})

    one = planned(case, "attach-moved-disks")

    assert (one.target.kind, one.target.name) == ("machine", "web01")
    assert one.after == {"SCSI(0:0)": {"file": FOUND, "uuid": "disk-20-0".replace("-", ""), "mode": "persistent"}}
    assert [call.args["_this"]["value"] for call in one.calls] == ["vm-20"]


def test_where_the_host_of_its_machine_does_not_mount_the_file_it_is_left() -> None:
    case = case_of(FAILED_BACK, {"vcenter.hosts[host-2].datastore_refs": ("datastore-1",)})

    with pytest.raises(CannotChange, match=r"esx02\.example\.com, where web01 stands, does not mount"):
        planned(case, "attach-moved-disks")


def test_one_change_is_about_one_vm_and_says_what_is_left() -> None:
    both = {"disk-20-0": FILE, "disk-10-1": "[vmfs-01] MT01/MT01_1.vmdk"}
    files = tuple(DiskFile(uuid, Outside(f"[vmfs-02] found/{uuid}.vmdk"), "datastore-2", 100 * GIB) for uuid in both)
    mt01 = ready_case().targets.value[0].vm.value.disks.value
    case = case_of(
        FAILED_BACK,
        {
            "memory": Memory(disk_files={"mt-mt01": both}),
            "vcenter.disk_files": files,
            "vcenter.machines[MT01].disks": mt01[:1],
        },
    )

    one = planned(case, "attach-moved-disks")

    assert one.target.name == "MT01"
    assert [then["uuid"] for then in one.after.values()] == ["disk101"]
    assert "web01/web01.vmdk: it belongs on web01: plan again after this" in one.disturbs
