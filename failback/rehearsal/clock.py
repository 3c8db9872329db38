"""The rehearsal site's own clock: it starts at a fixed moment, and it can be frozen or sped up."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta, timezone

START = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)
_NAP = 0.05  # real seconds between two looks at a speed that may change while somebody waits


class RehearsalClock:
    """A clock that runs `speed` times as fast as the real one; at speed 0 it stands, and waiting moves it on."""

    def __init__(self, start: datetime = START, speed: float = 0.0) -> None:
        """Start at `start`."""
        self._lock = threading.Lock()
        self._reached = start
        self._since = time.monotonic()
        self._speed = speed

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one real second."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._reached, self._since = self._now(), time.monotonic()
            self._speed = speed

    def _now(self) -> datetime:
        return self._reached + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    def now(self) -> datetime:
        """Return the time on the rehearsal site, aware, in UTC."""
        with self._lock:
            return self._now()

    def advance(self, seconds: float) -> None:
        """Move the clock on at once."""
        with self._lock:
            self._reached += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        """Wait until so many seconds have passed here; on a standing clock that is at once."""
        if self._speed == 0:
            self.advance(seconds)
            return
        end = self.now() + timedelta(seconds=seconds)
        while self.now() < end and self._speed > 0:
            time.sleep(min(_NAP, max(0.0, (end - self.now()).total_seconds() / self._speed)))
