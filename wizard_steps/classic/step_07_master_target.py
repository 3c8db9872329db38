"""Step 7: which master target the machines come home through: its disks, its agent, its size.

What machines and consistency groups ask of it stands in `step_07_machines_and_groups`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wizard_steps.case import Case, Machine, Target
from wizard_steps.classic import disk_budget, in_reach, step_07_machines_and_groups
from wizard_steps.classic.health import judge_errors
from wizard_steps.classic.heartbeats import age, is_fresh
from wizard_steps.classic.inside import guest_of
from wizard_steps.classic.long_steps import MASTER_TARGET as STEP
from wizard_steps.classic.operating_systems import LINUX, WINDOWS, family
from wizard_steps.classic.server_roles import is_on_configuration_server
from wizard_steps.classic.versions import agent_version
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, seen
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    Subject,
    attest,
    fail,
    not_applicable,
    passed,
    unknown,
    warn,
)
from wizard_steps.seen_in_azure import MasterTarget
from wizard_steps.sizes import GB, GIB, shown_size
from wizard_steps.subjects import BY_KIND, batch_names
from wizard_steps.wording import N_, _

rows = Requirements(STEP)

_MANY_MACHINES = 10  # our number: the document only says "a large amount of traffic"
_LINUX_MEMORY_MB, _LINUX_CORES, _LINUX_OS_DISK = 6 * 1024, 4, 100 * GB  # Microsoft's page on the Linux master target


def _targets_or_none(case: Case) -> Reading[tuple[Subject, ...]]:
    """Return the chosen targets; where site recovery has none at all, one nameless subject, so that this is said."""
    server = case.server.or_else(None)
    there_are_none = server is not None and server.master_targets.was_seen and not server.master_targets.value
    if case.targets.was_seen or not there_are_none:
        return BY_KIND["master-target"](case)
    return seen((Subject("master-target", "-", "", batch_names(case), None),))


@rows.add(
    "mt-present-default-windows",
    statement=N_("The chosen master target is registered with the configuration server and reports to it."),
    seed="components table, MT, para 1",
    subject="master-target",
    worst="fail",
    subjects=_targets_or_none,
    cause=N_("Failback data lands on a master target; one that is missing or silent receives nothing."),
    action=N_(
        "Start the master target's VM and its services, or choose another one. Where there is none, install one: "
        "Windows with the unified setup (role master target), Linux on a VM of its own."
    ),
)
def is_present(case: Case, target: Target | None) -> Judgement:
    """Judge its heartbeat and what site recovery reports of it; the default one and a separate one are as good."""
    registered = case.server.value.master_targets.value
    if not registered or target is None:
        return fail(_("site recovery knows no master target: there is none"), known=())
    wanted = target.choice.master_target
    if not any(wanted.casefold() in (one.name.raw.casefold(), one.id.casefold()) for one in registered):
        return fail(
            _("site recovery does not know {wanted}; it knows {known}"),
            wanted=Outside(wanted),
            known=[one.name for one in registered],
        )
    mine = target.registered.value
    return all_hold(
        lambda: _is_heard_of(case, mine),
        lambda: judge_errors(mine.health_errors),
        lambda: judge_errors(mine.validation_errors),
    )


def _is_heard_of(case: Case, mine: MasterTarget) -> Judgement:
    minutes = age(case, mine.last_heartbeat)
    if not is_fresh(case, mine.last_heartbeat):
        return fail(
            _("no heartbeat for {minutes} minutes, since {last}"), minutes=minutes, last=mine.last_heartbeat.value
        )
    if is_on_configuration_server(case.server.value, mine):
        return passed(
            _("the default master target on the configuration server; heartbeat {minutes} minutes ago"), minutes=minutes
        )
    return passed(
        _("a separate {os} master target; heartbeat {minutes} minutes ago"), os=mine.os_type.value, minutes=minutes
    )


@rows.add(
    "mt-max-60-disks",
    statement=N_("The master target's disks and those it is to receive are 60 at most."),
    seed="components table, MT, para 2",
    subject="master-target",
    worst="fail",
    cause=N_("A virtual machine with LSI Logic controllers takes 60 disks; the 61st machine disk cannot be attached."),
    action=N_("Let some machines come home through another master target, or deploy one more."),
)
def at_most_60_disks(case: Case, target: Target) -> Judgement:
    """Count the larger of what site recovery and the VM say; from 50 on it is getting narrow (our number)."""
    disks = disk_budget.budget(case, target)
    numbers = {
        "listed": disks.listed,
        "attached": disks.attached,
        "coming": disks.coming,
        "total": disks.total,
        "most": disk_budget.MOST_DISKS,
    }
    evidence = _(
        "{total} of {most} disks: {coming} to come; of its own, site recovery counts {listed}, the VM has {attached}"
    )
    if disks.total > disk_budget.MOST_DISKS:
        return fail(evidence, **numbers)
    return (warn if disks.total >= disk_budget.NEARLY_FULL else passed)(evidence, **numbers)


@rows.add(
    "mt-separate-when-over-60",
    statement=N_("The master targets there are can take every machine; more than 60 disks need more than one."),
    seed="components table, MT, para 2",
    subject="batch",
    worst="fail",
    consequence_of=["mt-max-60-disks"],
    cause=N_("The machines hold more disks than the chosen master targets can take."),
    action=N_(
        "Deploy a separate master target for the machines that are left over, or bring fewer machines home at once."
    ),
)
def fits_on_targets(case: Case, _batch: object) -> Judgement:
    """Try the choice first; where it overflows or is not made, propose an assignment that keeps groups together."""
    machines = case.machines.value
    needed = sum(map(disk_budget.disks_of, machines))
    homeless = [one for one in machines if not one.target.was_seen]
    totals = {one.name: disk_budget.budget(case, one).total for one in case.targets.or_else(())}
    overflows = any(total > disk_budget.MOST_DISKS for total in totals.values())
    if not overflows and not homeless:
        return passed(_("{needed} disks fit as chosen: {totals}"), needed=needed, totals=_shown_totals(totals))
    placement = disk_budget.place(disk_budget.bundles(case), disk_budget.rooms(case))
    if placement.left_over:
        return fail(
            _("{needed} disks do not fit on the master targets there are; left over: {machines}"),
            needed=needed,
            machines=[Outside(name) for bundle in placement.left_over for name in bundle.machines],
        )
    places, action = _shown_places(placement), _("Choose the master targets of the machines as proposed.")
    if overflows:
        return fail(
            _("{needed} disks do not fit as chosen on {chosen}, but they would like this: {places}"),
            needed=needed,
            chosen=list(map(Outside, totals)),
            places=places,
            action=action,
        )
    return _to_choose(homeless, places, action)


def _to_choose(homeless: Sequence[Machine], places: list[str], action: str) -> Judgement:
    return unknown(
        _("{machines}: {reasons}; they would fit like this: {places}"),
        machines=[Outside(one.name) for one in homeless],
        reasons=list(dict.fromkeys(one.target.reason for one in homeless)),
        places=places,
        action=action,
    )


def _shown_totals(totals: Mapping[str, int]) -> list[str]:
    return [
        _("{target} {total} of 60").format(target=Outside(name).shown(), total=total) for name, total in totals.items()
    ]


def _shown_places(placement: disk_budget.Placement) -> list[str]:
    """Return each master target that gets machines, with their names."""
    return [
        f"{Outside(target).shown()}: " + " ".join(Outside(name).shown() for name in names)
        for target, names in placement.places.items()
        if names
    ]


@rows.add(
    "mt-separate-high-traffic",
    statement=N_("Machines that bring much traffic come home through a master target of their own."),
    seed="components table, MT, para 2",
    subject="batch",
    worst="warn",
    cause=N_("The configuration server would receive the data of many machines beside its own work."),
    action=N_("Deploy a separate master target and choose it for these machines."),
)
def separate_for_traffic(case: Case, _batch: object) -> Judgement:
    """Let the number of machines stand for the traffic, which no interface tells (our number: more than 10)."""
    counts = {
        one.name: len(one.machines)
        for one in case.targets.value
        if is_on_configuration_server(case.server.value, one.registered.value) and case.machines.value
    }
    busy = [name for name, count in counts.items() if count > _MANY_MACHINES]
    if busy:
        return warn(
            _("{count} machines come home through {target}, which runs on the configuration server"),
            count=max(counts.values()),
            target=[Outside(name) for name in busy],
        )
    if counts:
        return passed(
            _("{count} machines come home through the configuration server's own master target"),
            count=max(counts.values()),
        )
    return passed(_("no machine comes home through the configuration server's own master target"))


rows.add_roll_up(
    "mt-note-requirements",
    statement=N_("The master target meets every requirement of the component table."),
    seed="MT section, step 1",
    subject="master-target",
    consequence_of=[
        "mt-present-default-windows",
        "mt-max-60-disks",
        "mt-version-rule",
        "mt-is-vmware-vm",
        "mt-linux-sizing",
        "mt-no-snapshots",
        "mt-no-pvscsi",
        "mt-lsi-logic-only",
        "mt-no-storage-vmotion",
        "mt-exclude-vmotion",
        "mt-svmotion-recovery",
        "mt-vmware-tools",
        "mt-tools-datastore-discovery",
        "mt-disk-enableuuid",
        "mt-disk-enableuuid-effective",
        "mt-not-backed-up-by-snapshots",
    ],
    action=N_("Deal with the rows that are named; this one follows."),
)


@rows.add(
    "mt-version-rule",
    statement=N_(
        "The master target's agent is not newer than those of its process server and of the configuration server."
    ),
    seed="Linux MT page",
    subject="master-target",
    worst="fail",
    cause=N_("Reprotect would be accepted, but nothing would be replicated."),
    action=N_("Upgrade the configuration server and the process server first, to the version of the master target."),
)
def agent_is_not_newer(case: Case, target: Target) -> Judgement:
    """Compare the versions part by part, as numbers."""
    mine = target.registered.value.agent_version.value
    others = {
        _("configuration server"): case.server.value.agent_version.value,
        _("process server"): target.process_server.value.agent_version.value,
    }
    shown = [f"{name} {Outside(version).shown()}" for name, version in others.items()]
    newer = any(agent_version(mine) > agent_version(version) for version in others.values())
    return (fail if newer else passed)(_("master target {mine}; {others}"), mine=mine, others=shown)


@rows.add(
    "mt-is-vmware-vm",
    statement=N_("The master target is a VMware virtual machine; a Linux one does not use LVM."),
    seed="Linux MT page",
    subject="master-target",
    worst="fail",
    cause=N_("Failback attaches the machines' virtual disks to the master target, which only a VM on ESXi can take."),
    action=N_("Deploy a master target as a VM on an ESXi host of this vCenter and choose it."),
)
def is_a_vmware_vm(case: Case, target: Target) -> Judgement:
    """Take an address in Azure as proof against it. LVM shows inside the guest only, else a person vouches for it."""
    if not target.vm.was_seen and (where := _azure_interface(case, target)):
        return fail(
            _("its address {address} belongs to the Azure network interface {interface}"),
            address=target.registered.value.ip_address.value,
            interface=Outside(where),
        )
    return all_hold(
        lambda: in_reach.judge_vm(target.vm.value), lambda: _has_its_address(case, target), lambda: _is_plain(target)
    )


def _has_its_address(case: Case, target: Target) -> Judgement:
    """Doubt a VM that was found by its name and has other addresses, unless somebody said that it is the one."""
    vm, address = target.vm.value, target.registered.value.ip_address.value
    theirs = vm.ip_addresses.value
    if not theirs or address in theirs or case.machine_by_choice(target.name) is not None:
        return not_applicable(_("nothing speaks against {vm}"), vm=vm.name)
    return unknown(
        _("{vm} has {theirs}, not {address} as site recovery knows the master target: it may be another machine"),
        vm=vm.name,
        theirs=theirs,
        address=Outside(address),
        action=_("Name the right VM under [choices.same_machine], or correct the address."),
    )


def _is_plain(target: Target) -> Judgement:
    """Judge what is asked of a Linux one alone."""
    vm = target.vm.value
    if family(target.registered.value.os_type.value) == WINDOWS:
        return passed(_("the virtual machine {name}"), name=vm.name)
    guest = guest_of(target)
    if guest is not None and guest.lvm.was_seen:
        if guest.lvm.value:
            return fail(_("LVM is in use inside it: {volumes}"), volumes=guest.lvm.value)
        return passed(
            _("the virtual machine {name}, without LVM as the guest showed at {at}"), name=vm.name, at=guest.looked_at
        )
    return attest(
        _("the virtual machine {name}; vouch that none of its volumes is on LVM (lsblk shows no lvm)"), name=vm.name
    )


def _azure_interface(case: Case, target: Target) -> str | None:
    """Return the Azure network interface that has the target's address; None: there is none. Raises `NotSeen`."""
    address = target.registered.value.ip_address.value
    return next(
        (
            one.id.rpartition("/")[2]
            for one in case.azure.network_interfaces.value
            if any(address == private for private, _subnet in one.addresses.value)
        ),
        None,
    )


@rows.add(
    "mt-linux-sizing",
    statement=N_("A Linux master target has at least 6 GB of memory, 4 cores and an operating system disk of 100 GB."),
    seed="Linux MT page",
    subject="master-target",
    worst="warn",
    cause=N_("Microsoft's guidance for the Linux master target asks for this much; below it replication gets slow."),
    action=N_("Shut the VM down in a quiet hour and give it what is missing."),
)
def linux_is_large_enough(case: Case, target: Target) -> Judgement:
    """Take the VM's first disk for that of the operating system."""
    if family(target.registered.value.os_type.value) != LINUX:
        return not_applicable(_("a Windows master target"))
    vm = target.vm.value
    memory, cores = vm.memory_mb.value, vm.cpu_count.value
    first = min(vm.disks.value, key=lambda disk: disk.key, default=None)
    if first is None:
        return unknown(_("vCenter shows no disk of this VM"))
    small = memory < _LINUX_MEMORY_MB or cores < _LINUX_CORES or first.capacity < _LINUX_OS_DISK
    return (warn if small else passed)(
        _("{memory} of memory, {cores} cores, first disk {disk}"),
        memory=shown_size(memory * GIB / 1024),
        cores=cores,
        disk=shown_size(first.capacity),
    )


rows.extend(step_07_machines_and_groups.rows)
