"""Merge delta disks that removed snapshots left behind on the master target's VM. It cannot be undone."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, master_target_vm, named, vm_call, vm_of
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from failback.changes.remove_snapshots import REMOVE_SNAPSHOT
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.wording import _


class ConsolidateDisks(Remedy):
    """ConsolidateVMDisks_Task, where vCenter says that it is needed and no snapshot explains the delta disks."""

    id = "consolidate-disks"
    weight = Weight.IRREVERSIBLE
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Consolidate; snapshots are removed first, by their own remedy, which consolidates as well."""
        vm = vm_of(case, target)
        if vm.snapshots.value:
            raise CannotChange(_("there are snapshots: removing them merges the disks as well"))
        if not vm.consolidation_needed.value and vm.longest_disk_chain.value <= 1:
            raise CannotChange(_("every disk is one file already"))
        before = {
            "consolidationNeeded": vm.consolidation_needed.value,
            "longest disk chain": vm.longest_disk_chain.value,
        }
        return Shape(
            title=_("Consolidate the disks of {name}").format(name=named(target)),
            before=before,
            after={"consolidationNeeded": False, "longest disk chain": 1},
            calls=(vm_call("ConsolidateVMDisks_Task", vm),),
            rests_on={**identity(vm), **before, "snapshots": []},
            disturbs=_(
                "merging can take hours, loads the datastore and may stall the VM for a moment; "
                "vCenter does not guard this call"
            ),
            reversible=False,
            undo=_("merged disks cannot be taken apart again"),
            privileges=(REMOVE_SNAPSHOT,),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look for delta disks that are left."""
        vm = vm_of(case, change.target)
        if vm.consolidation_needed.value or vm.longest_disk_chain.value > 1:
            return Verification(False, _("vCenter still reports disks that need consolidation"))
        return Verification(True, _("every disk is one file"))
