"""What remedies of a master target's VM share: whose VM it is, and that vCenter alone tells what they rest on."""

from __future__ import annotations

from failback.changes.change import ChangeTarget
from failback.changes.on_vcenter import master_target_vm, vm_target
from failback.changes.remedy import VCENTER, Remedy
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.subjects import VolumeInUse


def vm_behind(case: Case, finding: Finding) -> ChangeTarget:
    """Return the master target's VM, also where the finding speaks of its volume."""
    thing = finding.subject.thing
    if isinstance(thing, VolumeInUse):
        return vm_target(case, "master-target", thing.target.name, thing.target.vm.value)
    return master_target_vm(case, finding)


class OnMasterTarget(Remedy):
    """A change of the VM of the master target that a finding speaks of."""

    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)
