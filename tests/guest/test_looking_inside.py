"""Looking inside on the rehearsal site: asked for, written down, leaving nothing behind, and never keeping a password."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.changes import Change, Confirmation
from failback.errors import UsageError
from failback.guest.credentials import GuestCredentials, nobody_to_ask
from failback.guest.guest_session import GuestSession
from failback.guest.programs import LINUX, Program
from failback.rehearsal.on_premises import vm_ref
from failback.secrets import Secret
from failback.vcenter.transfer import TransferError
from tests.guest.conftest import Inside, inside, yes
from wizard_steps.case import Case
from wizard_steps.requirement import Finding

MT01, MT02 = vm_ref("MT01"), vm_ref("MT02")
CANARY = "kanarie-4711-geheim"
A_LOOK = [
    "CreateTemporaryDirectoryInGuest",
    "InitiateFileTransferToGuest",
    "StartProgramInGuest",
    "ListProcessesInGuest",
    "InitiateFileTransferFromGuest",
    "DeleteDirectoryInGuest",
]


def found(rehearsal: Inside, case: Case, requirement: str, subject: str) -> Finding:
    report = rehearsal.engine.judge(case)
    return next(one for one in report.findings if (one.requirement.id, one.subject.name) == (requirement, subject))


# -- what it brings


@pytest.mark.parametrize(("target", "volume"), [("MT01", "MT01:R"), ("MT02", "MT02:/mnt/retention")])
def test_what_a_person_had_to_vouch_for_is_seen(rehearsal: Inside, target: str, volume: str) -> None:
    before = found(rehearsal, rehearsal.engine.case(), "ret-not-locked", volume)
    assert (before.status.value, "nobody looked inside" in before.evidence) == ("attest", True)

    after = found(rehearsal, rehearsal.look(target), "ret-not-locked", volume)

    assert after.status.value == "pass", after.evidence
    assert after.sources[-1].system == "guest"


@pytest.mark.parametrize(
    ("target", "broken", "requirement", "subject"),
    [
        ("MT01", lambda state: state.locked.add("R:\\"), "ret-not-locked", "MT01:R"),
        ("MT01", lambda state: state.read_only.add("R:\\"), "ret-not-locked", "MT01:R"),
        ("MT01", lambda state: state.caches.append("R:\\cache"), "ret-not-cache-volume", "MT01:R"),
        ("MT01", lambda state: state.installed.append("R:\\ASR"), "ret-not-install-volume", "MT01:R"),
        (
            "MT02",
            lambda state: state.installed.append("/mnt/retention"),
            "ret-not-install-volume",
            "MT02:/mnt/retention",
        ),
        ("MT02", lambda state: state.on_lvm.append("/"), "mt-is-vmware-vm", "MT02"),
    ],
)
def test_what_is_wrong_inside_fails_its_row(
    rehearsal: Inside, target: str, broken: Callable[[Any], Any], requirement: str, subject: str
) -> None:
    broken(rehearsal.state(target))
    assert found(rehearsal, rehearsal.look(target), requirement, subject).status.value == "fail"


def test_an_account_without_rights_inside_leaves_the_word_to_a_person(rehearsal: Inside) -> None:
    rehearsal.state().is_administrator = False
    after = found(rehearsal, rehearsal.look(), "ret-not-locked", "MT01:R")
    assert (after.status.value, "administrator" in after.evidence) == ("attest", True)


def test_facts_of_two_machines_stay_side_by_side_until_the_next_look(rehearsal: Inside) -> None:
    rehearsal.look("MT01")
    case = rehearsal.look("MT02")
    assert inside(case, "MT01").was_seen
    assert inside(case, "MT02").was_seen
    assert inside(case).value.looked_at == inside(rehearsal.engine.case()).value.looked_at

    assert not inside(rehearsal.engine.look(), "MT01").was_seen


# -- as a change


def test_it_is_shown_before_it_runs_and_what_runs_is_one_constant_program(rehearsal: Inside) -> None:
    shown: list[Change] = []

    def confirm(change: Change) -> Confirmation:
        assert rehearsal.calls() == []
        shown.append(change)
        return yes(change)

    rehearsal.look(confirm=confirm)

    [change] = shown
    assert change.title == "Look inside MT01"
    assert "leaves" in change.undo
    assert change.calls[0].args["program"].startswith("sha256:")
    assert not change.reversible
    assert list(dict.fromkeys(rehearsal.calls())) == A_LOOK
    assert rehearsal.site.wire.guests.runs == [("look", MT01)]
    assert rehearsal.leftovers() == []


def test_it_is_written_down_before_and_after_and_cannot_be_undone(rehearsal: Inside) -> None:
    def confirm(change: Change) -> Confirmation:
        assert rehearsal.engine.history() == ()
        return yes(change)

    rehearsal.look(confirm=confirm)

    [entry] = rehearsal.engine.history()
    assert (entry.change.remedy, entry.outcome) == ("look-inside", "verified")
    assert rehearsal.engine.journal.verify_chain() is None
    with pytest.raises(UsageError, match="nothing to take back"):
        rehearsal.engine.undo(entry.id, yes)


def test_declined_nothing_runs_and_what_was_seen_before_stays(rehearsal: Inside) -> None:
    rehearsal.look()
    rehearsal.site.wire.calls.clear()

    case = rehearsal.look(confirm=lambda _change: Confirmation(agreed=False))

    assert rehearsal.calls() == []
    assert inside(case).was_seen


def test_read_only_it_does_not_exist(tmp_path: Path) -> None:
    rehearsal = Inside(tmp_path, read_only=True)
    with pytest.raises(UsageError, match="read-only"):
        rehearsal.look()
    assert rehearsal.calls() == []


def test_without_a_journal_nothing_runs(rehearsal: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    from failback.errors import HomeError

    def full(*_: object) -> str:
        raise HomeError("the journal", "the disk is full", "make room")

    monkeypatch.setattr(rehearsal.engine.journal, "intent", full)
    assert "disk is full" in str(inside(rehearsal.look()).reason)
    assert rehearsal.calls() == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"runtime.powerState": "poweredOff"}, "not powered on"),
        ({"guest.toolsRunningStatus": "guestToolsNotRunning"}, "VMware Tools"),
    ],
)
def test_a_machine_that_cannot_be_entered_says_why(rehearsal: Inside, change: dict[str, Any], why: str) -> None:
    rehearsal.site.store.set(MT01, change)
    rehearsal.engine.look()
    with pytest.raises(UsageError, match=why):
        rehearsal.look()


def test_a_name_that_is_not_chosen_is_refused_and_shown_harmlessly(rehearsal: Inside) -> None:
    with pytest.raises(UsageError) as refused:
        rehearsal.engine.look_inside("\x1b[2Jx", rehearsal.credentials(), yes)
    assert "\x1b" not in refused.value.message()


def test_a_machine_that_was_switched_off_meanwhile_is_not_entered(rehearsal: Inside) -> None:
    rehearsal.site.store.set(MT01, {"runtime.powerState": "poweredOff"})
    case = rehearsal.look()
    assert "not powered on" in str(inside(case).reason)
    assert rehearsal.calls() == []


# -- what goes wrong on the way


GONE_WRONG = [
    ("CreateTemporaryDirectoryInGuest", vim.fault.GuestOperationsUnavailable(), "Tools inside do not answer"),
    ("CreateTemporaryDirectoryInGuest", vim.fault.GuestPermissionDenied(msg="no"), "GuestPermissionDenied"),
    ("InitiateFileTransferToGuest", vmodl.fault.SystemError(msg="boom"), "boom"),
    (
        "StartProgramInGuest",
        vim.fault.NoPermission(privilegeId="VirtualMachine.GuestOperations.Execute"),
        "GuestOperations.Execute",
    ),
    ("StartProgramInGuest", ConnectionRefusedError("refused"), "nothing listens"),
    ("StartProgramInGuest", TimeoutError("slow"), "did not answer in time"),
    ("InitiateFileTransferFromGuest", vim.fault.FileNotFound(file="x", msg="none"), "FileNotFound"),
]


@pytest.mark.parametrize(("call", "error", "why"), GONE_WRONG, ids=lambda one: getattr(one, "__name__", str(one)[:40]))
def test_what_goes_wrong_is_the_reason_why_nothing_was_seen(
    rehearsal: Inside, call: str, error: Exception, why: str
) -> None:
    rehearsal.site.wire.fault(call, error)

    case = rehearsal.look()

    assert why in str(inside(case).reason)
    assert rehearsal.leftovers() == []
    assert rehearsal.calls().count("StartProgramInGuest") <= 1
    assert found(rehearsal, case, "ret-not-locked", "MT01:R").status.value == "attest"


def test_a_wrong_password_is_told_in_plain_words_and_nothing_was_started(rehearsal: Inside) -> None:
    case = rehearsal.look(password="wrong")
    assert "refused the user name or the password" in str(inside(case).reason)
    assert rehearsal.calls() == ["CreateTemporaryDirectoryInGuest"]


def test_a_program_that_does_not_end_is_stopped_and_tidied_up(rehearsal: Inside) -> None:
    rehearsal.site.wire.guests.seconds = 3600
    case = rehearsal.look()
    assert "did not end within 5 minutes and was stopped" in str(inside(case).reason)
    assert rehearsal.calls()[-2:] == ["TerminateProcessInGuest", "DeleteDirectoryInGuest"]
    assert rehearsal.leftovers() == []


def test_cancelling_stops_the_program_and_tidies_up(rehearsal: Inside) -> None:
    case = rehearsal.look(cancelled=lambda: "ListProcessesInGuest" in rehearsal.calls())
    assert "was stopped" in str(inside(case).reason)
    assert rehearsal.leftovers() == []


@pytest.mark.parametrize(("code", "meaning"), [(11, "in its own folder"), (1, "own words are not kept")])
def test_an_exit_code_is_told_with_its_meaning(
    rehearsal: Inside, code: int, meaning: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal.site.wire.guests, "_run", lambda _process: code)
    case = rehearsal.look()
    assert f"ended with {code}: " in str(inside(case).reason)
    assert meaning in str(inside(case).reason)
    assert rehearsal.leftovers() == []


def test_a_short_silence_while_it_runs_is_waited_through(rehearsal: Inside) -> None:
    rehearsal.site.wire.fault("ListProcessesInGuest", TimeoutError("slow"), times=3)
    assert inside(rehearsal.look()).was_seen


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"format":"failback-look-2"}', b"[" * 9999])
def test_a_garbled_answer_is_not_seen(rehearsal: Inside, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    session = rehearsal.engine.sessions.vcenter()
    real = session.transfer

    def spoiled(method: str, url: str, certificate: str, body: bytes = b"") -> bytes:
        return real(method, url, certificate, body) if method == "PUT" else content

    monkeypatch.setattr(session, "transfer", spoiled)
    case = rehearsal.look()
    assert "garbled" in str(inside(case).reason)
    assert [entry.outcome for entry in rehearsal.engine.history()] == ["not-verified"]
    assert rehearsal.leftovers() == []


def test_a_folder_that_could_not_be_removed_is_told(rehearsal: Inside) -> None:
    rehearsal.site.wire.fault("DeleteDirectoryInGuest", vmodl.fault.SystemError(msg="busy"), times=None)
    case = rehearsal.look()
    [folder] = [one for folders in rehearsal.site.wire.guests.folders.values() for one in folders]
    assert inside(case).value.left_behind is not None
    assert folder in rehearsal.engine.history()[0].evidence


def test_a_host_whose_certificate_vcenter_does_not_tell_gets_no_file(rehearsal: Inside) -> None:
    for host in ("host-10", "host-11", "host-12"):
        rehearsal.site.store.set(host, {"config.certificate": None})
    assert "certificate of the ESXi host" in str(inside(rehearsal.look()).reason)
    assert "StartProgramInGuest" not in rehearsal.calls()


def test_a_host_with_another_certificate_gets_no_file(rehearsal: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    session = rehearsal.engine.sessions.vcenter()

    def impostor(*_: object) -> bytes:
        raise TransferError("the ESXi host shows another certificate than vCenter knows of it")

    monkeypatch.setattr(session, "transfer", impostor)
    assert "another certificate" in str(inside(rehearsal.look()).reason)
    assert "StartProgramInGuest" not in rehearsal.calls()
    assert rehearsal.leftovers() == []


# -- what the wire refuses


def test_the_rehearsal_runs_no_other_program(rehearsal: Inside) -> None:
    guest = GuestSession(rehearsal.engine.sessions.vcenter(), MT02, rehearsal.credentials("MT02"))
    other = Program("other", LINUX, "rm -rf /\n")
    with pytest.raises(vmodl.fault.InvalidArgument):
        guest.start(other, guest.prepare(other, ()))
    assert rehearsal.site.wire.guests.runs == []


def test_guest_operations_leave_inside_of_a_change_only(rehearsal: Inside) -> None:
    from failback.vcenter.allowed import NotAllowedError

    def read(connection: Any) -> Any:
        manager = vim.vm.guest.ProcessManager("guestOperationsProcessManager", connection.stub)
        auth = vim.vm.guest.NamePasswordAuthentication(interactiveSession=False, username="x", password="x")
        return manager.ListProcessesInGuest(vim.VirtualMachine(MT01, connection.stub), auth, [])

    with pytest.raises(NotAllowedError):
        rehearsal.engine.sessions.vcenter().run(read)


# -- secrets


@pytest.mark.parametrize("works", [True, False], ids=["accepted", "refused"])
@pytest.mark.parametrize("call", [None, *A_LOOK])
def test_the_password_is_nowhere_afterwards(
    rehearsal: Inside,
    call: str | None,
    works: bool,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    if works:
        rehearsal.site.wire.guests.accounts[MT01] = ("Administrator", CANARY)
    if call is not None:
        rehearsal.site.wire.fault(call, vmodl.fault.SystemError(msg="boom"))
    told: list[str] = []

    case = rehearsal.look(password=CANARY, progress=told.append)

    written = [path.read_bytes() for path in rehearsal.home.rglob("*") if path.is_file()]
    assert not any(CANARY.encode() in content for content in written)
    report = rehearsal.engine.judge(case)
    everything = [repr(case), repr(report), repr(rehearsal.engine.history()), repr(vars(rehearsal.engine)), *told]
    everything += [caplog.text, *capsys.readouterr(), repr(rehearsal.site.wire.calls)]
    assert not any(CANARY in text for text in everything)


def test_credentials_show_no_password_and_are_not_copied() -> None:
    credentials = GuestCredentials("root", Secret(CANARY))
    assert CANARY not in repr(credentials)
    assert CANARY not in f"{credentials}"
    with pytest.raises(TypeError):
        json.dumps(credentials)


def test_an_error_on_the_way_carries_no_password(rehearsal: Inside) -> None:
    rehearsal.site.wire.fault("CreateTemporaryDirectoryInGuest", vmodl.fault.SystemError(msg="boom"))
    guest = GuestSession(rehearsal.engine.sessions.vcenter(), MT01, rehearsal.credentials(password=CANARY))
    with pytest.raises(vmodl.fault.SystemError) as raised:
        guest.prepare(Program("x", LINUX, ""), ())
    assert CANARY not in "".join(traceback.format_exception(raised.value))
    assert CANARY not in repr(guest)


def test_with_nobody_to_ask_a_guest_is_not_entered() -> None:
    from failback.errors import SecretError

    with pytest.raises(SecretError, match="nobody to ask"):
        nobody_to_ask("MT01")
