"""When an app in a test has done what a key asked for: told by its event loop, not by how long the processor rested.

Textual's own wait looks at the processor in spans of 20 milliseconds. That makes up half the time of a test, and on a
busy machine, which gives the process no turn for such a span, it ends before the work was done.
"""

from __future__ import annotations

import asyncio
from time import monotonic, process_time

import textual.app
import textual.pilot

STEP, CALM_STEPS = 0.002, 3
"""So many steps of so many seconds in a row nothing may be waiting for its turn, and no thread may be at work."""


async def until_at_rest(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until nothing of the app is waiting for its turn; at most `max_sleep` seconds, as where it never rests."""
    loop = asyncio.get_running_loop()
    end, calm = monotonic() + max_sleep, 0
    while calm < CALM_STEPS and monotonic() < end:
        worked = process_time()
        await asyncio.sleep(STEP)
        is_calm = not loop._ready and process_time() - worked < STEP / 4  # type: ignore[attr-defined]
        calm = calm + 1 if is_calm else 0


def settle_by_state() -> None:
    """Let every pilot of this process wait this way."""
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = until_at_rest  # type: ignore[attr-defined]
