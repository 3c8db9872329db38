"""Step 8: the master target's virtual machine: snapshots, SCSI controllers, disk.EnableUUID, VMware Tools, vMotion.

What could move its disks stands in `step_08_keeping_disks_in_place`.
"""

from __future__ import annotations

from collections.abc import Sequence

from wizard_steps.case import Case, Target
from wizard_steps.classic import step_08_keeping_disks_in_place, storage
from wizard_steps.classic.long_steps import MASTER_TARGET_VM as STEP
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    attest,
    fail,
    not_applicable,
    passed,
    pending,
    unknown,
    warn,
)
from wizard_steps.seen_in_vcenter import ScsiController, Snapshot, VirtualDisk, VirtualMachine
from wizard_steps.wording import N_, _, ngettext

rows = Requirements(STEP)

_SHOWN = 3
_PVSCSI = "ParaVirtualSCSIController"
_LSI = frozenset({"LsiLogicController", "LsiLogicSASController"})
_NO_SCSI = frozenset({"AHCIController", "IDEController"})  # they carry optical drives
_TOOLS_GOOD = frozenset({"guestToolsCurrent", "guestToolsUnmanaged", "guestToolsSupportedNew"})
_TOOLS_OLD = frozenset({"guestToolsNeedUpgrade", "guestToolsSupportedOld"})
_TOOLS_BAD = frozenset({"guestToolsTooOld", "guestToolsTooNew", "guestToolsBlacklisted"})


@rows.add(
    "mt-no-snapshots",
    statement=N_("No disk of the master target carries a snapshot."),
    seed="components table, MT, para 4",
    subject="master-target",
    worst="fail",
    remedies=["remove-snapshots", "consolidate-disks"],
    cause=N_("Reprotect and failback both fail while a disk of the master target has a snapshot."),
    action=N_("Remove every snapshot of this VM and consolidate its disks; keep backup jobs away from it."),
)
def no_snapshots(case: Case, target: Target) -> Judgement:
    """Judge the snapshot tree, the disks' parents and chains, and the flag that asks for consolidation."""
    vm = target.vm.value
    return all_hold(lambda: _no_tree(vm), lambda: _no_delta(vm), lambda: _nothing_to_consolidate(vm))


def _no_tree(vm: VirtualMachine) -> Judgement:
    snapshots = vm.snapshots.value
    if not snapshots:
        return passed(_("no snapshots"), snapshots=0)
    return fail(
        ngettext("{count} snapshot: {newest}", "{count} snapshots: {newest}", len(snapshots)),
        count=len(snapshots),
        newest=_said(snapshots),
        remedies=["remove-snapshots"],
    )


def _no_delta(vm: VirtualMachine) -> Judgement:
    """Judge what is left of snapshots that are gone; while one is there, its own row says it."""
    if vm.snapshots.was_seen and vm.snapshots.value:
        return not_applicable(_("its snapshots are there"))
    deltas, chain = [Outside(disk.label) for disk in vm.disks.value if disk.has_parent], vm.longest_disk_chain.value
    if not deltas and chain <= 1:
        return passed(_("no disk stands on a parent"), chain=chain)
    return fail(
        _("no snapshot is listed, but a disk still stands on its parent ({disks}; longest chain {chain})"),
        disks=deltas or _("no disk says which"),
        chain=chain,
        remedies=["consolidate-disks"],
    )


def _nothing_to_consolidate(vm: VirtualMachine) -> Judgement:
    if vm.consolidation_needed.value:
        return warn(_("vCenter asks for the disks of this VM to be consolidated"), remedies=["consolidate-disks"])
    return passed(_("nothing to consolidate"))


def _said(snapshots: Sequence[Snapshot]) -> list[str]:
    """Return the newest snapshots as a person says them."""
    newest = sorted(snapshots, key=lambda one: one.created_at, reverse=True)[:_SHOWN]
    return [f"'{one.name.shown()}' {one.created_at:%Y-%m-%d %H:%M} UTC" for one in newest]


@rows.add(
    "mt-no-pvscsi",
    statement=N_("The master target has no paravirtual SCSI controller."),
    seed="components table, MT, para 5",
    subject="master-target",
    worst="fail",
    remedies=["swap-to-lsi"],
    cause=N_("The master target cannot attach the machines' disks to a paravirtual controller."),
    action=N_("Power the VM off and replace the controller by LSI Logic SAS; an empty one can simply be removed."),
)
def no_paravirtual_controller(case: Case, target: Target) -> Judgement:
    """Fail for any, with disks or without."""
    paravirtual = [one for one in target.vm.value.controllers.value if one.kind == _PVSCSI]
    if paravirtual:
        return fail(_("paravirtual: {controllers}"), controllers=_controllers(paravirtual))
    return passed(_("no paravirtual SCSI controller"))


def _controllers(controllers: Sequence[ScsiController]) -> list[str]:
    """Return controllers as a person says them: label, kind, number of disks."""
    return [
        ngettext(
            "{label} is {kind} with {count} disk", "{label} is {kind} with {count} disks", len(one.disk_keys)
        ).format(label=Outside(one.label).shown(), kind=one.kind, count=len(one.disk_keys))
        for one in controllers
    ]


@rows.add(
    "mt-lsi-logic-only",
    statement=N_("The master target has an LSI Logic controller and no SCSI or NVMe controller of another kind."),
    seed="components table, MT, para 5",
    subject="master-target",
    worst="fail",
    consequence_of=["mt-no-pvscsi"],
    remedies=["add-lsi-controller", "swap-to-lsi"],
    cause=N_("Without an LSI Logic controller reprotect fails; disks on another kind are not usable."),
    action=N_("Add an LSI Logic SAS controller; with the VM powered off, replace controllers of other kinds by it."),
)
def only_lsi_logic(case: Case, target: Target) -> Judgement:
    """Count parallel and SAS as LSI Logic (ruling); a SATA controller is none, but disks on it are not on LSI Logic."""
    controllers = target.vm.value.controllers.value
    lsi = [one for one in controllers if one.kind in _LSI]
    others = [one for one in controllers if one.kind not in _LSI | _NO_SCSI]
    known = {one.key for one in controllers}
    astray = [one for one in target.vm.value.disks.value if one.controller_key not in known]  # on an IDE channel
    if others:
        return fail(_("not LSI Logic: {controllers}"), controllers=_controllers(others), remedies=["swap-to-lsi"])
    if not lsi:
        return fail(
            _("no LSI Logic controller; there is: {controllers}"),
            controllers=_controllers(controllers) or _("none"),
            remedies=["add-lsi-controller"],
        )
    return _disks_beside(controllers, astray) or passed(
        _("nothing but LSI Logic: {controllers}"), controllers=_controllers(lsi)
    )


def _disks_beside(controllers: Sequence[ScsiController], astray: Sequence[VirtualDisk]) -> Judgement | None:
    """Return what there is to say of disks beside LSI Logic: on SATA, or `astray` on no controller that was read."""
    elsewhere = [one for one in controllers if one.kind in _NO_SCSI and one.disk_keys]
    if elsewhere:
        return warn(
            _("it has LSI Logic, but disks beside it as well: {controllers}"),
            controllers=_controllers(elsewhere),
            remedies=[],
        )
    if astray:
        return warn(
            ngettext(
                "{disks} is on no SCSI controller of this VM",
                "{disks} are on no SCSI controller of this VM",
                len(astray),
            ),
            disks=[Outside(one.label) for one in astray],
            remedies=[],
        )
    return None


rows.extend(step_08_keeping_disks_in_place.rows)


@rows.add(
    "mt-vmware-tools",
    statement=N_("VMware Tools or open-vm-tools run on the master target."),
    seed="MT section, step 6",
    subject="master-target",
    worst="fail",
    remedies=["mount-vmware-tools", "upgrade-vmware-tools"],
    cause=N_("Without the tools the datastores of the master target's ESXi host are not discovered."),
    action=N_(
        "Install VMware Tools (Windows) or open-vm-tools (Linux), start their service, and restart the guest if asked."
    ),
)
def tools_run(case: Case, target: Target) -> Judgement:
    """Judge GuestInfo.toolsRunningStatus and toolsVersionStatus2; open-vm-tools report as unmanaged."""
    vm = target.vm.value
    running, version = vm.tools_running.value, vm.tools_version_status.value
    values = {"running": running, "version": version}
    if version == "guestToolsNotInstalled":
        return fail(_("no tools are installed ({version})"), **values, remedies=["mount-vmware-tools"])
    if running == "guestToolsRunning":
        return _tools_version(version, values)
    if running == "guestToolsExecutingScripts":
        return pending(_("the tools are starting ({running})"), **values, action=_("Wait a minute, then look again."))
    if running != "guestToolsNotRunning":
        return unknown(_("vCenter gives their state as {running}, which this program does not know"), **values)
    if vm.power_state.value != "poweredOn":
        return fail(
            _("the VM is not on ({power}), so its tools do not run"),
            power=vm.power_state.value,
            remedies=[],
            action=_("Power the master target on."),
        )
    return fail(_("the tools are installed, but do not run ({running})"), **values, remedies=[])


def _tools_version(version: str, values: dict[str, str]) -> Judgement:
    """Judge the version word of tools that run."""
    if version in _TOOLS_BAD:
        return fail(
            _("the tools run, but do not fit this host ({version})"), **values, remedies=["upgrade-vmware-tools"]
        )
    if version in _TOOLS_OLD:
        return warn(_("the tools run, but are old ({version})"), **values, remedies=["upgrade-vmware-tools"])
    if version in _TOOLS_GOOD:
        return passed(_("the tools run ({version})"), **values)
    return unknown(_("vCenter gives their version as {version}, which this program does not know"), **values)


@rows.add(
    "mt-tools-datastore-discovery",
    statement=N_("Site recovery has discovered the VMFS datastores of the master target's ESXi host."),
    seed="MT section, step 6",
    subject="master-target",
    worst="fail",
    consequence_of=["mt-host-vmfs", "mt-vmware-tools"],
    remedies=["refresh-configuration-server"],
    cause=N_(
        "Discovery needs the tools on the master target, a vCenter in the vault, an account that may do more than "
        "read, and a VMFS datastore on the host."
    ),
    action=N_("Deal with those four, then refresh the configuration server."),
)
def datastores_are_discovered(case: Case, target: Target) -> Judgement:
    """Compare what site recovery lists with the VMFS datastores its host can use, by VMFS UUID, else by name."""
    registered = target.registered.value
    listed = registered.datastores.value
    if not listed:
        return fail(_("site recovery lists no datastore for it"), listed=0)
    expected = storage.accessible_vmfs(case, target.host.value)
    missing = [one.name for one in expected if not storage.is_listed(registered, one)]
    if missing:
        return warn(
            _("site recovery lists {count} datastores; not among them: {missing}"), count=len(listed), missing=missing
        )
    return passed(_("site recovery lists {listed}"), listed=[one.name for one in listed])


@rows.add(
    "mt-disk-enableuuid",
    statement=N_("The master target's VM has disk.EnableUUID set to TRUE."),
    seed="MT section, step 7",
    subject="master-target",
    worst="fail",
    remedies=["set-enable-uuid"],
    cause=N_("Without it the guest sees no stable disk UUIDs, and the master target mounts the wrong disks."),
    action=N_("Set disk.EnableUUID to TRUE in the VM's configuration parameters; a power cycle makes it effective."),
)
def disk_enable_uuid(case: Case, target: Target) -> Judgement:
    """Let the configuration row decide; spellings that disagree, or a row against the flag, are a failure (ruling)."""
    found = _uuid_rows(target.vm.value)
    if not found:
        return fail(_("the row disk.EnableUUID is missing"))
    if {text.casefold() for text in found} != {"true"}:
        return fail(_("disk.EnableUUID is {value}"), value=Outside(" / ".join(found)))
    flag = target.vm.value.disk_uuid_flag.value
    if not flag:
        return fail(_("disk.EnableUUID is TRUE, but the VM's own flag says it is off"), flag=flag)
    return passed(_("disk.EnableUUID is TRUE"), flag=flag)


def _uuid_rows(vm: VirtualMachine) -> list[str]:
    """Return the values of every spelling of the row, sorted."""
    return sorted(text.raw for key, text in vm.extra_config.value.items() if key.casefold() == "disk.enableuuid")


@rows.add(
    "mt-disk-enableuuid-effective",
    statement=N_("The master target was powered on after disk.EnableUUID had been set."),
    seed="MT section, step 7",
    subject="master-target",
    worst="fail",
    consequence_of=["mt-disk-enableuuid"],
    remedies=["power-cycle"],
    cause=N_("The setting is read when the VM is powered on; a restart inside the guest is not enough."),
    action=N_("Shut the master target down and power it on again."),
)
def enable_uuid_is_effective(case: Case, target: Target) -> Judgement:
    """Compare the last write of the row, from the event log, with the last power-on."""
    vm = target.vm.value
    if {text.casefold() for text in _uuid_rows(vm)} != {"true"}:
        return fail(_("disk.EnableUUID is not TRUE, so nothing is in effect"), remedies=[])
    if vm.power_state.value == "suspended":
        return pending(
            _("the VM is suspended; to resume it does not read the setting"),
            action=_("Resume it, shut it down, and power it on again."),
            remedies=[],
        )
    if vm.power_state.value != "poweredOn":
        return pending(
            _("the VM is off; the setting takes effect when it is powered on"), action=_("Power it on."), remedies=[]
        )
    set_at, booted = vm.enable_uuid_set_at.value, vm.boot_time.value
    if set_at is None or booted is None:
        return attest(
            _("on since {booted}, but no event tells when the row was set; vouch that it was powered on after that"),
            booted=booted or _("an unknown time"),
        )
    if set_at > booted:
        return fail(_("set on {set_at}, after the last power-on on {booted}"), set_at=set_at, booted=booted)
    return passed(_("set on {set_at}, powered on {booted}"), set_at=set_at, booted=booted)


@rows.add(
    "mt-not-backed-up-by-snapshots",
    statement=N_("No backup job takes snapshots of the master target."),
    seed="inference from mt-no-snapshots",
    subject="master-target",
    worst="warn",
    cause=N_("A backup job would bring the forbidden snapshots back, perhaps in the middle of the failback."),
    action=N_("Take the master target out of every backup job that works with snapshots until failback is done."),
)
def no_backup_snapshots(case: Case, target: Target) -> Judgement:
    """Judge the snapshots made in the last seven days, from the event log; of the nights to come a person knows."""
    events = sorted(target.vm.value.snapshot_events.value)
    if events:
        return warn(
            ngettext(
                "{count} snapshot made in the last seven days, the latest on {latest}",
                "{count} snapshots made in the last seven days, the latest on {latest}",
                len(events),
            ),
            count=len(events),
            latest=events[-1],
        )
    return attest(
        _("the event log shows none made in the last seven days; vouch that no backup job takes one until failback"),
        count=0,
    )
