"""Start a VM in Azure: that of a failed-over machine, or that of the process server."""

from __future__ import annotations

from abc import abstractmethod

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_vcenter import machine_of, named
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_azure import AzureVm, SeenInAzure
from wizard_steps.wording import _

RUNNING = "running"


class _Start(Remedy):
    """POST start. Azure takes a second one for a VM that runs as done."""

    weight = Weight.HARMLESS
    reads = AZURE

    @abstractmethod
    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the VM to start."""

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Start what does not run."""
        vm = _vm(case, target)
        state = vm.power_state.value
        if state in (RUNNING, "starting"):
            raise CannotChange(_("it is {state} already").format(state=visible(state)))
        return Shape(
            title=_("Start the Azure VM of {name}").format(name=named(target)),
            before={"power state": state},
            after={"power state": RUNNING},
            calls=(Call("azure", "POST", {"path": f"{vm.id}/start"}),),
            rests_on={"power state": state},
            disturbs=_("nothing stops; Azure bills the VM while it runs"),
            reversible=False,
            undo=_("stopping a machine that people work with again is left to a person"),
            privileges=("Microsoft.Compute/virtualMachines/start/action",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look whether it runs."""
        state = _vm(case, change.target).power_state.value
        return Verification(state == RUNNING, _("the Azure VM is {state}").format(state=visible(state)))


class StartAzureVm(_Start):
    """Start the Azure VM of a failed-over machine: site recovery cannot reprotect one that is off."""

    id = "start-azure-vm"

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the machine's Azure VM."""
        machine = machine_of(case, finding)
        vm = machine.azure_vm.value
        if vm is None:
            raise CannotChange(_("Azure has no VM for it"))
        return ChangeTarget("machine", machine.name, "azure", vm.id)


class StartProcessServer(_Start):
    """Start the Azure VM of the process server, found by its address."""

    id = "start-process-server"

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the Azure VM whose network interface carries the process server's address."""
        for target in case.targets.value:
            server = target.process_server.value
            if server.id == finding.subject.id:
                vm = _vm_at(case.azure, server.ip_address.value)
                return ChangeTarget("process-server", server.name.raw, "azure", vm.id)
        raise CannotChange(_("the finding speaks of no process server that is chosen"))


def _vm(case: Case, target: ChangeTarget) -> AzureVm:
    vm = case.azure.vm(target.ref).value
    if vm is None:
        raise CannotChange(_("Azure no longer has this VM"))
    return vm


def _vm_at(azure: SeenInAzure, address: str) -> AzureVm:
    """Return the only VM that was seen with this private address."""
    owners = {
        nic.vm_id.value
        for nic in azure.network_interfaces.value
        if address in (one for one, _subnet in nic.addresses.value)
    }
    if len(owners) != 1 or (owner := owners.pop()) is None:
        raise CannotChange(_("its address does not lead to one VM in Azure: start it by hand"))
    vm = azure.vm(owner).value
    if vm is None:
        raise CannotChange(_("Azure has no VM for it"))
    return vm
