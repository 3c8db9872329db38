"""Looking inside a guest from step 9: the account is asked for, the program is shown, and the word is not needed."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from failback.opening import open_rehearsal
from tests.tui.walking import Walk, walking
from wizard_steps.requirement import Status


def _locks(engine: object) -> dict[str, Status]:
    report = engine.judge(engine.case())  # type: ignore[attr-defined]
    return {one.subject.name: one.status for one in report.findings if one.requirement.id == "ret-not-locked"}


async def _type(walk: Walk, text: str) -> None:
    for field in walk.app.screen.query(Input):
        if field.has_focus:
            field.value = text
    await walk.press("enter")


async def test_a_look_inside_answers_what_a_person_would_have_to_vouch_for(tmp_path: Path) -> None:
    engine = open_rehearsal("ready", tmp_path)
    async with walking(engine) as walk:
        await walk.press("9")
        assert "vouch" in walk.text
        await walk.press("i")
        assert walk.screen == "GuestAccountDialog"
        user, password = engine.rehearsal.guest_account("MT01")  # type: ignore[union-attr]
        await _type(walk, user)
        await _type(walk, password)
        await walk.settle(lambda: walk.screen == "YesDialog")
        await walk.press("y")
        await walk.settle(lambda: walk.app.job is None)
        assert walk.screen == "StepScreen"
        assert _locks(engine)["MT01:R"] is Status.PASS
        assert _locks(engine)["MT02:/mnt/retention"] is Status.ATTEST
    assert [entry.outcome for entry in engine.history()] == ["verified"]


async def test_a_read_only_wizard_has_no_key_to_look_inside(tmp_path: Path) -> None:
    async with walking(open_rehearsal("ready", tmp_path, read_only=True)) as walk:
        await walk.press("9", "i")
        assert walk.screen == "StepScreen"
        assert "Look inside" not in walk.text
