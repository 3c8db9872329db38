"""The last resort: an error nobody foresaw becomes one sentence and a private file that holds code, never values.

The exception's own words are left out as well: they may quote a password, a token or a name from outside.
"""

from __future__ import annotations

import contextlib
import logging
import platform
import sys
import threading
import traceback
from datetime import datetime, timezone
from pathlib import Path

from failback import __version__
from failback.errors import FailbackError, InternalError
from failback.home import create_private, home_folder, private_folder
from wizard_steps.wording import _

_PR_SET_DUMPABLE = 4


def keep_no_core() -> None:
    """Have the system keep no memory image of this process, nor let this user's other programs read it.

    Passwords are in it. Linux's flag also closes `/proc/PID/mem` and `/proc/PID/environ` to them, and works where a
    core is piped to a program, which ignores the limit.
    """
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def print_nothing_unasked() -> None:
    """Keep off the terminal what Python and the libraries print by themselves: their words may quote a secret.

    What a thread raises becomes a crash file; log records and warnings go nowhere; what a finaliser raises is dropped.
    """

    def of_a_thread(raised: threading.ExceptHookArgs) -> None:
        if raised.exc_value is not None:
            keep_crash(raised.exc_value)

    threading.excepthook = of_a_thread
    sys.unraisablehook = lambda _raised: None
    logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(capture=True)


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
