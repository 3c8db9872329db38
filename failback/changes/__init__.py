"""Changes: planned as data, confirmed, journalled, sent once, verified by reading again, undone where possible.

What the rest of the program uses stands here. Importing it loads no SDK.
"""

from __future__ import annotations

from failback.changes.apply import Confirm, Confirmation, World, apply_plan, undo_entry, weight_of
from failback.changes.change import Call, Change, ChangeTarget
from failback.changes.journal import Entry, Journal
from failback.changes.left_to_a_person import LEFT_TO_A_PERSON
from failback.changes.memory import MemoryStore
from failback.changes.outcome import Outcome, Word, exit_code
from failback.changes.plan import Plan
from failback.changes.planning import Offer, make_plan, offers
from failback.changes.remedies import REMEDIES
from failback.changes.remedy import Remedy, Weight
from failback.changes.wires import wires_over

__all__ = [
    "LEFT_TO_A_PERSON",
    "REMEDIES",
    "Call",
    "Change",
    "ChangeTarget",
    "Confirm",
    "Confirmation",
    "Entry",
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
    "make_plan",
    "offers",
    "undo_entry",
    "weight_of",
    "wires_over",
]
