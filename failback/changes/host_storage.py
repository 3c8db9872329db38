"""Rescan the storage of the master target's ESXi host, and mount a VMFS volume there (recipe R11)."""

from __future__ import annotations

from typing import Any

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_vcenter import machine_of, moref, named
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, Machine
from wizard_steps.classic.homecoming import ORIGINAL
from wizard_steps.classic.storage import datastores_of_disks, mount_of
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import Datastore, Host
from wizard_steps.subjects import chosen_datastore
from wizard_steps.wording import _

_PRIVILEGES = ("Host.Config.Storage",)


class RescanStorage(Remedy):
    """RescanAllHba and RescanVmfs: the host looks anew at what is presented to it."""

    id = "rescan-storage"
    weight = Weight.HARMLESS
    reads = VCENTER
    proves = False

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the host that the machine's master target stands on."""
        return _host_target(case, machine_of(case, finding))

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Rescan the adapters, then the volumes."""
        host = _host(case, target)
        system = _storage_system(host)
        return Shape(
            title=_("Rescan the storage of {name}").format(name=named(target)),
            before={"datastores": len(host.datastore_refs.value)},
            after={"datastores": "as found"},
            calls=tuple(Call("vcenter", method, {"_this": system}) for method in ("RescanAllHba", "RescanVmfs")),
            rests_on={"connectionState": _connected(host)},
            disturbs=_("nothing; the host looks at all its storage paths for up to some minutes"),
            reversible=False,
            undo=_("it changes nothing that could be taken back"),
            privileges=_PRIVILEGES,
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Say how many datastores the host knows now; whether the right one is among them its own row says."""
        count = len(_host(case, change.target).datastore_refs.value)
        return Verification(True, _("the host knows {count} datastores after the rescan").format(count=count))


class MountVmfs(Remedy):
    """MountVmfsVolume by the volume's UUID, on a host that knows it and does not mount it."""

    id = "mount-vmfs"
    weight = Weight.HARMLESS
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the host that the machine's master target stands on."""
        return _host_target(case, machine_of(case, finding))

    def plan(self, case: Case, finding: Finding) -> Change:
        """Return the change for those datastores that this machine needs."""
        machine = machine_of(case, finding)
        target = _host_target(case, machine)
        host = _host(case, target)
        missing = [one for one in _needed(case, machine) if not _is_mounted(one, host)]
        if not missing:
            raise CannotChange(_("the host mounts every datastore of the machine already"))
        wanted = {one.ref: True for one in missing}
        return self._change(
            f"{self.id}:{target.name}", finding.requirement.id, target, self.shape(case, target, wanted)
        )

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Mount or unmount each volume that is not as wanted."""
        host = _host(case, target)
        stores = {ref: case.datastore(ref).value for ref in wanted or {}}
        before = {ref: _is_mounted(one, host) for ref, one in stores.items()}
        after = dict(wanted or {})
        if before == after:
            raise CannotChange(_("its volumes are already mounted as wanted"))
        return Shape(
            title=(_("Mount {names} on {name}") if all(after.values()) else _("Unmount {names} from {name}")).format(
                names=", ".join(one.name.shown() for one in stores.values()), name=named(target)
            ),
            before=before,
            after=after,
            calls=tuple(_call(host, stores[ref], mounts) for ref, mounts in after.items() if before[ref] != mounts),
            rests_on={
                "connectionState": _connected(host),
                "volumes": {ref: one.vmfs_uuid.value for ref, one in stores.items()},
            },
            disturbs=_("nothing stops. vCenter does not guard this call, and refuses it where it is done already"),
            reversible=True,
            undo=_("the volume is unmounted again; the host refuses that while anything uses it"),
            privileges=_PRIVILEGES,
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look whether the host mounts each volume."""
        host = _host(case, change.target)
        if any(_is_mounted(case.datastore(ref).value, host) != mounts for ref, mounts in change.after.items()):
            return Verification(False, _("read again, not every volume is as planned"))
        return Verification(True, _("every volume is as planned on this host"))


def _host_target(case: Case, machine: Machine) -> ChangeTarget:
    host = machine.target.value.host.value
    return ChangeTarget("esxi-host", host.name.raw, "vcenter", f"{case.vcenter.instance_uuid.value}/{host.ref}")


def _host(case: Case, target: ChangeTarget) -> Host:
    vcenter, _slash, ref = target.ref.rpartition("/")
    if case.vcenter.instance_uuid.value.casefold() != vcenter.casefold():
        raise CannotChange(_("it is on another vCenter than the one that was read"))
    return case.host(ref).value


def _connected(host: Host) -> str:
    state = host.connection_state.value
    if state != "connected":
        raise CannotChange(_("the host is {state}").format(state=state))
    return state


def _storage_system(host: Host) -> dict[str, Any]:
    ref = host.storage_system_ref.value
    if ref is None:
        raise CannotChange(_("the host offers nothing to change its storage with"))
    return moref("HostStorageSystem", ref)


def _needed(case: Case, machine: Machine) -> tuple[Datastore, ...]:
    if machine.location.value == ORIGINAL:
        return datastores_of_disks(case, machine)
    return (chosen_datastore(machine),)


def _is_mounted(datastore: Datastore, host: Host) -> bool:
    mount = mount_of(datastore, host.ref)
    return mount is not None and mount.mounted


def _call(host: Host, datastore: Datastore, mounts: bool) -> Call:  # noqa: FBT001 -- the state that is wanted
    uuid = datastore.vmfs_uuid.value
    if uuid is None:
        raise CannotChange(_("{name} is no VMFS volume: mount it by hand").format(name=datastore.name.shown()))
    if mount_of(datastore, host.ref) is None:
        raise CannotChange(
            _("the host does not know {name}: present its LUN to the host, then rescan").format(
                name=datastore.name.shown()
            )
        )
    method = "MountVmfsVolume" if mounts else "UnmountVmfsVolume"
    return Call("vcenter", method, {"_this": _storage_system(host), "vmfsUuid": uuid})
