"""The detection matrix, steps 7 to 9: the master target, its VM, its retention drive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pyVmomi import vim

from failback.profiles.model import Profile
from failback.rehearsal import description as site
from failback.rehearsal import faults
from failback.rehearsal.on_premises import vm_ref
from failback.rehearsal.site import Site
from tests.proof import acts
from tests.proof.matrix import Matrix

matrix = Matrix()
CS = site.CONFIGURATION_SERVER
WINDOWS_TARGET, LINUX_TARGET = site.TARGETS
R, C = 2, 0  # places of volumes in what VMware Tools report of MT01
LINUX = ("lnx-web01", "lnx-web02", "lnx-db01", "lnx-mq01")


# -- step 7


@matrix.site("mt-present-default-windows", "MT01")
def the_master_target_has_been_silent_for_40_minutes(where: Site) -> None:
    acts.master_target(where, "MT01", lastHeartbeat=acts.ago(minutes=40))


@matrix.site("mt-separate-when-over-60", "batch", through="mt-max-60-disks")
@matrix.site("mt-max-60-disks", "MT01")
def the_master_target_holds_50_disks_already(where: Site) -> None:
    acts.master_target(where, "MT01", diskCount=50)


@matrix.site("mt-present-default-windows", "MT01", evidence="90068")
def site_recovery_reports_an_error_of_the_master_target(where: Site) -> None:
    told = {"errorCode": "90068", "errorLevel": "Error", "errorMessage": "The master target cannot be reached."}
    acts.master_target(where, "MT01", healthErrors=[told])


def _everything_through_mt01(profile: Profile) -> Profile:
    machines = {"MT01": acts.every_machine(), "MT02": ()}
    chosen = acts.targets(lambda one: replace(one, machines=machines[one.master_target]))(profile)
    mine = f"{site.VCENTER_UUID}/{site.stable_uuid('MT01')}"
    return acts.choosing(same_machine={"MT01": mine})(chosen)


@matrix.site("mt-separate-high-traffic", "batch", "warn", choose=_everything_through_mt01)
def twelve_machines_come_home_through_the_configuration_servers_own_master_target(where: Site) -> None:
    acts.master_target(where, "MT01", ipAddress=site.CONFIGURATION_SERVER_IP)
    for name in LINUX:
        acts.item(where, name, {"osType": site.WINDOWS, "osVersion": site.SERVER_2016})


@matrix.site("mt-note-requirements", "MT02", through="mt-version-rule")
@matrix.site("mt-version-rule", "MT02")
def the_agent_of_the_master_target_is_newer_than_that_of_its_servers(where: Site) -> None:
    faults._newer_target(where)


def _linux_through_mt01(profile: Profile) -> Profile:
    chosen = acts.targets(lambda one: replace(one, machines=acts.every_machine()))(profile)
    return acts.choosing(targets=chosen.choices.targets[:1])(chosen)


@matrix.site("mt-create-matching-os", "lnx-web01", through="mt-os-same-or-newer", choose=_linux_through_mt01)
def no_linux_master_target_is_registered(where: Site) -> None:
    acts.servers(where, "masterTargetServers").pop()


@matrix.site("mt-is-vmware-vm", "MT02", inside=("MT02",))
def the_linux_master_target_uses_lvm(where: Site) -> None:
    where.wire.guests.state[vm_ref("MT02")].on_lvm.append("/")


@matrix.site("mt-linux-sizing", "MT02", "warn")
def the_linux_master_target_has_4_gb_of_memory(where: Site) -> None:
    acts.vm(where, "MT02", config__hardware__memoryMB=4096)


@matrix.site("mvm-same-os-family", site.stable_uuid("group-erp"))
def a_machine_of_a_windows_group_runs_linux(where: Site) -> None:
    acts.item(where, "app02", {"osType": site.LINUX, "osVersion": site.RHEL})


def _reprotect_a_part(where: Site) -> None:
    acts.reprotect(where, "app02", "MT02")


@matrix.site("mvm-same-mt", site.stable_uuid("group-erp"), later=_reprotect_a_part)
def a_machine_of_the_group_was_reprotected_through_another_master_target(_where: Site) -> None:
    pass


@matrix.site("mt-os-same-or-newer", "web01")
def the_machine_runs_a_newer_windows_than_the_master_target(where: Site) -> None:
    acts.item(where, "web01", {"osVersion": "Microsoft Windows Server 2022 Datacenter"})


@matrix.site("uuid-clash", "web01")
def the_machine_has_the_bios_uuid_of_the_master_target(where: Site) -> None:
    acts.vm(where, "web01", config__uuid=where.store.get(vm_ref("MT01"), "config.uuid"))


# -- step 8


@matrix.site("mt-no-snapshots", "MT01")
def the_master_target_has_a_snapshot(where: Site) -> None:
    faults._take_snapshot(where)


@matrix.site("mt-no-snapshots", "MT01", "warn")
def vcenter_asks_to_consolidate_the_disks_of_the_master_target(where: Site) -> None:
    acts.vm(where, "MT01", runtime__consolidationNeeded=True)


@matrix.site("mt-no-pvscsi", "MT02")
def the_master_target_has_a_paravirtual_controller(where: Site) -> None:
    faults._add_pvscsi(where)


@matrix.site("mt-lsi-logic-only", "MT02")
def the_master_target_has_a_buslogic_controller(where: Site) -> None:
    extra = vim.vm.device.VirtualBusLogicController(
        key=1001, busNumber=1, sharedBus="noSharing", device=[], deviceInfo=vim.Description(label="SCSI 1", summary="")
    )
    acts.vm(where, "MT02", config__hardware__device=[*acts.devices(where, "MT02"), extra])


def _reprotect(where: Site) -> None:
    acts.reprotect(where, "lnx-web02", "MT02")


@matrix.site("mt-no-storage-vmotion", "MT02", later=_reprotect)
def the_disks_of_a_master_target_that_is_in_use_were_moved(where: Site) -> None:
    _relocate(where)


@matrix.site("mt-no-storage-vmotion", "MT02", "warn")
def the_disks_of_a_master_target_that_is_not_in_use_were_moved(where: Site) -> None:
    _relocate(where)


def _relocate(where: Site) -> None:
    moved = vim.event.VmRelocatedEvent(
        sourceHost=vim.event.HostEventArgument(host=vim.HostSystem("host-11"), name="esx02"),
        sourceDatastore=vim.event.DatastoreEventArgument(datastore=vim.Datastore("datastore-30"), name="vmfs-01"),
        ds=vim.event.DatastoreEventArgument(datastore=vim.Datastore("datastore-31"), name="vmfs-02"),
        template=False,
    )
    acts.event(where, moved, "MT02", hours_ago=50)


@matrix.site("mt-exclude-vmotion", "MT02")
def storage_drs_and_drs_know_of_no_exclusion(where: Site) -> None:
    faults._forget_drs_overrides(where)


def _move_disk(where: Site) -> None:
    acts.reprotect(where, "lnx-web02", "MT02")
    hardware = acts.devices(where, "MT02")
    hardware[2].backing.fileName = "[vmfs-03] MT02_1/MT02_1.vmdk"
    acts.vm(where, "MT02", config__hardware__device=hardware)


@matrix.site("mt-svmotion-recovery", "MT02", later=_move_disk)
def a_disk_of_a_master_target_in_use_lies_elsewhere_than_at_the_last_look(_where: Site) -> None:
    pass


@matrix.site("mt-vmware-tools", "MT01")
def the_tools_of_the_master_target_do_not_run(where: Site) -> None:
    acts.vm(where, "MT01", guest__toolsRunningStatus="guestToolsNotRunning")


@matrix.site("mt-vmware-tools", "MT01", "warn")
def the_tools_of_the_master_target_are_old(where: Site) -> None:
    acts.vm(where, "MT01", guest__toolsVersionStatus2="guestToolsNeedUpgrade")


@matrix.site("mt-tools-datastore-discovery", "MT02")
def site_recovery_has_discovered_no_datastore_for_the_master_target(where: Site) -> None:
    acts.master_target(where, "MT02", dataStores=[])


@matrix.site("mt-tools-datastore-discovery", "MT01", "warn")
def site_recovery_lacks_one_of_the_datastores_of_the_host(where: Site) -> None:
    kept = [
        one for one in acts.servers(where, "masterTargetServers")[0]["dataStores"] if one["symbolicName"] != "vmfs-02"
    ]
    acts.master_target(where, "MT01", dataStores=kept)


@matrix.site("mt-disk-enableuuid", "MT01")
def the_row_disk_enableuuid_is_missing(where: Site) -> None:
    faults._forget_uuid_row(where)


@matrix.site("mt-disk-enableuuid-effective", "MT01")
def disk_enableuuid_was_set_after_the_last_power_on(where: Site) -> None:
    row = vim.option.OptionValue(key="disk.EnableUUID", value="TRUE")
    written = vim.event.VmReconfiguredEvent(template=False, configSpec=vim.vm.ConfigSpec(extraConfig=[row]))
    acts.event(where, written, "MT01", hours_ago=20)


@matrix.site("mt-not-backed-up-by-snapshots", "MT01", "warn")
def a_snapshot_of_the_master_target_was_made_and_removed_last_night(where: Site) -> None:
    info = vim.TaskInfo(
        key="task-9",
        task=vim.Task("task-9"),
        name=None,
        descriptionId="VirtualMachine.createSnapshot",
        state="success",
        cancelled=False,
        cancelable=False,
        reason=vim.TaskReasonUser(userName="backup"),
        queueTime=where.clock.now() - timedelta(hours=9),
        eventChainId=1,
    )
    acts.event(where, vim.event.TaskEvent(info=info), "MT01", hours_ago=9)


# -- step 9


@matrix.site("ret-drive-present", "MT02")
@matrix.site("ret-dropdown-absent", "MT02", through="ret-drive-present")
@matrix.site("ret-drive-formatted", "MT02:/mnt/retention", through="ret-drive-present")
def the_master_target_has_no_retention_drive(where: Site) -> None:
    faults._lose_retention(where)


@matrix.site("ret-visible", "MT01:R", "warn", through="ret-drive-present")
@matrix.site("ret-listing-15min", "MT01", through="ret-drive-present")
@matrix.site("cs-refresh-after-15", "MT01", through="ret-drive-present")
def the_guest_has_the_retention_volume_and_site_recovery_does_not_list_it(where: Site) -> None:
    acts.master_target(where, "MT01", retentionVolumes=[])


@matrix.site("ret-not-used-otherwise", "MT01:R")
def the_retention_volume_lies_on_the_disk_of_a_machine(where: Site) -> None:
    hardware = acts.devices(where, "MT01")
    hardware[3].backing.fileName = "[vmfs-01] web01/web01_1.vmdk"
    acts.vm(where, "MT01", config__hardware__device=hardware)


@matrix.site("ret-not-locked", "MT01:R", inside=("MT01",))
def the_retention_volume_is_locked(where: Site) -> None:
    where.wire.guests.state[vm_ref("MT01")].locked.add("R:\\")


@matrix.site("ret-not-cache-volume", "MT01:R", inside=("MT01",))
def the_cache_lies_on_the_retention_volume(where: Site) -> None:
    where.wire.guests.state[vm_ref("MT01")].caches.append("R:\\cache")


def _beside(where: Site, **changes: Any) -> None:
    """Let a process server run on the master target's own machine."""
    beside = {**acts.servers(where, "processServers")[0], "friendlyName": "PS-OLD", "id": "PS-OLD", "hostId": "PS-OLD"}
    acts.servers(where, "processServers").append({**beside, "ipAddress": WINDOWS_TARGET.ip, **changes})


@matrix.site("ret-not-cache-volume", "MT01:R", "warn")
def the_retention_volume_is_as_large_as_the_cache_of_the_process_server_beside(where: Site) -> None:
    _beside(where, totalSpaceInBytes=WINDOWS_TARGET.retention_gib * site.GIB)


@matrix.site("ret-not-install-volume", "MT01:R", inside=("MT01",))
def the_master_target_is_installed_on_the_retention_volume(where: Site) -> None:
    where.wire.guests.state[vm_ref("MT01")].installed.append("R:\\Program Files (x86)\\Microsoft Azure Site Recovery")


@matrix.site("ret-fs-not-fat", "MT01:R")
def the_retention_volume_is_fat32(where: Site) -> None:
    acts.volume(where, "MT01", R, filesystemType="FAT32")


@matrix.site("ret-capacity-nonzero", "MT01:R")
def the_retention_volume_has_no_capacity(where: Site) -> None:
    _retention(where, capacityInBytes=0, freeSpaceInBytes=0)


def _retention(where: Site, **changes: Any) -> None:
    volumes = acts.servers(where, "masterTargetServers")[0]["retentionVolumes"]
    acts.master_target(where, "MT01", retentionVolumes=[{**volumes[0], **changes}])


@matrix.site("ret-default-r-windows", "MT01:S", "warn", choose=acts.for_target("MT01", retention_volume="S"))
def the_retention_volume_of_the_windows_master_target_is_s(where: Site) -> None:
    _retention(where, volumeName="S")
    acts.volume(where, "MT01", R, diskPath="S:\\")


ELSEWHERE = "/mnt/keep"


@matrix.site(
    "ret-default-mnt-retention-linux",
    f"MT02:{ELSEWHERE}",
    "warn",
    choose=acts.for_target("MT02", retention_volume=ELSEWHERE),
)
def the_retention_volume_of_the_linux_master_target_is_mounted_elsewhere(where: Site) -> None:
    volumes = acts.servers(where, "masterTargetServers")[1]["retentionVolumes"]
    acts.master_target(where, "MT02", retentionVolumes=[{**volumes[0], "volumeName": ELSEWHERE}])
    acts.volume(where, "MT02", 1, diskPath=ELSEWHERE)


@matrix.site("ps-existing-add-drive", "MT01", through="ret-drive-present")
def a_process_server_runs_on_the_master_target_that_has_no_retention_drive(where: Site) -> None:
    _beside(where)
    acts.master_target(where, "MT01", retentionVolumes=[])


@matrix.site("retention-size-ok", "MT01:R", "warn")
def the_retention_volume_has_500_gb(where: Site) -> None:
    _retention(where, capacityInBytes=500 * site.GIB, freeSpaceInBytes=498 * site.GIB)
