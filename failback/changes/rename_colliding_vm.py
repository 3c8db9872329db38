"""Rename the VM that has a machine's name in the place where the machine comes home."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, machine_of, named, vm_call, vm_of, vm_target
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case, Machine
from wizard_steps.classic.homecoming import ORIGINAL
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

NAME = "name"
_LONGEST = 80  # what vCenter takes


class RenameCollidingVm(Remedy):
    """Rename_Task to the name with `-old` behind it. The VM's files keep their names."""

    id = "rename-colliding-vm"
    weight = Weight.HARMLESS
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the first other VM of the machine's name on the host it comes home to."""
        machine = machine_of(case, finding)
        others = _namesakes(case, machine)
        if not others:
            raise CannotChange(_("no other VM of this name stands there any more"))
        return vm_target(case, "machine", others[0].name.raw, others[0])

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Give it a name that no VM of this vCenter has."""
        vm = vm_of(case, target)
        now = vm.name.raw
        then = _free_name(case, now) if wanted is None else str(wanted[NAME])
        if now == then:
            raise CannotChange(_("its name is already as wanted"))
        return Shape(
            title=_("Rename the VM {name} to {new}").format(name=named(target), new=visible(then)),
            before={NAME: now},
            after={NAME: then},
            calls=(vm_call("Rename_Task", vm, newName=then),),
            rests_on={**identity(vm), NAME: now, "powerState": vm.power_state.value},
            disturbs=_(
                "nothing stops; whatever finds this VM by its name, a backup job for instance, no longer does. vCenter "
                "does not guard this call: a name that somebody gives it in the seconds after the last reading is lost"
            ),
            reversible=True,
            undo=_("it gets its old name back, unless vCenter refuses it because another VM in its folder has it"),
            privileges=("VirtualMachine.Config.Rename",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Read its name."""
        now = vm_of(case, change.target).name
        return Verification(now.raw == change.after[NAME], _("the VM is called {name}").format(name=now.shown()))


def _namesakes(case: Case, machine: Machine) -> list[VirtualMachine]:
    host = machine.target.value.host.value
    own = machine.source_vm.value if machine.location.value == ORIGINAL else None
    here = [one for one in case.vcenter.machines.value if one.ref in host.vm_refs.value]
    others = [one for one in here if one.name.same_name(machine.name) and (own is None or one.ref != own.ref)]
    if any(one.ref == source.ref for one in others if (source := machine.source_vm.value) is not None):
        raise CannotChange(
            _("it is the machine's own VM: bring the machine home to its original location, or rename it by hand")
        )
    return sorted(others, key=lambda one: one.ref)


def _free_name(case: Case, name: str) -> str:
    taken = {one.name.raw.casefold() for one in case.vcenter.machines.value}
    for number in range(1, len(taken) + 2):
        new = f"{name}-old" if number == 1 else f"{name}-old{number}"
        if new.casefold() not in taken and len(new) <= _LONGEST:
            return new
    raise CannotChange(_("no free name was found for it: rename it by hand"))
