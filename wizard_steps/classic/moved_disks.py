"""Disks that hung on a master target when they were first seen, and hang there no more or lie elsewhere now."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from wizard_steps.case import AmbiguousName, Case, Target, UnknownName
from wizard_steps.classic.reprotected import through
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.reading import NotSeen


def remembered(case: Case, target: Target) -> Mapping[str, str] | None:
    """Return the file of each disk by its UUID, as first seen; `None`: nothing is remembered of this target."""
    return case.memory.disk_files.get(target.id.casefold())


def missing(case: Case, target: Target) -> Mapping[str, str]:
    """Return the remembered disks that do not hang on the target, by UUID, each with its file; raises `NotSeen`.

    Only while a machine replicates back through it: before that its disks are its own, and may come and go.
    """
    if not through(case, target):
        return {}
    now = {plain_uuid(disk.uuid) for disk in target.vm.value.disks.value if disk.uuid}
    return {uuid: file for uuid, file in (remembered(case, target) or {}).items() if plain_uuid(uuid) not in now}


def all_missing(case: Case) -> Mapping[str, Mapping[str, str]]:
    """Return the same for every chosen master target, by the reference of its VM; what was not seen lacks nothing."""
    found: dict[str, Mapping[str, str]] = {}
    for target in case.targets.or_else(()):
        with suppress(NotSeen, UnknownName, AmbiguousName):
            if lost := missing(case, target):
                found[target.vm.value.ref] = lost
    return found
