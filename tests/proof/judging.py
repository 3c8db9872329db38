"""Judge one described site with the whole engine, and tell how its report differs from the ready site's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from failback.changes import Change, Confirmation
from failback.engine import Engine
from failback.guest.credentials import GuestCredentials
from failback.profiles.model import Profile
from failback.rehearsal.site import Site, rehearsal_site
from failback.secrets import Secret
from failback.sessions import RehearsalSessions
from wizard_steps.case import Case
from wizard_steps.judge import Report
from wizard_steps.requirement import Finding, Status

Act = Callable[[Site], None]
Choose = Callable[[Profile], Profile]
Place = tuple[str, str]  # requirement id and the name of the subject

CONTENT = frozenset({Status.PASS, Status.INFO})
ASKS = frozenset({Status.FAIL, Status.PENDING, Status.UNKNOWN, Status.ATTEST, Status.WARN})
NOWHERE = Path("/nonexistent/rehearsals-keep-their-memory-in-memory")


def leave(_site: Site) -> None:
    """Change nothing."""


def as_it_is(profile: Profile) -> Profile:
    """Choose nothing else."""
    return profile


@dataclass(frozen=True)
class Judged:
    """A case and what the engine says of it."""

    case: Case
    report: Report

    def findings(self) -> dict[Place, Finding]:
        """Return every finding by requirement and subject."""
        return {place_of(one): one for one in self.report.findings}


@contextmanager
def opened(act: Act = leave, choose: Choose = as_it_is, home: Path = NOWHERE) -> Iterator[tuple[Site, Engine]]:
    """Open an engine on the ready rehearsal site after `act` has changed it, with the choices `choose` makes."""
    site = rehearsal_site("ready")
    act(site)
    engine = Engine(choose(site.profile()), RehearsalSessions(site), site.clock, home, rehearsal=site)
    try:
        yield site, engine
    finally:
        engine.close()


def judged(
    act: Act = leave,
    choose: Choose = as_it_is,
    later: Act | None = None,
    inside: tuple[str, ...] = (),
    home: Path = NOWHERE,
) -> Judged:
    """Look and judge; `later` is done between a first look and the one that counts, `inside` names guests to look into."""
    with opened(act, choose, home) as (site, engine):
        if later is not None:
            engine.look()
            later(site)
        case = engine.look()
        for target in inside:
            case = _look_inside(site, engine, target)
        return Judged(case, engine.judge(case))


def _look_inside(site: Site, engine: Engine, target: str) -> Case:
    user, password = site.guest_account(target)
    return engine.look_inside(target, GuestCredentials(user, Secret(password)), _agreed)


def _agreed(change: Change) -> Confirmation:
    return Confirmation(agreed=True, typed=change.target.name)


def place_of(finding: Finding) -> Place:
    """Return the row and the subject that a finding is about."""
    return finding.requirement.id, finding.subject.name


def asked_anew(before: Judged, after: Judged) -> dict[Place, Finding]:
    """Return the findings that ask something of somebody that they did not ask before, or ask something else.

    A subject that only got another name, as a volume of another letter does, is not asked about anew.
    """
    was, now = before.findings(), after.findings()
    renamed = Counter((place[0], one.status) for place, one in was.items() if place not in now)
    found = {}
    for place, one in now.items():
        if one.status not in ASKS or (place in was and was[place].status is one.status):
            continue
        if place not in was and renamed[place[0], one.status] > 0:
            renamed[place[0], one.status] -= 1
            continue
        found[place] = one
    return found


def gone_quiet(before: Judged, after: Judged) -> dict[Place, Finding]:
    """Return the findings that asked something before and are content now."""
    was = before.findings()
    return {
        place: one
        for place, one in after.findings().items()
        if place in was and was[place].status in ASKS and one.status in CONTENT
    }


def said(findings: dict[Place, Finding]) -> list[str]:
    """Return findings as a failing test shows them."""
    return [
        f"{row} on {subject}: {one.status.value} (caused by {one.caused_by}): {one.evidence}"
        for (row, subject), one in findings.items()
    ]
