"""The rehearsal site: one described site behind two wires, its clock, and its engineer.

Everything above the two wires is the product's real code. `rehearsal_site("faulty")` has a fault in nearly every step,
`rehearsal_site("ready")` has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pyVmomi import vim

from failback.guest.programs import LINUX, WINDOWS
from failback.profiles.model import AzureSettings, Profile, VaultSettings, VCenterSettings
from failback.rehearsal import description as site
from failback.rehearsal import in_azure, on_premises
from failback.rehearsal.arm_wire import ArmWire
from failback.rehearsal.clock import START, RehearsalClock
from failback.rehearsal.faults import FAULTS, Fault
from failback.rehearsal.granted import grant
from failback.rehearsal.guest_answers import GuestState
from failback.rehearsal.privileges import FAILBACK_ROLE
from failback.rehearsal.retention_volumes import formatted
from failback.rehearsal.vcenter_store import Store
from failback.rehearsal.vcenter_wire import VCenterWire
from wizard_steps.choices import Choices, LocationChoice, TargetChoice
from wizard_steps.requirement import Finding
from wizard_steps.wording import _

USER, PASSWORD = "operator@vsphere.local", "rehearsal"  # both ends of the wire are this program
GUEST_PASSWORD = "inside"  # noqa: S105 -- the same, and shown to whoever rehearses
ESTATES: Mapping[str, tuple[Fault, ...]] = {"faulty": FAULTS, "ready": ()}
_TASK_SECONDS = {
    "RemoveAllSnapshots_Task": 40,
    "ReconfigVM_Task": 3,
    "ConfigureStorageDrsForPod_Task": 4,
    "ReconfigureComputeResource_Task": 4,
    "PowerOnVM_Task": 5,
    "PowerOffVM_Task": 3,
}
_OPERATION_SECONDS = 30


@dataclass(frozen=True)
class Action:
    """Something the site's engineer can do for a finding: `title` says what, translated."""

    title: str
    do: Callable[[], None]


class Site:
    """The rehearsal site. Its state changes only through its wires and its engineer."""

    def __init__(self, faults: tuple[Fault, ...], speed: float = 0.0, start: datetime = START) -> None:
        """Build the site with nothing wrong, then break it; `speed` and `start` are the clock's."""
        self.clock = RehearsalClock(start, speed)
        self.arm = ArmWire(self.clock)
        self.arm.operations.seconds = _OPERATION_SECONDS
        in_azure.build(self.arm, start)
        about = {"instanceUuid": site.VCENTER_UUID}
        self.wire = VCenterWire(self.clock, users={USER: PASSWORD}, about=about)
        self.wire.tasks.durations.update(_TASK_SECONDS)
        on_premises.build(self.store, start)
        self._grant()
        self._open_guests()
        for fault in faults:
            fault.breaks(self)
        self._left = list(faults)

    @property
    def store(self) -> Store:
        """The managed objects of the site's vCenter."""
        return self.wire.store

    def guest_account(self, target: str) -> tuple[str, str]:
        """Return the user name and password inside a master target of this site, for its operator to type."""
        return self.wire.guests.accounts[on_premises.vm_ref(target)]

    def _open_guests(self) -> None:
        for target in site.TARGETS:
            is_windows = target.os == site.WINDOWS
            system = WINDOWS if is_windows else LINUX
            folder = "C:\\Program Files (x86)\\Microsoft Azure Site Recovery" if is_windows else "/"
            account = ("Administrator" if is_windows else "root", GUEST_PASSWORD)
            state = GuestState(system, installed=[folder], caches=[folder])
            self.wire.guests.add(on_premises.vm_ref(target.name), state, account)
        self.wire.guests.formatted = lambda moref, volume: formatted(self, moref, volume)

    def _grant(self) -> None:
        entities = list(
            self.store.of_kind(vim.VirtualMachine, vim.HostSystem, vim.Datastore, vim.Folder, vim.Datacenter)
        )
        self.wire.privileges[site.ACCOUNT] = {ref: set(FAILBACK_ROLE) for ref in entities}
        grant(self.wire, self.arm, USER)
        self.wire.licences.update(
            {on_premises.host_ref(host.name): "esx.enterprisePlus.cpuPackage" for host in site.HOSTS}
        )

    def actions_for(self, finding: Finding) -> tuple[Action, ...]:
        """Return what the site's engineer can do about a finding; nothing where the wizard itself mends it."""
        return tuple(
            self._action(fault)
            for fault in self._left
            if fault.mends is not None
            and fault.requirement == finding.requirement.id
            and fault.subject == finding.subject.name
        )

    def _action(self, fault: Fault) -> Action:
        def do() -> None:
            assert fault.mends is not None  # noqa: S101 -- actions_for offers only faults that a person mends
            fault.mends(self)
            self._left.remove(fault)

        return Action(_(fault.deed), do)

    @staticmethod
    def perform(action: Action) -> None:
        """Let the site's engineer do it."""
        action.do()

    def profile(self) -> Profile:
        """Return the profile the site carries, with every choice made."""
        targets = tuple(
            TargetChoice(
                target.name,
                site.PROCESS_SERVER,
                target.retention,
                on_premises.host_name(target.host),
                tuple(one.name for one in site.MACHINES if one.target == target.name),
            )
            for target in site.TARGETS
        )
        away = tuple(
            LocationChoice(one.name, "alternate", site.ALTERNATE_DATASTORE)
            for one in site.MACHINES
            if one.datastore is None
        )
        choices = Choices(
            targets=targets,
            locations=away,
            configuration_server_failback_ip=site.CONFIGURATION_SERVER_IP,
            site_recovery_vcenter_user=site.ACCOUNT,
            link_mbps=1000,
        )
        return Profile(
            name="rehearsal",
            vcenter=VCenterSettings(site.VCENTER, USER),
            azure=AzureSettings(site.SUBSCRIPTION, site.TENANT),
            vault=VaultSettings(site.RESOURCE_GROUP, site.VAULT),
            choices=choices,
        )


def rehearsal_site(estate: str = "faulty", speed: float = 0.0) -> Site:
    """Return a fresh rehearsal site; raises `KeyError` for an estate that is not in `ESTATES`."""
    return Site(ESTATES[estate], speed)
