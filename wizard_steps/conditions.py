"""A requirement that is made of several conditions: each is judged by itself.

Where all must hold the worst decides; where one of several suffices, the best does.

What one condition could not see does not hide what another one proves: a stopped service is a failure, whether or
not the processor load was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, Status, not_applicable, unknown
from wizard_steps.wording import _

Condition = Callable[[], Judgement]
_SATISFIED = frozenset({Status.PASS, Status.INFO, Status.NOT_APPLICABLE})


def not_known(missing: NotSeen) -> Judgement:
    """Return the judgement of something nobody has seen, with the reason."""
    return unknown(_("not known: {reason}"), reason=missing.reason, action=_("Remove this reason, then look again."))


def judged(condition: Condition) -> Judgement:
    """Return what a condition comes to; a value nobody has seen makes it unknown."""
    try:
        return condition()
    except NotSeen as missing:
        return not_known(missing)


def all_hold(*conditions: Condition) -> Judgement:
    """Return the worst of some conditions. Its evidence names every condition that does not hold, the worst first."""
    parts = [part for part in map(judged, conditions) if part.status is not Status.NOT_APPLICABLE]
    if not parts:
        return not_applicable(_("nothing here needs to be judged"))
    worst = Status.worst([part.status for part in parts])
    named = _worth_naming(parts)
    leading = [part for part in named if part.status is worst]
    return Judgement(
        status=worst,
        evidence="; ".join(dict.fromkeys(part.evidence for part in named)),
        observed=_observed(named),
        cause=_first_said(part.cause for part in leading),
        action=_first_said(part.action for part in leading),
        remedies=_remedies(leading),
        due=max((part.due for part in leading if part.due), default=None),
    )


def _worth_naming(parts: Sequence[Judgement]) -> list[Judgement]:
    """Return the conditions that do not hold, the worst first; where all hold, all."""
    return sorted([part for part in parts if part.status not in _SATISFIED] or parts, key=lambda part: part.status.rank)


def _observed(named: Sequence[Judgement]) -> Mapping[str, Any]:
    return named[0].observed if len(named) == 1 else {"conditions": tuple(part.observed for part in named)}


def _first_said(texts: Iterable[str | None]) -> str | None:
    return next(filter(None, texts), None)


def one_holds(*conditions: Condition) -> Judgement:
    """Return the best of some alternatives: one that holds is enough, and one nobody has seen may be the one."""
    parts = [judged(condition) for condition in conditions]
    best = max((part.status for part in parts), key=lambda status: status.rank)
    return all_hold(*((lambda part=part: part) for part in parts if part.status is best))


def _remedies(parts: Sequence[Judgement]) -> tuple[str, ...] | None:
    """Return what mends the worst conditions; None: one of them leaves it to the requirement."""
    found: dict[str, None] = {}
    for part in parts:
        if part.remedies is None:
            return None
        found.update(dict.fromkeys(part.remedies))
    return tuple(found)
