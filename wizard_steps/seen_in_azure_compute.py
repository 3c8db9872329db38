"""What was seen of virtual machines in Azure, their sizes and the quota, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen

_SIZE_UNREAD: Reading[Any] = not_seen("the memory of the Azure VM's size was not read")


@dataclass(frozen=True)
class AzureVm:
    """The Azure VM of a failed-over machine, or of a process server."""

    id: str
    name: Outside
    location: Reading[str]
    resource_group_id: str
    size: Reading[str]
    power_state: Reading[str]  # running, stopped, deallocated, starting ...
    power_state_since: Reading[datetime | None]
    disk_sizes: Reading[tuple[int, ...]]
    nic_ids: Reading[tuple[str, ...]]
    has_temporary_disk: Reading[bool]  # whether its size brings one, by the location's table of sizes
    memory_mb: Reading[int] = _SIZE_UNREAD  # of its size: what it needs at home where its old VM is gone


@dataclass(frozen=True)
class SizeOffer:
    """A size of virtual machines as one location offers it; `refused` holds Azure's words why it does not."""

    name: str
    family: Reading[str]  # the quota it counts against, beside that of all cores
    cores: Reading[int]
    refused: Reading[tuple[str, ...]]  # NotAvailableForSubscription, QuotaId; empty: it is offered


@dataclass(frozen=True)
class Usage:
    """How much of a quota is in use at one location. `name` is the quota's: `cores`, or a family of sizes."""

    name: str
    used: Reading[int]
    limit: Reading[int]
