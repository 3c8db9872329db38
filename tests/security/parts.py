"""Real parts that a test needs and this machine may not have: such a test says loudly that it did not run.

Under `.ci/run` (`CI=true`) that is a failure: a part that is installed for the tests must not vanish unnoticed.
"""

from __future__ import annotations

import os

import pytest


def need(part: str, *, there: bool) -> None:
    """Go on when the part is there; otherwise skip, or fail under CI."""
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"NOT RUN: {part} is not on this machine, and CI is to run it")
    pytest.skip(f"NOT RUN: {part} is not on this machine")
