"""ESXi hosts and datastores: which properties are read, and what each means when it is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pyVmomi import vim

from failback.vcenter.properties import Collector, Property, means, paths_of, readings, tells_nothing
from failback.vcenter.read_hardware import id_of, ids_of
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading
from wizard_steps.seen_in_vcenter import Datastore, Host, Mount

MEBIBYTE: Final = 2**20


def _cluster(parent: Any) -> str | None:
    return id_of(parent) if isinstance(parent, vim.ClusterComputeResource) else None


def _pod(parent: Any) -> str | None:
    return id_of(parent) if isinstance(parent, vim.StoragePod) else None


def _vmfs_uuid(info: Any) -> str | None:
    volume = getattr(info, "vmfs", None)
    return str(volume.uuid) if volume is not None else None


def _mounts(hosts: Sequence[Any]) -> tuple[Mount, ...]:
    """Return how each host mounts a datastore; what a host does not say of its mount counts as "no"."""
    return tuple(
        Mount(
            host_ref=id_of(each.key),
            access_mode=str(each.mountInfo.accessMode),
            mounted=bool(each.mountInfo.mounted),
            accessible=bool(each.mountInfo.accessible),
            inaccessible_reason=each.mountInfo.inaccessibleReason,
        )
        for each in hosts
    )


OF_EVERY_HOST: Final[Mapping[str, Property[Any]]] = {
    "connection_state": Property("runtime.connectionState", str, tells_nothing),
    "in_maintenance": Property("runtime.inMaintenanceMode", bool, tells_nothing),
    "overall_status": Property("summary.overallStatus", str, tells_nothing),
    "version": Property("summary.config.product.version", str, tells_nothing),
    "memory_mb": Property("summary.hardware.memorySize", lambda size: int(size) // MEBIBYTE, tells_nothing),
    "memory_used_mb": Property("summary.quickStats.overallMemoryUsage", int, tells_nothing),
    "cpu_used_mhz": Property("summary.quickStats.overallCpuUsage", int, tells_nothing),
    "cluster_ref": Property("parent", _cluster, means(None)),
    "datastore_refs": Property("datastore", ids_of, means(())),
    "vm_refs": Property("vm", ids_of, means(())),
    "storage_system_ref": Property("configManager.storageSystem", id_of, means(None)),
}
CORE_MHZ: Final = Property("summary.hardware.cpuMhz", int, tells_nothing)
CORES: Final = Property("summary.hardware.numCpuCores", int, tells_nothing)

OF_EVERY_DATASTORE: Final[Mapping[str, Property[Any]]] = {
    "kind": Property("summary.type", str, tells_nothing),
    "capacity": Property("summary.capacity", int, tells_nothing),
    "free": Property("summary.freeSpace", int, tells_nothing),
    "accessible": Property("summary.accessible", bool, tells_nothing),
    # Optional in vSphere: a datastore that never was in maintenance may not carry it.
    "maintenance_mode": Property("summary.maintenanceMode", str, means("normal")),
    "mounts": Property("host", _mounts, means(())),
    "pod_ref": Property("parent", _pod, means(None)),
    # Read whole: the volume is a property of a subclass, and vCenter refuses a path to such a one.
    "vmfs_uuid": Property("info", _vmfs_uuid, means(None)),
}


def read_hosts(collector: Collector, at: datetime) -> tuple[Host, ...]:
    """Read every ESXi host, apart from its licence."""
    paths = paths_of({**OF_EVERY_HOST, "mhz": CORE_MHZ, "cores": CORES}, "name")
    hosts = []
    for answer in collector.of_all(vim.HostSystem, paths):
        mhz, cores = CORE_MHZ.reading(answer, "HostSystem", at), CORES.reading(answer, "HostSystem", at)
        found = readings(OF_EVERY_HOST, answer, "HostSystem", at)
        name = Outside(str(answer.values.get("name") or answer.ref))
        hosts.append(Host(ref=answer.ref, name=name, cpu_mhz=_product(mhz, cores), **found))
    return tuple(hosts)


def _product(mhz: Reading[int], cores: Reading[int]) -> Reading[int]:
    return mhz.map(lambda each: each * cores.value) if cores.was_seen else cores


def read_datastores(collector: Collector, at: datetime) -> tuple[Datastore, ...]:
    """Read every datastore."""
    return tuple(
        Datastore(
            ref=answer.ref,
            name=Outside(str(answer.values.get("name") or answer.ref)),
            **readings(OF_EVERY_DATASTORE, answer, "Datastore", at),
        )
        for answer in collector.of_all(vim.Datastore, paths_of(OF_EVERY_DATASTORE, "name"))
    )
