"""Keep DRS from moving the master target: an override of its VM in its cluster. The entry that is there is edited."""

from __future__ import annotations

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_vcenter import (
    Entry,
    entry,
    identity,
    keeps_it,
    master_target_vm,
    moref,
    named,
    override_row,
    switched_off,
    vm_of,
)
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import Cluster, VirtualMachine
from wizard_steps.wording import _

ENTRY = "DRS override"


class ExcludeFromDrs(Remedy):
    """The cluster's override for the VM says: not enabled. The cluster has no version to guard the call with."""

    id = "exclude-from-drs"
    weight = Weight.HARMLESS
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add, edit or remove the override, by what is there now (facts: recipe R4)."""
        vm = vm_of(case, target)
        cluster = _cluster(case, vm)
        now = _entry(cluster, vm)
        then = switched_off(now) if wanted is None else wanted[ENTRY]
        if now == then:
            raise CannotChange(_("its override in the cluster is already as wanted"))
        if not cluster.drs_overrides_allowed.value:
            raise CannotChange(
                _("the cluster ignores the settings of single machines: allow them in its DRS settings first")
            )
        row = override_row(vm, "key", now, then)
        spec = {"_typeName": "ClusterConfigSpecEx", "drsVmConfigSpec": [row]}
        args = {"_this": moref("ClusterComputeResource", cluster.ref), "spec": spec, "modify": True}
        return Shape(
            title=_title(then).format(name=named(target)),
            before={ENTRY: now},
            after={ENTRY: then},
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
        now = _entry(_cluster(case, vm), vm)
        if now != change.after[ENTRY]:
            return Verification(False, _("read again, the override in the cluster is not as planned"))
        if keeps_it(now):
            return Verification(True, _("DRS leaves it where it is; an administrator can still move it by hand"))
        return Verification(True, _("the override in the cluster is as it was"))


def _title(then: Entry | None) -> str:
    return _("Keep DRS from moving {name}") if keeps_it(then) else _("Put the DRS setting of {name} back")


def _entry(cluster: Cluster, vm: VirtualMachine) -> Entry | None:
    enabled = cluster.drs_overrides.value.get(vm.ref)
    return None if enabled is None else entry(enabled, cluster.drs_override_behaviors.value.get(vm.ref))


def _cluster(case: Case, vm: VirtualMachine) -> Cluster:
    """Return the cluster the VM runs in; raises `CannotChange` for a host that stands alone."""
    ref = case.host(vm.host_ref.value).value.cluster_ref.value
    if ref is None:
        raise CannotChange(_("its host stands in no cluster, so no DRS moves it"))
    for cluster in case.vcenter.clusters.value:
        if cluster.ref == ref:
            return cluster
    raise CannotChange(_("its cluster was not among those read"))
