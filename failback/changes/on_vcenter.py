"""What the remedies in vCenter share: whose VM is meant, found again by its ids, and how a call is written down."""

from __future__ import annotations

from typing import Any

from failback.changes.change import Call, ChangeTarget
from failback.changes.remedy import IDENTITY, CannotChange
from wizard_steps.case import Case, Machine, Target
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

RECONFIGURE = "VirtualMachine.Config.AdvancedConfig"


def master_target_of(case: Case, finding: Finding) -> Target:
    """Return the master target a finding speaks of; raises `NotSeen` or `CannotChange`."""
    for target in case.targets.value:
        if target.id == finding.subject.id:
            return target
    raise CannotChange(_("the finding speaks of no master target that is chosen"))


def machine_of(case: Case, finding: Finding) -> Machine:
    """Return the machine a finding speaks of; raises `NotSeen` or `CannotChange`."""
    for machine in case.chosen_machines.value:
        if machine.item.id == finding.subject.id:
            return machine
    raise CannotChange(_("the finding speaks of no machine that is chosen"))


def vm_target(case: Case, kind: str, name: str, vm: VirtualMachine) -> ChangeTarget:
    """Return a VM as the target of a change."""
    return ChangeTarget(kind, name, "vcenter", f"{case.vcenter.instance_uuid.value}/{vm.ref}")


def master_target_vm(case: Case, finding: Finding) -> ChangeTarget:
    """Return the VM of the master target a finding speaks of, as the target of a change."""
    target = master_target_of(case, finding)
    return vm_target(case, "master-target", target.name, target.vm.value)


def vm_of(case: Case, target: ChangeTarget) -> VirtualMachine:
    """Find the VM of a change again, by vCenter and managed object id; raises `NotSeen` or `CannotChange`."""
    vcenter, _slash, ref = target.ref.rpartition("/")
    if case.vcenter.instance_uuid.value.casefold() != vcenter.casefold():
        raise CannotChange(_("it is on another vCenter than the one that was read"))
    for vm in case.vcenter.machines.value:
        if vm.ref == ref:
            return vm
    raise CannotChange(_("the VM is no longer in this vCenter"))


def identity(vm: VirtualMachine) -> dict[str, Any]:
    """Return what tells that the managed object is still the very same VM."""
    return {IDENTITY: vm.instance_uuid.value}


def named(target: ChangeTarget) -> str:
    """Return the target's name, safe to show."""
    return Outside(target.name).shown()


def moref(kind: str, value: str) -> dict[str, str]:
    """Return a reference to a managed object, as vSphere's JSON binding writes it."""
    return {"_typeName": "ManagedObjectReference", "type": kind, "value": value}


def vm_call(method: str, vm: VirtualMachine, **args: Any) -> Call:
    """Return a call on a VM."""
    return Call("vcenter", method, {"_this": moref("VirtualMachine", vm.ref), **args})


def powered_on(vm: VirtualMachine) -> bool:
    """Tell whether the VM runs; raises `NotSeen`."""
    return vm.power_state.value == "poweredOn"
