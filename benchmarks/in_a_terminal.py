"""A program in a pseudo-terminal of 80x24, and how long and how many bytes it takes to show something."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pyte

from benchmarks.measuring import environment

COLUMNS, ROWS = 80, 24
PATIENCE = 30.0


class InATerminal:
    """Runs a program until it is left."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        """Start it, with `home` as its home."""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            list(command), stdin=theirs, stdout=theirs, stderr=theirs, env=environment(home), start_new_session=True
        )
        os.close(theirs)

    def __enter__(self) -> InATerminal:
        """Return itself."""
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _at: TracebackType | None) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, word: str) -> float:
        """Return how many seconds after its start the program shows `word`; raises `RuntimeError` if it never does."""
        while word not in self.text:
            if time.perf_counter() - self._began > PATIENCE or not self._take(0.1):
                raise RuntimeError(f"{word!r} never came; there is:\n{self.text}")
        return time.perf_counter() - self._began

    def press(self, keys: str, quiet: float = 0.5) -> int:
        """Press keys, and return how many bytes are written until it is quiet for so many seconds."""
        os.write(self._ours, keys.encode())
        count = 0
        while select.select([self._ours], [], [], quiet)[0]:
            count += len(self._read())
        return count

    def _take(self, seconds: float) -> bool:
        ready = select.select([self._ours], [], [], seconds)[0]
        return not ready or bool(self._read())

    def _read(self) -> bytes:
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return b""
        self._stream.feed(data)
        return data
