"""Cases for the remedies that rest on what lies around machines: files of disks, networks, roles and permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from failback.changes.grant_vcenter_role import ROLE
from tests.changes.stage import MT
from tests.estates.changing import GONE
from tests.estates.ready import ready_case
from tests.estates.ready_vcenter import ACCOUNT, PRIVILEGES
from wizard_steps.classic.failback_role import NEEDED
from wizard_steps.outside import Outside
from wizard_steps.seen_around_machines import (
    STANDARD,
    AccountGrant,
    Datacenter,
    DiskFile,
    Network,
    NetworkAdapter,
    Role,
)
from wizard_steps.seen_in_vcenter import GuestNic, VirtualDisk
from wizard_steps.sizes import GIB

CHANGE_VERSION = {f"{MT}.change_version": "2026-11-22T10:00:01Z"}
CS = "vcenter.machines[CS01]"
NETWORK = "network-41"

_MOVED = Outside("[vmfs-02] MT01_moved/MT01_1.vmdk")
_DISK = VirtualDisk(2001, "Hard disk 2", 1000, 1, 1024 * GIB, "datastore-2", _MOVED, "disk-10-1")
_FIRST = NetworkAdapter(4000, "Vmxnet3", "Network adapter 1", "network-40", None)
_SECOND = NetworkAdapter(4001, "Vmxnet3", "Network adapter 2", NETWORK, None)
_READ_ONLY = frozenset({"System.Anonymous", "System.Read", "System.View"})
_GRANT = AccountGrant("datacenter-2", ACCOUNT, _READ_ONLY)
_MADE = Role(101, Outside(ROLE), False, NEEDED | _READ_ONLY)
_SYSTEM_ROLE = Role(-2, Outside("ReadOnly"), True, _READ_ONLY)


def web01() -> dict[str, Any]:
    """Return the subject of a finding that speaks of web01."""
    item = ready_case().chosen_machines.value[0].item
    return {"kind": "machine", "name": item.machine_name.raw, "subject_id": item.id}


Parts = tuple[Mapping[str, object], Mapping[str, Mapping[str, object]], Mapping[str, Any]]

AROUND_MACHINES: Mapping[str, Parts] = {
    "attach-moved-disks": (
        {
            "azure.protected_items[web01].instance_type": "InMage",
            "azure.protected_items[web01].master_target_id": "mt-MT01",
            "memory.disk_files": {"mt-mt01": {"disk-10-1": "[vmfs-01] MT01/MT01_1.vmdk"}},
            f"{MT}.disks[1]": GONE,
            "vcenter.disk_files": (DiskFile("disk-10-1", _MOVED, "datastore-2", 1024 * GIB),),
        },
        {"ReconfigVM_Task": {f"{MT}.disks": lambda disks: (*disks, _DISK), **CHANGE_VERSION}},
        {},
    ),
    "add-network-adapter": (
        {
            "choices.configuration_server_failback_ip": "10.30.0.10",
            "vcenter.networks": (Network(NETWORK, Outside("Failback"), STANDARD, ("host-1",)),),
            f"{CS}.network_adapters": (_FIRST,),
            "vcenter.machines[db01].guest_nics": (GuestNic(Outside("Failback"), True, (("10.30.0.5", 24),)),),
        },
        {
            "ReconfigVM_Task": {
                f"{CS}.network_adapters": (_FIRST, _SECOND),
                f"{CS}.change_version": "2026-11-22T10:00:01Z",
            }
        },
        web01(),
    ),
    "grant-vcenter-role": (
        {
            "vcenter.datacenters": (Datacenter("datacenter-2", Outside("Osaka"), ("datastore-1", "datastore-2")),),
            "vcenter.account_grants": (_GRANT,),
            "vcenter.account_privileges[*]": _READ_ONLY,
            "vcenter.roles": (_SYSTEM_ROLE,),
        },
        {
            "AddAuthorizationRole": {"vcenter.roles": (_SYSTEM_ROLE, _MADE)},
            "SetEntityPermissions": {
                "vcenter.account_grants": (replace(_GRANT, principal="…", role_id=_MADE.id, propagates=True),),
                "vcenter.account_privileges[*]": PRIVILEGES,
            },
        },
        {"kind": "account", "name": ACCOUNT, "subject_id": ACCOUNT},
    ),
}

MOVES_AROUND_MACHINES: dict[str, dict[str, tuple[str, object]]] = {
    "attach-moved-disks": {
        "SCSI(0:1)": (f"{MT}.disks", lambda disks: (*disks, replace(_DISK, uuid="another"))),
        "changeVersion": (f"{MT}.change_version", "another"),
        "instanceUuid": (f"{MT}.instance_uuid", "another"),
    },
    "add-network-adapter": {
        f"network adapter on {NETWORK}": (f"{CS}.network_adapters", (_FIRST, _SECOND)),
        "failback address": ("choices.configuration_server_failback_ip", "10.30.0.11"),
        "powerState": (f"{CS}.power_state", "suspended"),
        "changeVersion": (f"{CS}.change_version", "another"),
        "instanceUuid": (f"{CS}.instance_uuid", "another"),
    },
    "grant-vcenter-role": {
        "permission": ("vcenter.account_grants[0].role_id", _SYSTEM_ROLE.id),
        f"role {ROLE}": ("vcenter.roles", (_SYSTEM_ROLE, _MADE)),
        "account": ("vcenter.account_grants[0].account", "somebody@vsphere.local"),
        "holds there": ("vcenter.account_grants[0].held", _READ_ONLY | {"Alarm.Create"}),
    },
}
