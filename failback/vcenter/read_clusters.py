"""Clusters with DRS, and datastore clusters with Storage DRS: their settings and the exceptions for single machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pyVmomi import vim

from failback.vcenter.properties import Collector, Property, means, paths_of, readings, tells_nothing
from failback.vcenter.read_hardware import id_of
from wizard_steps.outside import Outside
from wizard_steps.seen_in_vcenter import Cluster, StoragePod


def _drs_enabled(config: Any) -> bool:
    return bool(config.drsConfig is not None and config.drsConfig.enabled)


def _overrides_allowed(config: Any) -> bool:
    """Tell whether exceptions count at all; vSphere's default, where it is not said, is that they do."""
    return config.drsConfig is None or config.drsConfig.enableVmBehaviorOverrides is not False


def _drs_overrides(config: Any) -> Mapping[str, bool]:
    return {id_of(row.key): row.enabled is not False for row in config.drsVmConfig}


def _drs_override_behaviors(config: Any) -> Mapping[str, str]:
    return {id_of(row.key): str(row.behavior) for row in config.drsVmConfig if row.behavior is not None}


def _pod_overrides(rows: Sequence[Any]) -> Mapping[str, tuple[bool | None, str | None]]:
    return {
        id_of(row.vm): (row.enabled, None if row.behavior is None else str(row.behavior))
        for row in rows
        if row.vm is not None
    }


# `configurationEx` is read whole: DRS is a property of a subclass, and vCenter refuses a path to such a one.
OF_EVERY_CLUSTER: Final[Mapping[str, Property[Any]]] = {
    "drs_enabled": Property("configurationEx", _drs_enabled, tells_nothing),
    "drs_overrides_allowed": Property("configurationEx", _overrides_allowed, tells_nothing),
    "drs_overrides": Property("configurationEx", _drs_overrides, tells_nothing),
    "drs_override_behaviors": Property("configurationEx", _drs_override_behaviors, tells_nothing),
}

_POD_CONFIG: Final = "podStorageDrsEntry.storageDrsConfig"
OF_EVERY_POD: Final[Mapping[str, Property[Any]]] = {
    "enabled": Property(f"{_POD_CONFIG}.podConfig.enabled", bool, tells_nothing),
    "default_behavior": Property(f"{_POD_CONFIG}.podConfig.defaultVmBehavior", str, tells_nothing),
    "overrides": Property(f"{_POD_CONFIG}.vmConfig", _pod_overrides, means({})),
}


def read_clusters(collector: Collector, at: datetime) -> tuple[Cluster, ...]:
    """Read every cluster."""
    answers = collector.of_all(vim.ClusterComputeResource, paths_of(OF_EVERY_CLUSTER, "name"))
    return tuple(
        Cluster(
            ref=answer.ref,
            name=Outside(str(answer.values.get("name") or answer.ref)),
            **readings(OF_EVERY_CLUSTER, answer, "ClusterComputeResource", at),
        )
        for answer in answers
    )


def read_pods(collector: Collector, at: datetime) -> tuple[StoragePod, ...]:
    """Read every datastore cluster."""
    answers = collector.of_all(vim.StoragePod, paths_of(OF_EVERY_POD, "name"))
    return tuple(
        StoragePod(
            ref=answer.ref,
            name=Outside(str(answer.values.get("name") or answer.ref)),
            **readings(OF_EVERY_POD, answer, "StoragePod", at),
        )
        for answer in answers
    )
