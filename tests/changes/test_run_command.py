"""A command that Azure ran inside a VM counts as done by what the script said, not by the command's own success."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Word
from failback.changes.run_command import PROOF, check_answer
from failback.changes.start_mobility_service import LINUX, WINDOWS
from failback.errors import ChangeFailedError, OutcomeUnknownError
from failback.rehearsal import arm_changing
from failback.rehearsal import description as described
from tests.changes.ready_site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    silent = site.engine.clock.now() - timedelta(hours=5)

    def mute(body: dict[str, Any]) -> None:
        body["properties"]["providerSpecificDetails"]["lastHeartbeat"] = silent

    site.arm.edit(described.item_id("web01"), mute)
    return site


def test_a_script_that_failed_is_not_done_though_azure_calls_its_command_succeeded(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = site.plan("start-mobility-service", "machine", "web01")
    monkeypatch.setattr(
        arm_changing, "_ran", lambda _script: ("", "Cannot find any service with service name 'svagents'")
    )

    outcome = site.apply(one)

    assert outcome.word is Word.FAILED, outcome.evidence
    assert "Cannot find any service" in outcome.evidence


def test_a_script_that_azure_says_nothing_of_is_unknown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    one = site.plan("start-mobility-service", "machine", "web01")
    monkeypatch.setattr(arm_changing, "_command_answer", lambda *_said: None)

    outcome = site.apply(one)

    assert outcome.word is Word.UNKNOWN, outcome.evidence


@pytest.mark.parametrize("script", [WINDOWS, LINUX], ids=["windows", "linux"])
def test_a_script_prints_its_proof_in_its_last_line_and_nowhere_else(script: tuple[str, ...]) -> None:
    assert [number for number, line in enumerate(script) if PROOF in line] == [len(script) - 1]


def rows(*texts: str) -> dict[str, Any]:
    return {"value": [{"code": "…", "message": text} for text in texts]}


GOOD: dict[str, Callable[[], Any]] = {
    "of Windows": lambda: rows(f"{PROOF}\r\n", ""),
    "of Linux": lambda: rows(f"Enable succeeded: \n[stdout]\nactive\n{PROOF}\n\n[stderr]\n"),
    "in a status": lambda: {"status": "Succeeded", "properties": {"output": rows(PROOF)}},
}


@pytest.mark.parametrize("name", GOOD)
def test_the_proof_is_found_in_every_form_of_an_answer(name: str) -> None:
    check_answer(GOOD[name]())


@pytest.mark.parametrize("answer", [None, [], {}, {"value": None}, rows(""), {"properties": None}, {"value": [None]}])
def test_no_words_say_nothing(answer: Any) -> None:
    with pytest.raises(OutcomeUnknownError):
        check_answer(answer)


@pytest.mark.parametrize("text", [f"+ Write-Output '{PROOF}'", "svagents does not run", "\x1b[31mno"])
def test_other_words_are_told_and_are_no_proof(text: str) -> None:
    with pytest.raises(ChangeFailedError) as told:
        check_answer(rows(text))
    assert "\x1b" not in told.value.message()
