"""What may move a master target's disks or the master target itself: Storage DRS and DRS.

The document fears Storage vMotion; it speaks of a "vMotion list" and means the virtual machine overrides.
"""

from __future__ import annotations

from wizard_steps.case import Case, Target
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_vcenter import Cluster, StoragePod, VirtualMachine
from wizard_steps.wording import _

AUTOMATED, MANUAL = "automated", "manual"


def pods_under(case: Case, target: Target) -> tuple[StoragePod, ...]:
    """Return the datastore clusters that hold disks of a master target; raises `NotSeen`."""
    vm = target.vm.value
    refs = {*vm.datastore_refs.value, *(disk.datastore_ref for disk in vm.disks.value if disk.datastore_ref)}
    wanted = {case.datastore(ref).value.pod_ref.value for ref in refs} - {None}
    if not wanted:
        return ()
    pods = tuple(one for one in case.vcenter.pods.value if one.ref in wanted)
    if len(pods) < len(wanted):
        raise NotSeen(_("a datastore cluster that holds disks of the master target was not among those read"))
    return pods


def storage_behavior(pod: StoragePod, vm: VirtualMachine) -> str | None:
    """Return what Storage DRS does with a VM's disks, `automated` or `manual`; None: it leaves them alone.

    A row in the overrides wins over the pod's own setting. Raises `NotSeen`.
    """
    if not pod.enabled.value:
        return None
    enabled, behavior = pod.overrides.value.get(vm.ref, (None, None))
    if enabled is False:
        return None
    word = behavior or pod.default_behavior.value
    if word not in (AUTOMATED, MANUAL):
        raise NotSeen(_("Storage DRS is set to {word}, which this program does not know").format(word=word))
    return word


def cluster_that_moves(case: Case, target: Target) -> Cluster | None:
    """Return the cluster whose DRS may move a master target to another host; None: none may. Raises `NotSeen`."""
    cluster_ref = target.host.value.cluster_ref.value
    if cluster_ref is None:
        return None
    cluster = next((one for one in case.vcenter.clusters.value if one.ref == cluster_ref), None)
    if cluster is None:
        raise NotSeen(_("the cluster of the master target's host was not among those read"))
    if not cluster.drs_enabled.value:
        return None
    is_excluded = cluster.drs_overrides.value.get(target.vm.value.ref) is False
    return None if is_excluded and cluster.drs_overrides_allowed.value else cluster
