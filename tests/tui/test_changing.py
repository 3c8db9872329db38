from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.widgets import Button

from tests.changes.cases import EXAMPLES
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import Walk, broken_case, walking
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.screens.apply_screen import ApplyScreen
from tui.widgets.row_table import RowTable


async def _plan_for(walk: Walk, part: str) -> None:
    await walk.press("8")
    await walk.go_to_line(part)
    await walk.press("f")
    assert walk.screen == "PlanScreen"


async def _asked(walk: Walk) -> None:
    await walk.press("a")
    await walk.settle(lambda: isinstance(walk.app.screen, (YesDialog, TypedNameDialog)))


async def test_the_plan_shows_what_is_now_what_will_be_and_the_way_back() -> None:
    async with walking(FakeEngine(broken_case()), size=(120, 40)) as walk:
        await _plan_for(walk, "EnableUUID is missing")
        assert "+ disk.EnableUUID: not set → TRUE" in walk.detail
        for part in ("disturbs", "undo", "calls", "vcenter ReconfigVM_Task", "no guard", "needs", "rests on"):
            assert part in walk.detail
        assert "what moved meanwhile is refused" in walk.detail
        assert "Nothing has been changed yet" in walk.text


async def test_a_harmless_change_is_made_with_y_and_told_as_verified() -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await _plan_for(walk, "EnableUUID is missing")
        await _asked(walk)
        assert isinstance(walk.app.screen, YesDialog)
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        assert walk.screen == "ApplyScreen"
        assert engine.applied == [("set-enable-uuid:MT01", True, None)]
        assert "done and verified" in walk.text
        assert engine.looks == 2, "both sides are read again after a change"
        await walk.press("b")
        assert walk.screen == "StepScreen"


@pytest.mark.parametrize("part", ["EnableUUID is missing", "1 snapshot"])
async def test_no_dialog_before_a_change_accepts_enter_and_cancel_has_the_focus(part: str) -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await _plan_for(walk, part)
        await _asked(walk)
        assert isinstance(walk.app.focused, Button)
        assert walk.app.focused.id == "cancel"
        await walk.press("enter")
        await walk.settle(lambda: walk.app.job is None)
        assert [agreed for _change, agreed, _typed in engine.applied] == [False]
        assert engine.entries == []


@pytest.mark.parametrize("key", ["a", "f", "space", "Y", "n", "tab", "down"])
async def test_no_other_key_than_y_agrees_to_a_change(key: str) -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await _plan_for(walk, "EnableUUID is missing")
        await _asked(walk)
        await walk.press(key)
        assert not any(agreed for _change, agreed, _typed in engine.applied)


async def test_what_cannot_be_undone_wants_the_name_typed() -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await _plan_for(walk, "1 snapshot")
        await _asked(walk)
        assert isinstance(walk.app.screen, TypedNameDialog)
        await walk.press("y")
        assert isinstance(walk.app.screen, TypedNameDialog), "y alone is not enough"
        await walk.press("tab", "M", "T", "enter", "y")
        assert isinstance(walk.app.screen, TypedNameDialog), "half of the name is not enough"
        await walk.press("shift+tab", "end", "0", "1", "enter")
        assert isinstance(walk.app.screen, TypedNameDialog), "Enter after the name is not enough"
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        assert engine.applied == [("remove-snapshots:MT01", True, "MT01")]


async def test_what_puts_data_at_risk_wants_the_name_typed_though_it_can_be_undone() -> None:
    engine = FakeEngine(EXAMPLES["attach-moved-disks"].case)
    async with walking(engine) as walk:
        await _plan_for(walk, "no longer attached")
        await _asked(walk)
        assert isinstance(walk.app.screen, TypedNameDialog)
        assert "This puts data at risk" in walk.text
        await walk.press("y")
        assert isinstance(walk.app.screen, TypedNameDialog), "y alone is not enough"
        await walk.press("tab", "M", "T", "0", "1", "tab", "y")
        await walk.settle(lambda: walk.app.job is None)
        assert engine.applied == [("attach-moved-disks:MT01", True, "MT01")]


async def test_a_change_left_out_of_the_plan_is_not_made() -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await walk.press("8", "p")
        count = len(walk.lines)
        await walk.go_to_line("snapshot")
        await walk.press("space")
        assert walk.line("snapshot").cells[0].plain == "[ ]"
        await _asked(walk)
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None or isinstance(walk.app.screen, (YesDialog, TypedNameDialog)))
        assert "remove-snapshots:MT01" not in [change for change, _agreed, _typed in engine.applied]
        assert count == 2


async def test_a_stopped_change_says_what_it_left_behind() -> None:
    engine = FakeEngine(broken_case())
    engine.on_sent = engine.gate.clear
    async with walking(engine) as walk:
        await _plan_for(walk, "EnableUUID is missing")
        await _asked(walk)
        await walk.pilot.press("y")
        await walk.settle(lambda: not engine.gate.is_set() and walk.screen == "ApplyScreen")
        await walk.pilot.press("x")
        engine.gate.clear()
        await walk.settle(lambda: "task-7" in walk.app.screen.query_one("#detail").plain)  # type: ignore[attr-defined]
        engine.gate.set()
        await walk.settle(lambda: walk.app.job is None)
        assert "vCenter goes on with task-7 without us" in walk.text


async def test_the_wizard_is_not_left_while_a_change_is_under_way_without_a_question() -> None:
    engine = FakeEngine(broken_case())
    engine.on_sent = engine.gate.clear
    async with walking(engine) as walk:
        await _plan_for(walk, "EnableUUID is missing")
        await _asked(walk)
        await walk.pilot.press("y")
        await walk.settle(lambda: not engine.gate.is_set() and walk.screen == "ApplyScreen")
        for key in ("q", "ctrl+q"):
            await walk.pilot.press(key)
            await walk.pilot.pause(0.05)
            assert isinstance(walk.app.screen, YesDialog)
            await walk.pilot.press("enter")
            await walk.pilot.pause(0.05)
        await walk.pilot.press("b")
        await walk.pilot.pause(0.05)
        assert walk.screen == "ApplyScreen"
        engine.gate.set()
        await walk.settle(lambda: walk.app.job is None)


async def test_read_only_plans_nothing_and_says_why() -> None:
    engine = FakeEngine(broken_case(), read_only=True)
    async with walking(engine) as walk:
        assert "read-only" in walk.text
        await walk.press("8", "p")
        assert walk.screen == "MessageDialog"
        assert "--read-only" in walk.text


async def test_the_history_lists_what_was_changed_and_undoes_it_after_asking() -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await _plan_for(walk, "EnableUUID is missing")
        await _asked(walk)
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        await walk.press("h")
        assert walk.screen == "HistoryScreen"
        assert "Set disk.EnableUUID" in walk.lines[0]
        assert "operator on here" in walk.detail
        await walk.pilot.press("u")
        await walk.settle(lambda: isinstance(walk.app.screen, YesDialog))
        await walk.press("enter")
        await walk.settle(lambda: walk.app.job is None)
        assert [agreed for _change, agreed, _typed in engine.applied] == [True, False]


async def test_each_change_says_what_became_of_it_while_the_next_one_is_asked_about() -> None:
    async with walking(FakeEngine(broken_case())) as walk:
        await walk.press("p")
        await _asked(walk)
        await walk.pilot.press("y" if isinstance(walk.app.screen, YesDialog) else "escape")
        await walk.settle(lambda: _state(walk, 1).endswith("under way"))

        assert _state(walk, 0).endswith(("done and verified", "left alone"))


def _state(walk: Walk, place: int) -> str:
    screen = next(one for one in walk.app.screen_stack if isinstance(one, ApplyScreen))
    return screen.query_one(RowTable).lines[place].cells[0].plain


async def test_an_undone_change_is_named_as_such_on_its_way_and_in_the_history() -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await _plan_for(walk, "EnableUUID is missing")
        await _asked(walk)
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        await walk.press("h")
        await walk.pilot.press("u")
        await walk.settle(lambda: isinstance(walk.app.screen, YesDialog))
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        assert walk.lines == ["✓ done and verified MT01 Undo: Set disk.EnableUUID on MT01"]

        await walk.press("h")
        assert "done and verified" in walk.lines[0]
        assert "undoes" in walk.detail
        assert "undone by 2" in walk.lines[1]
        assert "verified" not in walk.lines[1]
        await walk.press("down")
        assert "by change 2" in walk.detail
        await walk.press("u")
        assert walk.screen == "HistoryScreen", "what was undone has no key for it"


async def test_vouching_shows_what_for_and_under_which_name_and_turns_the_row_to_pass() -> None:
    engine = FakeEngine()
    async with walking(engine) as walk:
        await walk.press("9")
        await walk.go_to_line("vouch that the volume R")
        await walk.press("v")
        assert "not locked" in " ".join(walk.text.split())
        await walk.press("enter")
        assert engine.profile.attestations == ()
        await walk.press("v", "y")
        await walk.settle(lambda: walk.app.job is None)
        assert [one.requirement for one in engine.profile.attestations] == ["ret-not-locked"]
        assert not [line for line in walk.lines if "vouch that the volume R" in line]


async def test_the_report_is_written_to_a_file_whose_path_is_shown(tmp_path: Path) -> None:
    async with walking(FakeEngine(broken_case()), size=(120, 40)) as walk:
        path = tmp_path / "report.json"
        await walk.press("t", "w", "ctrl+u")
        walk.app.screen.query_one("#entry").value = str(path)  # type: ignore[attr-defined]
        await walk.press("enter")
        assert path.name in walk.text
        assert json.loads(path.read_text())["verdict"] == "not-ready"
        await walk.press("enter", "w")
        walk.app.screen.query_one("#entry").value = str(path)  # type: ignore[attr-defined]
        await walk.press("enter")
        assert "already" in walk.text, "a file is never overwritten"


async def test_the_plan_is_written_to_a_file_that_apply_reads(tmp_path: Path) -> None:
    from failback.changes.plan import Plan

    async with walking(FakeEngine(broken_case())) as walk:
        path = tmp_path / "plan.json"
        await walk.press("p", "w")
        walk.app.screen.query_one("#entry").value = str(path)  # type: ignore[attr-defined]
        await walk.press("enter")
        assert len(Plan.from_text(path.read_text()).changes) == 2
