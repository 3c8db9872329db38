"""The network watcher of the rehearsal's Azure, and the effective rules and routes of its network interfaces.

Each answer is a long-running operation whose result stands at its `Location`, as in Azure. The words of a connectivity
check are those of Microsoft's page; that nothing answers at a port is said by `ArmWire.listening`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from failback.rehearsal.arm_routes import INBOUND, OUTBOUND, Nic, Paths, Route
from failback.rehearsal.arm_store import Body, key_of

if TYPE_CHECKING:
    from failback.rehearsal.arm_wire import ArmWire, Reply, Request

AGENT = "AzureNetworkWatcherExtension"
NEAR_MS, FAR_MS = 2, 18
_LEADS_ON = frozenset({"VnetLocal", "VirtualNetworkGateway", "VirtualAppliance"})
_CONTEXT = {"NetworkSecurityRule": "RuleName", "UserDefinedRoute": "RouteType"}


def register(arm: ArmWire) -> None:
    """Teach `arm` what a network watcher is asked."""
    arm.on("POST", r"/networkWatchers/[^/]+/ipFlowVerify", _verify_ip_flow)
    arm.on("POST", r"/networkWatchers/[^/]+/nextHop", _next_hop)
    arm.on("POST", r"/networkWatchers/[^/]+/connectivityCheck", _check_connectivity)
    arm.on("POST", r"/networkInterfaces/[^/]+/effectiveRouteTable", _effective_routes)
    arm.on("POST", r"/networkInterfaces/[^/]+/effectiveNetworkSecurityGroups", _effective_groups)
    arm.on("GET", r"/providers/Microsoft\.Network/locations/[^/]+/operationResults/[^/]+", _result)


def _accepted(arm: ArmWire, request: Request, answer: Body) -> Reply:
    from failback.rehearsal.arm_wire import Reply

    operation = arm.operations.begin_answer(arm.clock.now(), answer)
    subscription = "/".join(key_of(request.path).split("/")[:3])
    place = f"{request.host}{subscription}/providers/Microsoft.Network/locations/{_location(arm, request)}"
    version = f"?api-version={request.api_version}"
    headers = {
        "Azure-AsyncOperation": f"{place}/operations/{operation.id}{version}",
        "Location": f"{place}/operationResults/{operation.id}{version}",
    }
    if arm.operations.retry_after is not None:
        headers["Retry-After"] = arm.operations.retry_after
    return Reply(202, None, headers)


def _location(arm: ArmWire, request: Request) -> str:
    body = arm.get(request.path.rpartition("/")[0]) or {}
    return str(body.get("location", "unknown"))


def _result(arm: ArmWire, request: Request) -> Reply:
    from failback.rehearsal.arm_wire import Reply

    operation = arm.operations.find(request.path.rpartition("/")[2])
    if operation is None:
        return Reply.error(404, "OperationNotFound", "The operation was not found.")
    done = operation.word(arm.clock.now()) == operation.final_word
    return Reply(200, operation.answer) if done else Reply(202, None)


def _source(arm: ArmWire, vm_id: str) -> Nic | Reply:
    """Return the interface of the VM that is asked about, or Azure's refusal."""
    from failback.rehearsal.arm_wire import Reply, not_found

    nic = Paths(arm).nic_of(vm_id)
    if nic is None:
        return not_found(vm_id)
    if not Paths(arm).runs(vm_id):
        message = f"The virtual machine {vm_id.rpartition('/')[2]} is not running."
        return Reply.error(400, "NetworkWatcherTargetVmNotRunning", message)
    return nic


def _verify_ip_flow(arm: ArmWire, request: Request) -> Reply:
    body = request.body
    nic = _source(arm, body["targetResourceId"])
    if not isinstance(nic, Nic):
        return nic
    goes_out = body["direction"] == OUTBOUND
    port = int(body["remotePort"] if goes_out else body["localPort"])
    allowed, rule = Paths(arm).verdict(nic, body["direction"], body["remoteIPAddress"], port)
    return _accepted(arm, request, {"access": "Allow" if allowed else "Deny", "ruleName": rule})


def _next_hop(arm: ArmWire, request: Request) -> Reply:
    nic = _source(arm, request.body["targetResourceId"])
    if not isinstance(nic, Nic):
        return nic
    route = Paths(arm).route_to(nic, request.body["destinationIPAddress"])
    answer: Body = {"nextHopType": route.next_hop, "routeTableId": route.table_id or "System Route"}
    if route.address:
        answer["nextHopIpAddress"] = route.address
    return _accepted(arm, request, answer)


def _check_connectivity(arm: ArmWire, request: Request) -> Reply:
    from failback.rehearsal.arm_wire import Reply

    vm_id = request.body["source"]["resourceId"]
    nic = _source(arm, vm_id)
    if not isinstance(nic, Nic):
        return nic
    if f"{vm_id}/extensions/{AGENT}" not in arm.store:
        message = f"The Network Watcher agent extension is not installed on {vm_id.rpartition('/')[2]}."
        return Reply.error(400, "NetworkWatcherExtensionNotInstalled", message)
    destination = request.body["destination"]
    return _accepted(arm, request, _tried(arm, nic, destination["address"], destination["port"]))


def _tried(arm: ArmWire, nic: Nic, address: str, port: int) -> Body:
    """Return what became of a connection from an interface to an address."""
    paths = Paths(arm)
    route = paths.route_to(nic, address)
    issue = _issue(arm, nic, route, address, port)
    on_the_way = issue is None and route.next_hop in _LEADS_ON
    reached = on_the_way and (address, port) in arm.listening
    far = {"type": "VnetLocal" if route.next_hop == "VnetLocal" else "Internet", "id": "2", "address": address}
    near = {"type": "Source", "id": "1", "address": nic.address, "resourceId": nic.vm_id, "nextHopIds": ["2"]}
    hops = [{**near, "issues": [issue] if issue else []}, {**far, "nextHopIds": [], "issues": []}]
    latency = NEAR_MS if route.next_hop == "VnetLocal" else FAR_MS
    times = {"avgLatencyInMs": latency, "minLatencyInMs": latency, "maxLatencyInMs": latency + 1} if reached else {}
    return {
        "hops": hops,
        "connectionStatus": "Reachable" if reached else "Unreachable",
        **times,
        "probesSent": 30,
        "probesFailed": 0 if reached else 30,
    }


def _issue(arm: ArmWire, nic: Nic, route: Route, address: str, port: int) -> Body | None:
    """Return what Azure finds in the way; None: nothing that it can see."""
    paths = Paths(arm)
    allowed, rule = paths.verdict(nic, OUTBOUND, address, port)
    if not allowed:
        return _found(OUTBOUND, "NetworkSecurityRule", rule)
    if route.next_hop == "VnetLocal":
        return _issue_there(paths, nic, address, port)
    return _found(OUTBOUND, "UserDefinedRoute", route.next_hop) if route.source == "User" else None


def _issue_there(paths: Paths, nic: Nic, address: str, port: int) -> Body | None:
    there = paths.nic_at(address)
    if there is None or not paths.runs(there.vm_id):
        return _found(INBOUND, "Platform", "the destination does not run")
    allowed, rule = paths.verdict(there, INBOUND, nic.address, port)
    return None if allowed else _found(INBOUND, "NetworkSecurityRule", rule)


def _found(origin: str, kind: str, about: str) -> Body:
    context = {"key": _CONTEXT.get(kind, kind), "value": about}
    return {"origin": origin, "severity": "Error", "type": kind, "context": [context]}


def _effective_routes(arm: ArmWire, request: Request) -> Reply:
    nic = _interface(arm, request)
    if not isinstance(nic, Nic):
        return nic
    rows = [
        {
            "source": one.source,
            "state": "Active",
            "addressPrefix": [one.prefix],
            "nextHopType": one.next_hop,
            "nextHopIpAddress": [one.address] if one.address else [],
        }
        for one in Paths(arm).routes(nic)
    ]
    return _accepted(arm, request, {"value": rows})


def _effective_groups(arm: ArmWire, request: Request) -> Reply:
    nic = _interface(arm, request)
    if not isinstance(nic, Nic):
        return nic
    rules = Paths(arm).rules(nic)
    rows = [
        {
            "networkSecurityGroup": {"id": group_id},
            "association": {"networkInterface": {"id": nic.id}},
            "effectiveSecurityRules": [
                {
                    "name": one.name,
                    "protocol": "All",
                    "direction": one.direction,
                    "access": "Allow" if one.allows else "Deny",
                    "priority": one.priority,
                    "destinationPortRange": one.ports,
                }
                for one in rules
                if one.group_id == group_id
            ],
        }
        for group_id in nic.group_ids
    ]
    return _accepted(arm, request, {"value": rows})


def _interface(arm: ArmWire, request: Request) -> Nic | Reply:
    from failback.rehearsal.arm_wire import not_found

    nic_id = request.path.rpartition("/")[0]
    body = arm.get(nic_id)
    return not_found(nic_id) if body is None else _source(arm, body["properties"]["virtualMachine"]["id"])
