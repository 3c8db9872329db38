from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from failback.report import Heading, write
from failback.report.json_report import as_json
from tests.estates.ready import change, not_seen, ready_case, report_of
from tests.report.contract import breaches
from tests.report.described import HOSTILE, a_report

HEADING = Heading("osaka-dr", version="9.9.9")


def test_the_report_is_written_as_the_contract_says(golden: Callable[[str, str], None]) -> None:
    golden("report.json", write(a_report(), HEADING, "json"))


def test_a_described_and_a_judged_report_keep_the_contract_to_the_letter() -> None:
    for report in (
        a_report(),
        report_of(ready_case()),
        report_of(change(ready_case(), "vcenter.machines", not_seen("denied"))),
    ):
        assert breaches(json.loads(write(report, HEADING, "json"))) == []


def test_the_contract_notices_a_missing_key_an_added_one_and_a_wrong_word() -> None:
    document = as_json(a_report(), HEADING)
    document["findings"][0].pop("caused_by")
    document["findings"][1]["status"] = "ok"
    document["machines"][0]["extra"] = 1
    assert len(breaches(document)) == 3


def test_names_are_raw_for_programs_and_harmless_on_the_way() -> None:
    text = write(a_report(), HEADING, "json")
    assert text.isascii()
    assert text.isprintable() or set(text) - {"\n"} == {char for char in text if char.isprintable()}
    document = json.loads(text)
    assert document["machines"][1]["name"] == HOSTILE
    assert document["findings"][0]["observed"]["newest"] == HOSTILE


def test_observed_values_are_plain_json() -> None:
    observed = json.loads(write(a_report(), HEADING, "json"))["findings"][0]["observed"]
    assert observed == {
        "snapshots": 1,
        "newest": HOSTILE,
        "at": "2026-11-20T10:00:00Z",
        "age": 300.0,
        "odd": None,
        "names": ["a", ["b", "c"]],
    }


@pytest.mark.parametrize("rehearsal", [True, False])
def test_a_rehearsal_says_so(*, rehearsal: bool) -> None:
    assert as_json(a_report(), Heading("x", rehearsal))["rehearsal"] is rehearsal
