from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from failback.errors import EXIT_UNKNOWN

pty = pytest.importorskip("pty", reason="a pseudo-terminal is POSIX")

PROFILE = """\
schema_version = 1
[vcenter]
host = "127.0.0.2"
port = 1
username = "operator"
[azure]
cloud = "custom"
authority = "https://127.0.0.2:1"
resource_manager = "https://127.0.0.2:1"
tenant_id = "5e5ca11b-0000-4000-8000-00000000d0c6"
subscription_id = "5e5ca11b-0000-4000-8000-00000000d0c5"
client_id = "5e5ca11b-0000-4000-8000-00000000d0c7"
sign_in = "client-secret"
[vault]
resource_group = "rg"
name = "v"
"""
CANARY = "canary-7f3a"


def answered(terminal: int, answers: dict[str, str]) -> str:
    """Return all that appears on a terminal, typing each answer when its prompt is there."""
    shown = ""
    left = dict(answers)
    while True:
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:  # the other end is closed
            return shown
        for prompt in [prompt for prompt in left if prompt in shown]:
            os.write(terminal, left.pop(prompt).encode() + b"\n")


@pytest.mark.slow
def test_passwords_are_asked_for_on_the_terminal_and_appear_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(PROFILE)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "FAILBACK_HOME": str(tmp_path / "home"), "TERM": "xterm"}
    command = [sys.executable, "-m", "failback", "check", "--profile", str(path)]
    with subprocess.Popen(
        command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = answered(
            ours, {"password for vCenter (operator@127.0.0.2): ": CANARY, "client secret for Azure": f"{CANARY}2"}
        )
        assert process.stdout is not None
        report = process.stdout.read().decode()
        assert process.wait() == EXIT_UNKNOWN
    os.close(ours)
    assert CANARY not in shown + report
    assert "nothing listens on port 1" in shown
    assert "UNKNOWN" in report
    assert not [one for one in (tmp_path / "home").rglob("*") if one.is_file() and CANARY.encode() in one.read_bytes()]


def test_the_shell_completes_commands_and_options() -> None:
    for words, place, expected in [
        ("failback che", "1", "plain,check"),
        ("failback check --form", "2", "plain,--format"),
    ]:
        environment = {**os.environ, "COMP_WORDS": words, "COMP_CWORD": place, "_FAILBACK_COMPLETE": "bash_complete"}
        ran = subprocess.run(
            [sys.executable, "-m", "failback"], capture_output=True, text=True, check=False, env=environment
        )
        assert expected in ran.stdout.split()
