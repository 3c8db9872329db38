"""What the operator picked and vouched for. Kept in the profile; read here, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class TargetChoice:
    """The master target that some machines come home through, and what goes with it."""

    master_target: str  # name when unique, or site recovery id
    process_server: str | None = None
    retention_volume: str | None = None
    esxi_host: str | None = None
    machines: tuple[str, ...] = ()  # empty: every machine, when there is one target


@dataclass(frozen=True)
class LocationChoice:
    """Where a machine comes home: `mode` is original or alternate; `datastore` by name."""

    machine: str
    mode: str | None = None
    datastore: str | None = None


@dataclass(frozen=True)
class Attestation:
    """What a person vouched for: requirement id, subject's name, who, and when (aware, UTC)."""

    requirement: str
    subject: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Limits:
    """The figures an operator may change in the profile's `[limits]`. Durations are in their name's unit."""

    verdict_minutes: int = 10
    attestation_hours: int = 24
    heartbeat_warn_minutes: int = 5
    heartbeat_fail_minutes: int = 15
    provider_fail_minutes: int = 60
    retention_listing_minutes: int = 15
    certificate_warn_days: int = 60
    process_server_port: int = 9443
    retention_free_gb: int = 600
    latency_warn_ms: int = 10

    @property
    def attestation_lifetime(self) -> timedelta:
        """How long an attestation counts."""
        return timedelta(hours=self.attestation_hours)


@dataclass(frozen=True)
class Choices:
    """Everything the operator decided."""

    machines: tuple[str, ...] = ()  # names; empty: every failed-over machine
    targets: tuple[TargetChoice, ...] = ()
    locations: tuple[LocationChoice, ...] = ()
    # name -> "<vCenter instanceUuid>/<VM instanceUuid>"; where VMs share one, its managed object id in place of it
    same_machine: Mapping[str, str] = field(default_factory=dict)
    configuration_server_failback_ip: str | None = None
    site_recovery_vcenter_user: str | None = None
    link_mbps: float | None = None
    fabric: str | None = None  # friendly name of the configuration server

    def location_of(self, machine: str) -> LocationChoice:
        """Return what was chosen for a machine; nothing chosen is an empty choice."""
        for choice in self.locations:
            if choice.machine.casefold() == machine.casefold():
                return choice
        return LocationChoice(machine)
