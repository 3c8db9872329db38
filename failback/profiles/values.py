"""What a value in a profile may be: each check returns it in the shape the profile keeps, or says what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wizard_steps.wording import _


class WrongError(Exception):
    """A value is not what the key needs; `needs` says what it needs, in a few words. `hidden`: it is not shown."""

    def __init__(self, needs: str, *, hidden: bool = False) -> None:
        """Keep both."""
        super().__init__(needs)
        self.needs = needs
        self.hidden = hidden


Check = Callable[[Any], Any]
"""Takes a parsed value, returns it in the shape the profile keeps, or raises `WrongError`."""


def text(value: Any) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise WrongError(_("a text in quotes"))
    return value


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of texts as a tuple."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise WrongError(_('a list of texts, such as ["web01", "web02"]'))
    return tuple(value)


def whole_number(least: int, most: int) -> Check:
    """Return the check for a whole number within limits."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise WrongError(_("a whole number from {least} to {most}").format(least=least, most=most))
        return value

    return check


def positive(value: Any) -> float:
    """Return a number above zero."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < float("inf"):
        raise WrongError(_("a number above zero"))
    return value


def switch(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise WrongError(_("true or false, without quotes"))
    return value


def one_of(words: Iterable[str]) -> Check:
    """Return the check for one of some words."""
    allowed = tuple(words)

    def check(value: Any) -> str:
        if value not in allowed:
            raise WrongError(_("one of {words}").format(words=", ".join(f'"{word}"' for word in allowed)))
        return str(value)

    return check
