"""A pseudo-terminal with a program in it: keys go in, every byte that comes out is kept, and drawn by pyte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).parents[2]
SEQUENCE = re.compile(
    rb"\x1b\[(?P<private>[<-?]*)[0-9;:]*(?P<between>[ -/]*)(?P<final>[@-~])"
    rb"|\x1b(?P<string>[\]P^_X])(?P<body>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|\x1b(?P<other>[ -/]*[0-~])",
    re.DOTALL,
)


class Terminal:
    """Runs a Python program in a terminal of 80x24 until it is left."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._terminal = ours
        self.raw = b""
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(environment or {})},
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._terminal)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, text: str, seconds: float = 25.0) -> None:
        """Read until a text stands on the screen."""
        end = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < end, f"{text!r} did not appear; the screen is:\n{self.text}"
            self._read(0.2)

    def press(self, keys: str) -> None:
        """Type, and read until the screen is at rest; after Escape so long that no later key is taken for part of it."""
        os.write(self._terminal, keys.encode())
        while self._read(0.25 if keys.endswith("\x1b") else 0.1):
            pass

    def end(self, seconds: float = 25.0) -> int:
        """Read until the program has ended, and return its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it did not end; the screen is:\n{self.text}"
            self._read(0.1)
        while self._read(0.1):
            pass
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # the other end is closed
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)


def kinds(raw: bytes) -> set[str]:
    """Return which kinds of escape sequences are in a terminal's bytes; of strings (titles, clipboards) the whole."""
    found = set()
    for one in SEQUENCE.finditer(raw):
        if one["string"] is not None:
            found.add(repr(one[0]))
        else:
            found.add(repr((one["private"] or b"") + (one["between"] or b"") + (one["final"] or one["other"])))
    return found


def controls(raw: bytes) -> set[str]:
    """Return the control characters and the changes of direction outside of sequences; a lone ESC is one."""
    text = SEQUENCE.sub(b"", raw).decode("utf-8", "surrogateescape")
    hidden = {"\u200b", "\ufeff", *map(chr, (*range(0x2028, 0x202F), *range(0x2066, 0x206A)))}
    return {repr(char) for char in text if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or char in hidden}
