"""Which wire leads to which system: real sessions, or those of the rehearsal site, which look the same from here."""

from __future__ import annotations

from failback.changes.wire import Wire, Wires
from failback.clock import Clock
from failback.sessions import Sessions


def wires_over(sessions: Sessions, clock: Clock) -> Wires:
    """Return the wires over `sessions`. SDKs are loaded when a wire is first asked for."""

    def wire(system: str) -> Wire:
        if system == "vcenter":
            from failback.changes.through_vcenter import ThroughVCenter

            return ThroughVCenter(sessions.vcenter(), clock)
        from failback.changes.through_azure import ThroughAzure

        return ThroughAzure(sessions.azure(), clock)

    return wire
