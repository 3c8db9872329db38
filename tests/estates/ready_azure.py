"""What Azure shows of the small ready case: one vault, one configuration server, two failed-over machines."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TypeVar

from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, Source, seen
from wizard_steps.seen_in_azure import (
    AzureVm,
    ConfigurationServer,
    Connection,
    ContainerMapping,
    Gateway,
    ListedDatastore,
    Load,
    MasterTarget,
    NetworkInterface,
    Policy,
    ProcessServer,
    ProtectedDisk,
    ProtectedItem,
    Provider,
    ReplicatedNic,
    RetentionVolume,
    RunAsAccount,
    SeenInAzure,
    SizeOffer,
    Usage,
    VCenterRecord,
    VirtualNetwork,
)

T = TypeVar("T")

GIB = 1024**3
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)
HEARTBEAT = NOW - timedelta(minutes=2)
EXPIRES = NOW + timedelta(days=700)

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dr"
VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/vault-dr"
FABRIC = f"{VAULT}/replicationFabrics/fabric-cs01"
CONTAINER = f"{FABRIC}/replicationProtectionContainers/cloud-cs01"
FORWARD_POLICY = f"{VAULT}/replicationPolicies/to-azure"
FAILBACK_POLICY = f"{VAULT}/replicationPolicies/to-azure-failback"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-dr"
SUBNET = f"{NETWORK}/subnets/machines"
GATEWAY = f"{GROUP}/providers/Microsoft.Network/virtualNetworkGateways/gw-dr"

CS_ADDRESS = "10.20.0.10"
MT_ADDRESS = "10.20.0.11"
PS_ADDRESS = "10.1.0.10"
AGENT = "9.63.7000.1"


def azure_saw(value: T, what: str = "ready case") -> Reading[T]:
    """Return a value as Azure showed it at `NOW`, the moment to which the ages of heartbeats are counted."""
    return seen(value, Source("azure", what, NOW))


def vm_id(name: str) -> str:
    """Return the ARM id of the Azure VM of that name."""
    return f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"


def nic_id(name: str) -> str:
    """Return the ARM id of the only network interface of the Azure VM of that name."""
    return f"{GROUP}/providers/Microsoft.Network/networkInterfaces/{name}-nic"


def _loads(*names: str) -> dict[str, Load]:
    return {name: Load(word=azure_saw("Green"), figure=azure_saw("10%")) for name in names}


def process_server(name: str, address: str) -> ProcessServer:
    """Return a healthy process server."""
    return ProcessServer(
        id=f"ps-{name}",
        name=Outside(name),
        ip_address=azure_saw(address),
        os_type=azure_saw("Windows"),
        agent_version=azure_saw(AGENT),
        agent_expires=azure_saw(EXPIRES),
        version_status=azure_saw("Supported"),
        last_heartbeat=azure_saw(HEARTBEAT),
        service_status=azure_saw("Running"),
        health=azure_saw("Normal"),
        health_errors=azure_saw(()),
        loads=_loads("system", "cpu", "memory", "space", "throughput"),
        memory_total=azure_saw(16 * GIB),
        memory_available=azure_saw(12 * GIB),
        space_total=azure_saw(600 * GIB),
        space_available=azure_saw(550 * GIB),
        upload_pending=azure_saw(0),
        throughput=azure_saw(0),
        machine_count=azure_saw(0),
        certificate_expires=azure_saw(EXPIRES),
    )


def master_target(name: str, address: str, *, retention: str = "R") -> MasterTarget:
    """Return a healthy Windows master target with one retention volume of 1 TB, and the VMFS datastores it lists."""
    return MasterTarget(
        id=f"mt-{name}",
        name=Outside(name),
        ip_address=azure_saw(address),
        os_type=azure_saw("Windows"),
        os_version=azure_saw(Outside("Microsoft Windows Server 2019 Datacenter")),
        agent_version=azure_saw(AGENT),
        agent_expires=azure_saw(EXPIRES),
        version_status=azure_saw("Supported"),
        last_heartbeat=azure_saw(HEARTBEAT),
        disk_count=azure_saw(2),
        retention_volumes=azure_saw(
            (RetentionVolume(Outside(retention), azure_saw(1024 * GIB), azure_saw(1020 * GIB)),)
        ),
        datastores=azure_saw(
            tuple(
                ListedDatastore(
                    Outside(f"vmfs-0{number}"),
                    azure_saw(f"vmfs-uuid-{number}"),
                    azure_saw("VMFS"),
                    azure_saw(4096.0),
                    azure_saw(3072.0),
                )
                for number in (1, 2)
            )
        ),
        health_errors=azure_saw(()),
        validation_errors=azure_saw(()),
    )


def protected_item(name: str, address: str) -> ProtectedItem:
    """Return a failed-over Windows machine with one disk of 100 GB, not reprotected yet; its address changed in Azure."""
    return ProtectedItem(
        id=f"{CONTAINER}/replicationProtectedItems/item-{name}",
        name=f"item-{name}",
        machine_name=Outside(name),
        fabric_id=FABRIC,
        container_id=CONTAINER,
        instance_type=azure_saw("InMageAzureV2"),
        active_location=azure_saw("Recovery"),
        protection_state=azure_saw("UnplannedFailoverCommitted"),
        allowed_operations=azure_saw(("ReverseReplicate",)),
        current_scenario=azure_saw(None),
        replication_health=azure_saw("Normal"),
        policy_id=azure_saw(FORWARD_POLICY),
        target_vm_id=azure_saw(vm_id(name)),
        recovery_resource_group_id=azure_saw(GROUP),
        os_type=azure_saw("Windows"),
        os_version=azure_saw(Outside("Microsoft Windows Server 2016 Datacenter")),
        source_ip_address=azure_saw(f"192.168.10.{address.rpartition('.')[2]}"),
        agent_version=azure_saw(AGENT),
        last_heartbeat=azure_saw(HEARTBEAT),
        infrastructure_vm_id=azure_saw(f"50000000-0000-0000-0000-{name:0>12}"),
        vcenter_infrastructure_id=azure_saw("vcenter-infra-1"),
        discovery_type=azure_saw("vCenter"),
        protectable_item_found=azure_saw(True),
        consistency_group_id=azure_saw(f"group-of-{name}"),
        consistency_group_name=azure_saw(None),
        process_server_id=azure_saw("ps-CS01"),
        master_target_id=azure_saw(None),
        disks=azure_saw((ProtectedDisk(f"{name}-disk-0", Outside("disk 0"), azure_saw(100 * GIB)),)),
        nics=azure_saw(
            (ReplicatedNic(f"{name}-nic", azure_saw(f"192.168.10.{address.rpartition('.')[2]}"), azure_saw(address)),)
        ),
        recovery_point_count=azure_saw(24),
        health_errors=azure_saw(()),
        validation_errors=azure_saw(()),
    )


def azure_vm(name: str) -> AzureVm:
    """Return a VM that has been running for two hours."""
    return AzureVm(
        id=vm_id(name),
        name=Outside(name),
        location=azure_saw("japaneast"),
        resource_group_id=GROUP,
        size=azure_saw("Standard_D4s_v5"),
        power_state=azure_saw("running"),
        power_state_since=azure_saw(NOW - timedelta(hours=2)),
        disk_sizes=azure_saw((100 * GIB,)),
        nic_ids=azure_saw((nic_id(name),)),
        has_temporary_disk=azure_saw(False),
    )


def configuration_server() -> ConfigurationServer:
    """Return CS01, healthy, with its own process server and master target, PS-AZ-01 and MT01."""
    return ConfigurationServer(
        id=FABRIC,
        fabric_name="fabric-cs01",
        name=Outside("CS01"),
        host_name=azure_saw(Outside("CS01")),
        ip_address=azure_saw(CS_ADDRESS),
        agent_version=azure_saw(AGENT),
        agent_expires=azure_saw(EXPIRES),
        version_status=azure_saw("Supported"),
        last_heartbeat=azure_saw(HEARTBEAT),
        service_status=azure_saw("Running"),
        health=azure_saw("Normal"),
        health_errors=azure_saw(()),
        bcdr_state=azure_saw("Valid"),
        loads=_loads("system", "cpu", "memory", "space", "web", "database"),
        certificate_expires=azure_saw(EXPIRES),
        process_servers=azure_saw((process_server("CS01", CS_ADDRESS), process_server("PS-AZ-01", PS_ADDRESS))),
        master_targets=azure_saw((master_target("CS01", CS_ADDRESS), master_target("MT01", MT_ADDRESS))),
        run_as_accounts=azure_saw((RunAsAccount("1", Outside("vcenter")),)),
        providers=azure_saw(
            (
                Provider(
                    f"{FABRIC}/replicationRecoveryServicesProviders/provider-cs01",
                    "provider-cs01",
                    azure_saw("Connected"),
                    azure_saw(HEARTBEAT),
                    azure_saw(()),
                ),
            )
        ),
        vcenters=azure_saw((_vcenter_record(),)),
        container_ids=azure_saw((CONTAINER,)),
        mappings=azure_saw(_mappings()),
    )


def _vcenter_record() -> VCenterRecord:
    return VCenterRecord(
        id=f"{FABRIC}/replicationvCenters/vcenter01",
        name=Outside("vcenter01"),
        address=azure_saw("vcenter.example.com"),
        port=azure_saw(443),
        discovery_status=azure_saw("Completed"),
        last_heartbeat=azure_saw(HEARTBEAT),
        infrastructure_id=azure_saw("vcenter-infra-1"),
        run_as_account_id=azure_saw("1"),
        health_errors=azure_saw(()),
    )


def _mappings() -> tuple[ContainerMapping, ...]:
    def mapping(name: str, kind: str, policy: str, target: str) -> ContainerMapping:
        return ContainerMapping(
            id=f"{CONTAINER}/replicationProtectionContainerMappings/{name}",
            name=name,
            instance_type=azure_saw(kind),
            policy_id=azure_saw(policy),
            container_id=CONTAINER,
            target_container_id=azure_saw(target),
            state=azure_saw("Paired"),
            health=azure_saw("Normal"),
            health_errors=azure_saw(()),
        )

    return (
        mapping("to-azure", "InMageAzureV2", FORWARD_POLICY, "Microsoft Azure"),
        mapping("failback", "InMage", FAILBACK_POLICY, CONTAINER),
    )


def _policy(policy_id: str, kind: str) -> Policy:
    return Policy(
        policy_id, Outside(policy_id.rpartition("/")[2]), azure_saw(kind), azure_saw(15), azure_saw(1440), azure_saw(60)
    )


def _gateway() -> Gateway:
    connection = Connection(
        id=f"{GROUP}/providers/Microsoft.Network/connections/to-osaka",
        name=Outside("to-osaka"),
        kind=azure_saw("IPsec"),
        status=azure_saw("Connected"),
        remote_prefixes=azure_saw(("10.20.0.0/16", "192.168.10.0/24")),
        circuit_id=azure_saw(None),
        egress_bytes=azure_saw(10 * GIB),
    )
    return Gateway(
        GATEWAY, Outside("gw-dr"), azure_saw(NETWORK), azure_saw("Vpn"), azure_saw("VpnGw2"), azure_saw((connection,))
    )


def seen_in_azure() -> SeenInAzure:
    """Return everything Azure shows of the ready case."""
    addresses = {"web01": "10.1.0.21", "db01": "10.1.0.22", "PS-AZ-01": PS_ADDRESS}
    return SeenInAzure(
        vault_id=VAULT,
        vault_location=azure_saw("japaneast"),
        configuration_servers=azure_saw((configuration_server(),)),
        other_fabrics=azure_saw(()),
        protected_items=azure_saw(tuple(protected_item(name, addresses[name]) for name in ("web01", "db01"))),
        policies=azure_saw((_policy(FORWARD_POLICY, "InMageAzureV2"), _policy(FAILBACK_POLICY, "InMage"))),
        vms={vm_id(name).casefold(): azure_saw(azure_vm(name)) for name in addresses},
        network_interfaces=azure_saw(
            tuple(
                NetworkInterface(nic_id(name), azure_saw(vm_id(name)), azure_saw(((address, SUBNET),)))
                for name, address in addresses.items()
            )
        ),
        networks=azure_saw(
            (
                VirtualNetwork(
                    NETWORK,
                    Outside("vnet-dr"),
                    azure_saw("japaneast"),
                    azure_saw(("10.1.0.0/16",)),
                    azure_saw({SUBNET: ("10.1.0.0/24",)}),
                    azure_saw(()),
                ),
            )
        ),
        gateways=azure_saw((_gateway(),)),
        circuits=azure_saw(()),
        hubs=azure_saw(()),
        sizes=azure_saw(
            {"standard_a8_v2": SizeOffer("Standard_A8_v2", azure_saw("standardAv2Family"), azure_saw(8), azure_saw(()))}
        ),
        usages=azure_saw(
            (
                Usage("cores", azure_saw(68), azure_saw(200)),
                Usage("standardAv2Family", azure_saw(0), azure_saw(100)),
            )
        ),
    )
