"""What carrying out a change needs of a system: send one call, and follow the work that it started."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from failback.changes.change import Call, Change
from failback.changes.operation import Operation
from failback.progress import Cancelled, Progress


class Wire(Protocol):
    """One system, signed in. What it raises decides the outcome of the change."""

    def ready(self, change: Change) -> None:
        """Make sure the system answers, so that a call does not die of a stale connection. Sends no change.

        What else sending `change` takes is asked for here, too: an account inside a guest.

        Raises `FailbackError` when it does not answer, or something is not to be had.
        """
        ...

    def send(self, call: Call) -> Operation:
        """Send one call, once, and return what the system answered.

        Raises `ChangeFailedError` when it was refused or never left (nothing was changed), `StalePlanError` when a
        guard refused it, and `OutcomeUnknownError` when nobody knows whether it arrived. Never sends it again.
        """
        ...

    def follow(self, call: Call, operation: Operation, told: Progress, cancelled: Cancelled) -> None:
        """Wait until the work that `call` started has ended well, telling how far it is.

        Raises `ChangeFailedError` when it ended badly, `StalePlanError` when a guard ended it, `OutcomeUnknownError`
        when its end cannot be seen, and `InterruptedByOperatorError` when somebody asked to stop waiting: the work
        then goes on without us.
        """
        ...

    def traces(self, call: Call, since: datetime, known: frozenset[str]) -> tuple[Operation, ...]:
        """Return the work that `call` may have started since then, where its answer was lost; sends no change.

        `known` are handles of work that other calls started. Empty: nothing of it is to be seen. Raises
        `OutcomeUnknownError` when other work on the same object hides the answer, and `NotReachedError` when it cannot
        be read.
        """
        ...

    def lacking(self, change: Change) -> tuple[str, ...]:
        """Return the privileges of `change` that this account does not hold on what the change touches.

        Raises `NotSeen` with the reason where that cannot be told. Sends no change.
        """
        ...


Wires = Callable[[str], Wire]
"""Returns the wire to a system, vcenter, azure or guest; raises `FailbackError` when it cannot be opened."""
