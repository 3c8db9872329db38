"""Which part may import what. The contracts stand in `pyproject.toml`; what they cannot say stands here."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import tomli

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "wizard_steps").rglob("*.py"))
SHIPPED = [path for package in ("failback", "tui", "wizard_steps") for path in sorted((ROOT / package).rglob("*.py"))]
OURS = {"failback", "tui", "wizard_steps"}

# What would make a judgement depend on something besides the case it is given.
CLOCKS_AND_FILES = {
    "now",
    "utcnow",
    "today",
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "environ",
    "getenv",
}


def imported(path: Path) -> set[str]:
    """Return the top-level names of the modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_imports_the_standard_library_and_nothing_else(path: Path) -> None:
    strangers = imported(path) - set(sys.stdlib_module_names) - {"wizard_steps"}
    assert not strangers, f"{path.name} imports {sorted(strangers)}"


@pytest.mark.parametrize("path", [path for path in CORE if path.stem != "wording"], ids=lambda path: path.stem)
def test_the_core_reads_no_clock_and_no_file(path: Path) -> None:
    used = [
        f"line {node.lineno}: {name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for name in [node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")]
        if name in CLOCKS_AND_FILES
    ]
    assert not used, f"{path.name}: {used}"


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_distribution(line) for line in project["dependencies"]}
    distributions = packages_distributions()
    for path in SHIPPED:
        for name in imported(path) - set(sys.stdlib_module_names) - OURS:
            offered_by = {_distribution(distribution) for distribution in distributions.get(name, [])}
            assert offered_by & declared, f"{path.relative_to(ROOT)} imports {name}, which no dependency brings"


def test_every_dependency_has_an_upper_bound() -> None:
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    unbounded = [line for line in lines if not re.search(r"<|==", line)]
    assert not unbounded


def test_no_module_is_longer_than_400_lines() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SHIPPED}
    assert not {name: count for name, count in lines.items() if count > 400}


def _distribution(requirement: str) -> str:
    """Return the normalised name at the start of a requirement or of a distribution."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()
