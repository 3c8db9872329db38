"""The program's own folder on this computer, and how its files are made so that only their owner can touch them.

`FAILBACK_HOME` names the folder; without it, it is the platform's user data folder. What is kept there
(profiles, journal, memory, crash files) belongs to other modules.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from failback.errors import HomeError
from wizard_steps.wording import _

FOLDER_MODE = 0o700
FILE_MODE = 0o600
MOST_MIB = 16  # of a file that a person gives us: a profile, a plan
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody writes to is opened all the same, and then refused
_NO_SYMLINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has neither symbolic links of this kind nor the flag


def home_folder() -> Path:
    """Return the program's folder, made on first use with mode 0700.

    An existing folder is accepted when it is ours and nobody else may write to it (the manner of ssh's
    StrictModes); whatever is made inside is private either way. A symbolic link of ours on the way to it is followed
    once, here (homes lie on other disks): what is checked, returned and used is the real folder. Raises `HomeError`.
    """
    named = os.environ.get("FAILBACK_HOME")
    return private_folder(_real(Path(named) if named else platformdirs.user_data_path("failback", False)))


def _real(path: Path) -> Path:
    """Return a path without any symbolic link in it. Raises `HomeError` for a last link that somebody else made."""
    try:
        path = path.expanduser()
        if os.name == "posix" and path.is_symlink() and path.lstat().st_uid not in (os.geteuid(), 0):
            raise _unsafe_folder(path, _("it is a symbolic link that another user made"))
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links, a home nobody has
        raise _unsafe_folder(path, _("it leads nowhere")) from error


def private_folder(path: Path) -> Path:
    """Make `path` with mode 0700 if it is missing, check its owner and mode, and return it.

    Raises `HomeError` when it is not a folder (a symbolic link is none), belongs to somebody else or others may write
    to it.
    """
    try:
        if path.is_symlink():
            raise _unsafe_folder(path, _("it is a symbolic link, which this program does not follow"))
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise _unsafe_folder(path, _("the folder cannot be made ({reason})").format(reason=_reason(error))) from error
    if not stat.S_ISDIR(found.st_mode):
        raise _unsafe_folder(path, _("it is not a folder"))
    _check_owner_and_mode(path, found, advice=f"chmod 700 {path}")
    return path


def read_given(path: Path) -> bytes:
    """Return the content of a file of any owner, of `MOST_MIB` at most; links are followed.

    Raises `OSError` where it cannot be read, and `HomeError` when it is too large or no plain file: a device may
    never end.
    """
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
    try:
        _check_plain(path, os.fstat(descriptor))
        return _content(path, descriptor, MOST_MIB)
    finally:
        os.close(descriptor)


def read_private(path: Path, most_mib: int | None = None) -> bytes:
    """Return the content of a file that only its owner can have written, of `most_mib` at most.

    Raises `FileNotFoundError` when there is none, and `HomeError` when it is not a plain file (a symbolic link is
    none), belongs to somebody else, or others may write to it: then its words are not to be believed. So for one
    that is too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_WAIT | _NO_SYMLINK)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink():
            raise _unsafe(path, _("it is a symbolic link, which this program does not follow")) from error
        raise _unsafe(path, _("it cannot be read ({reason})").format(reason=_reason(error))) from error
    try:
        found = os.fstat(descriptor)
        _check_plain(path, found)
        _check_owner_and_mode(path, found, advice=f"chmod 600 {path}")
        return _content(path, descriptor, most_mib)
    finally:
        os.close(descriptor)


def _check_plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _unsafe(path, _("it is not a plain file"))


def _content(path: Path, descriptor: int, most_mib: int | None) -> bytes:
    """Return what an open file holds. Raises `HomeError` when that is more than it may be."""
    most = -1 if most_mib is None else most_mib * 2**20
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        content = file.read(most if most_mib is None else most + 1)
    if most_mib is not None and len(content) > most:
        raise _unsafe(path, _("it is larger than {count} MiB").format(count=most_mib))
    return content


def trusted_file(path: Path) -> Path:
    """Return the real path of a file that says whom to trust, such as a certificate authority's.

    It may be anybody's to read and lie behind links (as those of the system do), but only root or we may be able to
    write to it. Raises `HomeError` otherwise, and `OSError` when there is no such file.
    """
    real = path.resolve(strict=True)
    _check_owner_and_mode(real, real.stat(), advice=f"chmod go-w {real}")
    return real


def create_private(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600, through to the disk.

    Raises `FileExistsError` when the name is taken, also by a symbolic link: nothing is followed or overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_SYMLINK, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_private(path: Path, content: bytes) -> None:
    """Write `content` beside `path` with mode 0600 and put it in its place in one step.

    A reader sees the old file or the new one, never half of one, even when the power fails in between.
    Raises `HomeError` when the folder does not let us; the old file is then untouched.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        fresh.unlink(missing_ok=True)  # left by a process of the same number that was killed half-way
        create_private(fresh, content)
        fresh.replace(path)
        _settle(path.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _unsafe(path, _("it cannot be written ({reason})").format(reason=_reason(error))) from error


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the folder of a file against this program's other processes, from reading to writing; waits for them.

    The system gives it back when the process ends, however it does. Raises `HomeError` when the folder is missing.
    """
    if sys.platform == "win32":  # a folder cannot be locked there, so a file beside it is, and stays
        import msvcrt

        with path.with_name(f".{path.name}.lock").open("a+b") as file:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            yield
        return
    import fcntl

    try:
        descriptor = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise _unsafe(path, _("it cannot be written ({reason})").format(reason=_reason(error))) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _settle(folder: Path) -> None:
    """Bring the folder's own entries to the disk, so that a rename survives a power failure."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_owner_and_mode(path: Path, found: os.stat_result, advice: str) -> None:
    """Raise `HomeError` unless the thing is ours (or root's) and only its owner may write to it."""
    if os.name != "posix":
        return
    if found.st_uid not in (os.geteuid(), 0):
        raise _unsafe(path, _("it belongs to another user"))
    if found.st_mode & _OTHERS_MAY_WRITE:
        raise HomeError(
            str(path),
            _("other users may write to it (mode {mode})").format(mode=f"{stat.S_IMODE(found.st_mode):04o}"),
            _("run: {command}").format(command=advice),
        )


def _unsafe(path: Path, why: str) -> HomeError:
    """Return the error for a file that cannot be used."""
    return HomeError(str(path), why, _("name another one, or mend its rights"))


def _unsafe_folder(path: Path, why: str) -> HomeError:
    """Return the error for a folder that cannot be used."""
    return HomeError(str(path), why, _("choose another place with the variable FAILBACK_HOME, or mend its rights"))


def _reason(error: OSError) -> str:
    """Return the operating system's own word for what went wrong."""
    return error.strerror or type(error).__name__
