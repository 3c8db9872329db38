"""Keep Storage DRS from moving the master target's disks: an override of its VM in each datastore cluster it is in."""

from __future__ import annotations

from functools import partial
from typing import Any

from failback.changes.change import Call, State
from failback.changes.on_vcenter import moref
from failback.changes.remedy import CannotChange
from failback.changes.vm_override import Override, VmOverride, Words, entry
from wizard_steps.case import Case
from wizard_steps.seen_in_vcenter import StoragePod, VirtualMachine
from wizard_steps.wording import _


class ExcludeFromStorageDrs(VmOverride):
    """ConfigureStorageDrsForPod_Task for every pod that holds a datastore of the VM."""

    id = "exclude-from-storage-drs"
    machine_key = "vm"
    privilege = "StoragePod.Config"

    def overrides(self, case: Case, vm: VirtualMachine) -> tuple[Override, ...]:
        """Return the VM's override in each pod."""
        found = [(pod, pod.overrides.value.get(vm.ref)) for pod in _pods(case, vm)]
        return tuple(
            Override(
                f"Storage DRS override in {pod.name.raw} ({pod.ref})",
                None if now is None else entry(*now),
                partial(_call, pod),
            )
            for pod, now in found
        )

    def rests_on(self, case: Case, vm: VirtualMachine) -> State:
        """Return whether Storage DRS is on in each pod."""
        return {"pods": {pod.ref: pod.enabled.value for pod in _pods(case, vm)}}

    def words(self) -> Words:
        """Return what is said of it."""
        return Words(
            excludes=_("Keep Storage DRS from moving {name}"),
            puts_back=_("Put the Storage DRS setting of {name} back"),
            as_wanted=_("its overrides for Storage DRS are already as wanted"),
            disturbs=_(
                "nothing; Storage DRS no longer balances this one VM. vCenter does not guard this call: an override "
                "that somebody sets in the seconds after the last reading makes it fail or is replaced"
            ),
            not_as_planned=_("read again, the override for Storage DRS is not as planned"),
            left_alone=_("Storage DRS leaves it where it is; an administrator can still move it by hand"),
            as_it_was=_("the override for Storage DRS is as it was"),
        )


def _call(pod: StoragePod, row: dict[str, Any]) -> Call:
    return Call(
        "vcenter",
        "ConfigureStorageDrsForPod_Task",
        {
            "_this": moref("StorageResourceManager", "StorageResourceManager"),
            "pod": moref("StoragePod", pod.ref),
            "spec": {"vmConfigSpec": [row]},
            "modify": True,
        },
    )


def _pods(case: Case, vm: VirtualMachine) -> tuple[StoragePod, ...]:
    """Return the datastore clusters the VM's datastores belong to; raises `CannotChange` when there is none."""
    refs = {case.datastore(ref).value.pod_ref.value for ref in vm.datastore_refs.value}
    pods = tuple(pod for pod in case.vcenter.pods.value if pod.ref in refs)
    if not pods:
        raise CannotChange(_("it lies in no datastore cluster, so no Storage DRS moves it"))
    return pods
