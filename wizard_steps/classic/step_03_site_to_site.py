"""Step 3: a VPN or an ExpressRoute private peering between the Azure networks and the site, wide enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from wizard_steps.case import Case, Machine
from wizard_steps.classic.configuration_server_vm import failback_address
from wizard_steps.classic.heartbeats import is_fresh
from wizard_steps.classic.line_rate import rate_home
from wizard_steps.classic.networks import (
    Line,
    circuit_of,
    gateways_of,
    is_private,
    is_up,
    lines_from,
    network_id_of,
    overlapping,
    shown_id,
    vm_of_server,
)
from wizard_steps.classic.probing import hop_to, next_hop, speaker_of, was_asked
from wizard_steps.classic.reached import leads_to_the_site
from wizard_steps.conditions import Condition, all_hold, one_holds
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading, read
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    Status,
    Step,
    attest,
    fail,
    not_applicable,
    passed,
    unknown,
    warn,
)
from wizard_steps.seen_by_probes import NextHop
from wizard_steps.seen_in_azure import Circuit, ConfigurationServer, ProcessServer
from wizard_steps.sizes import shown_size
from wizard_steps.wording import N_, _

STEP = Step(3, "site-to-site", N_("Site-to-site connection"))
rows = Requirements(STEP)

HOURS_WARN = 24  # our figure: the first copy should be home within a day
_DOWN = frozenset({"notconnected", "connecting", "disconnected"})


@rows.add(
    "s2s-or-er-required",
    statement=N_("A site-to-site VPN or an ExpressRoute private peering connects the Azure networks with the site."),
    seed="components table, network row",
    subject="connection",
    worst="fail",
    remedies=["reset-connection"],
    cause=N_("Reprotection and failback send everything over this connection; there is no other way home."),
    action=N_(
        "Bring the connection up: look at both ends of the tunnel or the circuit; reset it only as a last resort."
    ),
)
def connected_to_the_site(case: Case, server: ConfigurationServer) -> Judgement:
    """Judge every Azure network that a machine or a chosen process server stands in (ruling)."""
    finders = _network_finders(case)
    return all_hold(*(_network_condition(case, server, one) for one in finders))


def _network_finders(case: Case) -> tuple[Callable[[], str | None], ...]:
    """Return, for each machine and chosen process server, what finds its network; it finds None outside of Azure.

    Each is asked by itself, so that one that cannot be found hides nothing about the others.
    """

    def of_machine(machine: Machine) -> str | None:
        vm = machine.azure_vm.value
        return None if vm is None else network_id_of(case, vm)

    def of_server(server: Reading[ProcessServer]) -> str | None:
        vm = vm_of_server(case, server.value)
        return None if vm is None else network_id_of(case, vm)

    machines = [partial(of_machine, one) for one in case.machines.value]
    return (*machines, *(partial(of_server, one) for one in _chosen_process_servers(case)))


def _chosen_process_servers(case: Case) -> tuple[Reading[ProcessServer], ...]:
    targets = case.targets.or_else(())
    return tuple(one.process_server for one in targets if one.choice.process_server is not None)


def _network_condition(case: Case, server: ConfigurationServer, find: Callable[[], str | None]) -> Condition:
    def condition() -> Judgement:
        network_id = find()
        if network_id is None:
            return not_applicable(_("it does not stand in Azure"))
        return _network_is_connected(case, server, network_id)

    return condition


def _network_is_connected(case: Case, server: ConfigurationServer, network_id: str) -> Judgement:
    lines = lines_from(case, network_id)
    if not lines:
        return _without_gateway(case, server, network_id)
    return one_holds(*(partial(_line, case, server, network_id, one) for one in lines))


def _without_gateway(case: Case, server: ConfigurationServer, network_id: str) -> Judgement:
    """Judge a network without a gateway: what crosses it nevertheless speaks for an appliance (ruling: attest)."""
    address = failback_address(case)
    hop = _hop_home(case, network_id, address)
    if hop is not None and leads_to_the_site(hop):
        return attest(
            _(
                "{network} has no VPN or ExpressRoute gateway that was found, yet it sends what is meant for {address} "
                "to {kind}{at}: vouch that this leads privately to the site"
            ),
            network=shown_id(network_id),
            address=address,
            kind=Outside(hop.kind),
            at=f" {Outside(hop.address).shown()}" if hop.address else "",
        )
    if hop is None and (crossing := _heard_in_azure(case, address)):
        return attest(
            _(
                "{network} has no VPN or ExpressRoute gateway, yet {servers} is heard at {address}: vouch that an "
                "appliance connects it privately with the site"
            ),
            network=shown_id(network_id),
            servers=crossing,
            address=address,
        )
    idle = [one.name for one in gateways_of(case, network_id)]
    return fail(
        _("of the gateways of {network}, {gateways} has no connection to a site")
        if idle
        else _("{network} has no VPN or ExpressRoute gateway, of its own, of a peered network or of a hub"),
        network=shown_id(network_id),
        gateways=idle,
        remedies=(),
        action=_(
            "Connect the network with the site: a VPN gateway, an ExpressRoute gateway, or a peering that lends one."
        ),
    )


def _heard_in_azure(case: Case, address: str) -> list[Outside]:
    """Return the chosen process servers in Azure whose heartbeats reach the configuration server's private address."""
    return [
        one.value.name
        for one in _chosen_process_servers(case)
        if vm_of_server(case, one.value) is not None
        and is_private(address)
        and is_fresh(case, one.value.last_heartbeat)
    ]


def _hop_home(case: Case, network_id: str, address: str) -> NextHop | None:
    """Return where a network sends what is meant for the configuration server; None where nobody asked or can ask."""
    speaker = read(partial(speaker_of, case, network_id)).or_else(None)
    if speaker is None:
        return None
    probe = hop_to(case, speaker, address)
    return next_hop(case, probe).value if was_asked(case, probe) else None


def _line(case: Case, server: ConfigurationServer, network_id: str, line: Line) -> Judgement:
    """Judge one connection: its state, its circuit where it has one, and what it leads to."""
    status = line.connection.status.value
    said = {"connection": line.connection.name, "gateway": line.gateway.name, "word": Outside(status)}
    if status.casefold() in _DOWN:
        return fail(_("the connection {connection} of {gateway} is {word}"), **said)
    if not is_up(line.connection):
        return unknown(_("the connection {connection} of {gateway} is {word}"), **said)
    circuit = circuit_of(case, line.connection)
    if circuit is not None and (trouble := _circuit_trouble(circuit)) is not None:
        return trouble
    return _leads_home(case, server, network_id, line)


def _circuit_trouble(circuit: Circuit) -> Judgement | None:
    """Return what is wrong with an ExpressRoute circuit; None: nothing."""
    peering = circuit.private_peering_state.value
    words = (circuit.circuit_state.value, circuit.provider_state.value, peering or _("missing"))
    if [word.casefold() for word in words] == ["enabled", "provisioned", "enabled"]:
        return None
    return fail(
        _("the circuit {circuit} is {state}, at the provider {provider}, its private peering {peering}"),
        circuit=circuit.name,
        state=words[0],
        provider=words[1],
        peering=words[2],
        remedies=(),
        action=_("Have the provider bring up the circuit and its private peering; Microsoft peering does not serve."),
    )


def _leads_home(case: Case, server: ConfigurationServer, network_id: str, line: Line) -> Judgement:
    """Judge whether a connection's prefixes hold the addresses of the configuration server and the master targets."""
    wanted = _addresses_at_home(case, server)
    prefixes = line.connection.remote_prefixes.value
    if not prefixes:
        return _by_next_hops(case, network_id, line, wanted)
    missing = [(name, address) for name, address in wanted if not overlapping([address], prefixes)]
    if not missing:
        return passed(
            _("{connection} is connected and leads to {servers}"),
            connection=line.connection.name,
            servers=_listed(wanted),
        )
    if _was_traced(case, network_id, wanted):  # by BGP it may have learned what its prefixes do not say
        traced = _by_next_hops(case, network_id, line, wanted)
        if traced.status is Status.PASS:
            return traced
    return fail(
        _("{connection} is connected, but its prefixes {prefixes} do not hold {missing}"),
        connection=line.connection.name,
        prefixes=prefixes,
        missing=_listed(missing),
        remedies=(),
        action=_("Add the missing prefix to the local network gateway of this connection."),
    )


def _listed(servers: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name} ({address})" for name, address in servers]


def _was_traced(case: Case, network_id: str, wanted: Sequence[tuple[str, str]]) -> bool:
    """Tell whether Azure answered where a network sends what is meant for every one of the site's servers."""
    speaker = read(partial(speaker_of, case, network_id)).or_else(None)
    hops = [next_hop(case, hop_to(case, speaker, address)) for _name, address in wanted] if speaker else []
    return bool(hops) and all(hop.was_seen for hop in hops)


def _by_next_hops(case: Case, network_id: str, line: Line, wanted: Sequence[tuple[str, str]]) -> Judgement:
    """Judge a connection that learns its routes: where the network sends what is meant for the site's servers."""
    speaker = speaker_of(case, network_id)
    hops = {address: next_hop(case, hop_to(case, speaker, address)).value for _name, address in wanted}
    lost = [
        f"{name} ({address}): {Outside(hops[address].kind).shown()}"
        for name, address in wanted
        if not leads_to_the_site(hops[address])
    ]
    if lost:
        return fail(
            _("{connection} is connected, but it has learned no route from {network} to {lost}"),
            connection=line.connection.name,
            network=shown_id(network_id),
            lost=lost,
            remedies=(),
            action=_("Have the site announce these addresses, and see that no route table overrides the route."),
        )
    _refuse_a_dead_route(case, network_id, [address for _name, address in wanted])
    return passed(
        _("{connection} is connected and has learned routes to {servers}"),
        connection=line.connection.name,
        servers=_listed(wanted),
    )


def _refuse_a_dead_route(case: Case, network_id: str, addresses: Sequence[str]) -> None:
    """Raise `NotSeen` where the route to an address may be that of a connection that is down: its prefixes stay."""
    for one in lines_from(case, network_id):
        held = overlapping(addresses, one.connection.remote_prefixes.value)
        if held and not is_up(one.connection):
            raise NotSeen(
                _("the route to {address} may be that of {connection}, which is down").format(
                    address=Outside(held[0][0]).shown(), connection=one.connection.name.shown()
                )
            )


def _addresses_at_home(case: Case, server: ConfigurationServer) -> list[tuple[str, str]]:
    """Return name and address of the configuration server and of the chosen master targets."""
    targets = case.targets.value if case.choices.targets else ()
    masters = [one.registered.value for one in targets]
    found = {failback_address(case): server.name} | {one.ip_address.value: one.name for one in masters}
    return [(name.shown(), address) for address, name in found.items()]


@rows.add(
    "vpn-bandwidth",
    statement=N_("The connection carries the machines' data home in reasonable time."),
    seed="PS section, step 3",
    subject="connection",
    worst="warn",
    consequence_of=["s2s-or-er-required"],
    cause=N_("The first copy may move everything that is on the disks; until it is done there is no failback."),
    action=N_("Plan for the time it takes, bring fewer machines home at once, or order a faster line."),
)
def wide_enough(case: Case, server: ConfigurationServer) -> Judgement:
    """Divide the disks' size by 70 % of the line's rate; more than a day warns, a nominal rate is not enough."""
    size = sum(size for machine in case.machines.value for size in machine.disk_bytes.value)
    networks = (found for find in _network_finders(case) if (found := find()) is not None)
    rate = rate_home(case, networks)
    hours = rate.hours_for(size)
    said = {"size": shown_size(size), "rate": rate.words, "hours": f"{hours:.1f}"}
    if hours > HOURS_WARN:
        return warn(_("{size} over {rate} take about {hours} hours"), **said)
    if rate.is_measured:
        return passed(_("{size} over {rate} take about {hours} hours"), **said)
    return attest(
        _(
            "{size} over {rate} take about {hours} hours: vouch that the line on the site's side carries it, or set "
            "link_mbps under [site] to what was measured"
        ),
        **said,
    )
