"""What explains what in a report: causes are found through chains, and roll-ups speak for their rows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.estates.made_up_rules import Rule, always, judged, rows_of, status_of
from tests.estates.ready import (
    DENIED,
    NOW,
    change_all,
    days_ago,
    finding_of,
    ready_case,
)
from wizard_steps.case import Case
from wizard_steps.judge import Report, judge
from wizard_steps.reading import Source, seen
from wizard_steps.requirement import (
    Finding,
    Judgement,
    Status,
    Verdict,
    attest,
    fail,
    info,
    passed,
    pending,
    unknown,
    warn,
)

# ------------------------------------------------------------------------------------------------------------ causes


def causes(report: Report) -> dict[str, str | None]:
    return {one.requirement.id: one.caused_by for one in report.findings if one.subject.name == "web01"}


def test_a_failure_names_the_root_through_a_chain() -> None:
    report = judged(
        ("root", always(fail("r")), ()),
        ("middle", always(fail("m")), ["root"]),
        ("leaf", always(warn("l")), ["middle"]),
    )
    assert causes(report) == {"root": None, "middle": "root", "leaf": "root"}
    assert {one.requirement.id for one in report.roots()} == {"root"}


def test_a_chain_that_is_broken_by_something_good_ends_there() -> None:
    report = judged(
        ("root", always(fail("r")), ()),
        ("middle", always(passed("m")), ["root"]),
        ("leaf", always(fail("l")), ["middle"]),
    )
    assert causes(report) == {"root": None, "middle": None, "leaf": None}


def test_an_unknown_is_explained_by_an_unknown_and_a_failure_is_not() -> None:
    report = judged(
        ("root", always(unknown("r")), ()),
        ("dark", always(unknown("m")), ["root"]),
        ("bad", always(fail("l")), ["root"]),
    )
    assert causes(report) == {"root": None, "dark": "root", "bad": None}


def test_what_is_green_has_no_cause_and_what_a_person_is_asked_meanwhile_has_one() -> None:
    report = judged(
        ("root", always(fail("r")), ()),
        ("good", always(passed("m")), ["root"]),
        ("open", always(attest("l")), ["root"]),
    )
    assert causes(report) == {"root": None, "good": None, "open": "root"}
    assert {one.requirement.id for one in report.roots()} == {"root"}


def test_a_warning_is_explained_by_a_warning_and_explains_nothing_worse() -> None:
    report = judged(
        ("root", always(warn("r")), ()),
        ("same", always(warn("m")), ["root"]),
        ("worse", always(fail("l")), ["root"]),
        ("open", always(attest("l")), ["root"]),
    )
    assert causes(report) == {"root": None, "same": "root", "worse": None, "open": None}


@pytest.mark.parametrize("open_end", [warn("m"), attest("m"), unknown("m")])
def test_what_is_folded_under_its_root_still_counts_in_the_verdict(open_end: Judgement) -> None:
    root = warn("r") if open_end.status is Status.WARN else fail("r")
    report = judged(("root", always(root), ()), ("same", always(open_end), ["root"]))
    assert causes(report)["same"] == "root"
    statuses = [one.status for one in report.findings]
    assert report.verdict is Verdict.of(statuses)
    assert len(statuses) > len(report.roots())


def test_a_trouble_of_one_machine_does_not_explain_anothers() -> None:
    def only_web01(_case: Case, machine: Any) -> Judgement:
        return fail("r") if machine.name == "web01" else passed("r")

    report = judged(("root", only_web01, ()), ("leaf", always(fail("l")), ["root"]))
    assert {one.subject.name: one.caused_by for one in report.findings if one.requirement.id == "leaf"} == {
        "web01": "root",
        "db01": None,
    }


def test_rows_that_explain_each_other_do_not_loop() -> None:
    report = judged(("a", always(fail("a")), ["b"]), ("b", always(fail("b")), ["a"]))
    assert causes(report) == {"a": "b", "b": "a"}


def test_consequences_are_folded_under_their_root() -> None:
    report = judged(("root", always(fail("r")), ()), ("leaf", always(fail("l")), ["root"]))
    root = next(one for one in report.roots() if one.subject.name == "web01")
    assert [(one.requirement.id, one.subject.name) for one in report.consequences(root)] == [("leaf", "web01")]


# ---------------------------------------------------------------------------------------------------------- roll-ups


def rolled(*members: Judgement) -> tuple[str, str]:
    rows = rows_of(*((f"m{place}", always(one), ()) for place, one in enumerate(members)))
    names = [row.id for row in rows.rows]
    rows.add_roll_up("all", statement="s", seed="p", subject="batch", consequence_of=names, action="do")
    finding = next(one for one in judge(ready_case(), rows.rows).findings if one.requirement.id == "all")
    return finding.status.value, finding.evidence


def test_a_roll_up_is_met_when_all_its_rows_are() -> None:
    assert rolled(passed("a"), info("b")) == ("pass", "4 of 4 are met, 0 wait to be vouched for in their own rows")


def test_a_roll_up_names_the_rows_that_fail_before_those_that_are_not_known() -> None:
    assert rolled(passed("a"), fail("b"), unknown("c"))[0] == "fail"
    assert "m1" in rolled(passed("a"), fail("b"), unknown("c"))[1]
    assert rolled(passed("a"), unknown("c")) == ("unknown", "2 of 4 are not known: m1, m1")


def test_a_roll_up_does_not_count_what_its_rows_ask_a_person_again() -> None:
    assert rolled(passed("a"), attest("b")) == ("pass", "2 of 4 are met, 2 wait to be vouched for in their own rows")


def test_a_roll_up_counts_what_is_pending_as_not_met() -> None:
    assert rolled(pending("b"))[0] == "fail"


def test_a_roll_up_of_parts_that_do_not_exist_does_not_apply_and_stands_in_the_report() -> None:
    rows = rows_of(("m", always(passed("a")), ()))
    rows.add_roll_up("all", statement="s", seed="p", subject="consistency-group", consequence_of=["m"], action="do")
    report = judge(ready_case(), rows.rows)
    assert status_of(report, "all") == {"not-applicable"}


def test_a_roll_up_of_an_unread_batch_is_unknown() -> None:
    case = change_all(ready_case(), {"azure.protected_items": DENIED})
    assert finding_of(case, "ports-required-open").status is Status.UNKNOWN


def test_a_roll_up_tells_why_and_from_which_sources_as_its_rows_do() -> None:
    early, late = Source("vcenter", "x", days_ago(1)), Source("vcenter", "x", NOW)

    def rule(source: Source, answer: Judgement) -> Rule:
        return lambda _case, _thing: seen(answer, source).value

    def of(*answers: tuple[Source, Judgement]) -> Finding:
        rows = rows_of(*((f"m{place}", rule(*one), ()) for place, one in enumerate(answers)))
        names = [row.id for row in rows.rows]
        rows.add_roll_up("all", statement="s", seed="p", subject="batch", consequence_of=names, action="do")
        return next(one for one in judge(ready_case(), rows.rows).findings if one.requirement.id == "all")

    failing = of((late, fail("a", cause="The disk is full.")), (early, fail("b")), (late, passed("c")))
    assert failing.cause == "The disk is full. why"
    assert failing.sources == (early,)
    met = of((late, passed("a")), (Source("azure", "y", NOW), passed("b")))
    assert (met.cause, [one.system for one in met.sources]) == (None, ["vcenter", "azure"])
    assert of((late, unknown("a", cause="Nobody looked."))).cause == "Nobody looked."
