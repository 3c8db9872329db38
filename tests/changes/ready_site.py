"""The ready rehearsal site, which a test breaks before a remedy is planned, applied and undone on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from failback.azure.allowed import SENT, on_the_list
from failback.changes import REMEDIES, Change, Outcome, Word
from failback.engine import Engine
from failback.opening import open_rehearsal
from tests.changes.stage import finding, yes
from wizard_steps.case import Case


class Site:
    """A rehearsal site whose state a test breaks before it is looked at."""

    def __init__(self, home: Path) -> None:
        self.engine: Engine = open_rehearsal("ready", home=home)
        assert self.engine.rehearsal is not None
        self.store = self.engine.rehearsal.store
        self.wire = self.engine.rehearsal.wire
        self.arm = self.engine.rehearsal.arm

    def look(self) -> Case:
        return self.engine.look()

    def plan(self, remedy: str, kind: str = "master-target", name: str = "MT01") -> Change:
        case = self.look()
        return REMEDIES[remedy].plan(
            case, finding(case, remedy, kind=kind, subject_id=_id(case, kind, name), name=name)
        )

    def apply(self, one: Change) -> Outcome:
        empty = self.engine.plan(self.engine.case(), self.engine.judge(self.engine.case()), [])
        [outcome] = self.engine.apply(replace(empty, changes=(one,)), yes)
        return outcome

    def done(self, one: Change) -> Outcome:
        outcome = self.apply(one)
        assert outcome.word is Word.VERIFIED, outcome.evidence
        return outcome

    def undone(self, outcome: Outcome) -> None:
        back = self.engine.undo(outcome.entry_id or "", yes)
        assert back.word is Word.VERIFIED, back.evidence

    def written(self) -> list[tuple[str, str]]:
        return [(one.method, one.path) for one in self.arm.requests if on_the_list(SENT, one.method, one.path)]


def _id(case: Case, kind: str, name: str) -> str:
    if kind == "machine":
        return next(one.item.id for one in case.chosen_machines.value if one.name == name)
    if kind == "master-target":
        return next(one.id for one in case.targets.value if one.name == name)
    return ""
