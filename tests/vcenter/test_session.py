"""A session signs in when it is needed, mends itself, tells in plain words what went wrong, and signs out."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.errors import (
    AccessDeniedError,
    FailbackError,
    NotReachedError,
    SignInRefusedError,
    TimedOutError,
    UnreachableError,
)
from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.allowed import NotAllowedError
from failback.vcenter.properties import Collector
from failback.vcenter.session import VCenterSession
from tests.peers.vcenter_simulator import VCenterSimulator
from tests.vcenter import inventory
from tests.vcenter.inventory import TARGET


def names(session: VCenterSession, page: int = 1) -> list[str]:
    """Read the name of every machine, in pages."""
    answers = session.run(lambda one: Collector(one).of_all(vim.VirtualMachine, ["name"], page))
    return [answer.values["name"] for answer in answers]


def called(wire: VCenterWire, name: str) -> int:
    return sum(1 for call in wire.calls if call.name == name)


def test_nothing_is_sent_before_something_is_read(wire: VCenterWire, session: VCenterSession) -> None:
    assert wire.calls == []


def test_a_wrong_password_is_told_as_such(wire: VCenterWire) -> None:
    with pytest.raises(SignInRefusedError, match="user name or the password was refused"):
        names(inventory.session_on(wire, password="wrong"))


def test_several_threads_share_one_sign_in(wire: VCenterWire, session: VCenterSession) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: names(session), range(8)))
    assert found == [["MT01", "web01"]] * 8
    assert called(wire, "Login") == 1


def test_closing_signs_out_and_ends_the_session(wire: VCenterWire) -> None:
    session = inventory.session_on(wire)
    names(session)
    session.close()
    assert wire.sessions == {}
    with pytest.raises(NotReachedError, match="closed"):
        names(session)


def test_closing_after_the_server_went_away_complains_about_nothing(wire: VCenterWire) -> None:
    session = inventory.session_on(wire)
    names(session)
    wire.fault("Logout", ConnectionResetError())
    session.close()


def test_closing_does_not_wait_for_a_sign_in_that_hangs(wire: VCenterWire) -> None:
    signing_in, go_on = threading.Event(), threading.Event()

    def slow() -> Any:
        signing_in.set()
        go_on.wait(10)
        return wire.stub()

    session = VCenterSession("vcenter.example.com", inventory.USER, inventory.PASSWORD, slow)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(names, session)
        signing_in.wait(10)
        session.close()
        go_on.set()
        with pytest.raises(NotReachedError, match="closed"):
            reading.result(10)
    assert wire.sessions == {}


class EndsTheSession:
    """A fault that lets vCenter forget every session at the moment it strikes."""

    def __init__(self, wire: VCenterWire) -> None:
        self.wire = wire

    def arm(self, method: str, times: int | None) -> None:
        wire, answer, left = self.wire, self.wire.answer, [times]

        def ending(stub: Any, info: Any, mo: Any, args: Any) -> Any:
            if info.wsdlName == method and left[0] != 0:
                left[0] = None if left[0] is None else left[0] - 1
                wire.end_sessions()
            return answer(stub, info, mo, args)

        wire.answer = ending  # type: ignore[method-assign]


def test_a_session_that_expires_between_two_pages_starts_the_read_again(
    wire: VCenterWire, session: VCenterSession
) -> None:
    EndsTheSession(wire).arm("ContinueRetrievePropertiesEx", times=1)
    assert names(session) == ["MT01", "web01"]
    assert called(wire, "Login") == 2
    assert called(wire, "CreateContainerView") == 2


def test_a_view_that_is_gone_starts_the_read_again(wire: VCenterWire, session: VCenterSession) -> None:
    wire.fault("RetrievePropertiesEx", vmodl.fault.ManagedObjectNotFound())
    assert names(session) == ["MT01", "web01"]
    assert called(wire, "Login") == 2


def test_a_server_that_ends_every_session_is_not_asked_for_ever(wire: VCenterWire, session: VCenterSession) -> None:
    EndsTheSession(wire).arm("RetrievePropertiesEx", times=None)
    with pytest.raises(NotReachedError, match="ended the session 3 times"):
        names(session)
    assert called(wire, "Login") == 3


def test_a_kept_connection_that_the_server_closed_is_made_anew(wire: VCenterWire, session: VCenterSession) -> None:
    names(session)
    wire.fault("RetrievePropertiesEx", http.client.RemoteDisconnected())
    assert names(session) == ["MT01", "web01"]
    assert called(wire, "Login") == 1


@pytest.mark.parametrize(
    ("error", "told", "words"),
    [
        (TimeoutError(), TimedOutError, "did not answer in time"),
        (ConnectionRefusedError(), UnreachableError, "nothing listens"),
        (socket.gaierror(-2, "unknown"), UnreachableError, "no address is known"),
        (OSError("no route to host"), UnreachableError, "no route to host"),
        (http.client.BadStatusLine("500"), UnreachableError, "cannot be reached"),
        (vim.fault.NoPermission(privilegeId="System.View"), AccessDeniedError, "System.View"),
        (vmodl.fault.SystemError(msg="disk full"), NotReachedError, r"disk full \(SystemError\)"),
        (AttributeError("type has no value 'poweredSideways'"), NotReachedError, "cannot read .*poweredSideways"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_went_wrong_is_told_in_plain_words(
    wire: VCenterWire, session: VCenterSession, error: Exception, told: type[FailbackError], words: str
) -> None:
    wire.fault("RetrievePropertiesEx", error, times=None)
    with pytest.raises(told, match=words) as raised:
        names(session)
    assert "vCenter vcenter.example.com" in str(raised.value)


def test_words_from_outside_cannot_write_to_the_terminal(wire: VCenterWire, session: VCenterSession) -> None:
    wire.fault("RetrievePropertiesEx", vmodl.fault.SystemError(msg="\x1b]0;owned\x07"))
    with pytest.raises(NotReachedError, match=r"\\x1b\]0;owned\\x07"):
        names(session)


def test_a_read_cannot_change_anything(wire: VCenterWire, session: VCenterSession) -> None:
    with pytest.raises(NotAllowedError, match="PowerOffVM_Task"):
        session.run(lambda one: vim.VirtualMachine(TARGET, one.stub).PowerOffVM_Task())
    assert called(wire, "PowerOffVM_Task") == 0


def test_an_attribute_of_an_object_is_not_read_behind_the_reader(session: VCenterSession) -> None:
    with pytest.raises(NotAllowedError, match="Fetch"):
        session.run(lambda one: vim.VirtualMachine(TARGET, one.stub).name)


def test_a_change_is_let_out_and_only_what_is_listed(wire: VCenterWire, session: VCenterSession) -> None:
    session.run_change(lambda one: vim.VirtualMachine(TARGET, one.stub).PowerOffVM_Task())
    assert called(wire, "PowerOffVM_Task") == 1
    with pytest.raises(NotAllowedError, match="Destroy_Task"):
        session.run_change(lambda one: vim.VirtualMachine(TARGET, one.stub).Destroy_Task())


def test_a_change_whose_connection_breaks_is_not_sent_twice(wire: VCenterWire, session: VCenterSession) -> None:
    wire.fault("PowerOffVM_Task", ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        session.run_change(lambda one: vim.VirtualMachine(TARGET, one.stub).PowerOffVM_Task())
    assert called(wire, "PowerOffVM_Task") == 1


@pytest.mark.parametrize(
    ("server", "dialect"),
    [("9.9.0.0", "v9_1_1_0"), ("8.0.3.0", "v8_0_3_0"), ("7.0.0.0", "v7_0"), ("6.5", "version11"), ("x", "version9")],
)
def test_the_newest_dialect_that_both_sides_know_is_spoken(server: str, dialect: str) -> None:
    from failback.vcenter.session import _newest_version

    assert _newest_version(server) == f"vim.version.{dialect}"


# -- over real TLS


@pytest.fixture
def remote(simulator: VCenterSimulator) -> Iterator[VCenterSession]:
    with simulator.session(call_seconds=2.0) as session:
        yield session


def test_a_hung_server_times_out_and_is_read_again_once_it_answers(
    simulator: VCenterSimulator, remote: VCenterSession
) -> None:
    found = names(remote)
    simulator.hang()
    with pytest.raises(TimedOutError):
        names(remote)
    simulator.wake()
    assert names(remote) == found


def test_closing_does_not_wait_for_a_server_that_hangs(
    simulator: VCenterSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("failback.vcenter.session.GOODBYE_SECONDS", 0.05)
    session = simulator.session(call_seconds=30)
    names(session)
    simulator.hang()
    before = time.monotonic()
    session.close()
    assert time.monotonic() - before < 5


def test_a_session_that_an_administrator_ended_is_renewed(simulator: VCenterSimulator, remote: VCenterSession) -> None:
    found = names(remote)
    simulator.fault("ContinueRetrievePropertiesEx", "NotAuthenticated")
    assert names(remote) == found
    assert [call.method for call in simulator.calls()].count("Login") == 2


def test_a_wrong_password_is_refused_by_the_simulator_as_well(simulator: VCenterSimulator) -> None:
    with pytest.raises(SignInRefusedError):
        names(simulator.session(password="wrong"))


def test_a_server_that_is_down_is_told_so(simulator: VCenterSimulator) -> None:
    session = simulator.session(call_seconds=2)
    simulator.stop()
    with pytest.raises(UnreachableError, match="nothing listens"):
        names(session)


def test_the_rehearsal_clock_stands_still_while_nobody_waits(clock: RehearsalClock, session: VCenterSession) -> None:
    before = clock.now()
    names(session)
    assert clock.now() == before
