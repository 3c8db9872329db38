"""Licences of linked vCenters: a managed object id is only this vCenter's own where the scope says so."""

from __future__ import annotations

from typing import Any

from pyVmomi import vim

from failback.vcenter.read_accounts import editions

OURS, THEIRS = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"


def assigned(edition: str, scope: str | None) -> Any:
    licence = vim.LicenseManager.LicenseInfo(licenseKey="00000", editionKey=edition, name=edition, total=0)
    return vim.LicenseAssignmentManager.LicenseAssignment(entityId="host-12", scope=scope, assignedLicense=licence)


def test_the_licence_of_a_linked_vcenters_host_is_not_taken_for_ours() -> None:
    told = [assigned("esxBasic", OURS), assigned("esx.enterprisePlus.cpuPackage", THEIRS)]
    assert editions(told, OURS.upper()) == {"host-12": "esxBasic"}
    assert editions(told[1:], OURS) == {}


def test_an_assignment_that_names_no_vcenter_is_this_ones() -> None:
    assert editions([assigned("eval", None)], OURS) == {"host-12": "eval"}
