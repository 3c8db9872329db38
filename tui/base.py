"""What every part of the application shares: the open site, the pages, the marks of this terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from failback.errors import FailbackError, InputError
from tui.contract import OpenEngine, ProfileStore
from tui.dialogs.message_dialog import about_error
from tui.fatal import Fatal
from tui.job import Job
from tui.marks import Marks
from tui.screens.wizard_screen import WizardScreen
from tui.site import Site
from tui.views.pages import Page, pages_of
from tui.working import Working
from wizard_steps.case import Case
from wizard_steps.classic import STEPS
from wizard_steps.judge import Report
from wizard_steps.requirement import Step
from wizard_steps.wording import _


class Base(Working, Fatal):
    """State and small services. `site` is replaced on the screens' side only."""

    def __init__(
        self,
        store: ProfileStore | None,
        open_engine: OpenEngine | None,
        *,
        marks: Marks | None = None,
        driver_class: Any = None,
    ) -> None:
        super().__init__(driver_class=driver_class, ansi_color=True)  # with NO_COLOR: no colour at all, not greys
        self.store = store
        self.open_engine = open_engine
        self.site: Site | None = None
        self.marks = marks or Marks.for_terminal()
        self.steps: tuple[Step, ...] = STEPS
        self.pages: tuple[Page, ...] = pages_of(STEPS)

    def step(self, number: int) -> Step:
        """Return a step by its number."""
        return next(one for one in self.steps if one.number == number)

    def tell(self, sentence: str, *, severity: str = "information") -> None:
        """Show a short notice that goes away by itself."""
        self.notify(sentence, markup=False, severity=severity)  # type: ignore[arg-type]  # a Literal of three words

    def site_changed(self) -> None:
        """Show what the site has become, on the screen in front; the others look when they come forward."""
        if isinstance(self.screen, WizardScreen) and self.screen.is_mounted:
            self.screen.show_site()

    def job_changed(self) -> None:
        """Tell the screen in front."""
        if isinstance(self.screen, WizardScreen) and self.screen.is_mounted:
            self.screen.job_changed()

    def show_error(self, error: FailbackError) -> None:
        """Show what went wrong and what to do next; the wizard stays as it is."""
        self.push_screen(about_error(error))

    def work_on_case(self, title: str, work: Callable[[], Case], *, after: Callable[[], None] | None = None) -> None:
        """Do something that leads to another case, judge it, and show both. The engine is asked in a thread."""
        site = self.site
        if site is None:
            return

        def run(_progress: object, _cancelled: object) -> tuple[Case, Report]:
            case = work()
            return case, site.engine.judge(case)

        def done(result: tuple[Case, Report]) -> None:
            site.replace(*result)
            self.site_changed()
            if after is not None:
                after()

        self.start_job(Job(title, run, done))

    @property
    def is_probed(self) -> bool:
        """Whether what was last seen holds answers of Azure's network probes."""
        return self.site is not None and self.site.case is not None and self.site.case.azure.probed is not None

    def look(self, *, probe: bool = False, after: Callable[[], None] | None = None) -> None:
        """Read both sides again and show what follows; with `probe`, ask Azure's network probes, which takes long."""
        site = self.site
        if site is None:
            return

        def run(progress: Callable[[str], None], cancelled: Callable[[], bool]) -> tuple[Case, Report]:
            case = site.engine.look(progress, cancelled, probe=probe)
            progress(_("judging what was seen"))
            return case, site.engine.judge(case)

        def done(result: tuple[Case, Report]) -> None:
            site.replace(*result)
            self.site_changed()
            if after is not None:
                after()

        title = _("looking at both sides with Azure's probes") if probe else _("looking at both sides")
        self.start_job(Job(title, run, done))

    def needs_report(self) -> tuple[Site, Case, Report] | None:
        """Return the site and what was seen of it; None, with a notice, when nothing was seen yet."""
        if self.site is None or self.site.case is None or self.site.report is None:
            self.tell(_("Look first: press r."))
            return None
        return self.site, self.site.case, self.site.report

    def refuse_read_only(self, what: str) -> bool:
        """Tell that nothing is changed here, when the wizard was started read-only; return whether it was."""
        if self.site is None or not self.site.engine.read_only:
            return False
        self.show_error(
            InputError(
                what, _("this wizard was started read-only"), _("start it without --read-only to change anything")
            )
        )
        return True

    def plain(self, text: str) -> Text:
        """Return a text that is never read as markup."""
        return Text(text)
