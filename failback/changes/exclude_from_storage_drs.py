"""Keep Storage DRS from moving the master target's disks: an override of its VM in each datastore cluster it is in."""

from __future__ import annotations

from collections.abc import Mapping

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
from wizard_steps.seen_in_vcenter import StoragePod, VirtualMachine
from wizard_steps.wording import _


class ExcludeFromStorageDrs(Remedy):
    """The override for the VM says: not enabled, in every pod that holds a datastore of it; one call for each pod."""

    id = "exclude-from-storage-drs"
    weight = Weight.HARMLESS
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add, edit or remove the override in every pod, by what is there now (facts: recipe R4)."""
        vm = vm_of(case, target)
        pods = _pods(case, vm)
        before = _as_it_is(pods, vm)
        after = {key: switched_off(now) for key, now in before.items()} if wanted is None else dict(wanted)
        steps = [(pod, before[_key(pod)], after.get(_key(pod))) for pod in pods]
        calls = tuple(_call(pod, vm, now, then) for pod, now, then in steps if now != then)
        if not calls:
            raise CannotChange(_("its overrides for Storage DRS are already as wanted"))
        return Shape(
            title=_title(after).format(name=named(target)),
            before=before,
            after=after,
            calls=calls,
            rests_on={**identity(vm), "pods": {pod.ref: pod.enabled.value for pod in pods}},
            disturbs=_(
                "nothing; Storage DRS no longer balances this one VM. vCenter does not guard this call: an override "
                "that somebody sets in the seconds after the last reading makes it fail or is replaced"
            ),
            reversible=True,
            undo=_("the override gets its old value back, or is removed where there was none"),
            privileges=("StoragePod.Config",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Read the overrides again."""
        vm = vm_of(case, change.target)
        if _as_it_is(_pods(case, vm), vm) != dict(change.after):
            return Verification(False, _("read again, the override for Storage DRS is not as planned"))
        if all(keeps_it(one) for one in change.after.values()):
            return Verification(
                True, _("Storage DRS leaves it where it is; an administrator can still move it by hand")
            )
        return Verification(True, _("the override for Storage DRS is as it was"))


def _key(pod: StoragePod) -> str:
    return f"Storage DRS override in {pod.name.raw} ({pod.ref})"


def _title(after: Mapping[str, Entry | None]) -> str:
    if all(keeps_it(one) for one in after.values()):
        return _("Keep Storage DRS from moving {name}")
    return _("Put the Storage DRS setting of {name} back")


def _as_it_is(pods: tuple[StoragePod, ...], vm: VirtualMachine) -> dict[str, Entry | None]:
    """Return the VM's override in each pod; `None` where it has none."""
    found = {_key(pod): pod.overrides.value.get(vm.ref) for pod in pods}
    return {key: None if one is None else entry(*one) for key, one in found.items()}


def _call(pod: StoragePod, vm: VirtualMachine, now: Entry | None, then: Entry | None) -> Call:
    row = override_row(vm, "vm", now, then)
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
