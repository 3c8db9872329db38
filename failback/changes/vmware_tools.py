"""VMware Tools in the master target: put their installer into its drive, or have vCenter upgrade them (recipe R12)."""

from __future__ import annotations

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_master_target import OnMasterTarget
from failback.changes.on_vcenter import identity, named, powered_on, vm_call, vm_of
from failback.changes.remedy import CannotChange, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.outside import visible
from wizard_steps.wording import _

INSTALLER = "installer mounted"
VERSION = "VMware Tools"
CURRENT = "guestToolsCurrent"
_OLD = frozenset({"guestToolsNeedUpgrade", "guestToolsSupportedOld", "guestToolsTooOld", "guestToolsBlacklisted"})
_PRIVILEGES = ("VirtualMachine.Interact.ToolsInstall",)


class MountVMwareTools(OnMasterTarget):
    """MountToolsInstaller. Running the installer inside the guest is left to a person."""

    id = "mount-vmware-tools"
    weight = Weight.HARMLESS

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Put the installer in, or take it out."""
        vm = vm_of(case, target)
        now = vm.tools_installer_mounted.value
        then = True if wanted is None else bool(wanted[INSTALLER])
        if now == then:
            if wanted is not None:
                raise CannotChange(_("the drive is already as wanted"))
            raise CannotChange(_("its installer is in the drive already: run it inside the guest"))
        if not powered_on(vm):
            raise CannotChange(_("the VM is off: power it on first"))
        return Shape(
            title=(
                _("Put the installer of VMware Tools into {name}")
                if then
                else _("Take the installer of VMware Tools out of {name}")
            ).format(name=named(target)),
            before={INSTALLER: now},
            after={INSTALLER: then},
            calls=(vm_call("MountToolsInstaller" if then else "UnmountToolsInstaller", vm),),
            rests_on={**identity(vm), "powerState": vm.power_state.value},
            disturbs=_("nothing stops; what is in the VM's optical drive makes room. vCenter does not guard this call"),
            reversible=True,
            undo=_("the installer is taken out of the drive again"),
            privileges=_PRIVILEGES,
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look whether the installer is in."""
        now = vm_of(case, change.target).tools_installer_mounted.value
        if now != change.after[INSTALLER]:
            return Verification(False, _("read again, the drive is not as planned"))
        return Verification(
            True, _("the installer is in the drive: run it inside the guest") if now else _("the drive is free again")
        )


class UpgradeVMwareTools(OnMasterTarget):
    """UpgradeTools_Task: the Tools that run install their newer version, without questions."""

    id = "upgrade-vmware-tools"
    weight = Weight.DISRUPTIVE

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Upgrade Tools that run and are old."""
        vm = vm_of(case, target)
        version = vm.tools_version_status.value
        if version not in _OLD:
            raise CannotChange(_("there is nothing to upgrade: vCenter says {word}").format(word=visible(version)))
        if vm.tools_running.value != "guestToolsRunning" or not powered_on(vm):
            raise CannotChange(_("VMware Tools does not run, so it cannot upgrade itself: install it inside the guest"))
        return Shape(
            title=_("Upgrade VMware Tools in {name}").format(name=named(target)),
            before={VERSION: version},
            after={VERSION: CURRENT},
            calls=(vm_call("UpgradeTools_Task", vm),),
            rests_on={**identity(vm), "powerState": vm.power_state.value, VERSION: version},
            disturbs=_(
                "the guest may restart by itself: replication through it and all else that runs on it stops for some "
                "minutes. vCenter does not guard this call"
            ),
            reversible=False,
            undo=_("older Tools are not put back; the VM has no snapshot to go back to"),
            privileges=_PRIVILEGES,
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Look at what vCenter says of their version."""
        version = vm_of(case, change.target).tools_version_status.value
        return Verification(version == CURRENT, _("vCenter says {word}").format(word=visible(version)))
