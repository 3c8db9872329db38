"""How a value of an answer's JSON becomes a `Reading`: where it stands, how it is parsed, and what absence means.

The readers are tables of `Field`s; nothing else looks into an answer. Azure sends counts, loads and sizes as text,
times with and without a zone, and leaves out or nulls what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, Source, not_seen, seen
from wizard_steps.seen_in_azure import HealthError
from wizard_steps.wording import _

T = TypeVar("T")

NEVER = 9999
"""The year Azure writes for "does not expire"."""


_ALWAYS_THERE = ("properties", "properties.customDetails", "properties.providerSpecificDetails")

FIRST_YEAR = 1970
"""Azure writes "no time at all" as the year 1 or 1753."""


class _NotTold:
    """The type of `NOT_TOLD`."""


NOT_TOLD = _NotTold()
"""Says of a field that its absence means nothing: the reading is "not seen"."""


@dataclass(frozen=True)
class Field(Generic[T]):
    """A property: the paths where it may stand (the first that is there counts), its parser, what absence means.

    Null and empty text count as absent, like a path that is not there. With `badness` every path that is there counts:
    where they contradict each other, the value of the greatest badness is the reading, and a value that makes no sense
    beside one that does leaves the property unseen.
    """

    paths: tuple[str, ...]
    parse: Callable[[Any], T]
    absent: Any = NOT_TOLD
    badness: Callable[[T], Any] | None = None


def field(
    paths: str | Sequence[str],
    parse: Callable[[Any], T],
    absent: Any = NOT_TOLD,
    badness: Callable[[T], Any] | None = None,
) -> Field[T]:
    """Return a `Field`; `paths` are dotted names, one or several."""
    return Field((paths,) if isinstance(paths, str) else tuple(paths), parse, absent, badness)


Table = Mapping[str, Field[Any]]
"""The fields of one kind of thing, by the attribute they fill."""


@dataclass(frozen=True)
class Row:
    """One JSON object of an answer, what it is an object of (`MasterTargetServer`), and when it was answered."""

    json: Mapping[str, Any]
    kind: str
    seen_at: datetime
    short_because: str | None = None
    """Why only the list's short form of the thing was seen: then nothing that it leaves out means anything."""

    def at(self, path: str) -> Any:
        """Return the raw value at a dotted path, None where there is none."""
        value: Any = self.json
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return None if value == "" else value

    def text(self, path: str) -> str:
        """Return a text that names the thing, empty without one."""
        return str(self.at(path) or "")

    def source(self, path: str) -> Source:
        """Return where a value was looked for, in Azure's own words."""
        return Source("azure", f"{self.kind}.{path.removeprefix('properties.')}", self.seen_at)

    def read(self, wanted: Field[T]) -> Reading[T]:
        """Return the reading of one property; never raises."""
        there = [(path, raw) for path in wanted.paths if (raw := self.at(path)) is not None]
        if there and wanted.badness is not None:
            return _worst([self._parsed(wanted, path, raw) for path, raw in there], wanted.badness)
        if there:
            return self._parsed(wanted, *there[0])
        path = wanted.paths[0]
        if self.short_because is not None:
            return not_seen(self.short_because, self.source(path))
        if wanted.absent is NOT_TOLD or not self._has_room_for(path):
            return not_seen(_("Azure gave no value"), self.source(path))
        return seen(wanted.absent, self.source(path))

    def _has_room_for(self, path: str) -> bool:
        """Tell whether the parts that every such thing has are there: only then is a gap among them an answer."""
        parts = (part for part in _ALWAYS_THERE if path.startswith(f"{part}."))
        return all(isinstance(self.at(part), Mapping) for part in parts)

    def _parsed(self, wanted: Field[T], path: str, raw: Any) -> Reading[T]:
        try:
            return seen(wanted.parse(raw), self.source(path))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
            shown = Outside(str(raw)).shown(60)
            return not_seen(
                _('Azure gave a value that makes no sense: "{value}"').format(value=shown), self.source(path)
            )

    def read_all(self, table: Table) -> dict[str, Any]:
        """Return the readings of a whole table, by attribute."""
        return {name: self.read(wanted) for name, wanted in table.items()}

    def rows(self, path: str, kind: str) -> Field[tuple[Row, ...]]:
        """Return the field of a list of objects inside this one; an empty list is none, an absent one is not seen."""
        return field(path, lambda raw: tuple(self.below(one, kind) for one in listed(raw)))

    def below(self, json: Any, kind: str) -> Row:
        """Return an object inside this one as a row of its own."""
        if not isinstance(json, Mapping):
            raise TypeError(kind)
        return Row(json, kind, self.seen_at, self.short_because)


def _worst(found: Sequence[Reading[T]], badness: Callable[[T], Any]) -> Reading[T]:
    """Return the reading of what makes no sense, where there is one; else the first of the worst."""
    senseless = next((one for one in found if not one.was_seen), None)
    return max(found, key=lambda one: badness(one.value)) if senseless is None else senseless


# -- parsers; each raises ValueError or TypeError for a value it cannot understand


def text(raw: Any) -> str:
    """Return a word or a name."""
    if isinstance(raw, (Mapping, list)):
        raise TypeError(raw)
    return str(raw)


def outside(raw: Any) -> Outside:
    """Return a name that somebody else chose."""
    return Outside(text(raw))


def whole(raw: Any) -> int:
    """Return a whole number, from a number or from its text."""
    if isinstance(raw, bool):
        raise TypeError(raw)
    return int(raw) if isinstance(raw, (int, str)) else int(float(raw))


def number(raw: Any) -> float:
    """Return a number, from a number or from its text (`"439.5"`)."""
    if isinstance(raw, bool):
        raise TypeError(raw)
    value = float(raw)
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 -- only NaN differs from itself
        raise ValueError(raw)
    return value


def words(raw: Any) -> tuple[str, ...]:
    """Return a list of words."""
    return tuple(text(one) for one in listed(raw))


def listed(raw: Any) -> list[Any]:
    """Return a list as it is; anything else is not one."""
    if isinstance(raw, (str, bytes, Mapping)) or not isinstance(raw, Sequence):
        raise TypeError(raw)
    return list(raw)


_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")


def moment(raw: Any) -> datetime:
    """Return a time, aware, in UTC. Azure's times without a zone are UTC; its seventh digit of a second is dropped."""
    if isinstance(raw, datetime):
        return _of_our_age((raw if raw.tzinfo else raw.replace(tzinfo=timezone.utc)).astimezone(timezone.utc))
    found = _TIME.fullmatch(text(raw))
    if found is None:
        raise ValueError(raw)
    seconds, fraction, zone = found.groups()
    micro = (fraction or "0")[:6].ljust(6, "0")
    offset = "+00:00" if zone in (None, "Z") else zone
    return _of_our_age(datetime.fromisoformat(f"{seconds}.{micro}{offset}").astimezone(timezone.utc))


def _of_our_age(at: datetime) -> datetime:
    if at.year < FIRST_YEAR:
        raise ValueError(at)
    return at


def expiry(raw: Any) -> datetime | None:
    """Return when something expires; None for the year 9999, which means never."""
    if str(raw).startswith(str(NEVER)) or (isinstance(raw, datetime) and raw.year == NEVER):
        return None
    return moment(raw)


def health_errors(raw: Any) -> tuple[HealthError, ...]:
    """Return Site Recovery's own errors, as it words them."""
    return tuple(_health_error(one) for one in listed(raw))


def _health_error(raw: Any) -> HealthError:
    if not isinstance(raw, Mapping):
        raise TypeError(raw)

    def said(*names: str) -> Outside | None:
        return next((Outside(str(raw[name])) for name in names if raw.get(name)), None)

    return HealthError(
        code=str(raw.get("errorCode") or ""),
        level=str(raw.get("errorLevel") or ""),
        message=said("errorMessage", "summaryMessage") or Outside(""),
        possible_causes=said("possibleCauses"),
        recommended_action=said("recommendedAction"),
    )
