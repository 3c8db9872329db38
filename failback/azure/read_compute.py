"""Reads Azure VMs (the failed-over machines, process servers), and the sizes and quota of a location. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from failback.azure import allowed, arm_ids
from failback.azure.asking import Asker
from failback.azure.fields import Row, Table, field, listed, moment, text, whole
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_in_azure import AzureVm, SizeOffer, Usage
from wizard_steps.wording import _

T = TypeVar("T")
Place = tuple[str, str]  # subscription, location
Sizes = Reading[dict[str, Row]]  # by name, case folded
_GIB = 2**30
_POWER = "PowerState/"
_PROVISIONED = "ProvisioningState/succeeded"


def _nic_ids(raw: Any) -> tuple[str, ...]:
    """Return the ids of the interfaces, the primary one first: it is the one that leads out of the subnet."""
    rows = sorted(listed(raw), key=lambda one: not (one.get("properties") or {}).get("primary"))
    return tuple(str(one["id"]) for one in rows)


def _disk_sizes(raw: Any) -> tuple[int, ...]:
    """Return the sizes of all disks, the operating system's first; raises where Azure leaves one out."""
    disks = [raw["osDisk"], *(raw.get("dataDisks") or [])]
    return tuple(whole(disk["diskSizeGB"]) * _GIB for disk in disks)


def _power_state(raw: Any) -> str:
    """Return the word of the power state; raises where there is none."""
    return next(code[len(_POWER) :] for code in _codes(raw) if code.startswith(_POWER))


def _codes(raw: Any) -> list[str]:
    found = [str(status.get("code", "")) for status in listed(raw)]
    if not any(code.startswith(_POWER) for code in found):
        raise ValueError(raw)
    return found


def _power_state_since(raw: Any) -> datetime | None:
    """Return since when, at the latest, the power state holds; None where Azure gives no time.

    The power status carries no time of its own. The provisioning status does, and every start and stop renews it; so
    does any other update of the VM, so the state may be older than this.
    """
    _codes(raw)  # for what it refuses: without a power state there is nothing that could hold since then
    for wanted in (_POWER, _PROVISIONED):
        for status in listed(raw):
            if str(status.get("code", "")).casefold().startswith(wanted.casefold()) and status.get("time"):
                return moment(status["time"])
    return None


_STATUSES = "properties.instanceView.statuses"

VM: Table = {
    "location": field("location", text),
    "size": field("properties.hardwareProfile.vmSize", text),
    "power_state": field(_STATUSES, _power_state),
    "power_state_since": field(_STATUSES, _power_state_since),
    "disk_sizes": field("properties.storageProfile", _disk_sizes),
    "nic_ids": field("properties.networkProfile.networkInterfaces", _nic_ids, absent=()),
}


def _cores(raw: Any) -> int:
    """Return the cores of a size; raises where Azure does not say them."""
    return whole({one.get("name"): one.get("value") for one in listed(raw)}["vCPUs"])


def _refused(raw: Any) -> tuple[str, ...]:
    """Return Azure's words why a location as a whole does not offer a size; a single zone without it is no matter."""
    return tuple(text(one.get("reasonCode") or one["type"]) for one in listed(raw) if one.get("type") == "Location")


OFFER: Table = {
    "family": field("family", text),
    "cores": field("capabilities", _cores),
    "refused": field("restrictions", _refused, absent=()),
}

USAGE: Table = {"used": field("currentValue", whole), "limit": field("limit", whole)}


class ReadsCompute:
    """Reads VMs by id, and once per location the table of sizes."""

    def __init__(self, asker: Asker) -> None:
        """Read through `asker`."""
        self._ask = asker
        self._known: dict[Place, Sizes] = {}

    def machines(self, vm_ids: list[str]) -> dict[str, Reading[AzureVm | None]]:
        """Return what was seen of each VM, by its id, case folded. A VM that is not there is seen as None."""
        wanted = list({vm_id.casefold(): vm_id for vm_id in vm_ids}.values())
        found = dict(zip(wanted, self._ask.together(self._row, wanted), strict=True))
        sizes = self._sizes(found)
        return {vm_id.casefold(): row.map(lambda one: _machine(one, sizes)) for vm_id, row in found.items()}

    def _row(self, vm_id: str) -> Reading[Row | None]:
        names = (arm_ids.group(vm_id), arm_ids.part(vm_id, "virtualMachines"))
        if not all(names):
            return not_seen(_("Azure gave an id that is no VM's"))
        return self._ask.one_or_none(
            allowed.VM, "VirtualMachine", *names, subscription=arm_ids.subscription(vm_id), expand="instanceView"
        )

    def _sizes(self, machines: Mapping[str, Reading[Row | None]]) -> dict[Place, Sizes]:
        """Return the table of sizes of every location that a machine stands in."""
        places: dict[Place, Sizes] = {}
        for vm_id, reading in machines.items():
            row = reading.or_else(None)
            if row is not None and row.text("location"):
                place = (arm_ids.subscription(vm_id).casefold(), row.text("location"))
                places[place] = self._sizes_at(*place)
        return places

    def offers(self, subscription: str, location: Reading[str]) -> Reading[dict[str, SizeOffer]]:
        """Return what a location offers: every size of virtual machines by name, case folded."""
        if not location.was_seen:
            return location.map(lambda _word: {})
        found = self._sizes_at(subscription.casefold(), location.value)
        return found.map(lambda rows: {name: _offer(row) for name, row in rows.items()})

    def usages(self, subscription: str, location: Reading[str]) -> Reading[tuple[Usage, ...]]:
        """Return how much of each quota is in use at a location."""
        if not location.was_seen:
            return location.map(lambda _word: ())
        place = location.value.replace(" ", "").lower()
        found = self._ask.every(allowed.USAGES, "Usage", place, subscription=subscription)
        return found.map(lambda rows: tuple(Usage(row.text("name.value"), **row.read_all(USAGE)) for row in rows))

    def _sizes_at(self, subscription: str, location: str) -> Sizes:
        """Return the table of sizes of a location; it is long, so it is read once."""
        place = (subscription, location.replace(" ", "").lower())
        if place not in self._known:
            self._known[place] = self._read_sizes(*place)
        return self._known[place]

    def _read_sizes(self, subscription: str, location: str) -> Sizes:
        wanted = f"location eq '{location}'"
        found = self._ask.every(allowed.SIZES, "ResourceSku", subscription=subscription, filter=wanted)
        if found.was_seen and not found.value:
            return not_seen(_("Azure lists no sizes for this location"), found.source)
        return found.map(
            lambda rows: {
                row.text("name").casefold(): row for row in rows if row.text("resourceType") == "virtualMachines"
            }
        )


def _offer(size: Row) -> SizeOffer:
    return SizeOffer(size.text("name"), **size.read_all(OFFER))


def _capabilities(size: Row) -> dict[str, str]:
    """Return what Azure says of a size, by the capability's name."""
    listed_ones = size.at("capabilities")
    rows = [one for one in listed_ones if isinstance(one, Mapping)] if isinstance(listed_ones, list) else []
    return {str(one.get("name")): str(one.get("value")) for one in rows}


def _machine(row: Row | None, sizes: Mapping[Place, Sizes]) -> AzureVm | None:
    if row is None:
        return None
    vm_id = row.text("id")
    values: dict[str, Any] = row.read_all(VM)
    place = (arm_ids.subscription(vm_id).casefold(), row.text("location"))
    return AzureVm(
        id=vm_id,
        name=Outside(row.text("name") or arm_ids.name(vm_id)),
        resource_group_id=arm_ids.up_to(vm_id, "resourceGroups"),
        **values,
        has_temporary_disk=_of_size(values["size"], sizes.get(place), _brings_temporary_disk),
        memory_mb=_of_size(values["size"], sizes.get(place), _memory_mb),
    )


def _brings_temporary_disk(capabilities: Mapping[str, str]) -> bool:
    return capabilities.get("MaxResourceVolumeMB", "0") not in {"0", ""}


def _memory_mb(capabilities: Mapping[str, str]) -> int:
    """Return the memory of a size in MiB; raises where Azure does not say it."""
    return int(float(capabilities["MemoryGB"]) * 1024)


def _of_size(size: Reading[str], sizes: Sizes | None, what: Callable[[Mapping[str, str]], T]) -> Reading[T]:
    """Return one thing that the table of sizes says of a VM's size."""
    if sizes is None or not size.was_seen:
        return not_seen(_("the size of the VM was not seen"), size.source)
    if not sizes.was_seen:
        return not_seen(sizes.reason or "", sizes.source)
    row = sizes.value.get(size.value.casefold())
    if row is None:
        return not_seen(_("Azure's list of sizes has no {size}").format(size=visible(size.value)), sizes.source)
    try:
        return seen(what(_capabilities(row)), sizes.source)
    except (KeyError, ValueError):
        return not_seen(_("Azure does not say it of the size {size}").format(size=visible(size.value)), sizes.source)
