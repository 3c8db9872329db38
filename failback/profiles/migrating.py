"""From an older profile to one of today: a step for every version that ever was, each from one version to the next.

Looking changes no file. The wizard migrates what it has read, in memory; only when it saves the profile is the file
written in the form of today, and what it was before is kept beside it, see `store.save`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

from failback.profiles.model import SCHEMA_VERSION

Document = dict[str, Any]
Step = Callable[[Document], Document]
"""Takes a document of one version (its own copy) and returns it as the next version spells it, but for the number."""


def _as_it_is(document: Document) -> Document:
    """From 0, a file that does not say its version (a person wrote it), to 1: the keys are the same."""
    return document


STEPS: Final[Mapping[int, Step]] = {0: _as_it_is}
"""By the version that a step starts from. Every version below `SCHEMA_VERSION` has one."""


def version_of(document: Mapping[str, Any]) -> int | None:
    """Return the version a document says it has, 0 for none; `None` for what cannot be a version."""
    version = document.get("schema_version", 0)
    return version if isinstance(version, int) and not isinstance(version, bool) and version >= 0 else None


def is_older(document: Mapping[str, Any], newest: int = SCHEMA_VERSION) -> bool:
    """Tell whether a document is of an older version than `newest`."""
    version = version_of(document)
    return version is not None and version < newest


def migrated(document: Document, steps: Mapping[int, Step] = STEPS, newest: int = SCHEMA_VERSION) -> Document:
    """Return the document in the form of `newest`; the very same where it is of that version, newer, or of none."""
    version = version_of(document)
    if version is None or version >= newest:
        return document
    result = copy.deepcopy(document)
    for one in range(version, newest):
        result = {**steps[one](result), "schema_version": one + 1}
    return result
