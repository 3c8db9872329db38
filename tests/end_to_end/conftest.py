"""Runs the installed command as its user would: a profile file, two environment variables, nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end.site_on_peers import Peers, peers

SEEDED = ("azvm-running", "mt-disk-enableuuid", "failback-policy-associated", "vm-name-collision")
PATIENCE = 100
"""Seconds for one command: it starts, signs in twice over TLS and reads a site; ten of them on a busy machine."""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """The site with a few faults on both peers; a test that changes something puts it back."""
    with peers(tmp_path_factory.mktemp("peers"), *SEEDED) as running:
        yield running


@pytest.fixture
def failback(tmp_path: Path) -> Run:
    """Return a function that runs the command with a home of its own and returns what it said."""

    def run(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FAILBACK_", "AZURE_"))}
        own = {"FAILBACK_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), **(environment or {})}
        return subprocess.run(
            [sys.executable, "-m", "failback", *arguments],
            env={**kept, **own},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run
