"""Looking inside a master target's guest: a program runs there, so it is asked about like a change."""

from __future__ import annotations

from rich.text import Text

from failback.guest.credentials import GuestCredentials
from failback.progress import Cancelled, Progress
from tui.asking import Asking
from tui.dialogs.message_dialog import MessageDialog
from tui.job import Job
from wizard_steps.case import Case, Target
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.wording import _


class LookingInside(Asking):
    """The part of the application that looks inside a guest."""

    def ask_to_look_inside(self, target: Target) -> None:
        """Ask for the guest's own account, then show what runs there and ask."""
        known = self.needs_report()
        if known is None or self.refuse_read_only(_("looking inside")) or self.refuse_while_busy():
            return
        body = Text(
            _(
                "VMware Tools run one program inside {name}: it lists volumes and folders, and leaves nothing behind. "
                "The account is that of the guest itself; it is used once and kept nowhere."
            ).format(name=visible(target.name))
        )
        self.push_screen(
            self.account_dialog(_("Look inside {name}").format(name=visible(target.name)), body, target.name),
            lambda account: self._look_inside(target, account) if account is not None else None,
        )

    def _look_inside(self, target: Target, account: GuestCredentials) -> None:
        known = self.needs_report()
        if known is None:
            return
        site = known[0]

        def run(told: Progress, stop: Cancelled) -> tuple[Case, Report]:
            case = site.engine.look_inside(target.name, account, self.asker(None, stop), told, stop)
            return case, site.engine.judge(case)

        def done(seen: tuple[Case, Report]) -> None:
            self.close_question()
            site.replace(*seen)  # no look may follow: it would forget what was seen inside
            self.site_changed()
            self._tell_what_was_not_seen(target)

        title = _("looking inside {name}").format(name=visible(target.name))
        self.start_job(Job(title, run, done, is_change=True))

    def _tell_what_was_not_seen(self, target: Target) -> None:
        """Where the look brought nothing, say why."""
        case = self.site.case if self.site is not None else None
        targets = case.targets.or_else(()) if case is not None else ()
        for one in targets:
            vm = one.vm.or_else(None)
            if one.id == target.id and vm is not None and not vm.inside.was_seen:
                why = Text(_("Nothing was seen inside: {reason}").format(reason=vm.inside.reason or ""))
                self.push_screen(MessageDialog(_("Look inside {name}").format(name=visible(target.name)), why))
