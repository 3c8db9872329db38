"""Step 4: a process server in Azure, healthy, in the machines' network, between the machines and the site."""

from __future__ import annotations

from functools import partial

from wizard_steps.case import Case
from wizard_steps.classic import step_04_paths
from wizard_steps.classic.health import judge_errors, judge_word, load_conditions
from wizard_steps.classic.heartbeats import judge_heartbeat, judge_lost
from wizard_steps.classic.long_steps import PROCESS_SERVER
from wizard_steps.classic.networks import same_address, vm_of_server
from wizard_steps.classic.power import judge_power
from wizard_steps.classic.process_servers import chosen_or_none_in_azure, deployed, expressroute_is_up
from wizard_steps.classic.retained_addresses import retained
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading, read
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    attest,
    fail,
    info,
    not_applicable,
    passed,
    warn,
)
from wizard_steps.seen_in_azure import AzureVm, ProcessServer, SizeOffer, Usage
from wizard_steps.subjects import ServerInUse
from wizard_steps.wording import N_, _

STEP = PROCESS_SERVER
rows = Requirements(STEP)

LOADS = ("system", "cpu", "memory", "space", "throughput")
# Microsoft's thresholds for process servers, in percent.
USE_WARN, USE_FAIL = 80, 95
CACHE_FREE_WARN, CACHE_FREE_FAIL = 30, 25
DEPLOYED_SIZE, DEPLOYED_CORES = "Standard_A8_v2", 8  # of the portal's template for a process server
RETIRING_SIZES = "_v2"
_A_SERIES = "standard_a"


_DEPLOY = N_("Deploy a process server in the machines' Azure network, register it with this configuration server.")


def _none_in_azure() -> Judgement:
    return fail(_("none of the registered process servers stands in Azure"), remedies=(), action=_(_DEPLOY))


@rows.add(
    "ps-azure-required",
    statement=N_("The process server that was chosen stands in Azure and is running."),
    seed="components table, PS, para 1",
    subject="process-server",
    worst="fail",
    remedies=["start-process-server"],
    subjects=chosen_or_none_in_azure,
    cause=N_("The data of the machines goes home through a process server in Azure."),
    action=N_("Start the process server's VM, or choose a process server that stands in Azure."),
)
def stands_in_azure(case: Case, in_use: ServerInUse | None) -> Judgement:
    """Find the Azure VM by the server's address; one on-premises will do only for a trial over ExpressRoute."""
    if in_use is None:
        return _none_in_azure()
    server = in_use.server
    vm = vm_of_server(case, server)
    if vm is not None:
        return judge_power(vm, _("{name} is the Azure VM {vm}, and it is {power_state}"), name=server.name, vm=vm.name)
    if expressroute_is_up(case, in_use):
        return warn(
            _("{name} ({address}) stands on-premises, behind ExpressRoute: good enough for a trial only"),
            name=server.name,
            address=server.ip_address.value,
            remedies=(),
            action=_("Deploy a process server in Azure before machines come home in earnest."),
        )
    return _not_in_azure(case, server)


def _not_in_azure(case: Case, server: ProcessServer) -> Judgement:
    address, choose = server.ip_address.value, read(partial(deployed, case)).or_else(None) is not None
    return fail(
        _("{name} ({address}) is no Azure VM: it is on the configuration server's own machine")
        if same_address(address, case.server.value.ip_address.value)
        else _("{name} ({address}) is no Azure VM: no network interface in Azure that was read has its address"),
        name=server.name,
        address=address,
        remedies=(),
        action=_("Choose a process server that stands in Azure.") if choose else _(_DEPLOY),
    )


@rows.add(
    "ps-data-path",
    statement=N_("The process server takes the machines' data and passes it on."),
    seed="components table, PS, para 2",
    subject="process-server",
    worst="fail",
    consequence_of=["ps-azure-required", "ps-health"],
    remedies=["switch-process-server"],
    cause=N_("What the process server does not pass on does not reach the site."),
    action=N_("Bring the process server back to health, or choose another one."),
)
def passes_data_on(case: Case, in_use: ServerInUse) -> Judgement:
    """Judge its services, its heartbeat and its throughput; Azure sends how much waits, not since when."""
    server = in_use.server
    return all_hold(
        lambda: judge_word(_("services"), server.service_status),
        lambda: judge_lost(case, server.name, server.last_heartbeat),
        *load_conditions(server, ("throughput",)),
        lambda: passed(_("{waiting} MB wait to be sent"), waiting=server.upload_pending.value // 1024**2),
    )


@rows.add(
    "ps-onprem-poc-er",
    statement=N_("A process server on-premises is used for a trial only, over ExpressRoute private peering."),
    seed="components table, PS, para 4",
    subject="process-server",
    worst="fail",
    cause=N_("From on-premises every byte would cross the connection twice."),
    action=N_("Choose a process server that stands in Azure."),
)
def on_premises_for_a_trial_only(case: Case, in_use: ServerInUse) -> Judgement:
    """Ask nothing of one in Azure; refuse one on-premises without ExpressRoute or beside retained addresses."""
    server = in_use.server
    if vm_of_server(case, server) is not None:
        return not_applicable(_("{name} stands in Azure"), name=server.name)
    if not expressroute_is_up(case, in_use):
        return fail(_("{name} stands on-premises, and no ExpressRoute private peering is up"), name=server.name)
    keeping = [one for target in in_use.targets for one in target.machines if retained(case, one)]
    if keeping:
        return fail(
            _("{name} stands on-premises, and {machines} kept their addresses: that takes one in Azure"),
            name=server.name,
            machines=[one.name for one in keeping],
        )
    return attest(_("{name} stands on-premises: vouch that this failback is a trial"), name=server.name)


@rows.add(
    "ps-deploy-azure",
    statement=N_("A process server has been deployed in Azure."),
    seed="PS section, step 1",
    subject="process-server",
    worst="fail",
    consequence_of=["ps-azure-required"],
    subjects=chosen_or_none_in_azure,
    cause=N_("The portal deploys it from a template; it registers with the configuration server's passphrase."),
    action=N_(
        "Deploy it from the portal into the machines' network (it takes the connection, core quota, the passphrase), "
        "register it with cspsconfigtool, then refresh the configuration server."
    ),
)
def deployed_in_azure(case: Case, in_use: ServerInUse | None) -> Judgement:
    """Ask for an Azure VM behind the registered process server; whether it runs is another row's matter."""
    if in_use is None:
        return _none_in_azure()
    vm = vm_of_server(case, in_use.server)
    if vm is not None:
        return passed(_("{name} is the Azure VM {vm}"), name=in_use.server.name, vm=vm.name)
    if (other := deployed(case)) is not None:
        return passed(_("not {chosen}, but {name} is: the Azure VM {vm}"), chosen=in_use.server.name, **_said(other))
    if expressroute_is_up(case, in_use):
        return not_applicable(_("{name} stands on-premises, for a trial"), name=in_use.server.name)
    return _none_in_azure()


def _said(found: tuple[ProcessServer, AzureVm]) -> dict[str, Outside]:
    return {"name": found[0].name, "vm": found[1].name}


@rows.add(
    "ps-health",
    statement=N_("The process server is healthy."),
    seed="monitor PS",
    subject="process-server",
    worst="fail",
    consequence_of=["ps-azure-required"],
    remedies=["start-process-server"],
    cause=N_("A process server that is overloaded or silent holds up every machine behind it (error 806)."),
    action=N_(
        "Start its services (ProcessServer, ProcessServerMonitor, cxprocessserver, LogUpload), free its cache disk, or "
        "move machines to another process server."
    ),
)
def healthy(case: Case, in_use: ServerInUse) -> Judgement:
    """Judge heartbeat, services, loads, cache disk and reported errors by Microsoft's thresholds."""
    server = in_use.server
    return all_hold(
        lambda: judge_heartbeat(case, server.name, server.last_heartbeat),
        lambda: judge_word(_("services"), server.service_status),
        lambda: judge_word(_("health"), server.health),
        lambda: judge_errors(server.health_errors),
        *load_conditions(server, LOADS),
        lambda: _use(_("processor"), _percent(server)),
        lambda: _use(_("memory"), _used(_("memory"), server.memory_total, server.memory_available)),
        lambda: _cache(server),
    )


def _percent(server: ProcessServer) -> float:
    """Return the processor's load, a figure such as `85%`, as a number."""
    if "cpu" not in server.loads:
        raise NotSeen(_("Azure sends no figure of the processor load"))
    text = server.loads["cpu"].figure.value
    try:
        number = float(text.strip().rstrip("%"))
    except ValueError:
        number = -1
    if not number >= 0:  # no figure is one either
        raise NotSeen(
            _("the processor load was sent as {figure}, which is no number").format(figure=Outside(text).shown())
        )
    return number


def _used(what: str, total: Reading[int], available: Reading[int]) -> float:
    if not 0 <= available.value <= total.value or not total.value:
        raise NotSeen(
            _("{what}: {available} bytes of {total} are said to be free").format(
                what=what, available=available.value, total=total.value
            )
        )
    return 100 * (1 - available.value / total.value)


def _use(what: str, percent: float) -> Judgement:
    said = {"what": what, "percent": round(percent, 1)}
    if percent > USE_FAIL:
        return fail(_("{what} used to {percent:g} %, more than {limit} %"), limit=USE_FAIL, remedies=(), **said)
    if percent > USE_WARN:
        return warn(_("{what} used to {percent:g} %, more than {limit} %"), limit=USE_WARN, remedies=(), **said)
    return passed(_("{what} used to {percent:g} %"), **said)


def _cache(server: ProcessServer) -> Judgement:
    free = 100 - _used(_("cache disk"), server.space_total, server.space_available)
    if free < CACHE_FREE_FAIL:
        return fail(
            _("cache disk {percent:g} % free, less than {limit} %"),
            percent=round(free, 1),
            limit=CACHE_FREE_FAIL,
            remedies=(),
        )
    if free < CACHE_FREE_WARN:
        return warn(
            _("cache disk {percent:g} % free, less than {limit} %"),
            percent=round(free, 1),
            limit=CACHE_FREE_WARN,
            remedies=(),
        )
    return passed(_("cache disk {percent:g} % free"), percent=round(free, 1))


@rows.add(
    "ps-size-quota",
    statement=N_("The size for a new process server is offered where it is needed, and the quota allows it."),
    seed="PS-in-Azure page; Azure docs",
    subject="process-server",
    worst="warn",
    subjects=chosen_or_none_in_azure,
    action=N_("Before deploying, look at the location's core quota and offered sizes in the portal."),
)
def size_and_quota(case: Case, in_use: ServerInUse | None) -> Judgement:
    """Ask nothing once one is deployed: sizes and quota matter before. The Av2 sizes retire on 15 November 2028."""
    vm = None if in_use is None else vm_of_server(case, in_use.server)
    vm = vm or ((found := deployed(case)) and found[1])
    if vm is None:
        return all_hold(partial(_is_offered, case), partial(_fits_the_quota, case))
    size = vm.size.value
    if size.casefold().startswith(_A_SERIES) and size.casefold().endswith(RETIRING_SIZES):
        return info(_("{vm} has the size {size}, whose series retires on 2028-11-15"), vm=vm.name, size=size)
    return not_applicable(_("the process server {vm} is deployed"), vm=vm.name, size=size)


def _is_offered(case: Case) -> Judgement:
    said = {"size": DEPLOYED_SIZE, "location": case.azure.vault_location.value}
    offer = case.azure.sizes.value.get(DEPLOYED_SIZE.casefold())
    if offer is None:
        return warn(_("{location} does not offer the size {size} of the portal's template"), **said)
    if offer.refused.value:
        return warn(
            _("{location} refuses the size {size} to this subscription: {why}"), **said, why=offer.refused.value
        )
    return passed(_("{location} offers the size {size}"), **said)


def _fits_the_quota(case: Case) -> Judgement:
    """Compare the cores of the template's size with what is left of both quotas it counts against."""
    offer = case.azure.sizes.value.get(DEPLOYED_SIZE.casefold())
    cores, quotas = _needed(offer)
    asked = {name.casefold() for name in quotas}
    counted = [one for one in case.azure.usages.value if one.name.casefold() in asked]
    short = [one for one in counted if _left(one) < cores]
    if short:
        return warn(
            _("a process server takes {cores} cores, and of the quota {quotas} are left"),
            cores=cores,
            quotas=[f"{one.name}: {_left(one)}" for one in short],
        )
    stated = {one.name.casefold() for one in counted}
    unstated = [name for name in quotas if name.casefold() not in stated]
    if unstated:
        raise NotSeen(
            _("Azure states no quota {names} for this location").format(names=Outside(", ".join(unstated)).shown())
        )
    return passed(_("the quota leaves the {cores} cores of a process server"), cores=cores)


def _needed(offer: SizeOffer | None) -> tuple[int, tuple[str, ...]]:
    """Return the cores of a process server, and the names of the quotas that they count against."""
    if offer is None:
        return DEPLOYED_CORES, ("cores",)
    return offer.cores.value, ("cores", offer.family.value)


def _left(quota: Usage) -> int:
    return quota.limit.value - quota.used.value


rows.extend(step_04_paths.rows)
