"""The list of requirements tells how each is judged, and what a person may be asked to vouch for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.documents import how_it_is_judged, vouched_for
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.requirement import Requirement

ATTESTATIONS = Path(__file__).parent / "proof" / "goldens" / "attestations.json"
ROWS = {row.id: row for row in REQUIREMENTS}


@pytest.mark.parametrize("row", REQUIREMENTS, ids=lambda row: row.id)
def test_the_list_tells_how_every_requirement_is_judged(row: Requirement) -> None:
    said = how_it_is_judged(row)

    assert said.endswith(".")
    assert "ruling" not in said


def test_the_list_tells_what_is_vouched_for_wherever_the_ready_site_asks_a_person() -> None:
    asked = {requirement for requirement, _subject in json.loads(ATTESTATIONS.read_text(encoding="utf-8"))}

    assert asked
    assert [one for one in sorted(asked) if not vouched_for(ROWS[one])] == []


def test_what_live_state_tells_asks_nobody() -> None:
    assert vouched_for(ROWS["mt-no-snapshots"]) == []
    assert vouched_for(ROWS["cs-ssl-cert"]) == []
