"""What Azure's network watcher answers in the small ready case: everything is let through, and nothing goes astray.

No answer comes of the master target's data ports: nothing listens there before the first machine is reprotected.
"""

from __future__ import annotations

from tests.estates.ready_azure import CS_ADDRESS, MT_ADDRESS, azure_saw, azure_vm
from wizard_steps.case import Case
from wizard_steps.classic.probing import HTTPS, connection, wanted_probes
from wizard_steps.seen_by_probes import (
    Connectivity,
    ConnectivityProbe,
    FlowProbe,
    FlowVerdict,
    NextHop,
    NextHopProbe,
    ProbeAnswers,
)

ALLOWED = FlowVerdict(allowed=True, rule="defaultSecurityRules/AllowVnetOutBound")
DENIED_BY_RULE = FlowVerdict(allowed=False, rule="securityRules/deny-all")
TO_THE_GATEWAY = NextHop("VirtualNetworkGateway", None, None)
REACHED = Connectivity(reached=True, latency_ms=2, issues=())
NO_ANSWER = Connectivity(reached=False, latency_ms=None, issues=())


def answers_to(case: Case) -> ProbeAnswers:
    """Return the answer to every question of a case, and to those that its heartbeats make unnecessary."""
    wanted = wanted_probes(case)
    spare = [connection(azure_vm(name), CS_ADDRESS, HTTPS) for name in ("web01", "db01", "PS-AZ-01")]
    tried = [one for one in (*wanted, *spare) if isinstance(one, ConnectivityProbe)]
    return ProbeAnswers(
        flows={one.key: azure_saw(ALLOWED) for one in wanted if isinstance(one, FlowProbe)},
        next_hops={one.key: azure_saw(TO_THE_GATEWAY) for one in wanted if isinstance(one, NextHopProbe)},
        connectivity={one.key: azure_saw(NO_ANSWER if one.destination == MT_ADDRESS else REACHED) for one in tried},
    )
