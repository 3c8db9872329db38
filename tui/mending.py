"""Planning changes, carrying them out with a question before each, and undoing them."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from typing import Any

from failback.changes.apply import Confirmation, weight_of
from failback.changes.change import Change
from failback.changes.journal import Entry
from failback.changes.outcome import Outcome
from failback.changes.plan import Plan
from failback.changes.planning import offers
from failback.changes.remedy import Weight
from failback.errors import FailbackError
from failback.progress import Cancelled, Progress
from tui.dialogs.dialog import Dialog
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.job import Job
from tui.navigation import Navigation
from tui.screens.apply_screen import ApplyScreen
from tui.screens.history_screen import HistoryScreen
from tui.screens.page_screen import PageScreen
from tui.screens.plan_screen import PlanScreen
from tui.views.change_text import change_text
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.wording import _

_NAP = 0.2


class Mending(Navigation):
    """The part of the application that changes things."""

    def plan(self, findings: Sequence[Finding] | None) -> None:
        """Plan what mends these findings, or everything, and show it."""
        known = self.needs_report()
        if known is None or self.refuse_read_only(_("the plan")):
            return
        site, case, report = known

        def run(_progress: object, _cancelled: object) -> tuple[Plan, list[str]]:
            plan = site.engine.plan(case, report, findings)
            return plan, _reasons(case, findings if findings is not None else report.roots())

        self.start_job(Job(_("planning"), run, lambda made: self.push_screen(PlanScreen(*made))))

    def apply(self, plan: Plan) -> None:
        """Carry out a plan; each change is shown once more, as it will be sent, and asked for."""
        known = self.needs_report()
        if known is None or self.refuse_read_only(_("the plan")):
            return
        engine = known[0].engine

        def begin(screen: ApplyScreen) -> None:
            self._carry_out_on(
                screen,
                _("carrying out the plan"),
                lambda told, stop: engine.apply(plan, self._asker(screen, stop), self._teller(screen, told), stop),
            )

        self._follow(ApplyScreen(plan.changes, begin))

    def undo(self, entry: Entry) -> None:
        """Undo a change of the history, after showing what that changes and asking."""
        known = self.needs_report()
        if known is None or self.refuse_read_only(_("the history")):
            return
        engine = known[0].engine

        def begin(screen: ApplyScreen) -> None:
            self._carry_out_on(
                screen,
                _("undoing a change"),
                lambda told, stop: (
                    engine.undo(entry.id, self._asker(screen, stop), self._teller(screen, told), stop),
                ),
            )

        self._follow(ApplyScreen([entry.change], begin))

    def _follow(self, screen: ApplyScreen) -> None:
        """Show the screen that begins the work, unless other work is under way."""
        if self.job is None:
            self.push_screen(screen)
        else:
            self.tell(_("{title} is still running; x stops it.").format(title=self.job.title), severity="warning")

    def _carry_out_on(
        self, screen: ApplyScreen, title: str, run: Callable[[Progress, Cancelled], Sequence[Outcome]]
    ) -> None:
        def done(outcomes: Sequence[Outcome]) -> None:
            self._close_question()
            screen.ended(outcomes)
            self.look()

        def failed(error: FailbackError) -> None:
            self._close_question()
            screen.failed(error.message())
            self.show_error(error)

        self.start_job(Job(title, run, done, failed, is_change=True))

    def _teller(self, screen: ApplyScreen, progress: Callable[[str], None]) -> Callable[[str], None]:
        def tell(sentence: str) -> None:
            progress(sentence)
            self.call_later_from_thread(screen.told, sentence)

        return tell

    def call_later_from_thread(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Call something on the screens' side soon, without waiting for it."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.call_later, callback, *arguments)

    def _asker(self, screen: ApplyScreen, cancelled: Callable[[], bool]) -> Callable[[Change], Confirmation]:
        """Return what asks for one change: it waits in the job's thread while the dialog is on the screen."""

        def ask(change: Change) -> Confirmation:
            answers: queue.Queue[Confirmation] = queue.Queue()
            self.call_later_from_thread(self._ask, screen, change, answers)
            while not cancelled():
                try:
                    return answers.get(timeout=_NAP)
                except queue.Empty:
                    continue
            return Confirmation(False)

        return ask

    def _ask(self, screen: ApplyScreen, change: Change, answers: queue.Queue[Confirmation]) -> None:
        screen.asking(change)
        body, weight = change_text(change, self.marks, with_calls=False), weight_of(change)
        if weight is Weight.IRREVERSIBLE:
            typed = TypedNameDialog(
                _("This cannot be undone"), body, name=change.target.name, deed=_("do it, for good")
            )
            self.push_screen(typed, lambda name: answers.put(Confirmation(name is not None, name)))
        else:
            title = (
                _("Make this change?") if weight is Weight.HARMLESS else _("This disturbs something. Make this change?")
            )
            self.push_screen(
                YesDialog(title, body, deed=_("make it")), lambda yes: answers.put(Confirmation(bool(yes)))
            )

    def _close_question(self) -> None:
        """Take away a question that nobody waits for any more."""
        if isinstance(self.screen, Dialog):
            self.screen.dismiss(None)

    def leave_apply(self) -> None:
        """Go back to the page the plan was made on: an old plan is of no use any more."""
        while not isinstance(self.screen, PageScreen) and len(self.screen_stack) > 1:
            self.pop_screen()

    def show_history(self) -> None:
        """Read the history and show it."""
        site = self.site
        if site is not None:
            self.start_job(
                Job(
                    _("reading the history"),
                    lambda _p, _c: site.engine.history(),
                    lambda entries: self.push_screen(HistoryScreen(entries)),
                )
            )


def _reasons(case: Case, findings: Sequence[Finding]) -> list[str]:
    """Return why what has a remedy cannot be changed by the wizard, one sentence each."""
    found = [
        f"{one.requirement.id}: {offer.reason}"
        for one in findings
        for offer in offers(case, one)
        if offer.reason is not None
    ]
    return list(dict.fromkeys(found))
