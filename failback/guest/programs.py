"""The programs that may run inside a guest: constant texts, handed over so that no shell on the way can change them.

PowerShell takes its text by -EncodedCommand; the POSIX shell gets it through base64. Both encodings are letters, digits
and three signs that no layer in between interprets. A program gets its data in `question.txt` of its working directory,
never in its text, and answers in a file beside it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import Final

from wizard_steps.wording import N_

WINDOWS: Final = "windows"
LINUX: Final = "linux"
QUESTION: Final = "question.txt"
"""The file a program reads its data from. Without it the program ends at once: it is not in its own folder."""
ANSWER: Final = "answer.json"
"""The file a program answers in; it appears when the answer is complete."""

POWERSHELL: Final = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
SHELL: Final = "/bin/sh"


@dataclass(frozen=True)
class Program:
    """A program: its name, the system it is for, and its text."""

    name: str
    system: str
    text: str = field(repr=False)
    exits: Mapping[int, str] = field(repr=False, default_factory=dict)  # what its exit codes mean, marked

    @property
    def path(self) -> str:
        """The interpreter, by its absolute path."""
        return POWERSHELL if self.system == WINDOWS else SHELL

    @property
    def arguments(self) -> str:
        """The interpreter's arguments, as one line; the same for every machine."""
        if self.system == WINDOWS:
            encoded = base64.b64encode(self.text.encode("utf-16-le")).decode("ascii")
            return f"-NoLogo -NoProfile -NonInteractive -EncodedCommand {encoded}"
        encoded = base64.b64encode(self.text.encode("utf-8")).decode("ascii")
        return f"-c 'echo {encoded} | base64 -d | {SHELL}'"

    @cached_property
    def sha256(self) -> str:
        """`sha256:<hex>` of the text: what plans and the journal name instead of it."""
        return "sha256:" + hashlib.sha256(self.text.encode("utf-8")).hexdigest()


_EVERY_EXIT: Final[Mapping[int, str]] = {
    11: N_("the guest did not start it in its own folder"),
    12: N_("it could not write its answer"),
    13: N_("it could not write its answer"),
}


def _program(name: str, system: str, file_name: str) -> Program:
    text = (files("failback.guest") / "scripts" / file_name).read_text(encoding="utf-8")
    return Program(name, system, text, _EVERY_EXIT)


LOOK: Final = {
    WINDOWS: _program("look", WINDOWS, "look_windows.ps1"),
    LINUX: _program("look", LINUX, "look_linux.sh"),
}
"""Tells volumes and disks; changes nothing."""

PROGRAMS: Final = {one.sha256: one for one in LOOK.values()}
"""Every program, by its hash: nothing else is ever started."""
