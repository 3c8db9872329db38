from __future__ import annotations

import pytest

from failback.changes.journal import Entry, Origin
from failback.changes.recovery import Finding
from tests.estates.ready import NOW
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import broken_case, walking


def _cut_off(*, read_only: bool = False) -> FakeEngine:
    engine = FakeEngine(broken_case(), read_only=read_only)
    case = engine.look(lambda _sentence: None, lambda: False)
    change = engine.plan(case, engine.judge(case)).changes[0]
    engine.entries.append(Entry("7", NOW, "operator", "here", Origin("ready", False, ""), change))
    return engine


@pytest.mark.parametrize(
    ("became", "word"),
    [
        (Finding.DONE, "DONE"),
        (Finding.NOT_DONE, "NOT DONE"),
        (Finding.CANNOT_TELL, "CANNOT TELL"),
        (Finding.NOT_YET, "NOT YET KNOWN"),
    ],
)
async def test_a_change_that_was_cut_off_is_told_at_opening_and_found_out_on_request(
    became: Finding, word: str
) -> None:
    engine = _cut_off(read_only=True)
    engine.became = became
    async with walking(engine) as walk:
        await walk.settle(lambda: walk.screen == "YesDialog")
        assert "An earlier run was cut off" in walk.text
        assert engine.entries[0].change.title in " ".join(walk.text.split())
        await walk.press("y")
        assert walk.screen == "MessageDialog"
        assert word in walk.text
        assert "it was read again" in walk.text
        await walk.press("enter")
        assert walk.screen == "MachinesScreen"
        assert engine.looks == 3, "what is there now is read again"
        assert engine.applied == []


async def test_leaving_the_question_leaves_the_change_open() -> None:
    engine = _cut_off()
    async with walking(engine) as walk:
        await walk.settle(lambda: walk.screen == "YesDialog")
        await walk.press("enter")
        assert walk.screen == "MachinesScreen"
        assert engine.in_flight()


async def test_nothing_is_asked_where_nothing_was_cut_off() -> None:
    async with walking(FakeEngine()) as walk:
        assert walk.screen == "MachinesScreen"
