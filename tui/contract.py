"""What the screens ask of the engine and its neighbours, so that a test can put something small in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from failback.changes.apply import Confirm
from failback.changes.journal import Entry
from failback.changes.lock import Wanted
from failback.changes.outcome import Ended, Outcome
from failback.changes.plan import Plan
from failback.changes.recovery import Found
from failback.clock import Clock
from failback.guest.credentials import AskGuest, GuestCredentials
from failback.profiles.model import Profile
from failback.progress import Cancelled, Progress
from failback.rights import Rights
from failback.secrets import SecretStore
from wizard_steps.case import Case
from wizard_steps.choices import Choices
from wizard_steps.judge import Report
from wizard_steps.requirement import Finding


class Action(Protocol):
    """Something the site engineer of a rehearsal can do; `title` is a translated sentence."""

    @property
    def title(self) -> str:
        """What is done, in the imperative."""
        ...


class RehearsalClock(Clock, Protocol):
    """The clock of a rehearsal. `speed` is how many of its seconds pass in one of ours; 0 stands still."""

    @property
    def speed(self) -> float:
        """How fast it runs."""
        ...

    @speed.setter
    def speed(self, speed: float) -> None: ...


class Rehearsal(Protocol):
    """What only a rehearsal site has: a clock that can be sped up and a site engineer who does what is asked."""

    @property
    def clock(self) -> RehearsalClock:
        """The rehearsal's clock."""
        ...

    def actions_for(self, finding: Finding) -> Sequence[Action]:
        """Return what the site engineer can do about a finding."""
        ...

    def guest_account(self, target: str) -> tuple[str, str]:
        """Return user name and password inside a master target of the rehearsal."""
        ...

    def perform(self, action: Any) -> None:
        """Let the site engineer do it."""
        ...


class Engine(Protocol):
    """The loop of the product: look, judge, choose, plan, apply. All of it may take long and runs in threads."""

    profile: Profile
    read_only: bool
    ask_guest: AskGuest

    @property
    def clock(self) -> Clock:
        """The clock that everything is timed by."""
        ...

    @property
    def rehearsal(self) -> Rehearsal | None:
        """The rehearsal's own handles; None: this is a real site."""
        ...

    def look(self, progress: Progress, cancelled: Cancelled, *, probe: bool = False) -> Case:
        """Read both sides, and ask Azure's slow probes. Raises `FailbackError` where the profile cannot be used."""
        ...

    def judge(self, case: Case) -> Report:
        """Judge a case."""
        ...

    def choose(self, choices: Choices) -> Case:
        """Keep other choices and return the same estate with them."""
        ...

    def attest(self, requirement_id: str, subject: str, by: str) -> Case:
        """Keep that a person vouches for a requirement on a subject, now."""
        ...

    def plan(self, case: Case, report: Report, findings: Sequence[Finding] | None = None) -> Plan:
        """Return what would change; without findings, everything that has a remedy."""
        ...

    def plan_reprotect(self, case: Case) -> Plan:
        """Return the plan that submits the reprotect request of every machine that is ready."""
        ...

    def will_lock(self, case: Case, plan: Plan) -> Sequence[Wanted]:
        """Return the locks that carrying out a plan takes, each with what stands in its place now."""
        ...

    def apply(
        self, plan: Plan, confirm: Confirm, progress: Progress, cancelled: Cancelled, ended: Ended
    ) -> Sequence[Outcome]:
        """Carry out a plan, change by change, asking before each; `ended` hears of each when it has ended."""
        ...

    def in_flight(self) -> Sequence[Entry]:
        """Return the changes that an earlier run left without a known end."""
        ...

    def recover(self, progress: Progress, cancelled: Cancelled) -> Sequence[Found]:
        """Find out what became of them; it reads and waits, and sends nothing."""
        ...

    def history(self) -> Sequence[Entry]:
        """Return what was changed, oldest first."""
        ...

    def undo(self, entry_id: str, confirm: Confirm, progress: Progress, cancelled: Cancelled) -> Outcome:
        """Undo one change of the history, asking before it."""
        ...

    def look_inside(
        self,
        target_name: str,
        credentials: GuestCredentials,
        confirm: Confirm,
        progress: Progress,
        cancelled: Cancelled,
    ) -> Case:
        """Look inside a master target's guest, asking before, and return the case with what was seen there."""
        ...

    def rights(self, plan: Plan | None, progress: Progress, cancelled: Cancelled) -> Rights:
        """Return as whom both sides know us and how that fits: on the whole, and for each change of a plan."""
        ...

    def close(self) -> None:
        """Sign out on both sides."""
        ...


class ProfileStore(Protocol):
    """Where profiles are kept; `failback.profiles` itself is one."""

    def saved_profiles(self) -> list[str]:
        """Return the names of the saved profiles, sorted."""
        ...

    def load(self, name: str) -> Profile:
        """Return a profile. Raises `ProfileError` with the line that is wrong."""
        ...

    def create(self, profile: Profile) -> Profile:
        """Write a profile that does not exist yet. Raises `ProfileError` when it does."""
        ...

    def save(self, profile: Profile) -> Profile:
        """Write a profile and return it as it now stands."""
        ...


class ShownCode(Protocol):
    """What a person must do to sign in by device code."""

    @property
    def address(self) -> str:
        """The page to open."""
        ...

    @property
    def code(self) -> str:
        """What to type there."""
        ...


ShowCode = Callable[[Any], None]
"""Shows a device code; called from a worker thread."""

OpenEngine = Callable[[Profile, SecretStore, ShowCode], Engine]
"""Makes the engine for a profile. Nothing is read yet; raises `FailbackError` when the profile cannot be used."""


class OpenSite(Protocol):
    """The same, told at the start whether anything may be changed: `failback.opening.open_site`."""

    def __call__(self, profile: Profile, secrets: SecretStore, show_code: ShowCode, /, *, read_only: bool) -> Engine:
        """Make the engine for a profile."""
        ...
