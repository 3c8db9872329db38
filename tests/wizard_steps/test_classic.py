"""The classic rule pack as a whole: every row in every report, and a ready case that needs only a person's word."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.estates.ready import DENIED, GONE, NOW, change_all, ready_case, report_of
from wizard_steps.choices import Attestation
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.outside import Outside
from wizard_steps.requirement import Status, Verdict

TABLE = Path(__file__).parents[2] / "wizard_steps" / "requirement_ids.tsv"


def ids_in_the_table() -> set[str]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file, delimiter="\t")}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"azure.protected_items": ()},
        {"azure.protected_items": DENIED},
        {"choices.targets": ()},
        {"azure.configuration_servers": ()},
        {"azure.configuration_servers": DENIED},
        {"vcenter.machines": DENIED},
        {"vcenter.machines": ()},
        {"azure.protected_items[*].instance_type": "InMageRcm"},
        {"azure.protected_items[*].instance_type": "InMage"},
        {"azure.vms": {}},
        {"server.master_targets[MT01]": GONE},
    ],
    ids=str,
)
def test_every_requirement_stands_in_every_report(changes: dict[str, object]) -> None:
    report = report_of(change_all(ready_case(), changes))
    assert {one.requirement.id for one in report.findings} == ids_in_the_table()
    assert [one.step.number for one in report.steps] == list(range(1, 11))


def test_the_ready_case_needs_nothing_but_a_persons_word() -> None:
    report = report_of(ready_case())
    left = [
        (one.requirement.id, one.subject.name, one.status.value, one.evidence)
        for one in report.findings
        if one.status in {Status.FAIL, Status.PENDING, Status.UNKNOWN, Status.WARN}
    ]
    assert left == []
    assert report.verdict is Verdict.TO_ATTEST


def test_with_every_word_given_the_ready_case_is_ready() -> None:
    asked = [one for one in report_of(ready_case()).findings if one.status is Status.ATTEST]
    given = tuple(Attestation(one.requirement.id, one.subject.name, "kim", NOW) for one in asked)
    assert report_of(ready_case(attestations=given)).verdict is Verdict.READY


def test_what_the_ready_case_asks_of_a_person_in_steps_1_to_6() -> None:
    asked = {
        one.requirement.id
        for one in report_of(ready_case()).findings
        if one.status is Status.ATTEST and one.requirement.step.number <= 6
    }
    assert asked == {"ps-reach-mt", "port-ps-mt-data"}


def test_judging_twice_gives_the_same_report() -> None:
    assert report_of(ready_case()) == report_of(ready_case())


def test_no_hostile_name_reaches_an_evidence() -> None:
    evil = "x\x1b]0;[/]\u202e{0}%s" + "y" * 10_000
    case = change_all(
        ready_case(),
        {
            "azure.protected_items[*].machine_name": evil,
            "server.name": evil,
            "server.service_status": evil,
            "azure.vms[*].name": Outside(evil),
            "azure.gateways[*].connections[*].status": evil,
            "vcenter.machines[web01].name": evil,
            "vcenter.datastores[*].name": evil,
        },
    )
    for one in report_of(case).findings:
        texts = [one.evidence, one.cause or "", one.action or ""]
        assert not [text for text in texts if "\x1b" in text or "\u202e" in text], one.requirement.id
        assert len(one.evidence) < 5000, one.requirement.id


def test_every_requirement_has_texts_for_an_operator() -> None:
    for row in REQUIREMENTS:
        assert row.statement.endswith("."), row.id
        assert row.worst is Status.INFO or row.rule is None or row.action, row.id
