from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import walking
from wizard_steps.case import Case
from wizard_steps.judge import Report
from wizard_steps.requirement import Verdict


class _OneReady(FakeEngine):
    """Judges web01 ready, whatever is left to vouch for; db01 is not."""

    def judge(self, case: Case) -> Report:
        report = super().judge(case)
        verdicts = {"web01": Verdict.READY_WITH_WARNINGS}
        machines = tuple(replace(one, verdict=verdicts.get(one.name, Verdict.NOT_READY)) for one in report.machines)
        return replace(report, machines=machines)


def _written(folder: Path) -> list[Any]:
    return [json.loads(one.read_text()) for one in folder.iterdir()]


async def test_the_requests_of_ready_machines_are_written_and_the_others_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with walking(_OneReady()) as walk:
        await walk.press("t", "e")
        assert walk.screen == "TextDialog"
        assert "1 machine has a request" in walk.text
        assert "db01 has none: it is not ready yet" in walk.text
        await walk.press("enter")
        await walk.settle(lambda: walk.screen == "MessageDialog")
        assert "The file is" in walk.text
        [written] = _written(tmp_path)
        assert [one["machine"] for one in written["requests"]] == ["web01"]
        assert written["requests"][0]["azRest"].startswith("az rest --method post --uri ")
        assert written["without"] == [{"machine": "db01", "why": "it is not ready yet"}]


async def test_without_a_ready_machine_nothing_is_written_and_each_is_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with walking(FakeEngine()) as walk:
        await walk.press("t", "e")
        assert walk.screen == "MessageDialog"
        assert "web01 has none" in walk.text
        assert _written(tmp_path) == []
