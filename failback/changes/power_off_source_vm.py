"""Shut down the on-premises VM of a machine that runs in Azure now: two running copies of one machine do harm."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, machine_of, named, powered_on, vm_call, vm_of, vm_target
from failback.changes.power_cycle import TOOLS_RUN
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.wording import _


class PowerOffSourceVm(Remedy):
    """ShutdownGuest where VMware Tools runs, else PowerOffVM_Task, which is like pulling the plug, and says so."""

    id = "power-off-source-vm"
    weight = Weight.DISRUPTIVE
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the machine's VM on-premises."""
        machine = machine_of(case, finding)
        vm = machine.source_vm.value
        if vm is None:
            raise CannotChange(_("it has no VM in this vCenter"))
        return vm_target(case, "machine", machine.name, vm)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Bring it down by the gentlest way there is."""
        vm = vm_of(case, target)
        if not powered_on(vm):
            raise CannotChange(_("it is not powered on"))
        gentle = vm.tools_running.or_else(None) == TOOLS_RUN
        return Shape(
            title=_("Shut down the on-premises VM of {name}").format(name=named(target)),
            before={"powerState": vm.power_state.value},
            after={"powerState": "poweredOff"},
            calls=(vm_call("ShutdownGuest", vm) if gentle else vm_call("PowerOffVM_Task", vm),),
            rests_on={**identity(vm), "VMware Tools runs": gentle},
            disturbs=_(
                "this copy of the machine stops, with everything that still uses it; the copy in Azure is not touched"
            )
            if gentle
            else _(
                "VMware Tools does not run, so this copy of the machine is cut off as if the plug were pulled; "
                "the copy in Azure is not touched"
            ),
            reversible=False,
            undo=_("powering it on again beside its copy in Azure would do harm: a person decides that"),
            privileges=("VirtualMachine.Interact.PowerOff",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look whether it is off."""
        vm = vm_of(case, change.target)
        if powered_on(vm):
            return Verification(False, _("the on-premises VM still runs"))
        if vm.power_state.value != change.after["powerState"]:
            return Verification(False, _("the on-premises VM is {state}").format(state=visible(vm.power_state.value)))
        return Verification(True, _("the on-premises VM does not run any more"))
