"""What becomes of an error on its way to a screen: always one sentence that can be told."""

from __future__ import annotations

from failback.crash import keep_crash
from failback.errors import FailbackError, InputError
from wizard_steps.joins import AmbiguousName, UnknownName
from wizard_steps.outside import visible
from wizard_steps.wording import _


def as_failback_error(error: BaseException) -> FailbackError:
    """Return any error as one that can be told; what nobody foresaw is kept in a crash file without any value."""
    if isinstance(error, FailbackError):
        return error
    if isinstance(error, UnknownName):
        why = (
            _("the name fits several things")
            if isinstance(error, AmbiguousName)
            else _("nothing of that name was seen")
        )
        names = ", ".join(visible(name) for name in error.candidates[:5])
        return InputError(f"{error.kind} {visible(error.name)}", why, _("choose one of: {names}").format(names=names))
    return keep_crash(error)
