"""Start the mobility service inside a failed-over machine's Azure VM, by Azure's Run Command and a constant script.

The scripts are written here once and take no input: nothing that was read or typed gets into them.
"""

from __future__ import annotations

from typing import Final

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_azure import request
from failback.changes.on_vcenter import machine_of, named
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from failback.changes.run_command import PROOF
from wizard_steps.case import Case, Machine, same_id
from wizard_steps.classic.heartbeats import is_fresh, read_at
from wizard_steps.classic.step_01_machines import REGISTRATION
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import AzureVm
from wizard_steps.wording import _

WINDOWS: Final = (
    "$ErrorActionPreference = 'Stop'",
    "foreach ($name in 'svagents', 'InMage Scout Application Service') {",
    "  $service = Get-Service -Name $name -ErrorAction SilentlyContinue",
    "  if ($service -and $service.Status -ne 'Running') { Start-Service -Name $name }",
    "}",
    "if ((Get-Service -Name 'svagents').Status -ne 'Running') { throw 'svagents does not run' }",
    f"Write-Output '{PROOF}'",
)
LINUX: Final = (
    "systemctl start vxagent 2>/dev/null || /etc/init.d/vxagent start",
    "systemctl is-active vxagent 2>/dev/null || /etc/init.d/vxagent status || exit 1",
    f"echo '{PROOF}'",
)
_SCRIPTS: Final = {"windows": ("RunPowerShellScript", WINDOWS), "linux": ("RunShellScript", LINUX)}

HEARD = "agent's last heartbeat"


class StartMobilityService(Remedy):
    """POST runCommand. It needs the Azure VM agent inside the VM, and the VM running."""

    id = "start-mobility-service"
    weight = Weight.HARMLESS
    reads = AZURE
    proves = False

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the machine's Azure VM."""
        machine = machine_of(case, finding)
        return ChangeTarget("machine", machine.name, "azure", _vm_of(machine).id)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Run the script of the machine's operating system."""
        machine = _machine(case, target)
        vm = _vm_of(machine)
        if vm.power_state.value.casefold() != "running":
            raise CannotChange(_("the Azure VM does not run: start it first"))
        heard = machine.item.last_heartbeat
        booted = vm.power_state_since.value
        if is_fresh(case, heard) and (booted is None or heard.value >= booted):
            raise CannotChange(_("its agent is heard already"))
        if booted is not None and read_at(case, heard) - booted < REGISTRATION:
            raise CannotChange(_("its VM booted less than 15 minutes ago, and the agent registers by itself: wait"))
        command = _SCRIPTS.get(machine.item.os_type.value.casefold())
        if command is None:
            raise CannotChange(_("its operating system is neither Windows nor Linux"))
        name, script = command
        return Shape(
            title=_("Start the mobility service in the Azure VM of {name}").format(name=named(target)),
            before={HEARD: heard.value.isoformat()},
            after={HEARD: "after this"},
            calls=(request("POST", f"{vm.id}/runCommand", {"commandId": name, "script": list(script)}),),
            rests_on={"power state": vm.power_state.value, "operating system": machine.item.os_type.value},
            disturbs=_(
                "nothing stops; a fixed script runs in the VM with its administrator's rights and starts a service. "
                "Azure does not guard this call"
            ),
            reversible=False,
            undo=_("stopping the service again would only cut the machine off"),
            privileges=("Microsoft.Compute/virtualMachines/runCommand/action",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Show the heartbeat: that the service runs was proved before this is asked, the agent reports later."""
        heard = _machine(case, change.target).item.last_heartbeat.value
        return Verification(
            True,
            _("the service runs; the agent was last heard at {time}, and has 15 minutes to report").format(
                time=f"{heard:%H:%M} UTC"
            ),
        )


def _vm_of(machine: Machine) -> AzureVm:
    vm = machine.azure_vm.value
    if vm is None:
        raise CannotChange(_("Azure has no VM for it"))
    return vm


def _machine(case: Case, target: ChangeTarget) -> Machine:
    for machine in case.chosen_machines.value:
        vm = machine.azure_vm.or_else(None)
        if vm is not None and same_id(vm.id, target.ref):
            return machine
    raise CannotChange(_("Azure no longer has this VM"))
