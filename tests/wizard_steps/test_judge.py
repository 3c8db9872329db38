"""From judgements to a report: unknown never turns green, and verdicts follow from the worst."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.estates.made_up_rules import always, judged, status_of
from tests.estates.ready import (
    DENIED,
    NOW,
    change_all,
    days_ago,
    ready_case,
    report_of,
)
from tests.estates.ready_azure import VAULT
from tests.estates.ready_vcenter import VCENTER
from wizard_steps.case import Case
from wizard_steps.choices import Attestation, Limits
from wizard_steps.estate import Estate
from wizard_steps.outside import Outside
from wizard_steps.reading import Source, not_seen, seen
from wizard_steps.requirement import (
    Judgement,
    Status,
    Verdict,
    attest,
    fail,
    not_applicable,
    passed,
    pending,
    say,
    unknown,
    warn,
)
from wizard_steps.seen_in_azure import SeenInAzure
from wizard_steps.seen_in_vcenter import SeenInVCenter

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
