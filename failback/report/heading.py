"""What a report says about itself, beside what was judged."""

from __future__ import annotations

from dataclasses import dataclass

from failback import __version__


@dataclass(frozen=True)
class Heading:
    """The profile's name, and whether the site is the rehearsal's. `ascii_only` asks for marks every terminal has."""

    profile: str
    rehearsal: bool = False
    ascii_only: bool = False
    version: str = __version__
