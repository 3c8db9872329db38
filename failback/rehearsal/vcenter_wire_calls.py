"""What goes over the rehearsal wire: one call, the log of all calls, the faults that wait for a call.

`over_soap` sends a value through pyvmomi's own SOAP text and back, so that both sides own their copy and nothing
passes here that could not pass a real wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pyVmomi.SoapAdapter import (
    SOAP_BODY_END,
    SOAP_BODY_START,
    SOAP_ENVELOPE_END,
    SOAP_ENVELOPE_START,
    SOAP_NSMAP,
    SerializeToStr,
    SoapResponseDeserializer,
)
from pyVmomi.VmomiSupport import F_OPTIONAL, Object

NAMESPACE = "urn:vim25"
ANY = "*"

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """A call as the server sees it. `name` is the SOAP name, `user` empty before sign-in."""

    name: str
    method: str
    moref: str
    kind: str
    args: Mapping[str, Any]
    session: str
    user: str
    at: datetime

    @property
    def description_id(self) -> str:
        """The name that vCenter's tasks and events give this call: `VirtualMachine.removeAllSnapshots`."""
        return f"{self.kind.removeprefix('vim.')}.{self.method[0].lower()}{self.method[1:]}"


@dataclass(frozen=True)
class LoggedCall:
    """A line of the log: no argument is kept, so no password can be."""

    name: str
    moref: str
    kind: str
    user: str
    at: datetime


@dataclass
class Fault:
    """An answer that waits for a call: raised for `times` matching calls after letting `skip` of them pass.

    `error` is a vSphere fault or what a broken connection raises (`TimeoutError`, `ConnectionResetError`).
    """

    method: str
    moref: str
    error: BaseException
    times: int | None
    skip: int

    def strikes(self, call: Call) -> bool:
        """Tell whether this call is hit, and count it."""
        if self.method not in (ANY, call.name) or self.moref not in (ANY, call.moref) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


def over_soap(value: T, declared: Any, version: str, stub: Any) -> T:
    """Write `value` as SOAP and read it back as the type `declared`; references come back bound to `stub`."""
    if value is None:
        return value
    field = Object(name="returnval", type=declared, version=version, flags=F_OPTIONAL)
    text = SerializeToStr(value, field, version, {**SOAP_NSMAP, NAMESPACE: ""})
    body = f'{SOAP_BODY_START}<Response xmlns="{NAMESPACE}">{text}</Response>{SOAP_BODY_END}'
    envelope = f"{SOAP_ENVELOPE_START}{body}{SOAP_ENVELOPE_END}"
    copied: T = SoapResponseDeserializer(stub).Deserialize(envelope, declared)
    return copied
