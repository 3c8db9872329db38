"""A small vCenter on the rehearsal wire, govmomi's simulator, and certificates for both kinds of trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.session import VCenterSession
from tests.peers.certificates import Authority
from tests.peers.vcenter_simulator import VCenterSimulator, require_simulator
from tests.vcenter import inventory


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock()


@pytest.fixture
def wire(clock: RehearsalClock) -> VCenterWire:
    return inventory.small_vcenter(clock)


@pytest.fixture
def session(wire: VCenterWire) -> Iterator[VCenterSession]:
    with inventory.session_on(wire) as session:
        yield session


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def simulator(tmp_path: Path, authority: Authority) -> Iterator[VCenterSimulator]:
    """One cluster of two hosts with two machines, two datastores and a datastore cluster."""
    require_simulator()
    flags = ("-vm", "2", "-host", "2", "-standalone-host", "0", "-ds", "2", "-pod", "1")
    with VCenterSimulator(tmp_path, certificate=authority.self_signed("vcenter"), flags=flags) as running:
        yield running
