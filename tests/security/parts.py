"""Real parts that a test needs and this machine may not have: such a test says loudly that it did not run.

`CI_PARTS` names the parts that `.ci/run` has put there; a test that still misses one of them fails.
"""

from __future__ import annotations

import os

import pytest


def need(part: str, *, there: bool) -> None:
    """Go on when the part is there; otherwise skip, or fail where it was installed for this run."""
    if there:
        return
    if part in os.environ.get("CI_PARTS", "").split():
        pytest.fail(f"{part} was installed for this run and is not there")
    pytest.skip(f"NOT RUN: {part} is not on this machine")
