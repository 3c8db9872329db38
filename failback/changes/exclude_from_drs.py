"""Keep DRS from moving the master target: an override of its VM in its cluster. The entry that is there is edited."""

from __future__ import annotations

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, master_target_vm, moref, named, override_row, vm_of
from failback.changes.remedy import CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import Cluster, VirtualMachine
from wizard_steps.wording import _

ENABLED = "drsVmConfig.enabled"


class ExcludeFromDrs(Remedy):
    """The cluster's override for the VM says: not enabled. The cluster has no version to guard the call with."""

    id = "exclude-from-drs"
    weight = Weight.HARMLESS

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add, edit or remove the override, by what is there now (facts: recipe R4)."""
        vm = vm_of(case, target)
        cluster = _cluster(case, vm)
        before = {ENABLED: cluster.drs_overrides.value.get(vm.ref)}
        after = {ENABLED: wanted[ENABLED] if wanted is not None else False}
        if before == after:
            raise CannotChange(_("its override in the cluster is already as wanted"))
        if not cluster.drs_overrides_allowed.value:
            raise CannotChange(
                _("the cluster ignores the settings of single machines: allow them in its DRS settings first")
            )
        operation = "remove" if after[ENABLED] is None else "add" if before[ENABLED] is None else "edit"
        row = override_row(vm, operation, "key", {"enabled": after[ENABLED]})
        spec = {"_typeName": "ClusterConfigSpecEx", "drsVmConfigSpec": [row]}
        args = {"_this": moref("ClusterComputeResource", cluster.ref), "spec": spec, "modify": True}
        return Shape(
            title=(
                _("Keep DRS from moving {name}") if after[ENABLED] is False else _("Put the DRS setting of {name} back")
            ).format(name=named(target)),
            before=before,
            after=after,
            calls=(Call("vcenter", "ReconfigureComputeResource_Task", args),),
            rests_on={
                **identity(vm),
                "cluster": cluster.ref,
                "drsEnabled": cluster.drs_enabled.value,
                "overrides allowed": cluster.drs_overrides_allowed.value,
            },
            disturbs=_(
                "nothing; DRS no longer balances this one VM. vCenter does not guard this call: an override that "
                "somebody sets in the seconds after the last reading makes it fail or is replaced"
            ),
            reversible=True,
            undo=_("the override gets its old value back, or is removed where there was none"),
            privileges=("Host.Inventory.EditCluster",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Read the override again."""
        vm = vm_of(case, change.target)
        now = _cluster(case, vm).drs_overrides.value.get(vm.ref)
        if now != change.after[ENABLED]:
            return Verification(False, _("read again, the override in the cluster is not as planned"))
        if now is False:
            return Verification(True, _("DRS leaves it where it is; an administrator can still move it by hand"))
        return Verification(True, _("the override in the cluster is as it was"))


def _cluster(case: Case, vm: VirtualMachine) -> Cluster:
    """Return the cluster the VM runs in; raises `CannotChange` for a host that stands alone."""
    ref = case.host(vm.host_ref.value).value.cluster_ref.value
    if ref is None:
        raise CannotChange(_("its host stands in no cluster, so no DRS moves it"))
    for cluster in case.vcenter.clusters.value:
        if cluster.ref == ref:
            return cluster
    raise CannotChange(_("its cluster was not among those read"))
