"""Step 1, the machines on-premises: one UUID each, powered off, without snapshots."""

from __future__ import annotations

from wizard_steps.case import Case, Machine
from wizard_steps.classic.homecoming import is_physical
from wizard_steps.classic.long_steps import MACHINES
from wizard_steps.joins import refuse_other_vcenter
from wizard_steps.outside import Outside
from wizard_steps.replication_kinds import is_failed_over
from wizard_steps.requirement import Judgement, Requirements, attest, fail, not_applicable, passed, unknown, warn
from wizard_steps.wording import N_, _, ngettext

rows = Requirements(MACHINES)


@rows.add(
    "duplicate-instance-uuid",
    statement=N_("No two machines in vCenter share the machine's instance UUID."),
    seed="troubleshoot replication",
    subject="machine",
    worst="warn",
    cause=N_("Machines with one instance UUID hide each other when site recovery discovers them."),
    action=N_("Give the copy a new instance UUID while it is off, or remove it from the vCenter."),
)
def no_duplicate_instance_uuid(case: Case, machine: Machine) -> Judgement:
    """Compare with every machine of the vCenter, templates as well."""
    uuid = machine.item.infrastructure_vm_id.value
    if not uuid or is_physical(machine):
        return not_applicable(_("it was a physical machine"))
    refuse_other_vcenter(case, machine.item)
    twins = case.vcenter.machines_with(uuid)
    if len(twins) > 1:
        return warn(
            _("{count} machines in vCenter have its instance UUID {uuid}: {names}"),
            count=len(twins),
            uuid=uuid,
            names=[f"{vm.name.shown()} ({vm.ref})" for vm in twins],
        )
    for vm in case.vcenter.without_instance_uuid:
        _known = vm.instance_uuid.value  # raises: one unread UUID might be the same
    return passed(_("no other machine in vCenter has its instance UUID"), uuid=uuid)


@rows.add(
    "onprem-vm-off",
    statement=N_("The machine's VM on-premises is powered off."),
    seed="reprotect page",
    subject="machine",
    worst="fail",
    remedies=["power-off-source-vm"],
    cause=N_("Reprotection writes to its disks; and two running copies of one machine answer to the same users."),
    action=N_("Shut the VM on-premises down and leave it off until the failback."),
)
def on_premises_vm_off(case: Case, machine: Machine) -> Judgement:
    """Take a person's word for a physical machine; a VM that is gone, or was not failed over, needs nothing."""
    if not is_failed_over(machine.item):
        return not_applicable(_("the machine runs on-premises still: nobody is to switch it off for this"))
    vm = machine.source_vm.value
    if vm is not None:
        return _powered_off(vm.name, vm.power_state.value)
    if is_physical(machine):
        return attest(_("it was a physical machine: vouch that the old machine is switched off and stays off"))
    return not_applicable(
        _("it counts as gone: vCenter shows this account no machine with its instance UUID {uuid}"),
        uuid=machine.item.infrastructure_vm_id.value,
    )


def _powered_off(name: Outside, state: str) -> Judgement:
    if state.casefold() == "poweredoff":
        return passed(_("{vm} is powered off on-premises"), vm=name)
    judgement = fail if state.casefold() in {"poweredon", "suspended"} else unknown
    return judgement(_("{vm} is not powered off on-premises, it is {power_state}"), vm=name, power_state=state)


@rows.add(
    "onprem-vm-snapshots",
    statement=N_("The machine's VM on-premises has no snapshots."),
    seed="reprotect page",
    subject="machine",
    worst="warn",
    cause=N_("Site recovery merges them before it writes to the disks: that takes time and space on the datastore."),
    action=N_("Remove the snapshots beforehand if nobody needs them, or plan the time for merging them."),
)
def on_premises_vm_snapshots(case: Case, machine: Machine) -> Judgement:
    """Count the snapshots of the original VM."""
    vm = machine.source_vm.value
    if vm is None:
        return not_applicable(_("it has no VM in this vCenter"))
    snapshots = vm.snapshots.value
    if not snapshots:
        return passed(_("{vm} has no snapshots"), vm=vm.name)
    newest = max(snapshots, key=lambda one: one.created_at)
    return warn(
        ngettext(
            "{vm} has {count} snapshot: {newest}, {created_at}",
            "{vm} has {count} snapshots, the newest {newest}, {created_at}",
            len(snapshots),
        ),
        vm=vm.name,
        count=len(snapshots),
        newest=newest.name,
        created_at=newest.created_at,
    )
