"""Virtual machines: which properties are read, and what each means when it is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from pyVmomi import vim

from failback.vcenter import read_hardware as hardware
from failback.vcenter.properties import Answer, Collector, Property, means, paths_of, readings, tells_nothing
from wizard_steps.outside import Outside, visible
from wizard_steps.reading import Reading, Source, not_seen
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

T = TypeVar("T")

KIND: Final = "VirtualMachine"
CONNECTED: Final = "connected"
WHO_IT_IS: Final = frozenset(
    {
        "instance_uuid",
        "bios_uuid",
        "connection_state",
        "host_ref",
        "datastore_refs",
        "is_template",
        "vmx_file",
        "ip_addresses",
        "dns_name",
    }
)
"""What tells which machine it is, and stays true of one that vCenter has lost touch with."""


def _no_report(source: Source) -> Reading[Any]:
    return not_seen(_("VMware Tools on the machine reports nothing"), source)


def _optional_time(at: datetime) -> datetime | None:
    return hardware.in_utc(at)


def _of_devices(parse: Callable[[Sequence[Any]], T]) -> Callable[[Sequence[Any]], T]:
    """Return what parses a device list and refuses an empty one: no machine is without any device."""

    def parsed(devices: Sequence[Any]) -> T:
        if not devices:
            raise ValueError("a machine without devices")
        return parse(devices)

    return parsed


def _rows(options: Iterable[Any]) -> Mapping[str, Outside]:
    return {str(row.key): Outside(str(row.value)) for row in options}


OF_EVERY_MACHINE: Final[Mapping[str, Property[Any]]] = {
    "instance_uuid": Property("config.instanceUuid", str, tells_nothing),
    "bios_uuid": Property("config.uuid", str, tells_nothing),
    "power_state": Property("runtime.powerState", str, tells_nothing),
    "connection_state": Property("runtime.connectionState", str, tells_nothing),
    "host_ref": Property("runtime.host", hardware.id_of, tells_nothing),
    "datastore_refs": Property("datastore", hardware.ids_of, means(())),
    # Every address, not only the first: a configuration server is known by either of two.
    "ip_addresses": Property("guest.net", hardware.ip_addresses, means(())),
    "dns_name": Property("guest.hostName", Outside, means(None)),
    "memory_mb": Property("config.hardware.memoryMB", int, tells_nothing),
    "cpu_count": Property("config.hardware.numCPU", int, tells_nothing),
    "guest_id": Property("config.guestId", str, tells_nothing),
    "is_template": Property("config.template", bool, means(False)),
    # With names of networks: they tell which network carries which subnet.
    "guest_nics": Property("guest.net", hardware.guest_nics, _no_report),
    # Of the summary, which vCenter has also for a machine whose configuration it cannot read.
    "vmx_file": Property("summary.config.vmPathName", str, tells_nothing),
}

IN_DEPTH: Final[Mapping[str, Property[Any]]] = {
    "change_version": Property("config.changeVersion", str, tells_nothing),
    # The rows themselves: a machine without the one that is looked for has an empty or other mapping.
    "extra_config": Property("config.extraConfig", _rows, tells_nothing),
    "disk_uuid_flag": Property("config.flags.diskUuidEnabled", bool, means(False)),
    "disks": Property("config.hardware.device", _of_devices(hardware.disks), tells_nothing),
    "controllers": Property("config.hardware.device", _of_devices(hardware.controllers), tells_nothing),
    "connected_nics": Property("config.hardware.device", _of_devices(hardware.connected_nics), tells_nothing),
    "network_adapters": Property("config.hardware.device", _of_devices(hardware.network_adapters), tells_nothing),
    "snapshots": Property("snapshot", hardware.snapshots, means(())),
    "longest_disk_chain": Property("layoutEx.disk", hardware.longest_chain, tells_nothing),
    "consolidation_needed": Property("runtime.consolidationNeeded", bool, means(False)),
    "boot_time": Property("runtime.bootTime", _optional_time, means(None)),
    "created_at": Property("config.createDate", _optional_time, means(None)),
    "guest_full_name": Property("guest.guestFullName", Outside, means(None)),
    "guest_volumes": Property("guest.disk", hardware.guest_volumes, _no_report),
    "tools_running": Property("guest.toolsRunningStatus", str, tells_nothing),
    "tools_version_status": Property("guest.toolsVersionStatus2", str, tells_nothing),
    "tools_installer_mounted": Property("runtime.toolsInstallerMounted", bool, means(False)),
}

DEEP: Final[Mapping[str, Property[Any]]] = {**OF_EVERY_MACHINE, **IN_DEPTH}


def read_all(collector: Collector, at: datetime) -> tuple[VirtualMachine, ...]:
    """Read the small properties of every machine of the inventory."""
    answers = collector.of_all(vim.VirtualMachine, paths_of(OF_EVERY_MACHINE, "name"))
    return tuple(_machine(answer, OF_EVERY_MACHINE, at) for answer in answers)


def read_in_depth(collector: Collector, refs: Iterable[str], at: datetime) -> dict[str, VirtualMachine]:
    """Read everything of the machines named, by ref; one that is gone meanwhile is not in the answer."""
    answers = collector.of_these(vim.VirtualMachine, refs, paths_of(DEEP, "name"))
    return {answer.ref: _machine(answer, DEEP, at) for answer in answers}


def read_these(collector: Collector, refs: Iterable[str], at: datetime) -> tuple[VirtualMachine, ...]:
    """Read the small properties of the machines named; one that is gone meanwhile is not in the answer."""
    answers = collector.of_these(vim.VirtualMachine, refs, paths_of(OF_EVERY_MACHINE, "name"))
    return tuple(_machine(answer, OF_EVERY_MACHINE, at) for answer in answers)


def _machine(answer: Answer, table: Mapping[str, Property[Any]], at: datetime) -> VirtualMachine:
    name = Outside(str(answer.values.get("name") or answer.ref))
    found = readings(table, answer, KIND, at)
    state = found["connection_state"].or_else(None)
    if state is not None and state != CONNECTED:
        found = {each: one if each in WHO_IT_IS and one.was_seen else _lost(state, one) for each, one in found.items()}
    return VirtualMachine(ref=answer.ref, name=name, **found)


def _lost(state: str, reading: Reading[Any]) -> Reading[Any]:
    """Return that a property was not seen: vCenter shows what it last knew, or nothing, and it may be long past."""
    return not_seen(
        _('vCenter has lost touch with the machine, it is "{state}" there').format(state=visible(state)), reading.source
    )
