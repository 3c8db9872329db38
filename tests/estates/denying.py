"""Every reading of an estate, by field; and the same estate with one field unread wherever it stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from wizard_steps.reading import Reading, not_seen, seen


def fields_read(thing: Any, at: str = "") -> Iterator[str]:
    """Return the fields of everything below `thing` that hold a reading: `azure.vms.power_state`, with repeats."""
    if isinstance(thing, Reading):
        yield at
        if thing.was_seen:
            yield from fields_read(thing.value, at)
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from fields_read(one, at)
    elif isinstance(thing, tuple):
        for one in thing:
            yield from fields_read(one, at)
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from fields_read(getattr(thing, field.name), f"{at}.{field.name}" if at else field.name)


def denied(thing: Any, wanted: str, at: str = "") -> Any:
    """Return `thing` with every reading that stands in the field `wanted` not seen."""
    if isinstance(thing, Reading):
        if at == wanted:
            return not_seen("denied", thing.source)
        return seen(denied(thing.value, wanted, at), thing.source) if thing.was_seen else thing
    if isinstance(thing, Mapping):
        return {key: denied(one, wanted, at) for key, one in thing.items()}
    if isinstance(thing, tuple):
        return tuple(denied(one, wanted, at) for one in thing)
    if not wanted.startswith(at) or not dataclasses.is_dataclass(thing) or isinstance(thing, type):
        return thing
    names = [field.name for field in dataclasses.fields(thing)]
    below = {name: denied(getattr(thing, name), wanted, f"{at}.{name}" if at else name) for name in names}
    return dataclasses.replace(thing, **below)
