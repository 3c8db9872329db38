"""Agent versions such as `9.62.6365.1`, compared part by part as numbers."""

from __future__ import annotations

from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.wording import _


def agent_version(text: str) -> tuple[int, ...]:
    """Return a version as numbers, without trailing zeros; raises `NotSeen` for a text that is none."""
    parts = text.strip().split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts):  # noqa: PLR2004 -- major.minor
        raise NotSeen(_("{text} is no agent version").format(text=Outside(text).shown()))
    numbers = [int(part) for part in parts]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
