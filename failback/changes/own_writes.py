"""Which `changeVersion` of a VM this run itself brought about, so that its own writes do not make its plan stale.

Every write to a VM moves its `changeVersion`: the mark that keeps another operator away does, and so does each change
of a plan that is followed by another one on the same VM. What a later change rests on besides the version is compared
as always; only the version may be the one that this run's own, guarded write led to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from failback.changes.change import Call, Change
from wizard_steps.case import Case

VERSION = "changeVersion"


def version_of(case: Case, ref: str) -> str | None:
    """Return the `changeVersion` of a VM by its reference (`<vCenter instanceUuid>/vm-42`); `None`: not seen."""
    vm_ref = ref.rpartition("/")[2]
    for vm in case.vcenter.machines.or_else(()):
        if vm.ref == vm_ref:
            return vm.change_version.or_else(None)
    return None


class OwnWrites:
    """The versions of each VM that this run moved on, from the first to the last."""

    def __init__(self) -> None:
        """Nothing was written yet."""
        self._next: dict[tuple[str, str], str] = {}

    def note(self, ref: str, before: str | None, after: str | None) -> None:
        """Note that a write of this run led from one version of a VM to another; an unseen one notes nothing."""
        if before is not None and after is not None and before != after:
            self._next[ref, before] = after

    def carried_over(self, change: Change) -> Change:
        """Return the change as it is after this run's own writes: the same, resting on the version they led to."""
        old = change.rests_on.get(VERSION)
        new = self._latest(change.target.ref, old) if isinstance(old, str) else None
        if new is None or new == old:
            return change
        calls = tuple(_at_version(call, old, new) for call in change.calls)
        return replace(change, rests_on={**change.rests_on, VERSION: new}, calls=calls)

    def _latest(self, ref: str, version: str) -> str:
        passed = {version}
        while (after := self._next.get((ref, version))) is not None and after not in passed:
            passed.add(after)
            version = after
        return version


def _at_version(call: Call, old: Any, new: str) -> Call:
    """Return a call whose specification is guarded by `new` where it was guarded by `old`."""
    spec = call.args.get("spec")
    if not isinstance(spec, Mapping) or spec.get(VERSION) != old:
        return call
    return replace(call, args={**call.args, "spec": {**spec, VERSION: new}})
