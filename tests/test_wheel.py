"""What is installed: a wheel that lacks a style sheet or a translation fails on the jump box, not here."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = (".mo", ".po", ".tcss", ".tsv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel and return the names of the files in it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_has_the_three_packages_and_nothing_else(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel if ".dist-info/" not in name}
    assert tops == {"failback", "tui", "wizard_steps"}


def test_the_wheel_has_every_module_and_every_file_of_data(wheel: set[str]) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for package in ("failback", "tui", "wizard_steps")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", *DATA}
    }
    assert wanted <= wheel


def test_the_wheel_has_the_license_and_the_command(wheel: set[str]) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    assert any(name.endswith("entry_points.txt") for name in wheel)
