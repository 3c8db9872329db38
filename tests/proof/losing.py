"""What a look loses when a call fails, and which rows live on that: both told by the readings themselves.

Nothing here is a list of rows written by hand. A reading that the ready site had and the look with the fault has not
is lost; a row depends on it when judging the ready site looked at the reading's source.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.proof.judging import Judged
from wizard_steps.case import Case
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.reading import NotSeen, Reading, Source, sources_looked_at
from wizard_steps.requirement import Requirement, Status
from wizard_steps.subjects import BY_KIND

Name = tuple[str, str]  # the system, and what the system calls the property
_KEYS = ("ref", "id", "name", "machine_name", "key", "path")


@dataclass(frozen=True)
class Loss:
    """What a look with a fault lacks: the names of the sources, and the reasons that stand in their place.

    `wholly` are those of which nothing at all was seen; of the others, another reading or object still has something.
    """

    names: frozenset[Name]
    wholly: frozenset[Name]
    reasons: frozenset[str]


def lost(before: Case, after: Case) -> Loss:
    """Return what `before` had seen and `after` has not."""
    then, now = _readings(before.estate), _readings(after.estate)
    names: set[Name] = set()
    reasons: set[str] = set()
    for path, reading in then.items():
        if not reading.was_seen:
            continue
        missing = _nearest(path, now)
        if missing is not None and missing.reason is not None:
            reasons.add(missing.reason)
            names |= {_name(one.source) for one in (reading, missing) if one.source is not None}
    left = {_name(one.source) for one in now.values() if one.was_seen and one.source is not None}
    return Loss(frozenset(names), frozenset(names - left), frozenset(reasons))


def _nearest(path: str, now: Mapping[str, Reading[Any]]) -> Reading[Any] | None:
    """Return the reading at a path, or the one above it that holds nothing any more."""
    while path:
        if path in now:
            return now[path]
        path = path.rpartition("/")[0]
    return None


def _readings(estate: Any) -> dict[str, Reading[Any]]:
    return dict(_walk(estate, ""))


def _walk(thing: Any, at: str) -> Iterator[tuple[str, Reading[Any]]]:
    if isinstance(thing, Reading):
        yield at, thing
        if thing.was_seen:
            yield from _walk(thing.value, at)
    elif isinstance(thing, Mapping):
        for key, one in thing.items():
            yield from _walk(one, f"{at}/{_plain(key)}")
    elif isinstance(thing, tuple):
        for place, one in enumerate(thing):
            yield from _walk(one, f"{at}/{_key(one, place)}")
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from _walk(getattr(thing, field.name), f"{at}/{field.name}")


def _key(thing: Any, place: int) -> str:
    names = (getattr(thing, name, None) for name in _KEYS)
    return _plain(next((one for one in names if one is not None), place))


def _plain(key: object) -> str:
    return str(getattr(key, "raw", key)).replace("/", "|")


def _name(source: Source) -> Name:
    return source.system, source.what


def depend_on(judged: Judged) -> dict[str, frozenset[Name]]:
    """Return, for every row, the sources that were looked at to judge it on the ready site, its subjects included."""
    found = {row.id: _of_subjects(row, judged.case) | _of_findings(row, judged) for row in REQUIREMENTS}
    for row in REQUIREMENTS:
        if row.rule is None:
            found[row.id] = found[row.id].union(*(found[one] for one in row.consequence_of))
    return found


def _of_subjects(row: Requirement, case: Case) -> frozenset[Name]:
    with sources_looked_at() as looked_at, contextlib.suppress(NotSeen):
        _subjects = (row.subjects or BY_KIND[row.subject_kind])(case).value
    return frozenset(map(_name, looked_at))


def _of_findings(row: Requirement, judged: Judged) -> frozenset[Name]:
    findings = [one for one in judged.report.findings if one.requirement.id == row.id]
    return frozenset(_name(source) for one in findings for source in one.sources)


def statuses(judged: Judged) -> dict[str, frozenset[tuple[str, Status]]]:
    """Return, for every row, the subjects and their status."""
    found: dict[str, set[tuple[str, Status]]] = {row.id: set() for row in REQUIREMENTS}
    for one in judged.report.findings:
        found[one.requirement.id].add((one.subject.name, one.status))
    return {row: frozenset(all_) for row, all_ in found.items()}
