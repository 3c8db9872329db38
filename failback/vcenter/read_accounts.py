"""Licences of the hosts, and the privileges of the account that site recovery uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyVmomi import vim

from failback.vcenter.properties import Collector
from failback.vcenter.read_hardware import id_of
from failback.vcenter.session import Connection

_ENTITY_KINDS: Final[Mapping[str, Any]] = {"vm": vim.VirtualMachine, "host": vim.HostSystem, "datastore": vim.Datastore}


def read_licences(collector: Collector) -> Mapping[str, str]:
    """Read the edition key of every assigned licence, by the managed object id of what it is assigned to."""
    licences = id_of(collector.connection.content.licenseManager)
    (manager,) = collector.of_these(vim.LicenseManager, [licences], ["licenseAssignmentManager"])
    assignments = manager.values["licenseAssignmentManager"].QueryAssignedLicenses(None)
    return {each.entityId: str(each.assignedLicense.editionKey) for each in assignments}


def read_privileges(
    connection: Connection, account: str, entities: Mapping[str, Iterable[str]]
) -> Mapping[str, frozenset[str]]:
    """Read what `account` may do on each entity; `entities` holds refs by kind: vm, host, datastore."""
    references: list[Any] = [
        _ENTITY_KINDS[kind](ref, connection.stub) for kind, refs in entities.items() for ref in refs
    ]
    if not references:
        return {}
    told = connection.content.authorizationManager.FetchUserPrivilegeOnEntities(references, account)
    return {id_of(each.entity): frozenset(each.privileges) for each in told}
