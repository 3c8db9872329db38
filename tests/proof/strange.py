"""Estates that the model can express, near the ready one: anything unseen, anything strange, anywhere in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen

WORDS = (
    "",
    " ",
    "None",
    "\x1b[2J\u202e{0}%s",
    "[/]{evidence}",
    "web01",
    "MT01",
    "R:\\",
    "/mnt/retention/",
    "10.1.0.20",
    "999.1.1.1",
    "10.0.0.0/0",
    "fe80::1",
    "TRUE",
    "9.63.0.0",
    "9..x",
    "Windows Server 2025",
    "Linux",
    "InMage",
    "InMageRcm",
    "/subscriptions/s/resourceGroups/g/providers/x/y/z",
    "x" * 3000,
)
MOMENTS = (
    datetime(1, 1, 1, tzinfo=timezone.utc),
    datetime(1753, 1, 1, tzinfo=timezone.utc),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc),
)
Change = Callable[[Any], Any]


def places(thing: Any, at: str = "") -> Iterator[str]:
    """Return a path to every reading and to every plain value of an estate."""
    if isinstance(thing, Reading):
        yield at
        if thing.was_seen:
            yield from places(thing.value, f"{at}!")
    elif isinstance(thing, Mapping):
        for key, one in thing.items():
            yield from places(one, f"{at}[{key}]")
    elif isinstance(thing, tuple):
        for place, one in enumerate(thing):
            yield from places(one, f"{at}[{place}]")
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, Outside):
        for field in dataclasses.fields(thing):
            yield from places(getattr(thing, field.name), f"{at}.{field.name}")
    elif at and thing is not None:
        yield at


def readings_of(thing: Any) -> list[str]:
    """Return a path to every reading of an estate."""
    return [one for one in dict.fromkeys(places(thing)) if isinstance(value_at(thing, one), Reading)]


def value_at(thing: Any, path: str) -> Any:
    """Return what stands at a path."""
    found: list[Any] = []
    changed(thing, {path: lambda old: found.append(old) or old})
    return found[0] if found else None


def changed(thing: Any, changes: Mapping[str, Change], at: str = "") -> Any:
    """Return the estate with what stands at some paths put through a function."""
    mine = {path: change for path, change in changes.items() if path.startswith(at)}
    if not mine:
        return thing
    return mine[at](thing) if at in mine else _below(thing, mine, at)


def _below(thing: Any, mine: Mapping[str, Change], at: str) -> Any:
    if isinstance(thing, Reading):
        return seen(changed(thing.value, mine, f"{at}!"), thing.source) if thing.was_seen else thing
    if isinstance(thing, Mapping):
        return {key: changed(one, mine, f"{at}[{key}]") for key, one in thing.items()}
    if isinstance(thing, tuple):
        return tuple(changed(one, mine, f"{at}[{place}]") for place, one in enumerate(thing))
    if dataclasses.is_dataclass(thing) and not isinstance(thing, (type, Outside)):
        names = [field.name for field in dataclasses.fields(thing)]
        return dataclasses.replace(
            thing, **{name: changed(getattr(thing, name), mine, f"{at}.{name}") for name in names}
        )
    return thing


def unread(old: Any) -> Any:
    """Return a reading that was not seen, where there was one."""
    return not_seen("denied", old.source) if isinstance(old, Reading) else old


def strange(number: int, word: str) -> Change:
    """Return what puts something strange in the place of a value, of the type that stands there."""

    def change(old: Any) -> Any:
        if isinstance(old, Reading):
            return seen(change(old.value), old.source) if old.was_seen and number % 3 else unread(old)
        return _strange(old, number, word)

    return change


def _strange(old: Any, number: int, word: str) -> Any:
    for kind, values in _strange_values(old, word):
        if isinstance(old, kind):
            return values[number % len(values)]
    return old


def _strange_values(old: Any, word: str) -> Iterator[tuple[type | tuple[type, ...], tuple[Any, ...]]]:
    """Yield what may stand in the place of a value, by its type; of a bool before an int, for it is one."""
    yield bool, (not old,)
    yield Outside, (Outside(word),)
    yield str, (word,)
    if isinstance(old, (int, float)):
        yield (int, float), tuple(type(old)(one) for one in (0, -1, 1, 2**53, old * 2))
    if isinstance(old, datetime):
        yield datetime, (*MOMENTS, old + timedelta(days=400), old - timedelta(days=400))
    if isinstance(old, tuple):
        yield tuple, ((), old[:1], old + old, old[::-1])
    if isinstance(old, Mapping):
        yield Mapping, ({}, dict(list(old.items())[:1]))


def any_change() -> st.SearchStrategy[Change]:
    """Return strategies of changes."""
    words = st.sampled_from(WORDS) | st.text(max_size=12)
    return st.one_of(st.just(unread), st.builds(strange, st.integers(0, 59), words))
