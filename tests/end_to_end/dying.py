"""A process that carries one change out against the peers, and is killed without a goodbye at a named place.

    python -m tests.end_to_end.dying PROFILE REMEDY TARGET PLACE

PLACE is `answered` (the system has accepted the call, nothing of it is written down), `recorded` (the handle of its
work is in the journal) or `nowhere`, which goes through to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from failback.changes import Call, Change, Journal, Plan
from failback.changes.lock import KEY
from failback.changes.through_azure import ThroughAzure
from failback.changes.through_vcenter import ThroughVCenter
from failback.commands.sites import Which, opened
from failback.engine import Engine
from tests.changes.stage import yes


def die(*_details: Any) -> None:
    """End this process as the machine's end would."""
    os.kill(os.getpid(), signal.SIGKILL)


def planned(engine: Engine, remedy: str, target: str) -> Change:
    """Return the change of a remedy that the findings ask for."""
    case = engine.look()
    plan = engine.plan(case, engine.judge(case))
    return next(one for one in plan.changes if one.remedy == remedy and one.target.name == target)


def die_at(place: str) -> None:
    """Arrange for the end."""
    if place == "recorded":
        sent = Journal.sent

        def recorded(journal: Journal, entry_id: str, operation: Any) -> None:
            sent(journal, entry_id, operation)
            die()

        Journal.sent = recorded  # type: ignore[method-assign]
    if place == "answered":
        for wire in (ThroughAzure, ThroughVCenter):
            wire.send = _dying_after(wire.send)  # type: ignore[method-assign]


def _dying_after(send: Any) -> Any:
    def answered(wire: Any, call: Call) -> Any:
        operation = send(wire, call)
        rows = call.args.get("spec", {}).get("extraConfig", [])
        if KEY not in {row["key"] for row in rows}:  # the lock comes first
            die()
        return operation

    return answered


def main() -> None:
    """Plan, then carry out and die."""
    profile, remedy, target, place = sys.argv[1:]
    with opened(Which(profile), read_only=False) as engine:
        change = planned(engine, remedy, target)
        die_at(place)
        plan = Plan(engine.clock.now(), engine.profile.name, False, (change,))
        [outcome] = engine.apply(plan, yes)
    sys.stderr.write(f"not killed: {outcome.word.value}, {outcome.evidence}\n")


if __name__ == "__main__":
    main()
