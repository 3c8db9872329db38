"""Who is who: joins between site recovery, Azure and vCenter are made, or they say why not. Never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.estates.paths import ITEM, MT, MT_VM
from tests.estates.ready import DENIED, GONE, change, change_all, ready_case
from tests.estates.ready_vcenter import VCENTER_UUID
from wizard_steps.case import AmbiguousName, Case, Machine, UnknownName, volume_key
from wizard_steps.choices import LocationChoice, TargetChoice
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading, seen
from wizard_steps.seen_in_azure import ProtectedItem


def with_(changes: Mapping[str, object]) -> Case:
    return change_all(ready_case(), changes)


def machine(case: Case, name: str = "web01") -> Machine:
    return next(one for one in case.chosen_machines.value if one.name == name)


def why(reading: Reading[object]) -> str:
    """Return why a reading was not seen."""
    assert not reading.was_seen, reading
    return reading.reason or ""


# ------------------------------------------------------------------------------------------- the master target's VM


def test_a_master_target_is_found_by_its_address_first() -> None:
    case = with_({"vcenter.machines[db01].dns_name": Outside("mt01"), "vcenter.machines[db01].name": "MT01"})
    assert case.targets.value[0].vm.value.ref == "vm-10"


def test_a_master_target_is_found_by_its_dns_name_next() -> None:
    case = with_({f"{MT}.ip_address": "10.9.9.9", f"{MT_VM}.name": "renamed"})
    assert case.targets.value[0].vm.value.ref == "vm-10"


def test_a_master_target_is_found_by_its_name_last() -> None:
    case = with_({f"{MT}.ip_address": DENIED, f"{MT_VM}.dns_name": None, f"{MT_VM}.name": "mt01"})
    assert case.targets.value[0].vm.value.ref == "vm-10"


def test_no_machine_that_answers_is_said() -> None:
    case = with_({MT_VM: GONE})
    assert "no machine in vCenter has the address 10.20.0.11 or the name MT01" in why(case.targets.value[0].vm)


def test_an_unread_address_is_said_when_nothing_answers() -> None:
    case = with_({f"{MT}.ip_address": DENIED, MT_VM: GONE})
    assert "(unread)" in why(case.targets.value[0].vm)


def test_two_machines_that_answer_are_not_guessed() -> None:
    case = with_({"vcenter.machines[db01].ip_addresses": ("10.20.0.11",)})
    assert "2 machines in vCenter could be MT01" in why(case.targets.value[0].vm)


def test_a_template_is_no_machine() -> None:
    case = with_({"vcenter.machines[db01].ip_addresses": ("10.20.0.11",), "vcenter.machines[db01].is_template": True})
    assert case.targets.value[0].vm.value.ref == "vm-10"


def test_the_operators_answer_decides_between_two() -> None:
    chosen = f"{VCENTER_UUID.upper()}/50000000-0000-0000-0000-00000000MT01"
    case = with_({"vcenter.machines[db01].ip_addresses": ("10.20.0.11",), "choices.same_machine": {"mt01": chosen}})
    assert case.targets.value[0].vm.value.ref == "vm-10"


def test_an_answer_about_another_vcenter_is_not_taken() -> None:
    case = with_({"choices.same_machine": {"MT01": "another/50000000-0000-0000-0000-00000000MT01"}})
    assert "on another vCenter, another" in why(case.targets.value[0].vm)


def test_an_answer_that_is_gone_is_said() -> None:
    case = with_({"choices.same_machine": {"MT01": f"{VCENTER_UUID}/nobody"}})
    assert "nobody, is no longer in the vCenter" in why(case.targets.value[0].vm)


def test_unread_machines_make_the_join_unread() -> None:
    assert why(with_({"vcenter.machines": DENIED}).targets.value[0].vm) == "denied"


# --------------------------------------------------------------------------------------------- machines of the batch


def test_a_source_vm_is_found_by_its_instance_uuid_without_case() -> None:
    case = change(ready_case(), f"{ITEM}.infrastructure_vm_id", "50000000-0000-0000-0000-0000000WEB01")
    assert machine(case).source_vm.value is not None


def test_a_source_vm_that_is_gone_is_none_and_comes_home_to_an_alternate_location() -> None:
    one = machine(with_({"vcenter.machines[web01]": GONE}))
    assert one.source_vm.value is None
    assert one.location.value == "alternate"


def test_one_unread_uuid_might_be_the_source_vms() -> None:
    case = with_({"vcenter.machines[web01].instance_uuid": DENIED})
    assert why(machine(case).source_vm) == "denied"
    assert why(machine(case).location) == "denied"


def test_two_machines_with_its_uuid_are_not_guessed() -> None:
    case = with_({"vcenter.machines[db01].instance_uuid": "50000000-0000-0000-0000-0000000web01"})
    assert "2 machines in vCenter carry its instance UUID" in why(machine(case).source_vm)


def test_a_template_with_its_uuid_is_not_taken_for_it() -> None:
    twin = {
        "vcenter.machines[db01].instance_uuid": "50000000-0000-0000-0000-0000000web01",
        "vcenter.machines[db01].is_template": True,
    }
    found = machine(with_(twin)).source_vm.value
    assert found is not None
    assert found.name.raw == "web01"


def test_a_physical_machine_has_no_source_vm() -> None:
    assert machine(with_({f"{ITEM}.infrastructure_vm_id": None})).source_vm.value is None


def test_a_machine_of_another_vcenter_is_named() -> None:
    other = replace(
        ready_case().server.value.vcenters.value[0],
        name=Outside("vcenter02"),
        address=seen("vcenter02.example.com"),
        infrastructure_id=seen("infra-2"),
    )
    case = with_({"server.vcenters": lambda known: (*known, other), f"{ITEM}.vcenter_infrastructure_id": "INFRA-2"})
    assert "another vCenter, vcenter02" in why(machine(case).source_vm)


def test_the_chosen_location_decides() -> None:
    case = with_({"choices.locations": (LocationChoice("WEB01", mode="alternate"),)})
    assert machine(case).location.value == "alternate"
    assert machine(case, "db01").location.value == "original"


def test_without_a_choice_every_failed_over_machine_is_in_the_batch() -> None:
    item = "azure.protected_items[db01]"
    case = with_({f"{item}.target_vm_id": None, f"{item}.active_location": "Primary"})
    assert [one.name for one in case.chosen_machines.value] == ["web01"]


@pytest.mark.parametrize("name", ["target_vm_id", "active_location", "instance_type"])
def test_a_machine_of_which_that_is_not_known_is_kept(name: str) -> None:
    assert len(with_({f"{ITEM}.{name}": DENIED}).chosen_machines.value) == 2


def test_a_machine_with_a_location_nobody_knows_is_kept() -> None:
    assert len(with_({f"{ITEM}.active_location": "Elsewhere"}).chosen_machines.value) == 2


def test_a_reprotected_machine_is_chosen_but_leaves_the_batch() -> None:
    case = with_({f"{ITEM}.instance_type": "InMage", f"{ITEM}.active_location": "Primary"})
    assert [one.name for one in case.chosen_machines.value] == ["web01", "db01"]
    assert [one.name for one in case.machines.value] == ["db01"]


def test_a_machine_may_be_chosen_by_the_name_of_its_item() -> None:
    assert [one.name for one in with_({"choices.machines": ("ITEM-WEB01",)}).machines.value] == ["web01"]


def test_a_machine_nobody_knows_is_an_error_that_names_the_others() -> None:
    with pytest.raises(UnknownName) as caught:
        _machines = with_({"choices.machines": ("nobody",)}).machines
    assert (caught.value.kind, caught.value.name) == ("machine", "nobody")
    assert caught.value.candidates == ("web01", "db01")


def test_a_name_that_two_machines_have_is_an_error_that_names_their_items() -> None:
    with pytest.raises(AmbiguousName) as caught:
        _machines = with_(
            {"azure.protected_items[db01].machine_name": "WEB01", "choices.machines": ("web01",)}
        ).machines
    assert caught.value.candidates == ("item-web01", "item-db01")


# ----------------------------------------------------------------------------------------------- targets and servers


def two_targets(*choices: TargetChoice) -> Case:
    return with_({"choices.targets": choices})


def test_each_machine_goes_through_the_target_that_names_it() -> None:
    case = two_targets(TargetChoice("MT01", machines=("web01",)), TargetChoice("CS01", machines=("item-db01",)))
    assert [one.target.value.name for one in case.machines.value] == ["MT01", "CS01"]
    assert [[one.name for one in target.machines] for target in case.targets.value] == [["web01"], ["db01"]]


@pytest.mark.parametrize("name", ["WEB01", "item-web01"])
def test_a_machine_named_for_a_target_is_kept_though_it_never_left_the_site(name: str) -> None:
    away = {f"{ITEM}.active_location": "Primary", "choices.targets": (TargetChoice("MT01", machines=(name, "db01")),)}
    assert [one.name for one in with_(away).chosen_machines.value] == ["web01", "db01"]
    assert [one.name for one in with_({**away, "choices.machines": ("db01",)}).chosen_machines.value] == ["db01"]


def test_a_machine_that_no_target_names_has_none() -> None:
    case = two_targets(TargetChoice("MT01", machines=("web01",)), TargetChoice("CS01"))
    assert why(machine(case, "db01").target) == "no master target chosen for it"


def test_a_machine_that_two_targets_name_has_none() -> None:
    case = two_targets(TargetChoice("MT01", machines=("web01",)), TargetChoice("CS01", machines=("web01",)))
    assert why(machine(case).target) == "2 master targets are chosen for it"


def test_a_target_may_be_chosen_by_its_id() -> None:
    assert two_targets(TargetChoice("mt-mt01")).targets.value[0].name == "MT01"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"target.master_target": "MT99"}, "site recovery knows no master target"),
        ({"server.master_targets[CS01].name": "MT01"}, "2 things are called MT01: choose by id"),
        ({"server.master_targets": DENIED}, "denied"),
    ],
)
def test_a_target_that_is_not_found_says_why(changes: Mapping[str, object], reason: str) -> None:
    assert reason in why(with_(changes).targets.value[0].registered)


def test_without_a_choice_nothing_is_guessed() -> None:
    case = with_({"target.process_server": None, "target.esxi_host": None, "target.retention_volume": None})
    target = case.targets.value[0]
    assert why(target.process_server) == "no process server chosen"
    assert why(target.chosen_host) == "no ESXi host chosen"
    assert why(target.guest_volume) == "no retention volume chosen"
    assert why(with_({"choices.targets": ()}).targets) == "no master target chosen"


@pytest.mark.parametrize(
    ("servers", "fabric", "reason"),
    [
        ((), None, "the vault has no classic configuration server"),
        (("CS01", "CS02"), None, "the vault has 2 configuration servers"),
        (("CS01",), "CS99", "no configuration server of that name"),
    ],
)
def test_a_configuration_server_is_named_or_the_only_one(
    servers: tuple[str, ...], fabric: str | None, reason: str
) -> None:
    original = ready_case().server.value
    made = tuple(replace(original, name=Outside(name), id=f"/{name}", fabric_name=name) for name in servers)
    case = with_({"azure.configuration_servers": made, "choices.fabric": fabric})
    assert reason in why(case.server)


def test_a_configuration_server_is_chosen_by_name_without_case() -> None:
    original = ready_case().server.value
    made = tuple(replace(original, name=Outside(name), id=f"/{name}", fabric_name=name) for name in ("CS01", "CS02"))
    case = with_({"azure.configuration_servers": made, "choices.fabric": "cs02"})
    assert case.server.value.name.raw == "CS02"


def test_a_machine_whose_azure_vm_is_deleted_is_told_from_one_nobody_read() -> None:
    assert machine(with_({"azure.vms[web01]": None})).azure_vm.value is None
    assert why(machine(with_({"azure.vms[web01]": GONE})).azure_vm) == "this Azure VM was not read"


@pytest.mark.parametrize(
    ("one", "other"),
    [("R", "r:"), ("R", "R:\\"), (" R ", "r"), ("/mnt/retention", "/mnt/retention/")],
)
def test_spellings_of_one_volume_are_one(one: str, other: str) -> None:
    assert volume_key(one) == volume_key(other)


@pytest.mark.parametrize(("one", "other"), [("R", "S"), ("/mnt/a", "/mnt/A"), ("R", "R2")])
def test_other_volumes_are_others(one: str, other: str) -> None:
    assert volume_key(one) != volume_key(other)


def test_an_item_answers_to_its_three_names() -> None:
    item: ProtectedItem = ready_case().azure.protected_items.value[0]
    one = Machine(ready_case(), item)
    assert all(one.answers_to([name]) for name in ("WEB01", item.name.upper(), item.id.upper()))
    assert not one.answers_to(["db01"])


def test_a_join_that_fails_is_an_unseen_reading_not_an_exception() -> None:
    with pytest.raises(NotSeen):
        _vm = with_({MT_VM: GONE}).targets.value[0].vm.value
