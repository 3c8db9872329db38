"""Remedies of controllers, names, hosts, storage and Tools, through pyvmomi, there and back on the rehearsal site."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim

from failback.changes.remedy import CannotChange
from failback.rehearsal import description as described
from failback.rehearsal import on_premises
from failback.rehearsal.virtual_hardware import devices
from tests.changes.ready_site import Site

MT01, MT02 = on_premises.vm_ref("MT01"), on_premises.vm_ref("MT02")
CS01 = on_premises.vm_ref(described.CONFIGURATION_SERVER)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# -- controllers


def paravirtual(site: Site, *, with_disks: bool, extra: bool = False) -> None:
    """Give MT02 a paravirtual controller: in the place of its own with all disks, or an empty one beside it."""
    spec = described.TARGETS[1]
    if with_disks:
        found = devices("MT02", spec.datastore, spec.local_disks_gib, pvscsi=True)
    else:
        found = list(site.store.get(MT02, "config.hardware.device"))
    if extra or not with_disks:
        more = vim.vm.device.ParaVirtualSCSIController(key=1001, busNumber=1, sharedBus="noSharing", device=[])
        found.append(more)
    site.store.set(MT02, {"config.hardware.device": found})


def controllers(site: Site) -> list[str]:
    found = site.store.get(MT02, "config.hardware.device")
    return [type(one).__name__ for one in found if isinstance(one, vim.vm.device.VirtualSCSIController)]


def test_an_empty_paravirtual_controller_is_removed_while_the_vm_runs_and_comes_back(site: Site) -> None:
    paravirtual(site, with_disks=False)
    one = site.plan("swap-to-lsi", name="MT02")

    outcome = site.done(one)
    assert controllers(site) == ["vim.vm.device.VirtualLsiLogicSASController"]

    site.undone(outcome)
    assert sorted(controllers(site)) == [
        "vim.vm.device.ParaVirtualSCSIController",
        "vim.vm.device.VirtualLsiLogicSASController",
    ]


def test_disks_follow_to_lsi_in_one_call_while_the_vm_is_off_and_go_back(site: Site) -> None:
    paravirtual(site, with_disks=True)
    site.store.set(MT02, {"runtime.powerState": "poweredOff"})
    before = [(disk.key, disk.unitNumber, disk.backing.fileName, disk.backing.uuid) for disk in disks(site)]
    one = site.plan("swap-to-lsi", name="MT02")

    outcome = site.done(one)

    assert len(one.calls) == 1
    assert controllers(site) == ["vim.vm.device.VirtualLsiLogicSASController"]
    assert [(disk.key, disk.unitNumber, disk.backing.fileName, disk.backing.uuid) for disk in disks(site)] == before
    site.undone(outcome)
    assert controllers(site) == ["vim.vm.device.ParaVirtualSCSIController"]
    assert site.plan("swap-to-lsi", name="MT02").before == one.before


def disks(site: Site) -> list[Any]:
    found = site.store.get(MT02, "config.hardware.device")
    return sorted((one for one in found if isinstance(one, vim.vm.device.VirtualDisk)), key=lambda one: one.key)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "power the VM off first"),
        ({"runtime.powerState": "poweredOff", "config.guestId": "windows2019srv_64Guest"}, "Windows boots from"),
    ],
)
def test_disks_keep_their_controller_where_a_swap_could_do_harm(
    site: Site, changes: dict[str, Any], words: str
) -> None:
    paravirtual(site, with_disks=True)
    site.store.set(MT02, changes)

    with pytest.raises(CannotChange, match=words):
        site.plan("swap-to-lsi", name="MT02")


def test_an_lsi_controller_is_added_on_a_free_bus_and_taken_away(site: Site) -> None:
    paravirtual(site, with_disks=True)
    one = site.plan("add-lsi-controller", name="MT02")

    outcome = site.done(one)
    assert max(controllers(site)) == "vim.vm.device.VirtualLsiLogicSASController"

    site.undone(outcome)
    assert controllers(site) == ["vim.vm.device.ParaVirtualSCSIController"]


# -- names, hosts, storage


def test_a_namesake_is_renamed_and_gets_its_name_back(site: Site) -> None:
    on_premises.add_leftover(site.store, "vm-190", "hr-phys01")

    outcome = site.done(site.plan("rename-colliding-vm", "machine", "hr-phys01"))
    assert site.store.get("vm-190", "name") == "hr-phys01-old"

    site.undone(outcome)
    assert site.store.get("vm-190", "name") == "hr-phys01"


def test_the_master_target_moves_to_the_chosen_host_and_back(site: Site) -> None:
    site.store.set(MT01, {"runtime.host": on_premises.host_ref("esx02")})
    on_premises.list_machines_of_hosts(site.store)

    outcome = site.done(site.plan("move-master-target-host", "machine", "print01"))
    assert site.store.get(MT01, "runtime.host")._GetMoId() == on_premises.host_ref("esx01")

    site.undone(outcome)
    assert site.store.get(MT01, "runtime.host")._GetMoId() == on_premises.host_ref("esx02")


def test_a_host_that_lacks_a_datastore_of_the_vm_is_not_moved_to(site: Site) -> None:
    site.store.set(MT01, {"runtime.host": on_premises.host_ref("esx03"), "datastore": ["datastore-34"]})
    on_premises.list_machines_of_hosts(site.store)

    with pytest.raises(CannotChange, match="does not mount"):
        site.plan("move-master-target-host", "machine", "print01")


def unmount(site: Site, datastore: str, host: str) -> None:
    mounts = [copy.deepcopy(one) for one in site.store.get(datastore, "host")]
    for one in mounts:
        if one.key._GetMoId() == on_premises.host_ref(host):
            one.mountInfo.mounted = one.mountInfo.accessible = False
    site.store.set(datastore, {"host": mounts})


def test_a_volume_that_the_host_knows_is_mounted_and_unmounted_again(site: Site) -> None:
    unmount(site, "datastore-31", "esx01")

    outcome = site.done(site.plan("mount-vmfs", "machine", "file01"))
    mine = [one for one in site.store.get("datastore-31", "host") if one.key._GetMoId() == "host-10"]
    assert mine[0].mountInfo.mounted

    site.undone(outcome)


def test_a_volume_the_host_does_not_know_is_presented_by_a_person(site: Site) -> None:
    others = [one for one in site.store.get("datastore-31", "host") if one.key._GetMoId() != "host-10"]
    site.store.set("datastore-31", {"host": others})

    with pytest.raises(CannotChange, match="present its LUN"):
        site.plan("mount-vmfs", "machine", "file01")


def test_a_rescan_asks_adapters_then_volumes(site: Site) -> None:
    one = site.plan("rescan-storage", "machine", "file01")

    site.done(one)

    assert [call.method for call in one.calls] == ["RescanAllHba", "RescanVmfs"]
    assert not one.reversible


# -- VMware Tools and power


def test_the_installer_of_tools_goes_in_and_out(site: Site) -> None:
    outcome = site.done(site.plan("mount-vmware-tools"))
    assert site.store.get(MT01, "runtime.toolsInstallerMounted") is True

    site.undone(outcome)
    assert site.store.get(MT01, "runtime.toolsInstallerMounted") is False


def test_old_tools_are_upgraded_and_current_ones_left_alone(site: Site) -> None:
    with pytest.raises(CannotChange, match="nothing to upgrade"):
        site.plan("upgrade-vmware-tools")
    site.store.set(MT01, {"guest.toolsVersionStatus2": "guestToolsNeedUpgrade"})

    site.done(site.plan("upgrade-vmware-tools"))

    assert site.store.get(MT01, "guest.toolsVersionStatus2") == "guestToolsCurrent"


def test_the_configuration_server_is_powered_on_where_it_is_off(site: Site) -> None:
    with pytest.raises(CannotChange, match="tmansvc"):
        site.plan("start-configuration-server", "configuration-server", "CS01")
    site.store.set(CS01, {"runtime.powerState": "poweredOff", "runtime.bootTime": None})

    site.done(site.plan("start-configuration-server", "configuration-server", "CS01"))

    assert site.store.get(CS01, "runtime.powerState") == "poweredOn"
