"""All steps at a glance, each with its number, its mark and its word."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import set_cell_size
from rich.text import Text
from textual import events

from tui.marks import Marks
from tui.site import Site
from tui.views.pages import Page, status_of
from tui.widgets.line import FixedText
from wizard_steps.judge import Report

_IN_A_ROW = 5


class StepsSidebar(FixedText):
    """The pages as a list with titles, for wide screens."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(id="sidebar")
        self._marks = marks

    def show(self, pages: Sequence[Page], site: Site | None, current: str) -> None:
        """Show where the operator is and how each step stands."""
        report = site.report if site else None
        text = Text("\n")
        for page in pages:
            line = Text(f" {page.number or page.key:>2} ")
            line.append_text(_state(page, report, self._marks, 10))
            line.append(set_cell_size(page.title, 24))
            text.append_text(Text(line.plain, "reverse") if page.id == current else line)
            text.append("\n")
        self.say(text)


class StepsLine(FixedText):
    """The steps alone in two rows of five, for screens of 80 columns; one row of marks on anything narrower."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(id="steps")
        self._marks = marks
        self._last: tuple[Sequence[Page], Site | None, str] = ((), None, "")

    def show(self, pages: Sequence[Page], site: Site | None, current: str) -> None:
        """Show where the operator is and how each step stands."""
        self._last = (pages, site, current)
        report = site.report if site else None
        steps = [page for page in pages if page.number is not None]
        text = Text()
        for place, page in enumerate(steps):
            if place and place % _IN_A_ROW == 0:
                text.append("\n")
            width = max(7, self.size.width // _IN_A_ROW)
            cell = Text(f" {page.number:>2} ")
            cell.append_text(_state(page, report, self._marks, 0))
            cell.truncate(width - 1, pad=True)
            text.append_text(Text(cell.plain, "reverse") if page.id == current else cell)
            text.append(" ")
        self.say(text)

    def on_resize(self, event: events.Resize) -> None:
        """Share out the new width."""
        if self._last[0]:
            self.show(*self._last)


def _state(page: Page, report: Report | None, marks: Marks, width: int) -> Text:
    if page.id == "verdict" and report is not None:
        return Text(" " * width)
    status = None if page.number is None else status_of(report, page.number)
    return Text(" " * width) if status is None else marks.of(status, width)
