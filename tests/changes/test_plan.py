"""A plan is data: the contract's fields, a digest that tells any edit, and nothing accepted that was not written here."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Plan, make_plan
from failback.errors import UsageError
from tests.changes.cases import EXAMPLES
from tests.changes.stage import finding, planned
from tests.estates.changing import change
from tests.estates.ready import finding_of, ready_case, report_of
from tests.estates.ready_azure import NOW

GOLDEN = Path(__file__).parent / "plan.json"


def example_plan() -> Plan:
    changes = [
        planned(EXAMPLES[name].case, name) for name in ("set-enable-uuid", "exclude-from-drs", "remove-snapshots")
    ]
    return Plan(NOW, "osaka-dr", False, tuple(changes))


def test_a_plan_is_written_as_the_contract_says() -> None:
    assert example_plan().to_text() == GOLDEN.read_text(encoding="utf-8")


def test_a_plan_comes_back_from_its_file_as_it_was() -> None:
    plan = example_plan()

    assert Plan.from_text(plan.to_text()) == plan
    assert Plan.from_text(plan.to_text()).digest == plan.digest


def test_equal_plans_have_equal_digests_and_another_moment_has_another() -> None:
    plan = example_plan()

    assert Plan(NOW, "osaka-dr", False, plan.changes).digest == plan.digest
    assert Plan(NOW, "osaka-dr", True, plan.changes).digest != plan.digest
    assert Plan(NOW, "tokyo-dr", False, plan.changes).digest != plan.digest


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in leaves(one, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for place, one in enumerate(value) for leaf in leaves(one, (*path, place))]
    return [path]


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def test_a_plan_that_was_edited_anywhere_is_refused() -> None:
    data = example_plan().to_json()
    for path in leaves(data):
        edited = copy.deepcopy(data)
        at(edited, path[:-1])[path[-1]] = "edited"
        with pytest.raises(UsageError):
            Plan.from_json(edited)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("made_at"),
        lambda data: data.update(schema_version=2),
        lambda data: data.update(more=1),
        lambda data: data.update(made_at="2026-11-22T10:00:00"),
        lambda data: data["changes"].append("no change"),
        lambda data: data["changes"][0].update(calls={}),
        lambda data: data["changes"][0].update(reversible="yes"),
        lambda data: data["changes"][0]["target"].pop("ref"),
        lambda data: data["changes"][0].update(privileges=[1]),
        lambda data: data["changes"][0].update(before=[]),
        lambda data: data["changes"][0].update(title="\x1b[2J all is well"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_sentence(spoil: Callable[[Any], None]) -> None:
    data = example_plan().to_json()
    spoil(data)

    with pytest.raises(UsageError) as refused:
        Plan.from_json(data)

    assert "failback plan" in refused.value.message()


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '"plan"', "{}"])
def test_a_file_that_holds_no_plan_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Plan.from_text(text)


def test_names_from_outside_stay_raw_in_the_data_and_are_made_harmless_in_the_prose() -> None:
    hostile = "MT01\x1b[31m"
    case = change(EXAMPLES["remove-snapshots"].case, "server.master_targets[MT01].name", hostile)
    case = change(case, "target.master_target", "mt-MT01")

    [one] = make_plan(case, report_of(ready_case()), [finding(case, "remove-snapshots")], NOW, "p", False).changes

    assert one.target.name == hostile
    assert "\x1b" not in one.title
    assert "\x1b" not in json.dumps(one.differences())


@pytest.mark.parametrize("field", ["title", "disturbs", "undo"])
def test_prose_that_could_move_a_terminal_is_refused_even_with_the_right_digest(field: str) -> None:
    spoilt: dict[str, Any] = {field: "\x1b[2J all is well"}
    plan = Plan(NOW, "osaka-dr", False, (replace(example_plan().changes[0], **spoilt),))

    with pytest.raises(UsageError, match=field):
        Plan.from_text(plan.to_text())


def test_without_findings_a_plan_mends_every_root_cause_that_it_can() -> None:
    case = EXAMPLES["set-enable-uuid"].case
    case = change(case, "vcenter.clusters[0].drs_overrides", {})
    report = report_of(case)

    plan = make_plan(case, report, None, NOW, "osaka-dr", rehearsal=True)

    assert [one.id for one in plan.changes] == ["set-enable-uuid:MT01", "exclude-from-drs:MT01"]
    assert plan.rehearsal


def test_a_change_that_two_findings_ask_for_stands_in_the_plan_once() -> None:
    case = ready_case()
    twice = [
        finding(case, "refresh-configuration-server"),
        finding(case, "refresh-configuration-server", kind="vcenter"),
    ]

    plan = make_plan(case, report_of(case), twice, NOW, "osaka-dr", rehearsal=False)

    assert [one.id for one in plan.changes] == ["refresh-configuration-server:CS01"]


def test_a_ready_site_has_nothing_to_plan() -> None:
    case = ready_case()

    assert make_plan(case, report_of(case), None, NOW, "osaka-dr", rehearsal=False).changes == ()


def test_the_finding_of_the_real_rule_leads_to_the_change() -> None:
    case = EXAMPLES["set-enable-uuid"].case

    plan = make_plan(case, report_of(case), [finding_of(case, "mt-disk-enableuuid")], NOW, "osaka-dr", rehearsal=False)

    assert [one.requirement for one in plan.changes] == ["mt-disk-enableuuid"]


def test_planning_loads_no_sdk() -> None:
    code = (
        "import sys, failback.changes\n"
        "sys.exit(any(name.split('.')[0] in ('azure', 'pyVmomi', 'pyVim', 'textual') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0
