"""A site whose every name wants to do harm, walked by keys in a real pseudo-terminal."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

pytest.importorskip("pty", reason="a pseudo-terminal is POSIX")

from tests.security.terminal import Terminal, controls, kinds

SITE = "tests/security/hostile_site.py"
POINTER = repr(b"\x1b]22;default\x07")  # the one string Textual itself sends: the mouse pointer's shape
HOSTILE = "7,5,6,8,9,10,11,12,0,1,2,3"  # every kind of sequence, control and turn; test_hostile_names_on_every_screen


def walked(payload: str) -> bytes:
    """Return every byte of a walk: what was cut off, steps, verdict, rights, plan, a change, the history, the end."""
    with TemporaryDirectory() as home, Terminal(SITE, payload, environment={"FAILBACK_HOME": home}) as terminal:
        terminal.wait_for("An earlier run was cut off")
        terminal.press("\r")
        for page in "1358t":
            terminal.press(page)
        terminal.press("u")
        terminal.wait_for("held to")
        terminal.press("b")
        terminal.press("p")
        terminal.wait_for("planned")
        terminal.press("a")
        terminal.wait_for("Make this change?")
        terminal.press("y")
        terminal.wait_for("This cannot be undone")
        terminal.press("\r")
        terminal.wait_for("done and verified")
        terminal.press("h")
        terminal.wait_for("What was changed")
        terminal.press("q")
        assert terminal.end() == 0, terminal.text
        return terminal.raw


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_walk_past_hostile_names_sends_no_sequence_that_the_program_did_not_mean() -> None:
    raw, plain = walked(HOSTILE), walked("plain")
    assert kinds(raw) <= kinds(plain)
    assert controls(raw) <= controls(plain)
    strings = {one for one in kinds(raw) if one.startswith(("b'\\x1b]", "b'\\x1bP"))}
    assert strings <= {POINTER}, "no title, no clipboard, no link"


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_crash_of_the_screens_shows_one_sentence_and_no_local_variable(tmp_path: Path) -> None:
    canary = "canary-1f0e-local"
    environment = {"FAILBACK_HOME": str(tmp_path)}
    with Terminal(SITE, "crash", canary[::-1], environment=environment) as terminal:
        terminal.end()
        assert canary.encode() not in terminal.raw
        assert b"Traceback" not in terminal.raw
        assert "an error of its own (RuntimeError)" in " ".join(terminal.text.split())
    (crash,) = (tmp_path / "crashes").iterdir()
    assert canary not in crash.read_text()
    assert "hostile_site.py" in crash.read_text()
    assert crash.stat().st_mode & 0o777 == 0o600
