"""Changes: planned as data, confirmed, journalled, sent once, verified by reading again, undone where possible.

What the rest of the program uses stands here. Importing it loads no SDK.
"""

from __future__ import annotations

from failback.changes.apply import apply_plan, undo_entry
from failback.changes.change import Call, Change, ChangeTarget
from failback.changes.journal import Entry, Journal
from failback.changes.memory import MemoryStore
from failback.changes.outcome import Outcome, Word, exit_code
from failback.changes.plan import Plan
from failback.changes.planning import Offer, make_plan, offers
from failback.changes.recovery import Finding, Found, in_flight
from failback.changes.remedies import REMEDIES
from failback.changes.remedy import Remedy, Weight
from failback.changes.run import weight_of
from failback.changes.wires import wires_over
from failback.changes.world import Confirm, Confirmation, World

__all__ = [
    "REMEDIES",
    "Call",
    "Change",
    "ChangeTarget",
    "Confirm",
    "Confirmation",
    "Entry",
    "Finding",
    "Found",
    "Journal",
    "MemoryStore",
    "Offer",
    "Outcome",
    "Plan",
    "Remedy",
    "Weight",
    "Word",
    "World",
    "apply_plan",
    "exit_code",
    "in_flight",
    "make_plan",
    "offers",
    "undo_entry",
    "weight_of",
    "wires_over",
]
