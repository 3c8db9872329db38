"""Move the master target's VM to the ESXi host that was chosen: its compute alone, never its disks."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, machine_of, moref, named, powered_on, vm_call, vm_of, vm_target
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, Target
from wizard_steps.classic.storage import Mounted, mounted
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import Host, VirtualMachine
from wizard_steps.wording import _

HOST = "ESXi host"


class MoveMasterTargetHost(Remedy):
    """RelocateVM_Task with a host and nothing else: no datastore, so no disk moves."""

    id = "move-master-target-host"
    weight = Weight.DISRUPTIVE
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the VM of the master target that the machine comes home through."""
        target = machine_of(case, finding).target.value
        return vm_target(case, "master-target", target.name, target.vm.value)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Move it to the chosen host, or back to where it was."""
        vm = vm_of(case, target)
        now = vm.host_ref.value
        then = _chosen(case, vm).ref if wanted is None else str(wanted[HOST])
        if now == then:
            raise CannotChange(_("its host is already as wanted"))
        old, new = case.host(now).value, case.host(then).value
        _refuse_unfit(case, vm, old, new)
        runs = powered_on(vm)
        args = {"spec": {"host": moref("HostSystem", then)}, "priority": "defaultPriority"}
        return Shape(
            title=_("Move {name} to the ESXi host {host}").format(name=named(target), host=new.name.shown()),
            before={HOST: now},
            after={HOST: then},
            calls=(vm_call("RelocateVM_Task", vm, **args),),
            rests_on={
                **identity(vm),
                "powerState": vm.power_state.value,
                "datastores": sorted(vm.datastore_refs.value),
                "host connection": new.connection_state.value,
                "host in maintenance": new.in_maintenance.value,
            },
            disturbs=(
                _("vMotion: the guest halts for a second or two. {no_guard}")
                if runs
                else _("nothing stops: the VM is off. {no_guard}")
            ).format(
                no_guard=_("vCenter does not guard this call: a VM moved by somebody else meanwhile is moved again")
            ),
            reversible=True,
            undo=_("it is moved back to the host it came from"),
            privileges=("Resource.HotMigrate" if runs else "Resource.ColdMigrate",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look where it stands."""
        host = case.host(vm_of(case, change.target).host_ref.value).value
        return Verification(host.ref == change.after[HOST], _("it stands on {host}").format(host=host.name.shown()))


def _chosen(case: Case, vm: VirtualMachine) -> Host:
    """Return the host chosen for the master target whose VM this is; raises `NotSeen` when none is chosen."""
    for target in case.targets.value:
        if _is(target, vm):
            return target.chosen_host.value
    raise CannotChange(_("it is no longer the VM of a master target that is chosen"))


def _is(target: Target, vm: VirtualMachine) -> bool:
    return target.vm.was_seen and target.vm.value.ref == vm.ref


def _refuse_unfit(case: Case, vm: VirtualMachine, old: Host, new: Host) -> None:
    """Raise `CannotChange` when the host cannot take the VM as it is."""
    if new.connection_state.value != "connected" or new.in_maintenance.value:
        raise CannotChange(_("{host} is not connected, or in maintenance").format(host=new.name.shown()))
    if old.cluster_ref.value != new.cluster_ref.value:
        raise CannotChange(
            _("{host} is in another cluster, where a resource pool must be named: move it in vCenter").format(
                host=new.name.shown()
            )
        )
    for ref in vm.datastore_refs.value:
        datastore = case.datastore(ref).value
        if mounted(datastore, new.ref) is not Mounted.READ_WRITE:
            raise CannotChange(
                _("{host} does not mount {datastore} read-write, where its files are").format(
                    host=new.name.shown(), datastore=datastore.name.shown()
                )
            )
