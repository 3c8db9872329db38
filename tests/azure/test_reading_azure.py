"""What a look at Azure brings back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from failback.azure.reading import AzureReader, Vault
from failback.rehearsal.arm_wire import ArmWire, Reply, denied
from tests.azure import world
from wizard_steps.seen_in_azure import ConfigurationServer, ProtectedItem, SeenInAzure

GIB = 2**30


def server_of(seen: SeenInAzure) -> ConfigurationServer:
    return seen.configuration_servers.value[0]


def item_of(seen: SeenInAzure, name: str) -> ProtectedItem:
    return next(item for item in seen.protected_items.value if item.machine_name.raw == name)


# -- the recorded fabric


def test_the_recorded_fabric_is_read_with_its_servers(reader: AzureReader) -> None:
    server = server_of(reader.read())
    assert server.name.raw == "CS01"
    assert server.ip_address.value == "10.20.0.10"
    assert server.last_heartbeat.value == datetime(2021, 4, 5, 17, 42, 50, 995485, tzinfo=timezone.utc)
    assert [one.name.raw for one in server.process_servers.value] == ["PS-AZ-01", "CS01"]
    assert [one.name.raw for one in server.master_targets.value] == ["CS01", "PS-AZ-01"]
    accounts = [(account.id, account.name.raw) for account in server.run_as_accounts.value]
    assert accounts == [("1", "vcenter"), ("2", "windows"), ("3", "linux")]


def test_an_agent_that_expires_in_the_year_9999_never_expires(reader: AzureReader) -> None:
    server = server_of(reader.read())
    assert server.agent_expires.value is None
    assert server.process_servers.value[0].agent_expires.value is None
    assert server.certificate_expires.value == datetime(2024, 3, 18, 14, 7, 3, tzinfo=timezone.utc)


def test_counts_and_sizes_that_come_as_text_are_numbers(reader: AzureReader) -> None:
    server = server_of(reader.read())
    targets = server.master_targets.value
    assert targets[0].datastores.value == ()
    assert [one.name.raw for one in targets[1].datastores.value] == ["vmfs-01", "vmfs-02"]
    assert targets[1].datastores.value[0].capacity_gb.value == 439.5
    assert server.process_servers.value[0].machine_count.value == 0
    assert targets[1].disk_count.value == 3


def test_a_retention_volume_is_a_bare_letter_with_sizes_in_bytes(reader: AzureReader) -> None:
    volume = server_of(reader.read()).master_targets.value[0].retention_volumes.value[0]
    assert (volume.name.raw, volume.capacity.value, volume.free.value) == ("D", 34357637120, 31186448384)


def test_a_load_keeps_the_word_and_the_figure_as_they_came(reader: AzureReader) -> None:
    load = server_of(reader.read()).loads["database"]
    assert (load.word.value, load.figure.value) == ("Green", "0.25")


def test_what_hangs_on_the_configuration_server_is_read_to_the_last_page(arm: ArmWire, reader: AzureReader) -> None:
    for number in range(2, 6):
        arm.put(f"{world.FABRIC}/replicationRecoveryServicesProviders/provider-{number}", {"properties": {}})
    server = server_of(reader.read())
    assert [one.name for one in server.providers.value] == [f"provider-{number}" for number in range(1, 6)]
    assert server.providers.value[1].connection_status.reason == "Azure gave no value"
    assert server.vcenters.value[0].port.value == 443
    assert (
        server.mappings.value[0].target_container_id.value == server.mappings.value[0].container_id == world.CONTAINER
    )


def test_every_value_says_where_and_when_it_was_seen(reader: AzureReader) -> None:
    source = server_of(reader.read()).master_targets.value[0].disk_count.source
    assert source is not None
    assert (source.system, source.what, source.seen_at) == ("azure", "MasterTargetServer.diskCount", world.RECORDED_AT)


def test_site_recoverys_own_errors_are_kept_in_its_own_words(arm: ArmWire, reader: AzureReader) -> None:
    def ail(body: dict[str, Any]) -> None:
        target = body["properties"]["customDetails"]["masterTargetServers"][0]
        target["healthErrors"] = [
            {
                "errorCode": "806",
                "errorLevel": "Error",
                "errorMessage": "No heartbeat.",
                "possibleCauses": "It is off.",
            },
            {"summaryMessage": "Odd.", "recommendedAction": "Look."},
        ]
        body["properties"]["healthErrorDetails"] = "not a list"
        target["validationErrors"] = ["not an object"]

    arm.edit(world.FABRIC, ail)
    server = server_of(reader.read())
    first, second = server.master_targets.value[0].health_errors.value
    assert (first.code, first.level, first.message.raw) == ("806", "Error", "No heartbeat.")
    assert first.possible_causes is not None
    assert first.possible_causes.raw == "It is off."
    assert first.recommended_action is None
    assert (second.code, second.message.raw) == ("", "Odd.")
    assert not server.health_errors.was_seen
    assert not server.master_targets.value[0].validation_errors.was_seen


# -- machines, VMs, networks


def test_disks_and_master_target_come_from_the_single_answer_because_the_list_is_trimmed(reader: AzureReader) -> None:
    item = item_of(reader.read(), "web01")
    assert [disk.capacity.value for disk in item.disks.value] == [60 * GIB]
    assert item.master_target_id.value == "7C21B0D4-1E93-4A55-9F0E6D3B82A4C710"
    assert item.current_scenario.value is None
    assert item.protectable_item_found.value is True
    assert [nic.source_address.value for nic in item.nics.value] == ["10.20.0.21"]


def test_a_machine_whose_own_answer_is_denied_has_no_disks_rather_than_none(arm: ArmWire, reader: AzureReader) -> None:
    action = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectedItems/read"
    arm.fault("GET", "/replicationProtectedItems/web01$", denied(action, world.VAULT), times=None)
    item = item_of(reader.read(), "web01")
    assert item.active_location.value == "Recovery"
    assert not item.disks.was_seen
    assert item.disks.reason == f"this account lacks the permission {action}"
    assert not item.master_target_id.was_seen


def test_an_empty_list_of_disks_is_not_taken_for_a_machine_without_disks(arm: ArmWire, reader: AzureReader) -> None:
    world.machine(arm, "web01", protectedDisks=[])
    assert item_of(reader.read(), "web01").disks.reason == "Azure names no disk of this machine"


def test_a_protectable_item_that_is_gone_is_seen_as_gone(arm: ArmWire, reader: AzureReader) -> None:
    arm.remove(f"{world.CONTAINER}/replicationProtectableItems/db01")
    assert item_of(reader.read(), "db01").protectable_item_found.value is False


def test_a_machine_that_replicates_home_has_its_recovery_points_counted(arm: ArmWire, reader: AzureReader) -> None:
    world.machine(arm, "web01", instanceType="InMage", targetVmId=None)
    for number in range(3):
        arm.put(f"{world.ITEMS}/web01/recoveryPoints/{number}", {"properties": {}})
    item = item_of(reader.read(), "web01")
    assert item.recovery_point_count.value == 3
    assert not item.target_vm_id.was_seen, "after reprotect the absence of an id does not mean that there is no VM"


def test_machines_of_other_sources_are_left_out(arm: ArmWire, reader: AzureReader) -> None:
    world.machine(arm, "azure-to-azure", instanceType="A2A")
    assert {item.machine_name.raw for item in reader.read().protected_items.value} == {"web01", "db01"}


def test_a_vm_is_found_whatever_case_its_id_is_written_in(reader: AzureReader) -> None:
    seen = reader.read()
    vm = seen.vm(f"{world.COMPUTE}/WEB01").value
    assert vm is not None
    assert vm.power_state.value == "running"
    assert vm.power_state_since.value == world.RECORDED_AT - timedelta(hours=3)
    assert vm.disk_sizes.value == (60 * GIB, 100 * GIB)
    assert vm.has_temporary_disk.value is True


def test_a_vm_that_was_deleted_is_seen_as_deleted(arm: ArmWire, reader: AzureReader) -> None:
    arm.remove(f"{world.COMPUTE}/db01")
    reading = reader.read().vm(f"{world.COMPUTE}/db01")
    assert reading.was_seen
    assert reading.value is None


def test_a_vm_that_may_not_be_read_is_not_taken_for_deleted(arm: ArmWire, reader: AzureReader) -> None:
    arm.fault("GET", "/virtualMachines/db01$", denied("Microsoft.Compute/virtualMachines/read", "x"), times=None)
    reading = reader.read().vm(f"{world.COMPUTE}/db01")
    assert reading.reason == "this account lacks the permission Microsoft.Compute/virtualMachines/read"


def test_the_vm_of_a_process_server_is_found_by_its_address(arm: ArmWire, reader: AzureReader) -> None:
    world.virtual_machine(arm, "ps-az-01", "10.60.1.10")
    assert reader.read().vm(f"{world.COMPUTE}/ps-az-01").value is not None


def test_a_disk_of_unknown_size_leaves_the_sizes_unseen(arm: ArmWire, reader: AzureReader) -> None:
    def forget(body: dict[str, Any]) -> None:
        body["properties"]["storageProfile"]["dataDisks"][0].pop("diskSizeGB")

    arm.edit(f"{world.COMPUTE}/web01", forget)
    vm = reader.read().vm(f"{world.COMPUTE}/web01").value
    assert vm is not None
    assert not vm.disk_sizes.was_seen


def test_a_gateway_is_read_with_how_its_connections_are(reader: AzureReader) -> None:
    seen = reader.read()
    gateway = seen.gateways.value[0]
    connection = gateway.connections.value[0]
    assert gateway.network_id.value == f"{world.NETWORK}/virtualNetworks/vnet"
    assert (connection.kind.value, connection.status.value) == ("IPsec", "Connected")
    assert connection.remote_prefixes.value == ("10.20.0.0/16",)
    network = seen.networks.value[0]
    assert network.subnets.value[f"{network.id}/subnets/GatewaySubnet"] == ("10.60.255.0/27",)
    assert network.peerings.value[0].uses_remote_gateways is True
    circuit = seen.circuits.value[0]
    assert (circuit.private_peering_state.value, circuit.bandwidth_mbps.value) == ("Enabled", 500)


def test_a_connection_that_will_not_say_how_it_is_stays_unseen(arm: ArmWire, reader: AzureReader) -> None:
    arm.fault("GET", "/connections/to-site$", Reply.error(500, "InternalServerError", "oops"), times=None)
    connection = reader.read().gateways.value[0].connections.value[0]
    assert connection.status.reason == "the service failed with status 500"


def test_a_circuit_without_private_peering_has_none_and_its_bandwidth_may_come_in_gigabits(
    arm: ArmWire, reader: AzureReader
) -> None:
    arm.put(f"{world.NETWORK}/expressRouteCircuits/er1", {"properties": {"bandwidthInGbps": 2.0, "peerings": []}})
    circuit = reader.read().circuits.value[0]
    assert circuit.private_peering_state.value is None
    assert circuit.bandwidth_mbps.value == 2000
    assert not circuit.circuit_state.was_seen


def test_a_connection_to_a_circuit_has_the_circuit_and_no_prefixes_of_its_own(
    arm: ArmWire, reader: AzureReader
) -> None:
    circuit = f"{world.NETWORK}/expressRouteCircuits/er1"

    def reconnect(body: dict[str, Any]) -> None:
        body["properties"].pop("localNetworkGateway2")
        body["properties"].update(connectionType="ExpressRoute", peer={"id": circuit})

    arm.edit(f"{world.NETWORK}/connections/to-site", reconnect)
    connection = reader.read().gateways.value[0].connections.value[0]
    assert connection.circuit_id.value == circuit
    assert connection.remote_prefixes.value == ()


def test_a_gateway_that_does_not_say_where_it_stands_leaves_that_unseen(arm: ArmWire, reader: AzureReader) -> None:
    arm.edit(f"{world.NETWORK}/virtualNetworkGateways/vgw", lambda body: body["properties"].update(ipConfigurations=[]))
    assert reader.read().gateways.value[0].network_id.was_seen is False


def test_networks_of_other_subscriptions_are_looked_in_when_the_profile_names_them(
    arm: ArmWire, clock: world.StepClock
) -> None:
    hub = "/subscriptions/hub/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub"
    arm.put(hub, {"properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}})
    alone = AzureReader(world.clients(arm), world.VAULT_OF_TESTS, clock).read()
    assert len(alone.networks.value) == 1
    vault = Vault(world.SUBSCRIPTION, "rg-dr", "rsv-dr", network_subscriptions=("hub",))
    assert {one.name.raw for one in AzureReader(world.clients(arm), vault, clock).read().networks.value} == {
        "vnet",
        "hub",
    }


def test_a_vm_without_a_power_state_or_with_an_odd_id_is_unseen_and_not_off(arm: ArmWire, reader: AzureReader) -> None:
    arm.put(f"{world.COMPUTE}/web01/instanceView", {"statuses": [{"code": "ProvisioningState/updating"}]})
    world.machine(arm, "db01", targetVmId="not-an-id")
    seen = reader.read()
    web = seen.vm(f"{world.COMPUTE}/web01").value
    assert web is not None
    assert not web.power_state.was_seen
    assert not web.power_state_since.was_seen
    assert not seen.vm("not-an-id").was_seen


def test_whether_a_size_has_a_temporary_disk_is_unseen_without_the_table_of_sizes(
    arm: ArmWire, reader: AzureReader
) -> None:
    arm.fault("GET", "/Microsoft.Compute/skus$", denied("Microsoft.Compute/skus/read", "x"), times=None)
    vm = reader.read().vm(f"{world.COMPUTE}/web01").value
    assert vm is not None
    assert vm.has_temporary_disk.reason == "this account lacks the permission Microsoft.Compute/skus/read"
