"""One face for both vCenters of the conformance test: the rehearsal wire and govmomi's simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim

from failback.vcenter.properties import Collector
from failback.vcenter.session import Connection, VCenterSession

TASK_PATHS = ("info.state", "info.error", "info.result")


@dataclass(frozen=True)
class Peer:
    """A vCenter with one machine (a PVSCSI controller with one disk, powered on) in a cluster with DRS."""

    name: str
    new_session: Callable[..., VCenterSession]
    raw: Callable[[Callable[[Connection], Any]], Any]  # any call, past the product's list
    machine: str
    cluster: str
    pod: str
    host: str
    sleep: Callable[[float], None]

    def read(self, kind: type[Any], ref: str, *paths: str) -> dict[str, Any]:
        (answer,) = self.raw(lambda one: Collector(one).of_these(kind, [ref], paths))
        return dict(answer.values)

    def vm(self, *paths: str) -> dict[str, Any]:
        return self.read(vim.VirtualMachine, self.machine, *paths)

    def devices(self) -> list[Any]:
        return list(self.vm("config.hardware.device")["config.hardware.device"])

    def call(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method of the machine."""
        return self.raw(lambda one: getattr(vim.VirtualMachine(self.machine, one.stub), method)(*arguments, **named))

    def run(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a task of the machine and return its error, or `None` when it succeeded."""
        return self.end_of(self.call(method, *arguments, **named))

    def end_of(self, task: Any) -> Any:
        for _ in range(200):
            info = self.read(vim.Task, task._GetMoId(), *TASK_PATHS)
            if info["info.state"] in ("success", "error"):
                return info.get("info.error")
            self.sleep(0.02)
        raise AssertionError("the task does not end")
