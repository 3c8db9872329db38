"""Promise 10: whatever cuts a change off, no write is repeated unless that is proven harmless, and it can be gone on with."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim

from failback.azure import change as sending
from failback.azure.allowed import HARMLESS, SENT, Operation
from failback.changes import Change, Finding, Word
from failback.errors import ChangeError
from failback.rehearsal.arm_wire import Reply
from tests.changes.stage import yes
from tests.peers.rehearsal_loopback import Loopback, LoopbackClock, LoopbackSessions
from tests.promises.a_site import ASite

CUTS = {
    "a reset connection": ConnectionResetError("reset by peer"),
    "a silent one": TimeoutError("timed out"),
    "a broken pipe": BrokenPipeError("broken pipe"),
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_connection_leaves_one_write_and_the_next_run_finds_out_and_goes_on(cut: str, tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    change = site.change("set-enable-uuid")
    site.site.wire.fault("ReconfigVM_Task", CUTS[cut], skip=1)  # the first one locks

    [outcome] = site.apply(engine, change)

    assert outcome.word is Word.UNKNOWN
    assert len(site.sent()) == 1
    assert [one.id for one in engine.in_flight()] == [outcome.entry_id]
    [found] = engine.recover()
    assert found.word is Finding.NOT_DONE, found.evidence
    [again] = site.apply(engine, site.change("set-enable-uuid", engine.look()))
    assert again.word is Word.VERIFIED
    assert "failback.lock" not in site.rows()


def test_a_cut_connection_under_a_call_that_arrived_is_found_as_done_and_not_sent_again(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    answer = site.site.wire.answer

    def lose_the_answer(stub: Any, info: Any, mo: Any, args: Any) -> Any:
        result = answer(stub, info, mo, args)
        if info.wsdlName == "RemoveAllSnapshots_Task":
            raise ConnectionResetError("reset by peer")
        return result

    site.site.wire.answer = lose_the_answer  # type: ignore[method-assign]
    [outcome] = site.apply(engine, site.change("remove-snapshots"))
    assert outcome.word is Word.UNKNOWN

    [found] = engine.recover()

    assert found.word is Finding.DONE, found.evidence
    assert len(site.sent()) == 1


def test_while_the_end_of_a_change_is_not_known_no_other_is_sent_to_its_target(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    site.site.wire.fault("ReconfigVM_Task", TimeoutError("timed out"), skip=1)
    site.apply(engine, site.change("set-enable-uuid"))
    site.site.wire.fault("RetrievePropertiesEx", TimeoutError("timed out"), times=None)
    for word in ("CreateContainerView", "QueryEvents"):
        site.site.wire.fault(word, TimeoutError("timed out"), times=None)

    [outcome] = site.apply(engine, site.change("remove-snapshots"))

    assert outcome.word is Word.FAILED
    assert "not known yet" in outcome.evidence
    assert len(site.sent()) == 1


def test_an_expired_session_did_not_carry_the_call_out_and_it_arrives_once(tmp_path: Path) -> None:
    site = ASite()
    site.site.wire.fault("ReconfigVM_Task", vim.fault.NotAuthenticated(), skip=1)

    [outcome] = site.apply(site.engine(tmp_path / "home"), site.change("set-enable-uuid"))

    assert outcome.word is Word.VERIFIED
    tasks = list(site.site.store.of_kind(vim.Task))
    assert len(tasks) == 3, "the lock, the change, and letting go"


EVERY_REQUEST = [one for one in SENT if one.verb != "DELETE"]


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("operation", EVERY_REQUEST, ids=lambda one: one.name)
def test_a_request_to_azure_is_repeated_only_where_a_second_one_does_no_harm(
    operation: Operation, status: int, tmp_path: Path
) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    path = operation.path.replace("*", "thing")
    site.site.arm.fault(operation.verb, ".*", Reply.error(status, "Busy", "…", Retry_After="1"), times=None)
    body = {"properties": {}} if operation.body else None
    before = len(site.site.arm.requests)

    with pytest.raises(ChangeError):
        sending.send(engine.sessions.azure(), path, site.site.clock, verb=operation.verb, body=body)

    arrived = [one for one in site.site.arm.requests[before:] if one.method == operation.verb]
    is_put = operation.verb == "PUT"  # whoever puts the same thing twice has put it once
    assert len(arrived) == 1 or operation in HARMLESS or is_put


SIGNALS = [signal.SIGTERM, signal.SIGINT] if sys.platform == "win32" else [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("remedy", ["set-enable-uuid", "remove-snapshots"])
def test_a_signal_in_the_middle_of_a_change_leaves_one_write_and_the_next_start_offers_to_go_on(
    remedy: str, number: signal.Signals, tmp_path: Path
) -> None:
    site = ASite()
    change = site.change(remedy)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with Loopback(site.site) as loopback:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads that only serve
            child = os.fork()
        if child == 0:
            _signalled(site, home, change, loopback.address, number)
        os.waitpid(child, 0)
        loopback.settle()
    engine = site.engine(home)

    [entry] = engine.in_flight()
    [found] = engine.recover()

    assert entry.change.id == change.id
    assert found.word is Finding.DONE, found.evidence
    assert len(site.sent()) == 1
    site.apply(engine)
    assert "failback.lock" not in site.rows()


def _signalled(site: ASite, home: Path, change: Change, address: Any, number: signal.Signals) -> None:
    """Carry a change out and send this process a signal once the change was accepted."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    engine = site.engine(home, LoopbackSessions(address), LoopbackClock(address))

    def told(sentence: str) -> None:
        if "runs in vCenter" in sentence and engine.history():
            os.kill(os.getpid(), number)

    try:
        site.apply(engine, change, confirm=yes, progress=told)
    finally:
        os._exit(9)
