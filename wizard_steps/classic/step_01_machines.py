"""Step 1: the machines: failed over, Azure VM on, agent registered, on-premises VM off, classic architecture."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from wizard_steps.case import Case, Machine
from wizard_steps.classic import step_01_on_premises
from wizard_steps.classic.health import judge_errors
from wizard_steps.classic.heartbeats import age, is_fresh, read_at
from wizard_steps.classic.long_steps import MACHINES
from wizard_steps.classic.networks import resource_group
from wizard_steps.classic.power import RUNNING, judge_power
from wizard_steps.classic.protection_states import judge_state
from wizard_steps.conditions import all_hold
from wizard_steps.reading import Reading
from wizard_steps.replication_kinds import CLASSIC_KINDS
from wizard_steps.requirement import (
    Judgement,
    Requirements,
    attest,
    fail,
    info,
    not_applicable,
    passed,
    pending,
    unknown,
)
from wizard_steps.seen_in_azure import AzureVm, SeenInAzure, same_id
from wizard_steps.subjects import chosen_machines
from wizard_steps.wording import N_, _, ngettext

STEP = MACHINES
rows = Requirements(STEP)

READY_TO_REPROTECT = frozenset({"reversereplicate", "switchprotection"})
END_OF_SUPPORT = date(2026, 3, 30)
REGISTRATION = timedelta(minutes=15)  # what the reprotect page allows the agent after boot


@rows.add(
    "rpi-failed-over",
    statement=N_("The machine has been failed over to Azure and can be reprotected."),
    seed="intro, para 1",
    subject="machine",
    worst="fail",
    subjects=chosen_machines,
    cause=N_("Only a machine that runs in Azure after a failover can be replicated back to the site."),
    action=N_("Finish the failover of this machine in the portal, or take it out of the chosen machines."),
)
def failed_over(case: Case, machine: Machine) -> Judgement:
    """Judge by direction, location, state, allowed operations and errors; a strange word is unknown (ruling)."""
    if machine.is_modernized.value:
        return not_applicable(_("it is replicated by the modernized architecture"))
    kind = machine.item.instance_type.value
    if machine.is_reprotected.value:
        return info(_("it is reprotected already and needs none of these steps"), instance_type=kind)
    if kind.casefold() not in CLASSIC_KINDS:
        return unknown(_("site recovery replicates it as {kind}, a kind this program does not know"), kind=kind)
    return all_hold(
        lambda: _runs_in_azure(machine),
        lambda: judge_state(machine.item.protection_state.value),
        lambda: _may_be_reprotected(machine),
        lambda: judge_errors(machine.item.health_errors),
        lambda: judge_errors(machine.item.validation_errors),
    )


def _runs_in_azure(machine: Machine) -> Judgement:
    location = machine.item.active_location.value
    if machine.item.target_vm_id.value is None:
        return fail(
            _("it was never failed over: site recovery names no Azure VM for it")
            if location.casefold() == "primary"
            else _("site recovery names no Azure VM for it, though its active location is {location}"),
            location=location,
        )
    if location.casefold() == "primary":
        return fail(_("it still runs on-premises: its active location is {location}"), location=location)
    if location.casefold() == "recovery":
        return passed(_("it is failed over"), location=location)
    return unknown(_("its active location is {location}, a word this program does not know"), location=location)


def _may_be_reprotected(machine: Machine) -> Judgement:
    allowed = machine.item.allowed_operations.value
    if READY_TO_REPROTECT & {operation.casefold() for operation in allowed}:
        return passed(_("site recovery allows {operations}"), operations=allowed)
    return unknown(
        _("site recovery does not offer to reprotect it; it allows {operations}"),
        operations=allowed or (_("nothing"),),
        action=_("Commit the failover if it is not committed yet, wait for running jobs, then look again."),
    )


@rows.add(
    "rpi-reprotect-then-failback",
    statement=N_("Failing back is a second failover, possible once reprotection has replicated the machine home."),
    seed="intro, para 1",
    subject="machine",
    worst="info",
    remedies=["submit-reprotect"],
    subjects=chosen_machines,
)
def reprotect_then_failback(case: Case, machine: Machine) -> Judgement:
    """Show where the machine stands on its way; always information (ruling)."""
    if machine.is_modernized.value:
        return not_applicable(_("it is replicated by the modernized architecture"))
    item = machine.item
    if not machine.is_reprotected.value:
        if item.target_vm_id.value is None or item.active_location.value.casefold() == "primary":
            return info(_("not failed over; next: fail it over to Azure"), state=item.protection_state.value)
        if item.active_location.value.casefold() != "recovery":
            return info(
                _("where it stands cannot be told: its active location is {location}"),
                location=item.active_location.value,
            )
        return info(_("failed over to Azure; next: reprotect it"), state=item.protection_state.value)
    if item.active_location.value.casefold() == "recovery":
        return info(
            _("failed back and committed; next: replicate it to Azure again"), state=item.protection_state.value
        )
    return _on_the_way_home(machine)


def _on_the_way_home(machine: Machine) -> Judgement:
    item = machine.item
    points, health = item.recovery_point_count.value, item.replication_health.value
    if points and health.casefold() == "normal":
        return info(
            _("protected in reverse, {points} recovery points, replication health {health}; next: fail it back"),
            points=points,
            health=health,
        )
    return info(
        _("reprotecting: {points} recovery points, replication health {health}; next: wait for the first copy"),
        points=points,
        health=health,
    )


@rows.add(
    "arch-retired-banner",
    statement=N_("The classic architecture is past the end of its support."),
    seed="deprecation page (14 Mar 2023)",
    subject="vault",
    worst="info",
)
def classic_is_retired(case: Case, azure: SeenInAzure) -> Judgement:
    """Say so on every run of a classic vault (ruling); Microsoft's pages differ on the day by two weeks."""
    if not azure.configuration_servers.value:
        return not_applicable(_("the vault has no classic configuration server"))
    days = (case.now.date() - END_OF_SUPPORT).days
    if days < 0:
        return info(_("Microsoft ends support of the classic architecture on {day}"), day=END_OF_SUPPORT.isoformat())
    return info(
        _(
            "Microsoft announced the end of support of the classic architecture for {day}, {days} days ago; "
            "the service may refuse operations, and only Microsoft support can tell"
        ),
        day=END_OF_SUPPORT.isoformat(),
        days=days,
    )


@rows.add(
    "arch-modernized-stop",
    statement=N_("The machine is replicated by the classic architecture, which these steps are for."),
    seed="modernized failback page",
    subject="machine",
    worst="fail",
    subjects=chosen_machines,
    cause=N_("The modernized architecture comes home through its appliance, without a master target."),
    action=N_("Take the machine out of the chosen machines and fail it back by the modernized procedure."),
)
def not_modernized(case: Case, machine: Machine) -> Judgement:
    """Stop for an item of the modernized architecture; another unknown kind is unknown."""
    kind = machine.item.instance_type.value
    if machine.is_modernized.value:
        return fail(_("site recovery replicates it as {kind}: the modernized architecture"), kind=kind)
    if kind.casefold() in CLASSIC_KINDS:
        return passed(_("site recovery replicates it as {kind}: the classic architecture"), kind=kind)
    return unknown(_("site recovery replicates it as {kind}, a kind this program does not know"), kind=kind)


@rows.add(
    "agent-registered",
    statement=N_("The machine's mobility agent has registered with the configuration server since it booted in Azure."),
    seed="reprotect page",
    subject="machine",
    worst="fail",
    consequence_of=["azvm-not-moved-or-deleted", "azvm-running"],
    remedies=["start-mobility-service"],
    cause=N_("Reprotecting a machine whose agent is silent fails with error 95226."),
    action=N_(
        "On the Azure VM start the service 'InMage Scout Application Service' (Linux: vxagent), and see that it "
        "reaches the configuration server on TCP 443."
    ),
)
def agent_registered(case: Case, machine: Machine) -> Judgement:
    """Ask for a heartbeat after boot that is younger than 15 minutes; within 15 minutes of the boot, wait."""
    vm = machine.azure_vm.value
    if vm is None:
        return _without_azure_vm(machine)
    heartbeat, booted = machine.item.last_heartbeat, vm.power_state_since.value
    if vm.power_state.value.casefold() != RUNNING:
        return _not_heard(vm)
    if booted is not None and booted - read_at(case, heartbeat) > REGISTRATION:
        return unknown(_("Azure says that the VM booted at {booted}, in the future: compare the clocks"), booted=booted)
    return _by_heartbeat(case, heartbeat, booted)


def _by_heartbeat(case: Case, heartbeat: Reading[datetime], booted: datetime | None) -> Judgement:
    """Judge the last heartbeat of an agent whose VM runs and booted at a time that may not be known."""
    since_boot = booted is None or heartbeat.value >= booted
    minutes = age(case, heartbeat)
    if since_boot and is_fresh(case, heartbeat):
        return passed(
            ngettext(
                "the agent's last heartbeat is {minutes} minute old",
                "the agent's last heartbeat is {minutes} minutes old",
                minutes,
            ),
            minutes=minutes,
        )
    if not since_boot and booted is not None and read_at(case, heartbeat) - booted < REGISTRATION:
        return pending(
            _("the VM booted at {booted}; its agent has 15 minutes to register"),
            booted=booted,
            due=booted + REGISTRATION,
            action=_("Wait: the agent registers by itself."),
        )
    return fail(
        _("the agent's last heartbeat is {minutes} minutes old, of {heartbeat}; the VM booted at {booted}"),
        minutes=minutes,
        heartbeat=heartbeat.value,
        booted=booted or _("an unknown time"),
    )


def _not_heard(vm: AzureVm) -> Judgement:
    """Judge the agent of a VM that is not running: no heartbeat speaks for it, however young it is."""
    return judge_power(
        vm,
        _("its agent cannot have registered: the Azure VM {vm} is {power_state}"),
        vm=vm.name,
        remedies=(),
        action=_("Start the Azure VM; give its agent up to 15 minutes to register."),
    )


def _without_azure_vm(machine: Machine) -> Judgement:
    """Return what a rule about the Azure VM says of a machine that has none."""
    wanted = machine.item.target_vm_id.value
    if wanted is None:
        return not_applicable(_("it was never failed over: it has no Azure VM"))
    return fail(_("Azure has no VM {name}"), name=wanted.rpartition("/")[2], remedies=())


@rows.add(
    "mobility-agent-present",
    statement=N_("The mobility agent is still installed on the failed-over Azure VM."),
    seed="reprotect page 2026",
    subject="machine",
    worst="fail",
    consequence_of=["azvm-not-moved-or-deleted", "azvm-running"],
    cause=N_("Without the agent nothing is replicated home."),
    action=N_(
        "Look for the mobility service among the VM's installed programs; never uninstall it before failing back."
    ),
)
def mobility_agent_present(case: Case, machine: Machine) -> Judgement:
    """Take a fresh heartbeat as proof; else a person must vouch for it (ruling)."""
    if machine.azure_vm.value is None:
        return _without_azure_vm(machine)
    heartbeat = machine.item.last_heartbeat
    minutes = age(case, heartbeat)
    if is_fresh(case, heartbeat):
        return passed(
            ngettext(
                "the agent's heartbeat of {minutes} minute ago proves it",
                "the agent's heartbeat of {minutes} minutes ago proves it",
                minutes,
            ),
            minutes=minutes,
        )
    return attest(
        _("no heartbeat for {minutes} minutes: vouch that nobody uninstalled the mobility agent from the Azure VM"),
        minutes=minutes,
    )


@rows.add(
    "azvm-running",
    statement=N_("The machine's Azure VM is running."),
    seed="errors 78093, 95226",
    subject="machine",
    worst="fail",
    consequence_of=["azvm-not-moved-or-deleted"],
    remedies=["start-azure-vm"],
    cause=N_("The configuration server and the process server talk to the agent inside the running VM."),
    action=N_("Start the Azure VM; give its agent up to 15 minutes to register."),
)
def azure_vm_running(case: Case, machine: Machine) -> Judgement:
    """Read the power state of the VM's instance view."""
    vm = machine.azure_vm.value
    if vm is None:
        return _without_azure_vm(machine)
    return judge_power(vm, _("the Azure VM {vm} is {power_state}"), vm=vm.name)


@rows.add(
    "azvm-not-moved-or-deleted",
    statement=N_("The Azure VM that the failover made still exists, in its resource group, and was not migrated."),
    seed="reprotect page; issues #6941 #87811",
    subject="machine",
    worst="fail",
    cause=N_("Site recovery finds the VM by its id; moved, deleted or migrated it is lost to failback."),
    action=N_(
        "Move the VM back to its original resource group. A deleted or migrated VM cannot be failed back: restore "
        "the machine from a backup."
    ),
)
def azure_vm_still_there(case: Case, machine: Machine) -> Judgement:
    """Look the VM up by the id site recovery keeps; compare its resource group; look for a completed migration."""
    wanted = machine.item.target_vm_id.value
    if wanted is None:
        return not_applicable(_("it was never failed over: it has no Azure VM"))
    vm = machine.azure_vm.value
    if vm is None:
        return fail(
            _("Azure has no VM {name} in {group}: it was deleted or moved"),
            name=wanted.rpartition("/")[2],
            group=resource_group(wanted),
            vm_id=wanted,
        )
    return all_hold(lambda: _in_its_group(machine, vm), lambda: _not_migrated(machine))


def _in_its_group(machine: Machine, vm: AzureVm) -> Judgement:
    wanted = machine.item.recovery_resource_group_id.value
    if wanted is None or same_id(wanted, vm.resource_group_id):
        return passed(_("the Azure VM {vm} is in {group}"), vm=vm.name, group=resource_group(vm.resource_group_id))
    return fail(
        _("the Azure VM {vm} is in {group}; site recovery expects it in {wanted}"),
        vm=vm.name,
        group=resource_group(vm.resource_group_id),
        wanted=resource_group(wanted),
        action=_("Move the VM back to the resource group that site recovery expects it in."),
    )


def _not_migrated(machine: Machine) -> Judgement:
    state, scenario = machine.item.protection_state.value, machine.item.current_scenario.value or ""
    if "migrat" in state.casefold() or "migrat" in scenario.casefold():
        return fail(
            _("site recovery migrates it to Azure for good, or has done so ({said}): there is no way back"),
            said=[one for one in (state, scenario) if one],
        )
    return passed(_("it was not migrated"), state=state)


rows.extend(step_01_on_premises.rows)
