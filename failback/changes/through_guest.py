"""Runs a program of this product inside a guest as a call of a change, and keeps what it answered.

The program's text is constant and named by its hash; what is not one of them is never started. Whatever happens, its
folder is removed. This module imports pyvmomi: only worker threads import it.
"""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from pyVmomi import vim, vmodl

from failback.changes.change import Call, Change
from failback.changes.operation import Operation
from failback.changes.rights import lacking_in_vcenter
from failback.changes.through_vcenter import NEVER_LEFT, PATIENCE, ThroughVCenter
from failback.clock import Clock
from failback.errors import (
    ChangeError,
    ChangeFailedError,
    FailbackError,
    InterruptedByOperatorError,
    OutcomeUnknownError,
)
from failback.guest.answers import OddAnswerError, read_look
from failback.guest.credentials import AskGuest
from failback.guest.guest_session import GuestSession, ProgramGoneError, Started
from failback.guest.programs import PROGRAMS, Program
from failback.progress import Cancelled, Progress
from failback.vcenter.faults import UNREADABLE, denied, explained, told
from failback.vcenter.session import VCenterSession
from failback.vcenter.transfer import TransferError
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import Reading, Source, not_seen, seen
from wizard_steps.seen_in_guest import SeenInGuest
from wizard_steps.wording import _

T = TypeVar("T")
KeepInside = Callable[[str, Reading[SeenInGuest]], None]
"""Takes what was seen inside the machine with that managed object id."""

BETWEEN_LOOKS: Final = 1.0
"""Seconds between two questions whether the program has ended."""
LIMIT: Final = timedelta(minutes=5)
"""How long a program may run. A look takes seconds, formatting a large disk up to a minute."""


@dataclass(frozen=True)
class _Running:
    guest: GuestSession
    program: Program
    started: Started


class ThroughGuest:
    """The wire into guests. Credentials are asked for when a machine is first entered and dropped with this object."""

    def __init__(self, session: VCenterSession, clock: Clock, ask: AskGuest, keep: KeepInside) -> None:
        """Enter machines by a vCenter session."""
        self._session = session
        self._clock = clock
        self._ask = ask
        self._keep = keep
        self._running: dict[str, _Running] = {}

    def ready(self) -> None:
        """See that vCenter answers; see `Wire.ready`."""
        ThroughVCenter(self._session, self._clock).ready()

    def send(self, call: Call) -> Operation:
        """Start the program; see `Wire.send`."""
        program = PROGRAMS.get(str(call.args.get("program")))
        if program is None:
            raise self._failed(call, _("the plan names a program that this product does not have"))
        try:
            credentials = self._ask(str(call.args["machine"]))
        except FailbackError as error:
            raise self._failed(call, error.why) from error
        guest = GuestSession(self._session, call.args["_this"]["value"], credentials)
        folder = self._before(call, lambda: guest.prepare(program, call.args["question"]))
        try:
            started = self._at_start(call, lambda: guest.start(program, folder))
        except ChangeError:
            guest.remove(folder)
            raise
        handle = f"{started.pid} {folder}"
        self._running[handle] = _Running(guest, program, started)
        return Operation("guest", handle, f"process {started.pid}")

    def follow(self, call: Call, operation: Operation, say: Progress, cancelled: Cancelled) -> None:
        """Wait until the program has ended, read its answer and remove its folder; see `Wire.follow`."""
        running = self._running.pop(operation.handle, None)
        if running is None:
            raise self._unknown(call, _("the program was started by an earlier run, and what it said is lost"))
        guest, folder, removed = running.guest, running.started.folder, False
        try:
            self._wait(call, running, say, cancelled)
            content = self._after(call, lambda: guest.answer(running.program, running.started))
            removed = guest.remove(folder)
            self._told(call, running.program, content, None if removed else folder)
        finally:
            if not removed:
                guest.remove(folder)

    def traces(self, call: Call, since: datetime, known: frozenset[str]) -> tuple[Operation, ...]:
        """Return nothing: a program whose process number was lost is not looked for among those of the guest."""
        return ()

    def lacking(self, change: Change) -> tuple[str, ...]:
        """Ask vCenter what this account may do on the machine; see `Wire.lacking`."""
        return lacking_in_vcenter(self._session, change)

    def _wait(self, call: Call, running: _Running, say: Progress, cancelled: Cancelled) -> None:
        """Return when the program has ended well; raises when it did not."""
        guest, started = running.guest, running.started
        began = heard = self._clock.now()
        while True:
            say(_("process {pid} runs inside {name}").format(pid=started.pid, name=_name(call)))
            try:
                code = guest.exit_code(started)
                heard = self._clock.now()
            except ProgramGoneError as gone:
                raise self._unknown(call, _("the guest no longer knows the program")) from gone
            except (vmodl.MethodFault, FailbackError, OSError, http.client.HTTPException, *UNREADABLE) as error:
                if self._clock.now() - heard > PATIENCE:
                    raise self._unknown(call, self._why(error)) from error
                code = None
            if code == 0:
                return
            if code is not None:
                raise self._failed(call, _ended(running.program, code))
            if cancelled():
                self._stop(guest, started)
                raise InterruptedByOperatorError(
                    _("the guest of {name}").format(name=_name(call)),
                    _("the program inside was stopped"),
                    _("look again when you are ready"),
                )
            if self._clock.now() - began > LIMIT:
                self._stop(guest, started)
                minutes = int(LIMIT.total_seconds() // 60)
                raise self._unknown(
                    call, _("the program did not end within {minutes} minutes and was stopped").format(minutes=minutes)
                )
            self._clock.sleep(BETWEEN_LOOKS)

    @staticmethod
    def _stop(guest: GuestSession, started: Started) -> None:
        with contextlib.suppress(Exception):  # it may have ended by itself; its folder is removed either way
            guest.stop(started)

    def _told(self, call: Call, program: Program, content: bytes, left: str | None) -> None:
        """Keep what the program answered; an odd answer is kept as not seen, with its reason."""
        at = self._clock.now()
        source = Source("guest", f"{program.name} ({program.system})", at)
        try:
            found = read_look(content, program.system, at)
        except OddAnswerError as odd:
            self._keep(call.args["_this"]["value"], not_seen(odd.reason, source))
            return
        if left is not None:
            found = replace(found, left_behind=Outside(left))
        self._keep(call.args["_this"]["value"], seen(found, source))

    # -- what errors mean

    def _before(self, call: Call, work: Callable[[], T]) -> T:
        """Do what changes nothing that matters: whatever goes wrong, the program was not started."""
        try:
            return work()
        except (
            vmodl.MethodFault,
            FailbackError,
            TransferError,
            OSError,
            http.client.HTTPException,
            *UNREADABLE,
        ) as error:
            raise self._failed(call, self._why(error)) from error

    def _at_start(self, call: Call, work: Callable[[], T]) -> T:
        """Start: a fault is an answer, a broken connection is none."""
        try:
            return work()
        except (vmodl.MethodFault, FailbackError, *NEVER_LEFT) as error:
            raise self._failed(call, self._why(error)) from error
        except (OSError, http.client.HTTPException, *UNREADABLE) as error:
            raise self._unknown(call, self._why(error)) from error

    def _after(self, call: Call, work: Callable[[], T]) -> T:
        """Fetch the answer: the program did its work, and what it said did not arrive."""
        try:
            return work()
        except (
            vmodl.MethodFault,
            FailbackError,
            TransferError,
            OSError,
            http.client.HTTPException,
            *UNREADABLE,
        ) as error:
            raise self._unknown(call, self._why(error)) from error

    def _why(self, error: BaseException) -> str:
        """Return the clause for an error; no argument of a call is in it, so no password can be."""
        if isinstance(error, TransferError):
            return error.reason
        if isinstance(error, vim.fault.NoPermission):
            return denied(error)
        if isinstance(error, vmodl.MethodFault):
            return _fault(error)
        return explained(error, self._session.host).why

    @staticmethod
    def _failed(call: Call, why: str) -> ChangeFailedError:
        return ChangeFailedError(
            _("the guest of {name}").format(name=_name(call)), why, _("put that right, then try again")
        )

    @staticmethod
    def _unknown(call: Call, why: str) -> OutcomeUnknownError:
        return OutcomeUnknownError(
            _("the guest of {name}").format(name=_name(call)), why, _("look at the machine's console")
        )


def _name(call: Call) -> str:
    return visible(str(call.args["machine"]))


def _ended(program: Program, code: int) -> str:
    meaning = program.exits.get(code)
    return _("the program ended with {code}: {meaning}").format(
        code=code, meaning=_(meaning) if meaning else _("its own words are not kept")
    )


def _fault(fault: Any) -> str:
    if isinstance(fault, vim.fault.InvalidGuestLogin):
        return _("it refused the user name or the password")
    if isinstance(fault, vim.fault.GuestOperationsUnavailable):
        return _("VMware Tools inside do not answer")
    return told(fault)
