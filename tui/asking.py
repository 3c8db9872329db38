"""The question before each change: asked on the screen, waited for in the thread that would make the change."""

from __future__ import annotations

import queue
from collections.abc import Callable

from failback.changes.apply import Confirmation, weight_of
from failback.changes.change import Change
from failback.changes.lock import TAKE_OVER
from failback.changes.outcome import Outcome
from failback.changes.remedy import Weight
from tui.asking_for_guests import NAP, AskingForGuests
from tui.dialogs.dialog import Dialog
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.screens.apply_screen import ApplyScreen
from tui.views.change_text import change_text
from wizard_steps.wording import _


class Asking(AskingForGuests):
    """The part of the application that asks before a change and tells while it is made."""

    def teller(self, screen: ApplyScreen, progress: Callable[[str], None]) -> Callable[[str], None]:
        """Return what tells of a running change: on the progress line, and in the log of its screen."""

        def tell(sentence: str) -> None:
            progress(sentence)
            self.call_later_from_thread(screen.told, sentence)

        return tell

    def ender(self, screen: ApplyScreen) -> Callable[[Outcome], None]:
        """Return what shows on a change's own line what became of it, while others are still to come."""

        def end(outcome: Outcome) -> None:
            self.call_later_from_thread(screen.one_ended, outcome)

        return end

    def asker(self, screen: ApplyScreen | None, cancelled: Callable[[], bool]) -> Callable[[Change], Confirmation]:
        """Return what asks for one change: it waits in the job's thread while the dialog is on the screen."""

        def ask(change: Change) -> Confirmation:
            answers: queue.Queue[Confirmation] = queue.Queue()
            self.call_later_from_thread(self._ask, screen, change, answers)
            while not cancelled():
                try:
                    return answers.get(timeout=NAP)
                except queue.Empty:
                    continue
            return Confirmation(False)

        return ask

    def _ask(self, screen: ApplyScreen | None, change: Change, answers: queue.Queue[Confirmation]) -> None:
        if screen is not None and change.remedy != TAKE_OVER:  # then the change that wants the lock is still under way
            screen.asking(change)
        body, weight = change_text(change, self.marks, with_calls=False), weight_of(change)
        if weight.wants_the_name:
            title, deed = _("This cannot be undone"), _("do it, for good")
            if weight is Weight.RISKY:
                title, deed = _("This puts data at risk"), _("do it")
            if change.remedy == TAKE_OVER:
                title, deed = _("Somebody else holds the lock"), _("take it over")
            typed = TypedNameDialog(title, body, name=change.target.name, deed=deed)
            self.push_screen(typed, lambda name: answers.put(Confirmation(name is not None, name)))
        else:
            title = (
                _("Make this change?") if weight is Weight.HARMLESS else _("This disturbs something. Make this change?")
            )
            self.push_screen(
                YesDialog(title, body, deed=_("make it")), lambda yes: answers.put(Confirmation(bool(yes)))
            )

    def close_question(self) -> None:
        """Take away a question that nobody waits for any more."""
        if isinstance(self.screen, Dialog):
            self.screen.dismiss(None)
