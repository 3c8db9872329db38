"""A vCenter in memory, under the real pyvmomi: the adapter that would send SOAP calls answers them instead.

    wire = VCenterWire(clock, users={"operator@vsphere.local": "rehearsal"})
    wire.store.add("vm-42", "VirtualMachine", {...})          # see vcenter_store
    wire.events.append(vim.event.VmPoweredOnEvent(...))       # what QueryEvents finds
    wire.licences["host-10"] = "esx.enterprisePlus.cpuPackage"   # editionKey; None: no licence assigned
    wire.privileges["svc-asr@vsphere.local"] = {"vm-42": {"Datastore.Browse"}}
    wire.tasks.durations["RemoveAllSnapshots_Task"] = 90      # seconds on the clock
    wire.files.put("[ds1] lost/web01.vmdk", uuid="...", capacity=2**30)   # a disk that hangs on no machine
    wire.guests.accounts["vm-42"] = ("root", "rehearsal")     # see vcenter_wire_guests
    wire.delay = 0.05                                         # seconds on the clock, before every answer
    wire.fault("ReconfigVM_Task", vmodl.fault.HostNotConnected(), moref="vm-42", times=1)
    wire.end_sessions()                                       # as when vCenter was restarted
    stub = wire.stub()                                        # what a session stands on, one for each sign-in
    wire.calls                                                # what was called, in order

Only the session factory knows this wire; everything above the adapter is the product's real code. A call that nobody
taught it fails loudly. What it answers is checked against govmomi's simulator where that one implements the call.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyVmomi import SoapAdapter, vim, vmodl
from pyVmomi.VmomiSupport import GetVmodlName

from failback.clock import Clock
from failback.rehearsal import (
    vcenter_wire_changing,
    vcenter_wire_files,
    vcenter_wire_guests,
    vcenter_wire_hosts,
    vcenter_wire_reading,
    vcenter_wire_reconfigure,
    vcenter_wire_rights,
)
from failback.rehearsal.vcenter_store import NoSuchObjectError, NotALeafError, Store, UnknownPathError
from failback.rehearsal.vcenter_wire_calls import ANY, Call, Fault, LoggedCall, over_soap
from failback.rehearsal.vcenter_wire_tasks import Tasks

API_VERSION: Final = "vim.version.v8_0_3_0"
ROOT_FOLDER: Final = "group-d1"
OPEN_TO_ALL: Final = frozenset({"RetrieveServiceContent", "Login"})
"""What vCenter answers without a sign-in."""

SINGLETONS: Final = {
    "rootFolder": (ROOT_FOLDER, "Folder"),
    "propertyCollector": ("propertyCollector", "PropertyCollector"),
    "viewManager": ("ViewManager", "ViewManager"),
    "sessionManager": ("SessionManager", "SessionManager"),
    "searchIndex": ("SearchIndex", "SearchIndex"),
    "eventManager": ("EventManager", "EventManager"),
    "authorizationManager": ("AuthorizationManager", "AuthorizationManager"),
    "storageResourceManager": ("StorageResourceManager", "StorageResourceManager"),
    "licenseManager": ("LicenseManager", "LicenseManager"),
    "taskManager": ("TaskManager", "TaskManager"),
    "guestOperationsManager": ("guestOperationsManager", "GuestOperationsManager"),
    "virtualDiskManager": ("virtualDiskManager", "VirtualDiskManager"),
}
GUEST_MANAGERS: Final = {
    "fileManager": ("guestOperationsFileManager", "GuestFileManager"),
    "processManager": ("guestOperationsProcessManager", "GuestProcessManager"),
}
LICENCE_ASSIGNMENT: Final = "LicenseAssignmentManager"

Answer = Callable[["VCenterWire", Call], Any]


@dataclass
class Session:
    """A sign-in: its user, and what dies with it."""

    key: str
    user: str
    views: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[str, list[Any]] = field(default_factory=dict)


class WireStub(SoapAdapter.StubAdapterBase):
    """The adapter that pyvmomi calls instead of a network; it carries one session, as a cookie would."""

    def __init__(self, wire: VCenterWire) -> None:
        super().__init__(version=API_VERSION)  # type: ignore[no-untyped-call]  # pyvmomi's own
        self._wire = wire
        self.session = ""

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:
        """Answer one call, with arguments and result copied as SOAP would copy them."""
        named = {
            parameter.name: over_soap(value, parameter.type, self.version, None)
            for parameter, value in zip(info.params, args, strict=True)
        }
        result = self._wire.answer(self, info, mo, named)
        return over_soap(result, info.methodResult if info.isTask is False else info.result, self.version, self)

    def DropConnections(self) -> None:
        """Do what the network's adapter does when it is closed: here there is nothing to close."""


class VCenterWire:
    """One vCenter in memory. Calls may come from several threads; they are answered one after the other."""

    def __init__(self, clock: Clock, *, users: Mapping[str, str], about: Mapping[str, str] | None = None) -> None:
        self.clock = clock
        self.users = dict(users)
        self.about = {
            "name": "VMware vCenter Server",
            "fullName": "VMware vCenter Server 8.0.3 (rehearsal)",
            "version": "8.0.3",
            "apiType": "VirtualCenter",
            "apiVersion": "8.0.3.0",
            "instanceUuid": "00000000-0000-4000-8000-000000000001",
            **(about or {}),
        }
        self.store = Store()
        self.tasks = Tasks(self)
        self.guests = vcenter_wire_guests.Guests(self)
        self.files = vcenter_wire_files.Files(self)
        self.delay = 0.0
        self.events: list[Any] = []
        self.licences: dict[str, str | None] = {}
        self.privileges: dict[str, dict[str, set[str]]] = {}
        self.sessions: dict[str, Session] = {}
        self.calls: list[LoggedCall] = []
        self._faults: list[Fault] = []
        self._lock = threading.RLock()
        for moref, kind in SINGLETONS.values():
            self.store.add(moref, kind, {})
        self.store.set(ROOT_FOLDER, {"name": "Datacenters"})
        self.store.set("TaskManager", {"recentTask": []})
        self.store.set("AuthorizationManager", {"roleList": vcenter_wire_rights.system_roles()})
        self.store.add(LICENCE_ASSIGNMENT, "LicenseAssignmentManager", {})
        for name, (moref, kind) in GUEST_MANAGERS.items():
            self.store.add(moref, kind, {})
            self.store.set("guestOperationsManager", {name: moref})
        self.store.set("LicenseManager", {"licenseAssignmentManager": LICENCE_ASSIGNMENT})

    def stub(self) -> WireStub:
        """Return a new adapter without a session."""
        return WireStub(self)

    def fault(
        self, method: str, error: BaseException, *, moref: str = ANY, times: int | None = 1, skip: int = 0
    ) -> None:
        """Let the next `times` calls of that SOAP name end in `error` (`None`: every one), after `skip` good ones."""
        with self._lock:
            self._faults.append(Fault(method, moref, error, times, skip))

    def clear_faults(self) -> None:
        """Forget every fault that still waits."""
        with self._lock:
            self._faults.clear()

    def end_sessions(self) -> None:
        """End every session; views, pages and sign-ins are gone."""
        with self._lock:
            self.sessions.clear()

    def happened(self, call: Call, event: Any) -> None:
        """Note an event about the machine that `call` changes, now and by its user."""
        event.key = event.chainId = len(self.events) + 1
        event.createdTime = self.clock.now()
        event.userName = call.user
        event.vm = vim.event.VmEventArgument(vm=self.store.ref(call.moref), name=self.store.get(call.moref, "name"))
        self.events.append(event)

    def answer(self, stub: WireStub, info: Any, mo: Any, args: Mapping[str, Any]) -> Any:
        """Answer a call of `stub`, described by pyvmomi's `info`; raises what pyvmomi would raise."""
        if self.delay:
            self.clock.sleep(self.delay)
        with self._lock:
            session = self.sessions.get(stub.session)
            call = Call(
                name=info.wsdlName,
                method=info.name,
                moref=mo._GetMoId(),  # noqa: SLF001 -- pyvmomi's public, underscored way to ask
                kind=GetVmodlName(type(mo)),
                args=args,
                session=stub.session,
                user=session.user if session else "",
                at=self.clock.now(),
            )
            self.calls.append(LoggedCall(call.name, call.moref, call.kind, call.user, call.at))
            self.tasks.advance(call.at)
            for waiting in self._faults:
                if waiting.strikes(call):
                    raise waiting.error
            if session is None and call.name not in OPEN_TO_ALL:
                raise vim.fault.NotAuthenticated(msg="The session is not authenticated.")
            return self._dispatch(stub, call)

    def _dispatch(self, stub: WireStub, call: Call) -> Any:
        if call.name == "Login":
            return self._login(stub, call)
        known = ANSWERS.get(call.name)
        if known is None:
            raise vmodl.fault.NotSupported(msg=f"the rehearsal vCenter was never taught to answer {call.name}")
        try:
            return known(self, call)
        except NoSuchObjectError as missing:
            raise vmodl.fault.ManagedObjectNotFound(msg=f"{missing} is not there") from None
        except UnknownPathError as unknown:
            raise vmodl.query.InvalidProperty(name=str(unknown).rpartition(" ")[2], msg=str(unknown)) from None
        except NotALeafError as above:
            raise vmodl.fault.NotSupported(msg=f"the rehearsal vCenter answers leaf paths only: {above}") from None

    def _login(self, stub: WireStub, call: Call) -> Any:
        user = call.args["userName"]
        if self.users.get(user) != call.args["password"]:
            raise vim.fault.InvalidLogin(msg="Cannot complete login due to an incorrect user name or password.")
        stub.session = str(uuid.uuid4())
        self.sessions[stub.session] = Session(stub.session, user)
        session = vim.UserSession(
            key=stub.session,
            userName=user,
            fullName=user,
            loginTime=call.at,
            lastActiveTime=call.at,
            locale="en_US",
            messageLocale="en_US",
            extensionSession=False,
        )
        self.store.set("SessionManager", {"currentSession": session})  # all sign in as the one operator
        return session


ANSWERS: Final[dict[str, Answer]] = {
    **vcenter_wire_reading.ANSWERS,
    **vcenter_wire_reconfigure.ANSWERS,
    **vcenter_wire_changing.ANSWERS,
    **vcenter_wire_guests.ANSWERS,
    **vcenter_wire_hosts.ANSWERS,
    **vcenter_wire_rights.ANSWERS,
    **vcenter_wire_files.ANSWERS,
}

ANSWERED_ONLY_BY_US: Final[Mapping[str, str]] = {
    "ConfigureStorageDrsForPod_Task": "govmomi accepts the exception of a single machine and drops it",
    "ConsolidateVMDisks_Task": "govmomi does not implement it",
    "ReconfigVM_Task with changeVersion": "govmomi never compares it, so nothing there ends in ConcurrentAccess",
    "ReconfigVM_Task beyond the limits": "govmomi takes five SCSI controllers, one bus twice, unit 7, memory while on",
    "ShutdownGuest without VMware Tools": "govmomi shuts any machine down",
    "FetchUserPrivilegeOnEntities of little": "govmomi grants everything to everybody",
    "RetrievePropertiesEx refused": "govmomi never denies a property, and answers the rest beside an unknown path",
    **vcenter_wire_guests.ONLY_OURS,
    **vcenter_wire_hosts.ONLY_OURS,
    **vcenter_wire_rights.ONLY_OURS,
    **vcenter_wire_files.ONLY_OURS,
}
"""What no independent peer confirms, and why. `docs/reliability.md` shows it; the conformance test keeps it whole."""
