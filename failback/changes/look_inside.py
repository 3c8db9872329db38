"""Look inside a master target's guest: it runs a program there, so it is a change, though one that changes nothing.

What it brings back answers what no interface tells: locked volumes, cache and install folders, LVM, disks still blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from failback.changes.change import Call, Change, ChangeTarget, State
from failback.changes.on_vcenter import identity, master_target_vm, moref, named, powered_on, vm_of, vm_target
from failback.changes.outcome import Outcome, Word
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from failback.errors import UsageError
from failback.guest.programs import LINUX, LOOK, WINDOWS, Program
from wizard_steps.case import Case, Target
from wizard_steps.classic import operating_systems
from wizard_steps.estate import Estate
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen, Reading, not_seen
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_guest import SeenInGuest
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _, ngettext

TOOLS_RUN = "guestToolsRunning"
PRIVILEGES = (
    "VirtualMachine.GuestOperations.Query",
    "VirtualMachine.GuestOperations.Modify",
    "VirtualMachine.GuestOperations.Execute",
)
_SYSTEMS = {operating_systems.WINDOWS: WINDOWS, operating_systems.LINUX: LINUX}


class LookInside(Remedy):
    """Run the program `look` in the guest and read its answer. It serves rules that otherwise ask for a word."""

    id = "look-inside"
    weight = Weight.HARMLESS
    reads = VCENTER
    locks = False

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def of_target(self, case: Case, name: str) -> Change:
        """Return the look into the master target of that name; raises `NotSeen` or `CannotChange`."""
        for target in case.targets.value:
            if name in (target.name, target.id):
                place = vm_target(case, "master-target", target.name, target.vm.value)
                return self._change(f"{self.id}:{target.name}", self.id, place, self.shape(case, place, None))
        raise CannotChange(_("no master target of that name is chosen"))

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Start the program that fits the guest; nothing is different afterwards."""
        vm = vm_of(case, target)
        program = LOOK[system_inside(case, vm)]
        return Shape(
            title=_("Look inside {name}").format(name=named(target)),
            before={},
            after={},
            calls=(guest_call(program, vm, target),),
            rests_on=enterable(vm),
            disturbs=_(
                "nothing: a program of this product runs inside for some seconds, in a temporary folder of its own "
                "that is removed afterwards; it reads and changes nothing. User name and password of the guest travel "
                "over the session with vCenter and are forgotten then. vCenter and the guest write in their logs that "
                "a program ran"
            ),
            reversible=False,
            undo=_("a look leaves nothing to take back"),
            privileges=PRIVILEGES,
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Say what was seen, or why there is nothing."""
        inside = vm_of(case, change.target).inside
        if not inside.was_seen:
            return Verification(False, _("nothing was seen inside: {why}").format(why=inside.reason))
        seen = inside.value
        count = len(seen.volumes)
        evidence = ngettext("{count} volume was looked at", "{count} volumes were looked at", count).format(count=count)
        if seen.left_behind is not None:
            evidence = _("{evidence}; the temporary folder {path} could not be removed").format(
                evidence=evidence, path=seen.left_behind.shown()
            )
        return Verification(True, evidence)


def look_at(case: Case, name: str) -> Change:
    """Return the look into the chosen master target of that name (or site recovery id); raises `UsageError`."""
    try:
        return LookInside().of_target(case, name)
    except (CannotChange, NotSeen) as refused:
        raise UsageError(
            _("the look inside {name}").format(name=visible(name)),
            refused.reason,
            _("put that right, or vouch for what it would have shown"),
        ) from refused


def kept(inside: dict[str, Reading[SeenInGuest]], outcome: Outcome) -> None:
    """Note in `inside` why a look brought nothing; one that was declined leaves what an earlier one brought."""
    if outcome.word not in (Word.VERIFIED, Word.NOT_VERIFIED, Word.DECLINED):
        inside[outcome.change.target.ref.rpartition("/")[2]] = not_seen(outcome.evidence)


def with_inside(estate: Estate, inside: Mapping[str, Reading[SeenInGuest]]) -> Estate:
    """Return the estate with what was seen inside its machines, by their managed object ids."""
    if not inside:
        return estate
    machines = estate.vcenter.machines.map(
        lambda known: tuple(replace(one, inside=inside[one.ref]) if one.ref in inside else one for one in known)
    )
    return replace(estate, vcenter=replace(estate.vcenter, machines=machines))


def guest_call(program: Program, vm: VirtualMachine, target: ChangeTarget, *question: str) -> Call:
    """Return the call that runs a program in a guest; `question` are the lines of data that it reads."""
    args = {
        "_this": moref("VirtualMachine", vm.ref),
        "machine": target.name,
        "programPath": program.path,
        "name": program.name,
        "program": program.sha256,
        "question": list(question),
    }
    return Call("guest", "StartProgramInGuest", args)


def enterable(vm: VirtualMachine) -> State:
    """Return what entering a guest rests on; raises `CannotChange` when it cannot be entered, and `NotSeen`."""
    if not powered_on(vm):
        raise CannotChange(_("the VM is not powered on"))
    if vm.tools_running.value != TOOLS_RUN:
        raise CannotChange(_("VMware Tools do not run inside, and without them nobody gets in this way"))
    return {**identity(vm), "powerState": vm.power_state.value, "toolsRunningStatus": vm.tools_running.value}


def system_inside(case: Case, vm: VirtualMachine) -> str:
    """Return which system runs in the VM of a master target; raises `CannotChange` or `NotSeen`."""
    target = target_on(case, vm)
    family = operating_systems.family(target.registered.value.os_type.value)
    if family not in _SYSTEMS:
        raise CannotChange(_("it is not known whether Windows or Linux runs inside"))
    return _SYSTEMS[family]


def target_on(case: Case, vm: VirtualMachine) -> Target:
    """Return the master target whose VM it is; raises `CannotChange` or `NotSeen`."""
    for target in case.targets.value:
        if target.vm.was_seen and target.vm.value.ref == vm.ref:
            return target
    raise CannotChange(_("no chosen master target stands on this VM"))
