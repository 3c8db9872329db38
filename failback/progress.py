"""How long work reports itself and how it is asked to stop."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Takes one translated sentence: what is being read or done now. May be called from any thread."""

Cancelled = Callable[[], bool]
"""Answers whether somebody asked to stop. Asked between two calls, from any thread."""


def silent(_sentence: str) -> None:
    """Report nothing."""


def never() -> bool:
    """Answer that nobody asks to stop."""
    return False
