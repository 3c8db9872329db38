"""The loop: connect, read, judge, choose, plan, confirm, apply, verify, undo. Screens and commands own none of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from failback.changes import (
    Change,
    Confirm,
    Entry,
    Found,
    Journal,
    MemoryStore,
    Outcome,
    Plan,
    World,
    apply_plan,
    in_flight,
    undo_entry,
    wires_over,
)
from failback.changes.lock import Held, Wanted, all_wanted, on_targets
from failback.changes.look_inside import kept, look_at, with_inside
from failback.changes.outcome import Ended, unheard
from failback.changes.planning import make_plan, make_reprotect_plan
from failback.changes.recovery import recover
from failback.changes.remedy import BOTH
from failback.changes.run import remedy_of
from failback.changes.running import alone, somebody_runs
from failback.changes.wires import only_reading
from failback.clock import Clock
from failback.errors import (
    InterruptedByOperatorError,
    NotReachedError,
    UsageError,
)
from failback.guest.credentials import AskGuest, GuestCredentials, nobody_to_ask
from failback.in_depth import machines_that_matter
from failback.profiles.model import Profile
from failback.progress import Cancelled, Progress, never, silent
from failback.sessions import Sessions
from failback.unknown_name import no_such_name
from wizard_steps.case import Case, UnknownName
from wizard_steps.choices import Attestation, Choices
from wizard_steps.classic import REQUIREMENTS
from wizard_steps.classic.moved_disks import all_missing as missing_disks
from wizard_steps.estate import Estate
from wizard_steps.judge import Report, judge
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import SeenInAzure
from wizard_steps.seen_in_guest import SeenInGuest
from wizard_steps.seen_in_vcenter import SeenInVCenter
from wizard_steps.wording import _

if TYPE_CHECKING:
    from failback.rehearsal.site import Site
    from failback.rights import Rights


def _keep_nowhere(profile: Profile) -> Profile:
    """Save nothing: the rehearsal's profile lives as long as the rehearsal."""
    return profile


class Engine:
    """One site, one operator: everything a face of the program can ask for.

    Methods block and belong on a worker thread. They raise `FailbackError` only for what the operator has to put
    right first (a refused sign-in, a changed certificate, a vault that does not exist, a name that fits nothing);
    a side that is down, denies or times out is part of the answer, as values that were not seen.
    """

    def __init__(
        self,
        profile: Profile,
        sessions: Sessions,
        clock: Clock,
        home: Path,
        *,
        read_only: bool = False,
        rehearsal: Site | None = None,
        save: Callable[[Profile], Profile] = _keep_nowhere,
    ) -> None:
        """Work on the site of `profile`; `home` holds journal and memory, `save` keeps a changed profile."""
        self.profile = profile
        self.sessions = sessions
        self.clock = clock
        self.home = home
        self.read_only = read_only
        self.rehearsal = rehearsal
        self.memory = MemoryStore(None if rehearsal is not None else home)  # each rehearsal is a new site
        self.journal = Journal(home, clock)
        self._save = save
        self._estate: Estate | None = None
        self._inside: dict[str, Reading[SeenInGuest]] = {}  # by the machine's id, as long as the last look is the last
        self.ask_guest: AskGuest = nobody_to_ask  # where changes inside a guest get credentials from

    def close(self) -> None:
        """Sign out on both sides."""
        self.sessions.close()

    def rights(self, plan: Plan | None = None, progress: Progress = silent, cancelled: Cancelled = never) -> Rights:
        """Return as whom both sides know us and how that fits: on the whole, and for each change of `plan`.

        It sends nothing, and raises `InterruptedByOperatorError` when it was cancelled.
        """
        from failback.rights import read_rights

        return read_rights(self.sessions, self.profile, self._world(cancelled), plan, progress, cancelled)

    # -- looking

    def look(self, progress: Progress = silent, cancelled: Cancelled = never, *, probe: bool = False) -> Case:
        """Read both sides at the same time, then the machines that matter in depth.

        With `probe`, Azure's network probes are asked too, which takes minutes on a large site; on the rehearsal site
        they always are. Raises `InterruptedByOperatorError` when it was cancelled, and the errors named at the class.
        """
        estate = self._read(BOTH, progress, cancelled)
        if probe or self.rehearsal is not None:
            estate = self._probed(estate, progress, cancelled)
        self._inside.clear()
        self._estate = estate
        self.memory.note(self._case(estate, estate.taken_at))
        return self._case(estate, self.clock.now())

    def look_again(self, systems: frozenset[str], cancelled: Cancelled = never) -> Case:
        """Read only `systems` (vcenter, azure) again; the other side is as the last look showed it.

        When that is older than a verdict may be, or there was no look yet, both are read. Azure is probed again where
        it was probed before: an old answer says nothing of a new state. Raises like `look`.
        """
        before = self._estate
        limit = timedelta(minutes=self.profile.limits.verdict_minutes)
        if before is None or not timedelta(0) <= self.clock.now() - before.taken_at <= limit:
            return self.look(cancelled=cancelled, probe=before is not None and before.azure.probed is not None)
        estate = self._read(systems, silent, cancelled, before)
        if "azure" in systems and before.azure.probed is not None:
            estate = self._probed(estate, silent, cancelled)
        self._estate = estate
        return self._case(self._estate, self.clock.now())

    def _read(
        self, systems: frozenset[str], progress: Progress, cancelled: Cancelled, before: Estate | None = None
    ) -> Estate:
        """Read both sides, or keep one as it was seen `before`: then the whole is as old as that."""
        taken_at = self.clock.now()
        kept_azure = None if before is None or "azure" in systems else before.azure
        kept_vcenter = None if before is None or "vcenter" in systems else before.vcenter
        self.sessions.vcenter()  # where its password is asked for: once, before two threads could ask at a time
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="look") as pool:
            azure = pool.submit(lambda: kept_azure or self._read_azure(progress, cancelled))
            vcenter = pool.submit(lambda: kept_vcenter or self._read_vcenter(progress, cancelled))
        estate = Estate(azure.result(), vcenter.result(), taken_at if before is None else before.taken_at)
        _stop_if(cancelled)
        if kept_vcenter is None:
            refs = machines_that_matter(self._case(estate, taken_at))
            estate = replace(estate, vcenter=self._read_in_depth(estate.vcenter, refs, progress, cancelled))
            estate = replace(estate, vcenter=self._searched(estate, progress, cancelled))
            _stop_if(cancelled)
        return estate

    def _read_azure(self, progress: Progress, cancelled: Cancelled) -> SeenInAzure:
        from failback.azure.reading import AzureReader, Vault

        azure, vault = self.profile.azure, self.profile.vault
        where = Vault(
            azure.subscription_id, vault.resource_group, vault.name, vault.fabric, azure.network_subscriptions
        )
        try:
            return AzureReader(self.sessions.azure(cancelled), where, self.clock).read(progress, cancelled)
        except NotReachedError as error:
            return SeenInAzure.unseen(where.id, error.why)

    def _probed(self, estate: Estate, progress: Progress, cancelled: Cancelled) -> Estate:
        """Return the estate with the answers of Azure's network probes."""
        from failback.azure.probes import probe

        case = self._case(estate, self.clock.now())
        try:
            clients = self.sessions.azure(cancelled)
            return replace(estate, azure=probe(clients, case, self.clock, progress, cancelled))
        except NotReachedError:
            return estate  # what cannot be reached was not seen, and there is nothing to ask about
        except UnknownName as error:
            raise no_such_name(error) from error

    def _read_vcenter(self, progress: Progress, cancelled: Cancelled) -> SeenInVCenter:
        from failback.vcenter.reading import VCenterReader

        try:
            return VCenterReader(self.sessions.vcenter(), self.clock).read(progress, cancelled)
        except NotReachedError as error:
            return SeenInVCenter.unseen(self.profile.vcenter.host, error.why)

    def _read_in_depth(
        self, seen: SeenInVCenter, refs: tuple[str, ...], progress: Progress, cancelled: Cancelled
    ) -> SeenInVCenter:
        from failback.vcenter.reading import VCenterReader

        if not seen.machines.was_seen:
            return seen
        account = self.profile.choices.site_recovery_vcenter_user
        try:
            return VCenterReader(self.sessions.vcenter(), self.clock).read_in_depth(
                seen, refs, progress, cancelled, account=account
            )
        except NotReachedError as error:
            return SeenInVCenter.unseen(self.profile.vcenter.host, error.why)

    def _searched(self, estate: Estate, progress: Progress, cancelled: Cancelled) -> SeenInVCenter:
        """Search for the disks that master targets had and have no more; where none is missing nothing is asked."""
        from failback.vcenter.reading import VCenterReader

        wanted = missing_disks(self._case(estate, estate.taken_at))
        if not wanted:
            return estate.vcenter
        try:
            return VCenterReader(self.sessions.vcenter(), self.clock).search_disks(
                estate.vcenter, wanted, progress, cancelled
            )
        except NotReachedError:
            return estate.vcenter  # every reading of it has its reason already

    # -- judging and choosing: no reading

    def judge(self, case: Case) -> Report:
        """Judge a case by the rules of the classic architecture."""
        try:
            return judge(case, REQUIREMENTS)
        except UnknownName as error:
            raise no_such_name(error) from error

    def case(self) -> Case:
        """Return the estate of the last look with the choices, attestations and memory of now.

        Raises `RuntimeError` before the first look.
        """
        if self._estate is None:
            raise RuntimeError("nothing was looked at yet")
        return self._case(self._estate, self.clock.now())

    def choose(self, choices: Choices) -> Case:
        """Keep other choices in the profile, and return the case with them."""
        return self._keep(self.profile.with_choices(choices))

    def attest(self, requirement_id: str, subject: str, by: str) -> Case:
        """Keep that a person vouches for a requirement on a subject, now."""
        kept = tuple(
            one for one in self.profile.attestations if (one.requirement, one.subject) != (requirement_id, subject)
        )
        return self._keep(
            self.profile.with_attestations((*kept, Attestation(requirement_id, subject, by, self.clock.now())))
        )

    # -- changing

    def plan(self, case: Case, report: Report, findings: Sequence[Finding] | None = None) -> Plan:
        """Return what the remedies of `findings` would change; `None`: of every root cause. Nothing is sent."""
        return make_plan(case, report, findings, self.clock.now(), self.profile.name, self.rehearsal is not None)

    def plan_reprotect(self, case: Case) -> Plan:
        """Return the plan that submits the reprotect request of every machine that is ready. Nothing is sent."""
        return make_reprotect_plan(case, self.clock.now(), self.profile.name, self.rehearsal is not None)

    def apply(
        self,
        plan: Plan,
        confirm: Confirm,
        progress: Progress = silent,
        cancelled: Cancelled = never,
        ended: Ended = unheard,
    ) -> tuple[Outcome, ...]:
        """Carry out a plan, asking `confirm` for every change; see `failback.changes.apply`."""
        self._probe_for(plan.changes, progress, cancelled)
        return apply_plan(plan, self._world(cancelled), confirm, progress, cancelled, ended)

    def _probe_for(self, changes: Sequence[Change], progress: Progress, cancelled: Cancelled) -> None:
        """Ask the network probes where a change rests on their answers and nobody has asked yet."""
        asked = self._estate is not None and self._estate.azure.probed is not None
        if not self.read_only and not asked and any(remedy_of(one).probes for one in changes):
            self.look(progress, cancelled, probe=True)

    def look_inside(
        self,
        target_name: str,
        credentials: GuestCredentials,
        confirm: Confirm,
        progress: Progress = silent,
        cancelled: Cancelled = never,
    ) -> Case:
        """Look inside the guest of a chosen master target, and return the case with what was seen there.

        It runs a program there, so it is a change: shown by `confirm`, written down, refused read-only. The facts, or
        the reason why there are none, stand in its VM's `inside` until the next look. Raises `UsageError` where it
        cannot be tried. The credentials are forgotten when it returns.
        """
        change = look_at(self.case(), target_name)
        plan = Plan(self.clock.now(), self.profile.name, self.rehearsal is not None, (change,))
        asks = self.ask_guest  # for any other machine, whose cut-off change may be found out about before
        world = self._world(cancelled, lambda name: credentials if name == change.target.name else asks(name))
        [outcome] = apply_plan(plan, world, confirm, progress, cancelled)
        kept(self._inside, outcome)
        return self.case()

    def in_flight(self) -> tuple[Entry, ...]:
        """Return the changes an earlier run left without a known end; none while a run of changes is under way."""
        world = self._world(never)
        found = in_flight(world)
        return () if not found or somebody_runs(self.home, self.profile.name) else found

    def recover(self, progress: Progress = silent, cancelled: Cancelled = never) -> tuple[Found, ...]:
        """Find out what became of every change that is in flight, and write it into the journal.

        It reads and waits, and sends nothing; read-only mode has it, too. Where nothing is in flight nothing is read.
        """
        if not self.in_flight():
            return ()
        with alone(self.home, self.profile.name):
            return recover(self._world(cancelled), progress, cancelled)

    def locks(self, case: Case) -> tuple[tuple[str, Held], ...]:
        """Return the locks on the chosen master targets of a case, each with the target's raw name."""
        return on_targets(case)

    def will_lock(self, case: Case, plan: Plan) -> tuple[Wanted, ...]:
        """Return the locks that carrying out a plan takes, each with what stands in its place now."""
        locking = (one for one in plan.changes if remedy_of(one).locks)
        return all_wanted(case, locking, self.journal.own_locks(plan.profile))

    def history(self) -> tuple[Entry, ...]:
        """Return what the journal tells, the oldest first."""
        return self.journal.history()

    def undo(
        self, entry_id: str, confirm: Confirm, progress: Progress = silent, cancelled: Cancelled = never
    ) -> Outcome:
        """Restore what a change recorded before it was sent. Raises `UsageError` where that cannot be."""
        entry = self.journal.entry(entry_id)
        if entry is None:
            what = _("the change {id}").format(id=Outside(entry_id).shown())
            raise UsageError(what, _("the journal has no such entry"), _("see the list: failback history"))
        self._probe_for((entry.change,), progress, cancelled)
        return undo_entry(entry, self._world(cancelled), confirm, progress, cancelled)

    def _world(self, cancelled: Cancelled, ask: AskGuest | None = None) -> World:
        asks = nobody_to_ask if self.read_only else ask or self.ask_guest
        wires = wires_over(self.sessions, self.clock, asks, self._inside.__setitem__)
        return World(
            profile=self.profile.name,
            look=lambda systems: self.look_again(systems, cancelled),
            look_on=self.look_again,
            wire=only_reading(wires) if self.read_only else wires,
            clock=self.clock,
            journal=self.journal,
            memory=self.memory,
            read_only=self.read_only,
            rehearsal=self.rehearsal is not None,
        )

    def _keep(self, profile: Profile) -> Case:
        self.profile = self._save(profile)
        return self.case()

    def _case(self, estate: Estate, now: datetime) -> Case:
        profile = self.profile
        estate = with_inside(estate, self._inside)
        return Case(estate, profile.choices, now, profile.attestations, profile.limits, self.memory.load())


def _stop_if(cancelled: Cancelled) -> None:
    if cancelled():
        raise InterruptedByOperatorError(
            _("the look"), _("it was cancelled before everything was read"), _("look again when you are ready")
        )
