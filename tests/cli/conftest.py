from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from failback import cli
from wizard_steps.wording import use_language


@dataclass(frozen=True)
class Ran:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """The lines of standard error."""
        return self.err.splitlines()


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give every test a home of its own, no secrets in the environment, and English at the end."""
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith("FAILBACK_") and name != "FAILBACK_HOME"]:
        monkeypatch.delenv(name)
    yield tmp_path / "home"
    use_language(None, Path())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs one command line in this process."""

    def run_it(*arguments: str) -> Ran:
        code = cli.run(arguments)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run_it


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what puts a person with prepared answers at the terminal."""

    def sit_down(*answers: str) -> None:
        left = list(answers)

        def answer(_prompt: str = "") -> str:
            if not left:
                raise EOFError
            return left.pop(0)

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("click.termui.visible_prompt_func", answer)

    return sit_down
