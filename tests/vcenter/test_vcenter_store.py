"""The store keeps values by declared path, types them as vSphere does, and refuses what vCenter would refuse."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pyVmomi import vim

from failback.rehearsal.vcenter_store import NoSuchObjectError, NotALeafError, Store, UnknownPathError

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)


@pytest.fixture
def store() -> Store:
    store = Store()
    store.add("host-1", "HostSystem", {"name": "esx01"})
    store.add("vm-1", "VirtualMachine", {"name": "MT01", "runtime.powerState": "poweredOn", "runtime.host": "host-1"})
    return store


def test_plain_values_become_what_vsphere_declares(store: Store) -> None:
    store.set("vm-1", {"datastore": ["datastore-1"], "summary.storage.committed": 5})
    assert isinstance(store.get("vm-1", "runtime.host"), vim.HostSystem)
    assert isinstance(store.get("vm-1", "runtime.powerState"), vim.VirtualMachine.PowerState)
    assert isinstance(store.get("vm-1", "datastore")[0], vim.Datastore)
    assert type(store.get("vm-1", "summary.storage.committed")).__name__ == "long"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", 5), ("config.template", "true"), ("config.hardware.numCPU", True), ("runtime.powerState", "sideways"),
        ("runtime.bootTime", "yesterday"), ("config.extraConfig", ["disk.EnableUUID"]),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_where_it_is_given(store: Store, path: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"vm-1 {path}"):
        store.set("vm-1", {path: value})


@pytest.mark.parametrize("path", ["nosuch", "runtime.nosuch", "configurationEx.drsConfig"])
def test_a_path_that_vcenter_refuses_is_refused(store: Store, path: str) -> None:
    store.add("domain-c1", "ClusterComputeResource", {})
    with pytest.raises(UnknownPathError):
        store.set("domain-c1", {path: 1})
    with pytest.raises(UnknownPathError):
        store.get("domain-c1", path)


def test_a_part_of_a_stored_object_is_found_and_changed(store: Store) -> None:
    store.add("group-p1", "StoragePod", {"podStorageDrsEntry": _entry()})
    path = "podStorageDrsEntry.storageDrsConfig.podConfig.enabled"
    assert store.get("group-p1", path) is True
    store.set("group-p1", {path: False})
    assert store.get("group-p1", path) is False


def _entry() -> Any:
    pod = vim.storageDrs.PodConfigInfo(enabled=True, defaultVmBehavior="automated", ioLoadBalanceEnabled=True)
    return vim.StorageResourceManager.PodStorageDrsEntry(storageDrsConfig=vim.storageDrs.ConfigInfo(podConfig=pod))


def test_a_key_reaches_one_item_of_a_list(store: Store) -> None:
    label = vim.Description(label="Hard disk 1", summary="")
    store.set("vm-1", {"config.hardware.device": [vim.vm.device.VirtualDisk(key=2000, deviceInfo=label)]})
    assert store.get("vm-1", "config.hardware.device[2000].deviceInfo.label") == "Hard disk 1"
    assert store.get("vm-1", "config.hardware.device[2001]") is None


def test_a_value_may_follow_the_clock(store: Store) -> None:
    store.set("vm-1", {"summary.quickStats.uptimeSeconds": lambda now: int((now - NOW).total_seconds())})
    assert store.get("vm-1", "summary.quickStats.uptimeSeconds", NOW + timedelta(minutes=1)) == 60


def test_nothing_is_unset_twice_and_what_was_never_given_is_unset(store: Store) -> None:
    store.set("vm-1", {"snapshot": None, "runtime.bootTime": NOW})
    store.set("vm-1", {"runtime.bootTime": None})
    assert store.get("vm-1", "snapshot") is None
    assert store.get("vm-1", "runtime.bootTime") is None


def test_what_lies_above_the_leaves_is_not_made_up(store: Store) -> None:
    with pytest.raises(NotALeafError):
        store.get("vm-1", "runtime")


def test_an_id_is_given_once_and_a_removed_object_is_gone(store: Store) -> None:
    with pytest.raises(ValueError, match="vm-1"):
        store.add("vm-1", "VirtualMachine", {})
    store.remove("vm-1")
    assert "vm-1" not in store
    with pytest.raises(NoSuchObjectError):
        store.get("vm-1", "name")


def test_objects_are_found_by_kind_and_its_subclasses(store: Store) -> None:
    store.add("domain-c1", "ClusterComputeResource", {})
    assert list(store.of_kind(vim.ComputeResource)) == ["domain-c1"]
    assert list(store.of_kind(vim.ManagedEntity)) == ["host-1", "vm-1", "domain-c1"]


def test_a_hidden_path_hides_what_lies_below_it_until_it_is_shown(store: Store) -> None:
    fault = vim.fault.NoPermission(privilegeId="System.Read")
    store.hide("vm-1", "runtime", fault)
    assert store.hidden("vm-1", "runtime.host") is fault
    store.show("vm-1", "runtime")
    assert store.hidden("vm-1", "runtime.host") is None
