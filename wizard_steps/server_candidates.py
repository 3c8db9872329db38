"""The pickers of master targets and process servers: every one that the configuration server knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from wizard_steps.candidate import Candidate, first_reason, holds
from wizard_steps.case import Case, Machine, find_server_vm, read, same_id
from wizard_steps.classic import disk_budget, networks
from wizard_steps.classic.health import GOOD
from wizard_steps.classic.heartbeats import age, is_fresh
from wizard_steps.classic.operating_systems import LINUX, family, is_same_or_newer
from wizard_steps.classic.server_roles import is_on_configuration_server
from wizard_steps.classic.versions import agent_version
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.seen_in_azure import ConfigurationServer, MasterTarget, ProcessServer
from wizard_steps.wording import _


@dataclass(frozen=True, kw_only=True)
class MasterTargetCandidate(Candidate):
    """A registered master target; `disks` are those it holds now, `room` those it can still take (of 60)."""

    os_type: Reading[str]
    os_version: Reading[Outside | None]
    disks: Reading[int]
    room: Reading[int]
    heartbeat_minutes: Reading[int]
    is_default: bool  # it runs on the configuration server itself


@dataclass(frozen=True, kw_only=True)
class ProcessServerCandidate(Candidate):
    """A registered process server."""

    address: Reading[str]
    heartbeat_minutes: Reading[int]
    machine_count: Reading[int]
    is_in_azure: Reading[bool]


def master_target_candidates(case: Case) -> Reading[tuple[MasterTargetCandidate, ...]]:
    """Return every master target that the configuration server knows."""
    return read(
        lambda: tuple(_master_target(case, case.server.value, one) for one in case.server.value.master_targets.value)
    )


def _master_target(case: Case, server: ConfigurationServer, one: MasterTarget) -> MasterTargetCandidate:
    batch = case.machines.or_else(())
    fits = tuple(machine.name for machine in batch if holds(partial(_does_not_suit, one, machine)))
    reason = first_reason(
        partial(_is_silent, case, one.last_heartbeat),
        partial(_is_newer, one, server),
        lambda: _suits_nobody(one, batch) if not fits else None,
        partial(_is_full, one),
        lambda: _no_vm(case, one),
    )
    chosen = {target.id.casefold() for target in case.targets.or_else(())}
    return MasterTargetCandidate(
        name=one.name,
        ref=one.id,
        fits=() if reason.text else fits,
        first_reason=reason.text,
        is_unknown=reason.is_unknown,
        is_chosen=one.id.casefold() in chosen,
        os_type=one.os_type,
        os_version=one.os_version,
        disks=one.disk_count,
        room=read(lambda: disk_budget.room_on(one).free),
        heartbeat_minutes=read(lambda: age(case, one.last_heartbeat.value)),
        is_default=read(lambda: is_on_configuration_server(server, one)).or_else(default=False),
    )


def _is_silent(case: Case, last_heartbeat: Reading[datetime]) -> str | None:
    if is_fresh(case, last_heartbeat.value):
        return None
    return _("no heartbeat for {minutes} minutes").format(minutes=age(case, last_heartbeat.value))


def _is_newer(one: MasterTarget, server: ConfigurationServer) -> str | None:
    if agent_version(one.agent_version.value) <= agent_version(server.agent_version.value):
        return None
    return _("its agent {version} is newer than that of the configuration server").format(
        version=Outside(one.agent_version.value).shown()
    )


def _suits_nobody(one: MasterTarget, batch: tuple[Machine, ...]) -> str | None:
    return _does_not_suit(one, batch[0]) if batch else None


def _does_not_suit(one: MasterTarget, machine: Machine) -> str | None:
    """Return why a machine cannot come home through a master target: family, then version (Windows)."""
    mine, its = family(machine.item.os_type.value), family(one.os_type.value)
    if mine != its:
        return _("it runs {its}, {machine} runs {mine}").format(
            its=its, machine=Outside(machine.name).shown(), mine=mine
        )
    wanted, version = machine.item.os_version.value, one.os_version.value
    if mine == LINUX or wanted is None or version is None:
        return None
    if is_same_or_newer(version.raw, wanted.raw) is not False:
        return None
    return _("it runs {version}, {machine} the newer {wanted}").format(
        version=version.shown(), machine=Outside(machine.name).shown(), wanted=wanted.shown()
    )


def _is_full(one: MasterTarget) -> str | None:
    return None if disk_budget.room_on(one).free else _("it holds 60 disks already")


def _no_vm(case: Case, one: MasterTarget) -> str | None:
    chosen = case.machine_by_choice(one.name.raw)
    _vm = chosen.value if chosen is not None else find_server_vm(case, one.name, one.ip_address)
    return None


def process_server_candidates(case: Case) -> Reading[tuple[ProcessServerCandidate, ...]]:
    """Return every process server that the configuration server knows."""
    return read(lambda: tuple(_process_server(case, one) for one in case.server.value.process_servers.value))


def _process_server(case: Case, one: ProcessServer) -> ProcessServerCandidate:
    batch = case.machines.or_else(())
    reason = first_reason(
        partial(_is_silent, case, one.last_heartbeat), partial(_is_not_running, one), partial(_is_off, case, one)
    )
    in_azure = read(lambda: networks.vm_of_server(case, one) is not None)
    fits = tuple(machine.name for machine in batch if holds(partial(_is_elsewhere, case, one, machine)))
    return ProcessServerCandidate(
        name=one.name,
        ref=one.id,
        fits=() if reason.text else fits,
        first_reason=reason.text,
        is_unknown=reason.is_unknown,
        is_chosen=_is_chosen(case, one),
        remark=_("on-premises: for a proof of concept only, over ExpressRoute private peering")
        if in_azure.or_else(None) is False
        else "",
        address=one.ip_address,
        heartbeat_minutes=read(lambda: age(case, one.last_heartbeat.value)),
        machine_count=one.machine_count,
        is_in_azure=in_azure,
    )


def _is_chosen(case: Case, one: ProcessServer) -> bool:
    chosen = (target.process_server.or_else(None) for target in case.targets.or_else(()))
    return any(server is not None and server.id == one.id for server in chosen)


def _is_not_running(one: ProcessServer) -> str | None:
    word = one.service_status.value
    return None if word.strip().casefold() in GOOD else _("its services are {word}").format(word=Outside(word).shown())


def _is_off(case: Case, one: ProcessServer) -> str | None:
    vm = networks.vm_of_server(case, one)
    power = vm.power_state.value if vm else "running"
    return None if power == "running" else _("its Azure VM is {power}").format(power=Outside(power).shown())


def _is_elsewhere(case: Case, one: ProcessServer, machine: Machine) -> str | None:
    """Return that a machine's Azure VM stands in another virtual network; one on-premises serves any."""
    server_vm, vm = networks.vm_of_server(case, one), machine.azure_vm.value
    if server_vm is None:
        return None
    if vm is None:
        raise NotSeen(_("{machine} has no Azure VM").format(machine=Outside(machine.name).shown()))
    same = same_id(networks.network_id_of(case, server_vm), networks.network_id_of(case, vm))
    return None if same else _("it stands in another virtual network")
