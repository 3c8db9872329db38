"""The detection matrix, step 10: the vCenter, its account, ESXi hosts and datastores."""

from __future__ import annotations

from pyVmomi import vim

from failback.rehearsal import description as site
from failback.rehearsal import faults
from failback.rehearsal.in_azure import vmfs_uuid
from failback.rehearsal.on_premises import host_name, host_ref, vm_ref
from failback.rehearsal.site import Site
from failback.rehearsal.virtual_hardware import datastore_ref
from tests.proof import acts
from tests.proof.matrix import Matrix
from wizard_steps.choices import LocationChoice

matrix = Matrix()
CS = site.CONFIGURATION_SERVER
VCENTER = f"{site.fabric_id()}/replicationvCenters/osaka-vcenter"


@matrix.site("vcenter-access", site.ACCOUNT, through="vcenter-permissions")
@matrix.site("vcenter-permissions", site.ACCOUNT)
def the_account_may_not_remove_disks_of_a_master_target(where: Site) -> None:
    where.wire.privileges[site.ACCOUNT][vm_ref("MT01")].discard("VirtualMachine.Config.RemoveDisk")


@matrix.site("olr-mt-host-vmdk-access", "file01")
def the_host_of_the_master_target_does_not_have_the_datastore_of_a_machine(where: Site) -> None:
    ref = datastore_ref("vmfs-02")
    host = vim.HostSystem(host_ref("esx01"))
    where.store.set(ref, {"host": [one for one in where.store.get(ref, "host") if one.key != host]})
    _host_has(where, "esx01", without="vmfs-02")


def _host_has(where: Site, host: str, without: str) -> None:
    gone = vim.Datastore(datastore_ref(without))
    kept = [one for one in where.store.get(host_ref(host), "datastore") if one != gone]
    where.store.set(host_ref(host), {"datastore": kept})


@matrix.site("olr-datastore-mounted-rw", "file01")
def the_datastore_of_a_machine_is_mounted_read_only(where: Site) -> None:
    faults._mount("readOnly")(where)


@matrix.site("olr-datastore-mounted-rw", "file01", "warn")
def the_datastore_of_a_machine_enters_maintenance(where: Site) -> None:
    where.store.set(datastore_ref("vmfs-02"), {"summary.maintenanceMode": "enteringMaintenance"})


@matrix.site("olr-datastore-mounted-rw", "file01")
def vcenter_shows_the_datastore_of_a_machine_as_inaccessible(where: Site) -> None:
    where.store.set(datastore_ref("vmfs-02"), {"summary.accessible": False})


@matrix.site("alr-choose-host", "print01", choose=acts.for_target("MT01", esxi_host=host_name("esx03")))
def the_master_target_does_not_stand_on_the_chosen_host(_where: Site) -> None:
    pass


@matrix.site("alr-datastore-accessible-from-mt-host", "print01")
def the_chosen_datastore_has_no_room(where: Site) -> None:
    where.store.set(datastore_ref("vmfs-03"), {"summary.freeSpace": 100 * site.GIB})


@matrix.site(
    "alr-same-host-datastore",
    "print01",
    "warn",
    choose=acts.choosing(
        locations=(
            LocationChoice("print01", "alternate", "esx03-local"),
            LocationChoice("hr-phys01", "alternate", site.ALTERNATE_DATASTORE),
        )
    ),
)
def the_host_of_the_master_target_mounts_the_chosen_datastore_without_counting_it_as_its_own(where: Site) -> None:
    _offer_local(where)


def _offer_local(where: Site) -> None:
    """Let a datastore of which no machine has disks be one that the new VMs may be made on."""
    acts.mounts(where, "esx03-local", "esx01")
    listed = acts.servers(where, "masterTargetServers")[0]["dataStores"]
    local = {**listed[0], "symbolicName": "esx03-local", "uuid": vmfs_uuid("esx03-local")}
    acts.master_target(where, "MT01", dataStores=[*listed, local])


@matrix.site("phys-host-discovered", "hr-phys01", through="vcenter-connected")
@matrix.site("vcenter-connected", CS)
def the_vault_knows_no_vcenter(where: Site) -> None:
    where.arm.remove(VCENTER)


@matrix.site("vcenter-connected", CS)
def discovery_of_the_vcenter_has_failed(where: Site) -> None:
    acts.edit(where, VCENTER, lambda properties: properties.update(discoveryStatus="DiscoveryFailed"))


@matrix.site("mt-host-vmfs", "esx02.osaka.example.com")
def every_datastore_is_nfs(where: Site) -> None:
    for spec in site.DATASTORES:
        where.store.set(datastore_ref(spec.name), {"summary.type": "NFS"})


@matrix.site("mt-host-vmfs", "esx02.osaka.example.com", "warn")
def every_datastore_is_vsan(where: Site) -> None:
    for spec in site.DATASTORES:
        where.store.set(datastore_ref(spec.name), {"summary.type": "vsan"})


@matrix.site("reprotect-datastore-input-nonempty", "MT02", through="mt-tools-datastore-discovery")
def nothing_was_discovered_on_the_host_of_the_master_target(where: Site) -> None:
    acts.master_target(where, "MT02", dataStores=[])


@matrix.site("same-vcenter-and-cs", CS, "warn")
def a_machine_came_from_a_vcenter_that_is_no_more(where: Site) -> None:
    acts.item(where, "web01", {"vCenterInfrastructureId": site.stable_uuid("former vcenter")})


@matrix.site("same-vcenter-and-cs", CS, "warn")
def the_vault_knows_the_vcenter_by_another_name_than_the_profile(where: Site) -> None:
    acts.edit(where, VCENTER, lambda properties: properties.update(ipAddress="vcenter.tokyo.example.com"))


@matrix.site("datastore-type-supported", "vmfs-03")
def the_chosen_datastore_is_nfs(where: Site) -> None:
    where.store.set(datastore_ref("vmfs-03"), {"summary.type": "NFS"})


@matrix.site("rdm-disks", "web01", "warn")
def a_disk_of_the_machine_is_a_raw_device(where: Site) -> None:
    hardware = acts.devices(where, "web01")
    old = hardware[2].backing
    hardware[2].backing = vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo(
        fileName=old.fileName,
        diskMode="independent_persistent",
        compatibilityMode="physicalMode",
        datastore=old.datastore,
        uuid=old.uuid,
        lunUuid="02000000",
        deviceName="vml.02000000",
    )
    acts.vm(where, "web01", config__hardware__device=hardware)


@matrix.site("rdm-disks", "web01", "warn", evidence="disk.EnableUUID of web01 is not set")
def nothing_tells_the_disks_of_the_machines_own_vm_apart(where: Site) -> None:
    acts.vm(where, "web01", config__extraConfig=[], config__flags__diskUuidEnabled=False)


@matrix.site(
    "alr-datastore-accessible-from-mt-host",
    "print01",
    choose=acts.choosing(
        locations=(
            LocationChoice("print01", "alternate", "vmfs-01"),
            LocationChoice("hr-phys01", "alternate", site.ALTERNATE_DATASTORE),
        )
    ),
)
def the_chosen_datastore_is_in_maintenance(where: Site) -> None:
    where.store.set(datastore_ref("vmfs-01"), {"summary.maintenanceMode": "inMaintenance"})


@matrix.site(
    "alr-datastore-accessible-from-mt-host",
    "print01",
    choose=acts.choosing(
        locations=(
            LocationChoice("print01", "alternate", "esx03-local"),
            LocationChoice("hr-phys01", "alternate", site.ALTERNATE_DATASTORE),
        )
    ),
    given=_offer_local,
)
def vcenter_shows_the_chosen_datastore_as_inaccessible(where: Site) -> None:
    where.store.set(datastore_ref("esx03-local"), {"summary.accessible": False})


@matrix.site("no-free-esxi", "esx02.osaka.example.com")
def the_host_of_the_master_target_has_the_free_edition(where: Site) -> None:
    where.wire.licences[host_ref("esx02")] = "esxBasic"


@matrix.site("no-free-esxi", "esx02.osaka.example.com", "warn")
def the_host_of_the_master_target_runs_on_an_evaluation_licence(where: Site) -> None:
    where.wire.licences[host_ref("esx02")] = "eval"


@matrix.site("vm-name-collision", "hr-phys01")
def another_vm_of_the_machines_name_stands_on_the_host(where: Site) -> None:
    faults._leave_namesake(where)


@matrix.site("esxi-memory", "web01", "warn")
def the_host_of_the_machines_has_no_memory_left(where: Site) -> None:
    where.store.set(host_ref("esx03"), {"summary.quickStats.overallMemoryUsage": 380 * 1024})


@matrix.site("vm-datastore-accessible", "web01")
def an_image_of_the_machine_lies_on_a_datastore_that_the_host_cannot_reach(where: Site) -> None:
    refs = [vim.Datastore(datastore_ref(name)) for name in ("vmfs-03", "nfs-iso")]
    where.store.set(vm_ref("web01"), {"datastore": refs})
    acts.mounts(where, "nfs-iso", "esx01", accessible=False)
