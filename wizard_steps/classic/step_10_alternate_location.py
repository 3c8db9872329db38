"""Step 10, continued: machines that come home to an alternate location, as a new VM beside the master target."""

from __future__ import annotations

from wizard_steps.case import Case, Machine
from wizard_steps.classic import homecoming, in_reach, storage
from wizard_steps.classic.copying import cost_of
from wizard_steps.classic.homecoming import ALTERNATE, ORIGINAL, only_at
from wizard_steps.classic.long_steps import HOST_AND_DATASTORE
from wizard_steps.classic.storage import NFS, VMFS, VSAN, Mounted, is_listed, kind_of, mounted
from wizard_steps.classic.vcenter_record import record_of
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, Requirements, fail, info, not_applicable, passed, unknown, warn
from wizard_steps.seen_in_vcenter import Datastore, Host, VirtualMachine
from wizard_steps.sizes import GIB, shown_size
from wizard_steps.subjects import DatastoreInUse, chosen_datastore
from wizard_steps.wording import N_, _, ngettext

rows = Requirements(HOST_AND_DATASTORE)

_RESERVE = 1.1  # thick disks, swap file and logs
_MIB = GIB // 1024
_MAINTENANCE = frozenset({"enteringMaintenance", "inMaintenance"})
_HEALTH = {"green": passed, "yellow": warn, "red": warn}


@rows.add(
    "alr-new-vm-on-mt-host",
    statement=N_("Site recovery makes a new VM on the master target's ESXi host."),
    seed="MT section, step 8, bullet 2",
    subject="machine",
    worst="info",
)
def new_vm_is_made(case: Case, machine: Machine) -> Judgement:
    """Say where it will be, on which datastore, and what it costs."""
    return only_at(ALTERNATE, machine, lambda: _new_vm(machine))


def _new_vm(machine: Machine) -> Judgement:
    return info(
        _("a new VM is made on {host}, its disks on {datastore}; {cost}"),
        host=machine.target.value.host.value.name,
        datastore=chosen_datastore(machine).name,
        **cost_of(machine, ALTERNATE),
    )


@rows.add(
    "alr-choose-host",
    statement=N_("The master target stands on the ESXi host that was chosen for the new VM, and that host is well."),
    seed="MT section, step 8, bullet 2",
    subject="machine",
    worst="fail",
    remedies=["move-master-target-host"],
    cause=N_("The new VM is made where the master target stands at the time of reprotect."),
    action=N_(
        "Move the master target to the chosen host by vMotion, without its disks, before reprotect; or choose its host."
    ),
)
def host_is_chosen(case: Case, machine: Machine) -> Judgement:
    """Compare the chosen host with the one the master target stands on, then judge that host."""
    return only_at(ALTERNATE, machine, lambda: _host(machine))


def _host(machine: Machine) -> Judgement:
    target = machine.target.value
    chosen, current = target.chosen_host.value, target.host.value
    if chosen.ref != current.ref:
        return fail(
            _("{target} stands on {current}, chosen is {chosen}"),
            target=Outside(target.name),
            current=current.name,
            chosen=chosen.name,
        )
    return all_hold(lambda: _is_connected(chosen), lambda: _is_in_service(chosen), lambda: _is_healthy(chosen))


def _is_connected(host: Host) -> Judgement:
    state = host.connection_state.value
    judgement = passed if state == "connected" else fail
    return judgement(_("{host} is {state}"), host=host.name, state=state, remedies=())


def _is_in_service(host: Host) -> Judgement:
    if host.in_maintenance.value:
        return fail(_("{host} is in maintenance mode"), host=host.name, remedies=())
    return passed(_("not in maintenance mode"))


def _is_healthy(host: Host) -> Judgement:
    word = host.overall_status.value
    judgement = _HEALTH.get(word, unknown)
    return judgement(_("vCenter shows {host} as {word}"), host=host.name, word=Outside(word), remedies=())


@rows.add(
    "alr-datastore-accessible-from-mt-host",
    statement=N_("The chosen datastore can be written from the master target's ESXi host, is listed, and has room."),
    seed="MT section, step 8, bullet 2",
    subject="machine",
    worst="fail",
    consequence_of=["mt-host-vmfs", "olr-datastore-mounted-rw"],
    remedies=["rescan-storage", "mount-vmfs"],
    cause=N_("The new VM's disks are made there, by the master target's host."),
    action=N_("Choose a datastore that this host mounts read-write and that has room for all disks."),
)
def datastore_is_usable(case: Case, machine: Machine) -> Judgement:
    """Judge mount, site recovery's list, and room for all machines that go there (factor 1.1: warning)."""
    return only_at(ALTERNATE, machine, lambda: _datastore(case, machine))


def _datastore(case: Case, machine: Machine) -> Judgement:
    datastore, target = chosen_datastore(machine), machine.target.value
    return all_hold(
        lambda: _is_writable(datastore, target.host.value),
        lambda: _takes_disks(datastore),
        lambda: _is_in_list(datastore, machine),
        lambda: _has_room(case, datastore, machine),
    )


def _is_writable(datastore: Datastore, host: Host) -> Judgement:
    state = mounted(datastore, host.ref)
    values = {"datastore": datastore.name, "host": host.name, "words": state.words}
    if state is Mounted.READ_WRITE:
        return passed(_("{datastore} on {host}: {words}"), **values)
    remedies = () if state is Mounted.READ_ONLY else ("rescan-storage", "mount-vmfs")
    return fail(_("{datastore} on {host}: {words}"), **values, remedies=remedies)


def _takes_disks(datastore: Datastore) -> Judgement:
    """Judge Datastore.summary.maintenanceMode: no new disk is made on a datastore that enters it or is in it."""
    mode = datastore.maintenance_mode.value
    if mode == "normal":
        return passed(_("not in maintenance mode"))
    judgement = fail if mode in _MAINTENANCE else unknown
    return judgement(
        _("{datastore} is in maintenance mode ({mode})"), datastore=datastore.name, mode=Outside(mode), remedies=()
    )


def _is_in_list(datastore: Datastore, machine: Machine) -> Judgement:
    if is_listed(machine.target.value.registered.value, datastore):
        return passed(_("listed by site recovery"))
    return fail(
        _("site recovery does not list {datastore} for its master target"), datastore=datastore.name, remedies=()
    )


def _has_room(case: Case, datastore: Datastore, machine: Machine) -> Judgement:
    """Count the machine itself and the others that go to the same datastore; the size of each must be known."""
    others = [one for one in homecoming.coming_to(case, datastore) if one.item.id != machine.item.id]
    needed = homecoming.disk_bytes(machine) + sum(homecoming.disk_bytes(one) for one in others)
    free = datastore.free.value
    count = len(others) + 1
    values = {"free": shown_size(free), "needed": shown_size(needed), "count": count}
    words = ngettext(
        "{free} free, {needed} needed by this machine", "{free} free, {needed} needed by {count} machines", count
    )
    if free < needed:
        return fail(words, **values, remedies=())
    return (warn if free < needed * _RESERVE else passed)(words, **values, remedies=())


@rows.add(
    "alr-same-host-datastore",
    statement=N_("The data come back to the ESXi host and the datastore that the master target uses."),
    seed="MT section, step 8, bullet 3",
    subject="machine",
    worst="warn",
    cause=N_("The document knows only the master target's own datastore; the reprotect page lets one choose."),
    action=N_("Choose a datastore of the master target's host."),
)
def datastore_is_the_targets(case: Case, machine: Machine) -> Judgement:
    """Warn for a datastore its host does not have; one that only the host has is information."""
    return only_at(ALTERNATE, machine, lambda: _same_place(machine))


def _same_place(machine: Machine) -> Judgement:
    datastore, target = chosen_datastore(machine), machine.target.value
    host = target.host.value
    values = {"datastore": datastore.name, "host": host.name, "target": Outside(target.name)}
    if datastore.ref in target.vm.value.datastore_refs.value:
        return passed(_("{target} uses {datastore} as well"), **values)
    if datastore.ref in host.datastore_refs.value:
        return info(_("{target} itself uses another datastore; {host} has {datastore}"), **values)
    return warn(_("{host} does not have {datastore}"), **values)


@rows.add(
    "phys-host-discovered",
    statement=N_("For a physical machine, the master target's ESXi host has been discovered."),
    seed="MT section, step 9",
    subject="machine",
    worst="fail",
    consequence_of=["vcenter-connected"],
    remedies=["add-vcenter-record", "refresh-configuration-server"],
    cause=N_("A physical machine comes home as a VM on that host; site recovery must know it before reprotect."),
    action=N_("Register the vCenter (or the ESXi host) in the vault, and refresh the configuration server."),
)
def host_is_discovered(case: Case, machine: Machine) -> Judgement:
    """Take the datastores that site recovery lists for the master target as proof: they come from discovery."""
    if not homecoming.is_physical(machine):
        return not_applicable(_("it was a VM"))
    target = machine.target.value
    record, datastores = record_of(case), target.registered.value.datastores.value
    host = target.host.value.name
    if record is None:
        return fail(_("the vault knows no vCenter and no ESXi host"), remedies=["add-vcenter-record"])
    ours = storage.datastores_of(case, target.host.value) if datastores else ()
    if not any(storage.is_listed(target.registered.value, one) for one in ours):
        return fail(
            _("site recovery lists no datastore of {host}"), host=host, remedies=["refresh-configuration-server"]
        )
    return passed(_("{host} is discovered through {record}"), host=host, record=record.name)


@rows.add(
    "datastore-type-supported",
    statement=N_("The chosen datastore is VMFS or vSAN."),
    seed="types-of-failback; old reprotect page",
    subject="datastore",
    worst="fail",
    consequence_of=["mt-host-vmfs"],
    cause=N_("Site recovery makes new VMs on VMFS and vSAN only; it does not list others."),
    action=N_("Choose a VMFS datastore of the master target's host."),
)
def type_is_supported(case: Case, chosen: DatastoreInUse) -> Judgement:
    """Fail for NFS, which the documents exclude; warn for kinds they do not mention."""
    kind = kind_of(chosen.datastore)
    word = Outside(chosen.datastore.kind.value)
    if kind in (VMFS, VSAN):
        return passed(_("its type is {type}"), type=word)
    return (fail if kind in NFS else warn)(_("its type is {type}"), type=word)


@rows.add(
    "vm-name-collision",
    statement=N_("No other VM of the machine's name stands on the ESXi host it comes home to."),
    seed="troubleshoot failback",
    subject="machine",
    worst="fail",
    remedies=["rename-colliding-vm"],
    cause=N_("Failback ends with error 78052 when the name is taken."),
    action=N_("Rename or remove the other VM."),
)
def name_is_free(case: Case, machine: Machine) -> Judgement:
    """Look on the master target's host; at the original location only the machine's own VM may have the name."""
    host = machine.target.value.host.value
    own = machine.source_vm.value if machine.location.value == ORIGINAL else None
    here = _vms_on(case, host)
    others = [one for one in here if one.name.same_name(machine.name) and (own is None or one.ref != own.ref)]
    if _twins(case, machine, host):
        return fail(
            _("two machines of this batch are called {name}, and both would stand on {host}"),
            name=Outside(machine.name),
            host=host.name,
            remedies=(),
            action=_("Let one of them come home through a master target on another host, or later."),
        )
    if others:
        return fail(
            _("{host} has another VM of this name ({refs}, {power})"),
            host=host.name,
            refs=[one.ref for one in others],
            power=[one.power_state.or_else(_("power unread")) for one in others],
        )
    return passed(_("no other VM of this name on {host}"), host=host.name)


def _twins(case: Case, machine: Machine, host: Host) -> list[Machine]:
    """Return the other machines of the name for which a new VM is made on a host."""
    return [
        one
        for one in homecoming.landing_on(case, host)
        if one.item.id != machine.item.id
        and one.location.or_else(None) == ALTERNATE
        and Outside(one.name).same_name(machine.name)
    ]


def _vms_on(case: Case, host: Host) -> tuple[VirtualMachine, ...]:
    """Return the VMs of a host; raises `NotSeen` when one of them was not among those read."""
    known = {one.ref: one for one in case.vcenter.machines.value}
    refs = host.vm_refs.value
    if any(ref not in known for ref in refs):
        raise NotSeen(_("a VM of {host} was not among those read").format(host=host.name.shown()))
    return tuple(known[ref] for ref in refs)


@rows.add(
    "esxi-memory",
    statement=N_("The ESXi host has memory free to start the machine."),
    seed="troubleshoot failback",
    subject="machine",
    worst="warn",
    remedies=["move-master-target-host"],
    cause=N_("Failback ends with error 8038 when the host cannot start the machine."),
    action=N_("Free memory on the host; for a new VM, move the master target to another host before reprotect."),
)
def host_has_memory(case: Case, machine: Machine) -> Judgement:
    """Count the machine itself and, as far as they were read, the others that will start on the same host."""
    host = homecoming.landing_host(machine)
    others = homecoming.memory_on(case, host) - homecoming.memory_if_read(machine)
    needed = homecoming.memory_mb(machine) + others
    remedies = () if machine.location.value == ORIGINAL else ("move-master-target-host",)
    if (trouble := in_reach.trouble_with_host(host)) is not None:
        return warn(_("{trouble}, so nothing can be started there"), trouble=trouble, remedies=remedies)
    free = host.memory_mb.value - host.memory_used_mb.value
    count = len(homecoming.landing_on(case, host))
    return (warn if free < needed else passed)(
        ngettext(
            "{host} has {free} free; this machine, which starts there, needs {needed}",
            "{host} has {free} free; the {count} machines that start there need {needed}",
            count,
        ),
        host=host.name,
        free=shown_size(free * _MIB),
        needed=shown_size(needed * _MIB),
        count=count,
        remedies=remedies,
    )
