"""Changes being carried out: what is done now, what became of each, and what a stopped one left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.text import Text
from textual.binding import Binding
from textual.widget import Widget

from failback.changes.change import Change
from failback.changes.outcome import Outcome
from tui.screens.wizard_screen import WizardScreen
from tui.views import outcome_text
from tui.widgets.detail_pane import DetailPane
from tui.widgets.line import FixedText
from tui.widgets.list_pane import ListPane
from wizard_steps.wording import N_, _

_KEPT = 200


class ApplyScreen(WizardScreen):
    """Follows a running plan. It cannot be left while a change is under way, but it can be stopped (x)."""

    BINDINGS = [Binding("h", "history", N_("History"))]
    KEYS = ("stop", "back", "history")
    HELP_TEXT = N_(
        "x asks the running change to stop. A call that was sent already cannot be taken back: the other side "
        "finishes it, and this screen says what was left behind. Nothing is ever sent twice."
    )

    def __init__(self, changes: Sequence[Change], begin: Callable[[ApplyScreen], None]) -> None:
        super().__init__()
        self._begin = begin
        self._changes = tuple(changes)
        self._outcomes: tuple[Outcome, ...] = ()
        self._is_over = False
        self._asked: str | None = None
        self._log: list[str] = []

    def compose_page(self) -> Iterator[Widget]:
        """Heading, the changes, what was done so far."""
        yield FixedText(id="heading")
        yield ListPane(outcome_text.columns(), ascii_only=self.wizard.marks.ascii, id="changes")
        yield DetailPane()

    def on_mount(self) -> None:
        """Begin, now that there is a place to tell of it."""
        self.query_one(DetailPane).focus()
        self._begin(self)
        self._show()

    def told(self, sentence: str) -> None:
        """Add a sentence to what was done; the same one twice in a row is one."""
        if not self._log or self._log[-1] != sentence:
            self._log = [*self._log[-_KEPT:], sentence]
            self.query_one(DetailPane).say_end(Text("\n".join(self._log)))

    def asking(self, change: Change) -> None:
        """Mark the change that is asked about, and then carried out."""
        self._asked = change.id
        self._show()

    def one_ended(self, outcome: Outcome) -> None:
        """Show what became of one change, while others are still to come."""
        if not self._is_over:
            self._outcomes = (*self._outcomes, outcome)
            self._show()

    def ended(self, outcomes: Sequence[Outcome]) -> None:
        """Show what became of each change."""
        self._outcomes, self._is_over = tuple(outcomes), True
        self._show()
        self.query_one(DetailPane).say(outcome_text.summary(outcomes, self.wizard.marks))

    def failed(self, sentence: str) -> None:
        """Show why nothing, or nothing more, was carried out."""
        self._show()
        self.told(sentence)

    def _show(self) -> None:
        running = self.wizard.job is not None and self.wizard.job.is_change
        self.query_one("#heading", FixedText).say(
            Text(" " + outcome_text.heading(self._outcomes, running=running), "bold")
        )
        self.query_one(ListPane).show(
            outcome_text.lines_of(self._changes, self._outcomes, self._asked if running else None, self.wizard.marks)
        )

    def job_changed(self) -> None:
        """Show whether it goes on."""
        super().job_changed()
        self._show()

    def go_back(self) -> None:
        """Back to the step, once nothing is under way."""
        if self.wizard.job is not None and self.wizard.job.is_change:
            self.wizard.tell(_("A change is under way; x asks it to stop."), severity="warning")
        else:
            self.wizard.leave_apply()

    def action_history(self) -> None:
        """Show what was changed, ever."""
        self.wizard.show_history()
