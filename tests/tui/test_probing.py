from __future__ import annotations

from dataclasses import replace

import pytest

from tests.estates.ready import ready_case
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import broken_case, walking
from wizard_steps.case import Case


def _not_probed() -> Case:
    case = ready_case()
    return replace(case, estate=replace(case.estate, azure=replace(case.estate.azure, probed=None)))


@pytest.mark.parametrize("page", ["m", "2", "5"])
async def test_a_key_looks_again_with_azures_probes_where_they_may_answer_a_row(page: str) -> None:
    engine = FakeEngine(_not_probed())
    async with walking(engine) as walk:
        await walk.press(page, "l")
        assert engine.probes == [False, True]
        await walk.press("r")
        assert engine.probes[-1] is False, "an ordinary look stays quick"


async def test_the_other_steps_have_no_key_for_the_probes() -> None:
    engine = FakeEngine(_not_probed())
    async with walking(engine) as walk:
        await walk.press("8", "l")
        assert engine.probes == [False]


async def test_what_was_not_probed_names_the_key_in_the_next_action() -> None:
    async with walking(FakeEngine(_not_probed())) as walk:
        await walk.press("4")
        assert "l: look with probes" in " ".join(walk.text.split())
        await walk.press("9")
        assert "look with probes" not in walk.text


@pytest.mark.parametrize(("page", "keys"), [("m", "lao"), ("8", "fve"), ("t", "w")])
async def test_a_key_that_waits_for_the_look_says_so_in_one_line(page: str, keys: str) -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        await walk.press(page)
        engine.gate.clear()
        await walk.pilot.press("r")
        for count, key in enumerate("rpch" + keys, start=1):
            await walk.pilot.press(key)
            said = [one.message for one in walk.app._notifications]
            assert said == ["looking at both sides is still running; x stops it."] * count, key
        engine.gate.set()
        await walk.settle()
        assert engine.looks == 2


async def test_a_key_pressed_during_the_very_first_look_is_not_dropped_silently() -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        walk.app.site.case = walk.app.site.report = None  # type: ignore[union-attr]
        engine.gate.clear()
        await walk.pilot.press("r", "p")
        await walk.pilot.pause()
        assert "x stops it" in walk.text
        assert len(walk.app._notifications) == 1
        engine.gate.set()
        await walk.settle()
