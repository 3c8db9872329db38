"""A terminal around the real program: a pseudo terminal of 80x24 that is read into an emulated screen."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping

import pyte

PATIENCE = 30.0


class Terminal:
    """The program `failback` in a terminal of its own; keys go in, a screen comes out."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], rows: int = 24, columns: int = 80) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.sent_out = b""  # every byte the program wrote to its terminal
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FAILBACK_", "AZURE_"))}
        environment = {**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment}
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover -- the child
            os.execve(sys.executable, [sys.executable, "-m", "failback", *arguments], environment)  # noqa: S606 -- the program itself
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self) -> str:
        """What the screen shows now, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: str) -> None:
        """Send keys as the terminal would."""
        os.write(self._fd, keys.encode())

    def wait_for(self, *words: str, without: str = "", patience: float = PATIENCE) -> str:
        """Read until every word is on the screen (and `without` is not); return the screen, or fail showing it."""
        until = time.monotonic() + patience
        while True:
            text = self.text
            if all(word in text for word in words) and not (without and without in text):
                return text
            if time.monotonic() > until or not self._read():
                raise AssertionError(f"waited for {words} in vain; the screen shows:\n{self.text}")

    def press_until(self, keys: str, word: str) -> None:
        """Press, and press again while the program is still busy with what came before."""
        for _attempt in range(10):
            self.press(keys)
            with contextlib.suppress(AssertionError):
                self.wait_for(word, patience=PATIENCE / 10)
                return
        raise AssertionError(f"pressed {keys} in vain; the screen shows:\n{self.text}")

    def close(self) -> int:
        """End the program if it still runs and return its exit code (negative: the signal)."""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                os.close(self._fd)
                return os.waitstatus_to_exitcode(status)
            self._read(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)
        return -signal.SIGKILL

    def _read(self, seconds: float = 0.2) -> bool:
        """Take in what the program wrote; False when it has ended."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError as error:
            if error.errno == errno.EIO:
                return False
            raise
        self.sent_out += data
        self._stream.feed(data)
        return bool(data)
