"""A small vault behind the simulator, read by the product's own clients."""

from __future__ import annotations

import pytest

from failback.azure.reading import AzureReader
from failback.rehearsal.arm_wire import ArmWire
from tests.azure import hub_world, world


@pytest.fixture
def clock() -> world.StepClock:
    return world.StepClock()


@pytest.fixture
def arm(clock: world.StepClock) -> ArmWire:
    """The simulator with the small vault; two rows a page, so that every list has pages."""
    wire = ArmWire(clock, page_size=2)
    world.build(wire)
    hub_world.build(wire)
    return wire


@pytest.fixture
def reader(arm: ArmWire, clock: world.StepClock) -> AzureReader:
    return AzureReader(world.clients(arm), world.VAULT_OF_TESTS, clock)
