"""What a picker shows of one thing that can be chosen, and how its first failing condition is found.

Nothing is hidden: what cannot be taken stays in the list and says why. What could not be read is said to be unknown,
and is no more usable than what is known to be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.wording import _

Check = Callable[[], str | None]  # the reason why not; None: all is well; raises `NotSeen`


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One thing that can be chosen.

    `ref` is what a choice may name it by beside its name. `fits` are the raw names of the machines it can serve.
    `first_reason` is empty for a usable one; `is_unknown` tells that the reason is something nobody could read.
    `remark` is what to know of a usable one.
    """

    name: Outside
    ref: str
    fits: tuple[str, ...]
    first_reason: str
    is_unknown: bool
    is_chosen: bool
    remark: str = ""

    @property
    def usable(self) -> bool:
        """Whether it can be taken."""
        return not self.first_reason


@dataclass(frozen=True, kw_only=True)
class Place(Candidate):
    """A candidate with room: capacity and free are bytes, `kind` and `mounted` are words for a person."""

    capacity: Reading[int]
    free: Reading[int]
    kind: str
    mounted: str


@dataclass(frozen=True)
class Reason:
    """Why a candidate cannot be taken; an empty text: it can."""

    text: str
    is_unknown: bool = False


def first_reason(*checks: Check) -> Reason:
    """Return the first check that is not passed, in the order given; one that nobody can decide stops the search."""
    for check in checks:
        try:
            if why := check():
                return Reason(why)
        except NotSeen as missing:
            return Reason(_("not known: {reason}").format(reason=missing.reason), is_unknown=True)
    return Reason("")


def holds(check: Check) -> bool:
    """Tell whether a check is passed; one that nobody can decide is not."""
    return not first_reason(check).text
