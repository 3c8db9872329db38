"""The faulty rehearsal site at the moment when MT02's new disk is to be formatted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from failback.changes import Change, Confirmation, Outcome
from failback.changes.recovery import Found
from failback.engine import Engine
from failback.guest.credentials import GuestCredentials, no_account
from failback.opening import open_rehearsal
from failback.rehearsal.on_premises import vm_ref
from failback.rehearsal.site import Site
from failback.secrets import Secret
from tests.guest.conftest import yes
from wizard_steps.case import Case
from wizard_steps.seen_in_azure import SeenInAzure

REF = vm_ref("MT02")
CANARY = "kanarie-0815-geheim"
RUNS = [("format", REF), ("look", REF)]


_AZURE: list[SeenInAzure] = []


def azure_once(engine: Engine) -> Engine:
    """Let an engine read Azure once for all tests: every faulty site is built alike, at the same moment."""
    read = engine._read_azure

    def read_once(*how: Any) -> SeenInAzure:
        if not _AZURE:
            _AZURE.append(read(*how))
        return _AZURE[0]

    vars(engine)["_read_azure"] = read_once
    vars(engine)["_probed"] = lambda estate, *_how: estate
    return engine


class Formatting:
    """The faulty site, with a disk added to MT02 and looked at; `asked` lists for whom an account was asked."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.engine: Engine = azure_once(open_rehearsal("faulty", home=home))
        assert self.engine.rehearsal is not None
        self.site: Site = self.engine.rehearsal
        self.asked: list[str] = []
        self.engine.ask_guest = self.account
        self.password: str | None = None
        case = self.engine.look()
        self.apply(case)
        self.case = self.engine.look()
        self.site.wire.calls.clear()

    def account(self, machine: str) -> GuestCredentials:
        self.asked.append(machine)
        user, known = self.site.guest_account(machine)
        return GuestCredentials(user, Secret(known if self.password is None else self.password))

    def row(self, case: Case, requirement: str = "ret-drive-present") -> Any:
        subject = "MT02:/mnt/retention" if requirement in ("ret-drive-formatted", "ret-fs-not-fat") else "MT02"
        findings = self.engine.judge(case).findings
        return next(one for one in findings if (one.requirement.id, one.subject.name) == (requirement, subject))

    def apply(self, case: Case, confirm: Callable[[Change], Confirmation] = yes, **more: Any) -> Outcome:
        plan = self.engine.plan(case, self.engine.judge(case), [self.row(case)])
        [outcome] = self.engine.apply(plan, confirm, **more)
        return outcome

    def format(self, **more: Any) -> Outcome:
        outcome = self.apply(self.case, **more)
        assert outcome.change.remedy == "format-retention-volume"
        return outcome

    def calls(self, name: str) -> int:
        return [one.name for one in self.site.wire.calls].count(name)

    def read_azure(self) -> None:
        """Read Azure as it is from now on."""
        del self.engine._read_azure  # the class has its own

    def next_start(self, *, read_only: bool = False) -> Engine:
        """Return the engine of a program that was started anew on the same site."""
        engine = Engine(
            self.engine.profile,
            self.engine.sessions,
            self.site.clock,
            self.home,
            read_only=read_only,
            rehearsal=self.site,
        )
        azure_once(engine)
        engine.ask_guest = self.account
        return engine

    def recover(self, engine: Engine | None = None) -> Found:
        [found] = (engine or self.next_start()).recover()
        return found

    def folders(self) -> list[str]:
        return sorted(self.site.wire.guests.folders[REF])

    def volumes(self) -> list[str]:
        return [one.diskPath for one in self.site.store.get(REF, "guest.disk")]


def nobody(machine: str) -> GuestCredentials:
    raise no_account(machine)


def serial(site: Formatting) -> str:
    [disk] = [one for one in site.site.store.get(REF, "config.hardware.device") if one.key == 2001]
    return str(disk.backing.uuid).replace("-", "")
