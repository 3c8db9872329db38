"""Datastores as one ESXi host sees them: how they are mounted there, which are VMFS, which site recovery lists."""

from __future__ import annotations

from enum import Enum

from wizard_steps.case import Case, Machine, Target
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_azure import ListedDatastore, MasterTarget
from wizard_steps.seen_in_vcenter import Datastore, Host, Mount
from wizard_steps.wording import N_, _

VMFS, VSAN = "vmfs", "vsan"
NFS = frozenset({"nfs", "nfs41"})


class Mounted(str, Enum):
    """How a host mounts a datastore; only the first lets a master target on that host write."""

    READ_WRITE = "readWrite"
    READ_ONLY = "readOnly"
    NOT_MOUNTED = "not mounted"
    INACCESSIBLE = "inaccessible"

    @property
    def words(self) -> str:
        """The state as a person says it."""
        return _(_WORDS[self])


_WORDS = {
    Mounted.READ_WRITE: N_("mounted read-write"),
    Mounted.READ_ONLY: N_("mounted read-only"),
    Mounted.NOT_MOUNTED: N_("not mounted"),
    Mounted.INACCESSIBLE: N_("mounted, but inaccessible"),
}


def mount_of(datastore: Datastore, host_ref: str) -> Mount | None:
    """Return the mount of a datastore on a host; None: that host does not mount it. Raises `NotSeen`."""
    return next((one for one in datastore.mounts.value if one.host_ref == host_ref), None)


def mounted(datastore: Datastore, host_ref: str) -> Mounted:
    """Return how a host mounts a datastore; raises `NotSeen`.

    The host's mount tells (HostMountInfo: mounted, accessible, accessMode), and so does the datastore as a whole
    (Datastore.summary.accessible): what either of them says is out of reach is out of reach.
    """
    mount = mount_of(datastore, host_ref)
    if mount is None or not mount.mounted:
        return Mounted.NOT_MOUNTED
    if not mount.accessible or not datastore.accessible.value:
        return Mounted.INACCESSIBLE
    if mount.access_mode not in (Mounted.READ_WRITE.value, Mounted.READ_ONLY.value):
        raise NotSeen(
            _("{datastore} is mounted in a mode this program does not know, {mode}").format(
                datastore=datastore.name.shown(), mode=Outside(mount.access_mode).shown()
            )
        )
    return Mounted(mount.access_mode)


def is_usable_on(datastore: Datastore, host_ref: str) -> bool:
    """Tell whether a host can at least read a datastore; raises `NotSeen`."""
    return mounted(datastore, host_ref) in (Mounted.READ_WRITE, Mounted.READ_ONLY)


def out_of_reach(case: Case, target: Target, host: Host) -> str | None:
    """Return which of a master target's own disks a host could not write, as a clause; None: none. Raises `NotSeen`."""
    for ref in dict.fromkeys(disk.datastore_ref for disk in target.vm.value.disks.value):
        if ref is None:
            raise NotSeen(_("vCenter does not say on which datastore every disk of the master target lies"))
        datastore = case.datastore(ref).value
        state = mounted(datastore, host.ref)
        if state is not Mounted.READ_WRITE:
            return _("{datastore}, which holds disks of the master target, is {words} there").format(
                datastore=datastore.name.shown(), words=state.words
            )
    return None


def kind_of(datastore: Datastore) -> str:
    """Return the type word of a datastore, case folded; raises `NotSeen`."""
    return datastore.kind.value.casefold()


def datastores_of(case: Case, host: Host) -> tuple[Datastore, ...]:
    """Return the datastores that a host knows; raises `NotSeen` when one of them was not read."""
    return tuple(case.datastore(ref).value for ref in host.datastore_refs.value)


def accessible_vmfs(case: Case, host: Host) -> tuple[Datastore, ...]:
    """Return the VMFS datastores that a host can use; raises `NotSeen`."""
    return tuple(one for one in datastores_of(case, host) if kind_of(one) == VMFS and is_usable_on(one, host.ref))


def is_listed(target: MasterTarget, datastore: Datastore) -> bool:
    """Tell whether site recovery lists a datastore for a master target: same VMFS UUID, or same name."""
    return any(_is_same(one, datastore) for one in target.datastores.value)


def _is_same(listed: ListedDatastore, datastore: Datastore) -> bool:
    uuid = datastore.vmfs_uuid.or_else(None)  # a name is enough where either side gives no UUID
    its = listed.uuid.or_else(None)
    if uuid and its:
        return _plain(uuid) == _plain(its)
    return listed.name.same_name(datastore.name)


def _plain(uuid: str) -> str:
    return uuid.replace("-", "").casefold()


def datastores_of_disks(case: Case, machine: Machine) -> tuple[Datastore, ...]:
    """Return the datastores that hold the disks of a machine's VM on-premises, each once.

    Raises `NotSeen` when its VM or disks were not read, or a disk does not say where it lies; a machine that has no
    VM on-premises has no such datastores.
    """
    source = machine.source_vm.value
    refs: dict[str, None] = {}
    for disk in source.disks.value if source else ():
        if disk.datastore_ref is None:
            raise NotSeen(
                _("vCenter does not say on which datastore {disk} of {machine} lies").format(
                    disk=Outside(disk.label).shown(), machine=Outside(machine.name).shown()
                )
            )
        refs[disk.datastore_ref] = None
    return tuple(case.datastore(ref).value for ref in refs)
