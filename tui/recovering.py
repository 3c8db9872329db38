"""What an earlier run left without a known end: told once when a site is opened, and found out on request."""

from __future__ import annotations

from collections.abc import Sequence

from failback.changes.journal import Entry
from failback.changes.recovery import Found
from failback.progress import Cancelled, Progress
from tui.asking_for_guests import AskingForGuests
from tui.dialogs.message_dialog import MessageDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.job import Job
from tui.views import recovery_text
from wizard_steps.wording import _


class Recovering(AskingForGuests):
    """The part of the application that looks after changes which were cut off. It sends nothing."""

    def ask_about_unfinished(self) -> None:
        """Read the journal; where a change has no known end, say it and offer to find out."""
        site = self.site
        if site is not None:
            self.start_job(Job(_("reading the history"), lambda _p, _c: site.engine.in_flight(), self._offer))

    def _offer(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        dialog = YesDialog(
            _("An earlier run was cut off"), recovery_text.unfinished(entries), deed=_("find out what became of it")
        )
        self.push_screen(dialog, lambda yes: self._find_out() if yes else None)

    def _find_out(self) -> None:
        site = self.site
        if site is None:
            return

        def done(found: Sequence[Found]) -> None:
            self.push_screen(
                MessageDialog(_("What became of it"), recovery_text.found(found)),
                lambda _answer: self.look(probe=self.is_probed),
            )

        def run(told: Progress, stop: Cancelled) -> Sequence[Found]:
            site.engine.ask_guest = self.guest_asker(stop)
            return site.engine.recover(told, stop)

        self.start_job(Job(_("finding out what became of it"), run, done))
