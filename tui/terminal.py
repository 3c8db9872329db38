"""What stands between the screens and the terminal: is there one, and what to do when it goes away."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping

from failback.errors import UsageError
from wizard_steps.wording import _


def check_terminal(environment: Mapping[str, str] | None = None) -> None:
    """Raise `UsageError` unless somebody sits at a terminal that can show screens.

    Textual itself writes its sequences anywhere, also into a file or to a terminal that calls itself dumb.
    """
    kind = (os.environ if environment is None else environment).get("TERM", "")
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or kind in ("", "dumb"):
        raise UsageError(
            _("the wizard"),
            _("it needs a terminal, and this is none (TERM is {kind})").format(kind=kind or _("not set")),
            _("use `failback check` here, or start the wizard in a terminal"),
        )


def on_hang_up(act: Callable[[], None]) -> None:
    """Call `act` when the process is asked to end or its line is cut, so that the terminal is given back in order."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            try:
                loop.add_signal_handler(number, act)
            except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                return
