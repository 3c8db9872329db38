"""What a change that was verified leaves in the memory: rules compare later looks with it."""

from __future__ import annotations

from failback.changes.attach_moved_disks import AttachMovedDisks
from failback.changes.change import Change
from failback.changes.lost_disks import attached_by
from failback.changes.memory import MemoryStore
from failback.changes.remedy import CannotChange
from wizard_steps.case import Case
from wizard_steps.reading import NotSeen


def remember_attached(memory: MemoryStore, change: Change, case: Case) -> None:
    """Remember where the disks lie that a change attached to a master target: that is their place from now on.

    What cannot be told of it is not remembered: the rule goes on asking then. Raises `HomeError`.
    """
    if change.remedy != AttachMovedDisks.id:
        return
    try:
        attached = attached_by(change, case)
    except (CannotChange, NotSeen):
        return
    if attached is not None:
        memory.note_attached(*attached)
