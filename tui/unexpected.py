"""What becomes of an error on its way to a screen: always one sentence that can be told."""

from __future__ import annotations

from failback.crash import keep_crash
from failback.errors import FailbackError
from failback.unknown_name import no_such_name
from wizard_steps.joins import UnknownName


def as_failback_error(error: BaseException) -> FailbackError:
    """Return any error as one that can be told; what nobody foresaw is kept in a crash file without any value."""
    if isinstance(error, FailbackError):
        return error
    return no_such_name(error) if isinstance(error, UnknownName) else keep_crash(error)
