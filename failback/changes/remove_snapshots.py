"""Remove all snapshots of the master target's VM and consolidate its disks. It cannot be undone: the name is typed."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, master_target_vm, named, vm_call, vm_of
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _, ngettext

REMOVE_SNAPSHOT = "VirtualMachine.State.RemoveSnapshot"


class RemoveSnapshots(Remedy):
    """RemoveAllSnapshots_Task with consolidation. vCenter offers no guard for it: the tree is compared before."""

    id = "remove-snapshots"
    weight = Weight.IRREVERSIBLE
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Remove the whole tree, whatever is in it; it rests on exactly the snapshots that were shown."""
        vm = vm_of(case, target)
        snapshots = vm.snapshots.value
        if not snapshots:
            raise CannotChange(_("there is no snapshot to remove"))
        count = len(snapshots)
        return Shape(
            title=ngettext("Remove {count} snapshot of {name}", "Remove all {count} snapshots of {name}", count).format(
                count=count, name=named(target)
            ),
            before={"snapshots": _tree(vm)},
            after={"snapshots": []},
            calls=(vm_call("RemoveAllSnapshots_Task", vm, consolidate=True),),
            rests_on={**identity(vm), "snapshots": [one.ref for one in snapshots]},
            disturbs=_(
                "the restore points are lost for good; the disks are merged, which can take hours, loads the datastore "
                "and may stall the VM for a moment. vCenter does not guard this call: a snapshot that somebody makes "
                "in the seconds after the last reading is removed with the others"
            ),
            reversible=False,
            undo=_("removed snapshots cannot be brought back"),
            privileges=(REMOVE_SNAPSHOT,),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look for snapshots, and for delta disks that nobody merged."""
        vm = vm_of(case, change.target)
        left = len(vm.snapshots.value)
        if left:
            return Verification(
                False,
                ngettext("{count} snapshot is still there", "{count} snapshots are still there", left).format(
                    count=left
                ),
            )
        if vm.consolidation_needed.value or vm.longest_disk_chain.value > 1:
            return Verification(
                False, _("the snapshots are gone, but their disks are not merged yet: consolidate the disks")
            )
        return Verification(True, _("no snapshots, and every disk is one file"))


def _tree(vm: VirtualMachine) -> list[str]:
    return [f"{one.name.raw} ({one.created_at:%Y-%m-%d %H:%M} UTC)" for one in vm.snapshots.value]
