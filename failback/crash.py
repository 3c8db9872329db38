"""The last resort: an error nobody foresaw becomes one sentence and a private file that holds code, never values.

The exception's own words are left out as well: they may quote a password, a token or a name from outside.
"""

from __future__ import annotations

import contextlib
import platform
import sys
import traceback
from datetime import datetime, timezone
from pathlib import Path

from failback import __version__
from failback.errors import FailbackError, InternalError
from failback.home import create_private, home_folder, private_folder
from wizard_steps.wording import _


def keep_no_core() -> None:
    """Have the system keep no memory image of this process if it is killed: passwords are in it."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def traceback_without_values(error: BaseException) -> str:
    """Return the traceback of an error and of what caused it: files, lines and code; no locals and no messages."""
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = traceback.format_tb(link.__traceback__)
        lines[:0] = ["Traceback (most recent call last):\n", *frames, f"{type(link).__qualname__}\n", "\n"]
        link = link.__cause__ or link.__context__
    return "".join(lines).rstrip("\n") + "\n"


def keep_crash(error: BaseException) -> InternalError:
    """Write the crash file and return the sentence that names it; where none can be written, it says so."""
    kind = type(error).__qualname__
    try:
        path = _write(error)
    except (FailbackError, OSError):
        return InternalError(
            _("failback itself"),
            _("it met an error of its own ({kind}), and no crash file could be written").format(kind=kind),
            _("run it again with FAILBACK_HOME set to a folder of yours, and report what it says"),
        )
    return InternalError(
        _("failback itself"),
        _("it met an error of its own ({kind})").format(kind=kind),
        _("report it with the file {path}, which holds no names and no secrets").format(path=path),
    )


def _write(error: BaseException) -> Path:
    now = datetime.now(timezone.utc)
    folder = private_folder(home_folder() / "crashes")
    path = folder / f"crash-{now:%Y%m%dT%H%M%S%f}.txt"
    head = f"failback {__version__}, Python {platform.python_version()}, {sys.platform}, {now:%Y-%m-%dT%H:%M:%SZ}\n\n"
    create_private(path, (head + traceback_without_values(error)).encode("utf-8", "backslashreplace"))
    return path
