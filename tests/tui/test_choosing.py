from __future__ import annotations

from tests.estates.changing import change
from tests.estates.ready import ready_case, report_of
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import walking
from tui.dialogs.yes_dialog import YesDialog
from tui.views import choosing
from tui.views.candidates import candidates
from tui.views.choosing import Slot
from wizard_steps.choices import Choices, TargetChoice


def _slot(kind: str, chosen: str | None = None) -> Slot:
    return Slot(kind, "MT01", chosen)


def test_a_host_in_maintenance_or_without_a_datastore_is_not_hidden_but_says_why() -> None:
    case = ready_case()
    other = (
        next(one for one in case.vcenter.hosts.value if one.name.raw != "esx01.example.com")
        if len(case.vcenter.hosts.value) > 1
        else None
    )
    case = case if other is None else change(case, "vcenter.datastores[*].mounts", ())
    found = candidates(case, _slot(choosing.HOST, "esx01.example.com"), report_of)
    assert found
    if other is not None:
        assert all(one.refusal or one.unknown for one in found)


def test_the_ready_sites_own_choices_can_be_taken() -> None:
    case = ready_case()
    for kind, chosen in (
        (choosing.HOST, "esx01.example.com"),
        (choosing.VOLUME, "R"),
        (choosing.PROCESS_SERVER, "PS-AZ-01"),
        (choosing.MASTER_TARGET, "MT01"),
    ):
        one = next(one for one in candidates(case, _slot(kind, chosen), report_of) if one.is_chosen)
        assert one.refusal is None, (kind, one.refusal)
        assert set(one.fits) == {"web01", "db01"}, kind


def test_a_full_retention_volume_is_listed_with_its_first_failing_condition() -> None:
    case = change(ready_case(), "server.master_targets[MT01].retention_volumes[R].capacity", 0)
    one = candidates(case, _slot(choosing.VOLUME, "R"), report_of)[0]
    assert one.refusal is not None
    assert one.fits == ()


def test_what_was_not_read_is_unknown_and_no_reason_against() -> None:
    from wizard_steps.reading import not_seen

    case = change(ready_case(), "vcenter.machines[MT01].guest_volumes", not_seen("VMware Tools do not run"))
    one = candidates(case, _slot(choosing.VOLUME, "R"), report_of)[0]
    assert one.refusal is None
    assert one.unknown is not None


def test_another_master_target_takes_the_machines_and_not_the_volume_of_the_old_one() -> None:
    case = ready_case()
    choices = choosing.with_choice(case, _slot(choosing.MASTER_TARGET, "MT01"), "MT02")
    assert choices.targets == (TargetChoice("MT02", "PS-AZ-01"),)


def test_with_nothing_chosen_a_master_target_is_what_there_is_to_choose() -> None:
    case = ready_case(choices=Choices())
    assert [slot.kind for slot in choosing.slots(case)] == [choosing.MASTER_TARGET]
    chosen = choosing.with_choice(case, choosing.slots(case)[0], "MT01")
    assert [one.master_target for one in chosen.targets] == ["MT01"]


async def test_a_volume_is_picked_by_keys_and_kept_in_the_profile() -> None:
    case = ready_case(choices=Choices(targets=(TargetChoice("MT01", "PS-AZ-01", None, "esx01.example.com"),)))
    engine = FakeEngine(case)
    async with walking(engine) as walk:
        await walk.press("9", "c")
        assert walk.screen == "PickerScreen"
        await walk.go_to_line("R ")
        await walk.press("enter")
        if isinstance(walk.app.screen, YesDialog):
            await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        assert walk.screen == "StepScreen"
        assert engine.profile.choices.targets[0].retention_volume == "R"


async def test_a_candidate_that_cannot_be_taken_is_asked_about_and_enter_leaves_it() -> None:
    case = change(ready_case(), "server.master_targets[MT01].retention_volumes[R].capacity", 0)
    engine = FakeEngine(case)
    before = engine.profile.choices
    async with walking(engine) as walk:
        await walk.press("9", "c")
        await walk.go_to_line("R ")
        assert "cannot be taken" in walk.detail
        await walk.press("enter")
        assert isinstance(walk.app.screen, YesDialog)
        await walk.press("enter")
        assert engine.profile.choices == before


async def test_space_takes_a_machine_out_of_the_batch_and_in_again() -> None:
    engine = FakeEngine()
    async with walking(engine) as walk:
        await walk.go_to_line("web01")
        await walk.press("space")
        assert "stays in Azure" in walk.line("web01").cells[-1].plain
        assert len(engine.profile.choices.machines) == 1
        await walk.press("space")
        assert "[x]" in walk.line("web01").cells[0].plain
        await walk.press("space", "a")
        assert engine.profile.choices.machines == ()
