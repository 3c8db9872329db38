"""Keep DRS from moving the master target: an override of its VM in its cluster."""

from __future__ import annotations

from typing import Any

from failback.changes.change import Call, State
from failback.changes.on_vcenter import moref
from failback.changes.remedy import CannotChange
from failback.changes.vm_override import Override, VmOverride, Words, entry
from wizard_steps.case import Case
from wizard_steps.seen_in_vcenter import Cluster, VirtualMachine
from wizard_steps.wording import _

ENTRY = "DRS override"


class ExcludeFromDrs(VmOverride):
    """ReconfigureComputeResource_Task of the cluster."""

    id = "exclude-from-drs"
    machine_key = "key"
    privilege = "Host.Inventory.EditCluster"

    def overrides(self, case: Case, vm: VirtualMachine) -> tuple[Override, ...]:
        """Return the VM's override in its cluster."""
        cluster = _cluster(case, vm)
        enabled = cluster.drs_overrides.value.get(vm.ref)
        now = None if enabled is None else entry(enabled, cluster.drs_override_behaviors.value.get(vm.ref))

        def call(row: dict[str, Any]) -> Call:
            spec = {"_typeName": "ClusterConfigSpecEx", "drsVmConfigSpec": [row]}
            args = {"_this": moref("ClusterComputeResource", cluster.ref), "spec": spec, "modify": True}
            return Call("vcenter", "ReconfigureComputeResource_Task", args)

        return (Override(ENTRY, now, call),)

    def rests_on(self, case: Case, vm: VirtualMachine) -> State:
        """Return the cluster and its settings; raises `CannotChange` where it ignores overrides."""
        cluster = _cluster(case, vm)
        if not cluster.drs_overrides_allowed.value:
            raise CannotChange(
                _("the cluster ignores the settings of single machines: allow them in its DRS settings first")
            )
        return {
            "cluster": cluster.ref,
            "drsEnabled": cluster.drs_enabled.value,
            "overrides allowed": cluster.drs_overrides_allowed.value,
        }

    def words(self) -> Words:
        """Return what is said of it."""
        return Words(
            excludes=_("Keep DRS from moving {name}"),
            puts_back=_("Put the DRS setting of {name} back"),
            as_wanted=_("its override in the cluster is already as wanted"),
            disturbs=_(
                "nothing; DRS no longer balances this one VM. vCenter does not guard this call: an override that "
                "somebody sets in the seconds after the last reading makes it fail or is replaced"
            ),
            not_as_planned=_("read again, the override in the cluster is not as planned"),
            left_alone=_("DRS leaves it where it is; an administrator can still move it by hand"),
            as_it_was=_("the override in the cluster is as it was"),
        )


def _cluster(case: Case, vm: VirtualMachine) -> Cluster:
    """Return the cluster the VM runs in; raises `CannotChange` for a host that stands alone."""
    ref = case.host(vm.host_ref.value).value.cluster_ref.value
    if ref is None:
        raise CannotChange(_("its host stands in no cluster, so no DRS moves it"))
    for cluster in case.vcenter.clusters.value:
        if cluster.ref == ref:
            return cluster
    raise CannotChange(_("its cluster was not among those read"))
