"""What a script said that Azure's Run Command ran: that the command "succeeded" means that the script ran, no more.

A script of this program prints `PROOF` as a line of its own at its good end, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from failback.errors import ChangeFailedError, OutcomeUnknownError
from wizard_steps.outside import visible
from wizard_steps.wording import _

PROOF: Final = "failback: the service runs"
_PATH: Final = "/runcommand"
_LONGEST: Final = 400


def is_run_command(path: str) -> bool:
    """Tell whether a request runs a command."""
    return path.casefold().endswith(_PATH)


def check_answer(answer: Any) -> None:
    """Return when the script proved its good end.

    Raises `ChangeFailedError` with the script's own words when it did not, and `OutcomeUnknownError` when Azure does
    not say what the script said.
    """
    words = list(_messages(answer))
    if any(line.strip() == PROOF for text in words for line in text.splitlines()):
        return
    what = _("the script that Azure ran inside the VM")
    said = " ".join(" ".join(words).split())
    if not said:
        raise OutcomeUnknownError(
            what, _("Azure does not tell what it said"), _("look at the service inside the VM, then read again")
        )
    raise ChangeFailedError(
        what,
        _("it did not start the service; it said: {words}").format(words=visible(said, limit=_LONGEST)),
        _("sign in to the VM and start the service there"),
    )


def _messages(answer: Any) -> Iterator[str]:
    """Yield every message of an answer: its rows stand under `value`, in a status under `properties.output`."""
    if not isinstance(answer, Mapping):
        return
    for row in answer.get("value") or []:
        if isinstance(row, Mapping) and row.get("message"):
            yield str(row["message"])
    properties = answer.get("properties")
    yield from _messages(properties.get("output") if isinstance(properties, Mapping) else None)
