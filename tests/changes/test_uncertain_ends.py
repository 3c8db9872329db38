"""An end that says nothing certain is told as unknown, never as "refused": only then is a change not sent once more."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.azure import change as sending
from failback.azure.clients import AzureClients
from failback.azure.cloud import Cloud
from failback.changes import Call, Finding, Word
from failback.changes.on_vcenter import moref
from failback.changes.operation import Operation
from failback.changes.through_vcenter import ThroughVCenter
from failback.clock import SystemClock
from failback.errors import ChangeFailedError, OutcomeUnknownError
from failback.progress import never, silent
from failback.rehearsal.arm_transport import RehearsalCredential
from tests.peers.certificates import Authority
from tests.promises.a_site import MT01, ASite

NOBODY_KNOWS = {
    "a host that stopped answering": vmodl.fault.HostCommunication(msg="An error occurred while communicating"),
    "a host that was lost": vmodl.fault.HostNotReachable(),
    "a general system error": vmodl.fault.SystemError(msg="A general system error occurred: timed out", reason="?"),
    "a time limit": vim.fault.Timedout(),
}


@pytest.mark.parametrize("fault", NOBODY_KNOWS)
def test_a_fault_that_leaves_open_what_the_host_did_is_no_refusal(fault: str, tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    site.site.wire.fault("RemoveAllSnapshots_Task", NOBODY_KNOWS[fault])

    [outcome] = site.apply(engine, site.change("remove-snapshots"))

    assert outcome.word is Word.UNKNOWN, outcome.evidence
    [found] = engine.recover()
    assert found.word is Finding.NOT_DONE, found.evidence


@pytest.mark.parametrize("fault", NOBODY_KNOWS)
def test_a_task_that_ends_so_is_judged_by_what_is_there(fault: str, tmp_path: Path) -> None:
    wire, call = _following(NOBODY_KNOWS[fault], tmp_path)

    with pytest.raises(OutcomeUnknownError):
        wire.follow(call, Operation("vcenter", "task-1", "task-1"), silent, never)


def test_a_task_that_was_refused_for_a_reason_has_failed(tmp_path: Path) -> None:
    wire, call = _following(vim.fault.InvalidPowerState(), tmp_path)

    with pytest.raises(ChangeFailedError):
        wire.follow(call, Operation("vcenter", "task-1", "task-1"), silent, never)


def test_a_task_that_failed_without_saying_why_is_told_and_breaks_nothing(tmp_path: Path) -> None:
    wire, call = _following(None, tmp_path)

    with pytest.raises(OutcomeUnknownError):
        wire.follow(call, Operation("vcenter", "task-1", "task-1"), silent, never)


def _following(fault: Any, folder: Path) -> tuple[ThroughVCenter, Call]:
    """Return a wire on which task-1 has ended with a fault, and the call that started it."""
    site = ASite()
    engine = site.engine(folder / "home")
    wire = ThroughVCenter(engine.sessions.vcenter(), site.site.clock)
    values = {"info.state": "error"} if fault is None else {"info.state": "error", "info.error": fault}
    wire._read = lambda *_what: values  # type: ignore[method-assign]
    return wire, Call("vcenter", "RemoveAllSnapshots_Task", {"_this": moref("VirtualMachine", MT01)})


def test_a_guest_that_does_not_shut_down_in_time_may_still_do_so(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    wire = ThroughVCenter(engine.sessions.vcenter(), site.site.clock)
    call = Call("vcenter", "ShutdownGuest", {"_this": moref("VirtualMachine", MT01)})

    with pytest.raises(OutcomeUnknownError, match="may still do so"):
        wire.follow(call, Operation("vcenter", "", "ShutdownGuest"), silent, never)


def test_a_change_that_stops_half_way_says_how_far_it_got(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    site.site.wire.fault("PowerOnVM_Task", vim.fault.InvalidPowerState())

    [outcome] = site.apply(engine, site.change("power-cycle"))

    assert outcome.word is Word.FAILED
    assert "1 of its 2 calls was carried out" in outcome.evidence
    assert "ShutdownGuest" in outcome.evidence


# -- TLS under Azure


@contextmanager
def breaking_tls(folder: Path, last_words: bytes) -> Iterator[tuple[int, Path, list[bytes]]]:
    """Serve TLS that takes a whole request and then says `last_words` past the encryption."""
    authority = Authority(folder)
    issued = authority.issue("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    arrived: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _address = listener.accept()
            except OSError:
                return
            with plain, suppress(OSError):  # a client that trusts nobody hangs up during the handshake
                line = context.wrap_socket(plain, server_side=True)
                arrived.append(line.recv(65536))
                with socket.socket(fileno=line.detach()) as under:
                    under.sendall(last_words)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], authority.ca, arrived
    finally:
        listener.close()


def test_a_tls_connection_that_breaks_under_a_request_leaves_open_whether_it_arrived(tmp_path: Path) -> None:
    with breaking_tls(tmp_path, b"HTTP/1.1 502 Bad Gateway\r\n\r\n") as (port, ca, arrived):
        base = f"https://127.0.0.1:{port}"
        clients = AzureClients(
            RehearsalCredential(),
            Cloud("custom", base, base, "scope"),
            "s",
            transport_options={"connection_verify": str(ca)},
        )
        vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/connections/c"
        with pytest.raises(OutcomeUnknownError):
            sending.send(clients, f"{vm}/resetconnection", SystemClock())

    assert len(arrived) == 1, "it had arrived"


def test_a_certificate_that_nobody_vouches_for_gets_no_request(tmp_path: Path) -> None:
    with breaking_tls(tmp_path, b"") as (port, _ca, arrived):
        base = f"https://127.0.0.1:{port}"
        clients = AzureClients(RehearsalCredential(), Cloud("custom", base, base, "scope"), "s")
        path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/connections/c/resetconnection"
        with pytest.raises(ChangeFailedError):
            sending.send(clients, path, SystemClock())

    assert arrived == []
