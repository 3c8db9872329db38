"""Set disk.EnableUUID on the master target's VM: the configuration row and the VM's own flag, guarded by changeVersion.

vCenter keeps two truths of it (facts: recipe R1), and older tools wrote the row in other spellings: every spelling that
is there is written, none is added beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from failback.changes.change import Change, ChangeTarget, State, in_words
from failback.changes.on_vcenter import RECONFIGURE, identity, master_target_vm, named, powered_on, vm_call, vm_of
from failback.changes.remedy import VCENTER, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

ROW = "disk.EnableUUID"
FLAG = "flags.diskUuidEnabled"


class SetEnableUuid(Remedy):
    """Row and flag on. Nothing stops; the guest sees it after the next power-on."""

    id = "set-enable-uuid"
    weight = Weight.HARMLESS
    reads = VCENTER

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the master target's VM."""
        return master_target_vm(case, finding)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Write every spelling of the row, and the flag."""
        vm = vm_of(case, target)
        before = _as_it_is(vm, wanted)
        after = dict(wanted) if wanted is not None else {**dict.fromkeys(before, "TRUE"), FLAG: True}
        if before == after:
            raise CannotChange(_("disk.EnableUUID is already as wanted"))
        on = after[FLAG] is True
        return Shape(
            title=(_("Set disk.EnableUUID on {name}") if on else _("Put disk.EnableUUID of {name} back")).format(
                name=named(target)
            ),
            before=before,
            after=after,
            calls=(vm_call("ReconfigVM_Task", vm, spec=_spec(vm, after)),),
            rests_on={**identity(vm), "changeVersion": vm.change_version.value, "powerState": vm.power_state.value},
            disturbs=_(
                "nothing now; it takes effect at the next power-on, so a running master target needs a power cycle "
                "afterwards"
            ),
            reversible=True,
            undo=_("the row and the flag get their old values back; that, too, takes effect at the next power-on"),
            privileges=(RECONFIGURE, "VirtualMachine.Config.Settings"),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Compare row and flag with what was wanted."""
        vm = vm_of(case, change.target)
        now = _as_it_is(vm, change.after)
        if now != dict(change.after):
            found = ", ".join(f"{visible(key)} {in_words(value)}" for key, value in now.items())
            return Verification(False, _("read again, it is not as planned: {found}").format(found=found))
        if powered_on(vm):
            return Verification(
                True, _("row and flag are as planned; the VM runs, so a power cycle makes it effective")
            )
        return Verification(
            True, _("row and flag are as planned; the VM is off, so its next power-on makes it effective")
        )


def _as_it_is(vm: VirtualMachine, wanted: State | None) -> dict[str, Any]:
    """Return the rows (those found, and those asked for) and the flag. A row that is not there is `None`."""
    rows = {key: text.raw for key, text in vm.extra_config.value.items() if key.casefold() == ROW.casefold()}
    asked = [key for key in wanted or {} if key != FLAG]
    if any(key.casefold() != ROW.casefold() for key in asked):
        raise CannotChange(_("it names rows of the VM's settings that are none of this change"))
    found: dict[str, Any] = {key: rows.get(key) for key in sorted({*rows, *asked}) or [ROW]}
    return {**found, FLAG: vm.disk_uuid_flag.value}


def _spec(vm: VirtualMachine, after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the specification; an empty value takes a row away."""
    return {
        "changeVersion": vm.change_version.value,
        "flags": {"diskUuidEnabled": after[FLAG]},
        "extraConfig": [{"key": key, "value": value or ""} for key, value in after.items() if key != FLAG],
    }
