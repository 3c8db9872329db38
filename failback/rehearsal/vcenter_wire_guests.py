"""Guest operations of the rehearsal vCenter: accounts, folders, files and processes inside the site's machines.

Only the product's own programs run here, told by their very text; what a program would find is made of the state of
the site. Files travel by `transfer`, which asks for the ESXi host's certificate as the network would.

    wire.guests.accounts["vm-100"] = ("Administrator", "rehearsal")
    wire.guests.state["vm-101"].on_lvm.append("/")        # a volume on LVM
    wire.guests.runs                                     # which programs ran where
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim, vmodl

from failback.guest.programs import ANSWER, FORMAT, PROGRAMS, QUESTION, WINDOWS, Program
from failback.rehearsal.guest_answers import GuestState, answer_of_format, answer_of_look, format_disk
from failback.rehearsal.vcenter_wire_calls import Call
from failback.vcenter.transfer import TransferError

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import Answer, VCenterWire

SECONDS: Final = 4.0
"""How long a program runs in a guest of the rehearsal."""
_FIRST_PID: Final = 4200


@dataclass
class Process:
    """A program in a guest. `code` is known when it has ended."""

    pid: int
    program: Program
    moref: str
    folder: str
    started: datetime
    due: datetime
    code: int | None = None
    ended: datetime | None = None


@dataclass(frozen=True)
class Ticket:
    """An address of a file, good for one transfer."""

    moref: str
    path: str
    host: str
    writes: bool


@dataclass
class Guests:
    """The insides of a wire's machines. `runs` lists the programs that ran, as (name, machine).

    `formatted` is told the machine in which a disk was made a volume, and the volume as VMware Tools report it.
    """

    wire: VCenterWire
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    state: dict[str, GuestState] = field(default_factory=dict)
    folders: dict[str, set[str]] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    processes: dict[int, Process] = field(default_factory=dict)
    runs: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = SECONDS
    formatted: Callable[[str, Any], None] = lambda _moref, _volume: None
    _tickets: dict[str, Ticket] = field(default_factory=dict)
    _count: int = 0

    def add(self, moref: str, state: GuestState, account: tuple[str, str]) -> None:
        """Let a machine of the site have an inside."""
        self.state[moref], self.accounts[moref] = state, account
        self.folders[moref] = set()

    def enter(self, call: Call) -> str:
        """Return the machine that a call enters; raises what vSphere raises for one that cannot be entered."""
        moref = str(call.args["vm"]._GetMoId())  # noqa: SLF001 -- pyvmomi's public, underscored way to ask
        power = self.wire.store.get(moref, "runtime.powerState")
        if power != "poweredOn":
            raise vim.fault.InvalidPowerState(requestedState="poweredOn", existingState=power)
        if moref not in self.state or self.wire.store.get(moref, "guest.toolsRunningStatus") != "guestToolsRunning":
            raise vim.fault.GuestOperationsUnavailable(msg="The guest operations agent could not be contacted.")
        auth = call.args["auth"]
        if (auth.username, auth.password) != self.accounts[moref]:
            raise vim.fault.InvalidGuestLogin(msg="Failed to authenticate with the guest operating system.")
        return moref

    def number(self) -> int:
        """Return a number that was not given yet."""
        self._count += 1
        return self._count

    def issue(self, moref: str, path: str, *, writes: bool) -> str:
        """Return the address at which one file can be sent or fetched once."""
        host = str(self.wire.store.get(moref, "runtime.host")._GetMoId())  # noqa: SLF001 -- as above
        url = f"https://{self.wire.store.get(host, 'name')}:443/guestFile?id={self.number()}&token=rehearsal"
        self._tickets[url] = Ticket(moref, path, host, writes)
        return url

    def transfer(self, method: str, url: str, certificate: str, body: bytes = b"") -> bytes:
        """Send or fetch a file, as the ESXi host would over TLS; see `failback.vcenter.transfer.Transfer`."""
        ticket = self._tickets.pop(url, None)
        if ticket is None or ticket.writes is not (method == "PUT"):
            raise TransferError("the rehearsal's ESXi host refused the file (HTTP 404)")
        known = bytes(self.wire.store.get(ticket.host, "config.certificate") or b"").decode("ascii")
        if certificate.split() != known.split():
            raise TransferError("the rehearsal's ESXi host shows another certificate than vCenter knows of it")
        if ticket.writes:
            self.files[ticket.moref, ticket.path] = body
            return b""
        return self.files[ticket.moref, ticket.path]

    def finish(self, now: datetime) -> None:
        """Let every program end that is due, and write what it answers."""
        for process in self.processes.values():
            if process.code is None and process.due <= now:
                process.code, process.ended = self._run(process), process.due

    def _run(self, process: Process) -> int:
        if process.folder not in self.folders[process.moref]:
            return 1
        content = self.files.get((process.moref, _path(process, QUESTION)))
        if content is None:
            return 11
        self.runs.append((process.program.name, process.moref))
        state, question = self.state[process.moref], content.decode("ascii").split("\n")[:-1]
        if process.program in FORMAT.values():
            code = format_disk(self.wire.store, process.moref, state, question)
            if code:
                return code
            self.formatted(process.moref, self.wire.store.get(process.moref, "guest.disk")[-1])
            answer = answer_of_format(state, question)
        else:
            answer = answer_of_look(self.wire.store, process.moref, state)
        self.files[process.moref, _path(process, ANSWER)] = json.dumps(answer).encode()
        return 0


def _path(process: Process, name: str) -> str:
    return _join(process.folder, name)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder.startswith("/") else f"{folder}\\{name}"


def create_directory(wire: VCenterWire, call: Call) -> str:
    """CreateTemporaryDirectoryInGuest."""
    moref = wire.guests.enter(call)
    is_windows = wire.guests.state[moref].system == WINDOWS
    parent = "C:\\Windows\\TEMP" if is_windows else "/tmp"  # noqa: S108 -- of a guest that does not exist
    folder = _join(parent, f"{call.args['prefix']}vmware{wire.guests.number()}{call.args['suffix']}")
    wire.guests.folders[moref].add(folder)
    return folder


def delete_directory(wire: VCenterWire, call: Call) -> None:
    """DeleteDirectoryInGuest, with all that is in it."""
    moref, folder = wire.guests.enter(call), call.args["directoryPath"]
    if folder not in wire.guests.folders[moref]:
        raise vim.fault.FileNotFound(file=folder, msg="There is no such folder.")
    wire.guests.folders[moref].remove(folder)
    for owner, path in list(wire.guests.files):
        if owner == moref and path.startswith(_join(folder, "")):
            del wire.guests.files[owner, path]


def send_file(wire: VCenterWire, call: Call) -> str:
    """InitiateFileTransferToGuest."""
    return wire.guests.issue(wire.guests.enter(call), call.args["guestFilePath"], writes=True)


def fetch_file(wire: VCenterWire, call: Call) -> Any:
    """InitiateFileTransferFromGuest."""
    moref, path = wire.guests.enter(call), call.args["guestFilePath"]
    if (moref, path) not in wire.guests.files:
        raise vim.fault.FileNotFound(file=path, msg="There is no such file.")
    return vim.vm.guest.FileManager.FileTransferInformation(
        attributes=vim.vm.guest.FileManager.FileAttributes(),
        size=len(wire.guests.files[moref, path]),
        url=wire.guests.issue(moref, path, writes=False),
    )


def start_program(wire: VCenterWire, call: Call) -> int:
    """StartProgramInGuest: the product's own programs, told by interpreter and arguments; anything else is refused."""
    moref, spec = wire.guests.enter(call), call.args["spec"]
    system = wire.guests.state[moref].system
    known = {(one.path, one.arguments): one for one in PROGRAMS.values() if one.system == system}
    program = known.get((spec.programPath, spec.arguments))
    if program is None or spec.envVariables:
        raise vmodl.fault.InvalidArgument(invalidProperty="spec", msg="the rehearsal runs the product's programs only")
    pid, now = _FIRST_PID + wire.guests.number(), wire.clock.now()
    due = now + timedelta(seconds=wire.guests.seconds)
    wire.guests.processes[pid] = Process(pid, program, moref, spec.workingDirectory or "/", now, due)
    return pid


def list_processes(wire: VCenterWire, call: Call) -> list[Any]:
    """ListProcessesInGuest, of the programs that guest operations started."""
    moref = wire.guests.enter(call)
    wire.guests.finish(call.at)
    return [
        vim.vm.guest.ProcessManager.ProcessInfo(
            name=one.program.path.rpartition("\\")[2].rpartition("/")[2],
            pid=one.pid,
            owner=wire.guests.accounts[moref][0],
            cmdLine=one.program.path,
            startTime=one.started,
            endTime=one.ended,
            exitCode=one.code,
        )
        for one in wire.guests.processes.values()
        if one.moref == moref and one.pid in call.args["pids"]
    ]


def terminate(wire: VCenterWire, call: Call) -> None:
    """TerminateProcessInGuest."""
    wire.guests.enter(call)
    process = wire.guests.processes.get(call.args["pid"])
    if process is None or process.code is not None:
        raise vim.fault.GuestProcessNotFound(pid=call.args["pid"], msg="There is no such process.")
    process.code, process.ended = -1, call.at


ANSWERS: Final[dict[str, Answer]] = {
    "CreateTemporaryDirectoryInGuest": create_directory,
    "DeleteDirectoryInGuest": delete_directory,
    "InitiateFileTransferToGuest": send_file,
    "InitiateFileTransferFromGuest": fetch_file,
    "StartProgramInGuest": start_program,
    "ListProcessesInGuest": list_processes,
    "TerminateProcessInGuest": terminate,
}

ONLY_OURS: Final[Mapping[str, str]] = dict.fromkeys(
    sorted(ANSWERS), "govmomi runs nothing in a guest without a container engine"
)
"""What no independent peer confirms, and why."""
