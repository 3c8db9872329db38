"""Power-cycle the master target's VM, so that disk.EnableUUID becomes effective: shut the guest down, power it on.

A reset or a restart of the guest is not enough: the setting is read when the VM is powered on.
"""

from __future__ import annotations

from datetime import datetime

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, master_target_vm, named, powered_on, vm_call, vm_of
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

SINCE = "powered on since"
TOOLS_RUN = "guestToolsRunning"


class PowerCycle(Remedy):
    """ShutdownGuest, wait until it is off, PowerOnVM_Task. A guest is asked to shut down, never cut off."""

    id = "power-cycle"
    weight = Weight.DISRUPTIVE
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Shut down what runs, and power on."""
        vm = vm_of(case, target)
        runs = powered_on(vm)
        if runs and vm.tools_running.value != TOOLS_RUN:
            raise CannotChange(
                _("VMware Tools does not run, so the guest cannot be asked to shut down: do it at its console")
            )
        if vm.power_state.value == "suspended":
            raise CannotChange(_("the VM is suspended: resume it first"))
        power_on = vm_call("PowerOnVM_Task", vm)
        return Shape(
            title=_("Power-cycle {name}").format(name=named(target)),
            before={SINCE: _since(vm)},
            after={SINCE: "after the power cycle"},
            calls=(vm_call("ShutdownGuest", vm), power_on) if runs else (power_on,),
            rests_on={**identity(vm), "powerState": vm.power_state.value},
            disturbs=_(
                "the master target stops for some minutes: replication through it and all else that runs on it; "
                "if it is the configuration server too, that stops as well"
            )
            if runs
            else _("nothing stops: the VM is off"),
            reversible=False,
            undo=_("a power cycle cannot be taken back, and leaves nothing to take back"),
            privileges=("VirtualMachine.Interact.PowerOff", "VirtualMachine.Interact.PowerOn")
            if runs
            else ("VirtualMachine.Interact.PowerOn",),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look whether it runs, and since another time than before."""
        vm = vm_of(case, change.target)
        if not powered_on(vm):
            return Verification(False, _("the VM is {state} after the power cycle").format(state=vm.power_state.value))
        booted = _since(vm)
        if booted is None:
            raise NotSeen(_("vCenter does not say when the VM was powered on"))
        before = change.before[SINCE]
        if before is not None and datetime.fromisoformat(booted) <= datetime.fromisoformat(before):
            return Verification(
                False, _("the VM has been running since {since}: it was not power-cycled").format(since=_at(booted))
            )
        return Verification(True, _("powered on at {since}").format(since=_at(booted)))


def _since(vm: VirtualMachine) -> str | None:
    """Return when the VM was powered on; `None` while it is off or vCenter does not say."""
    if not powered_on(vm):
        return None
    booted = vm.boot_time.value
    return None if booted is None else booted.isoformat()


def _at(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"
