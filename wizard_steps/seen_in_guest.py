"""What a look inside a master target's guest told, as plain frozen data. No interface of vCenter or Azure tells it.

Sizes are bytes. A look runs a program inside, so it is taken only with credentials and after a confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen
from wizard_steps.wording import N_

NOBODY_LOOKED = N_("nobody looked inside: guest credentials were not given")
"""Why most machines have no facts from inside their guest."""

LOOK_INSIDE: Reading[Any] = not_seen(NOBODY_LOOKED)
"""What is known of a guest before anybody looks."""


@dataclass(frozen=True)
class VolumeInside:
    r"""A volume as its guest has it: a drive letter (`R:\`) or a mount point.

    `file_system` is the guest's own word, empty where it names none. A locked volume is one that BitLocker has not
    unlocked. `installed` and `caches` are the product's folders on it: what it is installed in, and its caches.
    """

    path: Outside
    file_system: Reading[Outside]
    locked: Reading[bool]
    read_only: Reading[bool]
    installed: Reading[tuple[Outside, ...]]
    caches: Reading[tuple[Outside, ...]]


@dataclass(frozen=True)
class RawDisk:
    """A disk without partition table or file system; `serial` is in lower case, without dashes and blanks."""

    serial: str
    size: int


@dataclass(frozen=True)
class SeenInGuest:
    """Everything one look inside a guest brought back. `looked_at` is aware, UTC."""

    looked_at: datetime
    volumes: tuple[VolumeInside, ...]
    lvm: Reading[tuple[Outside, ...]]  # names of the volumes on LVM; on Windows there are none
    raw_disks: Reading[tuple[RawDisk, ...]]
    left_behind: Outside | None = None  # a temporary folder that could not be removed
