"""Licences of the hosts, the privileges of the account that site recovery uses, and where it has them from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyVmomi import vim

from failback.vcenter.properties import Collector
from failback.vcenter.read_hardware import id_of
from failback.vcenter.session import Connection
from wizard_steps.outside import Outside
from wizard_steps.principals import is_same_principal
from wizard_steps.seen_around_machines import AccountGrant, Role

_ENTITY_KINDS: Final[Mapping[str, Any]] = {
    "vm": vim.VirtualMachine,
    "host": vim.HostSystem,
    "datastore": vim.Datastore,
    "datacenter": vim.Datacenter,
}


def read_licences(collector: Collector) -> Mapping[str, str]:
    """Read the edition key of every assigned licence, by the managed object id of what it is assigned to."""
    licences = id_of(collector.connection.content.licenseManager)
    (manager,) = collector.of_these(vim.LicenseManager, [licences], ["licenseAssignmentManager"])
    assignments = manager.values["licenseAssignmentManager"].QueryAssignedLicenses(None)
    return editions(assignments, collector.connection.content.about.instanceUuid)


def editions(assignments: Iterable[Any], vcenter_uuid: str | None) -> Mapping[str, str]:
    """Return the edition key of each entity of this vCenter.

    Linked vCenters tell each other's assignments, and `host-12` is another host there: `scope` names whose it is.
    """
    ours = (vcenter_uuid or "").casefold()
    return {
        each.entityId: str(each.assignedLicense.editionKey)
        for each in assignments
        if not each.scope or not ours or each.scope.casefold() == ours
    }


def read_privileges(
    connection: Connection, account: str, entities: Mapping[str, Iterable[str]]
) -> Mapping[str, frozenset[str]]:
    """Read what `account` may do on each entity; `entities` holds refs by kind: vm, host, datastore, datacenter."""
    references: list[Any] = [
        _ENTITY_KINDS[kind](ref, connection.stub) for kind, refs in entities.items() for ref in refs
    ]
    if not references:
        return {}
    told = connection.content.authorizationManager.FetchUserPrivilegeOnEntities(references, account)
    held = {id_of(each.entity): frozenset(each.privileges) for each in told}
    if set(held) != {id_of(each) for each in references}:
        raise ValueError("privileges of other objects than those asked about")
    return held


def read_grants(connection: Connection, account: str, datacenters: Iterable[str]) -> tuple[AccountGrant, ...]:
    """Read what `account` has on each datacenter, and the permission that is given there to it by name."""
    refs = tuple(datacenters)
    held = read_privileges(connection, account, {"datacenter": refs})
    return tuple(_grant(connection, account, ref, held.get(ref, frozenset())) for ref in refs)


def _grant(connection: Connection, account: str, ref: str, held: frozenset[str]) -> AccountGrant:
    authorization = connection.content.authorizationManager
    permissions = authorization.RetrieveEntityPermissions(vim.Datacenter(ref, connection.stub), False)
    for one in permissions:
        if not one.group and is_same_principal(one.principal, account):
            return AccountGrant(ref, account, held, str(one.principal), int(one.roleId), bool(one.propagate))
    return AccountGrant(ref, account, held)


def read_roles(collector: Collector) -> tuple[Role, ...]:
    """Read every role of this vCenter."""
    manager = id_of(collector.connection.content.authorizationManager)
    (answer,) = collector.of_these(vim.AuthorizationManager, [manager], ["roleList"])
    return tuple(
        Role(int(one.roleId), Outside(str(one.name)), bool(one.system), frozenset(one.privilege))
        for one in answer.values["roleList"]
    )
