"""What the answers of network probes prove, and how they are said: rules that deny, hops that lead nowhere, no answer.

A port that a text states may fail a requirement. One that is inferred may not, and neither may what lies behind a line
that is down: step 3 says that already.
"""

from __future__ import annotations

from wizard_steps.case import Case
from wizard_steps.classic.configuration_server_vm import failback_address
from wizard_steps.classic.heartbeats import age
from wizard_steps.classic.networks import is_private, is_up, lines_from, network_id_of, shown_id
from wizard_steps.classic.probing import HTTPS, connection, connectivity, flow, next_hop, was_asked
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, attest, fail, passed, unknown
from wizard_steps.seen_by_probes import OUTBOUND, Connectivity, FlowProbe, NextHop, NextHopProbe
from wizard_steps.seen_in_azure import AzureVm, ProcessServer
from wizard_steps.wording import _

_TO_THE_SITE = frozenset({"virtualnetworkgateway", "virtualappliance", "virtualapplianceecmp", "hypernetgateway"})
_ELSEWHERE = frozenset({"none", "internet", "vnetlocal"})


# -- security rules


def denials(case: Case, *flows: FlowProbe) -> list[str]:
    """Return what denies some flows, a phrase for each; raises `NotSeen` where nobody can tell, and no other denies."""
    unread: NotSeen | None = None
    found: list[str] = []
    for probe in flows:
        try:
            verdict = flow(case, probe).value
        except NotSeen as missing:
            unread = unread or missing
            continue
        if not verdict.allowed:
            found.append(_denial(case, probe, verdict.rule))
    if unread is not None and not found:
        raise unread
    return found


def _denial(case: Case, probe: FlowProbe, rule: str) -> str:
    said = {
        "rule": Outside(_plain(rule)).shown() or _("a rule without a name"),
        "place": _group_of(case, probe, rule),
        "vm": shown_id(probe.vm_id),
        "port": probe.port,
        "remote": Outside(probe.remote).shown(),
    }
    if probe.direction == OUTBOUND:
        return _("{rule}{place} denies what {vm} sends to {remote} on TCP {port}").format(**said)
    return _("{rule}{place} denies what {remote} sends to {vm} on TCP {port}").format(**said)


def _plain(rule: str) -> str:
    """Return a rule's own name: Azure writes the kind of the rule before it."""
    return rule.rpartition("/")[2].removeprefix("UserRule_")


def _group_of(case: Case, probe: FlowProbe, rule: str) -> str:
    """Return, for a person, the security group a rule stands in; empty where that was not read."""
    answers = case.azure.probed
    reading = answers.rules.get(probe.nic_id.casefold()) if answers is not None else None
    for one in reading.or_else(()) if reading is not None else ():
        if _plain(one.name) == _plain(rule) and one.direction == probe.direction and not one.allows:
            return _(" in {group}").format(group=shown_id(one.group_id))
    return ""


def denied(evidence: list[str]) -> Judgement:
    """Return the failure of a flow that security rules deny."""
    return fail(
        "{evidence}",
        evidence="; ".join(evidence),
        action=_("Change this rule, or put one that allows the flow before it."),
    )


# -- next hops


def leads_to_the_site(hop: NextHop) -> bool:
    """Tell whether a packet is sent towards the site; raises `NotSeen` for a kind of hop nobody knows."""
    kind = hop.kind.casefold()
    if kind in _TO_THE_SITE:
        return True
    if kind in _ELSEWHERE:
        return False
    raise NotSeen(_('the next hop is of the unknown kind "{kind}"').format(kind=Outside(hop.kind).shown()))


def astray(case: Case, probe: NextHopProbe) -> str | None:
    """Return, as a phrase, where a packet goes that never gets to the site; None: it is sent there, or was not asked.

    Raises `NotSeen` when the answer was not seen. An address of the Internet may be reached over the Internet.
    """
    if not was_asked(case, probe) or not is_private(probe.destination):
        return None
    hop = next_hop(case, probe).value
    if leads_to_the_site(hop):
        return None
    said = {"address": Outside(probe.destination).shown(), "kind": Outside(hop.kind).shown()}
    if hop.route_table_id is None:
        return _("the next hop to {address} is {kind}{why}").format(**said, why=_deciding_route(case, probe, hop))
    return _("the next hop to {address} is {kind}, by the route table {table}").format(
        **said, table=shown_id(hop.route_table_id)
    )


def _deciding_route(case: Case, probe: NextHopProbe, hop: NextHop) -> str:
    """Return, for a person, that no learned route leads to the site, where the effective routes were read."""
    answers = case.azure.probed
    reading = answers.routes.get(probe.nic_id.casefold()) if answers is not None else None
    if reading is None or not reading.was_seen:
        return ""
    learned = [
        one
        for route in reading.value
        if route.active and route.next_hop.casefold() in _TO_THE_SITE
        for one in route.prefixes
    ]
    if not learned:
        return _("; no route leads to a gateway")
    return _("; routes to a gateway: {prefixes}").format(prefixes=Outside(", ".join(learned)).shown(200))


def line_is_up(case: Case, vm: AzureVm) -> bool:
    """Tell whether some connection from a VM's network to the site is up; raises `NotSeen`."""
    lines = lines_from(case, network_id_of(case, vm))
    if any(one.connection.status.was_seen and is_up(one.connection) for one in lines):
        return True
    return any(is_up(one.connection) for one in lines)


# -- connections that were tried


def issues_of(result: Connectivity) -> str:
    """Return, for a person, what Azure found on the way; empty where it found nothing."""
    found = [
        _("{kind} at {hop}{about}").format(
            kind=Outside(one.kind).shown(),
            hop=Outside(one.hop).shown() or _("an unnamed hop"),
            about=f" ({Outside(', '.join(one.about)).shown(120)})" if one.about else "",
        )
        for one in result.issues
    ]
    return _(": {issues}").format(issues="; ".join(dict.fromkeys(found))) if found else ""


def was_reached(vm: AzureVm, whom: Outside, address: str, port: int, result: Connectivity) -> Judgement:
    """Return that a connection was made."""
    said = {"vm": vm.name, "whom": whom, "address": address, "port": port}
    if result.latency_ms is None:
        return passed(_("{vm} reached {whom} ({address}) on TCP {port}"), **said)
    return passed(
        _("{vm} reached {whom} ({address}) on TCP {port}, in {latency} ms"), **said, latency=result.latency_ms
    )


def was_not_reached(vm: AzureVm, whom: Outside, address: str, port: int, result: Connectivity) -> Judgement:
    """Return the failure of a connection that was tried."""
    return fail(
        _("{vm} did not reach {whom} ({address}) on TCP {port}{issues}"),
        vm=vm.name,
        whom=whom,
        address=address,
        port=port,
        issues=issues_of(result),
    )


def tried(case: Case, vm: AzureVm, whom: Outside, address: str, port: int) -> Judgement:
    """Judge the way from a VM to a server on-premises by what became of a connection that was tried."""
    result = connectivity(case, connection(vm, address, port)).value
    if result.reached:
        return was_reached(vm, whom, address, port, result)
    if not line_is_up(case, vm):
        return behind_a_line_that_is_down(vm, whom, address)
    return was_not_reached(vm, whom, address, port, result)


def tried_by_process_server(case: Case, server: ProcessServer, vm: AzureVm | None) -> Judgement:
    """Judge, where no heartbeat proves it, whether a process server reaches the configuration server."""
    if vm is not None:
        return tried(case, vm, case.server.value.name, failback_address(case), HTTPS)
    return unknown(
        _("the last heartbeat of {name} is {minutes} minutes old and proves nothing"),
        name=server.name,
        minutes=age(case, server.last_heartbeat),
    )


def behind_a_line_that_is_down(vm: AzureVm, whom: Outside, address: str) -> Judgement:
    """Return that nothing can be said of what lies at the other end of a connection that is down."""
    return unknown(
        _("no connection to the site is up, so {vm} cannot reach {whom} ({address}), whatever its port lets through"),
        vm=vm.name,
        whom=whom,
        address=address,
        action=_("Bring the connection to the site up (step 3), then look again."),
    )


def off(vm: AzureVm) -> Judgement:
    """Return that a VM which is off cannot be asked: its own row says that it is off, and a person may know better."""
    return attest(
        _("{vm} is {state}, so nothing can be tried from it: start it and look again, or vouch for this"),
        vm=vm.name,
        state=Outside(vm.power_state.value),
    )
