"""What every full screen shares: the title line, the steps, the progress line, the keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from tui.site import Site
from tui.widgets.key_line import KeyLine
from tui.widgets.list_pane import ListPane
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_table import RowTable
from tui.widgets.steps import StepsLine, StepsSidebar
from tui.widgets.title_line import TitleLine
from wizard_steps.wording import N_

if TYPE_CHECKING:
    from tui.app import FailbackApp


class WizardScreen(Screen[None]):
    """A full screen. A subclass composes its page and says what its keys are; it shows what the site holds."""

    BINDINGS = [
        Binding("escape,b,backspace", "back", N_("Back")),
        Binding("question_mark,f1", "help", N_("Help")),
        Binding("slash", "filter", N_("Filter")),
        Binding("x", "stop", N_("Stop")),
        Binding("q", "quit_wizard", N_("Quit")),
    ]
    KEYS: ClassVar[tuple[str, ...]] = ()
    """The actions whose keys stand in the last line, most important first."""
    HELP_TEXT: ClassVar[str] = ""
    """What the help screen says first; marked for translation."""
    SHOWS_STEPS: ClassVar[bool] = False

    @property
    def wizard(self) -> FailbackApp:
        """The application."""
        return cast("FailbackApp", self.app)

    @property
    def site(self) -> Site | None:
        """The open site."""
        return self.wizard.site

    def compose(self) -> ComposeResult:
        """The lines that are always there, and the page between them."""
        yield TitleLine()
        with Horizontal(id="body"):
            if self.SHOWS_STEPS:
                yield StepsSidebar(self.wizard.marks)
            with Vertical(id="page"):
                if self.SHOWS_STEPS:
                    yield StepsLine(self.wizard.marks)
                yield from self.compose_page()
        yield ProgressLine()
        yield KeyLine((*self.KEYS, "help"))

    def compose_page(self) -> Iterator[Widget]:
        """The screen's own part."""
        raise NotImplementedError

    @property
    def page_id(self) -> str:
        """The id of the page that the steps mark as the current one."""
        return ""

    @property
    def highlighted_key(self) -> str | None:
        """The key of the line under the cursor; None: there is none, or no table yet."""
        tables = self.query(RowTable)
        return tables.first().highlighted if tables else None

    def on_mount(self) -> None:
        """Show what there is."""
        self.show_site()

    def on_screen_resume(self) -> None:
        """Show what changed while another screen was in front, and let the timers run."""
        self.query_one(TitleLine).wake()
        self.query_one(ProgressLine).follow(self.wizard.job)
        self.show_site()

    def on_screen_suspend(self) -> None:
        """Let the timers rest: what moves behind another screen makes the whole terminal redraw."""
        self.query_one(TitleLine).rest()
        self.query_one(ProgressLine).rest()

    def show_site(self) -> None:
        """Show the site as it is known now. A subclass adds its page."""
        self.query_one(TitleLine).show_site(self.site)
        if self.SHOWS_STEPS:
            self.query_one(StepsSidebar).show(self.wizard.pages, self.site, self.page_id)
            self.query_one(StepsLine).show(self.wizard.pages, self.site, self.page_id)

    def job_changed(self) -> None:
        """Show that work started, was asked to stop, or ended."""
        self.query_one(ProgressLine).follow(self.wizard.job)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out the keys that mean nothing now."""
        if action == "stop":
            return self.wizard.job is not None
        if action == "filter":
            return bool(self.query(ListPane))
        return True

    def action_filter(self) -> None:
        """Narrow the list."""
        self.query(ListPane).first().open_filter()

    def action_back(self) -> None:
        """Close the filter, or go back to the screen before."""
        panes = [pane for pane in self.query(ListPane) if pane.is_filtering]
        if panes:
            panes[0].close_filter()
        else:
            self.go_back()

    def go_back(self) -> None:
        """Go back to the screen before this one."""
        self.app.pop_screen()

    def action_stop(self) -> None:
        """Ask the running work to stop."""
        self.wizard.stop_job()

    async def action_help(self) -> None:
        """Show the help of this screen."""
        self.wizard.show_help(self)

    def action_quit_wizard(self) -> None:
        """Leave the program, unless a change is under way."""
        self.wizard.ask_to_quit()
