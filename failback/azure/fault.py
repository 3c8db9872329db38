"""What a fault of Azure is: its kind, and the sentence about it. `faults` makes them of exceptions."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from wizard_steps.outside import Outside, visible
from wizard_steps.wording import _


class Kind(enum.Enum):
    """What kind of thing went wrong. The value is the title of the kind, for logs and tests."""

    NOT_SIGNED_IN = "not signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    WRONG_TENANT = "wrong tenant"
    DENIED = "denied"
    NO_SUBSCRIPTION = "no such subscription"
    NOT_FOUND = "not found"
    THROTTLED = "throttled"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "certificate not trusted"
    BROKEN_OFF = "connection broken off"
    SERVICE_FAILED = "service failed"
    MALFORMED = "malformed answer"
    CONFLICT = "conflict"
    REFUSED = "refused"
    OPERATION_FAILED = "operation failed"
    OPERATION_UNCLEAR = "operation unclear"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Fault:
    """What went wrong: `reason` is a clause, `next_step` tells the operator what to do; both are safe to show.

    `code` is Azure's own word. `action` is the permission that is missing, empty otherwise. `causes` and `advice`
    are Azure's own texts about it.
    """

    kind: Kind
    reason: str
    next_step: str
    code: str = ""
    action: str = ""
    causes: tuple[Outside, ...] = ()
    advice: tuple[Outside, ...] = ()


class WaitCancelledError(Exception):
    """The operator cancelled while a request was waiting to be repeated, or before it was sent."""


def one_line(text: str) -> str:
    """Return the first sentence-like line of a library's message, without trace ids, safe to show."""
    line = re.split(r"\s*(?:Trace ID:|Timestamp:|\n)", text.strip(), maxsplit=1)[0]
    return visible(line.rstrip(". ") or _("no reason given"))
