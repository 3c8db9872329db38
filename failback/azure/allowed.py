"""Every call this program makes to Azure Resource Manager, by name; `policies` lets nothing else out.

`READS` change nothing, and neither do `PROBES`: their POSTs only ask. `CHANGES` are sent only from `change`, after a
plan was shown and confirmed. Tests hold what is seen at the wire to these lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Operation:
    """A call: the client and its operation group in the SDK, the method's name there, and what goes over the wire.

    `path` is written with `*` for one segment; what the `*` stand for, without the subscription, are the method's
    arguments in their order. `body` tells whether a body follows them.
    """

    client: str
    group: str
    name: str
    verb: str
    path: str
    body: bool = False

    @property
    def title(self) -> str:
        """The name by which documentation and tests speak of it: `replication_fabrics.list`."""
        return f"{self.group}.{self.name}"


_GROUP = "/subscriptions/*/resourceGroups/*"
_VAULT = f"{_GROUP}/providers/Microsoft.RecoveryServices/vaults/*"
_FABRIC = f"{_VAULT}/replicationFabrics/*"
_CONTAINER = f"{_FABRIC}/replicationProtectionContainers/*"
_PROVIDER = f"{_FABRIC}/replicationRecoveryServicesProviders/*"
_ITEM = f"{_CONTAINER}/replicationProtectedItems/*"
_VM = f"{_GROUP}/providers/Microsoft.Compute/virtualMachines/*"
_NETWORK = "/providers/Microsoft.Network"

VAULT = Operation("vaults", "vaults", "get", "GET", _VAULT)
FABRICS = Operation("site_recovery", "replication_fabrics", "list", "GET", f"{_VAULT}/replicationFabrics")
FABRIC = Operation("site_recovery", "replication_fabrics", "get", "GET", _FABRIC)
PROVIDERS = Operation(
    "site_recovery",
    "replication_recovery_services_providers",
    "list_by_replication_fabrics",
    "GET",
    f"{_FABRIC}/replicationRecoveryServicesProviders",
)
CONTAINERS = Operation(
    "site_recovery",
    "replication_protection_containers",
    "list_by_replication_fabrics",
    "GET",
    f"{_FABRIC}/replicationProtectionContainers",
)
MAPPINGS = Operation(
    "site_recovery",
    "replication_protection_container_mappings",
    "list_by_replication_protection_containers",
    "GET",
    f"{_CONTAINER}/replicationProtectionContainerMappings",
)
VCENTERS = Operation(
    "site_recovery",
    "replicationv_centers",
    "list_by_replication_fabrics",
    "GET",
    f"{_FABRIC}/replicationvCenters",
)
POLICIES = Operation("site_recovery", "replication_policies", "list", "GET", f"{_VAULT}/replicationPolicies")
ITEMS = Operation("site_recovery", "replication_protected_items", "list", "GET", f"{_VAULT}/replicationProtectedItems")
ITEM = Operation("site_recovery", "replication_protected_items", "get", "GET", _ITEM)
PROTECTABLE_ITEM = Operation(
    "site_recovery", "replication_protectable_items", "get", "GET", f"{_CONTAINER}/replicationProtectableItems/*"
)
RECOVERY_POINTS = Operation(
    "site_recovery", "recovery_points", "list_by_replication_protected_items", "GET", f"{_ITEM}/recoveryPoints"
)
VM = Operation("compute", "virtual_machines", "get", "GET", _VM)
SIZES = Operation("compute", "resource_skus", "list", "GET", "/subscriptions/*/providers/Microsoft.Compute/skus")
NICS = Operation("network", "network_interfaces", "list_all", "GET", f"/subscriptions/*{_NETWORK}/networkInterfaces")
NETWORKS = Operation("network", "virtual_networks", "list_all", "GET", f"/subscriptions/*{_NETWORK}/virtualNetworks")
GATEWAYS = Operation("network", "virtual_network_gateways", "list", "GET", f"{_GROUP}{_NETWORK}/virtualNetworkGateways")
CONNECTIONS = Operation(
    "network",
    "virtual_network_gateways",
    "list_connections",
    "GET",
    f"{_GROUP}{_NETWORK}/virtualNetworkGateways/*/connections",
)
CONNECTION = Operation(
    "network", "virtual_network_gateway_connections", "get", "GET", f"{_GROUP}{_NETWORK}/connections/*"
)
LOCAL_GATEWAY = Operation(
    "network", "local_network_gateways", "get", "GET", f"{_GROUP}{_NETWORK}/localNetworkGateways/*"
)
CIRCUITS = Operation(
    "network", "express_route_circuits", "list_all", "GET", f"/subscriptions/*{_NETWORK}/expressRouteCircuits"
)
HUBS = Operation("network", "virtual_hubs", "list", "GET", f"/subscriptions/*{_NETWORK}/virtualHubs")
HUB_NETWORKS = Operation(
    "network",
    "hub_virtual_network_connections",
    "list",
    "GET",
    f"{_GROUP}{_NETWORK}/virtualHubs/*/hubVirtualNetworkConnections",
)
HUB_VPN_GATEWAY = Operation("network", "vpn_gateways", "get", "GET", f"{_GROUP}{_NETWORK}/vpnGateways/*")
HUB_VPN_CONNECTIONS = Operation(
    "network", "vpn_connections", "list_by_vpn_gateway", "GET", f"{_GROUP}{_NETWORK}/vpnGateways/*/vpnConnections"
)
VPN_SITE = Operation("network", "vpn_sites", "get", "GET", f"{_GROUP}{_NETWORK}/vpnSites/*")
HUB_EXPRESSROUTE = Operation(
    "network", "express_route_gateways", "get", "GET", f"{_GROUP}{_NETWORK}/expressRouteGateways/*"
)
USAGES = Operation("compute", "usage", "list", "GET", "/subscriptions/*/providers/Microsoft.Compute/locations/*/usages")

READS = (
    VAULT,
    FABRICS,
    FABRIC,
    PROVIDERS,
    CONTAINERS,
    MAPPINGS,
    VCENTERS,
    POLICIES,
    ITEMS,
    ITEM,
    PROTECTABLE_ITEM,
    RECOVERY_POINTS,
    VM,
    SIZES,
    NICS,
    NETWORKS,
    GATEWAYS,
    CONNECTIONS,
    CONNECTION,
    LOCAL_GATEWAY,
    CIRCUITS,
    HUBS,
    HUB_NETWORKS,
    HUB_VPN_GATEWAY,
    HUB_VPN_CONNECTIONS,
    VPN_SITE,
    HUB_EXPRESSROUTE,
    USAGES,
)

_WATCHER = f"{_GROUP}{_NETWORK}/networkWatchers/*"
_NIC = f"{_GROUP}{_NETWORK}/networkInterfaces/*"
WATCHERS = Operation("network", "network_watchers", "list_all", "GET", f"/subscriptions/*{_NETWORK}/networkWatchers")
FLOW_VERDICT = Operation("network", "network_watchers", "begin_verify_ip_flow", "POST", f"{_WATCHER}/ipFlowVerify")
NEXT_HOP = Operation("network", "network_watchers", "begin_get_next_hop", "POST", f"{_WATCHER}/nextHop")
CONNECTIVITY = Operation(
    "network", "network_watchers", "begin_check_connectivity", "POST", f"{_WATCHER}/connectivityCheck"
)
EFFECTIVE_ROUTES = Operation(
    "network", "network_interfaces", "begin_get_effective_route_table", "POST", f"{_NIC}/effectiveRouteTable"
)
EFFECTIVE_RULES = Operation(
    "network",
    "network_interfaces",
    "begin_list_effective_network_security_groups",
    "POST",
    f"{_NIC}/effectiveNetworkSecurityGroups",
)
_NETWORK_LOCATION = f"/subscriptions/*{_NETWORK}/locations/*"
NETWORK_STATUS = Operation("network", "-", "status of an operation", "GET", f"{_NETWORK_LOCATION}/operations/*")
NETWORK_RESULT = Operation("network", "-", "result of an operation", "GET", f"{_NETWORK_LOCATION}/operationResults/*")

ASKING = (FLOW_VERDICT, NEXT_HOP, CONNECTIVITY, EFFECTIVE_ROUTES, EFFECTIVE_RULES)
"""POSTs that only ask. They may be sent twice: the answer is the same."""

PROBES = (WATCHERS, *ASKING, NETWORK_STATUS, NETWORK_RESULT)

REFRESH = Operation(
    "site_recovery",
    "replication_recovery_services_providers",
    "begin_refresh_provider",
    "POST",
    f"{_PROVIDER}/refreshProvider",
)
START_VM = Operation("compute", "virtual_machines", "begin_start", "POST", f"{_VM}/start")
CREATE_POLICY = Operation(
    "site_recovery", "replication_policies", "begin_create", "PUT", f"{_VAULT}/replicationPolicies/*", body=True
)
DELETE_POLICY = Operation(
    "site_recovery", "replication_policies", "begin_delete", "DELETE", f"{_VAULT}/replicationPolicies/*"
)
_MAPPING = f"{_CONTAINER}/replicationProtectionContainerMappings/*"
CREATE_MAPPING = Operation(
    "site_recovery", "replication_protection_container_mappings", "begin_create", "PUT", _MAPPING, body=True
)
REMOVE_MAPPING = Operation(
    "site_recovery",
    "replication_protection_container_mappings",
    "begin_delete",
    "POST",
    f"{_MAPPING}/remove",
    body=True,
)
REPROTECT = Operation(
    "site_recovery", "replication_protected_items", "begin_reprotect", "POST", f"{_ITEM}/reProtect", body=True
)
SWITCH_PROCESS_SERVER = Operation(
    "site_recovery",
    "replication_fabrics",
    "begin_reassociate_gateway",
    "POST",
    f"{_FABRIC}/reassociateGateway",
    body=True,
)
RENEW_CERTIFICATE = Operation(
    "site_recovery", "replication_fabrics", "begin_renew_certificate", "POST", f"{_FABRIC}/renewCertificate", body=True
)
ADD_VCENTER = Operation(
    "site_recovery", "replicationv_centers", "begin_create", "PUT", f"{_FABRIC}/replicationvCenters/*", body=True
)
DELETE_VCENTER = Operation(
    "site_recovery", "replicationv_centers", "begin_delete", "DELETE", f"{_FABRIC}/replicationvCenters/*"
)
RUN_COMMAND = Operation("compute", "virtual_machines", "begin_run_command", "POST", f"{_VM}/runCommand", body=True)
RESET_CONNECTION = Operation(
    "network",
    "virtual_network_gateway_connections",
    "begin_reset_connection",
    "POST",
    f"{_GROUP}{_NETWORK}/connections/*/resetconnection",
)
_RULE = f"{_GROUP}{_NETWORK}/networkSecurityGroups/*/securityRules/*"
ALLOW_PORT = Operation("network", "security_rules", "begin_create_or_update", "PUT", _RULE, body=True)
DELETE_RULE = Operation("network", "security_rules", "begin_delete", "DELETE", _RULE)

SENT = (
    REFRESH,
    START_VM,
    CREATE_POLICY,
    DELETE_POLICY,
    CREATE_MAPPING,
    REMOVE_MAPPING,
    REPROTECT,
    SWITCH_PROCESS_SERVER,
    RENEW_CERTIFICATE,
    ADD_VCENTER,
    DELETE_VCENTER,
    RUN_COMMAND,
    RESET_CONNECTION,
    ALLOW_PORT,
    DELETE_RULE,
)
"""What changes something, or asks a server to do something."""

JOB = Operation("site_recovery", "replication_jobs", "get", "GET", f"{_VAULT}/replicationJobs/*")
STATUS = Operation("site_recovery", "-", "status of an operation", "GET", f"{_VAULT}/replicationOperationStatus/*")
RESULT = Operation("site_recovery", "-", "result of an operation", "GET", f"{_PROVIDER}/operationresults/*")
VM_STATUS = Operation(
    "compute", "-", "status of an operation", "GET", "/subscriptions/*/providers/*/locations/*/operations/*"
)
_CREATED = (f"{_VAULT}/replicationPolicies/*", _MAPPING, f"{_FABRIC}/replicationvCenters/*", _RULE)
_RESULTS = (*_CREATED[:3], _ITEM, _FABRIC, "/subscriptions/*/providers/*/locations/*")

FOLLOWED = (
    JOB,
    STATUS,
    RESULT,
    VM_STATUS,
    *(
        Operation("site_recovery", "-", "result of an operation", "GET", f"{path}/operationresults/*")
        for path in _RESULTS
    ),
    *(Operation("site_recovery", "-", "what was created", "GET", path) for path in _CREATED),
)
"""What is asked while a change is followed to its end."""

PERMISSIONS = Operation(
    "vaults",
    "-",
    "permissions of this account",
    "GET",
    f"{_GROUP}/providers/*/*/*/providers/Microsoft.Authorization/permissions",
)
"""Asks what this account may do on a resource, before a change of it is shown."""

CHANGES = (*SENT, *FOLLOWED, PERMISSIONS)

HARMLESS = (REFRESH, START_VM)
"""Changes that may be sent twice: a second refresh or start does what the first did, and nothing more."""


def on_the_list(operations: tuple[Operation, ...], verb: str, url: str) -> bool:
    """Tell whether one of `operations` sends `verb` to this address. Paths compare without case, as in Azure."""
    path = re.sub("/+", "/", unquote(urlsplit(url).path))
    return any(one.verb == verb.upper() and _pattern(one.path).fullmatch(path) for one in operations)


def is_harmless(url: str) -> bool:
    """Tell whether a POST to this address may be repeated when nobody knows what became of it."""
    return on_the_list((*HARMLESS, *ASKING), "POST", url)


def names_in(operation: Operation, url: str) -> list[str]:
    """Return what the `*` of an operation's path stand for in an address, without the subscription."""
    path = re.sub("/+", "/", unquote(urlsplit(url).path))
    found = _capturing(operation.path).fullmatch(path)
    return list(found.groups()[1:]) if found else []


@cache
def _capturing(path: str) -> re.Pattern[str]:
    return re.compile("/?" + "([^/]+)".join(re.escape(part) for part in path.split("*")), re.IGNORECASE)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("/?" + "[^/]+".join(re.escape(part) for part in path.split("*")), re.IGNORECASE)
