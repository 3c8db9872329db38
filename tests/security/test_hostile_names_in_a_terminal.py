"""A site whose every name wants to do harm, walked by keys in a real pseudo-terminal."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

pytest.importorskip("pty", reason="a pseudo-terminal is POSIX")

from tests.security.hostile import NAMES
from tests.security.terminal import Terminal, controls, kinds

SITE = "tests/security/hostile_site.py"
PAGES = [*"1234567890", "t", "m"]
DIALOGS = ["?", "g", "p"]  # help, where to go, the plan: each with names in it
POINTER = repr(b"\x1b]22;default\x07")  # the one string Textual itself sends: the mouse pointer's shape
_ROOM = 150  # of a name, that much is shown; what would be cut off does no harm


def groups() -> list[str]:
    """Return the numbers of the payloads, as many together as are shown whole."""
    made: list[list[int]] = [[]]
    for number, name in enumerate(NAMES):
        if not name:
            continue
        if sum(len(NAMES[one]) for one in made[-1]) + len(name) > _ROOM:
            made.append([])
        made[-1].append(number)
    return [",".join(map(str, one)) for one in made if one]


def walked(payload: str) -> bytes:
    """Return every byte of a walk through all pages, details and some dialogs, up to the end of the program."""
    with TemporaryDirectory() as home, Terminal(SITE, payload, environment={"FAILBACK_HOME": home}) as terminal:
        terminal.wait_for("failback")
        terminal.wait_for("seen")
        for page in PAGES:
            terminal.press(page)
            terminal.press("\x1b[B\x1b[B")
        for dialog in DIALOGS:
            terminal.press(dialog)
            terminal.press("\x1b")
        terminal.press("8/mt\r\x1b")
        terminal.press("m")  # after Escape a key of its own: on a busy machine both arrive as one
        terminal.press("q")
        assert terminal.end() == 0, terminal.text
        return terminal.raw


@lru_cache(maxsize=1)
def plain() -> bytes:
    """Return the same walk where every name is harmless."""
    return walked("plain")


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("payload", groups())
def test_a_walk_past_hostile_names_sends_no_sequence_that_the_program_did_not_mean(payload: str) -> None:
    raw = walked(payload)
    assert kinds(raw) <= kinds(plain())
    assert controls(raw) <= controls(plain())
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
