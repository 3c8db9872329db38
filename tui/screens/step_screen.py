"""One step: the one next action, the findings with their causes first, and everything about the highlighted one."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from tui.screens.page_screen import PageScreen
from tui.views import step_page
from tui.views.detail import detail_of
from tui.views.row import Row, find, parent_of
from tui.views.step_rows import rows_of, target_inside
from tui.views.table import Column
from tui.widgets.detail_pane import DetailPane
from tui.widgets.line import FixedText, FoldedText
from tui.widgets.list_pane import ListPane
from tui.widgets.row_table import RowTable
from tui.widgets.title_line import TitleLine
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.wording import N_, _

_PROBED_STEPS = range(2, 6)
"""The steps with rows that Azure's network probes may answer."""


class StepScreen(PageScreen):
    """Shows any of the steps: `show_step` turns it to another one without a new screen."""

    BINDINGS = [
        Binding("f", "fix", N_("Fix")),
        Binding("v", "vouch", N_("Vouch")),
        Binding("e", "engineer", N_("Play the engineer")),
        Binding("i", "look_inside", N_("Look inside")),
        Binding("space,right,enter", "unfold", N_("Unfold")),
        Binding("left", "fold", N_("Fold"), show=False),
    ]
    KEYS = (
        "turn(1)",
        "back",
        "fix",
        "vouch",
        "engineer",
        "look_inside",
        "probe",
        "choose",
        "look",
        "plan_all",
        "speed",
        "go",
        "quit_wizard",
    )
    HELP_TEXT = N_(
        "A step's findings, the cause first. What follows from a cause is folded under it: mend the cause, look again, "
        "and it goes away with it. What is met and what does not apply is folded at the end. The pane below says where "
        "each value was seen, and when; Tab moves into it."
    )

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self._unfolded: set[str] = set()
        self._rows: tuple[Row, ...] = ()

    @property
    def is_probed_by_key(self) -> bool:
        """Only some steps speak of ways through Azure's network."""
        return self.number in _PROBED_STEPS and self.site is not None and self.site.rehearsal is None

    @property
    def page_id(self) -> str:
        """The step's page."""
        return f"step-{self.number}"

    def compose_page(self) -> Iterator[Widget]:
        """Heading and next action, the findings, the detail."""
        yield FixedText(id="heading")
        yield FoldedText(id="next")
        columns = (Column("", 12), Column("", 18, wide=34), Column("", 4), Column("", 0))
        yield ListPane(columns, ascii_only=self.wizard.marks.ascii, id="findings")
        yield DetailPane()

    def on_mount(self) -> None:
        """Start on the findings."""
        self.query_one(RowTable).focus()

    def show_step(self, number: int) -> None:
        """Turn to another step."""
        if number == self.number:
            return
        self.number = number
        self._unfolded = set()
        pane = self.query_one(ListPane)
        if pane.is_filtering:
            pane.close_filter()
        self.show_site()
        pane.table.move_cursor(row=0, animate=False)

    def show_site(self) -> None:
        """Show the step as it was last seen."""
        super().show_site()
        report = self.site.report if self.site else None
        step = self.wizard.step(self.number)
        self.query_one("#heading", FixedText).say(
            step_page.heading(step, len(self.wizard.steps), report, self.wizard.marks)
        )
        self._rows = rows_of(report, self.number, REQUIREMENTS) if report else ()
        actions = self.query_one("#next", FoldedText)
        now = self.site.engine.clock.now() if self.site else None
        looking = self.wizard.job is not None
        actions.say(step_page.next_action(report, self.number, self._rows, now, is_looking=looking))
        self._list()

    @on(TitleLine.Ticked)
    def _count_down(self) -> None:
        """Tell anew how long it takes until a pending row is settled."""
        if any(row.finding is not None and row.finding.due is not None for row in self._rows):
            self.show_site()

    def job_changed(self) -> None:
        """Say whether anything is being read."""
        super().job_changed()
        self.show_site()

    def _list(self) -> None:
        lines = step_page.lines_of(self._rows, self._unfolded, self.wizard.marks)
        self.query_one(ListPane).show(lines)
        self._tell()

    @property
    def row(self) -> Row | None:
        """The highlighted row."""
        key = self.highlighted_key
        return find(self._rows, key) if key is not None else None

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        row, site = self.row, self.site
        pane = self.query_one(DetailPane)
        if row is None or site is None:
            pane.say(Text(_("Nothing was looked at yet.") if site is None or site.report is None else ""))
        else:
            pane.say(detail_of(row, self.wizard.marks, site.engine.clock.now()))
        self.refresh_bindings()

    @on(DataTable.RowSelected)
    def _selected(self) -> None:
        self.action_unfold()

    def action_unfold(self) -> None:
        """Unfold the row, or fold it again."""
        row = self.row
        if row is not None and row.children:
            self._unfolded ^= {row.key}
            self._list()

    def action_fold(self) -> None:
        """Fold the row, or the one it is folded under."""
        row = self.row
        if row is None:
            return
        parent = row if row.key in self._unfolded else parent_of(self._rows, row.key)
        if parent is not None:
            self._unfolded.discard(parent.key)
            self._list()
            self.query_one(RowTable).go_to(parent.key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the highlighted row admits."""
        if action == "look_inside":
            site, row = self.site, self.row
            return site is not None and not site.engine.read_only and row is not None and target_inside(row) is not None
        if action not in ("fix", "vouch", "engineer", "unfold"):
            return super().check_action(action, parameters)
        row, site = self.row, self.site
        return row is not None and site is not None and action in step_page.offered(row, site.rehearsal)

    def action_fix(self) -> None:
        """Plan what mends the row."""
        if self.row is not None:
            self.wizard.plan(self.row.findings)

    def action_vouch(self) -> None:
        """Vouch for what no system tells."""
        if self.row is not None:
            self.wizard.ask_to_vouch(self.row.findings)

    def action_look_inside(self) -> None:
        """Look inside the guest of the row's master target."""
        target = target_inside(self.row) if self.row is not None else None
        if target is not None:
            self.wizard.ask_to_look_inside(target)

    def action_engineer(self) -> None:
        """Let the site engineer of the rehearsal do what the row asks of a person."""
        if self.row is not None:
            self.wizard.play_engineer(self.row.findings)
