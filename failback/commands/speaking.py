"""Who hears what: data on standard output, narration on standard error, in characters the other end can show."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from failback.errors import HomeError, UsageError
from failback.home import replace_private
from failback.layout import cut
from wizard_steps.outside import visible
from wizard_steps.wording import _

_START_OF_LINE = "\r\x1b[K"  # and nothing to its right
_MARKS = "✗✓…□–"  # noqa: RUF001 -- the marks of a report


def narrate(sentence: str) -> None:
    """Tell the person at the terminal something that is no data. May be called from any thread.

    A terminal that is gone is no error: what is under way comes first, and the journal has it.
    """
    with suppress(OSError):
        _write(sys.stderr, sentence + "\n")


class StatusLine:
    """Where the work stands: one line that is written over on a terminal, lines one after the other in a log."""

    def __init__(self) -> None:
        """Write nothing yet."""
        self._in_place = (
            sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
        )
        self._shown = False

    def show(self, sentence: str) -> None:
        """Show what is done now. May be called from any thread."""
        if not self._in_place:
            narrate(visible(sentence))
            return
        room = shutil.get_terminal_size().columns - 1
        self._shown = True
        with suppress(OSError):
            _write(sys.stderr, _START_OF_LINE + cut(visible(sentence), room, "..."))
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, so that what follows starts at the margin."""
        if self._shown:
            with suppress(OSError):
                _write(sys.stderr, _START_OF_LINE)
            self._shown = False


def tell_data(text: str) -> None:
    """Write data to standard output. A reader that went away (`| head`) is no error; a full disk is one.

    Raises `UsageError`.
    """
    if sys.stdout is None:  # closed by whoever started us
        raise UsageError(_("standard output"), _("it is closed"), _("send it to a file or a terminal"))
    try:
        _write(sys.stdout, text)
        sys.stdout.flush()
    except BrokenPipeError:
        _write_nowhere()
    except OSError as error:
        _write_nowhere()
        raise UsageError(
            _("standard output"), error.strerror or type(error).__name__, _("send it to where there is room")
        ) from error


def shows_marks(stream: TextIO) -> bool:
    """Tell whether a stream's encoding has the marks that are not in ASCII."""
    try:
        _MARKS.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def check_output(path: Path | None) -> None:
    """Raise `UsageError` when the output could not be written later: nobody waits for a look in vain."""
    if path is None:
        if sys.stdout is None:
            raise UsageError(_("standard output"), _("it is closed"), _("write to a file with --output"))
        return
    if path.is_dir():
        raise _cannot_write(path, _("it is a folder"))
    if not os.access(path.parent, os.W_OK):
        raise _cannot_write(path, _("its folder cannot be written to"))


def write_output(path: Path, text: str) -> None:
    """Write data to a file of its own, mode 0600: it tells a stranger how the site is built."""
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, a pipe
            path.write_text(text, encoding="utf-8")
        else:
            replace_private(path.resolve(), text.encode("utf-8", "backslashreplace"))
    except HomeError as error:
        raise _cannot_write(path, error.why) from error
    except OSError as error:
        raise _cannot_write(path, error.strerror or type(error).__name__) from error


def somebody_is_there() -> bool:
    """Tell whether a person can be asked: the questions go to standard error, the answers come from standard input."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _write_nowhere() -> None:
    """Send what is still buffered to where it does no harm: the interpreter would fail over it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed by whoever started us
        return
    encoding = stream.encoding or "ascii"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _cannot_write(path: Path, why: str) -> UsageError:
    return UsageError(_("the output {path}").format(path=path), why, _("choose another file"))
