"""A small engine over a described case: real rules and real plans, no SDK, and waits that a test holds in its hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from failback.changes.apply import Confirm
from failback.changes.journal import Entry, Origin
from failback.changes.lock import Wanted, all_wanted
from failback.changes.outcome import Ended, Outcome, Word, unheard
from failback.changes.plan import Plan
from failback.changes.planning import make_plan, make_reprotect_plan
from failback.changes.recovery import Finding as Became
from failback.changes.recovery import Found
from failback.errors import FailbackError, InterruptedByOperatorError
from failback.profiles.model import AzureSettings, Profile, VaultSettings, VCenterSettings
from failback.progress import Cancelled, Progress
from failback.rights import Rights
from tests.estates.ready import NOW, ready_case
from wizard_steps.case import Case
from wizard_steps.choices import Attestation, Choices
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.judge import Report, judge
from wizard_steps.requirement import Finding


class StandingClock:
    """A clock that stands at the moment the ready case is judged."""

    def now(self) -> datetime:
        return NOW

    def sleep(self, seconds: float) -> None:
        """Wait for nothing."""


class FakeEngine:
    """Answers from a case. `gate` holds every look until it is set; `refusal` is raised by the next look."""

    def __init__(self, case: Case | None = None, *, read_only: bool = False) -> None:
        self.seen = case or ready_case()
        self.profile = profile(self.seen.choices)
        self.read_only = read_only
        self.rehearsal = None
        self.clock = StandingClock()
        self.gate = threading.Event()
        self.gate.set()
        self.refusal: FailbackError | None = None
        self.looks = 0
        self.probes: list[bool] = []
        self.applied: list[tuple[str, bool, str | None]] = []
        self.entries: list[Entry] = []
        self.became = Became.DONE
        self.closed = False
        self.held = Rights(())
        self.own_locks: set[str] = set()
        self.on_sent: Callable[[], None] = lambda: None

    def look(self, progress: Progress, cancelled: Cancelled, *, probe: bool = False) -> Case:
        self.looks += 1
        self.probes.append(probe)
        progress("reading the vault")
        while not self.gate.wait(0.01):
            if cancelled():
                raise InterruptedByOperatorError("the look", "it was cancelled", "look again")
        if self.refusal is not None:
            raise self.refusal
        return self._case()

    def _case(self) -> Case:
        return replace(self.seen, choices=self.profile.choices, attestations=self.profile.attestations)

    def judge(self, case: Case) -> Report:
        return judge(case, REQUIREMENTS)

    def choose(self, choices: Choices) -> Case:
        self.profile = self.profile.with_choices(choices)
        return self._case()

    def attest(self, requirement_id: str, subject: str, by: str) -> Case:
        mine = Attestation(requirement_id, subject, by, NOW)
        self.profile = self.profile.with_attestations((*self.profile.attestations, mine))
        return self._case()

    def plan(self, case: Case, report: Report, findings: Sequence[Finding] | None = None) -> Plan:
        return make_plan(case, report, findings, NOW, self.profile.name, False)

    def plan_reprotect(self, case: Case) -> Plan:
        return make_reprotect_plan(case, NOW, self.profile.name, False)

    def will_lock(self, case: Case, plan: Plan) -> tuple[Wanted, ...]:
        return all_wanted(case, plan.changes, self.own_locks)

    def apply(
        self,
        plan: Plan,
        confirm: Confirm,
        progress: Progress,
        cancelled: Cancelled,
        ended: Ended = unheard,
        undoes: str | None = None,
    ) -> tuple[Outcome, ...]:
        outcomes: list[Outcome] = []
        for change in plan.changes:
            progress(f"reading again what {change.title} rests on")
            answer = confirm(change)
            self.applied.append((change.id, answer.agreed, answer.typed))
            if not answer.agreed:
                word = Word.CANCELLED if cancelled() else Word.DECLINED
                outcomes.append(Outcome(change, word, "nothing was sent"))
                ended(outcomes[-1])
                continue
            self.on_sent()
            while not self.gate.wait(0.01):
                if cancelled():
                    outcomes.append(Outcome(change, Word.CANCELLED, "vCenter goes on with task-7 without us"))
                    return tuple(outcomes)
            number, origin = str(len(self.entries) + 1), Origin("ready", False, "", undoes)
            entry = Entry(number, NOW, "operator", "here", origin, change, (), "verified")
            self.entries.append(entry)
            outcomes.append(Outcome(change, Word.VERIFIED, "it was read again", entry.id))
            ended(outcomes[-1])
        return tuple(outcomes)

    def in_flight(self) -> Sequence[Entry]:
        return [one for one in self.entries if one.is_open]

    def recover(self, progress: Progress, cancelled: Cancelled) -> Sequence[Found]:
        progress("finding out what became of it")
        found = [Found(one, self.became, "it was read again") for one in self.in_flight()]
        self.entries = [replace(one, found=self.became.value) if one.is_open else one for one in self.entries]
        return found

    def history(self) -> Sequence[Entry]:
        return self.entries

    def undo(self, entry_id: str, confirm: Confirm, progress: Progress, cancelled: Cancelled) -> Outcome:
        entry = next(one for one in self.entries if one.id == entry_id)
        back = replace(entry.change, id=f"undo:{entry.change.id}", title=f"Back: {entry.change.title}")
        return self.apply(Plan(NOW, "ready", False, (back,)), confirm, progress, cancelled, undoes=entry_id)[0]

    def rights(self, plan: Plan | None, progress: Progress, cancelled: Cancelled) -> Rights:
        progress("asking for the rights")
        return self.held

    def close(self) -> None:
        self.closed = True


def profile(choices: Choices | None = None, *, name: str = "ready", sign_in: str = "azure-cli") -> Profile:
    """Return a profile that needs one password."""
    return Profile(
        name=name,
        vcenter=VCenterSettings("vcenter.example.com", "operator@vsphere.local"),
        azure=AzureSettings("subscription-1", sign_in=sign_in),
        vault=VaultSettings("group", "vault"),
        choices=choices or Choices(),
    )


class FakeStore:
    """Profiles in memory."""

    def __init__(self, *profiles: Profile) -> None:
        self.kept = {one.name: one for one in profiles}
        self.broken: dict[str, FailbackError] = {}

    def saved_profiles(self) -> list[str]:
        return sorted([*self.kept, *self.broken])

    def load(self, name: str) -> Profile:
        if name in self.broken:
            raise self.broken[name]
        return self.kept[name]

    def create(self, made: Profile) -> Profile:
        return self.save(made)

    def save(self, changed: Profile) -> Profile:
        self.kept[changed.name] = changed
        return changed
