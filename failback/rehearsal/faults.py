"""What is wrong on the faulty rehearsal site, each as a small change to the site with nothing wrong.

A fault changes state, nothing else: the steps find it, they are never told. `mends` is what a person does about it on
the site ("play the site engineer"); a fault without it is mended by the wizard's own changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyVmomi import vim

from failback.rehearsal import description as site
from failback.rehearsal import in_azure, on_premises, virtual_hardware
from failback.rehearsal.arm_actions import power_view
from failback.rehearsal.retention_volumes import list_soon
from failback.rehearsal.vcenter_wire import ROOT_FOLDER
from wizard_steps.wording import N_

if TYPE_CHECKING:
    from failback.rehearsal.site import Site

Act = Callable[["Site"], None]
_LEFTOVER = "vm-190"
_SECOND_CONTROLLER_KEY = 1001
_RETENTION_DISK_KEY = 2001
_NEWER_AGENT = "9.63.0.0"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the row and subject it breaks, how it comes about, and who puts it right."""

    requirement: str
    subject: str
    breaks: Act
    mends: Act | None = None
    deed: str = ""  # the person's action, marked for translation


def _stop_vm(where: Site) -> None:
    where.arm.put(
        site.vm_id("web02") + "/instanceView", power_view("deallocated", where.clock.now() - timedelta(hours=2))
    )


def _start_vm(where: Site) -> None:
    where.arm.put(site.vm_id("web02") + "/instanceView", power_view("running", where.clock.now()))


def _power(word: str) -> Act:
    def switch(where: Site) -> None:
        where.store.set(on_premises.vm_ref("app02"), {"runtime.powerState": word})

    return switch


def _silence_provider(where: Site) -> None:
    last = where.clock.now() - timedelta(minutes=25)

    def silent(body: dict[str, Any]) -> None:
        body["properties"]["lastHeartBeat"] = last

    def heard(arm: Any, fabric: str) -> None:
        del fabric

        def fresh(body: dict[str, Any]) -> None:
            body["properties"]["lastHeartBeat"] = in_azure.ago(minutes=1)

        arm.edit(site.provider_id(), fresh)

    where.arm.edit(site.provider_id(), silent)
    where.arm.when_refreshed(heard)


def _tunnel(status: str) -> Act:
    def switch(where: Site) -> None:
        def change(body: dict[str, Any]) -> None:
            body["properties"]["connectionStatus"] = status

        where.arm.edit(site.network_id("connections", "cn-osaka"), change)

    return switch


def _server(where: Site, kind: str, name: str, **changes: Any) -> None:
    """Change what the fabric says of one of its servers; `kind` is processServers or masterTargetServers."""

    def change(body: dict[str, Any]) -> None:
        for one in body["properties"]["customDetails"][kind]:
            if name in (one.get("name"), one.get("friendlyName")):
                one.update(changes)

    where.arm.edit(site.fabric_id(), change)


def _fill_cache(where: Site) -> None:
    _server(
        where, "processServers", site.PROCESS_SERVER, availableSpaceInBytes=103079215104, spaceUsageStatus="Critical"
    )


def _clean_cache(where: Site) -> None:
    _server(where, "processServers", site.PROCESS_SERVER, availableSpaceInBytes=590558003200, spaceUsageStatus="Green")


def _unmap_policy(where: Site) -> None:
    where.arm.remove(site.mapping_id("osaka-failback"))


def _map_policy(where: Site) -> None:
    where.arm.put(site.mapping_id("osaka-failback"), in_azure.failback_mapping())


def _newer_target(where: Site) -> None:
    _server(where, "masterTargetServers", "MT02", agentVersion=_NEWER_AGENT)


def _upgrade_servers(where: Site) -> None:
    for name in (site.CONFIGURATION_SERVER, site.PROCESS_SERVER):
        _server(where, "processServers", name, agentVersion=_NEWER_AGENT)

    def change(body: dict[str, Any]) -> None:
        body["properties"]["customDetails"]["agentVersion"] = _NEWER_AGENT

    where.arm.edit(site.fabric_id(), change)


def _take_snapshot(where: Site) -> None:
    ref = on_premises.vm_ref("MT01")
    taken = where.clock.now() - timedelta(hours=48, minutes=46)
    tree = vim.vm.SnapshotTree(
        snapshot=vim.vm.Snapshot("snapshot-501"),
        vm=vim.VirtualMachine(ref),
        name="before patch",
        description="nightly backup",
        id=1,
        createTime=taken,
        state="poweredOn",
        quiesced=False,
    )
    info = vim.vm.SnapshotInfo(currentSnapshot=vim.vm.Snapshot("snapshot-501"), rootSnapshotList=[tree])
    where.store.add("snapshot-501", "VirtualMachineSnapshot", {"vm": vim.VirtualMachine(ref)})
    where.store.set(ref, {"snapshot": info})


def _forget_uuid_row(where: Site) -> None:
    where.store.set(on_premises.vm_ref("MT01"), {"config.extraConfig": [], "config.flags.diskUuidEnabled": False})


def _forget_drs_overrides(where: Site) -> None:
    """MT02 was added after the exclusions were made: neither Storage DRS nor DRS knows of it."""
    kept = vim.VirtualMachine(on_premises.vm_ref("MT01"))
    entry = where.store.get(on_premises.POD, "podStorageDrsEntry")
    entry.storageDrsConfig.vmConfig = [one for one in entry.storageDrsConfig.vmConfig if one.vm == kept]
    where.store.set(on_premises.POD, {"podStorageDrsEntry": entry})
    config = where.store.get(on_premises.CLUSTER, "configurationEx")
    config.drsVmConfig = [one for one in config.drsVmConfig if one.key == kept]
    where.store.set(on_premises.CLUSTER, {"configurationEx": config})


def _add_pvscsi(where: Site) -> None:
    ref = on_premises.vm_ref("MT02")
    extra = vim.vm.device.ParaVirtualSCSIController(
        key=_SECOND_CONTROLLER_KEY,
        busNumber=1,
        sharedBus="noSharing",
        device=[],
        deviceInfo=vim.Description(label="SCSI controller 1", summary="VMware paravirtual SCSI"),
    )
    where.store.set(ref, {"config.hardware.device": [*where.store.get(ref, "config.hardware.device"), extra]})


def _remove_pvscsi(where: Site) -> None:
    ref = on_premises.vm_ref("MT02")
    kept = [one for one in where.store.get(ref, "config.hardware.device") if one.key != _SECOND_CONTROLLER_KEY]
    where.store.set(ref, {"config.hardware.device": kept})


def _lose_retention(where: Site) -> None:
    ref = on_premises.vm_ref("MT02")
    _server(where, "masterTargetServers", "MT02", retentionVolumes=[], diskCount=1)
    kept = [one for one in where.store.get(ref, "config.hardware.device") if one.key != _RETENTION_DISK_KEY]
    where.store.set(ref, {"config.hardware.device": kept, "guest.disk": where.store.get(ref, "guest.disk")[:-1]})


def _add_retention(where: Site) -> None:
    """Add the disk, format and mount it; what the wizard did of that before is left as it is."""
    ref, target = on_premises.vm_ref("MT02"), site.TARGETS[1]
    disk = virtual_hardware.devices("MT02", target.datastore, target.local_disks_gib)[2]
    there, volumes = where.store.get(ref, "config.hardware.device"), where.store.get(ref, "guest.disk")
    if any(one.diskPath == target.retention for one in volumes):
        return
    added_before = any(one.key == _RETENTION_DISK_KEY for one in there)
    where.store.set(
        ref,
        {
            "config.hardware.device": there if added_before else [*there, disk],
            "guest.disk": [*volumes, on_premises.retention_guest_volume(target)],
        },
    )
    _server(where, "masterTargetServers", "MT02", diskCount=2)
    list_soon(where, target.name, in_azure.retention_volume(target))


def _mount(mode: str) -> Act:
    def switch(where: Site) -> None:
        ref, host = virtual_hardware.datastore_ref("vmfs-02"), on_premises.host_ref("esx01")
        mounts = [
            vim.Datastore.HostMount(
                key=one.key, mountInfo=virtual_hardware.mount(mode if one.key == vim.HostSystem(host) else "readWrite")
            )
            for one in where.store.get(ref, "host")
        ]
        where.store.set(ref, {"host": mounts})

    return switch


def _leave_namesake(where: Site) -> None:
    """Somebody tried to bring hr-phys01 home by hand and left a VM of that name."""
    on_premises.add_leftover(where.store, _LEFTOVER, "hr-phys01")
    for held in where.wire.privileges.values():  # a role is given at the root and propagates
        held[_LEFTOVER] = set(held[ROOT_FOLDER])


def _rename_namesake(where: Site) -> None:
    where.store.set(_LEFTOVER, {"name": "hr-phys01-old"})


FAULTS: tuple[Fault, ...] = (
    Fault("azvm-running", "web02", _stop_vm, _start_vm, N_("Start web02 in the Azure portal")),
    Fault("onprem-vm-off", "app02", _power("poweredOn"), _power("poweredOff"), N_("Shut app02 down on-premises")),
    Fault("cs-connected-azure", "CS01", _silence_provider),
    Fault(
        "s2s-or-er-required",
        "CS01",
        _tunnel("NotConnected"),
        _tunnel("Connected"),
        N_("Bring the VPN tunnel up at the site's firewall"),
    ),
    Fault("ps-health", "PS-AZ-01", _fill_cache, _clean_cache, N_("Free the cache disk of PS-AZ-01")),
    Fault(
        "failback-policy-associated", "CS01", _unmap_policy, _map_policy, N_("Associate the failback policy with CS01")
    ),
    Fault(
        "mt-version-rule", "MT02", _newer_target, _upgrade_servers, N_("Upgrade CS01 and PS-AZ-01 to the agent of MT02")
    ),
    Fault("mt-no-snapshots", "MT01", _take_snapshot),
    Fault("mt-disk-enableuuid", "MT01", _forget_uuid_row),
    Fault("mt-exclude-vmotion", "MT02", _forget_drs_overrides),
    Fault("mt-no-pvscsi", "MT02", _add_pvscsi, _remove_pvscsi, N_("Remove the paravirtual controller from MT02")),
    Fault(
        "ret-drive-present",
        "MT02",
        _lose_retention,
        _add_retention,
        N_("Add, format and mount a retention disk on MT02"),
    ),
    Fault(
        "olr-datastore-mounted-rw",
        "file01",
        _mount("readOnly"),
        _mount("readWrite"),
        N_("Mount vmfs-02 read-write on esx01"),
    ),
    Fault("vm-name-collision", "hr-phys01", _leave_namesake, _rename_namesake, N_("Rename the leftover VM hr-phys01")),
)
