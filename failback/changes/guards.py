"""Which calls of a change are refused by the system itself when something moved, and which are not.

vCenter refuses to reconfigure a VM whose `changeVersion` is another; Azure a request whose `If-Match` or
`If-None-Match` does not hold. What has neither is sent into an open window: nothing but the last reading stands
between it and what somebody else does meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from failback.changes.change import Call, Change
from failback.changes.world import OPEN_WINDOW
from wizard_steps.outside import visible
from wizard_steps.wording import _

_CONDITIONS: Final = frozenset({"if-match", "if-none-match"})


def is_guarded(call: Call) -> bool:
    """Tell whether the system refuses the call when what it changes is no longer as it was read."""
    if call.system == "azure":
        return any(str(name).casefold() in _CONDITIONS for name in call.args.get("headers", {}))
    spec = call.args.get("spec")
    return isinstance(spec, Mapping) and bool(spec.get("changeVersion"))


def open_window(change: Change) -> str:
    """Return which calls of a change have no guard, and how long their window is; empty: every call has one.

    A change that changes nothing (a look) needs none.
    """
    if not change.before and not change.after:
        return ""
    names = dict.fromkeys(visible(call.method) for call in change.calls if not is_guarded(call))
    if not names:
        return ""
    return _(
        "{calls}: not refused if somebody else changes something after the last reading, "
        "which is {seconds} s old at most when the first call is sent"
    ).format(calls=", ".join(names), seconds=round(OPEN_WINDOW.total_seconds()))
