"""From judgements to a report: unknown never turns green, causes are found, verdicts follow from the worst."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.estates.ready import (
    DENIED,
    NOW,
    change_all,
    days_ago,
    finding_of,
    ready_case,
    report_of,
)
from tests.estates.ready_azure import VAULT
from tests.estates.ready_vcenter import VCENTER
from wizard_steps.case import Case
from wizard_steps.choices import Attestation, Limits
from wizard_steps.estate import Estate
from wizard_steps.judge import Report, judge
from wizard_steps.outside import Outside
from wizard_steps.reading import Source, not_seen, seen
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    Status,
    Step,
    Verdict,
    attest,
    fail,
    info,
    not_applicable,
    passed,
    pending,
    say,
    unknown,
    warn,
)
from wizard_steps.seen_in_azure import SeenInAzure
from wizard_steps.seen_in_vcenter import SeenInVCenter

STEP = Step(1, "machines", "Machines")
Rule = Callable[[Any, Any], Judgement]


def rows_of(*rules: tuple[str, Rule, Sequence[str]], kind: str = "machine") -> Requirements:
    """Return requirements made up for a test: id, rule, and the rows each is a consequence of."""
    rows = Requirements(STEP)
    for row_id, rule, causes in rules:
        rows.add(
            row_id,
            statement="s",
            seed="p",
            subject=kind,
            worst="fail",
            consequence_of=causes,
            remedies=["mend"],
            cause="why",
            action="do",
        )(rule)
    return rows


def always(judgement: Judgement) -> Rule:
    return lambda _case, _thing: judgement


def judged(*rules: tuple[str, Rule, Sequence[str]], case: Case | None = None, kind: str = "machine") -> Report:
    return judge(case or ready_case(), rows_of(*rules, kind=kind).rows)


def status_of(report: Report, requirement: str) -> set[str]:
    return {one.status.value for one in report.findings if one.requirement.id == requirement}


# ------------------------------------------------------------------------------------------------- unknown is unknown


def test_a_value_nobody_saw_makes_the_finding_unknown_with_the_reason() -> None:
    finding = judged(("a", lambda _case, _thing: passed("{x}", x=not_seen("timed out").value), ())).findings[0]
    assert (finding.status, finding.evidence) == (Status.UNKNOWN, "not known: timed out")
    assert finding.action


def test_an_unread_value_cannot_be_taken_for_false() -> None:
    report = judged(("a", lambda _case, _thing: fail("bad") if not_seen("denied") else passed("good"), ()))
    assert status_of(report, "a") == {"unknown"}


def test_unread_subjects_make_one_unknown_finding() -> None:
    report = judged(("a", always(passed("good")), ()), case=change_all(ready_case(), {"azure.protected_items": DENIED}))
    assert [(one.status.value, one.subject.name) for one in report.findings] == [("unknown", "-")]


def test_nothing_seen_at_all_is_nowhere_green() -> None:
    case = ready_case(estate=Estate(SeenInAzure.unseen(VAULT, "down"), SeenInVCenter.unseen(VCENTER, "down"), NOW))
    report = report_of(case)
    assert {one.status for one in report.findings} <= {Status.UNKNOWN, Status.NOT_APPLICABLE, Status.INFO}
    assert report.verdict is Verdict.UNKNOWN
    assert report.machines == ()
    assert report.architecture == "unknown"


def test_an_unread_vcenter_leaves_azures_half_judged() -> None:
    case = ready_case()
    half = ready_case(estate=Estate(case.azure, SeenInVCenter.unseen(VCENTER, "down"), NOW))
    report = report_of(half)
    assert status_of(report, "cs-connected-azure") == {"pass"}
    assert status_of(report, "mt-no-snapshots") == {"unknown"}
    assert report.verdict is Verdict.UNKNOWN


def test_sources_of_a_finding_are_those_its_rule_looked_at() -> None:
    source = Source("vcenter", "x", NOW)

    def rule(_case: Case, _thing: object) -> Judgement:
        return passed("{x}", x=seen(1, source).value)

    assert judged(("a", rule, ())).findings[0].sources == (source,)


# ------------------------------------------------------------------------------------------------------ attestations


def attested(
    at: datetime, *, requirement: str = "a", subject: str = "web01", judgement: Judgement | None = None
) -> str:
    case = ready_case(attestations=(Attestation(requirement, subject, "kim", at),))
    report = judged(("a", always(judgement or attest("vouch")), ()), case=case)
    return next(one.status.value for one in report.findings if one.subject.name == "web01")


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (days_ago(0.1), "pass"),
        (NOW - timedelta(hours=23, minutes=59), "pass"),
        (NOW - timedelta(hours=24), "attest"),
        (days_ago(3), "attest"),
        (NOW + timedelta(minutes=4), "pass"),
        (NOW + timedelta(minutes=6), "attest"),
        (days_ago(-300), "attest"),
    ],
)
def test_an_attestation_counts_for_a_day_and_not_from_the_future(at: datetime, status: str) -> None:
    assert attested(at) == status


def test_an_attestation_counts_for_its_own_requirement_and_subject_only() -> None:
    assert attested(NOW, requirement="b") == "attest"
    assert attested(NOW, subject="db01") == "attest"


@pytest.mark.parametrize("judgement", [fail("x"), pending("x"), unknown("x"), warn("x")])
def test_an_attestation_never_covers_what_was_seen_to_be_wrong_or_not_seen(judgement: Judgement) -> None:
    assert attested(NOW, judgement=judgement) == judgement.status.value


def test_an_attested_finding_says_who_and_when_and_names_the_operator_as_source() -> None:
    case = ready_case(attestations=(Attestation("a", "web01", "kim\x1b", days_ago(0.5)),))
    finding = judged(("a", always(attest("vouch")), ()), case=case).findings[0]
    assert finding.evidence == "kim\\x1b vouched for it on 2026-11-21 22:00 UTC"
    assert finding.sources == (Source("operator", "attestation", days_ago(0.5)),)
    assert finding.observed["by"] == "kim\x1b"


def test_the_lifetime_of_an_attestation_is_the_operators_to_set() -> None:
    case = ready_case(
        attestations=(Attestation("a", "web01", "kim", days_ago(0.5)),), limits=Limits(attestation_hours=6)
    )
    assert judged(("a", always(attest("vouch")), ()), case=case).findings[0].status is Status.ATTEST


def test_an_older_attestation_does_not_hide_a_fresh_one() -> None:
    both = tuple(Attestation("a", "web01", "kim", days_ago(days)) for days in (9, 0.1))
    assert (
        judged(("a", always(attest("vouch")), ()), case=ready_case(attestations=both)).findings[0].status is Status.PASS
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


# ---------------------------------------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ("", "ready"),
        ("pass info not-applicable", "ready"),
        ("pass warn", "ready-with-warnings"),
        ("warn attest", "to-attest"),
        ("attest unknown warn", "unknown"),
        ("unknown pending", "not-ready"),
        ("unknown fail pass", "not-ready"),
    ],
)
def test_the_verdict_is_the_first_that_applies(statuses: str, verdict: str) -> None:
    assert Verdict.of([Status(one) for one in statuses.split()]).value == verdict


def test_each_machine_has_the_verdict_of_its_own_findings() -> None:
    def web01_fails(_case: Case, machine: Any) -> Judgement:
        return fail("f") if machine.name == "web01" else attest("a")

    report = judged(("a", web01_fails, ()))
    assert {one.name: one.verdict.value for one in report.machines} == {"web01": "not-ready", "db01": "to-attest"}
    assert report.verdict is Verdict.NOT_READY


def test_a_finding_about_no_machine_in_particular_counts_for_all() -> None:
    def nothing_chosen(_case: Case, _target: object) -> Judgement:
        raise AssertionError("no subject, no rule")

    report = judged(
        ("a", nothing_chosen, ()), case=change_all(ready_case(), {"choices.targets": ()}), kind="master-target"
    )
    assert {one.verdict.value for one in report.machines} == {"unknown"}


def test_a_step_has_the_worst_of_its_findings_and_shows_roots_first() -> None:
    report = judged(
        ("good", always(passed("g")), ()), ("leaf", always(fail("l")), ["root"]), ("root", always(fail("r")), ())
    )
    assert report.steps[0].status is Status.FAIL
    assert [one.requirement.id for one in report.of_step(1)] == ["root", "root", "leaf", "leaf", "good", "good"]
    action = report.next_action()
    assert action is not None
    assert action.requirement.id == "root"


def test_a_report_without_trouble_has_no_next_action() -> None:
    assert judged(("good", always(passed("g")), ())).next_action() is None


def test_cause_action_and_remedies_are_told_only_where_somebody_is_needed() -> None:
    bad, good = (judged(("a", always(one), ())).findings[0] for one in (fail("b"), passed("g")))
    assert (bad.cause, bad.action, bad.remedies) == ("why", "do", ("mend",))
    assert (good.cause, good.action, good.remedies) == (None, None, ())


def test_a_vault_without_failed_over_machines_is_not_ready() -> None:
    report = report_of(change_all(ready_case(), {"azure.protected_items": ()}))
    assert status_of(report, "rpi-failed-over") == {"fail"}
    assert report.verdict is Verdict.NOT_READY


def test_architectures_of_the_chosen_machines_are_told() -> None:
    item = "azure.protected_items[web01].instance_type"
    assert report_of(ready_case()).architecture == "classic"
    mixed = report_of(change_all(ready_case(), {item: "InMageRcm"}))
    assert mixed.architecture == "mixed"
    assert {one.name: one.architecture for one in mixed.machines} == {"web01": "modernized", "db01": "classic"}
    assert status_of(mixed, "arch-modernized-stop") == {"fail", "pass"}


# ------------------------------------------------------------------------------------------------------------ wording


def test_times_lists_and_texts_are_said_as_people_read_them() -> None:
    assert say("{at}", at=NOW) == "2026-11-22 10:00 UTC"
    assert say("{names}", names=[Outside("a\x1b"), "b\x07", 3]) == "a\\x1b, b\\x07, 3"
    assert say("{word}", word="{not} a field\u202e") == "{not} a field\\u202e"


def test_a_judgement_keeps_the_raw_values_it_saw() -> None:
    judgement = fail("{count} of {name}", count=2, name=Outside("a\x1b"))
    assert judgement.evidence == "2 of a\\x1b"
    assert judgement.observed == {"count": 2, "name": Outside("a\x1b")}


def test_not_applicable_is_the_worst_of_nothing() -> None:
    assert Status.worst([]) is Status.NOT_APPLICABLE
    assert Status.worst([Status.PASS, Status.WARN]) is Status.WARN
    assert not_applicable("none").status is Status.NOT_APPLICABLE
