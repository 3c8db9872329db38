"""Formatting on the rehearsal site, from the added disk to the listed volume: through the real engine and pyvmomi."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.changes import Change, Confirmation, Outcome, Word
from failback.changes.recovery import Finding, Found
from failback.engine import Engine
from failback.errors import SecretError, UsageError
from failback.guest.credentials import GuestCredentials, no_account
from failback.guest.guest_session import GuestSession
from failback.opening import open_rehearsal
from failback.rehearsal import description
from failback.rehearsal.on_premises import vm_ref
from failback.rehearsal.site import Site
from failback.rehearsal.vcenter_wire_guests import Process
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


@pytest.fixture
def site(tmp_path: Path) -> Formatting:
    return Formatting(tmp_path)


def test_the_added_disk_is_formatted_looked_at_and_listed_a_quarter_of_an_hour_later(site: Formatting) -> None:
    assert (site.row(site.case).status.value, site.row(site.case).remedies) == ("fail", ("format-retention-volume",))
    shown: list[Change] = []

    def confirm(change: Change) -> Confirmation:
        assert site.asked == []
        shown.append(change)
        return yes(change)

    outcome = site.format(confirm=confirm)

    assert outcome.word is Word.VERIFIED, outcome.evidence
    assert "looked inside, /mnt/retention has the file system ext4" in outcome.evidence
    assert "Format Hard disk 2 of MT02" in shown[0].title
    assert site.asked == ["MT02"]  # once, for both programs
    assert site.site.wire.guests.runs == RUNS
    assert site.folders() == []

    site.read_azure()
    case = site.engine.look()
    assert site.row(case, "ret-drive-formatted").status.value == "pass"
    assert site.row(case).status.value == "pending"
    site.site.clock.advance(15 * 60)
    assert site.row(site.engine.look()).status.value == "pass"


def test_a_refresh_of_the_configuration_server_lists_it_at_once(site: Formatting) -> None:
    site.format()
    site.read_azure()
    assert site.row(site.engine.look()).status.value == "pending"
    site.site.arm.refreshed(description.fabric_id())
    assert site.row(site.engine.look()).status.value == "pass"


def test_it_is_written_down_without_the_account_and_cannot_be_undone(site: Formatting) -> None:
    site.site.wire.guests.accounts[REF] = ("root", CANARY)
    site.password = CANARY
    told: list[str] = []

    outcome = site.format(progress=told.append)

    assert outcome.word is Word.VERIFIED
    entry = site.engine.history()[-1]
    assert (entry.change.remedy, entry.outcome, len(entry.operations)) == ("format-retention-volume", "verified", 2)
    written = [path.read_bytes() for path in site.home.rglob("*") if path.is_file()]
    assert not any(CANARY.encode() in content for content in written)
    everything = [*told, repr(site.engine.history()), repr(site.site.wire.calls), repr(vars(site.engine))]
    assert not any(CANARY in text for text in everything)
    with pytest.raises(UsageError, match="cannot be taken back"):
        site.engine.undo(entry.id, yes)


def nobody(machine: str) -> GuestCredentials:
    raise no_account(machine)


def test_without_an_account_nothing_is_sent_or_written_down(site: Formatting) -> None:
    before = len(site.engine.history())
    site.engine.ask_guest = nobody
    outcome = site.format()
    assert (outcome.word, "nothing was sent" in outcome.evidence) == (Word.FAILED, True)
    assert site.calls("CreateTemporaryDirectoryInGuest") == 0
    assert len(site.engine.history()) == before


def test_somebody_who_thinks_long_over_the_password_gets_it_all_read_again(site: Formatting) -> None:
    def slowly(machine: str) -> GuestCredentials:
        site.site.clock.advance(300)
        devices = site.site.store.get(REF, "config.hardware.device")
        site.site.store.set(REF, {"config.hardware.device": [one for one in devices if one.key != 2001]})
        return site.account(machine)

    site.engine.ask_guest = slowly
    outcome = site.format()
    assert outcome.word is Word.STALE, outcome.evidence
    assert site.site.wire.guests.runs == []


def test_a_wrong_password_is_told_in_plain_words_and_nothing_was_started(site: Formatting) -> None:
    site.password = "wrong"
    outcome = site.format()
    assert (outcome.word, "refused the user name or the password" in outcome.evidence) == (Word.FAILED, True)
    assert site.calls("StartProgramInGuest") == 0


@pytest.mark.parametrize("typed", ["", "mt02", "MT01", "yes"])
def test_another_name_than_the_machines_formats_nothing(typed: str, site: Formatting) -> None:
    outcome = site.format(confirm=lambda _change: Confirmation(agreed=True, typed=typed))
    assert (outcome.word, site.asked, site.calls("StartProgramInGuest")) == (Word.DECLINED, [], 0)


def serial(site: Formatting) -> str:
    [disk] = [one for one in site.site.store.get(REF, "config.hardware.device") if one.key == 2001]
    return str(disk.backing.uuid).replace("-", "")


def _by_hand(site: Formatting) -> None:
    """Somebody else made the disk a volume in between, of which VMware Tools know nothing yet."""
    site.site.wire.guests.state[REF].not_blank.add(serial(site))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_by_hand, "nothing was written: the disk is not blank"),
        (lambda site: setattr(site.site.wire.guests.state[REF], "is_administrator", False), "no administrator"),
    ],
)
def test_what_the_program_refuses_inside_is_told_and_changed_nothing(
    spoil: Callable[[Formatting], None], why: str, site: Formatting
) -> None:
    spoil(site)
    before = site.volumes()
    outcome = site.format()
    assert (outcome.word, why in outcome.evidence) == (Word.FAILED, True), outcome.evidence
    assert site.volumes() == before
    assert site.folders() == []
    assert site.site.wire.guests.runs == RUNS[:1]  # and nobody looks afterwards as if it had been done


def test_an_account_that_may_not_enter_guests_is_said_before_it_is_asked_for(site: Formatting) -> None:
    held = site.site.wire.privileges
    for account in held:
        held[account] = {
            ref: {one for one in some if "GuestOperations" not in one} for ref, some in held[account].items()
        }
    shown: list[Change] = []

    def confirm(change: Change) -> Confirmation:
        shown.append(change)
        return Confirmation(agreed=False)

    assert site.format(confirm=confirm).word is Word.DECLINED
    assert "THIS ACCOUNT LACKS VirtualMachine.GuestOperations.Query" in shown[0].disturbs
    assert site.asked == []


# -- what goes wrong once it has begun


def test_a_formatting_that_was_stopped_waiting_for_goes_on_and_the_next_start_finds_it_done(site: Formatting) -> None:
    outcome = site.format(cancelled=lambda: site.calls("StartProgramInGuest") > 0)

    assert (outcome.word, "goes on by itself" in outcome.evidence) == (Word.CANCELLED, True)
    assert site.calls("TerminateProcessInGuest") == 0
    [folder] = site.folders()

    found = site.recover()

    assert (found.word, site.volumes()[-1]) == (Finding.DONE, "/mnt/retention"), found.evidence
    assert site.site.wire.guests.runs == RUNS[:1]
    assert folder not in site.folders()


class Killed(BaseException):
    """The process is gone."""


def _killed(*_: object) -> Any:
    raise Killed


def _started_and_killed(*arguments: Any) -> Any:
    REAL_START(*arguments)
    raise Killed


REAL_START = GuestSession.start


def kill_at(where: str, site: Formatting) -> None:
    """Format, and let the process end where it calls `where` of a guest's session."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(GuestSession, where, _started_and_killed if where == "start" else _killed)
        patched.setattr(GuestSession, "remove", _killed)
        with pytest.raises(Killed):
            site.format()


@pytest.mark.parametrize(
    ("where", "word"),
    [
        ("start", Finding.CANNOT_TELL),  # the program was started, and nobody wrote down as which process
        ("exit_code", Finding.DONE),
        ("answer", Finding.DONE),
    ],
)
def test_killed_on_the_way_the_next_start_reads_what_became_of_it_and_sends_nothing(
    where: str, word: Finding, site: Formatting
) -> None:
    kill_at(where, site)
    started = site.calls("StartProgramInGuest")
    site.site.clock.advance(60)

    found = site.recover()

    assert found.word is word, found.evidence
    if word is Finding.CANNOT_TELL:
        assert "a look inside MT02 tells whether" in found.evidence
    assert site.calls("StartProgramInGuest") == started == 1


def test_a_look_that_was_taken_before_proves_nothing_afterwards(site: Formatting) -> None:
    site.case = site.engine.look_inside("MT02", site.account("MT02"), yes)
    kill_at("start", site)
    site.site.clock.advance(60)
    found = site.recover(site.engine)
    assert found.word is Finding.CANNOT_TELL, found.evidence


def test_killed_before_anything_ran_nobody_claims_that_it_did(site: Formatting) -> None:
    kill_at("prepare", site)
    found = site.recover()
    assert (found.word, "a look inside MT02" in found.evidence) == (Finding.CANNOT_TELL, True)
    assert site.volumes() == ["/"]


def test_when_vmware_tools_report_the_volume_meanwhile_no_account_is_needed_to_know(
    site: Formatting,
) -> None:
    kill_at("exit_code", site)
    site.site.clock.advance(60)
    site.site.wire.guests.finish(site.site.clock.now())
    engine = site.next_start()
    engine.ask_guest = nobody

    found = site.recover(engine)

    assert (found.word, "VMware Tools report /mnt/retention with ext4" in found.evidence) == (Finding.DONE, True)


def test_a_read_only_program_asks_for_no_account_and_enters_no_guest(site: Formatting) -> None:
    site.format(cancelled=lambda: site.calls("StartProgramInGuest") > 0)
    site.site.wire.calls.clear()
    asked = len(site.asked)
    engine = site.next_start(read_only=True)

    found = site.recover(engine)

    assert found.word is Finding.NOT_YET
    assert len(site.asked) == asked
    assert not [one.name for one in site.site.wire.calls if one.name.endswith("InGuest")]
    assert site.recover().word is Finding.DONE  # the next start, at which somebody gives the account


def test_whoever_gives_no_account_after_a_crash_is_told_to_look_inside(site: Formatting) -> None:
    site.format(cancelled=lambda: site.calls("StartProgramInGuest") > 0)
    engine = site.next_start()
    engine.ask_guest = nobody
    found = site.recover(engine)
    assert (found.word, "no account inside it was given" in found.evidence) == (Finding.CANNOT_TELL, True)
    assert "a look inside MT02" in found.evidence


def test_the_account_of_one_machine_is_never_tried_on_another(site: Formatting) -> None:
    site.format(cancelled=lambda: site.calls("StartProgramInGuest") > 0)
    site.site.wire.guests.accounts[vm_ref("MT01")] = ("Administrator", CANARY)
    entered: list[str] = []
    real = site.site.wire.guests.enter
    site.site.wire.guests.enter = lambda call: (  # type: ignore[method-assign]
        entered.append(f"{call.args['vm']._GetMoId()} {call.args['auth'].password}"),
        real(call),
    )[1]

    site.engine.look_inside("MT01", GuestCredentials("Administrator", Secret(CANARY)), yes)

    assert f"{vm_ref('MT01')} {CANARY}" in entered
    assert f"{REF} inside" in entered  # MT02's own, which the operator was asked for
    assert f"{REF} {CANARY}" not in entered


@pytest.mark.parametrize(
    "error", [TimeoutError("slow"), ConnectionResetError("cut"), vmodl.fault.SystemError(msg="boom")]
)
def test_a_start_that_nobody_answered_is_unknown_and_not_sent_again(error: Exception, site: Formatting) -> None:
    site.site.wire.fault("StartProgramInGuest", error)
    outcome = site.format()
    assert outcome.word is Word.UNKNOWN, outcome.evidence
    assert site.calls("StartProgramInGuest") == 1
    assert site.site.wire.guests.runs == []


def test_what_nobody_can_tell_is_looked_at_and_planned_anew_by_a_person(site: Formatting) -> None:
    site.site.wire.fault("StartProgramInGuest", ConnectionResetError("cut"))
    assert site.format().word is Word.UNKNOWN

    case = site.engine.look_inside("MT02", site.account("MT02"), yes)

    assert site.engine.in_flight() == ()
    entry = site.engine.history()[-2]
    assert (entry.outcome, entry.found) == ("unknown", "cannot-tell")
    assert [one.serial for one in case.targets.value[1].vm.value.inside.value.raw_disks.value] == [serial(site)]
    assert site.apply(case).word is Word.VERIFIED


def test_a_start_that_was_refused_changed_nothing(site: Formatting) -> None:
    site.site.wire.fault("StartProgramInGuest", vim.fault.GuestPermissionDenied(msg="no"))
    outcome = site.format()
    assert (outcome.word, site.folders()) == (Word.FAILED, [])


def test_an_end_that_the_program_does_not_have_leaves_open_what_was_done(
    site: Formatting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.site.wire.guests, "_run", lambda _process: 137)
    outcome = site.format()
    assert (outcome.word, "ended with 137" in outcome.evidence) == (Word.UNKNOWN, True)


def test_an_answer_that_does_not_fit_its_question_is_no_proof(
    site: Formatting, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests = site.site.wire.guests
    real = type(guests)._run

    def spoiled(process: Process) -> int:
        code = real(guests, process)
        for key in guests.files:
            if key[1].endswith("answer.json"):
                guests.files[key] = guests.files[key].replace(b"ext4", b"vfat")
        return code

    monkeypatch.setattr(guests, "_run", spoiled)
    outcome = site.format()
    assert (outcome.word, "garbled" in outcome.evidence) == (Word.UNKNOWN, True)


def test_nobody_is_asked_twice_after_a_refusal_in_the_same_run(site: Formatting) -> None:
    def asked(machine: str) -> GuestCredentials:
        site.asked.append(machine)
        raise SecretError("the guest", "nobody gives one", "x")

    site.engine.ask_guest = asked
    site.format()
    assert site.asked == ["MT02"]
