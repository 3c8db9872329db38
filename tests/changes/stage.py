"""A stage for changes: a case that changes when a call arrives, and a wire that logs, refuses, breaks or hangs on cue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from failback.changes import Call, Change, Confirmation, Journal, MemoryStore, Plan, World
from failback.changes.lock import KEY, held
from failback.changes.operation import Operation
from failback.changes.remedies import REMEDIES
from failback.errors import ChangeFailedError, OutcomeUnknownError, StalePlanError
from tests.estates.changing import change_all
from tests.estates.ready_azure import NOW
from wizard_steps.case import Case
from wizard_steps.estate import Memory
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding, Requirement, Status, Step, Subject
from wizard_steps.seen_in_vcenter import Snapshot

MT = "vcenter.machines[MT01]"
PROFILE = "osaka-dr"
SNAPSHOTS = (
    Snapshot(Outside("before patch"), NOW - timedelta(days=2), "snapshot-1"),
    Snapshot(Outside("[/] after"), NOW - timedelta(days=1), "snapshot-2"),
)

# What can become of a call, by the word for the outcome.
TROUBLE = {
    "failed": ChangeFailedError("vCenter", "it refused", "ask"),
    "stale": StalePlanError("vCenter", "somebody else changed it in between", "look again"),
    "unknown": OutcomeUnknownError("vCenter", "the connection broke", "look at Recent Tasks"),
}


class StageClock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def finding(
    case: Case, remedy: str, *, kind: str = "master-target", subject_id: str | None = None, name: str = "MT01"
) -> Finding:
    """Return a finding that asks for one remedy."""
    if subject_id is None:
        subject_id = case.targets.value[0].id
    row = Requirement(
        "some-row", Step(8, "some-step", "Some step"), "…", "…", kind, Status.FAIL, None, remedies=(remedy,)
    )
    return Finding(row, Subject(kind, name, subject_id, ("web01",)), Status.FAIL, "…", {}, (), remedies=(remedy,))


def planned(case: Case, remedy: str, **subject: Any) -> Change:
    """Return the change a remedy plans for its finding in this case."""
    return REMEDIES[remedy].plan(case, finding(case, remedy, **subject))


@dataclass
class Stage:
    """Everything a run touches. `effects` say what a call does to the case; `raises` make a stage of the wire fail.

    `events` holds, in order, what was looked at, written down, sent and followed.
    """

    case: Case
    folder: Path
    effects: dict[str, dict[str, object]] = field(default_factory=dict)
    raises: dict[str, Exception] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    sent: list[Call] = field(default_factory=list)
    locking: list[Call] = field(default_factory=list)
    tasks: dict[str, Call] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    clock: StageClock = field(default_factory=StageClock)
    before_look: Callable[[Stage], None] | None = None

    def __post_init__(self) -> None:
        """Let what the case remembers be what is remembered."""
        if self.case.memory != Memory():
            self.memory._change(lambda _nothing: self.case.memory)

    def look(self, _systems: frozenset[str] = frozenset()) -> Case:
        self.events.append("look")
        if self.before_look is not None:
            self.before_look(self)
        self._strike("look")
        return replace(self.case, now=self.clock.now(), memory=self.memory.load())

    @property
    def journal(self) -> Journal:
        return _ToldJournal(self)

    @property
    def memory(self) -> MemoryStore:
        return MemoryStore(self.folder)

    def world(self, **overrides: Any) -> World:
        world = World(PROFILE, self.look, lambda _system: _StageWire(self), self.clock, self.journal, self.memory)
        return replace(world, **overrides) if overrides else world

    def plan(self, *changes: Change, **overrides: Any) -> Plan:
        return Plan(**{"made_at": NOW, "profile": PROFILE, "rehearsal": False, "changes": changes, **overrides})

    def _strike(self, stage: str) -> None:
        if stage in self.raises:
            raise self.raises[stage]


class _StageWire:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def ready(self, _change: Change) -> None:
        self.stage.events.append("ready")
        self.stage._strike("ready")

    def send(self, call: Call) -> Operation:
        lock = lock_in(call)
        if lock is not None:
            return self._locked(call, lock)
        self.stage.events.append(f"send {call.method}")
        self.stage.sent.append(call)
        self.stage._strike("send")
        locks = {vm.ref: held(vm) for vm in self.stage.case.vcenter.machines.value if vm.extra_config.was_seen}
        self.stage.case = change_all(self.stage.case, self.stage.effects.get(call.method, {}))
        for vm in self.stage.case.vcenter.machines.value:
            lock = locks.get(vm.ref)
            if lock is not None and held(vm) is None:  # an effect says what the rows of a machine are: all but this one
                rows = {**vm.extra_config.value, KEY: Outside(lock.raw)}
                self.stage.case = change_all(self.stage.case, {f"vcenter.machines[{vm.name.raw}].extra_config": rows})
        self.stage.tasks["task-7"] = call
        return Operation(call.system, "task-7", "task-7")

    def _locked(self, call: Call, text: str) -> Operation:
        """Write the row that locks, as vCenter would: guarded by the version, which moves on."""
        self.stage.locking.append(call)
        self.stage._strike("lock")
        [vm] = [one for one in self.stage.case.vcenter.machines.value if one.ref == call.args["_this"]["value"]]
        if vm.change_version.value != call.args["spec"]["changeVersion"]:
            raise StalePlanError("vCenter", "somebody else changed it in between", "look again")
        rows = {key: value for key, value in vm.extra_config.value.items() if key != KEY}
        path = f"vcenter.machines[{vm.name.raw}]"
        self.stage.case = change_all(
            self.stage.case,
            {
                f"{path}.extra_config": {**rows, **({KEY: Outside(text)} if text else {})},
                f"{path}.change_version": f"{vm.change_version.value}+",
            },
        )
        return Operation(call.system, f"lock-{len(self.stage.locking)}", "lock")

    def follow(
        self, call: Call, operation: Operation, told: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> None:
        if operation.handle.startswith("lock-"):
            return
        self.stage.events.append(f"follow {operation.handle}")
        told("half way")
        self.stage._strike("follow")

    def traces(self, call: Call, since: datetime, known: frozenset[str]) -> tuple[Operation, ...]:
        self.stage._strike("traces")
        return tuple(
            Operation(call.system, ref, ref)
            for ref, one in self.stage.tasks.items()
            if one == call and ref not in known
        )

    def lacking(self, change: Change) -> tuple[str, ...]:
        self.stage._strike("lacking")
        return self.stage.lacks


def lock_in(call: Call) -> str | None:
    """Return the value of the lock's row that a call writes; `None` for a call that is about something else."""
    rows = call.args.get("spec", {}).get("extraConfig", [])
    return next((row["value"] for row in rows if row["key"] == KEY), None)


class _ToldJournal(Journal):
    """The real journal, which also tells the stage what it wrote."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.folder, stage.clock, who="operator", where="jump01")
        self._stage = stage

    def _append(self, event: str, fields: Any) -> int:
        number = super()._append(event, fields)
        if event == "lock":
            return number
        self._stage.events.append(f"journal {event}")
        return number


def unguarded(calls: Iterable[Call]) -> list[Call]:
    """Return calls without the version that guards them: taking the lock moves it on."""
    return [
        replace(call, args={**call.args, "spec": {**call.args["spec"], "changeVersion": "…"}})
        if "changeVersion" in call.args.get("spec", {})
        else call
        for call in calls
    ]


def yes(change: Change) -> Confirmation:
    """Agree, and type the name where one is asked for."""
    return Confirmation(agreed=True, typed=change.target.name)


def yes_and_keep(shown: list[Change]) -> Callable[[Change], Confirmation]:
    """Agree, and keep what was shown."""

    def confirm(change: Change) -> Confirmation:
        shown.append(change)
        return yes(change)

    return confirm


def no(_change: Change) -> Confirmation:
    """Decline."""
    return Confirmation(agreed=False)


def words(outcomes: Iterable[Any]) -> list[str]:
    """Return the words of some outcomes."""
    return [one.word.value for one in outcomes]
