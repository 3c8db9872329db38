"""The last page: one verdict per machine, the overall one, what is left, and the report as a file."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from tui.screens.page_screen import PageScreen
from tui.views import verdict_text
from tui.views.table import Column
from tui.widgets.detail_pane import DetailPane
from tui.widgets.line import FixedText
from tui.widgets.list_pane import ListPane
from tui.widgets.row_table import RowTable
from wizard_steps.wording import N_, _


class VerdictScreen(PageScreen):
    """Enter on a machine goes to the step where its way is blocked."""

    BINDINGS = [
        Binding("enter", "open", N_("Go there"), show=False),
        Binding("e", "write_requests", N_("Write requests")),
        Binding("f", "reprotect", N_("Reprotect")),
    ]
    KEYS = (
        "back",
        "write_report",
        "write_requests",
        "reprotect",
        "open",
        "look",
        "stop",
        "plan_all",
        "history",
        "speed",
        "go",
        "quit_wizard",
    )
    HELP_TEXT = N_(
        "The verdict of every machine, and the overall one, which is the worst of them. Ready means that reprotect "
        "can be requested. A verdict holds for some minutes only: look again before you act on it. w writes the "
        "report to a file, e the reprotect requests of the machines that are ready, for the Azure CLI; f shows them as "
        "a plan that submits them, each after the machine's name was typed."
    )

    @property
    def page_id(self) -> str:
        """The last page."""
        return "verdict"

    def compose_page(self) -> Iterator[Widget]:
        """The overall verdict, the machines, what is left for the highlighted one."""
        yield FixedText(id="heading")
        columns = (Column(_("machine"), 18), Column(_("verdict"), 22), Column(_("first in its way"), 0))
        yield ListPane(columns, ascii_only=self.wizard.marks.ascii, id="verdicts")
        yield DetailPane()

    def on_mount(self) -> None:
        """Start in the table."""
        self.query_one(RowTable).focus()

    def show_site(self) -> None:
        """Show the verdicts as they follow from what was last seen."""
        super().show_site()
        heading = self.query_one("#heading", FixedText)
        site = self.site
        if site is None or site.report is None:
            heading.say(Text(" " + _("Nothing was looked at yet: there is no verdict. Press r.")))
            return
        heading.say(verdict_text.overall(site.report, self.wizard.marks, is_expired=site.is_expired))
        self.query_one(ListPane).show(verdict_text.machine_lines(site.report, self.wizard.marks))
        self._tell()

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        site, key = self.site, self.query_one(RowTable).highlighted
        if site is None or site.report is None:
            return
        name = next((one.name for one in site.report.machines if one.id == key), None)
        self.query_one(DetailPane).say(verdict_text.of_machine(site.report, name, self.wizard.marks))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before the first look there is nothing to write."""
        if action == "write_requests":
            return self.site is not None and self.site.report is not None
        if action == "reprotect":
            return self.site is not None and self.site.report is not None and not self.site.engine.read_only
        return super().check_action(action, parameters)

    def action_write_requests(self) -> None:
        """Write the reprotect requests to a file."""
        self.wizard.ask_where_to_write_requests()

    def action_reprotect(self) -> None:
        """Show what would be submitted."""
        self.wizard.plan_reprotect()

    @on(DataTable.RowSelected)
    def action_open(self) -> None:
        """Go to the step of the first thing in the machine's way."""
        site, key = self.site, self.query_one(RowTable).highlighted
        if site is None or site.report is None:
            return
        name = next((one.name for one in site.report.machines if one.id == key), None)
        roots = verdict_text.roots_of(site.report, name)
        if roots:
            self.wizard.go_to(f"step-{roots[0].requirement.step.number}")
