"""Which wire leads to which system: real sessions, or those of the rehearsal site, which look the same from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from failback.changes.wire import Wire, Wires
from failback.clock import Clock
from failback.guest.credentials import AskGuest, nobody_to_ask
from failback.sessions import Sessions


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
