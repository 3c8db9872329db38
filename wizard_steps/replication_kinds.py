"""What kind of replication a protected item has: its architecture, its direction, and whether it left the site."""

from __future__ import annotations

from wizard_steps.seen_in_azure import ProtectedItem

TO_AZURE, REPROTECTED = "inmageazurev2", "inmage"  # the providers of the classic architecture, by their direction
CLASSIC_KINDS = frozenset({TO_AZURE, REPROTECTED})
MODERNIZED_PREFIXES = ("inmagercm", "vmwarev2")


def architecture_of(kind: str) -> str:
    """Return what a provider belongs to: classic, modernized, or unknown where nobody knows the word."""
    if kind.casefold().startswith(MODERNIZED_PREFIXES):
        return "modernized"
    return "classic" if kind.casefold() in CLASSIC_KINDS else "unknown"


def may_be_failed_over(item: ProtectedItem) -> bool:
    """Tell whether an item is failed over, on its way home, or may be: what cannot be told is kept, not hidden."""
    if not (item.active_location.was_seen and item.instance_type.was_seen):
        return True
    return is_failed_over(item)


def is_failed_over(item: ProtectedItem) -> bool:
    """Tell whether an item is failed over or on its way home; raises `NotSeen` where that cannot be told."""
    kind, location = item.instance_type.value, item.active_location.value
    return kind.casefold() == REPROTECTED or location.casefold() != "primary"
