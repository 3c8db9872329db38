"""Driving the wizard by keys, and reading its screen as a person does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from textual.events import Key
from textual.pilot import Pilot

from failback.changes.change import Change
from tests.estates.changing import change
from tests.estates.ready import ready_case
from tests.tui.settling import settle_by_state
from tui.app import FailbackApp
from tui.dialogs.dialog import Dialog
from tui.marks import Marks
from tui.views.table import Line
from tui.widgets.detail_pane import DetailPane
from tui.widgets.row_table import RowTable
from wizard_steps.case import Case

__all__ = ["Change", "Walk", "broken_case", "walking"]

settle_by_state()

PATIENCE = 50.0
"""Seconds until something that does not come is missed: below the limit of a test, above what a busy machine takes."""


def broken_case() -> Case:
    """Return the ready case with MT01's `disk.EnableUUID` missing, and a snapshot on its VM."""
    from datetime import datetime, timezone

    from wizard_steps.outside import Outside
    from wizard_steps.seen_in_vcenter import Snapshot

    case = change(ready_case(), "vcenter.machines[MT01].extra_config", {})
    made = datetime(2026, 11, 20, 9, 14, tzinfo=timezone.utc)
    return change(case, "vcenter.machines[MT01].snapshots", (Snapshot(Outside("before patch"), made, "snapshot-1"),))


class Walk:
    """A walk through the wizard."""

    def __init__(self, app: FailbackApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each after the work of the one before has ended."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def press_at_once(self, *keys: str) -> None:
        """Press keys that arrive together, as over a slow connection."""
        for key in keys:
            self.app.post_message(Key(key, key if len(key) == 1 else None))
        await self.settle()

    async def settle(self, until: Callable[[], bool] | None = None) -> None:
        """Wait until nothing runs any more (or a dialog asks), or until something is so."""
        done = until or (lambda: self.app.job is None or isinstance(self.app.screen, Dialog))
        end = monotonic() + PATIENCE
        while monotonic() < end:
            await self.pilot.pause()
            if done():
                await self.pilot.pause()
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"the wizard did not settle; it shows:\n{self.text}")

    @property
    def screen(self) -> str:
        """The name of the screen in front."""
        return type(self.app.screen).__name__

    @property
    def text(self) -> str:
        """Everything that is drawn, as lines of text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)

    @property
    def lines(self) -> list[str]:
        """The lines of the table in front."""
        return [" ".join(cell.plain for cell in line.cells).strip() for line in self.table.lines]

    @property
    def table(self) -> RowTable:
        return self.app.screen.query(RowTable).first()

    @property
    def detail(self) -> str:
        return self.app.screen.query_one(DetailPane).plain

    def line(self, part: str) -> Line:
        """Return the line of the table that holds `part`."""
        return next(one for one in self.table.lines if part.casefold() in one.words)

    async def go_to_line(self, part: str) -> None:
        """Put the cursor on the line that holds `part`."""
        self.table.go_to(self.line(part).key)
        await self.settle()


@asynccontextmanager
async def walking(
    engine: Any = None,
    store: Any = None,
    open_engine: Any = None,
    size: tuple[int, int] = (80, 24),
    marks: Marks | None = None,
) -> AsyncIterator[Walk]:
    """Open the wizard on an engine (or on saved profiles) and wait until it has looked."""
    app = FailbackApp(store, open_engine, engine=engine, marks=marks or Marks())
    async with app.run_test(size=size) as pilot:
        walk = Walk(app, pilot)
        await pilot.pause()
        await walk.settle()
        yield walk
