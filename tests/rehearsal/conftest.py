"""Engines on the rehearsal site: the product's real code over the two wires in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failback.engine import Engine
from failback.rehearsal.site import Site, rehearsal_site
from failback.sessions import RehearsalSessions

Rehearse = Callable[[str], Engine]


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Rehearse]:
    """Return a function that opens an engine on a fresh rehearsal site by its name."""
    engines: list[Engine] = []

    def open_engine(estate: str) -> Engine:
        site: Site = rehearsal_site(estate)
        engine = Engine(site.profile(), RehearsalSessions(site), site.clock, tmp_path, rehearsal=site)
        engines.append(engine)
        return engine

    yield open_engine
    for engine in engines:
        engine.close()
