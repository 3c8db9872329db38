"""Each remedy turns what was seen into exactly the calls it says, refuses where there is nothing to do, and can undo."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from failback.changes import REMEDIES, Change, Weight, offers
from failback.changes.remedy import CannotChange
from tests.changes.cases import EXAMPLES
from tests.changes.stage import MT, SNAPSHOTS, finding, planned
from tests.estates.changing import GONE, change, change_all, minutes_ago
from tests.estates.ready import ready_case
from wizard_steps.case import Case
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, not_seen

PROJECT = Path(__file__).parents[2]


def args(one: Change, call: int = 0) -> dict[str, Any]:
    return dict(one.calls[call].args)


# -- the registry


def test_every_remedy_that_a_requirement_names_is_carried_out() -> None:
    named = {remedy for row in REQUIREMENTS for remedy in row.remedies}

    assert named <= set(REMEDIES)


def test_the_table_of_requirements_names_exactly_these_remedies() -> None:
    table = PROJECT / "wizard_steps" / "requirement_ids.tsv"
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    named = {remedy for row in rows for remedy in (row["remedies"] or "").split(",") if remedy}

    assert named == set(REMEDIES)


def test_a_finding_whose_target_was_not_seen_is_offered_with_the_reason() -> None:
    case = change(ready_case(), "vcenter.machines", not_seen("the vCenter is down"))

    [offer] = offers(case, finding(case, "set-enable-uuid"))

    assert offer.change is None
    assert "the vCenter is down" in (offer.reason or "")


@pytest.mark.parametrize("remedy", EXAMPLES)
def test_planning_is_pure_and_says_everything(remedy: str) -> None:
    example = EXAMPLES[remedy]

    one = planned(example.case, remedy, **example.finding)

    assert one == planned(example.case, remedy, **example.finding)
    assert Change.from_json(one.to_json()) == one
    assert one.id == f"{remedy}:{one.target.name}"
    assert one.calls
    assert one.rests_on
    assert all([one.title, one.disturbs, one.undo, one.privileges])
    assert set(one.before) == set(one.after)


@pytest.mark.parametrize("remedy", EXAMPLES)
def test_the_calls_lead_to_a_state_that_verifies_and_that_needs_no_second_time(remedy: str) -> None:
    example = EXAMPLES[remedy]
    one = planned(example.case, remedy, **example.finding)
    after = example.case
    for call in one.calls:
        after = change_all(after, example.effects.get(call.method, {}))

    assert REMEDIES[remedy].verify(one, after).holds
    if remedy not in ("refresh-configuration-server", "power-cycle"):  # these two may be wanted again at once
        assert not REMEDIES[remedy].verify(one, example.case).holds
        with pytest.raises(CannotChange):
            planned(after, remedy, **example.finding)


@pytest.mark.parametrize("remedy", EXAMPLES)
def test_what_is_reversible_can_be_planned_back_to_where_it_was_and_the_rest_says_why_not(remedy: str) -> None:
    example = EXAMPLES[remedy]
    one = planned(example.case, remedy, **example.finding)
    after = example.case
    for call in one.calls:
        after = change_all(after, example.effects.get(call.method, {}))

    if not one.reversible:
        with pytest.raises(CannotChange) as refused:
            REMEDIES[remedy].undo(one, after)
        assert refused.value.reason == one.undo
        return
    back = REMEDIES[remedy].undo(one, after)
    assert (back.before, back.after) == (one.after, one.before)
    assert back.id == f"undo:{one.id}"


@pytest.mark.parametrize(
    "remedy", [name for name, one in EXAMPLES.items() if planned(one.case, name, **one.finding).reversible]
)
def test_what_somebody_changed_since_is_not_undone(remedy: str) -> None:
    example = EXAMPLES[remedy]
    one = planned(example.case, remedy, **example.finding)

    with pytest.raises(CannotChange, match=r"already as wanted|no longer as this change left it"):
        REMEDIES[remedy].undo(one, example.case)


def test_only_what_loses_something_or_cuts_others_off_asks_for_a_typed_name() -> None:
    weights = {name: remedy.weight for name, remedy in REMEDIES.items()}

    assert {name for name, weight in weights.items() if weight is Weight.IRREVERSIBLE} == {
        "format-retention-volume",
        "remove-snapshots",
        "consolidate-disks",
        "renew-certificate",
        "reset-connection",
        "submit-reprotect",
    }
    assert {name for name, weight in weights.items() if weight is Weight.RISKY} == {"attach-moved-disks"}
    assert {name for name, weight in weights.items() if weight is Weight.DISRUPTIVE} == {
        "grant-vcenter-role",
        "power-cycle",
        "power-off-source-vm",
        "move-master-target-host",
        "swap-to-lsi",
        "switch-process-server",
        "upgrade-vmware-tools",
    }


# -- set-enable-uuid


def uuid_rows(**rows: str) -> Case:
    case = change(ready_case(), f"{MT}.disk_uuid_flag", value=False)
    return change(case, f"{MT}.extra_config", {key.replace("_", "."): Outside(text) for key, text in rows.items()})


def test_a_missing_row_is_written_in_the_usual_spelling_with_the_flag_and_the_guard() -> None:
    spec = args(planned(uuid_rows(), "set-enable-uuid"))["spec"]

    assert spec == {
        "changeVersion": "2026-11-01T00:00:00Z",
        "flags": {"diskUuidEnabled": True},
        "extraConfig": [{"key": "disk.EnableUUID", "value": "TRUE"}],
    }


def test_every_spelling_that_is_there_is_written_and_no_other() -> None:
    one = planned(uuid_rows(disk_enableUUID="FALSE", disk_ENABLEUUID="TRUE"), "set-enable-uuid")

    assert [row["key"] for row in args(one)["spec"]["extraConfig"]] == ["disk.ENABLEUUID", "disk.enableUUID"]
    assert one.before["disk.enableUUID"] == "FALSE"


def test_undo_takes_away_a_row_that_was_not_there_before() -> None:
    example = EXAMPLES["set-enable-uuid"]
    one = planned(example.case, "set-enable-uuid")
    after = change_all(example.case, example.effects["ReconfigVM_Task"])

    spec = args(REMEDIES["set-enable-uuid"].undo(one, after))["spec"]

    assert spec["extraConfig"] == [{"key": "disk.EnableUUID", "value": ""}]
    assert spec["flags"] == {"diskUuidEnabled": False}


def test_a_running_master_target_is_told_to_need_a_power_cycle() -> None:
    example = EXAMPLES["set-enable-uuid"]
    one = planned(example.case, "set-enable-uuid")

    found = REMEDIES["set-enable-uuid"].verify(one, change_all(example.case, example.effects["ReconfigVM_Task"]))

    assert "power cycle" in one.disturbs
    assert "power cycle" in found.evidence


def test_a_row_without_its_flag_does_not_verify() -> None:
    example = EXAMPLES["set-enable-uuid"]
    one = planned(example.case, "set-enable-uuid")

    half = change(example.case, f"{MT}.extra_config", {"disk.EnableUUID": Outside("TRUE")})

    assert not REMEDIES["set-enable-uuid"].verify(one, half).holds


# -- snapshots


def test_removing_snapshots_shows_every_one_of_them() -> None:
    one = planned(EXAMPLES["remove-snapshots"].case, "remove-snapshots")

    assert one.before["snapshots"] == ["before patch (2026-11-20 10:00 UTC)", "[/] after (2026-11-21 10:00 UTC)"]
    assert one.rests_on["snapshots"] == ["snapshot-1", "snapshot-2"]
    assert args(one)["consolidate"] is True
    assert not one.reversible


def test_snapshots_that_left_delta_disks_behind_are_not_verified() -> None:
    case = EXAMPLES["remove-snapshots"].case
    one = planned(case, "remove-snapshots")

    found = REMEDIES["remove-snapshots"].verify(one, change(case, f"{MT}.snapshots", ()))

    assert not found.holds
    assert "consolidate" in found.evidence


def test_disks_are_not_consolidated_while_there_are_snapshots() -> None:
    case = change_all(ready_case(), {f"{MT}.snapshots": SNAPSHOTS, f"{MT}.consolidation_needed": True})

    with pytest.raises(CannotChange, match="snapshots"):
        planned(case, "consolidate-disks")


# -- DRS and Storage DRS


def drs_row(case: Case) -> dict[str, Any]:
    row: dict[str, Any] = args(planned(case, "exclude-from-drs"))["spec"]["drsVmConfigSpec"][0]
    return row


def sdrs_row(case: Case) -> dict[str, Any]:
    row: dict[str, Any] = args(planned(case, "exclude-from-storage-drs"))["spec"]["vmConfigSpec"][0]
    return row


VM = {"_typeName": "ManagedObjectReference", "type": "VirtualMachine", "value": "vm-10"}


def test_an_override_is_added_where_there_is_none() -> None:
    assert drs_row(EXAMPLES["exclude-from-drs"].case) == {"operation": "add", "info": {"key": VM, "enabled": False}}
    assert sdrs_row(EXAMPLES["exclude-from-storage-drs"].case) == {
        "operation": "add",
        "info": {"vm": VM, "enabled": False},
    }


def test_an_override_that_is_there_is_edited_and_keeps_its_automation_level() -> None:
    case = change(ready_case(), "vcenter.clusters[0].drs_overrides", {"vm-10": True})
    case = change(case, "vcenter.clusters[0].drs_override_behaviors", {"vm-10": "manual"})
    case = change(case, "vcenter.pods[0].overrides", {"vm-10": (None, "manual")})

    assert drs_row(case) == {"operation": "edit", "info": {"key": VM, "enabled": False, "behavior": "manual"}}
    assert sdrs_row(case) == {"operation": "edit", "info": {"vm": VM, "enabled": False, "behavior": "manual"}}


def test_undo_removes_an_override_that_was_not_there_before() -> None:
    for remedy, where in (("exclude-from-drs", "drsVmConfigSpec"), ("exclude-from-storage-drs", "vmConfigSpec")):
        one = planned(EXAMPLES[remedy].case, remedy)
        back = REMEDIES[remedy].undo(one, ready_case())  # on the ready site the master target is kept out of both

        assert args(back)["spec"][where] == [{"operation": "remove", "removeKey": VM}]


def test_a_cluster_that_ignores_overrides_is_said_instead_of_changed() -> None:
    case = change(EXAMPLES["exclude-from-drs"].case, "vcenter.clusters[0].drs_overrides_allowed", value=False)

    with pytest.raises(CannotChange, match="ignores"):
        planned(case, "exclude-from-drs")


def test_a_host_outside_of_any_cluster_has_no_drs_to_exclude_from() -> None:
    case = change(ready_case(), "vcenter.hosts[host-1].cluster_ref", None)

    with pytest.raises(CannotChange, match="no cluster"):
        planned(case, "exclude-from-drs")


def test_a_machine_in_two_datastore_clusters_is_excluded_from_both_by_a_call_each() -> None:
    case = change(EXAMPLES["exclude-from-storage-drs"].case, f"{MT}.datastore_refs", ("datastore-1", "datastore-2"))
    case = change(case, "vcenter.datastores[datastore-2].pod_ref", "group-p2")
    pods = case.vcenter.pods.value
    other = change(case, "vcenter.pods[0].ref", "group-p2").vcenter.pods.value
    case = change(case, "vcenter.pods", (*pods, *other))

    one = planned(case, "exclude-from-storage-drs")

    assert [call.args["pod"]["value"] for call in one.calls] == ["group-p1", "group-p2"]


# -- power


def test_a_guest_without_tools_is_never_cut_off_by_a_power_cycle() -> None:
    case = change(ready_case(), f"{MT}.tools_running", "guestToolsNotRunning")

    with pytest.raises(CannotChange, match="VMware Tools"):
        planned(case, "power-cycle")


def test_a_power_cycle_says_what_stops_and_one_of_a_vm_that_is_off_stops_nothing() -> None:
    running = planned(ready_case(), "power-cycle")
    off = planned(change(ready_case(), f"{MT}.power_state", "poweredOff"), "power-cycle")

    assert [call.method for call in running.calls] == ["ShutdownGuest", "PowerOnVM_Task"]
    assert [call.method for call in off.calls] == ["PowerOnVM_Task"]
    assert "stops" in running.disturbs
    assert "nothing stops" in off.disturbs


def test_a_vm_that_was_not_restarted_is_not_taken_for_power_cycled() -> None:
    one = planned(ready_case(), "power-cycle")

    assert not REMEDIES["power-cycle"].verify(one, ready_case()).holds
    with pytest.raises(NotSeen):
        REMEDIES["power-cycle"].verify(one, change(ready_case(), f"{MT}.boot_time", None))


def test_a_source_machine_without_tools_is_powered_off_hard_and_the_plan_says_so() -> None:
    example = EXAMPLES["power-off-source-vm"]
    case = change(example.case, "vcenter.machines[web01].tools_running", "guestToolsNotRunning")

    one = planned(case, "power-off-source-vm", **example.finding)

    assert [call.method for call in one.calls] == ["PowerOffVM_Task"]
    assert "plug" in one.disturbs


# -- Azure


def test_a_refresh_names_the_provider_of_the_configuration_server() -> None:
    case = ready_case()
    [provider] = case.server.value.providers.value

    one = planned(case, "refresh-configuration-server")

    assert args(one) == {"path": f"{provider.id}/refreshProvider"}
    assert one.target.kind == "configuration-server"


@pytest.mark.parametrize(("minutes", "allowed"), [(0.5, False), (0.99, False), (1.0, True), (5, True)])
def test_a_configuration_server_is_refreshed_at_most_once_a_minute(minutes: float, allowed: bool) -> None:
    case = ready_case()
    case = change(case, "memory.refreshed", {case.server.value.id.casefold(): minutes_ago(minutes)})

    if allowed:
        assert planned(case, "refresh-configuration-server").calls
        return
    with pytest.raises(CannotChange, match="less than a minute"):
        planned(case, "refresh-configuration-server")


def test_a_process_server_is_started_by_the_vm_that_has_its_address() -> None:
    case = ready_case()
    server = case.targets.value[0].process_server.value
    owner = next(
        nic.vm_id.value
        for nic in case.azure.network_interfaces.value
        if server.ip_address.value in (address for address, _subnet in nic.addresses.value)
    )
    assert owner is not None
    case = change(case, f"azure.vms[{owner.rpartition('/')[2]}].power_state", "deallocated")

    one = planned(case, "start-process-server", kind="process-server", subject_id=server.id)

    assert args(one) == {"path": f"{owner}/start"}


def test_a_process_server_whose_address_leads_nowhere_is_left_to_a_person() -> None:
    case = change(ready_case(), "azure.network_interfaces", ())
    server = case.targets.value[0].process_server.value

    with pytest.raises(CannotChange, match="by hand"):
        planned(case, "start-process-server", kind="process-server", subject_id=server.id)


def test_a_vm_that_is_gone_cannot_be_started() -> None:
    example = EXAMPLES["start-azure-vm"]
    one = planned(example.case, "start-azure-vm", **example.finding)

    with pytest.raises(CannotChange):
        REMEDIES["start-azure-vm"].again(one, change(example.case, "azure.vms[web01]", None))


def test_a_vm_that_left_the_vcenter_cannot_be_changed() -> None:
    one = planned(ready_case(), "power-cycle")

    with pytest.raises(CannotChange, match="no longer in this vCenter"):
        REMEDIES["power-cycle"].again(one, change(ready_case(), "vcenter.machines[MT01]", GONE))
    with pytest.raises(CannotChange, match="another vCenter"):
        REMEDIES["power-cycle"].again(one, change(ready_case(), "vcenter.instance_uuid", "another"))
