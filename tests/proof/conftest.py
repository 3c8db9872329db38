"""The ready site, judged once for each worker; the summary of the detection matrix; the switch that renews goldens."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.proof.judging import Judged, judged

_SUMMARY: Counter[str] = Counter()
_KEY = "detection matrix"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that writes the golden reports anew."""
    parser.addoption("--renew-goldens", action="store_true", help="write the golden reports anew")


@pytest.fixture(scope="session")
def ready() -> Judged:
    """Return the ready site as the engine judges it."""
    return judged()


@pytest.fixture
def matrix_summary() -> Counter[str]:
    """Return where the tests of the matrix count what they saw."""
    return _SUMMARY


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of a worker to the process that started it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_KEY] = dict(_SUMMARY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Add the counts of a worker that has ended."""
    _SUMMARY.update(getattr(node, "workeroutput", {}).get(_KEY, {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the summary of the detection matrix."""
    if _SUMMARY:
        counts = ", ".join(f"{name} {_SUMMARY[name]}" for name in ("detected", "missed", "false alarms"))
        terminalreporter.write_line(f"{_KEY}: {counts}")
