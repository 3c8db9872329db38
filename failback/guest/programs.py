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
    """A program: its name, the system it is for, and its text. `writes`: it changes more than its own folder."""

    name: str
    system: str
    text: str = field(repr=False)
    exits: Mapping[int, str] = field(repr=False, default_factory=dict)  # what its exit codes mean, marked
    writes: bool = False

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


FIRST_WRITTEN: Final = 40
"""From this exit code on, a program that formats has written something to the disk."""

_FORMAT_EXITS: Final[Mapping[int, str]] = {
    11: N_("the guest did not start it in its own folder"),
    20: N_("nothing was written: the account is no administrator of the guest"),
    21: N_("nothing was written: serial number, size or place of the volume is not one it takes"),
    22: N_("nothing was written: the guest lacks a tool that it needs"),
    23: N_(
        "nothing was written: the guest shows no disk of that serial number; disk.EnableUUID has to be TRUE since the "
        "machine was last powered on"
    ),
    24: N_("nothing was written: the guest shows more than one disk of that serial number"),
    25: N_("nothing was written: the disk cannot be read"),
    26: N_("nothing was written: the disk inside has another size"),
    27: N_("nothing was written: the disk is in use: something is mounted from it, or lies on it"),
    28: N_("nothing was written: the disk is write-protected or offline"),
    29: N_("nothing was written: another program holds the disk"),
    30: N_("nothing was written: the disk is not blank"),
    31: N_("nothing was written: the letter or the mount point is taken"),
    32: N_("nothing was written: /etc/fstab is no plain file"),
    33: N_("nothing was written to the disk: the mount point could not be made"),
    40: N_("formatting was begun and failed"),
    41: N_("the disk was formatted, but its file system does not tell its UUID"),
    42: N_("partitioning was begun and failed"),
    43: N_("the disk was formatted, but /etc/fstab could not be written; it is as it was"),
    44: N_("the disk was formatted, but it could not be mounted or given its letter; /etc/fstab is as it was"),
    45: N_("the disk was formatted, but could not be mounted, and its line still stands in /etc/fstab"),
    46: N_("the disk was formatted, but what was read again is not what was wanted"),
    47: N_("the disk was formatted and is in its place, but the program could not write its answer"),
}


def _program(
    name: str, system: str, file_name: str, exits: Mapping[int, str] = _EVERY_EXIT, *, writes: bool = False
) -> Program:
    text = (files("failback.guest") / "scripts" / file_name).read_text(encoding="utf-8")
    return Program(name, system, text, exits, writes)


LOOK: Final = {
    WINDOWS: _program("look", WINDOWS, "look_windows.ps1"),
    LINUX: _program("look", LINUX, "look_linux.sh"),
}
"""Tells volumes and disks; changes nothing."""

FORMAT: Final = {
    WINDOWS: _program("format", WINDOWS, "format_windows.ps1", _FORMAT_EXITS, writes=True),
    LINUX: _program("format", LINUX, "format_linux.sh", _FORMAT_EXITS, writes=True),
}
"""Makes one blank disk a volume. Its question: serial number, size in bytes, drive letter or mount point."""

PROGRAMS: Final = {one.sha256: one for one in (*LOOK.values(), *FORMAT.values())}
"""Every program, by its hash: nothing else is ever started."""
