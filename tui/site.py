"""The site that is open: its engine, what was last seen of it, and what follows from that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tui.contract import Engine, Rehearsal
from wizard_steps.case import Case
from wizard_steps.judge import Report


@dataclass(eq=False)
class Site:
    """One open site. `case` and `report` belong together and are replaced together, on the screens' side only."""

    engine: Engine
    case: Case | None = None
    report: Report | None = None

    @property
    def rehearsal(self) -> Rehearsal | None:
        """The rehearsal's handles; None: this is a real site."""
        return self.engine.rehearsal

    @property
    def is_expired(self) -> bool:
        """Whether what was seen is too old for a verdict."""
        if self.report is None:
            return False
        limit = timedelta(minutes=self.engine.profile.limits.verdict_minutes)
        return self.engine.clock.now() - self.report.taken_at > limit

    def replace(self, case: Case, report: Report) -> None:
        """Take what a new look, or a new choice, came to."""
        self.case, self.report = case, report
