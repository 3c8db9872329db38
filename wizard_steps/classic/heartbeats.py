"""What a heartbeat proves, and how old it may be.

Site recovery documents one figure: no heartbeat of a process server for 15 minutes is critical (error 806). The
5 minutes from which an age is a warning are ours; both stand in the profile's limits.
"""

from __future__ import annotations

from datetime import datetime

from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, fail, passed, warn
from wizard_steps.wording import _, ngettext

_CLOCK_SKEW_MINUTES = 5


def age(case: Case, moment: datetime) -> int:
    """Return how many whole minutes ago a heartbeat was.

    Raises `NotSeen` for one that lies in the future by more than clocks usually differ: it proves nothing.
    """
    minutes = case.minutes_since(moment)
    if minutes < -_CLOCK_SKEW_MINUTES:
        raise NotSeen(
            _("the heartbeat lies {minutes} minutes in the future: compare the clocks").format(minutes=int(-minutes))
        )
    return max(0, int(minutes))


def is_fresh(case: Case, moment: datetime) -> bool:
    """Tell whether a heartbeat is younger than the age at which it counts as lost."""
    return age(case, moment) < case.limits.heartbeat_fail_minutes


def judge_lost(case: Case, whose: Outside, moment: datetime) -> Judgement:
    """Judge whether a heartbeat counts as lost."""
    minutes = age(case, moment)
    if minutes < case.limits.heartbeat_fail_minutes:
        return passed(
            ngettext(
                "heartbeat of {whose} {minutes} minute ago", "heartbeat of {whose} {minutes} minutes ago", minutes
            ),
            whose=whose,
            minutes=minutes,
            heartbeat=moment,
        )
    return fail(
        _("no heartbeat of {whose} for {minutes} minutes, since {heartbeat}; after {limit} it is lost"),
        whose=whose,
        minutes=minutes,
        heartbeat=moment,
        limit=case.limits.heartbeat_fail_minutes,
        remedies=(),
    )


def judge_heartbeat(case: Case, whose: Outside, moment: datetime) -> Judgement:
    """Judge the age of a heartbeat by the two limits of the profile."""
    minutes, limits = age(case, moment), case.limits
    if not limits.heartbeat_warn_minutes <= minutes < limits.heartbeat_fail_minutes:
        return judge_lost(case, whose, moment)
    return warn(
        _("the last heartbeat of {whose} is {minutes} minutes old; after {limit} it counts as lost"),
        whose=whose,
        minutes=minutes,
        heartbeat=moment,
        limit=limits.heartbeat_fail_minutes,
        remedies=(),
    )
