"""Engines on the rehearsal site: the product's real code over the two wires in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failback.engine import Engine
from failback.guest.credentials import GuestCredentials
from failback.rehearsal.site import Site, rehearsal_site
from failback.secrets import Secret
from failback.sessions import RehearsalSessions

Rehearse = Callable[[str], Engine]


def _account(site: Site, machine: str) -> GuestCredentials:
    """Give the account inside a machine, as an operator who knows it does."""
    user, password = site.guest_account(machine)
    return GuestCredentials(user, Secret(password))


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Rehearse]:
    """Return a function that opens an engine on a fresh rehearsal site by its name."""
    engines: list[Engine] = []

    def open_engine(estate: str) -> Engine:
        site: Site = rehearsal_site(estate)
        engine = Engine(site.profile(), RehearsalSessions(site), site.clock, tmp_path, rehearsal=site)
        engine.ask_guest = lambda machine: _account(site, machine)
        engines.append(engine)
        return engine

    yield open_engine
    for engine in engines:
        engine.close()
