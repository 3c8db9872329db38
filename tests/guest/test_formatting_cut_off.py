"""A formatting that was cut off, stopped or not answered: found again, never sent twice, never claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.changes import Word
from failback.changes.recovery import Finding
from failback.errors import SecretError
from failback.guest.credentials import GuestCredentials
from failback.guest.guest_session import GuestSession
from failback.rehearsal.on_premises import vm_ref
from failback.rehearsal.vcenter_wire_guests import Process
from failback.secrets import Secret
from tests.guest.conftest import yes
from tests.guest.formatting_site import CANARY, REF, RUNS, Formatting, nobody, serial


@pytest.fixture
def site(tmp_path: Path) -> Formatting:
    return Formatting(tmp_path)


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
