"""Turning pages, opening the screens beside them, leaving."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.screen import Screen

from tui.base import Base
from tui.dialogs.choice_dialog import ChoiceDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.screens.help_screen import HelpScreen
from tui.screens.machines_screen import MachinesScreen
from tui.screens.page_screen import PageScreen
from tui.screens.step_screen import StepScreen
from tui.screens.verdict_screen import VerdictScreen
from tui.screens.wizard_screen import WizardScreen
from tui.views import pages
from wizard_steps.wording import _

_SCREENS: dict[str, Callable[[], PageScreen]] = {"machines": MachinesScreen, "verdict": VerdictScreen}


class Navigation(Base):
    """The part of the application that knows which screen comes next."""

    def open_pages(self) -> None:
        """Go from the profiles to the first page of the site that was opened."""
        self._forget_pages()
        self.go_to(self.pages[0].id)

    def _forget_pages(self) -> None:
        for name in ("machines", "steps", "verdict"):
            if self.is_screen_installed(name):
                self.uninstall_screen(name)

    def go_to(self, page_id: str) -> None:
        """Go to a page. Pages are made when they are first needed and kept: turning back costs no layout."""
        page = next((one for one in self.pages if one.id == page_id), None)
        if page is None or self.site is None:
            return
        screen = self._page_screen(page)
        if self.screen is screen:
            return
        if isinstance(self.screen, PageScreen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def _page_screen(self, page: pages.Page) -> Screen[None]:
        name = "steps" if page.number is not None else page.id
        if not self.is_screen_installed(name):
            made = StepScreen(page.number) if page.number is not None else _SCREENS[name]()
            self.install_screen(made, name)
        screen: Screen[None] = self.get_screen(name)
        if isinstance(screen, StepScreen) and page.number is not None:
            screen.show_step(page.number)
        return screen

    def turn(self, page_id: str, offset: int) -> None:
        """Turn pages; before the first one are the profiles."""
        page = pages.beside(self.pages, page_id, offset)
        if page is not None:
            self.go_to(page.id)
        elif offset < 0:
            self.leave_site()

    def leave_site(self) -> None:
        """Go back to the profiles; the site stays open until another is opened."""
        if len(self.screen_stack) > 2:  # noqa: PLR2004 -- the blank one of Textual, the profiles, and a page over them
            self.pop_screen()
        else:
            self.ask_to_quit()

    def ask_where_to_go(self) -> None:
        """Ask for a page; its digit or letter takes it at once."""
        report = self.site.report if self.site else None
        lines = []
        for page in self.pages:
            text = Text(f"{page.key:>2}  ")
            status = None if page.number is None else pages.status_of(report, page.number)
            text.append_text(self.marks.of(status, 12) if status else Text(" " * 12))
            text.append(page.title)
            lines.append((page.id, text))
        here = self.screen.page_id if isinstance(self.screen, WizardScreen) else ""
        dialog = ChoiceDialog(
            _("Go to"),
            lines,
            ascii_only=self.marks.ascii,
            start=here,
            shortcuts={page.key: page.id for page in self.pages},
        )
        self.push_screen(dialog, lambda page_id: self.go_to(page_id) if page_id else None)

    def show_help(self, screen: WizardScreen) -> None:
        """Show the help of a screen."""
        self.push_screen(HelpScreen(screen))

    def ask_to_quit(self) -> None:
        """Leave, unless a change is under way: then ask what to do about it."""
        if self.job is None or not self.job.is_change:
            self.leave()
            return
        body = Text(
            _(
                "A change is being carried out: {title}. Leaving now does not stop what was sent already; the "
                "history will show it as not finished."
            ).format(title=self.job.title)
        )
        self.push_screen(
            YesDialog(_("A change is under way"), body, deed=_("leave all the same")),
            lambda yes: self.leave() if yes else None,
        )

    def leave(self) -> None:
        """Stop what runs and end."""
        self.stop_job()
        self.exit(0)
