"""Reads Site Recovery: the classic configuration servers with all that hangs on them, other fabrics, policies.

Protected items have a module of their own, `read_protected_items`. Only reads: see `allowed.READS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from failback.azure import allowed, tables
from failback.azure.asking import Asker, combine
from failback.azure.fields import Row
from failback.azure.vault import Vault
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, seen
from wizard_steps.seen_in_azure import (
    ConfigurationServer,
    ContainerMapping,
    ListedDatastore,
    MasterTarget,
    OtherFabric,
    Policy,
    ProcessServer,
    Provider,
    RetentionVolume,
    RunAsAccount,
    VCenterRecord,
)

T = TypeVar("T")

CLASSIC = "VMware"
MODERNIZED = frozenset({"InMageRcm", "VMwareV2"})
_TYPE = "properties.customDetails.instanceType"


def is_classic(fabric: Row) -> bool:
    """Tell whether a fabric is a configuration server of the classic architecture."""
    return kind_of(fabric).casefold() == CLASSIC.casefold()


def kind_of(fabric: Row) -> str:
    """Return Azure's word for what a fabric is, empty where it says none."""
    return fabric.text(_TYPE)


def named(fabrics: tuple[Row, ...], wanted: str) -> tuple[Row, ...]:
    """Return the fabrics whose friendly name or resource name is `wanted`, in any case."""
    key = wanted.casefold()
    return tuple(one for one in fabrics if key in {_friendly(one).casefold(), one.text("name").casefold()})


def _friendly(row: Row) -> str:
    return row.text("properties.friendlyName") or row.text("name")


def other_fabric(fabric: Row) -> OtherFabric:
    """Return a fabric that is no classic configuration server."""
    kind = kind_of(fabric)
    architecture = "modernized" if kind in MODERNIZED else kind
    return OtherFabric(fabric.text("id"), Outside(_friendly(fabric)), kind, architecture)


class ReadsSiteRecovery:
    """Reads one vault."""

    def __init__(self, asker: Asker, vault: Vault) -> None:
        """Read `vault` through `asker`."""
        self._ask = asker
        self._vault = vault

    def fabrics(self) -> Reading[tuple[Row, ...]]:
        """Return every fabric of the vault."""
        return self._ask.every(allowed.FABRICS, "ReplicationFabric", *self._vault.names)

    def policies(self) -> Reading[tuple[Policy, ...]]:
        """Return every replication policy of the vault."""
        found = self._ask.every(allowed.POLICIES, "ReplicationPolicy", *self._vault.names)
        return found.map(lambda rows: tuple(_policy(row) for row in rows))

    def configuration_server(self, listed: Row) -> ConfigurationServer:
        """Return a classic fabric in full, or as far as the list tells when it cannot be read itself."""
        fabric_name = listed.text("name")
        single = self._ask.one(allowed.FABRIC, "ReplicationFabric", *self._vault.names, fabric_name)
        fabric = single.value if single.was_seen else replace(listed, short_because=single.reason)
        containers = self._below(allowed.CONTAINERS, "ReplicationProtectionContainer", fabric_name)
        return ConfigurationServer(
            id=fabric.text("id"),
            fabric_name=fabric_name,
            name=Outside(_friendly(fabric)),
            **fabric.read_all(tables.CONFIGURATION_SERVER),
            loads=tables.loads(fabric, tables.CONFIGURATION_SERVER_LOADS, "properties.customDetails."),
            process_servers=_parts(fabric, "processServers", "ProcessServer", _process_server),
            master_targets=_parts(fabric, "masterTargetServers", "MasterTargetServer", _master_target),
            run_as_accounts=_parts(fabric, "runAsAccounts", "RunAsAccount", _account),
            providers=self._things(allowed.PROVIDERS, "RecoveryServicesProvider", fabric_name, _provider),
            vcenters=self._things(allowed.VCENTERS, "VCenter", fabric_name, _vcenter),
            container_ids=containers.map(lambda rows: tuple(row.text("id") for row in rows)),
            mappings=self._mappings(fabric_name, containers),
        )

    def _below(self, operation: allowed.Operation, kind: str, *names: str) -> Reading[tuple[Row, ...]]:
        return self._ask.every(operation, kind, *self._vault.names, *names)

    def _things(
        self, operation: allowed.Operation, kind: str, fabric: str, build: Callable[[Row], T]
    ) -> Reading[tuple[T, ...]]:
        return self._below(operation, kind, fabric).map(lambda rows: tuple(build(row) for row in rows))

    def _mappings(self, fabric: str, containers: Reading[tuple[Row, ...]]) -> Reading[tuple[ContainerMapping, ...]]:
        """Return the mappings of every container; without the containers there is nowhere to look."""
        if not containers.was_seen:
            return containers.map(lambda _rows: ())
        if not containers.value:
            return seen((), containers.source)

        def of_one(container: Row) -> Reading[tuple[ContainerMapping, ...]]:
            kind = "ProtectionContainerMapping"
            found = self._below(allowed.MAPPINGS, kind, fabric, container.text("name"))
            return found.map(lambda rows: tuple(_mapping(row, container.text("id")) for row in rows))

        return combine(of_one(container) for container in containers.value)


def _parts(fabric: Row, name: str, kind: str, build: Callable[[Row], T]) -> Reading[tuple[T, ...]]:
    """Return the parts that a fabric carries inside itself; an empty list means there are none."""
    found = fabric.read(fabric.rows(f"properties.customDetails.{name}", kind))
    return found.map(lambda rows: tuple(build(row) for row in rows))


def _process_server(row: Row) -> ProcessServer:
    return ProcessServer(
        id=row.text("id"),
        name=Outside(row.text("friendlyName") or row.text("id")),
        **row.read_all(tables.PROCESS_SERVER),
        loads=tables.loads(row, tables.PROCESS_SERVER_LOADS),
    )


def _master_target(row: Row) -> MasterTarget:
    volumes = row.read(row.rows("retentionVolumes", "RetentionVolume"))
    datastores = row.read(row.rows("dataStores", "DataStore"))
    return MasterTarget(
        id=row.text("id"),
        name=Outside(row.text("name") or row.text("id")),
        **row.read_all(tables.MASTER_TARGET),
        retention_volumes=volumes.map(lambda rows: tuple(_volume(one) for one in rows)),
        datastores=datastores.map(lambda rows: tuple(_datastore(one) for one in rows)),
    )


def _volume(row: Row) -> RetentionVolume:
    return RetentionVolume(Outside(row.text("volumeName")), **row.read_all(tables.RETENTION_VOLUME))


def _datastore(row: Row) -> ListedDatastore:
    return ListedDatastore(Outside(row.text("symbolicName")), **row.read_all(tables.DATASTORE))


def _account(row: Row) -> RunAsAccount:
    return RunAsAccount(row.text("accountId"), Outside(row.text("accountName")))


def _provider(row: Row) -> Provider:
    return Provider(row.text("id"), row.text("name"), **row.read_all(tables.PROVIDER))


def _vcenter(row: Row) -> VCenterRecord:
    return VCenterRecord(row.text("id"), Outside(_friendly(row)), **row.read_all(tables.VCENTER))


def _mapping(row: Row, container_id: str) -> ContainerMapping:
    values: dict[str, Any] = row.read_all(tables.MAPPING)
    return ContainerMapping(id=row.text("id"), name=row.text("name"), container_id=container_id, **values)


def _policy(row: Row) -> Policy:
    return Policy(row.text("id"), Outside(_friendly(row)), **row.read_all(tables.POLICY))
