"""How much a change asks of whoever confirms it: what its remedy asks, and more where a call of it destroys something.

The same remedy can be gentle or not: a guest that is asked to shut down, or cut off; a disk that is added, or, when
that is undone, deleted with its file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from failback.changes.change import Call, Change
from failback.changes.remedy import Weight

CUTS_OFF: Final = frozenset({"PowerOffVM_Task"})
"""Calls after which what a guest had not written is lost."""


def weigh(change: Change, usual: Weight) -> Weight:
    """Return the weight of a change whose remedy asks `usual`."""
    return Weight.IRREVERSIBLE if any(_destroys(call) for call in change.calls) else usual


def _destroys(call: Call) -> bool:
    return call.method in CUTS_OFF or _deletes_a_file(call.args)


def _deletes_a_file(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.get("fileOperation") == "destroy" or any(_deletes_a_file(one) for one in value.values())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(_deletes_a_file(one) for one in value)
