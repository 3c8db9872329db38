"""Machines that are reprotected through a master target already: their disks hang on it."""

from __future__ import annotations

from wizard_steps.case import Case, Target, same_id
from wizard_steps.seen_in_azure import ProtectedItem

_REVERSE = "inmage"  # the provider that replicates from Azure to the site


def through(case: Case, target: Target) -> tuple[ProtectedItem, ...]:
    """Return the protected items of the vault that replicate back through a master target; raises `NotSeen`."""
    mine = target.registered.value.id
    return tuple(
        one
        for one in case.azure.protected_items.value
        if one.instance_type.value.casefold() == _REVERSE
        and (used := one.master_target_id.value) is not None
        and same_id(used, mine)
    )
