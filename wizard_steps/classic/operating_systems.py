"""Operating systems: family and version, from the words that site recovery and VMware use.

Only Windows versions are ordered: a Linux master target is always Ubuntu, whatever its machines run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard_steps.case import Target
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _

WINDOWS, LINUX = "Windows", "Linux"
_FAMILIES = {"windows": WINDOWS, "linux": LINUX}
_BY_NAME = {
    "2003": (5, 2),
    "2003 r2": (5, 2),
    "2008": (6, 0),
    "2008 r2": (6, 1),
    "2012": (6, 2),
    "2012 r2": (6, 3),
    "2016": (10, 0, 14393),
    "2019": (10, 0, 17763),
    "2022": (10, 0, 20348),
    "2025": (10, 0, 26100),
}
_YEAR = re.compile(r"windows.*?\b(2003|2008|2012|2016|2019|2022|2025)(\s+r2)?\b")
_NUMBER = re.compile(r"\b(\d+)\.(\d+)(?:\.(\d+))?")
_TEN = (10, 0)


@dataclass(frozen=True)
class WindowsVersion:
    """The NT version: major, minor, and from 10.0 on the build. `or_later`: the oldest it may be."""

    numbers: tuple[int, ...]
    or_later: bool = False


def family(word: str) -> str:
    """Return `Windows` or `Linux`; raises `NotSeen` for a word that is neither."""
    known = _FAMILIES.get(word.strip().casefold())
    if known is None:
        raise NotSeen(
            _("the operating system is given as {word}, which is neither Windows nor Linux").format(
                word=Outside(word).shown()
            )
        )
    return known


def windows_version(text: str) -> WindowsVersion | None:
    """Return the version that a text states (`Windows Server 2016 Datacenter`, `6.3.9600`); None: none found."""
    words = text.casefold()
    later = "or later" in words
    if year := _YEAR.search(words):
        return WindowsVersion(_BY_NAME[year[1] + (" r2" if year[2] else "")], later)
    names_windows = "windows" in words or words[:1].isdigit()
    if names_windows and (number := _NUMBER.search(words)):
        numbers = tuple(int(part) for part in number.groups() if part is not None)
        if numbers[:2] < _TEN:
            return WindowsVersion(numbers[:2], later)
        return WindowsVersion(numbers, later) if len(numbers) > len(_TEN) else None
    return None


def is_same_or_newer(one: str, other: str) -> bool | None:
    """Tell whether Windows `one` is the same as `other` or newer; None: the texts do not say."""
    mine, its = windows_version(one), windows_version(other)
    if mine is None or its is None:
        return None
    if mine.numbers >= its.numbers:
        return None if its.or_later else True
    return None if mine.or_later else False


def version_of(target: Target) -> Outside:
    """Return the version text of a master target: as site recovery states it, else as VMware Tools reports it.

    Raises `NotSeen` when neither says anything.
    """
    stated = target.registered.value.os_version.value or target.vm.value.guest_full_name.value
    if stated is None:
        raise NotSeen(
            _("neither site recovery nor VMware Tools states the version of {target}").format(
                target=Outside(target.name).shown()
            )
        )
    return stated
