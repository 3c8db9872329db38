"""What a look inside the master target's guest says of its volumes, where somebody took one.

Without it, rules ask a person; each of these functions therefore says why there is nothing, and never raises.
"""

from __future__ import annotations

from datetime import datetime

from wizard_steps.case import Target, volume_key
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading
from wizard_steps.seen_in_guest import NOBODY_LOOKED, SeenInGuest, VolumeInside
from wizard_steps.wording import _


def guest_of(target: Target) -> SeenInGuest | None:
    """Return what the guest of a master target told; None: nobody looked, or it told nothing. Raises `NotSeen`."""
    inside = target.vm.value.inside
    return inside.value if inside.was_seen else None


def volume_inside(target: Target, name: str) -> VolumeInside | None:
    """Return a volume as its guest has it; None: nobody looked, or it has none of that name. Raises `NotSeen`."""
    guest, wanted = guest_of(target), volume_key(name)
    if guest is None:
        return None
    return next((one for one in guest.volumes if volume_key(one.path.raw) == wanted), None)


def looked_at(target: Target) -> datetime | None:
    """Return when the guest was looked into. Raises `NotSeen`."""
    guest = guest_of(target)
    return None if guest is None else guest.looked_at


def why_not(target: Target, name: str, fact: Reading[object] | None = None) -> str:
    """Return why a fact of a volume is not known from inside, as a clause. Raises `NotSeen`."""
    if fact is not None and fact.reason is not None:
        return fact.reason
    reason = target.vm.value.inside.reason
    if reason == NOBODY_LOOKED:
        return _(NOBODY_LOOKED)
    return reason or _("the look inside showed no volume {name}").format(name=Outside(name).shown())
