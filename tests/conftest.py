"""What holds for every test: which signals it hears, and whether the lines it runs are counted as covered."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

NOT_COUNTED = (
    "end_to_end",
    "promises",
    "proof",
    "security/test_hostile_names_in_a_terminal.py",
    "security/test_secrets_leak_nowhere.py",
    "tui",
)
"""Where the tests judge the whole program many times over, and the tracer would double the time they take.

What they run is run by the tests of its parts, too, and counted there: the bound is about those.
"""


def pytest_configure() -> None:
    """Hear what `nohup` and a shell's `&` ignore: programs that the tests start inherit it, and are sent signals."""
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run without the tracer."""
    for item in items:
        if item.path.relative_to(TESTS).as_posix().startswith(NOT_COUNTED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _children_are_counted_like_their_test(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
