"""How fast the line home is, and how long it takes a number of bytes.

A rate that was measured counts before any that a provider states. Stated rates: for a VPN gateway the aggregate
throughput in Microsoft's page "About gateway SKUs" (VPN Gateway), for a gateway in a virtual WAN's hub its scale units,
for ExpressRoute the bandwidth of the circuit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wizard_steps.case import Case
from wizard_steps.classic.networks import Line, circuit_of, is_up, lines_from
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.seen_in_azure import Gateway
from wizard_steps.wording import N_, _

# Mbit/s for the sum of all tunnels of a gateway; zone-redundant sizes end in AZ.
GATEWAY_MBPS = {
    "basic": 100,
    "vpngw1": 650,
    "vpngw2": 1000,
    "vpngw3": 1250,
    "vpngw4": 5000,
    "vpngw5": 10000,
}
MBPS_PER_SCALE_UNIT = 500  # of a VPN gateway in a virtual WAN's hub
USABLE_SHARE = 0.7  # our figure: what is left of a line's rate for one transfer
_SCALE_UNITS = " scale units"
_SKU_TABLE = N_("Microsoft's table of gateway SKUs for {size}")
_CIRCUIT = N_("the ExpressRoute circuit {name}")


@dataclass(frozen=True)
class Rate:
    """A rate in Mbit/s, and how it is known: measured, or who states it, in words."""

    mbps: float
    is_measured: bool
    stated_by: str = ""

    def hours_for(self, size: int) -> float:
        """Return how many hours a number of bytes takes with nothing else on the line."""
        return size * 8 / 1e6 / (self.mbps * USABLE_SHARE) / 3600

    @property
    def words(self) -> str:
        """The rate as a person says it."""
        words = _("the measured {mbps} Mbit/s") if self.is_measured else _("the nominal {mbps} Mbit/s ({stated_by})")
        return words.format(mbps=f"{self.mbps:g}", stated_by=self.stated_by)


def rate_home(case: Case, network_ids: Iterable[str]) -> Rate:
    """Return the measured rate, else that of the slowest network's best connected line; raises `NotSeen`."""
    measured = max(0.0, case.choices.link_mbps or 0.0)
    if measured:
        return Rate(measured, is_measured=True)
    best = [_best(case, lines_from(case, one)) for one in dict.fromkeys(network_ids)]
    if not best:
        raise NotSeen(_("no machine of the batch has an Azure VM"))
    return min(best, key=lambda one: one.mbps)


def _best(case: Case, lines: Sequence[Line]) -> Rate:
    stated = [rate for one in lines if is_up(one.connection) and (rate := _stated(case, one)) is not None]
    if not stated:
        raise NotSeen(_("no connected line states its bandwidth: set link_mbps under [site]"))
    return max(stated, key=lambda one: one.mbps)


def _stated(case: Case, line: Line) -> Rate | None:
    circuit = circuit_of(case, line.connection)
    if circuit is not None:
        mbps: float | None = circuit.bandwidth_mbps.value
        words = _(_CIRCUIT).format(name=circuit.name.shown())
    else:
        mbps = _of_gateway(line.gateway)
        words = _(_SKU_TABLE).format(size=Outside(line.gateway.size.value).shown())
    return Rate(mbps, is_measured=False, stated_by=words) if mbps else None


def _of_gateway(gateway: Gateway) -> float | None:
    size = gateway.size.value.casefold()
    units = size.removesuffix(_SCALE_UNITS)
    if units != size:
        return int(units) * MBPS_PER_SCALE_UNIT if units.isascii() and units.isdigit() else None
    return GATEWAY_MBPS.get(size.removesuffix("az"))
