"""Power on the configuration server's VM. What runs inside it starts by itself, or is left to a person."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, named, vm_call, vm_of, vm_target
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.classic.configuration_server_vm import vm_of as vm_of_server
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.wording import _

POWER = "powerState"
ON = "poweredOn"


class StartConfigurationServer(Remedy):
    """PowerOnVM_Task of the only VM that answers to the server's name and address."""

    id = "start-configuration-server"
    weight = Weight.HARMLESS
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the configuration server's VM."""
        vm = vm_of_server(case)
        if vm is None:
            raise CannotChange(_("this vCenter has no VM of it: start the machine where it stands"))
        return vm_target(case, "configuration-server", case.server.value.name.raw, vm)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Power on what is off."""
        vm = vm_of(case, target)
        state = vm.power_state.value
        if state == ON:
            raise CannotChange(
                _(
                    "its VM runs: sign in there and start its services, tmansvc, InMage PushInstall, cxprocessserver "
                    "and World Wide Web Publishing"
                )
            )
        return Shape(
            title=_("Power on the configuration server {name}").format(name=named(target)),
            before={POWER: state},
            after={POWER: ON},
            calls=(vm_call("PowerOnVM_Task", vm),),
            rests_on={**identity(vm), POWER: state},
            disturbs=_("nothing stops; vCenter refuses the call when somebody powered it on meanwhile"),
            reversible=False,
            undo=_("stopping the configuration server would stop every replication: that is left to a person"),
            privileges=("VirtualMachine.Interact.PowerOn",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look whether it runs."""
        state = vm_of(case, change.target).power_state.value
        return Verification(state == ON, _("the VM is {state}").format(state=visible(state)))
