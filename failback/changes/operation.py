"""What a system answered when a call was accepted: the handle by which the work is found again, also after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Operation:
    """Work that another system has taken on.

    `system` is vcenter or azure. `handle` is a task's managed object id, or Azure's continuation token; it is empty for
    a vCenter call that starts no task. `name` is what a person looks for: the task's id, the job's id.
    """

    system: str
    handle: str
    name: str

    def to_json(self) -> dict[str, Any]:
        """Return the operation as JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Operation:
        """Return the operation that `to_json` wrote."""
        return Operation(str(data["system"]), str(data["handle"]), str(data["name"]))
