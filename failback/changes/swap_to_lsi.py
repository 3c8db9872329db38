"""Replace SCSI controllers that a master target cannot use by LSI Logic SAS, or add one (recipe R3).

An empty controller is simply removed, also from a VM that runs. Disks change their controller only while the VM is
off, without snapshots, and never the disk that Windows boots from: without the LSI driver it would not start again.
"""

from __future__ import annotations

from abc import abstractmethod

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, master_target_vm, named, powered_on, vm_call, vm_of
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from failback.changes.scsi_layout import (
    Layout,
    device_changes,
    layout_of,
    moves_disks,
    with_lsi_only,
    with_one_more,
)
from wizard_steps.case import Case
from wizard_steps.requirement import Finding
from wizard_steps.scsi_places import LSI
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

CONTROLLERS = "SCSI controllers"


class _ToLayout(Remedy):
    """One ReconfigVM_Task from the map of the controllers that is there to the one that is wanted."""

    weight = Weight.DISRUPTIVE
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    @abstractmethod
    def wished(self, layout: Layout) -> Layout:
        """Return the map that the requirement asks for; raises `CannotChange` where there is no way to it."""

    @abstractmethod
    def title(self, target: ChangeTarget) -> str:
        """Return what it does, in a few words."""

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Return the reconfiguration; raises `CannotChange` where the VM must be off first or cannot be swapped."""
        vm = vm_of(case, target)
        now = layout_of(vm)
        then: Layout = self.wished(now) if wanted is None else list(wanted[CONTROLLERS])
        if now == then:
            raise CannotChange(_("its SCSI controllers are already as wanted"))
        moving = moves_disks(now, then)
        if moving:
            _refuse_unfit(vm, now, then)
        spec = {"changeVersion": vm.change_version.value, "deviceChange": device_changes(vm, now, then)}
        return Shape(
            title=self.title(target)
            if wanted is None
            else _("Put the SCSI controllers of {name} back").format(name=named(target)),
            before={CONTROLLERS: now},
            after={CONTROLLERS: then},
            calls=(vm_call("ReconfigVM_Task", vm, spec=spec),),
            rests_on={
                **identity(vm),
                "changeVersion": vm.change_version.value,
                "powerState": vm.power_state.value,
                "snapshots": len(vm.snapshots.value),
            },
            disturbs=_(
                "the VM is off and stays off; its next start uses the new controllers. Start it at its console and look"
            )
            if moving
            else _("nothing: only an empty controller comes or goes"),
            reversible=True,
            undo=_("the saved map of the controllers and their disks is put back, while the VM is off"),
            privileges=("VirtualMachine.Config.AddRemoveDevice", "VirtualMachine.Config.EditDevice"),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Compare the map of the controllers, disk by disk."""
        if layout_of(vm_of(case, change.target)) != change.after[CONTROLLERS]:
            return Verification(False, _("read again, the controllers and their disks are not as planned"))
        return Verification(True, _("every controller and every disk is in its planned place"))


class SwapToLsi(_ToLayout):
    """LSI Logic SAS in the place of every other controller."""

    id = "swap-to-lsi"

    def wished(self, layout: Layout) -> Layout:
        """Return the map with an LSI Logic SAS controller in the place of every other."""
        return with_lsi_only(layout)

    def title(self, target: ChangeTarget) -> str:
        """Return what it does, in a few words."""
        return _("Replace the SCSI controllers of {name} that are not LSI Logic").format(name=named(target))


class AddLsiController(_ToLayout):
    """One more controller, empty."""

    id = "add-lsi-controller"
    weight = Weight.HARMLESS

    def wished(self, layout: Layout) -> Layout:
        """Return the map with one more; raises `CannotChange` where there is one, or no room."""
        if any(row["kind"] in LSI for row in layout):
            raise CannotChange(_("the VM has an LSI Logic controller already"))
        return with_one_more(layout)

    def title(self, target: ChangeTarget) -> str:
        """Return what it does, in a few words."""
        return _("Add an LSI Logic SAS controller to {name}").format(name=named(target))


def _refuse_unfit(vm: VirtualMachine, now: Layout, then: Layout) -> None:
    """Raise `CannotChange` unless disks may change their controller in this VM now."""
    if powered_on(vm):
        raise CannotChange(
            _("disks hang on the controller: power the VM off first, at a time when it may stop, then look again")
        )
    if vm.snapshots.value:
        raise CannotChange(_("the VM has snapshots: remove them first"))
    if "windows" in vm.guest_id.value.casefold() and _boots_elsewhere(now, then):
        raise CannotChange(
            _(
                "Windows boots from this controller, and whether its LSI driver is loaded cannot be seen. While it "
                "runs, add a small disk on a new LSI Logic SAS controller and let Windows find it; then power it off, "
                "change the type of the boot disk's controller, and start it"
            )
        )


def _boots_elsewhere(now: Layout, then: Layout) -> bool:
    """Tell whether the controller of the first disk changes its kind: that of the lowest bus and unit."""
    with_disks = [row for row in now if row["disks"]]
    if not with_disks:
        return False
    first = with_disks[0]
    return first["kind"] not in LSI and not any(
        (row["kind"], row["bus"]) == (first["kind"], first["bus"]) for row in then
    )
