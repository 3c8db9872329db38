"""What Azure's network probes tell, as plain frozen data, and the questions they answer.

A probe asks Azure and changes nothing, but it takes seconds, so it is asked on demand. Each question is a frozen value
with a `key`; the answers of a look are kept by that key, so that a rule finds the one for its flow. Words are kept as
Azure sent them. A question that was asked and not answered is a reading that was not seen, with its reason; one that
was never asked is not seen either: `NOT_PROBED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard_steps.reading import Reading
from wizard_steps.wording import N_

NOT_PROBED = N_("not probed: run with --probe, or press the probe key")

OUTBOUND, INBOUND = "Outbound", "Inbound"


@dataclass(frozen=True)
class FlowProbe:
    """Asks whether the network security groups let TCP through. `port` is that of the end that listens."""

    vm_id: str
    nic_id: str
    direction: str  # Outbound: from the VM to remote:port; Inbound: from remote to the VM's own port
    local: str
    remote: str
    port: int

    @property
    def key(self) -> str:
        """What its answer is kept under."""
        sign = "->" if self.direction == OUTBOUND else "<-"
        return f"{self.nic_id} {self.local} {sign} {self.remote} tcp:{self.port}".casefold()


@dataclass(frozen=True)
class NextHopProbe:
    """Asks where the Azure network sends what leaves this interface for an address."""

    vm_id: str
    nic_id: str
    source: str
    destination: str

    @property
    def key(self) -> str:
        """What its answer is kept under."""
        return f"{self.nic_id} {self.source} -> {self.destination}".casefold()


@dataclass(frozen=True)
class ConnectivityProbe:
    """Asks whether a TCP connection from this VM reaches an address. It takes the Network Watcher agent in the VM."""

    vm_id: str
    destination: str
    port: int

    @property
    def key(self) -> str:
        """What its answer is kept under."""
        return f"{self.vm_id} -> {self.destination} tcp:{self.port}".casefold()


Probe = FlowProbe | NextHopProbe | ConnectivityProbe


@dataclass(frozen=True)
class FlowVerdict:
    """What the network security groups do with a flow, and the rule that says so."""

    allowed: bool
    rule: str  # as Azure names it: securityRules/deny-9443, defaultSecurityRules/AllowVnetOutBound


@dataclass(frozen=True)
class NextHop:
    """Where a packet goes next."""

    kind: str  # VirtualNetworkGateway, VirtualAppliance, VnetLocal, Internet, None ...
    address: str | None
    route_table_id: str | None  # None: a system route


@dataclass(frozen=True)
class HopIssue:
    """What Azure found wrong at one hop of a connectivity check."""

    kind: str  # NetworkSecurityRule, UserDefinedRoute, GuestFirewall, AgentStopped ...
    hop: str  # the address of the hop, empty where Azure gives none
    about: tuple[str, ...]  # the values of its context, such as a rule's name


@dataclass(frozen=True)
class Connectivity:
    """What became of a connection that was tried."""

    reached: bool
    latency_ms: int | None  # average; None: nothing came back
    issues: tuple[HopIssue, ...]


@dataclass(frozen=True)
class EffectiveRoute:
    """A route that applies at a network interface."""

    prefixes: tuple[str, ...]
    next_hop: str  # as `NextHop.kind`
    source: str  # User, VirtualNetworkGateway, Default
    active: bool


@dataclass(frozen=True)
class EffectiveRule:
    """A security rule that applies at a network interface, and the group it stands in."""

    group_id: str
    name: str
    direction: str
    allows: bool
    priority: int


@dataclass(frozen=True)
class ProbeAnswers:
    """Every answer of one look's probes, by the key of the question; `routes` and `rules` by interface, case folded.

    Routes and rules of an interface are asked only where something there is in the way, to name it.
    """

    flows: Mapping[str, Reading[FlowVerdict]] = field(default_factory=dict)
    next_hops: Mapping[str, Reading[NextHop]] = field(default_factory=dict)
    connectivity: Mapping[str, Reading[Connectivity]] = field(default_factory=dict)
    routes: Mapping[str, Reading[tuple[EffectiveRoute, ...]]] = field(default_factory=dict)
    rules: Mapping[str, Reading[tuple[EffectiveRule, ...]]] = field(default_factory=dict)
