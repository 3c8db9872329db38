"""What leaves for the rehearsal's vCenter and changes something there, with its arguments as a plan writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyVmomi.VmomiSupport import DataObject, GetWsdlName, ManagedObject

from failback.changes.lock import KEY
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.allowed import CHANGES


@dataclass(frozen=True)
class Seen:
    """A call as it arrived: its SOAP name, the object it was made on, and its arguments as plain values."""

    name: str
    moref: str
    args: Mapping[str, Any]

    @property
    def is_lock(self) -> bool:
        """Whether it is about the lock and nothing else."""
        rows = (self.args.get("spec") or {}).get("extraConfig") or []
        return [row["key"] for row in rows] == [KEY]


def changing_calls(wire: VCenterWire) -> list[Seen]:
    """Keep every call that changes something from now on, also one that fails; the list grows as they arrive."""
    seen: list[Seen] = []
    answer = wire.answer

    def note(stub: Any, info: Any, mo: Any, args: Mapping[str, Any]) -> Any:
        if info.wsdlName in CHANGES:
            plainly = {name: plain(value) for name, value in args.items() if value is not None}
            seen.append(Seen(info.wsdlName, mo._GetMoId(), plainly))
        return answer(stub, info, mo, args)

    wire.answer = note  # type: ignore[method-assign]
    return seen


def _is_empty(value: Any) -> bool:
    return isinstance(value, list) and not value


def plain(value: Any) -> Any:
    """Return a value of pyvmomi as a plan writes it; the type's name stands only where the plan has to name it."""
    if isinstance(value, ManagedObject):
        kind = GetWsdlName(type(value)) if isinstance(type(value), type) else ""
        return {"_typeName": "ManagedObjectReference", "type": kind, "value": value._GetMoId()}
    if isinstance(value, DataObject):
        fields = {one.name: getattr(value, one.name) for one in value._GetPropertyList()}
        return {name: plain(one) for name, one in fields.items() if one is not None and not _is_empty(one)}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value if isinstance(value, (bool, int, float)) else str(value)
