"""Tasks of the rehearsal vCenter: they run on the clock, show progress and end in success or with a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim, vmodl

from failback.rehearsal.vcenter_wire_calls import Call

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import VCenterWire

Work = Callable[[], Any]
_WITHOUT_ENTITY: Final = frozenset({"vim.StorageResourceManager", "vim.host.DatastoreBrowser"})
"""What tasks are started on without being a part of the inventory."""
RECENT: Final = 200
"""How many tasks the list of recent ones holds; vCenter drops them some minutes after their end."""


@dataclass(frozen=True)
class _Running:
    task: str
    entity: str
    due: datetime
    work: Work


class Tasks:
    """The tasks of one wire. `durations` maps a SOAP name to seconds of the clock; what is not named ends at once."""

    def __init__(self, wire: VCenterWire) -> None:
        self.durations: dict[str, float] = {}
        self._wire = wire
        self._running: list[_Running] = []
        self._count = 0

    def start(self, call: Call, work: Work) -> Any:
        """Start a task for `call` and return its reference; `work` takes effect when the task ends.

        A vSphere fault that `work` raises becomes the task's error, as on a real vCenter.
        """
        self._count += 1
        moref, now = f"task-{self._count}", call.at
        seconds = self.durations.get(call.name, 0.0)
        due = now + timedelta(seconds=seconds)
        self._wire.store.add(
            moref,
            "Task",
            {
                "info.key": moref,
                "info.state": "running",
                "info.entity": call.moref if call.kind not in _WITHOUT_ENTITY else None,
                "info.descriptionId": call.description_id,
                "info.cancelable": False,
                "info.cancelled": False,
                "info.queueTime": now,
                "info.startTime": now,
                "info.progress": lambda at: _percent(now, due, at),
            },
        )
        recent = self._wire.store.get("TaskManager", "recentTask") or []
        self._wire.store.set("TaskManager", {"recentTask": [*recent, moref][-RECENT:]})
        self._running.append(_Running(moref, call.moref, due, work))
        self.advance(now)
        return self._wire.store.ref(moref)

    def refuse_second(self, moref: str) -> None:
        """Raise `TaskInProgress` while a task runs on that object."""
        for running in self._running:
            if running.entity == moref:
                raise vim.fault.TaskInProgress(
                    task=self._wire.store.ref(running.task), msg="a task runs on this machine"
                )

    def later(self, seconds: float, moref: str, work: Work) -> None:
        """Do something later that no task stands for, such as a guest that shuts down."""
        self._running.append(_Running("", moref, self._wire.clock.now() + timedelta(seconds=seconds), work))

    def advance(self, now: datetime) -> None:
        """Finish everything that is due."""
        due = [running for running in self._running if running.due <= now]
        self._running = [running for running in self._running if running.due > now]
        for running in sorted(due, key=lambda each: each.due):
            self._finish(running)

    def _finish(self, running: _Running) -> None:
        outcome: dict[str, Any] = {"info.state": "success", "info.progress": None, "info.completeTime": running.due}
        try:
            outcome["info.result"] = running.work()
        except vmodl.MethodFault as fault:
            outcome |= {"info.state": "error", "info.error": fault}
        if running.task:
            self._wire.store.set(running.task, outcome)


def _percent(start: datetime, due: datetime, now: datetime) -> int:
    whole = (due - start).total_seconds()
    return 100 if whole <= 0 else max(0, min(99, int(100 * (now - start).total_seconds() / whole)))
