"""A signed-in session with vCenter that mends itself: one for a profile, used from several worker threads.

What lies under it is given as a function that makes a pyvmomi adapter: `connect.over_tls` for a real vCenter. Calls
are held to the lists of `allowed`. pyvmomi is imported in here only when the first connection is made.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeVar

from failback.errors import FailbackError, NotReachedError
from failback.vcenter.allowed import CHANGES, GUEST_OPERATIONS, READS, NotAllowedError
from failback.vcenter.faults import explained, named
from failback.vcenter.transfer import Transfer, over_https
from wizard_steps.wording import _

T = TypeVar("T")

SIGN_INS: Final = 3
"""How often one piece of work may lose its session and start again."""

GOODBYE_SECONDS: Final = 3.0
"""How long closing waits for the sign-out to be answered."""

BROKEN: Final = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""What a kept connection raises that the server has closed meanwhile; `http.client.RemoteDisconnected` is one."""

_may_call: ContextVar[frozenset[str]] = ContextVar("_may_call", default=READS)


class SessionLostError(Exception):
    """The session went away while something of it was in use; the work starts again in a new one."""


@dataclass(frozen=True)
class Connection:
    """One sign-in: pyvmomi's adapter, and `vim.ServiceInstanceContent` with the server's services."""

    stub: Any
    content: Any


class VCenterSession:
    """Signs in when first used, again when the session is gone, and out when it is closed.

    `connect` makes a new adapter; it may raise `FailbackError` and is asked before every sign-in. The password is
    kept in memory as long as the session is. `transfer` moves the files of guest operations, past vCenter itself.
    """

    def __init__(
        self,
        host: str,
        username: str,
        password: str,
        connect: Callable[[], Any],
        *,
        port: int | None = None,
        transfer: Transfer = over_https,
    ) -> None:
        self.host = host
        self.transfer = transfer
        self._port = port
        self._username = username
        self._password = password
        self._connect = connect
        self._connection: Connection | None = None
        self._lock = threading.Lock()  # held for a moment only: closing must not wait for a sign-in that hangs
        self._signing_in = threading.Lock()
        self._closed = False

    @property
    def username(self) -> str:
        """The account that is signed in, as the profile spells it."""
        return self._username

    def __enter__(self) -> VCenterSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do some reading and return what it returns; when the session is lost it starts again from its beginning.

        Raises a `FailbackError` in plain words: `SignInRefusedError`, `CertificateError`, `UnreachableError`,
        `TimedOutError`, `AccessDeniedError`, or `NotReachedError` for anything else that vCenter answers.
        """
        try:
            return self._run(work, mend=BROKEN)
        except FailbackError:
            raise
        except Exception as error:
            raise self._in_plain_words(error) from error

    def run_change(self, work: Callable[[Connection], T]) -> T:
        """Do something that changes vCenter. What goes wrong is raised as pyvmomi raises it, but for the sign-in.

        A call that finds the session gone was not carried out, and is made again in a new one.
        """
        allowed = _may_call.set(READS | CHANGES | GUEST_OPERATIONS)
        try:
            return self._run(work)
        finally:
            _may_call.reset(allowed)

    def close(self) -> None:
        """Sign out and hang up, without complaint: what is not reached any more ends by itself."""
        with self._lock:
            connection, self._connection, self._closed = self._connection, None, True
        if connection is not None:
            self._leave(connection)

    def _run(self, work: Callable[[Connection], T], mend: tuple[type[Exception], ...] = ()) -> T:
        """Do the work; what is in `mend` is forgiven once, as a lost session is."""
        from pyVmomi import vim

        for attempt in range(1, SIGN_INS + 1):
            connection = self._signed_in()
            try:
                return work(connection)
            except mend:
                if attempt > 1:
                    raise
            except (vim.fault.NotAuthenticated, SessionLostError) as lost:
                self._forget(connection)
                if attempt == SIGN_INS:
                    raise NotReachedError(
                        named(self.host),
                        _("it ended the session {count} times while it was read").format(count=SIGN_INS),
                        _("look who ends sessions there, then try again"),
                    ) from lost
        raise AssertionError("unreachable")  # pragma: no cover

    def _signed_in(self) -> Connection:
        with self._signing_in:
            with self._lock:
                if self._connection is not None:
                    return self._connection
                closed = self._closed
            connection = None if closed else self._new_connection()
            with self._lock:
                if not self._closed and connection is not None:
                    self._connection = connection
                    return connection
        if connection is not None:
            self._leave(connection)
        raise NotReachedError(named(self.host), _("the session was closed"), _("sign in again"))

    def _new_connection(self) -> Connection:
        """Sign in. Raises `FailbackError` that quotes no library: the password is among what it was given."""
        try:
            return self._sign_in()
        except FailbackError:
            raise
        except Exception as error:
            raise self._in_plain_words(error, quiet=True) from error

    def _sign_in(self) -> Connection:
        from pyVmomi import vim

        stub = _guarded(self._connect())
        service = vim.ServiceInstance("ServiceInstance", stub)
        stub.ComputeVersionInfo(_newest_version(service.RetrieveContent().about.apiVersion))
        content: Any = service.RetrieveContent()
        content.sessionManager.Login(self._username, self._password, None)
        return Connection(stub, content)

    def _forget(self, connection: Connection) -> None:
        with self._lock:
            if self._connection is connection:
                self._connection = None
        connection.stub.DropConnections()

    @staticmethod
    def _leave(connection: Connection) -> None:
        """Sign out, and wait a moment for it: whoever quits the program does not wait for a server that hangs."""

        def sign_out() -> None:
            with contextlib.suppress(Exception):
                connection.content.sessionManager.Logout()
            connection.stub.DropConnections()

        leaving = threading.Thread(target=sign_out, name="vcenter-logout", daemon=True)
        leaving.start()
        leaving.join(GOODBYE_SECONDS)

    def _in_plain_words(self, error: Exception, *, quiet: bool = False) -> FailbackError:
        """Explain an error; for a refused certificate look once more, so that old and new can be shown."""
        if isinstance(error, ssl.SSLCertVerificationError):
            try:
                self._connect()
            except FailbackError as certificate:
                return certificate
        found = explained(error, self.host, self._port, quiet=quiet)
        if quiet and self._password and self._password in found.why:  # vCenter's own words, which it may put it in
            return type(found)(found.what, found.why.replace(self._password, "..."), found.next_step)
        return found


def _guarded(stub: Any) -> Any:
    """Let nothing out through this adapter that is on no list; reading an attribute of an object is a call, too."""
    send = stub.InvokeMethod

    def invoke(mo: Any, info: Any, args: Any, *more: Any) -> Any:
        if info.wsdlName not in _may_call.get():
            raise NotAllowedError(f"{info.wsdlName} is on no list of calls that may be made here")
        return send(mo, info, args, *more)

    stub.InvokeMethod = invoke
    return stub


def _newest_version(api_version: str) -> str:
    """Return pyvmomi's newest dialect that a server of this API version (`8.0.3.0`) understands."""
    from pyVmomi.VmomiSupport import GetServiceVersions, versionIdMap

    offered = _numbers(api_version)
    known = [(version, _numbers(versionIdMap[version])) for version in GetServiceVersions("vim25")]
    understood = [version for version, numbers in known if numbers and numbers <= offered]
    return str(understood[0]) if understood else "vim.version.version9"


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()
