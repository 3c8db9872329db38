"""For every remedy that can be undone: how the ready site is broken so that there is something to mend, and whose it is.

Which remedies these are is read from the remedies themselves: one that is not listed here fails promise 7.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim
from pyVmomi.VmomiSupport import DataObject, ManagedObject

from failback.changes.remedies import CARRIED_OUT
from failback.changes.remedy import Remedy
from failback.rehearsal import description as described
from failback.rehearsal import on_premises
from failback.rehearsal.arm_store import rendered
from failback.rehearsal.clock import START
from tests.changes.ready_site import Site
from tests.changes.test_azure_remedies_on_the_site import deny_the_data_port, of_the_fabric, without_failback_policy
from tests.changes.test_granting import without_rights
from tests.changes.test_moved_disks import lose_a_disk
from tests.changes.test_network_adapters import with_a_failback_network
from tests.changes.test_vcenter_remedies_on_the_site import paravirtual, unmount

MT01, MT02 = on_premises.vm_ref("MT01"), on_premises.vm_ref("MT02")


@dataclass(frozen=True)
class Case:
    """What makes the ready site one that asks for a remedy, and the subject of the finding that asks for it."""

    breaks: Callable[[Site], object]
    kind: str = "master-target"
    name: str = "MT01"


def _without_the_row(site: Site) -> None:
    site.store.set(MT01, {"config.extraConfig": [], "config.flags.diskUuidEnabled": False})


def _moved_by_drs(site: Site) -> None:
    whole = copy.deepcopy(site.store.get(on_premises.CLUSTER, "configurationEx"))
    whole.drsVmConfig = []
    site.store.set(on_premises.CLUSTER, {"configurationEx": whole})


def _moved_by_storage_drs(site: Site) -> None:
    site.store.set(on_premises.POD, {"podStorageDrsEntry.storageDrsConfig.vmConfig": []})


def _paravirtual_and_off(site: Site) -> None:
    paravirtual(site, with_disks=True)
    site.store.set(MT02, {"runtime.powerState": "poweredOff"})


def _full_and_paravirtual(site: Site) -> None:
    paravirtual(site, with_disks=True)


def _elsewhere(site: Site) -> None:
    site.store.set(MT01, {"runtime.host": on_premises.host_ref("esx02")})
    on_premises.list_machines_of_hosts(site.store)


def _unassociated(site: Site) -> None:
    site.arm.remove(described.mapping_id("osaka-failback"))


def _unrecorded(site: Site) -> None:
    site.arm.remove(f"{described.fabric_id()}/replicationvCenters/osaka-vcenter")
    of_the_fabric(site, lambda details: details["runAsAccounts"][0].update(accountName=described.ACCOUNT))


def _reprotected(site: Site) -> None:
    def change(body: dict[str, Any]) -> None:
        body["properties"]["providerSpecificDetails"].update(
            instanceType="InMage", processServerId=described.CONFIGURATION_SERVER_ID
        )

    site.arm.edit(described.item_id("web01"), change)


THERE_AND_BACK: Mapping[str, Case] = {
    "set-enable-uuid": Case(_without_the_row),
    "exclude-from-drs": Case(_moved_by_drs),
    "exclude-from-storage-drs": Case(_moved_by_storage_drs),
    "swap-to-lsi": Case(_paravirtual_and_off, name="MT02"),
    "add-lsi-controller": Case(_full_and_paravirtual, name="MT02"),
    "add-retention-disk": Case(lambda _site: None, name="MT02"),
    "attach-moved-disks": Case(lose_a_disk),
    "add-network-adapter": Case(with_a_failback_network, "machine", "web01"),
    "grant-vcenter-role": Case(without_rights, "account", described.ACCOUNT),
    "move-master-target-host": Case(_elsewhere, "machine", "print01"),
    "mount-vmfs": Case(lambda site: unmount(site, "datastore-31", "esx01"), "machine", "file01"),
    "mount-vmware-tools": Case(lambda site: site.store.set(MT01, {"runtime.toolsInstallerMounted": False})),
    "rename-colliding-vm": Case(
        lambda site: on_premises.add_leftover(site.store, "vm-190", "hr-phys01"), "machine", "hr-phys01"
    ),
    "allow-port": Case(deny_the_data_port, "machine", "web01"),
    "create-failback-policy": Case(without_failback_policy, "policy", "CS01"),
    "map-failback-policy": Case(_unassociated, "policy", "CS01"),
    "add-vcenter-record": Case(_unrecorded, "vcenter", "vcenter"),
    "switch-process-server": Case(_reprotected, "machine", "web01"),
}


def reversible_ones() -> list[str]:
    """Return every remedy that does not say in its own source that it can never be undone."""
    return sorted(name for name, remedy in CARRIED_OUT.items() if _words(remedy) != {"False"})


def _words(remedy: Remedy) -> set[str]:
    """Return what a remedy writes as `reversible=`, in itself or in the remedy it is a kind of."""
    own = [one for one in type(remedy).__mro__ if issubclass(one, Remedy) and one is not Remedy]
    trees = [ast.parse(textwrap.dedent(inspect.getsource(one))) for one in own]
    return {
        ast.unparse(node.value)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "reversible"
    }


MOVES_WITH_EVERY_WRITE = {"config.changeVersion", "config.modified"}
OF_THE_SESSION = {"TaskManager", "SessionManager"}
RECORDS = ("/replicationjobs/",)
"""What a vault keeps of every operation for good."""


def state_of(site: Site) -> dict[str, Any]:
    """Return everything both sides of a site hold, apart from what moves with every write and from records of it."""
    now = site.engine.clock.now()
    vcenter = {
        f"{ref} {path}": "moves with the time" if callable(value) else _plain(site.store.get(ref, path, now))
        for ref, stored in site.store._objects.items()
        if not ref.startswith("task") and ref not in OF_THE_SESSION
        for path, value in ((".".join(steps).replace(".[", "["), value) for steps, value in stored.values.items())
        if path not in MOVES_WITH_EVERY_WRITE
    }
    azure = {
        one: _still(site.arm.store.raw(one)) for one in site.arm.store.ids() if not any(word in one for word in RECORDS)
    }
    rights = site.wire.privileges.items()
    beside = {
        **{f"file {name}": found for name, found in site.wire.files.loose.items()},
        **{f"rights of {who}": {ref: sorted(held) for ref, held in of.items()} for who, of in rights},
        **{f"inside {ref}": str(state) for ref, state in site.wire.guests.state.items()},
    }
    return {**vcenter, **azure, **beside}


WRITTEN_BY_VCENTER = {"deviceInfo", "device"}
"""What vCenter says of a controller by itself: its label, and again which disks lie on it."""


def _is_empty(value: Any) -> bool:
    """Tell whether it is a list of nothing: vCenter leaves it away."""
    return isinstance(value, list) and not value


def _plain(value: Any) -> Any:
    """Return a value of pyvmomi with the names of its types; lists of objects and of devices have no order."""
    if isinstance(value, ManagedObject):
        return value._GetMoId()
    if isinstance(value, DataObject):
        left_out = WRITTEN_BY_VCENTER if isinstance(value, vim.vm.device.VirtualController) else set()
        fields = {one.name: getattr(value, one.name) for one in value._GetPropertyList() if one.name not in left_out}
        held = {name: _plain(one) for name, one in fields.items() if one is not None and not _is_empty(one)}
        return {"is a": type(value).__name__, **held}
    if isinstance(value, list):
        found = [_plain(one) for one in value]
        has_order = not value or not isinstance(value[0], (ManagedObject, vim.vm.device.VirtualDevice))
        return found if has_order else sorted(found, key=str)
    return value


def _still(value: Any) -> Any:
    """Return JSON without what moves with the time."""
    if isinstance(value, dict):
        return {key: _still(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_still(one) for one in value]
    return "moves with the time" if callable(value) else rendered(value, START)
