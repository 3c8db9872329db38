"""A small rehearsal site for the promises: one machine, two master targets, and engines over it as often as one likes."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from failback.changes import Change, Outcome, Plan, offers
from failback.changes.remedies import CARRIED_OUT
from failback.engine import Engine
from failback.profiles import Profile
from failback.rehearsal.faults import FAULTS
from failback.rehearsal.on_premises import CLUSTER, POD
from failback.rehearsal.site import Site
from failback.sessions import RehearsalSessions
from tests.changes.recording import Seen, changing_calls
from tests.changes.stage import yes
from wizard_steps.case import Case
from wizard_steps.judge import Report

MT01 = "vm-100"
MACHINES = ("web02", "app02")


@dataclass
class ASite:
    """A site with every fault of the rehearsal, looked at once. What arrives at its vCenter is kept in `arrived`.

    It counts as a real site, so that its journal goes on from one start of the program to the next.
    """

    site: Site = field(default_factory=lambda: Site(FAULTS))

    def __post_init__(self) -> None:
        _without_overrides(self.site)
        whole = self.site.profile()
        chosen = replace(whole.choices, machines=MACHINES)
        self.profile: Profile = replace(whole, name="osaka-dr", choices=chosen)
        self.arrived: list[Seen] = changing_calls(self.site.wire)
        self.case, self.report = _first_look()

    def engine(self, home: Path, sessions: Any = None, clock: Any = None, **more: Any) -> Engine:
        """Return the program, just started: it has looked at Azure already, and reads vCenter when it needs it."""
        home.mkdir(exist_ok=True, mode=0o700)
        engine = Engine(self.profile, sessions or RehearsalSessions(self.site), clock or self.site.clock, home, **more)
        engine._estate = replace(self.case.estate, taken_at=self.site.clock.now())
        return engine

    def look(self) -> Case:
        """Look at both sides, as a check does."""
        engine = Engine(self.profile, RehearsalSessions(self.site), self.site.clock, Path("/nonexistent"))
        engine.memory = _NoMemory()  # type: ignore[assignment]
        return engine.look()

    def change(self, remedy: str, case: Case | None = None) -> Change:
        """Return the change that mends the first finding for which the remedy can be planned."""
        for finding in self.report.findings:
            for offer in offers(case or self.case, finding):
                if offer.remedy == remedy and offer.change is not None and offer.change.target.name != "MT02":
                    return offer.change
        on_mt01 = next(one for one in self.report.findings if one.subject.name == "MT01")
        return CARRIED_OUT[remedy].plan(
            case or self.case, on_mt01
        )  # nobody asks for it here: it can be done all the same

    def plan(self, *changes: Change) -> Plan:
        """Return a plan of exactly these changes."""
        return Plan(self.site.clock.now(), self.profile.name, False, changes)

    def apply(self, engine: Engine, *changes: Change, confirm: Any = yes, **more: Any) -> tuple[Outcome, ...]:
        """Carry out these changes."""
        return engine.apply(self.plan(*changes), confirm, **more)

    def sent(self) -> list[tuple[str, str]]:
        """Return what arrived besides the locks: the calls' names and objects."""
        return [(one.name, one.moref) for one in self.arrived if not one.is_lock]

    def posted(self) -> list[str]:
        """Return the paths of the requests that arrived in Azure and change something."""
        return [one.path.lower() for one in self.site.arm.requests if one.method != "GET"]

    def rows(self, ref: str = MT01) -> dict[str, str]:
        """Return the rows of a VM's extraConfig."""
        return {row.key: str(row.value) for row in self.site.store.get(ref, "config.extraConfig") or []}


@cache
def _first_look() -> tuple[Case, Report]:
    """Return what the program sees at first: every one of these sites is built alike."""
    site = Site(FAULTS)
    _without_overrides(site)
    profile = replace(site.profile(), choices=replace(site.profile().choices, machines=MACHINES))
    engine = Engine(profile, RehearsalSessions(site), site.clock, Path("/nonexistent"))
    engine.memory = _NoMemory()  # type: ignore[assignment]
    case = engine.look()
    return case, engine.judge(case)


def _without_overrides(site: Site) -> None:
    """Let DRS and Storage DRS move both master targets."""
    site.store.set(POD, {"podStorageDrsEntry.storageDrsConfig.vmConfig": []})
    whole = copy.deepcopy(site.store.get(CLUSTER, "configurationEx"))
    whole.drsVmConfig = []
    site.store.set(CLUSTER, {"configurationEx": whole})


class _NoMemory:
    """Remembers nothing: the first look is for everybody."""

    def load(self) -> Any:
        from wizard_steps.estate import Memory

        return Memory()

    def note(self, _case: Case) -> None:
        """Forget it."""
