"""What remedies of a master target's VM share: whose VM it is, and that vCenter alone tells what they rest on."""

from __future__ import annotations

from failback.changes.change import ChangeTarget
from failback.changes.on_vcenter import master_target_vm
from failback.changes.remedy import VCENTER, Remedy
from wizard_steps.case import Case
from wizard_steps.requirement import Finding


class OnMasterTarget(Remedy):
    """A change of the VM of the master target that a finding speaks of."""

    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)
