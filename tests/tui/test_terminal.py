"""The wizard as a program on a terminal of its own: what it leaves behind, and what it costs a slow line."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte
import pytest

from failback.errors import UsageError
from tui.terminal import check_terminal

pytestmark = pytest.mark.slow
_START = (sys.executable, "-c", "from failback.cli import main; main()", "demo")


class Terminal:
    """A terminal with the wizard in it."""

    def __init__(self, home: Path, size: tuple[int, int] = (80, 24), **environment: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        known = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "FAILBACK_HOME": str(home / "failback"),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "TERM": "xterm-256color",
        }
        self.process = subprocess.Popen(
            _START, stdin=theirs, stdout=theirs, stderr=theirs, env={**known, **environment}, start_new_session=True
        )
        os.close(theirs)
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""

    def read(self, seconds: float) -> bytes:
        """Read what is written until nothing comes for so long."""
        found = b""
        while select.select([self._ours], [], [], seconds)[0]:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:
                break
            if not piece:
                break
            found += piece
            self._stream.feed(piece)
        self.written += found
        return found

    def until(self, text: str, seconds: float = 30) -> None:
        """Read until the screen shows `text`."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, f"{text!r} never came; there is:\n{self.shown}"
            self.read(0.1)

    @property
    def shown(self) -> str:
        return "\n".join(self.screen.display)

    def press(self, keys: str, quiet: float = 0.4) -> bytes:
        """Press keys and return what is written until it is quiet."""
        os.write(self._ours, keys.encode())
        return self.read(quiet)

    def end(self) -> int:
        """Wait for the program's end and return its exit code."""
        self.read(1)
        code = self.process.wait(10)
        os.close(self._ours)
        return code

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            os.close(self._ours)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order_and_gives_the_terminal_back(tmp_path: Path, number: signal.Signals) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.until("machines come home")
        terminal.process.send_signal(number)
        assert terminal.end() == 130
        assert b"\x1b[?1049l" in terminal.written, "the other screen is left"
        assert b"\x1b[?1000l" in terminal.written, "the mouse is given back"
        assert b"Traceback" not in terminal.written


def test_it_is_walked_by_keys_and_costs_a_slow_line_little(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.until("machines come home")
        terminal.press("s" * 3)  # the clock at its fastest and then standing: nothing ticks while bytes are counted
        terminal.until("x0")
        terminal.press("8")
        terminal.until("Step 8 of 10")
        terminal.press("9")
        assert len(terminal.press("8")) < 16_000, "a step turns without a new screen: plain Textual writes 52 kB"
        assert len(terminal.press("j")) < 5_000, "two rows and the pane below them, whatever it says"
        assert terminal.read(2.5) == b"", "at rest it writes nothing"
        terminal.press("q")
        assert terminal.end() == 0


def test_a_text_console_gets_its_own_sixteen_colours_and_ascii(tmp_path: Path) -> None:
    with Terminal(tmp_path, TERM="linux") as terminal:
        terminal.until("machines come home")
        assert "x fail" in terminal.shown
        assert b"38;2;" not in terminal.written
        terminal.press("q")
        assert terminal.end() == 0


def test_no_colour_means_no_colour(tmp_path: Path) -> None:
    with Terminal(tmp_path, NO_COLOR="1") as terminal:
        terminal.until("machines come home")
        assert not re.search(rb"\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7])[;m]", terminal.written)
        row = next(place for place, line in enumerate(terminal.screen.display) if "app01" in line)
        assert terminal.screen.buffer[row][8].reverse, "the highlighted row is reversed instead"
        terminal.press("q")
        assert terminal.end() == 0


@pytest.mark.parametrize("kind", ["dumb", ""])
def test_without_a_terminal_it_says_what_to_do_instead(kind: str) -> None:
    with pytest.raises(UsageError, match="failback check"):
        check_terminal({"TERM": kind})
