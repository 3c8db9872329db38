"""What it costs to bring a machine home: how many bytes cross the line, and how long that takes by itself.

Microsoft's page on the types of failback: to the original location only the changes are replicated back, to an
alternate one the complete data. How much has changed no interface tells before reprotect, so the whole is the most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard_steps.case import Machine, read
from wizard_steps.classic.homecoming import ORIGINAL, disk_bytes
from wizard_steps.classic.line_rate import Rate, rate_home
from wizard_steps.classic.networks import network_id_of
from wizard_steps.sizes import shown_size
from wizard_steps.wording import _


def cost_of(machine: Machine, location: str) -> Mapping[str, Any]:
    """Return what bringing a machine home to a location costs: `copies` (delta or full), `bytes`, `hours`, and `cost`.

    `cost` is all of it as a clause for a person. What was not read is said there and left out of the figures.
    """
    copies = "delta" if location == ORIGINAL else "full"
    size, rate = read(lambda: disk_bytes(machine)), read(lambda: _rate(machine))
    if not size.was_seen:
        return {"copies": copies, "cost": _("how much is copied is not known: {reason}").format(reason=size.reason)}
    shown = shown_size(size.value)
    if copies == "delta":
        what = _("only what changed since the failover is copied, {size} at most").format(size=shown)
    else:
        what = _("all {size} are copied").format(size=shown)
    if not rate.was_seen:
        unknown = _("{what}; how long it takes is not known: {reason}").format(what=what, reason=rate.reason)
        return {"copies": copies, "bytes": size.value, "cost": unknown}
    hours = rate.value.hours_for(size.value)
    said = _("{what}, about {hours} hours over {rate}").format(what=what, hours=f"{hours:.1f}", rate=rate.value.words)
    return {"copies": copies, "bytes": size.value, "hours": round(hours, 2), "cost": said}


def _rate(machine: Machine) -> Rate:
    """Return the rate of the line a machine's data come over; raises `NotSeen`."""
    vm = machine.azure_vm.value
    return rate_home(machine.case, () if vm is None else (network_id_of(machine.case, vm),))
