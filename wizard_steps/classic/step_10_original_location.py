"""Step 10, continued: machines that come home to their original location, into the disks of their own VM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from wizard_steps.case import Case, Machine
from wizard_steps.classic import in_reach
from wizard_steps.classic.copying import cost_of
from wizard_steps.classic.homecoming import ORIGINAL, only_at, original_vm
from wizard_steps.classic.long_steps import HOST_AND_DATASTORE
from wizard_steps.classic.storage import Mounted, datastores_of_disks, mount_of, mounted
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.requirement import Judgement, Requirements, fail, info, not_applicable, passed, unknown, warn
from wizard_steps.seen_in_vcenter import Datastore, Host, VirtualMachine
from wizard_steps.wording import N_, _

rows = Requirements(HOST_AND_DATASTORE)

ENABLE_UUID = "disk.enableuuid"
_Judge = Callable[[Datastore, Host], Judgement]
_REMEDIES = {
    Mounted.NOT_MOUNTED: ("rescan-storage", "mount-vmfs"),
    Mounted.INACCESSIBLE: ("rescan-storage",),
    Mounted.READ_ONLY: (),
    Mounted.READ_WRITE: (),
}


@rows.add(
    "olr-mt-host-vmdk-access",
    statement=N_("The master target's ESXi host has every datastore that holds a disk of the machine's VM."),
    seed="MT section, step 8, bullet 1",
    subject="machine",
    worst="fail",
    remedies=["rescan-storage", "mount-vmfs"],
    cause=N_("The master target writes the replicated data into the VM's own disks, so its host must reach them."),
    action=N_(
        "Present the datastore to the master target's host and rescan its storage, or choose an alternate location."
    ),
)
def host_has_datastores(case: Case, machine: Machine) -> Judgement:
    """Compare the datastores of the VM's disks with those the master target's host knows."""
    return only_at(ORIGINAL, machine, lambda: _host_has_datastores(case, machine))


def _host_has_datastores(case: Case, machine: Machine) -> Judgement:
    source = machine.source_vm.value
    if source is None:
        return fail(
            _("original location is chosen, but the machine has no VM in this vCenter"),
            remedies=[],
            action=_("Choose an alternate location and a datastore for this machine."),
        )
    host = machine.target.value.host.value
    return all_hold(
        lambda: in_reach.judge_host(host),
        lambda: in_reach.judge_vm(source),
        lambda: _has(host, source, datastores_of_disks(case, machine)),
    )


def _has(host: Host, vm: VirtualMachine, needed: Sequence[Datastore]) -> Judgement:
    if not needed:
        return unknown(_("vCenter shows no disk of {vm}"), vm=vm.name)
    known = host.datastore_refs.value
    missing = [one.name for one in needed if one.ref not in known]
    if missing:
        return fail(_("{host} does not have {missing}"), host=host.name, missing=missing)
    return passed(_("{host} has {datastores}"), host=host.name, datastores=[one.name for one in needed])


@rows.add(
    "olr-datastore-mounted-rw",
    statement=N_("These datastores are mounted on the master target's ESXi host with read and write access."),
    seed="MT section, step 8, bullet 1",
    subject="machine",
    worst="fail",
    consequence_of=["olr-mt-host-vmdk-access"],
    remedies=["rescan-storage", "mount-vmfs"],
    cause=N_("A datastore that its host cannot write is one the master target cannot write."),
    action=N_("Mount the datastore read-write on the master target's host."),
)
def datastores_are_writable(case: Case, machine: Machine) -> Judgement:
    """Judge each datastore's mount on that host, and whether it is in maintenance."""
    return only_at(ORIGINAL, machine, lambda: _each(datastores_of_disks(case, machine), machine, _is_writable))


def _each(datastores: Sequence[Datastore], machine: Machine, judge: _Judge) -> Judgement:
    """Return the worst of what `judge` says of some datastores on the master target's host."""
    source, host = original_vm(machine), machine.target.value.host.value
    if not datastores:
        return unknown(_("vCenter shows no disk of {vm}"), vm=source.name)
    return all_hold(*(partial(judge, one, host) for one in datastores))


def _is_writable(datastore: Datastore, host: Host) -> Judgement:
    state, values = mounted(datastore, host.ref), {"datastore": datastore.name, "host": host.name}
    if state is not Mounted.READ_WRITE:
        mount = mount_of(datastore, host.ref)
        reason = mount.inaccessible_reason if mount else None
        words = f"{state.words} ({Outside(reason).shown()})" if reason else state.words
        return fail(_("{datastore} on {host}: {words}"), **values, words=words, remedies=_REMEDIES[state])
    mode = datastore.maintenance_mode.value
    if mode != "normal":
        return warn(_("{datastore} is in maintenance mode ({mode})"), **values, mode=mode, remedies=())
    return passed(_("{datastore} on {host}: {words}"), **values, words=state.words)


@rows.add(
    "vm-datastore-accessible",
    statement=N_("The datastores of the machine's VM are accessible from the master target's ESXi host."),
    seed="troubleshoot failback",
    subject="machine",
    worst="fail",
    consequence_of=["olr-datastore-mounted-rw", "olr-mt-host-vmdk-access"],
    remedies=["rescan-storage", "mount-vmfs"],
    cause=N_("Failback ends with error 8061 when the host cannot reach a datastore."),
    action=N_("Bring the datastore's paths back on that host, then rescan its storage."),
)
def datastores_are_accessible(case: Case, machine: Machine) -> Judgement:
    """Judge HostMountInfo.accessible of every datastore the VM uses, not only of those with disks."""
    return only_at(ORIGINAL, machine, lambda: _each(_used(case, machine), machine, _is_accessible))


def _used(case: Case, machine: Machine) -> tuple[Datastore, ...]:
    return tuple(case.datastore(ref).value for ref in original_vm(machine).datastore_refs.value)


def _is_accessible(datastore: Datastore, host: Host) -> Judgement:
    state, values = mounted(datastore, host.ref), {"datastore": datastore.name, "host": host.name}
    reachable = state in (Mounted.READ_WRITE, Mounted.READ_ONLY)
    judgement = passed if reachable else fail
    return judgement(_("{datastore} on {host}: {words}"), **values, words=state.words, remedies=_REMEDIES[state])


@rows.add(
    "olr-optional-delete-onprem-vm",
    statement=N_("The VM on-premises may be deleted before failback; then a new one is made beside the master target."),
    seed="MT section, step 8, bullet 3",
    subject="machine",
    worst="info",
)
def vm_may_be_deleted(case: Case, machine: Machine) -> Judgement:
    """Recommend to keep it, and say what either way costs: nothing here deletes it."""
    return only_at(ORIGINAL, machine, lambda: _kept(machine))


def _kept(machine: Machine) -> Judgement:
    source = machine.source_vm.value
    if source is None:
        return not_applicable(_("the machine has no VM in this vCenter"))
    return info(
        _(
            "{vm} is kept and written over: {cost}. Deleting it, with a backup, makes room for a new VM, and then "
            "everything is copied"
        ),
        vm=source.name,
        **cost_of(machine, ORIGINAL),
    )


@rows.add(
    "rdm-disks",
    statement=N_("No disk of the machine's VM is a raw device mapping, and disk.EnableUUID tells its disks apart."),
    seed="types-of-failback",
    subject="machine",
    worst="warn",
    cause=N_("A raw device comes home only to the original location; elsewhere it becomes a plain virtual disk."),
    action=N_("Make sure that the LUN still exists and belongs to this VM; or accept a virtual disk in its place."),
)
def disks_can_be_told(case: Case, machine: Machine) -> Judgement:
    """Name the raw devices, whatever the location; at the original one the disks must be found again as well."""
    source = machine.source_vm.value
    if source is None:
        return not_applicable(_("the machine has no VM in this vCenter"))
    return all_hold(lambda: _no_raw_devices(machine, source), lambda: _tells_disks_apart(machine, source))


def _tells_disks_apart(machine: Machine, source: VirtualMachine) -> Judgement:
    """Judge disk.EnableUUID of the machine's own VM (Microsoft's page on the types of failback)."""
    if machine.location.value != ORIGINAL:
        return not_applicable(_("new disks are made for it"))
    found = sorted(text.raw for key, text in source.extra_config.value.items() if key.casefold() == ENABLE_UUID)
    if {text.casefold() for text in found} == {"true"}:
        return passed(_("disk.EnableUUID of {vm} is TRUE"), vm=source.name)
    state = _("is {value}").format(value=Outside(" / ".join(found)).shown()) if found else _("is not set")
    return warn(
        _("disk.EnableUUID of {vm} {state}: site recovery has to guess which of its disks is which"),
        vm=source.name,
        state=state,
        cause=_("Where it guesses wrong, it makes an extra disk and writes the data on to that."),
        action=_("Set disk.EnableUUID to TRUE on this VM while it is off; look for an extra disk after reprotect."),
    )


def _no_raw_devices(machine: Machine, source: VirtualMachine) -> Judgement:
    raw = [Outside(one.label) for one in source.disks.value if one.is_raw_device]
    if not raw:
        return passed(_("no raw device mapping"))
    if machine.location.value == ORIGINAL:
        return warn(_("{disks} of {vm} are raw devices; their LUNs must still be there"), disks=raw, vm=source.name)
    return warn(
        _("{disks} of {vm} are raw devices; they come home as virtual disks, or not at all (Microsoft says both)"),
        disks=raw,
        vm=source.name,
    )
