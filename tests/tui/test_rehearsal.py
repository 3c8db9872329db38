"""The wizard on the rehearsal site: the real engine, the real libraries, and an engineer who does what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.opening import open_rehearsal
from tests.tui.walking import Walk, walking
from tui.dialogs.guest_account_dialog import GuestAccountDialog
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog
from wizard_steps.requirement import Verdict

pytestmark = pytest.mark.slow
ASKS = (YesDialog, TypedNameDialog, GuestAccountDialog)


async def _apply_everything(walk: Walk) -> None:
    await walk.press("p")
    await walk.pilot.press("a")
    while True:
        await walk.settle(lambda: walk.app.job is None or isinstance(walk.app.screen, ASKS))
        if isinstance(walk.app.screen, GuestAccountDialog):
            await walk.pilot.press(*"root", "enter", *"inside", "enter")
        elif isinstance(walk.app.screen, TypedNameDialog):
            await walk.pilot.press("tab", *walk.app.screen._name_wanted, "tab", "y")
        elif isinstance(walk.app.screen, YesDialog):
            await walk.pilot.press("y")
        elif walk.app.job is None:
            break
        await walk.pilot.pause(0.05)
    await walk.settle(lambda: walk.app.job is None)


async def test_rehearsal_stands_on_every_screen_with_its_clock(tmp_path: Path) -> None:
    async with walking(open_rehearsal("faulty", tmp_path)) as walk:
        for keys in ("1", "t", "h", "escape", "p", "question_mark", "escape", "escape", "m"):
            await walk.press(keys)
            assert "REHEARSAL  10:00:00 x0" in walk.text.splitlines()[0], keys


async def test_its_clock_is_sped_up_by_a_key(tmp_path: Path) -> None:
    async with walking(open_rehearsal("faulty", tmp_path)) as walk:
        await walk.press("s", "s")
        assert " x10 " in walk.text.splitlines()[0]


@pytest.mark.timeout(240)  # it looks at the whole site some twenty times
async def test_everything_with_a_remedy_is_mended_and_the_site_engineer_does_the_rest(tmp_path: Path) -> None:
    engine = open_rehearsal("faulty", tmp_path)
    async with walking(engine) as walk:
        await _apply_everything(walk)
        assert "done and verified" in walk.text
        await walk.press("b")
        for _deed in range(20):
            report = walk.app.site.report  # type: ignore[union-attr]
            left = [one for one in report.findings if engine.rehearsal.actions_for(one)]  # type: ignore[union-attr]
            if not left:
                break
            await walk.press(str(left[0].requirement.step.number % 10))
            walk.app.play_engineer(left[:1])
            await walk.settle()
            await walk.press("enter")
            await walk.settle(lambda: walk.app.job is None)
        engine.clock.advance(30 * 60)  # type: ignore[attr-defined]
        await walk.press("r")
        await _apply_everything(walk)
        await walk.press("escape", "t", "r")
        assert walk.app.site.report.verdict in {Verdict.TO_ATTEST, Verdict.READY}, walk.text  # type: ignore[union-attr]


async def test_the_ready_site_asks_for_nothing_but_a_persons_word(tmp_path: Path) -> None:
    async with walking(open_rehearsal("ready", tmp_path)) as walk:
        await walk.press("t")
        assert "to be vouched for" in walk.text
        assert "not ready" not in walk.text


async def test_the_history_of_a_rehearsal_is_read_back(tmp_path: Path) -> None:
    async with walking(open_rehearsal("faulty", tmp_path)) as walk:
        await walk.press("8")
        await walk.go_to_line("EnableUUID is missing")
        await walk.press("f")
        await walk.pilot.press("a")
        await walk.settle(lambda: isinstance(walk.app.screen, YesDialog))
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        await walk.press("b")
        assert not [line for line in walk.lines if "EnableUUID is missing" in line]
        await walk.press("h")
        assert "Set disk.EnableUUID on MT01" in walk.lines[0]
