"""On which VM a disk belongs that a master target held and holds no more: on the target, or on its own machine's VM.

Its own machine is the one whose VM is at home in the folder where the disk lay when it was first seen. While that
machine replicates back through the target its disks hang there; once it failed back, or its reverse replication ended,
they are its own again. What allows for both is left to a person, with what to look at.
"""

from __future__ import annotations

from typing import Final

from failback.changes.remedy import CannotChange
from wizard_steps.case import Case, Machine, Target
from wizard_steps.classic import moved_disks
from wizard_steps.classic.reprotected import through
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.replication_kinds import REPROTECTED, TO_AZURE
from wizard_steps.seen_in_azure import ProtectedItem
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

_ON_THE_WAY: Final = "primary"  # where an item is active that replicates back: after its failback it is "recovery"
_FAILED_BACK: Final = "recovery"
_FAILING_BACK: Final = "failover"  # in the words for a failback that is under way, or waits for its commit


def where_it_belongs(case: Case, target: Target, file: str) -> VirtualMachine:
    """Return the VM to which a disk belongs that first lay in `file`.

    Raises `CannotChange` where that cannot be told for certain, and `NotSeen`.
    """
    its_target, owner = target.vm.value, moved_disks.own_vm(case, file)
    if owner is None:
        raise CannotChange(
            _("no VM of this vCenter is at home in its folder, so nobody can tell whose disk it is: attach it by hand")
        )
    if owner.ref == its_target.ref:
        return its_target
    item = _item_of(case, target, owner)
    if item is None or _is_its_own_again(target, owner, item, through(case, target)):
        return owner
    return its_target


def _item_of(case: Case, target: Target, owner: VirtualMachine) -> ProtectedItem | None:
    """Return the protected item of a VM; `None`: site recovery protects it no more."""
    sources = [(item, Machine(case, item).source_vm) for item in case.azure.protected_items.value]
    mine = [item for item, vm in sources if (known := vm.or_else(None)) is not None and known.ref == owner.ref]
    if len(mine) > 1:
        raise CannotChange(
            _("site recovery has {count} items for {vm}, so whether it replicates back cannot be told").format(
                count=len(mine), vm=owner.name.shown()
            )
        )
    if mine:
        return mine[0]
    using = through(case, target)
    unclear = [item.machine_name.shown() for item, vm in sources if item in using and vm.or_else(None) is None]
    if unclear:
        raise CannotChange(
            _(
                "it lay in the folder of {vm}, and which VM is that of {machines}, on the way home through {target}, "
                "cannot be told: if it is this one, say so under same_machine, else attach the disk by hand"
            ).format(vm=owner.name.shown(), machines=", ".join(unclear), target=Outside(target.name).shown())
        )
    return None


def _is_its_own_again(
    target: Target, owner: VirtualMachine, item: ProtectedItem, using: tuple[ProtectedItem, ...]
) -> bool:
    """Tell whether a machine does without the master target now; raises `CannotChange` where both may be."""
    kind, location = item.instance_type.value, item.active_location.value
    name = owner.name.shown()
    if kind.casefold() == TO_AZURE:
        return True
    if kind.casefold() != REPROTECTED:
        raise CannotChange(
            _("{vm} is replicated as {kind}, and where its disks hang then is not known here").format(
                vm=name, kind=Outside(kind).shown()
            )
        )
    if location.casefold() == _FAILED_BACK:
        return True
    if item not in using:
        raise CannotChange(
            _("{vm} replicates back through another master target than {target}: look for the disk there").format(
                vm=name, target=Outside(target.name).shown()
            )
        )
    _refuse_in_between(name, item)
    return False


def _refuse_in_between(name: str, item: ProtectedItem) -> None:
    """Raise `CannotChange` unless a machine does nothing but replicate back; raises `NotSeen`."""
    location, state, scenario = item.active_location.value, item.protection_state.value, item.current_scenario.value
    said = ", ".join(Outside(one).shown() for one in (location, state, scenario) if one)
    if location.casefold() != _ON_THE_WAY:
        raise CannotChange(
            _("site recovery says of {vm}: {state}; whether it replicates back or came home cannot be told").format(
                vm=name, state=said
            )
        )
    if _FAILING_BACK in state.casefold() or _FAILING_BACK in (scenario or "").casefold():
        raise CannotChange(
            _(
                "{vm} is being failed back, or that broke off ({state}), so the disk may belong on either VM: look at "
                "the failback's job in the vault, and see to its end first"
            ).format(vm=name, state=said)
        )


def in_its_words(file: str, refused: CannotChange | NotSeen) -> str:
    """Return why a disk is left alone, with the file in which it first lay."""
    return _("{disk}: {why}").format(disk=Outside(file).shown(), why=refused.reason)


__all__ = ["in_its_words", "where_it_belongs"]
