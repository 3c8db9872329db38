"""Runs a program of this product inside a guest as a call of a change, and keeps what it answered.

The program's text is constant and named by its hash; what is not one of them is never started. Its folder is removed in
the end. Only a program that writes and whose end was not seen keeps it: a later run reads there what became of it.
This module imports pyvmomi: only worker threads import it.
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
from failback.changes.through_vcenter import LEAVE_OPEN, NEVER_LEFT, PATIENCE, ThroughVCenter
from failback.clock import Clock
from failback.errors import (
    ChangeError,
    ChangeFailedError,
    FailbackError,
    InterruptedByOperatorError,
    OutcomeUnknownError,
)
from failback.guest.answers import OddAnswerError, read_formatted, read_look
from failback.guest.credentials import AskGuest, GuestCredentials, NobodyToAskError
from failback.guest.guest_session import GuestSession, ProgramGoneError, Started
from failback.guest.programs import FORMAT, PROGRAMS, Program
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
    """The wire into guests.

    Credentials are asked for before a machine is first entered, once for all calls of a run of changes, and dropped
    with this object; those that a guest refused are dropped at once.
    """

    def __init__(self, session: VCenterSession, clock: Clock, ask: AskGuest, keep: KeepInside) -> None:
        """Enter machines by a vCenter session."""
        self._session = session
        self._clock = clock
        self._ask = ask
        self._keep = keep
        self._running: dict[str, _Running] = {}
        self._accounts: dict[str, GuestCredentials] = {}

    def ready(self, change: Change) -> None:
        """See that vCenter answers, and ask for the accounts of the guests that are entered; see `Wire.ready`."""
        ThroughVCenter(self._session, self._clock).ready(change)
        for call in change.calls:
            if call.system == "guest":
                self._account(call)

    def send(self, call: Call) -> Operation:
        """Start the program; see `Wire.send`."""
        program = PROGRAMS.get(str(call.args.get("program")))
        if program is None:
            raise self._failed(call, _("the plan names a program that this product does not have"))
        ref = str(call.args["_this"]["value"])
        try:
            credentials = self._account(call)
        except FailbackError as error:
            raise self._failed(call, error.why) from error
        guest = GuestSession(self._session, ref, credentials)
        folder = self._before(call, lambda: guest.prepare(program, call.args["question"]))
        if program.writes:
            self._keep(ref, not_seen(_("something was changed inside since anybody looked")))
        try:
            started = self._at_start(call, program, lambda: guest.start(program, folder))
        except ChangeFailedError:
            guest.remove(folder)
            raise
        except ChangeError:
            if not program.writes:
                guest.remove(folder)
            raise
        handle = f"{started.pid} {folder}"
        self._running[handle] = _Running(guest, program, started)
        return Operation("guest", handle, f"process {started.pid}")

    def follow(self, call: Call, operation: Operation, say: Progress, cancelled: Cancelled) -> None:
        """Wait until the program has ended, read its answer and remove its folder; see `Wire.follow`."""
        known = self._running.pop(operation.handle, None)
        running = known or self._found_again(call, operation)
        guest, folder = running.guest, running.started.folder
        try:
            content = self._written_before(running) if known is None else None
            if content is None:
                self._wait(call, running, say, cancelled)
                content = self._after(call, lambda: guest.answer(running.program, running.started))
        except BaseException as error:
            goes_on = isinstance(error, (OutcomeUnknownError, InterruptedByOperatorError))
            if not (running.program.writes and goes_on):
                guest.remove(folder)
            raise
        self._told(call, running.program, content, None if guest.remove(folder) else folder)

    @staticmethod
    def _written_before(running: _Running) -> bytes | None:
        """Return what a program that an earlier run started has answered; `None`: nothing, it may still be running."""
        with contextlib.suppress(Exception):
            return running.guest.answer(running.program, running.started)
        return None

    def _found_again(self, call: Call, operation: Operation) -> _Running:
        """Return a program that an earlier run started, by its process number and its folder, which hold the answer.

        Only one that writes is worth asking for an account: a look is simply taken again. Raises `NobodyToAskError`.
        """
        program = PROGRAMS.get(str(call.args.get("program")))
        pid, _space, folder = operation.handle.partition(" ")
        if program is None or not program.writes or not pid.isdigit() or not folder:
            raise self._unknown(call, _("the program was started by an earlier run, and what it said is lost"))
        try:
            credentials = self._account(call)
        except NobodyToAskError:
            raise
        except FailbackError as error:
            raise self._unknown(call, error.why) from error
        guest = GuestSession(self._session, str(call.args["_this"]["value"]), credentials)
        return _Running(guest, program, Started(int(pid), folder))

    def _account(self, call: Call) -> GuestCredentials:
        """Return the account for the guest of a call, asked for once; raises `FailbackError` when there is none."""
        ref = str(call.args["_this"]["value"])
        if ref not in self._accounts:
            self._accounts[ref] = self._ask(str(call.args["machine"]))
        return self._accounts[ref]

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
                if running.program.writes:
                    return  # its folder tells: an answer is there only when it ended well
                raise self._unknown(call, _("the guest no longer knows the program")) from gone
            except (vmodl.MethodFault, FailbackError, OSError, http.client.HTTPException, *UNREADABLE) as error:
                if self._clock.now() - heard > PATIENCE:
                    raise self._unknown(call, self._why(error)) from error
                code = None
            if code == 0:
                return
            if code is not None:
                raise self._ended(call, running.program, code)
            if cancelled():
                raise self._cancelled(call, running)
            if self._clock.now() - began > LIMIT:
                raise self._too_long(call, running)
            self._clock.sleep(BETWEEN_LOOKS)

    def _cancelled(self, call: Call, running: _Running) -> InterruptedByOperatorError:
        """Stop a program that only looks; one that writes is left to its end, which a later run finds."""
        where = _("the guest of {name}").format(name=_name(call))
        if running.program.writes:
            goes_on = _("the program inside goes on by itself: nothing half done is left by stopping it")
            return InterruptedByOperatorError(where, goes_on, _("open this site again to see what became of it"))
        self._stop(running)
        return InterruptedByOperatorError(
            where, _("the program inside was stopped"), _("look again when you are ready")
        )

    def _too_long(self, call: Call, running: _Running) -> OutcomeUnknownError:
        minutes = int(LIMIT.total_seconds() // 60)
        if running.program.writes:
            return self._unknown(call, _("the program did not end within {minutes} minutes").format(minutes=minutes))
        self._stop(running)
        return self._unknown(
            call, _("the program did not end within {minutes} minutes and was stopped").format(minutes=minutes)
        )

    @staticmethod
    def _stop(running: _Running) -> None:
        with contextlib.suppress(Exception):  # it may have ended by itself; its folder is removed either way
            running.guest.stop(running.started)

    def _told(self, call: Call, program: Program, content: bytes, left: str | None) -> None:
        """Keep what the program answered. Of a look, an odd answer is kept as not seen, with its reason.

        Raises `OutcomeUnknownError` for an odd answer of a program that writes.
        """
        at = self._clock.now()
        source = Source("guest", f"{program.name} ({program.system})", at)
        ref = str(call.args["_this"]["value"])
        try:
            if program in FORMAT.values():
                found = read_formatted(content, program.system, call.args["question"], at)
            else:
                found = read_look(content, program.system, at)
        except OddAnswerError as odd:
            if program.writes:
                raise self._unknown(call, odd.reason) from odd
            self._keep(ref, not_seen(odd.reason, source))
            return
        if left is not None:
            found = replace(found, left_behind=Outside(left))
        self._keep(ref, seen(found, source))

    # -- what errors mean

    def _ended(self, call: Call, program: Program, code: int) -> ChangeFailedError | OutcomeUnknownError:
        """Return the error for a bad end. One that writes and ends in no way of its own leaves open what it did."""
        meaning = program.exits.get(code)
        why = _("the program ended with {code}: {meaning}").format(
            code=code, meaning=_(meaning) if meaning else _("its own words are not kept")
        )
        return self._unknown(call, why) if program.writes and meaning is None else self._failed(call, why)

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
            if isinstance(error, vim.fault.InvalidGuestLogin):
                self._accounts.pop(str(call.args["_this"]["value"]), None)
            raise self._failed(call, self._why(error)) from error

    def _at_start(self, call: Call, program: Program, work: Callable[[], T]) -> T:
        """Start: a fault is an answer, unless it leaves open what was done; a broken connection is none."""
        try:
            return work()
        except LEAVE_OPEN as error:
            raise (self._unknown if program.writes else self._failed)(call, self._why(error)) from error
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


def _fault(fault: Any) -> str:
    if isinstance(fault, vim.fault.InvalidGuestLogin):
        return _("it refused the user name or the password")
    if isinstance(fault, vim.fault.GuestOperationsUnavailable):
        return _("VMware Tools inside do not answer")
    return told(fault)
