"""What a heartbeat proves, and how old it may be.

Its age is that at the moment it was read: how long ago that was says nothing of who sent it. That a look has grown
old is what the verdict's own expiry tells.

Site recovery documents one figure: no heartbeat of a process server for 15 minutes is critical (error 806). The
5 minutes from which an age is a warning are ours; both stand in the profile's limits.
"""

from __future__ import annotations

from datetime import datetime

from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.requirement import Judgement, fail, passed, warn
from wizard_steps.wording import _, ngettext

_CLOCK_SKEW_MINUTES = 5


def read_at(case: Case, heartbeat: Reading[datetime]) -> datetime:
    """Return when a heartbeat was read; of a reading that does not say so, the moment of judging."""
    return case.now if heartbeat.source is None else heartbeat.source.seen_at


def age(case: Case, heartbeat: Reading[datetime]) -> int:
    """Return how many whole minutes old a heartbeat was when it was read.

    Raises `NotSeen` for one that was not seen, and for one that lies in the future by more than clocks usually differ:
    it proves nothing.
    """
    minutes = (read_at(case, heartbeat) - heartbeat.value).total_seconds() / 60
    if minutes < -_CLOCK_SKEW_MINUTES:
        raise NotSeen(
            _("the heartbeat lies {minutes} minutes in the future: compare the clocks").format(minutes=int(-minutes))
        )
    return max(0, int(minutes))


def is_fresh(case: Case, heartbeat: Reading[datetime]) -> bool:
    """Tell whether a heartbeat was younger than the age at which it counts as lost."""
    return age(case, heartbeat) < case.limits.heartbeat_fail_minutes


def judge_lost(case: Case, whose: Outside, heartbeat: Reading[datetime]) -> Judgement:
    """Judge whether a heartbeat counts as lost."""
    minutes = age(case, heartbeat)
    if minutes < case.limits.heartbeat_fail_minutes:
        return passed(
            ngettext(
                "heartbeat of {whose} {minutes} minute ago", "heartbeat of {whose} {minutes} minutes ago", minutes
            ),
            whose=whose,
            minutes=minutes,
            heartbeat=heartbeat.value,
        )
    return fail(
        _("no heartbeat of {whose} for {minutes} minutes, since {heartbeat}; after {limit} it is lost"),
        whose=whose,
        minutes=minutes,
        heartbeat=heartbeat.value,
        limit=case.limits.heartbeat_fail_minutes,
        remedies=(),
    )


def judge_heartbeat(case: Case, whose: Outside, heartbeat: Reading[datetime]) -> Judgement:
    """Judge the age of a heartbeat by the two limits of the profile."""
    minutes, limits = age(case, heartbeat), case.limits
    if not limits.heartbeat_warn_minutes <= minutes < limits.heartbeat_fail_minutes:
        return judge_lost(case, whose, heartbeat)
    return warn(
        _("the last heartbeat of {whose} is {minutes} minutes old; after {limit} it counts as lost"),
        whose=whose,
        minutes=minutes,
        heartbeat=heartbeat.value,
        limit=limits.heartbeat_fail_minutes,
        remedies=(),
    )
