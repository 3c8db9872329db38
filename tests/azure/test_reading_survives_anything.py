"""Whatever JSON Azure sends in place of what is expected, a look ends with readings and not with an exception."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from failback.azure.reading import AzureReader
from failback.errors import FabricNotFoundError
from failback.rehearsal.arm_wire import ArmWire
from wizard_steps.reading import Reading

ODD: tuple[Any, ...] = (
    None,
    "",
    "text",
    "9999-12-31T23:59:59.9999999",
    "NaN",
    "-1",
    0,
    -1,
    1e400,
    True,
    [],
    {},
    [None],
    [[]],
    ["text"],
    [{}],
    {"id": 7},
    {"properties": []},
    {"value": None},
    "\x1b[31m",
)
KEPT = {"id", "name", "type"}  # what the simulator itself needs to find a resource again


def spoil(value: Any, dice: random.Random, share: float) -> Any:
    """Return `value` with a share of everything inside it replaced by something odd."""
    if dice.random() < share:
        return dice.choice(ODD)
    if isinstance(value, Mapping):
        return {name: spoil(one, dice, share) for name, one in value.items()}
    if isinstance(value, list):
        return [spoil(one, dice, share) for one in value]
    return value


def readings(value: Any) -> Iterator[Reading[Any]]:
    """Yield every reading inside a look."""
    if isinstance(value, Reading):
        yield value
        yield from readings(value.or_else(None))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from readings(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from readings(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from readings(one)


@pytest.mark.parametrize("seed", range(40))
def test_a_look_at_odd_answers_ends_in_readings(arm: ArmWire, reader: AzureReader, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 -- the same oddities every time
    share = dice.choice((0.02, 0.1, 0.4))
    for key in arm.store.ids():
        body = arm.store.raw(key)
        for name in set(body) - KEPT:
            body[name] = spoil(body[name], dice, share)
    try:
        seen = reader.read()
    except FabricNotFoundError:
        pytest.fail("no fabric was asked for")
    found = list(readings(seen))
    assert found
    assert all(reading.was_seen or reading.reason for reading in found)
