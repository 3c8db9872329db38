"""The detection matrix, steps 1 to 3: machines, configuration server, the connection to the site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyVmomi import vim

from failback.rehearsal import description as site
from failback.rehearsal import faults, on_premises
from failback.rehearsal.site import Site
from tests.proof import acts
from tests.proof.matrix import Matrix

matrix = Matrix()
CS = site.CONFIGURATION_SERVER
TEMPLATE = "vm-191"


# -- step 1


@matrix.site("rpi-failed-over", "web01", choose=acts.choosing(machines=acts.every_machine()))
def a_chosen_machine_was_never_failed_over(where: Site) -> None:
    details = {"targetVmId": None, "recoveryAzureVMName": None}
    acts.item(where, "web01", details, activeLocation="Primary", allowedOperations=["UnplannedFailover"])


@matrix.site("rpi-failed-over", "web01", evidence="Primary")
def a_machine_that_a_target_names_was_never_failed_over(where: Site) -> None:
    acts.item(where, "web01", activeLocation="Primary")


@matrix.site("rpi-failed-over", "web01", evidence="Protected")
def site_recovery_counts_a_machine_as_protected_on_premises(where: Site) -> None:
    acts.item(where, "web01", protectionState="Protected")


def _told() -> dict[str, str]:
    return {"errorCode": "78144", "errorLevel": "Error", "errorMessage": "It cannot be replicated."}


@matrix.site("rpi-failed-over", "web01", evidence="78144")
def site_recovery_reports_an_error_of_a_machine(where: Site) -> None:
    acts.item(where, "web01", healthErrors=[_told()], replicationHealth="Critical")


@matrix.site("rpi-failed-over", "web01", evidence="78144")
def site_recovery_found_a_machine_invalid(where: Site) -> None:
    acts.item(where, "web01", {"validationErrors": [_told()]})


@matrix.site("arch-modernized-stop", "web01")
def a_machine_is_replicated_by_the_modernized_architecture(where: Site) -> None:
    acts.item(where, "web01", {"instanceType": "InMageRcm"})


@matrix.site("agent-registered", "web01")
def the_agent_has_been_silent_for_40_minutes(where: Site) -> None:
    acts.item(where, "web01", {"lastHeartbeat": acts.ago(minutes=40)})


@matrix.site("mobility-agent-present", "web01", "attest", through="agent-registered")
def an_uninstalled_agent_is_silent_too(where: Site) -> None:
    acts.item(where, "web01", {"lastHeartbeat": acts.ago(minutes=40)})


@matrix.site("mobility-agent-present", "web01", through="azvm-not-moved-or-deleted")
def the_vm_with_the_agent_was_deleted(where: Site) -> None:
    acts.item(where, "web01", {"lastHeartbeat": acts.ago(minutes=40)})
    where.arm.remove(site.vm_id("web01"))


@matrix.site("azvm-running", "web01")
def the_azure_vm_was_deallocated_two_hours_ago(where: Site) -> None:
    acts.power(where, "web01", "deallocated")


@matrix.site("azvm-not-moved-or-deleted", "web01")
def site_recovery_expects_the_vm_in_another_resource_group(where: Site) -> None:
    acts.item(
        where, "web01", {"recoveryAzureResourceGroupId": f"/subscriptions/{site.SUBSCRIPTION}/resourceGroups/rg-old"}
    )


@matrix.site("duplicate-instance-uuid", "web01", "warn")
def a_template_was_made_of_the_machine_with_its_instance_uuid(where: Site) -> None:
    on_premises.add_leftover(where.store, TEMPLATE, "web01-template")
    uuid = where.store.get(on_premises.vm_ref("web01"), "config.instanceUuid")
    where.store.set(TEMPLATE, {"config.instanceUuid": uuid, "config.template": True})


@matrix.site("onprem-vm-off", "app02")
def the_vm_on_premises_was_powered_on(where: Site) -> None:
    acts.vm(where, "app02", runtime__powerState="poweredOn")


@matrix.site("onprem-vm-snapshots", "web01", "warn")
def the_vm_on_premises_has_a_snapshot(where: Site) -> None:
    _snapshot(where, "web01")


def _snapshot(where: Site, name: str) -> None:
    ref = on_premises.vm_ref(name)
    tree = vim.vm.SnapshotTree(
        snapshot=vim.vm.Snapshot("snapshot-7"),
        vm=vim.VirtualMachine(ref),
        name="forgotten",
        description="",
        id=7,
        createTime=where.clock.now() - timedelta(days=40),
        state="poweredOff",
        quiesced=False,
    )
    where.store.set(
        ref, {"snapshot": vim.vm.SnapshotInfo(currentSnapshot=vim.vm.Snapshot("snapshot-7"), rootSnapshotList=[tree])}
    )


# -- step 2


@matrix.site("cs-running", CS)
def the_services_of_the_configuration_server_are_stopped(where: Site) -> None:
    acts.fabric(where, csServiceStatus="Stopped")


@matrix.site("cs-running", CS, "warn")
def the_configuration_server_is_low_on_disk_space(where: Site) -> None:
    acts.fabric(where, spaceUsageStatus="Warning")


@matrix.site("cs-running", CS)
def the_configuration_server_is_powered_off(where: Site) -> None:
    acts.vm(where, CS, runtime__powerState="poweredOff")


@matrix.site("cs-connected-azure", CS)
def azure_counts_the_configuration_server_as_disconnected(where: Site) -> None:
    acts.edit(where, site.provider_id(), lambda properties: properties.update(connectionStatus="Disconnected"))


@matrix.site("cs-connected-azure", CS, "warn")
def azure_last_heard_the_configuration_server_25_minutes_ago(where: Site) -> None:
    acts.edit(where, site.provider_id(), lambda properties: properties.update(lastHeartBeat=acts.ago(minutes=25)))


@matrix.site("cs-connected-azure", CS, evidence="78144")
def site_recovery_reports_an_error_of_the_provider(where: Site) -> None:
    acts.edit(where, site.provider_id(), lambda properties: properties.update(healthErrorDetails=[_told()]))


@matrix.site("cs-vm-in-db", "web01", "warn")
def the_configuration_server_lists_the_machine_no_longer(where: Site) -> None:
    where.arm.remove(f"{site.container_id()}/replicationProtectableItems/{site.stable_uuid('web01')}")


@matrix.site("cs-restore-same-ip", CS)
def the_configuration_server_was_restored_with_another_address(where: Site) -> None:
    acts.adapter(where, CS, "10.20.0.99")


def _address_in_a_subnet_that_loses_packets(where: Site) -> None:
    subnet = acts.add_subnet(where, "snet-web", "10.60.2.0/24", astray=site.CONFIGURATION_SERVER_IP)
    acts.move_to_subnet(where, "web01", "10.60.2.11", subnet)
    acts.keep_address(where, "web01", "10.60.2.11")


@matrix.site("ip-retained-s2s", "web01")
def a_machine_kept_its_address_and_its_subnet_drops_what_is_for_the_configuration_server(where: Site) -> None:
    _address_in_a_subnet_that_loses_packets(where)


@matrix.site("ip-retained-two-nics", "web01")
def a_machine_kept_its_address_and_the_configuration_server_has_one_adapter(where: Site) -> None:
    adapters = where.store.get(on_premises.vm_ref(CS), "guest.net")
    hardware = acts.devices(where, CS)
    acts.keep_address(where, "web01")
    acts.vm(where, CS, guest__net=adapters, config__hardware__device=hardware)


@matrix.site("ip-retained-no-overlap", "web01")
def a_machine_kept_its_address_and_the_failback_adapter_has_a_mask_that_holds_it(where: Site) -> None:
    acts.keep_address(where, "web01")
    acts.adapter(where, CS, site.CONFIGURATION_SERVER_IP, prefix=8)


@matrix.site("ip-retained-no-overlap", "web01", "warn")
def the_site_announces_a_part_of_the_azure_network(where: Site) -> None:
    def announce(properties: Any) -> None:
        properties["localNetworkAddressSpace"]["addressPrefixes"].append("10.60.128.0/17")

    acts.edit(where, site.network_id("localNetworkGateways", "lgw-osaka"), announce)


@matrix.site("component-versions-supported", CS)
def the_version_of_the_configuration_server_is_not_supported(where: Site) -> None:
    details = {"version": "9.30.0.0", "expiryDate": None, "status": "NotSupported"}
    acts.fabric(where, versionStatus="NotSupported", agentVersionDetails={**details, "version": site.AGENT_VERSION})


@matrix.site("component-versions-supported", CS)
def the_older_of_two_words_says_that_the_version_is_not_supported(where: Site) -> None:
    acts.fabric(where, versionStatus="NotSupported")


@matrix.site("component-versions-supported", CS)
def the_older_of_two_days_says_that_the_agent_has_expired(where: Site) -> None:
    acts.process_server(where, agentExpiryDate=where.clock.now() - timedelta(days=2))


@matrix.site("cs-ssl-cert", CS)
def the_certificate_of_the_configuration_server_has_expired(where: Site) -> None:
    acts.fabric(where, sslCertExpiryDate=where.clock.now() - timedelta(days=2))


@matrix.site("cs-ssl-cert", CS, "warn")
def the_certificate_of_the_process_server_expires_in_20_days(where: Site) -> None:
    acts.process_server(where, sslCertExpiryDate=where.clock.now() + timedelta(days=20))


@matrix.site("cs-eval-license", CS, "warn")
def the_configuration_server_was_deployed_170_days_ago(where: Site) -> None:
    acts.vm(where, CS, config__createDate=where.clock.now() - timedelta(days=170))


# -- step 3


@matrix.site("s2s-or-er-required", CS)
def the_tunnel_to_the_site_is_down(where: Site) -> None:
    faults._tunnel("NotConnected")(where)


@matrix.site("s2s-or-er-required", CS)
def the_tunnel_leads_to_another_network_than_that_of_the_servers(where: Site) -> None:
    def elsewhere(properties: Any) -> None:
        properties["localNetworkAddressSpace"]["addressPrefixes"] = ["10.20.0.0/29", "10.20.0.16/28"]

    acts.edit(where, site.network_id("localNetworkGateways", "lgw-osaka"), elsewhere)


@matrix.site("vpn-bandwidth", CS, "warn", choose=acts.choosing(link_mbps=100))
def the_measured_line_carries_100_mbit_per_second(_where: Site) -> None:
    pass
