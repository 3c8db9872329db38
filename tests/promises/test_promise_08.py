"""Promise 8: in a batch of 20, whatever happens at whichever place, done, failed and not started are told exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Call, Change, ChangeTarget, Confirmation, Word, apply_plan, exit_code, naming
from failback.changes.change import State
from failback.changes.operation import Operation
from failback.changes.remedies import CARRIED_OUT
from failback.changes.remedy import AZURE, Remedy, Shape, Verification, Weight
from failback.errors import (
    ChangeFailedError,
    FailbackError,
    InterruptedByOperatorError,
    NotReachedError,
    OutcomeUnknownError,
    StalePlanError,
)
from tests.changes.stage import Stage
from tests.estates.ready import ready_case
from wizard_steps.case import Case
from wizard_steps.requirement import Finding

BATCH = 20


@dataclass
class Switches(Remedy):
    """Twenty switches, each of which is turned on by a call of its own."""

    id = "switch-on"
    weight = Weight.HARMLESS
    reads = AZURE
    on: set[str] = field(default_factory=set)

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        raise NotImplementedError

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        now = {"on": target.name in self.on}
        call = Call("azure", "POST", {"path": target.ref})
        return Shape(f"Turn {target.name} on", now, {"on": True}, (call,), now, "nothing", False, "no way back", ("a",))

    def verify(self, change: Change, case: Case) -> Verification:
        return Verification(change.target.name in self.on, "…")

    def change(self, number: int) -> Change:
        target = ChangeTarget("switch", f"switch-{number:02}", "azure", f"/switches/{number:02}")
        return self._change(f"switch-on:{target.name}", "some-row", target, self.shape(ready_case(), target, None))


class _Wire:
    """Turns switches on, and has the trouble that is asked for at one of them."""

    def __init__(self, switches: Switches, place: int, trouble: str) -> None:
        self.switches, self.place, self.trouble = switches, place, trouble
        self.sent: list[str] = []

    def _strike(self, where: str, call: Call) -> None:
        at, _slash, what = self.trouble.partition(" ")
        if at == where and call.args["path"] == f"/switches/{self.place:02}":
            raise ERRORS[what]

    def ready(self, _change: Change) -> None:
        """Answer."""

    def send(self, call: Call) -> Operation:
        self.sent.append(call.args["path"])
        self._strike("send", call)
        if self.trouble != "not-verified" or call.args["path"] != f"/switches/{self.place:02}":
            self.switches.on.add(f"switch-{call.args['path'][-2:]}")
        return Operation("azure", call.args["path"], call.args["path"])

    def follow(self, call: Call, *_more: Any) -> None:
        self._strike("follow", call)

    def traces(self, *_more: Any) -> tuple[Operation, ...]:
        return ()

    def lacking(self, _change: Change) -> tuple[str, ...]:
        return ()


ERRORS: dict[str, FailbackError] = {
    "failed": ChangeFailedError("Azure", "it refused", "ask"),
    "stale": StalePlanError("Azure", "somebody else changed it", "look"),
    "unknown": OutcomeUnknownError("Azure", "the connection broke", "look"),
    "lost": NotReachedError("Azure", "nothing answers", "wait"),
    "cancelled": InterruptedByOperatorError("Azure", "it goes on", "look"),
}

# What happens, what the change at that place comes to, whether the ones after it are tried, and the exit code.
TROUBLES = {
    "send failed": (Word.FAILED, False, 1),
    "send stale": (Word.STALE, True, 1),
    "send unknown": (Word.UNKNOWN, False, 3),
    "send lost": (Word.UNKNOWN, False, 3),
    "follow failed": (Word.FAILED, False, 1),
    "follow unknown": (Word.UNKNOWN, False, 3),
    "follow cancelled": (Word.CANCELLED, False, 130),
    "not-verified": (Word.NOT_VERIFIED, False, 1),
    "declined": (Word.DECLINED, True, 1),
}


@pytest.fixture
def switches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Switches]:
    remedy = Switches()
    monkeypatch.setitem(CARRIED_OUT, remedy.id, remedy)  # type: ignore[arg-type]
    names = [(f"/switches/{number:02}", f"switch-{number:02}") for number in range(BATCH)]
    monkeypatch.setitem(naming._KNOWN, "switch", lambda _case: names)  # type: ignore[arg-type]
    return remedy


@pytest.mark.parametrize("place", range(BATCH))
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_batch_of_20_tells_exactly_what_was_done_what_failed_and_what_was_not_started(
    trouble: str, place: int, switches: Switches, tmp_path: Path
) -> None:
    word, goes_on, code = TROUBLES[trouble]
    stage = Stage(ready_case(), tmp_path)
    changes = tuple(switches.change(number) for number in range(BATCH))
    wire = _Wire(switches, place, trouble)

    def confirm(shown: Change) -> Confirmation:
        return Confirmation(agreed=trouble != "declined" or shown.target.name != f"switch-{place:02}")

    outcomes = apply_plan(stage.plan(*changes), stage.world(wire=lambda _system: wire), confirm)

    after = Word.VERIFIED if goes_on else Word.NOT_STARTED
    assert [one.change.id for one in outcomes] == [one.id for one in changes]
    assert [one.word for one in outcomes] == [Word.VERIFIED] * place + [word] + [after] * (BATCH - place - 1)
    assert exit_code(outcomes) == code
    tried = [number for number in range(BATCH) if goes_on or number <= place]
    asked_for = [number for number in tried if trouble != "declined" or number != place]
    assert wire.sent == [f"/switches/{number:02}" for number in asked_for]
    told = {one.change.target.ref: one.outcome for one in stage.journal.history()}
    assert told == {f"/switches/{n:02}": (word if n == place else Word.VERIFIED).value for n in asked_for}
