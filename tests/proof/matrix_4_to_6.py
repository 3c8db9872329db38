"""The detection matrix, steps 4 to 6: process server, ports, failback policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from failback.rehearsal import description as site
from failback.rehearsal import faults
from failback.rehearsal.arm_wire import ArmWire, Reply, Request
from failback.rehearsal.site import Site
from tests.proof import acts
from tests.proof.matrix import Matrix

matrix = Matrix()
CS, PS = site.CONFIGURATION_SERVER, site.PROCESS_SERVER
CS_IP, PS_IP = site.CONFIGURATION_SERVER_IP, site.PROCESS_SERVER_IP
POLICY = site.policy_id("osaka-24h-failback")
VCENTER = f"{site.fabric_id()}/replicationvCenters/osaka-vcenter"
on_premises_server = acts.targets(lambda one: replace(one, process_server=CS))


# -- step 4


@matrix.site("ps-azure-required", PS)
def the_vm_of_the_process_server_is_deallocated(where: Site) -> None:
    acts.power(where, PS, "deallocated")


@matrix.site("ps-data-path", PS, through="ps-health")
def the_process_server_passes_nothing_on(where: Site) -> None:
    acts.process_server(where, throughputStatus="Critical")


@matrix.site("ps-low-latency", "web01", "warn")
def the_process_server_answers_the_machine_after_40_milliseconds(where: Site) -> None:
    def far(arm: ArmWire, request: Request) -> Reply:
        from failback.rehearsal import arm_watcher

        if request.body["source"]["resourceId"] != site.vm_id("web01"):
            return arm_watcher._check_connectivity(arm, request)
        answer = {"connectionStatus": "Reachable", "avgLatencyInMs": 40, "hops": []}
        return arm_watcher._accepted(arm, request, answer)

    where.arm.on("POST", r"/networkWatchers/[^/]+/connectivityCheck", far)


@matrix.site("ps-onprem-poc-er", CS, through="ps-azure-required", choose=on_premises_server)
def the_chosen_process_server_stands_on_premises_without_expressroute(_where: Site) -> None:
    pass


@matrix.site("ps-same-vnet", "web01")
def the_machine_stands_in_another_network_with_a_tunnel_of_its_own(where: Site) -> None:
    _another_network(where)
    acts.move_to_subnet(where, "web01", "10.70.1.11", f"{OTHER}/subnets/snet-other")


OTHER = site.network_id("virtualNetworks", "vnet-other")


def _another_network(where: Site) -> None:
    subnets = [("snet-other", "10.70.1.0/24"), ("GatewaySubnet", "10.70.255.0/27")]
    inside: acts.Body = {
        "addressSpace": {"addressPrefixes": ["10.70.0.0/16"]},
        "virtualNetworkPeerings": [],
        "subnets": [
            {"id": f"{OTHER}/subnets/{name}", "name": name, "properties": {"addressPrefix": prefix}}
            for name, prefix in subnets
        ],
    }
    where.arm.put(OTHER, {"location": site.LOCATION, "properties": inside})
    gateway = site.network_id("virtualNetworkGateways", "vgw-other")
    configuration = {"name": "default", "properties": {"subnet": {"id": f"{OTHER}/subnets/GatewaySubnet"}}}
    own: acts.Body = {"gatewayType": "Vpn", "sku": {"name": "VpnGw2AZ"}, "ipConfigurations": [configuration]}
    where.arm.put(gateway, {"location": site.LOCATION, "properties": own})
    line: acts.Body = {
        "connectionType": "IPsec",
        "connectionStatus": "Connected",
        "egressBytesTransferred": 1,
        "virtualNetworkGateway1": {"id": gateway, "properties": {}},
        "localNetworkGateway2": {"id": site.network_id("localNetworkGateways", "lgw-osaka"), "properties": {}},
    }
    where.arm.put(site.network_id("connections", "cn-other"), {"location": site.LOCATION, "properties": line})


@matrix.site("ps-reach-cs", PS)
def the_subnet_of_the_process_server_drops_what_is_for_the_configuration_server(where: Site) -> None:
    _move_process_server(where, astray=CS_IP)


@matrix.site("ps-reach-mt", PS)
def the_subnet_of_the_process_server_drops_what_is_for_a_master_target(where: Site) -> None:
    _move_process_server(where, astray=site.TARGETS[0].ip)


def _move_process_server(where: Site, astray: str) -> None:
    subnet = acts.add_subnet(where, "snet-ps", "10.60.4.0/24", astray=astray)
    acts.move_to_subnet(where, PS, "10.60.4.4", subnet)
    acts.process_server(where, ipAddress="10.60.4.4")
    where.arm.listening.add(("10.60.4.4", 9443))


@matrix.site("ps-deploy-azure", CS, through="ps-azure-required", choose=on_premises_server)
def only_a_process_server_on_premises_was_deployed(where: Site) -> None:
    _none_in_azure(where)


def _none_in_azure(where: Site) -> None:
    registered = acts.servers(where, "processServers")
    registered[:] = [one for one in registered if one["friendlyName"] != PS]


@matrix.site("azvm-reach-ps", "web01")
def the_process_server_does_not_answer_on_its_data_port(where: Site) -> None:
    where.arm.listening.discard((PS_IP, 9443))


@matrix.site("ps-health", PS)
def the_cache_disk_of_the_process_server_is_full(where: Site) -> None:
    faults._fill_cache(where)


@matrix.site("ps-health", PS, "warn")
def the_process_server_was_last_heard_8_minutes_ago(where: Site) -> None:
    acts.process_server(where, lastHeartbeat=acts.ago(minutes=8))


@matrix.site("ps-size-quota", CS, "warn", given=_none_in_azure, choose=on_premises_server)
def a_process_server_is_still_to_be_deployed_and_no_cores_are_left(where: Site) -> None:
    _no_cores_left(where)


def _no_cores_left(where: Site) -> None:
    def usages(arm: ArmWire, request: Request) -> Reply:
        names = {"value": "cores", "localizedValue": "Total Regional vCPUs"}
        return arm.page(request, [{"unit": "Count", "currentValue": 100, "limit": 100, "name": names}])

    where.arm.on("GET", r"/providers/Microsoft\.Compute/locations/[^/]+/usages", usages)


# -- step 5


@matrix.site("ports-required-open", "batch", through="port-ps-cs-443")
@matrix.site("port-ps-cs-443", f"{PS} -> {CS} tcp/443")
def a_security_group_denies_443_from_the_process_server_to_the_configuration_server(where: Site) -> None:
    acts.deny(where, PS, "Outbound", CS_IP, 443)


@matrix.site("port-azvm-cs-443", f"web01 -> {CS} tcp/443")
def a_security_group_denies_443_from_the_machine_to_the_configuration_server(where: Site) -> None:
    acts.deny(where, "web01", "Outbound", CS_IP, 443)


@matrix.site("port-azvm-ps-9443", f"web01 -> {PS} tcp/9443")
def a_security_group_denies_the_data_port_of_the_process_server(where: Site) -> None:
    acts.deny(where, "web01", "Outbound", PS_IP, 9443)


@matrix.site("port-ps-mt-data", f"{PS} -> MT01 tcp/9443", "attest", evidence="deny")
def a_security_group_denies_the_inferred_port_of_a_master_target(where: Site) -> None:
    acts.deny(where, PS, "Outbound", site.TARGETS[0].ip, 9443)


@matrix.site("port-mt-cs", f"MT01 -> {CS} tcp/443", through="mt-present-default-windows")
def the_configuration_server_last_heard_the_master_target_40_minutes_ago(where: Site) -> None:
    acts.master_target(where, "MT01", lastHeartbeat=acts.ago(minutes=40))


@matrix.site("port-cs-azure-443", f"{CS} -> Azure tcp/443", through="cs-connected-azure")
def azure_last_heard_the_configuration_server_two_hours_ago(where: Site) -> None:
    acts.edit(where, site.provider_id(), lambda properties: properties.update(lastHeartBeat=acts.ago(hours=2)))


@matrix.site("port-cs-vcenter-443", f"{CS} -> osaka-vcenter tcp/443", through="vcenter-connected")
def site_recovery_reports_that_vcenter_does_not_answer(where: Site) -> None:
    error = {"errorCode": "95126", "errorLevel": "Error", "errorMessage": "The vCenter server did not answer."}
    acts.edit(where, VCENTER, lambda properties: properties.update(healthErrors=[error]))


# -- step 6


@matrix.site("failback-policy-exists", CS)
def the_vault_has_no_failback_policy(where: Site) -> None:
    where.arm.remove(POLICY)


@matrix.site("failback-policy-associated", CS)
def the_failback_policy_is_not_associated(where: Site) -> None:
    where.arm.remove(site.mapping_id("osaka-failback"))


@matrix.site("failback-policy-associated", CS, "warn")
def the_association_of_the_failback_policy_is_not_healthy(where: Site) -> None:
    acts.edit(where, site.mapping_id("osaka-failback"), lambda properties: properties.update(health="Warning"))


@matrix.site("failback-policy-associated", CS, evidence="78144")
def site_recovery_reports_an_error_of_the_association(where: Site) -> None:
    told = {"errorCode": "78144", "errorLevel": "Error", "errorMessage": "The policy cannot be used."}
    acts.edit(where, site.mapping_id("osaka-failback"), lambda properties: properties.update(healthErrorDetails=[told]))


@matrix.site("failback-policy-values", CS, "warn")
def the_failback_policy_keeps_72_hours(where: Site) -> None:
    def longer(properties: Any) -> None:
        properties["providerSpecificDetails"]["recoveryPointHistory"] = 72 * 60

    acts.edit(where, POLICY, longer)


@matrix.site("policy-mapping-direction", CS, through="failback-policy-associated")
def the_failback_policy_is_mapped_towards_azure(where: Site) -> None:
    def astray(properties: Any) -> None:
        properties["targetProtectionContainerId"] = "Microsoft Azure"

    acts.edit(where, site.mapping_id("osaka-failback"), astray)
