"""A name in the profile's choices that fits nothing, or several things, as an error that can be told."""

from __future__ import annotations

from failback.errors import AmbiguousMachineError, NotFoundError
from wizard_steps.joins import AmbiguousName, UnknownName
from wizard_steps.outside import Outside, visible
from wizard_steps.wording import _


def no_such_name(error: UnknownName) -> NotFoundError | AmbiguousMachineError:
    """Return the error in one sentence, with some of the names there are."""
    name = Outside(error.name).shown()
    some = ", ".join(visible(one) for one in error.candidates[:5])
    if isinstance(error, AmbiguousName):
        return AmbiguousMachineError(
            _("machine {name}").format(name=name),
            _("{count} protected items have this name").format(count=len(error.candidates)),
            _("name it by its protected item: {names}").format(names=some),
            candidates=tuple(error.candidates),
        )
    return NotFoundError(
        _("machine {name}").format(name=name),
        _("the vault protects no machine of this name"),
        _("choose among: {names}").format(names=some or _("(none)")),
    )
