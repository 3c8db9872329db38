"""What is loaded when little is asked: scripts and jump boxes pay for every import."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"azure", "cryptography", "keyring", "msal", "pyVim", "pyVmomi", "requests", "rich", "textual"}


def modules_loaded_by(code: str) -> set[str]:
    """Run code in a new interpreter and return the top-level names of the modules it has loaded at the end."""
    listed = f"{code}\nimport json, sys\nprint('LOADED', json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("LOADED "), done.stdout
    return {name.partition(".")[0] for name in json.loads(last.removeprefix("LOADED "))}


def command(*arguments: str) -> str:
    """Return code that runs the command line and goes on where it exits."""
    return (
        "import sys\n"
        f"sys.argv = ['failback', *{list(arguments)!r}]\n"
        "from failback.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as exit:\n"
        "    assert not exit.code, exit.code\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import wizard_steps", id="importing the core"),
        pytest.param("import failback", id="importing the engine"),
        pytest.param("import wizard_steps.judge, wizard_steps.classic", id="importing the rules"),
        pytest.param(command("--version"), id="failback --version"),
        pytest.param(command("--help"), id="failback --help"),
        pytest.param(command("check", "--help"), id="failback check --help"),
    ],
)
def test_asking_little_loads_neither_a_screen_library_nor_an_sdk(code: str) -> None:
    assert not modules_loaded_by(code) & HEAVY


def test_the_core_loads_no_library_at_all() -> None:
    plain = modules_loaded_by("")
    loaded = modules_loaded_by("import wizard_steps.judge, wizard_steps.classic")
    assert loaded - plain - set(sys.stdlib_module_names) == {"wizard_steps"}


def test_the_measure_would_notice_a_heavy_import() -> None:
    assert modules_loaded_by("import rich") & HEAVY
