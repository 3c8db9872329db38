"""The estate: everything one look brought back, and what the program remembers of earlier looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wizard_steps.seen_in_azure import SeenInAzure
from wizard_steps.seen_in_vcenter import SeenInVCenter


@dataclass(frozen=True)
class Estate:
    """What was seen, on both sides, in one look. Immutable: a refresh makes a new one."""

    azure: SeenInAzure
    vcenter: SeenInVCenter
    taken_at: datetime


@dataclass(frozen=True)
class DiskPlace:
    """Where a disk hung on its VM: its place as vCenter writes it (`SCSI(0:2)`), and how it took writes."""

    slot: str
    mode: str


@dataclass(frozen=True)
class Memory:
    """What the program itself saw or did before. All keys are ids, case folded; times are aware, UTC."""

    configuration_server_addresses: Mapping[str, str] = field(default_factory=dict)  # fabric id -> IP address
    disk_files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # master target id -> disk uuid -> file
    # master target id -> disk uuid -> place
    disk_places: Mapping[str, Mapping[str, DiskPlace]] = field(default_factory=dict)
    # master target id -> disk uuid -> file, as this program attached it where it lies elsewhere than it was first seen
    attached_files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    retention_disk_added: Mapping[str, datetime] = field(default_factory=dict)  # master target id -> when
    refreshed: Mapping[str, datetime] = field(default_factory=dict)  # fabric id -> last refresh by this program
