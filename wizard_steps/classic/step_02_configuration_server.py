"""Step 2: the configuration server runs, is connected, and still knows the machines."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from wizard_steps.case import Case, Machine
from wizard_steps.classic import step_02_retained_addresses
from wizard_steps.classic.configuration_server_vm import vm_of
from wizard_steps.classic.health import judge_errors, judge_word, load_conditions
from wizard_steps.classic.heartbeats import judge_heartbeat
from wizard_steps.classic.long_steps import CONFIGURATION_SERVER
from wizard_steps.classic.providers import judge_provider
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, seen
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    attest,
    fail,
    not_applicable,
    passed,
    unknown,
    warn,
)
from wizard_steps.seen_in_azure import ConfigurationServer, MasterTarget, ProcessServer, same_id
from wizard_steps.wording import N_, _

STEP = CONFIGURATION_SERVER
rows = Requirements(STEP)

LOADS = ("system", "cpu", "memory", "space", "web", "database")
EVALUATION = timedelta(days=180)
EVALUATION_WARN = timedelta(days=30)
_EXPIRY_WARN = timedelta(days=60)
_Certified = Reading[ConfigurationServer] | Reading[ProcessServer]
_Versioned = _Certified | Reading[MasterTarget]
_VERSION_WARN = frozenset({"updaterequired", "securityupdaterequired", "deprecated"})


@rows.add(
    "cs-running",
    statement=N_("The configuration server on-premises is running."),
    seed="components table, CS, para 1",
    subject="configuration-server",
    worst="fail",
    remedies=["start-configuration-server"],
    cause=N_("Everything that site recovery does on-premises goes through the configuration server."),
    action=N_(
        "Start the configuration server and its services; restarting them interrupts every replication it carries."
    ),
)
def running(case: Case, server: ConfigurationServer) -> Judgement:
    """Judge service, heartbeat, loads, health and reported errors; a VM that is off fails at once."""
    return all_hold(
        lambda: _powered_on(case, server),
        lambda: judge_word(_("service"), server.service_status),
        lambda: judge_heartbeat(case, server.name, server.last_heartbeat),
        lambda: judge_word(_("health"), server.health),
        lambda: judge_errors(server.health_errors),
        *load_conditions(server, LOADS),
    )


def _powered_on(case: Case, server: ConfigurationServer) -> Judgement:
    """Look at the server's VM, where this vCenter shows one. It only ever makes things worse: the heartbeat decides."""
    if not (case.vcenter.machines.was_seen and (vm := vm_of(case)) and vm.power_state.was_seen):
        return passed(_("no VM of it was looked at"))
    state = vm.power_state.value
    if state.casefold() == "poweredon":
        return passed(_("its VM {vm} is powered on"), vm=vm.name)
    judgement = fail if state.casefold() in {"poweredoff", "suspended"} else unknown
    return judgement(_("its VM {vm} is not running: {power_state}"), vm=vm.name, power_state=state)


@rows.add(
    "cs-connected-azure",
    statement=N_("The configuration server is connected to Azure."),
    seed="components table, CS, para 1",
    subject="configuration-server",
    worst="fail",
    consequence_of=["cs-running"],
    remedies=["refresh-configuration-server"],
    cause=N_("Without this connection no job of the vault reaches the site."),
    action=N_("See that the server reaches Azure on TCP 443 (proxy, DNS, clock), then refresh it."),
)
def connected_to_azure(case: Case, server: ConfigurationServer) -> Judgement:
    """Judge each provider by its connection word, heartbeat and errors, and the state of the fabric."""
    providers = server.providers.value
    if not providers:
        return fail(_("no recovery services provider of it is registered in the vault"))
    heard = (partial(judge_provider, case, server, one) for one in providers)
    told = (partial(judge_errors, one.health_errors) for one in providers)
    return all_hold(*heard, *told, lambda: _fabric_is_valid(server))


def _fabric_is_valid(server: ConfigurationServer) -> Judgement:
    state = server.bcdr_state.value
    if state.casefold() == "valid":
        return passed(_("the vault counts it as {state}"), state=state)
    return unknown(_("the vault counts it as {state}, a word this program does not know"), state=state)


@rows.add(
    "cs-vm-in-db",
    statement=N_("The machine is in the configuration server's database."),
    seed="components table, CS, para 2",
    subject="machine",
    worst="fail",
    remedies=["refresh-configuration-server"],
    cause=N_(
        "A machine that the database does not hold cannot be failed back; Azure does not show the database itself."
    ),
    action=N_("Refresh the configuration server; if it was rebuilt, restore its database from the backup."),
)
def in_its_database(case: Case, machine: Machine) -> Judgement:
    """Judge by the machine's item and its protectable item; a server that changed takes a person's word."""
    server = case.server.value
    if not same_id(machine.item.fabric_id, server.id):
        return fail(
            _("it belongs to another configuration server than {name}"),
            name=server.name,
            fabric_id=machine.item.fabric_id,
            remedies=(),
            action=_("Choose the configuration server it belongs to (fabric under [vault]), or leave the machine out."),
        )
    return all_hold(lambda: _is_listed(machine, server), lambda: _database_is_the_old_one(case, server))


def _is_listed(machine: Machine, server: ConfigurationServer) -> Judgement:
    if machine.item.protectable_item_found.value:
        return passed(_("{name} protects it and lists it"), name=server.name)
    return warn(_("{name} protects it, but no longer lists it among the machines it discovered"), name=server.name)


def _database_is_the_old_one(case: Case, server: ConfigurationServer) -> Judgement:
    former = _former_address(case, server)
    if former is not None and former != server.ip_address.value:
        return attest(
            _("{name} changed its address from {former} to {address}: vouch that its database came from the backup"),
            name=server.name,
            former=former,
            address=server.ip_address.value,
        )
    return not_applicable(_("its address is the one it always had"))


def _former_address(case: Case, server: ConfigurationServer) -> str | None:
    return case.memory.configuration_server_addresses.get(server.id.casefold())


@rows.add(
    "cs-restore-same-ip",
    statement=N_("The configuration server has the address it had before the disaster."),
    seed="components table, CS, para 2",
    subject="configuration-server",
    worst="fail",
    cause=N_(
        "Agents and process servers look for it at its former address; a restore under another one breaks failback."
    ),
    action=N_("Give the configuration server its former address, or restore it from the backup with that address."),
)
def same_address_as_before(case: Case, server: ConfigurationServer) -> Judgement:
    """Compare the registered address with the one remembered from earlier looks, and with the VM's own."""
    address, former = server.ip_address.value, _former_address(case, server)
    if former is not None and former != address:
        return fail(_("its address was {former} and is {address} now"), former=former, address=address)
    vm = vm_of(case)
    own = vm.ip_addresses.value if vm is not None else ()
    if vm is None or not own:
        return attest(
            _("its registered address is {address}: vouch that it was not rebuilt, or restored with this address"),
            address=address,
            reason=_("no VM of it is in this vCenter") if vm is None else _("its VM reports no address"),
        )
    if address in own:
        return passed(_("its VM {vm} has the registered address {address}"), vm=vm.name, address=address)
    return fail(_("its registered address is {address}; its VM {vm} has {own}"), address=address, vm=vm.name, own=own)


@rows.add(
    "component-versions-supported",
    statement=N_("The versions of the configuration server and of the servers in use are supported."),
    seed="manage CS; support matrix",
    subject="configuration-server",
    worst="fail",
    cause=N_("Only the newest five agent versions are supported, and an agent that expired stops working."),
    action=N_("Upgrade the configuration server first, then the process server, then the master target."),
)
def versions_supported(case: Case, server: ConfigurationServer) -> Judgement:
    """Judge version word and expiry of the server and of every process server and master target that was chosen."""
    servers: list[_Versioned] = [seen(server), *_chosen_process_servers(case)]
    servers += [target.registered for target in case.targets.or_else(())]
    return all_hold(*(partial(_version, case, one) for one in servers))


def _chosen_process_servers(case: Case) -> tuple[Reading[ProcessServer], ...]:
    """Return the process servers in use, each by itself: one that cannot be found hides nothing about the others."""
    targets = case.targets.or_else(())
    return tuple(target.process_server for target in targets if target.choice.process_server is not None)


def _version(case: Case, reading: _Versioned) -> Judgement:
    one = reading.value
    return all_hold(lambda: _version_word(one), lambda: _agent_expiry(case, one))


def _version_word(one: ConfigurationServer | MasterTarget | ProcessServer) -> Judgement:
    word = one.version_status.value
    said = {"name": one.name, "version": Outside(one.agent_version.value), "word": Outside(word)}
    if word.casefold() == "supported":
        return passed(_("{name}: version {version}, {word}"), **said)
    if word.casefold() == "notsupported":
        return fail(_("{name}: version {version} is {word}"), **said)
    if word.casefold() in _VERSION_WARN:
        return warn(_("{name}: version {version} is {word}"), **said)
    return unknown(_("{name}: version {version} is {word}, a word this program does not know"), **said)


def _agent_expiry(case: Case, one: ConfigurationServer | MasterTarget | ProcessServer) -> Judgement:
    expires = one.agent_expires.value
    if expires is None:
        return passed(_("{name}: no expiry date"), name=one.name)
    return _expiry(case, _("the agent of {name}").format(name=one.name.shown()), expires, _EXPIRY_WARN)


def _expiry(case: Case, what: str, expires: datetime, warn_before: timedelta) -> Judgement:
    """Judge the day on which something ends."""
    said = {"what": what, "expires": expires, "days": abs((expires - case.now).days)}
    if expires <= case.now:
        return fail(_("{what} expired {days} days ago, on {expires}"), **said)
    if expires - case.now <= warn_before:
        return warn(_("{what} expires in {days} days, on {expires}"), **said)
    return passed(_("{what} is valid for {days} days"), **said)


@rows.add(
    "cs-ssl-cert",
    statement=N_("The certificate of the configuration server, and of the process servers in use, is valid."),
    seed="manage CS",
    subject="configuration-server",
    worst="fail",
    remedies=["renew-certificate"],
    cause=N_("When the certificate expires its servers stop talking to each other; the portal renews it only before."),
    action=N_("Renew the certificate before it expires."),
)
def certificate_valid(case: Case, server: ConfigurationServer) -> Judgement:
    """Judge the expiry dates; three years after setup is the usual one."""
    servers: list[_Certified] = [seen(server), *_chosen_process_servers(case)]
    return all_hold(*(partial(_certificate, case, one) for one in servers))


def _certificate(case: Case, reading: _Certified) -> Judgement:
    one = reading.value
    expires = one.certificate_expires.value
    if expires is None:
        return unknown(_("site recovery names no expiry date of the certificate of {name}"), name=one.name)
    warn_before = timedelta(days=case.limits.certificate_warn_days)
    judgement = _expiry(case, _("the certificate of {name}").format(name=one.name.shown()), expires, warn_before)
    if expires > case.now:
        return judgement
    return fail(
        _("{judged}"),
        judged=judgement.evidence,
        expires=expires,
        remedies=(),
        action=_("Run RenewCerts on the server itself: the portal cannot renew a certificate that has expired."),
    )


@rows.add(
    "cs-eval-license",
    statement=N_("Windows on the configuration server does not run on an evaluation licence that ends."),
    seed="deploy CS page",
    subject="configuration-server",
    worst="warn",
    cause=N_(
        "The appliance image carries a Windows evaluation licence of 180 days; afterwards it shuts down by itself."
    ),
    action=N_("Run 'slmgr /dli' on the configuration server, and activate Windows if it says evaluation."),
)
def not_on_evaluation(case: Case, server: ConfigurationServer) -> Judgement:
    """Judge by the age of the VM: a young one cannot have used its 180 days up, an older one takes a person's word."""
    vm = vm_of(case)
    created = vm.created_at.value if vm is not None else None
    if created is None or created > case.now:
        return attest(_("the age of its VM is not known: vouch that Windows on it is activated"))
    left = EVALUATION - (case.now - created)  # this way round it fits, whatever the date
    if left <= timedelta(0):
        return attest(
            _("its VM was made on {created}, more than 180 days ago: vouch that Windows on it is activated"),
            created=created,
        )
    judgement = warn if left <= EVALUATION_WARN else passed
    return judgement(
        _("if it runs on an evaluation licence, that ends in {days} days"), days=left.days, created=created
    )


rows.extend(step_02_retained_addresses.rows)
