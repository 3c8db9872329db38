"""Sizes, ages and places in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from failback.changes.change import in_words
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import Reading, Source
from wizard_steps.wording import N_, _, ngettext

GIB = 2**30
_GIB_IN_A_TIB = 1024
_EXACT_BELOW = 10  # GiB: smaller sizes are told with a decimal
_SHORT_WAIT = 120  # seconds: longer waits are told in minutes
_SPELLED = {
    "MT section": N_("master target"),
    "PS section": N_("process server"),
    "MT": N_("master target"),
    "PS": N_("process server"),
    "CS": N_("configuration server"),
    "para": N_("paragraph"),
}
_SHORT = re.compile(r"\b(?:" + "|".join(_SPELLED) + r")\b")
_SYSTEMS = {
    "vcenter": N_("vCenter"),
    "azure": N_("Azure"),
    "guest": N_("the guest"),
    "operator": N_("the operator"),
    "local": N_("this program"),
}


def age(then: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in the largest unit that says enough."""
    minute, hour = 60, 3600
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < minute:
        return _("{count} s ago").format(count=seconds)
    if seconds < hour:
        return _("{count} min ago").format(count=seconds // minute)
    if seconds < 48 * hour:
        return _("{count} h ago").format(count=seconds // hour)
    return _("{count} days ago").format(count=seconds // 86400)


def until(then: datetime, now: datetime) -> str:
    """Return how long it is until a moment."""
    seconds = int((then - now).total_seconds())
    if seconds <= 0:
        return _("now")
    if seconds < _SHORT_WAIT:
        return _("in {count} s").format(count=seconds)
    return _("in {count} min").format(count=-(-seconds // 60))


def size(count: float) -> str:
    """Return a number of bytes in GiB or TiB."""
    gib = count / GIB
    if gib >= _GIB_IN_A_TIB:
        return _("{count} TiB").format(count=f"{gib / _GIB_IN_A_TIB:.1f}")
    return _("{count} GiB").format(count=f"{gib:.{int(gib < _EXACT_BELOW)}f}")


def size_of(reading: Reading[int]) -> str:
    """Return a size that was read, or a question mark where it was not."""
    return size(reading.value) if reading.was_seen else "?"


def text_of(reading: Reading[str]) -> str:
    """Return a word that was read, made visible, or a question mark where it was not."""
    return visible(reading.value) if reading.was_seen else "?"


def place(seed: str) -> str:
    """Return the document's own place so that its step numbers are not taken for ours."""
    spelled = _SHORT.sub(lambda found: _(_SPELLED[found[0]]), seed)
    return _("document: {place}").format(place=spelled)


def source(one: Source, now: datetime) -> str:
    """Return where a value was seen, which property it is, and how old it is."""
    system = _(_SYSTEMS.get(one.system, one.system))
    return _("{system}: {what}, {age}").format(system=system, what=visible(one.what), age=age(one.seen_at, now))


def value(one: object) -> str:
    """Return an observed value as a person reads it."""
    if isinstance(one, Outside):
        return one.shown()
    if isinstance(one, datetime):
        return one.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(one, Mapping):
        return ", ".join(f"{visible(str(key))} {value(item)}" for key, item in one.items())
    if isinstance(one, Sequence) and not isinstance(one, str):
        return ", ".join(value(item) for item in one) or _("none")
    return in_words(one)


def disks(count: int) -> str:
    """Return how many disks there are."""
    return ngettext("{count} disk", "{count} disks", count).format(count=count)


def machines(names: Sequence[str], limit: int = 3) -> str:
    """Return the names of some machines: all of a few, or how many there are."""
    if len(names) <= limit:
        return ", ".join(visible(name) for name in names)
    return ngettext("{count} machine", "{count} machines", len(names)).format(count=len(names))
