"""The rehearsal site in this process, for a program in another one: its two wires over a local socket.

    with Loopback(site) as loopback:
        sessions = LoopbackSessions(loopback.address)      # in the other process
        clock = LoopbackClock(loopback.address)

What the other process was sending when it was killed is carried out here, as a real vCenter and a real Azure would.
vSphere's values cross as the SOAP text that pyvmomi writes; the rest as plain data.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Client, Connection, Listener
from types import TracebackType
from typing import Any

from pyVmomi import SoapAdapter, vmodl
from pyVmomi.SoapAdapter import (
    SOAP_BODY_END,
    SOAP_BODY_START,
    SOAP_ENVELOPE_END,
    SOAP_ENVELOPE_START,
    SOAP_NSMAP,
    SerializeToStr,
    SoapResponseDeserializer,
)
from pyVmomi.VmomiSupport import F_OPTIONAL, GetWsdlName, GuessWsdlType, Object

from failback.rehearsal.arm_wire import Reply
from failback.rehearsal.site import PASSWORD, USER, Site
from failback.rehearsal.vcenter_wire import API_VERSION
from failback.sessions import OpenedOnce

NAMESPACE = "urn:vim25"
KEY = b"loopback"  # both ends are this test
Step = Callable[[str, str], None]
"""Is told where a request stands, `before`, `sent` or `answered`, and what it is: a test may end the process there."""


def nothing(_where: str, _what: str) -> None:
    """Let every request pass."""


class Loopback:
    """Serves one site to any number of connections, each on a thread of its own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        # The platform's own kind (a Unix socket, a pipe): TCP holds the second half of a long message back.
        self._listener = Listener(backlog=16, authkey=KEY)
        self.address: Any = self._listener.address
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Loopback:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._listener.close()

    def settle(self) -> None:
        """Wait until every request that arrived is answered: the connections of a process that is gone have ended."""
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            except Exception:  # noqa: BLE001, S112 -- a process that died while it said hello
                continue
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: Connection) -> None:
        with suppress(EOFError, OSError):
            while True:
                what, *details = connection.recv()
                connection.send(getattr(self, f"_{what}")(*details))

    def _now(self) -> datetime:
        return self.site.clock.now()

    def _sleep(self, seconds: float) -> None:
        self.site.clock.sleep(seconds)

    def _arm(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        return self.site.arm.handle(method, url, headers, content)

    def _vcenter(self, session: str, kind: str, moref: str, name: str, args: Mapping[str, str]) -> tuple[str, Any, str]:
        stub = self.site.wire.stub()
        stub.session = session
        managed = GuessWsdlType(kind)
        info = getattr(managed, name).info
        declared = {one.name: one.type for one in info.params}
        named = {one.name: None for one in info.params}
        named |= {key: _value(text, declared[key], None) for key, text in args.items()}
        try:
            result = self.site.wire.answer(stub, info, managed(moref), named)
        except vmodl.MethodFault as fault:
            return "fault", _text(fault, vmodl.MethodFault), stub.session
        except OSError as error:
            return "error", error, stub.session
        wanted = info.methodResult if info.isTask is False else info.result
        return "result", None if result is None else _text(result, wanted), stub.session


def _text(value: Any, declared: Any) -> str:
    field = Object(name="returnval", type=declared, version=API_VERSION, flags=F_OPTIONAL)
    return str(SerializeToStr(value, field, API_VERSION, {**SOAP_NSMAP, NAMESPACE: ""}))


def _value(text: str, declared: Any, stub: Any) -> Any:
    body = f'{SOAP_BODY_START}<Response xmlns="{NAMESPACE}">{text}</Response>{SOAP_BODY_END}'
    return SoapResponseDeserializer(stub).Deserialize(
        f"{SOAP_ENVELOPE_START}{body}{SOAP_ENVELOPE_END}".encode(), declared
    )


class _Line:
    """One connection to the site; used by one thread at a time."""

    def __init__(self, address: Any, step: Step = nothing) -> None:
        self._address, self._step = address, step
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def ask(self, what: str, *details: Any, name: str = "") -> Any:
        with self._lock:
            if self._connection is None:
                self._connection = Client(self._address, authkey=KEY)
            self._step("before", name)
            self._connection.send((what, *details))
            self._step("sent", name)
            answer = self._connection.recv()
            self._step("answered", name)
            return answer


class LoopbackClock:
    """The site's clock."""

    def __init__(self, address: Any) -> None:
        self._line = _Line(address)

    def now(self) -> datetime:
        return self._line.ask("now")

    def sleep(self, seconds: float) -> None:
        self._line.ask("sleep", seconds)


class LoopbackStub(SoapAdapter.StubAdapterBase):
    """What pyvmomi calls instead of a network."""

    def __init__(self, line: _Line) -> None:
        super().__init__(version=API_VERSION)
        self._line = line
        self.session = ""

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:  # noqa: N802 -- pyvmomi's name
        texts = {
            one.name: _text(value, one.type) for one, value in zip(info.params, args, strict=True) if value is not None
        }
        kind = GetWsdlName(type(mo))
        how, what, self.session = self._line.ask(
            "vcenter", self.session, kind, mo._GetMoId(), info.wsdlName, texts, name=info.wsdlName
        )
        if how == "error":
            raise what
        if how == "fault":
            raise _value(what, vmodl.MethodFault, self)
        if what is None:
            return None
        return _value(what, info.methodResult if info.isTask is False else info.result, self)

    def DropConnections(self) -> None:  # noqa: N802 -- pyvmomi's name
        """Nothing is kept open that would need closing."""


class _Arm:
    """The site's Azure, as the rehearsal's transport asks it."""

    def __init__(self, line: _Line, clock: LoopbackClock) -> None:
        self._line, self.clock = line, clock

    def handle(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        return self._line.ask("arm", method, url, dict(headers), content, name=method)


class LoopbackSessions(OpenedOnce):
    """Sessions with the site of the other process: the product's own, over the two wires."""

    def __init__(self, address: Any, step: Step = nothing) -> None:
        super().__init__()
        self._address, self._step = address, step

    def _open_vcenter(self) -> Any:
        from failback.rehearsal.description import VCENTER
        from failback.vcenter.session import VCenterSession

        return VCenterSession(VCENTER, USER, PASSWORD, lambda: LoopbackStub(_Line(self._address, self._step)))

    def _open_azure(self, *_cancelled: Any) -> Any:
        from failback.azure.clients import AzureClients
        from failback.azure.cloud import CLOUDS
        from failback.rehearsal.arm_transport import RehearsalCredential, WireTransport
        from failback.rehearsal.description import SUBSCRIPTION

        arm: Any = _Arm(_Line(self._address, self._step), LoopbackClock(self._address))
        return AzureClients(RehearsalCredential(), CLOUDS["public"], SUBSCRIPTION, transport=WireTransport(arm))
