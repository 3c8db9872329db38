"""What a command says beside its data: changes that were cut off, who holds a master target, as whom one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from failback.commands.speaking import narrate
from wizard_steps.outside import Outside, visible
from wizard_steps.wording import _

if TYPE_CHECKING:
    from failback.engine import Engine
    from failback.progress import Cancelled
    from wizard_steps.case import Case


def tell_unfinished(engine: Engine, cancelled: Cancelled) -> None:
    """Find out what became of changes that an earlier run left without a known end, and say it.

    Nothing is sent, and nothing is read where nothing was cut off.
    """
    for entry in engine.in_flight():
        narrate(
            _("an earlier run was cut off: change {id}, {title}").format(
                id=visible(entry.id), title=visible(entry.change.title)
            )
        )
    for found in engine.recover(narrate, cancelled):
        narrate(
            _("change {id}: {word}: {evidence}").format(
                id=visible(found.entry.id), word=found.word.value.upper(), evidence=found.evidence
            )
        )


def tell_locks(engine: Engine, case: Case) -> None:
    """Say which of the chosen master targets are locked, and by whom."""
    for name, lock in engine.locks(case):
        narrate(_("{name} is locked by {who}").format(name=Outside(name).shown(), who=lock.shown()))


def tell_accounts(engine: Engine) -> None:
    """Say as whom both sides know the operator, and where that is less or more than a look needs."""
    for account in engine.rights().accounts:
        narrate(account.told())
