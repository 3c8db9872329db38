"""Planning changes, carrying them out with a question before each, and undoing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rich.text import Text

from failback.changes.journal import Entry
from failback.changes.lock import Wanted
from failback.changes.outcome import Outcome
from failback.changes.plan import Plan
from failback.changes.planning import offers
from failback.changes.reprotect_requests import requests_of
from failback.errors import FailbackError
from failback.progress import Cancelled, Progress
from failback.rights import Rights
from tui.asking import Asking
from tui.dialogs.message_dialog import MessageDialog
from tui.job import Job
from tui.screens.apply_screen import ApplyScreen
from tui.screens.history_screen import HistoryScreen
from tui.screens.page_screen import PageScreen
from tui.screens.plan_screen import PlanScreen
from tui.screens.rights_screen import RightsScreen
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.wording import _


class Mending(Asking):
    """The part of the application that changes things."""

    def plan(self, findings: Sequence[Finding] | None) -> None:
        """Plan what mends these findings, or everything, and show it."""
        known = self.needs_report()
        if known is None or self.refuse_read_only(_("the plan")):
            return
        site, case, report = known

        def run(_progress: object, _cancelled: object) -> tuple[Plan, Sequence[Wanted], list[str]]:
            plan = site.engine.plan(case, report, findings)
            locks = site.engine.will_lock(case, plan)
            return plan, locks, _reasons(case, findings if findings is not None else report.roots())

        self.start_job(Job(_("planning"), run, lambda made: self.push_screen(PlanScreen(*made))))

    def plan_reprotect(self) -> None:
        """Plan the reprotect requests of the machines that are ready, and show them; else why there are none."""
        known = self.needs_report()
        if known is None or self.refuse_read_only(_("the reprotect requests")):
            return
        site, case, report = known
        if site.is_expired:
            self.tell(_("This verdict has expired: press r."), severity="warning")
            return

        def run(_progress: object, _cancelled: object) -> tuple[Plan, Sequence[Wanted], list[str]]:
            plan = site.engine.plan_reprotect(case)
            return plan, site.engine.will_lock(case, plan), requests_of(case, report).reasons()

        def done(made: tuple[Plan, Sequence[Wanted], list[str]]) -> None:
            if made[0].changes:
                self.push_screen(PlanScreen(*made))
            else:
                self.push_screen(MessageDialog(_("No machine has a reprotect request"), Text("\n".join(made[2]))))

        self.start_job(Job(_("planning"), run, done))

    def apply(self, plan: Plan) -> None:
        """Carry out a plan; each change is shown once more, as it will be sent, and asked for."""
        known = self.needs_report()
        if known is None or self.refuse_read_only(_("the plan")):
            return
        engine = known[0].engine

        def begin(screen: ApplyScreen) -> None:
            def run(told: Progress, stop: Cancelled) -> Sequence[Outcome]:
                engine.ask_guest = self.guest_asker(stop)
                return engine.apply(plan, self.asker(screen, stop), self.teller(screen, told), stop, self.ender(screen))

            self._carry_out_on(screen, _("carrying out the plan"), run)

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
                lambda told, stop: (engine.undo(entry.id, self.asker(screen, stop), self.teller(screen, told), stop),),
            )

        title = _("Undo: {title}").format(title=entry.change.title)
        self._follow(ApplyScreen([replace(entry.change, title=title)], begin))

    def _follow(self, screen: ApplyScreen) -> None:
        """Show the screen that begins the work, unless other work is under way."""
        if not self.refuse_while_busy():
            self.push_screen(screen)

    def _carry_out_on(
        self, screen: ApplyScreen, title: str, run: Callable[[Progress, Cancelled], Sequence[Outcome]]
    ) -> None:
        def done(outcomes: Sequence[Outcome]) -> None:
            self.close_question()
            screen.ended(outcomes)
            self.look(probe=self.is_probed)

        def failed(error: FailbackError) -> None:
            self.close_question()
            screen.failed(error.message())
            self.show_error(error)

        self.start_job(Job(title, run, done, failed, is_change=True))

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

    def show_rights(self) -> None:
        """Ask both sides as whom they know the operator and what those accounts may do, and show it."""
        known = self.needs_report()
        if known is None:
            return
        engine, case, report = known[0].engine, known[1], known[2]

        def ask(told: Progress, stop: Cancelled) -> Rights:
            plan = None if engine.read_only else engine.plan(case, report)
            return engine.rights(plan, told, stop)

        def done(rights: Rights) -> None:
            if isinstance(self.screen, RightsScreen):
                self.screen.show_rights(rights)
            else:
                self.push_screen(RightsScreen(rights))

        self.start_job(Job(_("asking for the rights"), ask, done))


def _reasons(case: Case, findings: Sequence[Finding]) -> list[str]:
    """Return why what has a remedy cannot be changed by the wizard, one sentence each."""
    found = [
        f"{one.requirement.id}: {offer.reason}"
        for one in findings
        for offer in offers(case, one)
        if offer.reason is not None
    ]
    return list(dict.fromkeys(found))
