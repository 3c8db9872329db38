"""One run of changes for each profile and home at a time, and how the next start knows whether the last one lives.

The operating system holds the mark and takes it away with the process, however that ends: what the journal shows as
not ended is cut off when nobody holds the mark, and under way when somebody does.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from failback.errors import HomeError, UsageError
from failback.home import FILE_MODE
from wizard_steps.wording import _

try:
    import fcntl
except ImportError:  # pragma: no cover -- Windows: two programs of one user at the same moment are not kept apart
    fcntl = None  # type: ignore[assignment]


@contextmanager
def alone(folder: Path, profile: str) -> Iterator[None]:
    """Hold the mark while changes of `profile` are carried out or looked for.

    Raises `UsageError` while another run of this user holds it, and `HomeError` when it cannot be made.
    """
    descriptor = _opened(folder, profile)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise UsageError(
            _("this change"),
            _("another failback of yours is changing something of the same profile"),
            _("wait until it has ended, or look at its window"),
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)  # which lets go of the mark


def somebody_runs(folder: Path, profile: str) -> bool:
    """Tell whether a run of changes of `profile` is under way in this home, here or in another process."""
    try:
        with alone(folder, profile):
            return False
    except UsageError:
        return True


def _opened(folder: Path, profile: str) -> int:
    name = hashlib.sha256(profile.encode()).hexdigest()[:16]  # a profile's name may hold what a file's name may not
    path = folder / f"running-{name}"
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), FILE_MODE)
    except OSError as error:
        raise HomeError(
            str(path),
            _("it cannot be made ({reason})").format(reason=error.strerror or type(error).__name__),
            _("make room and mend its rights; nothing is changed without a journal"),
        ) from error
