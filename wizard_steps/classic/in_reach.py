"""What vCenter reaches: ESXi hosts that answer and are in service, VMs whose files can be read.

What vCenter shows of anything else is what it last knew, and nothing can be attached or started there.
"""

from __future__ import annotations

from wizard_steps.outside import Outside
from wizard_steps.requirement import Judgement, fail, not_applicable, unknown
from wizard_steps.seen_in_vcenter import Host, VirtualMachine
from wizard_steps.wording import _

CONNECTED = "connected"
_LOST = frozenset({"disconnected", "orphaned", "inaccessible", "invalid"})


def trouble_with_host(host: Host) -> str | None:
    """Return why nothing can be done on a host, as a clause; None: it is connected and in service. Raises `NotSeen`."""
    state = host.connection_state.value
    if state != CONNECTED:
        return _("{host} is {state}").format(host=host.name.shown(), state=Outside(state).shown())
    if host.in_maintenance.value:
        return _("{host} is in maintenance mode").format(host=host.name.shown())
    return None


def judge_host(host: Host) -> Judgement:
    """Fail for a host on which nothing can be done; where all is well there is nothing to say. Raises `NotSeen`."""
    trouble = trouble_with_host(host)
    if trouble is None:
        return not_applicable(_("{host} is connected and in service"), host=host.name)
    return fail(
        _("{trouble}"), trouble=trouble, remedies=(), action=_("Bring the ESXi host back into service in vCenter.")
    )


def judge_vm(vm: VirtualMachine) -> Judgement:
    """Fail for a VM that vCenter lost (VirtualMachineRuntimeInfo.connectionState); else there is nothing to say."""
    state = vm.connection_state.value
    if state == CONNECTED:
        return not_applicable(_("vCenter reaches {vm}"), vm=vm.name)
    return (fail if state in _LOST else unknown)(
        _("vCenter shows {vm} as {state}: what it tells of this VM is what it last knew"),
        vm=vm.name,
        state=Outside(state),
        remedies=(),
        action=_("Bring its ESXi host and its files back within vCenter's reach, or register the VM anew."),
    )
