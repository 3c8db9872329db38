"""The ready case's machines on their way home: to where they stood, elsewhere, and what is in the way there."""

from __future__ import annotations

from dataclasses import replace

from tests.estates.paths import HOME_VM, ITEM
from tests.estates.ready import GONE
from wizard_steps.choices import LocationChoice
from wizard_steps.outside import Outside
from wizard_steps.reading import seen
from wizard_steps.seen_in_vcenter import Mount, VirtualMachine

STORE_1, STORE_2 = "vcenter.datastores[vmfs-01]", "vcenter.datastores[vmfs-02]"
RECORD = "server.vcenters[vcenter01]"
PHYSICAL = {f"{ITEM}.infrastructure_vm_id": None, f"{ITEM}.vcenter_infrastructure_id": None}
AWAY = {
    "choices.locations": (LocationChoice("web01", "alternate", "vmfs-02"),),
    "azure.vms[web01].memory_mb": 16384,
}
BOTH_AWAY = {
    "choices.locations": (
        LocationChoice("web01", "alternate", "vmfs-02"),
        LocationChoice("db01", "alternate", "vmfs-02"),
    )
}
GONE_AWAY = {**AWAY, HOME_VM: GONE, "vcenter.hosts[host-2].vm_refs": ("vm-21",)}


def mounted(
    mode: str = "readWrite", *, is_mounted: bool = True, accessible: bool = True, why: str | None = None
) -> object:
    """Return how esx01 mounts a datastore, in place of how it did."""

    def change(there: tuple[Mount, ...]) -> tuple[Mount, ...]:
        kept = tuple(one for one in there if one.host_ref != "host-1")
        return (*kept, Mount("host-1", mode, mounted=is_mounted, accessible=accessible, inaccessible_reason=why))

    return change


def leftover(name: str, host: str = "host-1") -> dict[str, object]:
    """Return the changes that leave another VM of that name on a host."""

    def add(there: tuple[VirtualMachine, ...]) -> tuple[VirtualMachine, ...]:
        stray = replace(
            there[1],
            ref="vm-90",
            name=Outside(name),
            instance_uuid=seen("90"),
            bios_uuid=seen("91"),
            ip_addresses=seen(()),
        )
        return (*there, stray)

    return {"vcenter.machines": add, f"vcenter.hosts[{host}].vm_refs": lambda refs: (*refs, "vm-90")}
