"""What the power state of an Azure VM comes to: it runs, it starts, it is off, or Azure says a word nobody knows."""

from __future__ import annotations

from collections.abc import Sequence

from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, fail, passed, pending, say, unknown
from wizard_steps.seen_in_azure import AzureVm
from wizard_steps.wording import _

RUNNING, STARTING = "running", "starting"
OFF = frozenset({"stopped", "stopping", "deallocated", "deallocating"})


def judge_power(
    vm: AzureVm, template: str, /, *, action: str | None = None, remedies: Sequence[str] | None = None, **said: object
) -> Judgement:
    """Judge whether a VM runs; `template` is the sentence that names its `{power_state}`. Raises `NotSeen`."""
    state = vm.power_state.value
    said = {**said, "power_state": state}
    if state.casefold() == RUNNING:
        return passed(template, **said)
    if state.casefold() in OFF:
        return fail(template, action=action, remedies=remedies, **said)
    if state.casefold() == STARTING:
        return pending(template, action=_("Wait, then look again."), remedies=(), **said)
    return unknown(
        _("{sentence}, a word this program does not know"),
        sentence=say(template, **said),
        power_state=state,
        action=_("Look at the VM in the portal and judge by what it shows there."),
    )


def runs(vm: AzureVm) -> bool:
    """Tell whether a VM is on; raises `NotSeen` for one that is just starting, or whose state nobody knows."""
    state = vm.power_state.value
    if state.casefold() in {RUNNING} | OFF:
        return state.casefold() == RUNNING
    raise NotSeen(
        _("the Azure VM {vm} is {power_state}, neither running nor off").format(
            vm=vm.name.shown(), power_state=Outside(state).shown()
        )
    )
