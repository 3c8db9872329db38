"""The wizard in this process, with every byte kept that it would send to a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.drivers.headless_driver import HeadlessDriver

from tests.tui.walking import Walk
from tui.app import FailbackApp
from tui.marks import Marks

SENT: list[str] = []


class _Recorder(HeadlessDriver):
    """A terminal that keeps what it is sent."""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        SENT.append(data)


@asynccontextmanager
async def recorded(
    engine: Any = None, store: Any = None, open_engine: Any = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Walk]:
    """Open the wizard on an engine, or on saved profiles; `SENT` holds what it sends from here on."""
    SENT.clear()
    app = FailbackApp(store, open_engine, engine=engine, marks=Marks(), driver_class=_Recorder)
    async with app.run_test(headless=False, size=size) as pilot:
        walk = Walk(app, pilot)
        await pilot.pause()
        await walk.settle()
        yield walk


def sent() -> bytes:
    """Return the bytes of the walk so far; what no terminal could be sent is an error."""
    return "".join(SENT).encode()
