"""The journal's file: lines that are only ever added, each chained to the one before, on disk before a call returns.

A line is canonical JSON with `seq`, `prev` (the digest of the line before) and `hash` (its own digest, over everything
else in it). A last line without its line break was torn by a crash or a full disk: it is never believed, and set aside
before the next one is written. Any changed byte and any line that is missing between two others is found; that lines
are missing at the very end can only be seen by comparing `head` with one kept elsewhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failback.changes.canonical import canonical, digest_of
from failback.errors import HomeError
from failback.home import FILE_MODE, create_private, read_private
from wizard_steps.wording import _

try:
    import fcntl
except ImportError:  # pragma: no cover -- Windows: two programs of one user at the same moment are not kept apart
    fcntl = None  # type: ignore[assignment]

START = "sha256:" + "0" * 64
_LINE_BREAK = b"\n"


@dataclass(frozen=True)
class Damage:
    """The first line (counted from 1) that is not as it was written, and what is wrong with it."""

    line: int
    what: str

    def __str__(self) -> str:
        return _("line {line}: {what}").format(line=self.line, what=self.what)


@dataclass(frozen=True)
class Content:
    """What the file holds: the lines that can be believed, the first damage, and what a crash left of a last line."""

    lines: tuple[Mapping[str, Any], ...]
    damage: Damage | None
    torn: bytes

    @property
    def head(self) -> str:
        """The digest of the last line that can be believed."""
        return str(self.lines[-1]["hash"]) if self.lines else START


class JournalFile:
    """Lines on disk. Safe against other threads and other programs of the same user."""

    def __init__(self, path: Path) -> None:
        """Use `path`; the file is made with the first line."""
        self.path = path

    def read(self) -> Content:
        """Return what the file holds. Changes nothing. Raises `HomeError` when others could have written it."""
        try:
            return parse(read_private(self.path))
        except FileNotFoundError:
            return Content((), None, b"")

    def append(self, record: Mapping[str, Any]) -> int:
        """Write one line through to the disk and return its number, from 1.

        Raises `HomeError` when it cannot be written (then it is not there), or when the file was damaged.
        """
        with self._locked() as descriptor:
            content = parse(_read_all(descriptor))
            if not content.lines:
                self._settle()
            if content.damage is not None:
                raise self._damaged(content.damage)
            end = os.fstat(descriptor).st_size - len(content.torn)
            if content.torn:
                self._set_aside(content.torn)
                os.ftruncate(descriptor, end)
            number = len(content.lines) + 1
            body = {**record, "seq": number, "prev": content.head}
            self._write(descriptor, canonical({**body, "hash": digest_of(body)}) + _LINE_BREAK, end)
        return number

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Hold the file that stands under the path now."""
        descriptor = self._held()
        try:
            read_private(self.path)  # refuses a file that somebody else owns or may write to
            yield descriptor
        except FileNotFoundError as error:
            raise self._cannot(error) from error
        finally:
            os.close(descriptor)

    def _held(self) -> int:
        """Open and lock the file; it may be moved away, and another put there, while its lock is waited for."""
        while True:
            try:
                flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
                descriptor = os.open(self.path, flags, FILE_MODE)
            except OSError as error:
                raise self._cannot(error) from error
            try:
                if fcntl is not None:
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
                if self._stands_there(descriptor):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _stands_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    def _write(self, descriptor: int, line: bytes, end: int) -> None:
        """Write the line and see it on disk; when that fails, take back what was written of it."""
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except OSError as error:
            with suppress(OSError):  # then a torn line is left, or the line of a change that was not sent
                os.ftruncate(descriptor, end)
            raise self._cannot(error) from error

    def _settle(self) -> None:
        """Bring the new file's name to the disk, and its folder's, before anything is written that they could lose."""
        if os.name != "posix":
            return
        self._sync(self.path.parent)
        with suppress(PermissionError):  # whoever may not read the folder above did not make ours in it just now
            self._sync(self.path.absolute().parent.parent)

    def _sync(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise self._cannot(error) from error
        finally:
            os.close(descriptor)

    def _set_aside(self, torn: bytes) -> None:
        for number in range(1, 1000):
            try:
                create_private(self.path.with_name(f"{self.path.name}.torn-{number}"), torn)
            except FileExistsError:
                continue
            except OSError as error:
                raise self._cannot(error) from error
            return

    def _cannot(self, error: OSError) -> HomeError:
        why = _("the journal cannot be written ({reason})").format(reason=error.strerror or type(error).__name__)
        return HomeError(str(self.path), why, _("make room and mend its rights; nothing is changed without a journal"))

    def _damaged(self, damage: Damage) -> HomeError:
        why = _("line {line} of the journal is not as it was written ({what})").format(
            line=damage.line, what=damage.what
        )
        return HomeError(str(self.path), why, _("keep the file as evidence: move it away, then try again"))


def parse(data: bytes) -> Content:
    """Read a journal's bytes; never raises. Nothing after the first damage is believed."""
    *whole, torn = data.split(_LINE_BREAK)
    lines: list[Mapping[str, Any]] = []
    for number, line in enumerate(whole, start=1):
        record, wrong = _record(line, number, str(lines[-1]["hash"]) if lines else START)
        if record is None:
            return Content(tuple(lines), Damage(number, wrong), torn)
        lines.append(record)
    return Content(tuple(lines), None, torn)


def _record(line: bytes, number: int, prev: str) -> tuple[Mapping[str, Any] | None, str]:
    """Return a line's record, or what is wrong with it."""
    try:
        record = json.loads(line)
        rewritten = canonical(record)
    except (ValueError, TypeError, RecursionError):
        return None, _("it is not JSON")
    if not isinstance(record, dict) or rewritten != line:
        return None, _("it is not written the way this program writes")
    body = {key: value for key, value in record.items() if key != "hash"}
    if record.get("hash") != digest_of(body):
        return None, _("its digest does not match")
    if record.get("seq") != number or record.get("prev") != prev:
        return None, _("it does not follow the line before it")
    return record, ""


def _read_all(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 1 << 16):
        parts.append(part)
    return b"".join(parts)
