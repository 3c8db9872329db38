"""Which wire leads to which system: real sessions, or those of the rehearsal site, which look the same from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from failback.changes.change import Call
from failback.changes.operation import Operation
from failback.changes.wire import Wire, Wires
from failback.clock import Clock
from failback.errors import UsageError
from failback.guest.credentials import AskGuest, nobody_to_ask
from failback.sessions import Sessions
from wizard_steps.outside import visible
from wizard_steps.wording import _


def wires_over(
    sessions: Sessions, clock: Clock, ask: AskGuest = nobody_to_ask, keep: Callable[[str, Any], None] = lambda *_: None
) -> Wires:
    """Return the wires over `sessions`. SDKs are loaded when a wire is first asked for.

    `ask` gives the credentials for a guest, `keep` takes what was seen inside; see `through_guest`.
    """
    inside: list[Wire] = []  # one for all calls: it knows the programs it started

    def wire(system: str) -> Wire:
        if system == "guest":
            from failback.changes.through_guest import ThroughGuest

            if not inside:
                inside.append(ThroughGuest(sessions.vcenter(), clock, ask, keep))
            return inside[0]
        if system == "vcenter":
            from failback.changes.through_vcenter import ThroughVCenter

            return ThroughVCenter(sessions.vcenter(), clock)
        from failback.changes.through_azure import ThroughAzure

        return ThroughAzure(sessions.azure(), clock)

    return wire


class OnlyReading:
    """A wire that reads as the one under it does and has nothing that could send: read-only means exactly that."""

    def __init__(self, wire: Wire) -> None:
        """Read through `wire`."""
        self.ready, self.follow = wire.ready, wire.follow
        self.traces, self.lacking = wire.traces, wire.lacking

    def send(self, call: Call) -> Operation:
        """Refuse: raises `UsageError`."""
        raise UsageError(
            visible(call.method),
            _("this program was started read-only, so nothing is changed"),
            _("start it without --read-only"),
        )


def only_reading(wires: Wires) -> Wires:
    """Return the same wires without a way to send."""
    return lambda system: OnlyReading(wires(system))
