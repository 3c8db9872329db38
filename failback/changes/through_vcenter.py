"""Sends the calls of a change to vCenter as they are written in the plan, and follows the tasks they start.

The arguments are vSphere's own JSON; the types that vSphere declares turn them into pyvmomi's objects. This module
imports pyvmomi: only worker threads import it.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from pyVmomi import vim, vmodl
from pyVmomi.VmomiSupport import GuessWsdlType

from failback.changes.change import Call, Change
from failback.changes.operation import Operation
from failback.changes.rights import lacking_in_vcenter, references_in
from failback.changes.roles_by_name import NoSuchRoleError, with_numbers
from failback.clock import Clock
from failback.errors import (
    ChangeFailedError,
    FailbackError,
    InterruptedByOperatorError,
    NotReachedError,
    OutcomeUnknownError,
    StalePlanError,
    WorkGoneError,
)
from failback.progress import Cancelled, Progress
from failback.vcenter.faults import UNREADABLE, denied, explained, named, told
from failback.vcenter.properties import Collector
from failback.vcenter.read_hardware import id_of, in_utc
from failback.vcenter.session import Connection, VCenterSession
from wizard_steps.outside import visible
from wizard_steps.wording import _

BETWEEN_LOOKS: Final = 1.0
"""Seconds between two looks at a task."""
PATIENCE: Final = timedelta(minutes=2)
"""How long vCenter may be silent while a task is followed before its outcome counts as unknown."""
SHUTDOWN_LIMIT: Final = timedelta(minutes=10)
"""How long a guest may take to shut down."""
NEVER_LEFT: Final = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
"""What says that no byte of a call was taken by anybody."""

LEAVE_OPEN: Final = (
    vmodl.fault.HostCommunication,
    vmodl.fault.SystemError,
    vmodl.fault.RequestCanceled,
    vim.fault.Timedout,
)
"""Faults that say that vCenter lost sight of the work, or that it was cut off, not that nothing of it was done."""

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far the clock here and that of vCenter may be apart when the tasks of a lost call are looked for."""

_TRACE_PATHS: Final = (
    "info.state",
    "info.descriptionId",
    "info.entity",
    "info.queueTime",
    "info.startTime",
)
_TASK_PATHS: Final = ("info.state", "info.error", "info.progress")
_REFERENCE: Final = "ManagedObjectReference"


class ThroughVCenter:
    """The wire to one vCenter."""

    def __init__(self, session: VCenterSession, clock: Clock) -> None:
        """Use a session that may change things when it is asked to."""
        self._session = session
        self._clock = clock

    def ready(self, _change: Change) -> None:
        """Read the root folder's name: a session or connection that was lost is renewed now, not under a change."""

        def work(connection: Connection) -> None:
            root = connection.content.rootFolder._GetMoId()  # noqa: SLF001 -- pyvmomi's public, underscored way to ask
            Collector(connection).of_these(vim.Folder, [root], ("name",))

        self._session.run(work)

    def send(self, call: Call) -> Operation:
        """Send one call; see `Wire.send`. A session that vCenter has ended did not carry it out and is renewed."""
        left = False

        def work(connection: Connection) -> Any:
            nonlocal left
            method, arguments = _as_declared(with_numbers(call, connection), connection.stub)
            left = True
            return method(**arguments)

        try:
            answer = self._session.run_change(work)
        except vmodl.MethodFault as fault:
            self._refused(call, fault)
        except NoSuchRoleError as missing:
            why = _("it has no role {name}").format(name=visible(str(missing)))
            raise self._failed(why) from missing
        except NEVER_LEFT as error:
            raise self._failed(explained(error, self._session.host).why) from error
        except FailbackError as error:
            raise self._failed(error.why) from error
        except (OSError, http.client.HTTPException, *UNREADABLE) as error:
            if not left:
                raise self._failed(explained(error, self._session.host).why) from error
            raise self._unknown(
                _("the connection broke while {call} was sent ({error})").format(
                    call=call.method, error=visible(str(error)) or type(error).__name__
                )
            ) from error
        ref = id_of(answer) if isinstance(answer, vim.Task) else ""
        return Operation("vcenter", ref, ref or call.method)

    def follow(self, call: Call, operation: Operation, say: Progress, cancelled: Cancelled) -> None:
        """Follow a task to its end, or a guest until it is off; see `Wire.follow`."""
        started = heard = self._clock.now()
        while True:
            try:
                if self._ended(call, operation, say):
                    return
                heard = self._clock.now()
            except NotReachedError as error:
                if self._clock.now() - heard > PATIENCE:
                    raise self._unknown(
                        _("vCenter stopped answering while {name} ran ({why})").format(
                            name=operation.name, why=error.why
                        )
                    ) from error
            if cancelled():
                raise self._left_behind(operation)
            if not operation.handle and self._clock.now() - started > SHUTDOWN_LIMIT:
                raise self._unknown(_("the guest was asked to shut down and is still running; it may still do so"))
            self._clock.sleep(BETWEEN_LOOKS)

    def _ended(self, call: Call, operation: Operation, say: Progress) -> bool:
        """Look once; raises when the work ended badly."""
        if not operation.handle and call.method != "ShutdownGuest":
            return True  # it starts no task: its answer was its end
        if not operation.handle:
            state = self._read(vim.VirtualMachine, call.args["_this"]["value"], ("runtime.powerState",))
            say(_("waiting for the guest to shut down"))
            return str(state.get("runtime.powerState")) == "poweredOff"
        info = self._read(vim.Task, operation.handle, _TASK_PATHS)
        word = str(info.get("info.state"))
        if word == "error":
            self._refused(call, info.get("info.error"))
        if word not in ("queued", "running", "success"):
            raise self._unknown(
                _("{name} is in the unknown state {word}").format(name=operation.name, word=visible(word))
            )
        percent = info.get("info.progress")
        say(
            _("{name} runs in vCenter").format(name=operation.name)
            if percent is None
            else _("{name} runs in vCenter: {percent} %").format(name=operation.name, percent=percent)
        )
        return word == "success"

    def _read(self, kind: type[Any], ref: str, paths: tuple[str, ...]) -> Mapping[str, Any]:
        found = self._session.run(lambda connection: Collector(connection).of_these(kind, [ref], paths))
        if not found:
            raise WorkGoneError(
                named(self._session.host),
                _("vCenter no longer knows {name}").format(name=visible(ref)),
                _("look at what is there now; it is not sent again"),
            )
        return found[0].values

    def traces(self, call: Call, since: datetime, known: frozenset[str]) -> tuple[Operation, ...]:
        """Return the recent tasks that `call` may have started; see `Wire.traces`.

        The two clocks need not agree: tasks from `CLOCKS_DIFFER` before `since` on are taken into account.
        """
        method = vmodl_name(call)
        objects = references_in(call.args)
        fitting = []
        for ref, info in self._recent_tasks():
            if ref in known or not _is_since(since - CLOCKS_DIFFER, info):
                continue
            entity = info.get("info.entity")
            if entity is not None and id_of(entity) not in objects:
                continue
            if str(info.get("info.descriptionId", "")).rpartition(".")[2].casefold() == method.casefold():
                fitting.append(Operation("vcenter", ref, ref))
            elif entity is not None and str(info.get("info.state")) in ("queued", "running"):
                raise self._unknown(_("{name} runs on the same object").format(name=visible(ref)))
        return tuple(fitting)

    def _recent_tasks(self) -> list[tuple[str, Mapping[str, Any]]]:
        def work(connection: Connection) -> list[tuple[str, Mapping[str, Any]]]:
            collector = Collector(connection)
            (manager,) = collector.of_these(vim.TaskManager, [id_of(connection.content.taskManager)], ("recentTask",))
            recent = [id_of(one) for one in manager.values.get("recentTask", ())]
            return [(one.ref, one.values) for one in collector.of_these(vim.Task, recent, _TRACE_PATHS)]

        return self._session.run(work)

    def lacking(self, change: Change) -> tuple[str, ...]:
        """Ask vCenter what this account may do on what the change touches; see `Wire.lacking`."""
        return lacking_in_vcenter(self._session, change)

    # -- what it means

    def _refused(self, call: Call, fault: Any) -> NoReturn:
        """Raise for a fault with which vCenter answered: it did not do it, or says nothing certain."""
        where = named(self._session.host)
        if fault is None:
            raise self._unknown(_("{call} failed, and vCenter does not say why").format(call=call.method))
        if isinstance(fault, LEAVE_OPEN):
            raise self._unknown(
                _("{call} ended with {fault}, which leaves open what was done").format(
                    call=call.method, fault=told(fault)
                )
            ) from fault
        if isinstance(fault, vim.fault.ConcurrentAccess):
            raise StalePlanError(
                where, _("somebody else changed it in between, so vCenter refused the change"), _("look again")
            )
        why = denied(fault) if isinstance(fault, vim.fault.NoPermission) else told(fault)
        raise ChangeFailedError(
            where, _("it refused {call}: {why}").format(call=call.method, why=why), _("put that right, then look again")
        ) from fault

    def _failed(self, why: str) -> ChangeFailedError:
        return ChangeFailedError(named(self._session.host), why, _("put that right, then look again"))

    def _unknown(self, why: str) -> OutcomeUnknownError:
        return OutcomeUnknownError(
            named(self._session.host),
            why,
            _("look at Recent Tasks in vCenter before anything else; it is not sent again"),
        )

    def _left_behind(self, operation: Operation) -> InterruptedByOperatorError:
        left = (
            _("{name} goes on in vCenter").format(name=operation.name)
            if operation.handle
            else _("the guest goes on shutting down, and nobody will power it on")
        )
        return InterruptedByOperatorError(named(self._session.host), left, _("look at Recent Tasks in vCenter"))


def _is_since(earliest: datetime, task: Mapping[str, Any]) -> bool:
    """Tell whether a task was queued or started at that time or later; one that says neither was not."""
    queued = task.get("info.queueTime") or task.get("info.startTime")
    return queued is not None and in_utc(queued) >= earliest


def vmodl_name(call: Call) -> str:
    """Return the name that vSphere's types, tasks and events give to a call: `reconfigure` for `ReconfigVM_Task`."""
    kind = GuessWsdlType(call.args["_this"]["type"])
    return str(getattr(kind, call.method).info.name)


def _as_declared(call: Call, stub: Any) -> tuple[Any, dict[str, Any]]:
    """Return the bound method of a call and its arguments as pyvmomi's objects."""
    target = _reference(call.args["_this"], stub)
    declared = {parameter.name: parameter.type for parameter in getattr(type(target), call.method).info.params}
    arguments = {name: value for name, value in call.args.items() if name != "_this"}
    return getattr(target, call.method), {
        name: _built(declared[name], value, stub) for name, value in arguments.items()
    }


def _reference(value: Mapping[str, str], stub: Any) -> Any:
    return GuessWsdlType(value["type"])(value["value"], stub)


def _built(declared: Any, value: Any, stub: Any) -> Any:
    """Return a JSON value as the type that vSphere declares for its place."""
    if isinstance(value, Mapping):
        if value.get("_typeName") == _REFERENCE:
            return _reference(value, stub)
        made = (GuessWsdlType(value["_typeName"]) if "_typeName" in value else declared)()
        for name, part in value.items():
            if name != "_typeName":
                setattr(made, name, _built(made._GetPropertyInfo(name).type, part, stub))  # noqa: SLF001 -- as above
        return made
    if isinstance(value, list):
        return declared([_built(declared.Item, one, stub) for one in value])
    return value
