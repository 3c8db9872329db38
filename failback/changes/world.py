"""What carrying out changes needs of the rest of the program, and what a person answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from failback.changes.change import Change
from failback.changes.journal import Journal
from failback.changes.memory import MemoryStore
from failback.changes.wire import Wires
from failback.clock import Clock
from wizard_steps.case import Case

OPEN_WINDOW: Final = timedelta(seconds=30)
"""How old the last reading may be when a call is sent; a confirmation that took longer makes it read again."""


@dataclass(frozen=True)
class Confirmation:
    """What the operator answered: yes or no, and what was typed where a name is asked for."""

    agreed: bool
    typed: str | None = None


Confirm = Callable[[Change], Confirmation]
"""Shows one change, exactly as it will be sent, and returns the operator's answer."""

Look = Callable[[frozenset[str]], Case]
"""Reads the systems it is given (vcenter, azure) afresh and returns the case; raises `FailbackError`."""


@dataclass(frozen=True)
class World:
    """Everything that carrying out changes needs of the rest of the program.

    `look` reads again and raises `FailbackError` when it cannot. `wire` opens a system for changes. `read_only` means
    that no change leaves, whatever else happens. `look_on` looks on when somebody has asked to stop.
    """

    profile: str
    look: Look
    wire: Wires
    clock: Clock
    journal: Journal
    memory: MemoryStore
    read_only: bool = False
    rehearsal: bool = False
    look_on: Look | None = None

    def look_to_the_end(self, systems: frozenset[str]) -> Case:
        """Read again as `look` does, also when somebody has asked to stop: what was begun is seen to its end."""
        return (self.look_on or self.look)(systems)
