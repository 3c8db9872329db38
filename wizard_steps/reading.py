"""A value and how we know it: seen (where, when), or not seen (why).

`Reading.value` raises `NotSeen` when nothing was seen, and so does `bool()`. One wrapper around every
rule turns that into "unknown", so no rule can take a missing value for a good one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

_NO_REASON = "no reason given"


@dataclass(frozen=True)
class Source:
    """Where a value was looked for: `system` is vcenter, azure, guest, operator or local.

    `what` names the property as the system does (`VirtualMachine.snapshot`); `seen_at` is aware, UTC.
    """

    system: str
    what: str
    seen_at: datetime


class NotSeen(Exception):
    """A value was asked for that nobody has seen; `reason` says why, in one clause."""

    def __init__(self, reason: str, source: Source | None = None) -> None:
        """Keep the reason, and where the value was looked for."""
        super().__init__(reason)
        self.reason = reason
        self.source = source


_Names = dict[tuple[str, str], Source]
_looked_at: ContextVar[_Names | None] = ContextVar("_looked_at", default=None)


@contextmanager
def sources_looked_at() -> Iterator[Collection[Source]]:
    """Collect the sources of every reading used inside the block, in order, each name once."""
    found: _Names = {}
    token = _looked_at.set(found)
    try:
        yield found.values()
    finally:
        _looked_at.reset(token)


def _note(*sources: Source | None) -> None:
    """Keep a source once by its name, with the time of the oldest sight: a list of a thousand rows is one source."""
    found = _looked_at.get()
    if found is None:
        return
    for source in sources:
        if source is None:
            continue
        known = found.setdefault((source.system, source.what), source)
        if source.seen_at < known.seen_at:
            found[source.system, source.what] = source


@dataclass(frozen=True)
class Reading(Generic[T_co]):
    """One value from outside, or the reason why there is none. Make it with `seen` or `not_seen`."""

    _value: T_co | None
    reason: str | None
    source: Source | None
    made_of: tuple[Source, ...] = ()  # where everything was looked for that a joined value is made of

    @property
    def value(self) -> T_co:
        """The value that was seen; raises `NotSeen` when there is none."""
        _note(self.source, *self.made_of)
        if self.reason is not None:
            raise NotSeen(self.reason, self.source)
        return self._value  # type: ignore[return-value]  # None only where T admits it

    @property
    def was_seen(self) -> bool:
        """Whether there is a value. For screens; a rule asks for the value."""
        return self.reason is None

    def or_else(self, default: U) -> T_co | U:
        """Return the value, or `default` when nothing was seen. For display only, never for a verdict."""
        return self._value if self.reason is None else default  # type: ignore[return-value]

    def map(self, change: Callable[[T_co], U]) -> Reading[U]:
        """Return a reading of `change(value)`, or this very reason when nothing was seen."""
        if self.reason is not None:
            return Reading(None, self.reason, self.source, self.made_of)
        return Reading(change(self._value), None, self.source, self.made_of)  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        return bool(self.value)


def seen(value: T, source: Source | None = None) -> Reading[T]:
    """Return the reading of a value that was seen."""
    return Reading(value, None, source)


def not_seen(reason: str, source: Source | None = None) -> Reading[Any]:
    """Return the reading of a value that could not be seen; `reason` is one clause a person can act on."""
    return Reading(None, reason or _NO_REASON, source)


def read(get: Callable[[], T]) -> Reading[T]:
    """Return what `get` returns as a reading, made of all it looked at; a `NotSeen` inside becomes its reason.

    A join is computed once and asked by many rules: each of them looked at everything the join is made of.
    """
    with sources_looked_at() as looked_at:
        try:
            found: Reading[T] = Reading(get(), None, None, tuple(looked_at))
        except NotSeen as missing:
            found = Reading(None, missing.reason or _NO_REASON, missing.source, tuple(looked_at))
    _note(*looked_at)
    return found
