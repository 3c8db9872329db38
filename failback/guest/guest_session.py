"""Guest operations on one machine: a folder of our own, a program of ours in it, its answer, and nothing left behind.

Calls go over the vCenter session, credentials with each of them, as vSphere wants it; files travel to and from the ESXi
host. This module imports pyvmomi: only worker threads import it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pyVmomi import vim

from failback.guest.credentials import GuestCredentials
from failback.guest.programs import ANSWER, LINUX, QUESTION, Program
from failback.vcenter.properties import Collector
from failback.vcenter.session import Connection, VCenterSession
from failback.vcenter.transfer import TransferError
from wizard_steps.wording import _

T = TypeVar("T")

_PREFIX: Final = "failback-"
_SAME_HOST: Final = "*"
"""What an ESXi host that was signed in to directly names itself in the address of a file."""


class ProgramGoneError(Exception):
    """The guest does not know the program any more: it keeps those that ended for some minutes only."""


@dataclass(frozen=True)
class Started:
    """A program that was started in its own folder."""

    pid: int
    folder: str


class GuestSession:
    """One machine's guest, as the account that was given. What goes wrong is raised as pyvmomi raises it.

    The credentials live as long as this object; it is made for one change and dropped with it.
    """

    def __init__(self, session: VCenterSession, vm_ref: str, credentials: GuestCredentials) -> None:
        """Do nothing yet; `vm_ref` is the machine's managed object id."""
        self._session = session
        self._vm_ref = vm_ref
        self._credentials = credentials

    def prepare(self, program: Program, question: Sequence[str]) -> str:
        """Make a folder for the program, put its data there, one text a line, and return the folder's path.

        Raises `TransferError` when the data could not be brought there; the folder is removed then.
        """
        folder = self._files(
            lambda files, vm, auth: str(files.CreateTemporaryDirectoryInGuest(vm, auth, _PREFIX, "", ""))
        )
        content = "".join(f"{line}\n" for line in question).encode("ascii")
        attributes = vim.vm.guest.FileManager.FileAttributes()
        try:
            path = _inside(folder, QUESTION, program)
            url = self._files(
                lambda files, vm, auth: files.InitiateFileTransferToGuest(
                    vm, auth, path, attributes, len(content), True
                )
            )
            self._transfer("PUT", url, content)
        except Exception:
            self.remove(folder)
            raise
        return folder

    def start(self, program: Program, folder: str) -> Started:
        """Start the program in its folder."""
        spec = vim.vm.guest.ProcessManager.ProgramSpec(
            programPath=program.path, arguments=program.arguments, workingDirectory=folder
        )
        pid = self._processes(lambda processes, vm, auth: processes.StartProgramInGuest(vm, auth, spec))
        return Started(int(pid), folder)

    def exit_code(self, started: Started) -> int | None:
        """Return the exit code of a program that has ended; `None` while it runs. Raises `ProgramGoneError`."""
        found = self._processes(lambda processes, vm, auth: processes.ListProcessesInGuest(vm, auth, [started.pid]))
        mine = [one for one in found if one.pid == started.pid]
        if not mine:
            raise ProgramGoneError(started.pid)
        return None if mine[0].endTime is None else int(mine[0].exitCode)

    def answer(self, program: Program, started: Started) -> bytes:
        """Return what the program answered; raises `TransferError` when it cannot be fetched."""
        path = _inside(started.folder, ANSWER, program)
        told = self._files(lambda files, vm, auth: files.InitiateFileTransferFromGuest(vm, auth, path))
        return self._transfer("GET", told.url)

    def stop(self, started: Started) -> None:
        """End the program at once."""
        self._processes(lambda processes, vm, auth: processes.TerminateProcessInGuest(vm, auth, started.pid))

    def remove(self, folder: str) -> bool:
        """Remove the program's folder with all in it, and tell whether that worked; never raises."""
        try:
            self._files(lambda files, vm, auth: files.DeleteDirectoryInGuest(vm, auth, folder, True))
        except Exception:  # noqa: BLE001 -- tidying up must not hide what the program did
            return False
        return True

    # -- how calls and files travel

    def _files(self, work: Callable[[Any, Any, Any], T]) -> T:
        return self._call("fileManager", work)

    def _processes(self, work: Callable[[Any, Any, Any], T]) -> T:
        return self._call("processManager", work)

    def _call(self, manager: str, work: Callable[[Any, Any, Any], T]) -> T:
        """Make one call of a guest manager; the credentials exist as vSphere's object for this moment only."""

        def call(connection: Connection) -> T:
            ref = connection.content.guestOperationsManager._GetMoId()  # noqa: SLF001 -- pyvmomi's public, underscored way
            (told,) = Collector(connection).of_these(vim.vm.guest.GuestOperationsManager, [ref], (manager,))
            auth = vim.vm.guest.NamePasswordAuthentication(
                interactiveSession=False,
                username=self._credentials.username,
                password=self._credentials.password.reveal(),
            )
            return work(told.values[manager], vim.VirtualMachine(self._vm_ref, connection.stub), auth)

        return self._session.run_change(call)

    def _transfer(self, method: str, url: str, body: bytes = b"") -> bytes:
        parts = urlsplit(url)
        if parts.netloc.rpartition(":")[0] == _SAME_HOST or parts.netloc == _SAME_HOST:
            url = urlunsplit(parts._replace(netloc=parts.netloc.replace(_SAME_HOST, self._session.host, 1)))
        return self._session.transfer(method, url, self._certificate(), body)

    def _certificate(self) -> str:
        """Return the certificate of the ESXi host on which the machine stands, as vCenter knows it, in PEM form."""
        found = self._session.run(self._read_certificate)
        try:
            pem = bytes(int(one) & 0xFF for one in found or ()).decode("ascii")
            return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(pem.strip()))
        except ValueError as error:
            raise TransferError(
                _("vCenter does not tell the certificate of the ESXi host, so it is not trusted")
            ) from error

    def _read_certificate(self, connection: Connection) -> Any:
        collector = Collector(connection)
        machines = collector.of_these(vim.VirtualMachine, [self._vm_ref], ("runtime.host",))
        if not machines or machines[0].values.get("runtime.host") is None:
            return None
        host = machines[0].values["runtime.host"]._GetMoId()  # noqa: SLF001 -- as above
        hosts = collector.of_these(vim.HostSystem, [host], ("config.certificate",))
        return hosts[0].values.get("config.certificate") if hosts else None


def _inside(folder: str, name: str, program: Program) -> str:
    """Return the path of a file in a folder of the guest."""
    return f"{folder}{'/' if program.system == LINUX else chr(92)}{name}"
