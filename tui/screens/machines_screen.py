"""The machines of the vault: which come home, how each stands, and its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from tui.screens.page_screen import PageScreen
from tui.views import machine_rows, verdict_text
from tui.widgets.detail_pane import DetailPane
from tui.widgets.line import FixedText
from tui.widgets.list_pane import ListPane
from tui.widgets.row_table import RowTable
from wizard_steps.wording import N_, _, ngettext


class MachinesScreen(PageScreen):
    """Space takes a machine into the batch or out of it; the pane below says what stands in its way."""

    BINDINGS = [
        Binding("space,enter", "take_or_leave", N_("Home or not")),
        Binding("a", "all", N_("All")),
        Binding("o", "location", N_("Original or other place")),
    ]
    PROBED = True
    KEYS = (
        "turn(1)",
        "take_or_leave",
        "all",
        "location",
        "choose",
        "look",
        "probe",
        "stop",
        "plan_all",
        "history",
        "rights",
        "speed",
        "go",
        "quit_wizard",
    )
    HELP_TEXT = N_(
        "Every machine the vault protects. Those marked [x] come home; Space takes one in or out, a takes every "
        "machine that is failed over. What is chosen is kept in the profile. A verdict follows from everything that "
        "is on the machine's way home, shared servers included."
    )

    @property
    def page_id(self) -> str:
        """The first page."""
        return "machines"

    def compose_page(self) -> Iterator[Widget]:
        """Heading, table, detail."""
        yield FixedText(id="heading")
        yield ListPane(machine_rows.columns(), ascii_only=self.wizard.marks.ascii, id="machines")
        yield DetailPane()

    def on_mount(self) -> None:
        """Start in the table."""
        self.query_one(RowTable).focus()

    def job_changed(self) -> None:
        """Say whether anything is being read."""
        super().job_changed()
        self._head()

    def show_site(self) -> None:
        """Show the machines as they were last seen."""
        super().show_site()
        site = self.site
        if site is not None and site.case is not None and site.report is not None:
            self.query_one(ListPane).show(machine_rows.lines_of(site.case, site.report, self.wizard.marks))
        self._head()
        self._tell()

    def _head(self) -> None:
        site = self.site
        if site is None or site.case is None or site.report is None:
            waiting = _("Looking at both sides ...") if self.wizard.job else _("Press r to look at both sides.")
            self.query_one("#heading", FixedText).say(Text(" " + waiting))
            return
        count = len(machine_rows.chosen_ids(site.case))
        text = Text(
            " "
            + ngettext("{count} machine comes home", "{count} machines come home", count).format(count=count)
            + "   ",
            "bold",
        )
        text.append_text(self.wizard.marks.verdict(site.report.verdict))
        unread = site.case.azure.protected_items
        if not unread.was_seen:
            text = Text(" " + _("The machines could not be read: {reason}").format(reason=unread.reason), "bold")
        self.query_one("#heading", FixedText).say(text)

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        site, key = self.site, self.query_one(RowTable).highlighted
        if site is None or site.report is None or key is None:
            return
        name = next((one.name for one in site.report.machines if one.id == key), None)
        self.query_one(DetailPane).say(verdict_text.of_machine(site.report, name, self.wizard.marks))

    @on(DataTable.RowSelected)
    def _selected(self) -> None:
        self.action_take_or_leave()

    def action_take_or_leave(self) -> None:
        """Take the highlighted machine in, or out."""
        site, key = self.site, self.query_one(RowTable).highlighted
        if site is None or site.case is None or key is None:
            return
        ids = machine_rows.chosen_ids(site.case)
        self._choose(ids ^ {key})

    def action_location(self) -> None:
        """Let the highlighted machine come home to its original place, or to another."""
        site = self.site
        batch = site.case.machines.or_else(()) if site is not None and site.case is not None else ()
        machine = next((one for one in batch if one.item.id == self.highlighted_key), None)
        if machine is not None:
            self.wizard.change_location(machine)

    def action_all(self) -> None:
        """Take every machine that is failed over."""
        self._choose(frozenset())

    def _choose(self, ids: frozenset[str]) -> None:
        """Keep these machines; none means every one that is failed over."""
        site = self.site
        if site is None or site.case is None:
            return
        items = [item for item in machine_rows.items_of(site.case) if item.id in ids]
        names = tuple(item.name for item in items)
        choices = replace(site.engine.profile.choices, machines=names)
        self.wizard.work_on_case(_("keeping the choice"), lambda: site.engine.choose(choices))
