"""Reads the protected items: the list tells which there are, one `get` each tells the rest.

The list is trimmed (no disks, no master target), so an item whose `get` fails keeps what the list said, and what the
list leaves out means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from failback.azure import allowed, arm_ids, tables
from failback.azure.asking import Asker
from failback.azure.fields import Row, field, text
from failback.azure.vault import Vault
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_in_azure import ProtectedDisk, ProtectedItem, ReplicatedNic
from wizard_steps.wording import _

_TYPE = "properties.providerSpecificDetails.instanceType"
_OTHER_SOURCES = ("A2A", "HyperV")
REPROTECTED = frozenset({"InMage", "InMageRcmFailback"})


class ReadsProtectedItems:
    """Reads the machines of one vault."""

    def __init__(self, asker: Asker, vault: Vault) -> None:
        """Read `vault` through `asker`."""
        self._ask = asker
        self._vault = vault

    def listed(self) -> Reading[tuple[Row, ...]]:
        """Return the vault's list without the machines that never stood on VMware or bare metal."""
        found = self._ask.every(allowed.ITEMS, "ReplicationProtectedItem", *self._vault.names)
        return found.map(lambda rows: tuple(row for row in rows if not row.text(_TYPE).startswith(_OTHER_SOURCES)))

    def item(self, listed: Row) -> ProtectedItem:
        """Return one machine in full."""
        item_id = listed.text("id")
        single = self._ask.one(allowed.ITEM, "ReplicationProtectedItem", *self._names(item_id))
        row = single.value if single.was_seen else replace(listed, short_because=single.reason)
        kind = row.text(_TYPE)
        table = {**tables.PROTECTED_ITEM, **(tables.AFTER_REPROTECT if kind in REPROTECTED else {})}
        return ProtectedItem(
            id=item_id,
            name=row.text("name"),
            machine_name=Outside(row.text("properties.friendlyName") or row.text("name")),
            fabric_id=arm_ids.up_to(item_id, "replicationFabrics"),
            container_id=arm_ids.up_to(item_id, "replicationProtectionContainers"),
            **row.read_all(table),
            protectable_item_found=self._protectable(row),
            recovery_point_count=self._recovery_points(item_id, kind),
            **_only_single(single),
        )

    def _names(self, item_id: str) -> tuple[str, ...]:
        kinds = ("replicationFabrics", "replicationProtectionContainers", "replicationProtectedItems")
        return (*self._vault.names, *(arm_ids.part(item_id, kind) for kind in kinds))

    def _protectable(self, row: Row) -> Reading[bool]:
        """Tell whether the protectable item behind the machine resolves; a 404 says it does not."""
        wanted = row.read(field("properties.protectableItemId", text))
        if not wanted.was_seen:
            return wanted.map(bool)
        kinds = ("replicationFabrics", "replicationProtectionContainers", "replicationProtectableItems")
        names = [arm_ids.part(wanted.value, kind) for kind in kinds]
        if not all(names):
            return not_seen(_("Azure names no protectable item that can be looked up"), wanted.source)
        found = self._ask.one_or_none(allowed.PROTECTABLE_ITEM, "ProtectableItem", *self._vault.names, *names)
        return found.map(lambda one: one is not None)

    def _recovery_points(self, item_id: str, kind: str) -> Reading[int]:
        """Return how many recovery points there are on the way home; before reprotect nobody needs the count."""
        if kind not in REPROTECTED:
            return not_seen(_("counted only once the machine replicates home"))
        found = self._ask.every(allowed.RECOVERY_POINTS, "RecoveryPoint", *self._names(item_id))
        return found.map(len)


def _only_single(single: Reading[Row]) -> dict[str, Any]:
    """Return what only the single answer tells; the list's empty values mean nothing."""
    if not single.was_seen:
        unseen = single.map(lambda _row: None)
        return {"disks": unseen, "nics": unseen, "master_target_id": unseen}
    row = single.value
    return {
        "disks": _disks(row),
        "nics": row.read(tables.NICS_OF_ITEM).map(lambda raw: tuple(_nic(row, one) for one in raw)),
        "master_target_id": row.read(tables.MASTER_TARGET_OF_ITEM),
    }


def _disks(row: Row) -> Reading[tuple[ProtectedDisk, ...]]:
    """Return the disks. A machine has some: an empty list means that Azure does not say, not that there are none."""
    found = row.read(tables.DISKS_OF_ITEM)
    if found.was_seen and not found.value:
        return not_seen(_("Azure names no disk of this machine"), found.source)
    return found.map(lambda raw: tuple(_disk(row, one) for one in raw))


def _disk(item: Row, raw: Any) -> ProtectedDisk:
    row = Row(raw if isinstance(raw, Mapping) else {}, "ProtectedDisk", item.seen_at)
    identity = row.text("diskId")
    return ProtectedDisk(identity, Outside(row.text("diskName") or identity), row.read(tables.DISK_CAPACITY))


def _nic(item: Row, raw: Any) -> ReplicatedNic:
    """Return an adapter; the classic service nests its addresses in the first (primary) of its configurations."""
    row = Row(raw if isinstance(raw, Mapping) else {}, "VMNic", item.seen_at)
    primary = _primary_configuration(row)
    return ReplicatedNic(
        row.text("nicId"),
        source_address=_address(row, primary, ("staticIPAddress", "sourceIPAddress")),
        recovery_address=_address(row, primary, ("recoveryStaticIPAddress", "targetIPAddress")),
    )


def _primary_configuration(nic: Row) -> Row:
    raw = nic.at("ipConfigs")
    rows = [one for one in raw if isinstance(one, Mapping)] if isinstance(raw, list) else []
    chosen = next((one for one in rows if one.get("isPrimary")), rows[0] if rows else {})
    return Row(chosen, "IPConfig", nic.seen_at)


def _address(nic: Row, configuration: Row, names: tuple[str, ...]) -> Reading[str | None]:
    """Return an address, from the configuration or from the adapter itself; None where Azure gives none."""
    for row in (configuration, nic):
        for name in names:
            if row.at(name) is not None:
                return row.read(field(name, text))
    return seen(None, nic.source(names[0]))
