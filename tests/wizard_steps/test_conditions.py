"""Requirements of several conditions: the worst decides, and what was not seen hides nothing that was proven."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wizard_steps.conditions import all_hold, one_holds
from wizard_steps.reading import not_seen
from wizard_steps.requirement import Judgement, Status, attest, fail, info, not_applicable, passed, pending, warn


def unread() -> Judgement:
    return passed("{value}", value=not_seen("denied").value)


def is_(judgement: Judgement) -> Callable[[], Judgement]:
    return lambda: judgement


GOOD, BAD, SO_SO, OPEN = passed("good"), fail("bad"), warn("so so"), attest("say so")


@pytest.mark.parametrize(
    ("conditions", "status", "evidence"),
    [
        ([is_(GOOD), is_(passed("fine"))], "pass", "good; fine"),
        ([is_(GOOD), is_(SO_SO)], "warn", "so so"),
        ([is_(SO_SO), is_(BAD)], "fail", "bad; so so"),
        ([unread, is_(BAD)], "fail", "bad; not known: denied"),
        ([unread, is_(GOOD), is_(SO_SO)], "unknown", "not known: denied; so so"),
        ([is_(OPEN), is_(SO_SO)], "attest", "say so; so so"),
        ([is_(GOOD), is_(GOOD)], "pass", "good"),
        ([is_(not_applicable("none")), is_(GOOD)], "pass", "good"),
        ([is_(not_applicable("none"))], "not-applicable", "nothing here needs to be judged"),
        ([], "not-applicable", "nothing here needs to be judged"),
        ([is_(info("by the way")), is_(GOOD)], "pass", "by the way; good"),
    ],
)
def test_where_all_must_hold_the_worst_decides(
    conditions: list[Callable[[], Judgement]], status: str, evidence: str
) -> None:
    judgement = all_hold(*conditions)
    assert judgement.status.value == status
    assert sorted(judgement.evidence.split("; ")) == sorted(evidence.split("; "))


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ([is_(BAD), is_(GOOD)], "pass"),
        ([is_(BAD), is_(OPEN)], "attest"),
        ([is_(BAD), unread], "unknown"),
        ([is_(BAD), is_(BAD)], "fail"),
        ([is_(BAD), is_(pending("soon"))], "pending"),
    ],
)
def test_where_one_suffices_the_best_decides(conditions: list[Callable[[], Judgement]], status: str) -> None:
    assert one_holds(*conditions).status.value == status


def test_cause_action_and_remedies_are_those_of_the_worst_condition() -> None:
    judgement = all_hold(
        is_(warn("so so", cause="a", action="b", remedies=["mend-a"])),
        is_(fail("bad", cause="c", action="d", remedies=["mend-c"])),
        is_(fail("worse", remedies=["mend-d"])),
    )
    assert (judgement.cause, judgement.action, judgement.remedies) == ("c", "d", ("mend-c", "mend-d"))


def test_a_condition_that_names_no_remedies_leaves_them_to_the_requirement() -> None:
    assert all_hold(is_(fail("bad", remedies=())), is_(BAD)).remedies is None


def test_observed_values_of_several_conditions_are_kept_apart() -> None:
    one = all_hold(is_(GOOD), is_(fail("{count} bad", count=2)))
    two = all_hold(is_(fail("{count} bad", count=2)), is_(fail("{count} worse", count=3)))
    assert one.observed == {"count": 2}
    assert two.observed == {"conditions": ({"count": 2}, {"count": 3})}


def test_the_statuses_stand_worst_first() -> None:
    assert [one.value for one in sorted(Status, key=lambda one: one.rank)] == [
        "fail",
        "pending",
        "unknown",
        "attest",
        "warn",
        "pass",
        "info",
        "not-applicable",
    ]
