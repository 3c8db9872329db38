"""A picker: what could be taken, with figures; what cannot be taken is not hidden but says why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from tui.screens.wizard_screen import WizardScreen
from tui.views import candidate_cells, words
from tui.views.candidates import Candidate
from tui.views.choosing import Slot
from tui.views.table import Line
from tui.widgets.detail_pane import DetailPane
from tui.widgets.line import FixedText
from tui.widgets.list_pane import ListPane
from tui.widgets.row_table import RowTable
from wizard_steps.outside import visible
from wizard_steps.requirement import Status
from wizard_steps.wording import N_, _


class PickerScreen(WizardScreen):
    """Enter takes the highlighted one. Taking is only a choice, kept in the profile: nothing is changed on any side."""

    BINDINGS = [Binding("enter", "take", N_("Take"))]
    KEYS = ("take", "filter", "back")
    HELP_TEXT = N_(
        "Each line is judged as if it were taken. 'fit' counts the machines that could come home that way. Below the "
        "list stands the first condition that fails, or what could not be read. Taking one changes nothing on any "
        "side."
    )

    def __init__(self, slot: Slot, found: Sequence[Candidate]) -> None:
        super().__init__()
        self._slot = slot
        self._found = tuple(found)

    def compose_page(self) -> Iterator[Widget]:
        """Heading, candidates, why."""
        yield FixedText(id="heading")
        yield ListPane(candidate_cells.columns(self._slot.kind), ascii_only=self.wizard.marks.ascii, id="candidates")
        yield DetailPane()

    def on_mount(self) -> None:
        """Show the candidates; the cursor starts on the one that is taken now."""
        owner = visible(self._slot.owner) if self._slot.owner else _("the machines without one")
        heading = Text(" " + _("Choose the {what} for {owner}").format(what=self._slot.title, owner=owner), "bold")
        if not self._found:
            heading.append("  " + _("There is nothing to choose from: nothing was seen."))
        self.query_one("#heading", FixedText).say(heading)
        self.query_one(ListPane).show([self._line(one) for one in self._found])
        table = self.query_one(RowTable)
        table.focus()
        chosen = next((one.value for one in self._found if one.is_chosen), None)
        if chosen is not None:
            table.go_to(chosen)
        self._tell()

    def _line(self, one: Candidate) -> Line:
        marks = self.wizard.marks
        status = Status.FAIL if one.refusal else Status.UNKNOWN if one.unknown else Status.PASS
        fit = Text(_("{fits} of {wanted}").format(fits=len(one.fits), wanted=len(one.wanted)))
        name = Text(one.name.shown(), "bold" if one.is_chosen else "")
        mark = Text(marks.glyph(status), marks.style(status))
        mark.append(marks.pick("•", "*") if one.is_chosen else "")
        return Line(one.value, (mark, name, *(Text(cell) for cell in one.cells), fit))

    @property
    def candidate(self) -> Candidate | None:
        """The highlighted one."""
        return next((one for one in self._found if one.value == self.highlighted_key), None)

    @on(DataTable.RowHighlighted)
    def _tell(self) -> None:
        one, marks = self.candidate, self.wizard.marks
        if one is None:
            return
        text = Text(one.name.shown() + (_("  (chosen now)") if one.is_chosen else "") + "\n", "bold")
        if one.refusal is not None:
            text.append_text(marks.of(Status.FAIL))
            text.append("\t" + _("cannot be taken: {reason}").format(reason=one.refusal) + "\n", "not bold")
        if one.unknown is not None:
            text.append_text(marks.of(Status.UNKNOWN))
            text.append("\t" + one.unknown + "\n", "not bold")
        if one.fits:
            text.append(_("fits"), "bold")
            text.append("\t" + words.machines(one.fits, limit=12) + "\n", "not bold")
        for name, reason in one.misfits if one.refusal is None else ():
            text.append(_("does not fit"), "bold")
            text.append(f"\t{visible(name)}: {reason}\n", "not bold")
        self.query_one(DetailPane).say(text)

    @on(DataTable.RowSelected)
    def action_take(self) -> None:
        """Take the highlighted one."""
        if self.candidate is not None:
            self.wizard.take(self._slot, self.candidate)
