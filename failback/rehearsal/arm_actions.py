"""What the rehearsal's Azure does beside answering GETs: operations, power, and how lists differ from single answers.

Every behaviour here was seen in recorded answers of the service or is stated in its documentation; what is assumed
(connections losing their state in lists) is on the careful side, because the readers then ask for each one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from failback.rehearsal import arm_changing
from failback.rehearsal.arm_operations import Operation
from failback.rehearsal.arm_store import Body, azure_time, key_of

if TYPE_CHECKING:
    from failback.rehearsal.arm_wire import ArmWire, Reply, Request


def register(arm: ArmWire) -> None:
    """Teach `arm` the calls the product makes, and the shape of each list."""
    arm.view("LIST", "replicationProtectedItems", _trim_protected_item)
    arm.view("LIST", "connections", _trim_connection)
    arm.view("GET", "replicationFabrics", _without_historic_health)
    arm.on("GET", r"/virtualMachines/[^/]+", _virtual_machine)
    arm.on("GET", r"/virtualNetworkGateways/[^/]+/connections", _gateway_connections)
    arm.on("GET", r"/providers/Microsoft\.Compute/skus", _sizes)
    arm.on("GET", r"/providers/Microsoft\.Compute/locations/[^/]+/usages", _usages)
    arm.on("POST", r"/replicationRecoveryServicesProviders/[^/]+/refreshProvider", _refresh_provider)
    arm.on("GET", r"/vaults/[^/]+/replicationOperationStatus/[^/]+", _operation_status)
    arm.on("GET", r"/operationresults/[^/]+", _operation_result)
    arm.on("POST", r"/virtualMachines/[^/]+/(start|deallocate)", _power)
    arm.on("GET", r"/providers/Microsoft\.(Compute|Network)/locations/[^/]+/operations/[^/]+", _operation_status)
    arm_changing.register(arm)


# -- lists and single answers


def _trim_protected_item(body: Body) -> None:
    """Leave out the disks and the master target, as the list does; `get` has them."""
    details = body.get("properties", {}).get("providerSpecificDetails") or {}
    for name, value in (("protectedDisks", []), ("masterTargetId", None)):
        if name in details:
            details[name] = value


def _trim_connection(body: Body) -> None:
    """Leave out how a connection is, as the list does; `get` says it."""
    for name in ("connectionStatus", "egressBytesTransferred", "ingressBytesTransferred"):
        body.get("properties", {}).pop(name, None)


def _without_historic_health(body: Body) -> None:
    """Leave out `historicHealth` of the process servers: it comes in the list of fabrics only."""
    details = body.get("properties", {}).get("customDetails") or {}
    for server in details.get("processServers") or []:
        server.pop("historicHealth", None)


def _gateway_connections(arm: ArmWire, request: Request) -> Reply:
    """Answer a gateway's list of connections: those of the subscription that name it as one of their ends."""
    from failback.rehearsal.arm_wire import not_found

    gateway = request.path.rpartition("/")[0]
    if arm.get(gateway) is None:
        return not_found(gateway)
    subscription = "/".join(key_of(gateway).split("/")[:3])
    rows = arm.store.collection(f"{subscription}/providers/Microsoft.Network/connections", arm.clock.now())
    mine = [row for row in rows if key_of(gateway) in _ends(row)]
    for row in mine:
        _trim_connection(row)
        _only_refer(row)
    return arm.page(request, mine)


def _only_refer(connection: Body) -> None:
    """Leave of every other resource in a list entry nothing but its id."""
    properties = connection.get("properties", {})
    for name, value in properties.items():
        if isinstance(value, dict) and "id" in value:
            properties[name] = {"id": value["id"]}


def _ends(connection: Body) -> set[str]:
    properties = connection.get("properties", {})
    ends = (properties.get(f"virtualNetworkGateway{number}") or {} for number in (1, 2))
    return {key_of(end["id"]) for end in ends if end.get("id")}


SIZES = {
    "Standard_A8_v2": (81920, 16, 8, "standardAv2Family"),
    "Standard_D4s_v3": (32768, 16, 4, "standardDSv3Family"),
    "Standard_D4ds_v5": (153600, 16, 4, "standardDDSv5Family"),
    "Standard_D4s_v5": (0, 16, 4, "standardDSv5Family"),
    "Standard_D8s_v5": (0, 32, 8, "standardDSv5Family"),
    "Standard_E4s_v5": (0, 32, 4, "standardESv5Family"),
}
"""Sizes of VMs: temporary disk in MB, memory in GB, cores and quota family, as Microsoft's size tables state them."""

QUOTA = {"cores": (68, 200), "standardAv2Family": (0, 100), "standardDSv5Family": (68, 100)}
"""How many cores of each quota are in use, and how many there may be."""


def _sizes(arm: ArmWire, request: Request) -> Reply:
    """Answer the sizes of a location: the filter names it, as Azure demands."""
    location = request.query.get("$filter", "").partition("'")[2].rstrip("'")
    rows: list[Body] = [
        {
            "resourceType": "virtualMachines",
            "name": name,
            "family": family,
            "locations": [location],
            "restrictions": [],
            "capabilities": [
                {"name": "MaxResourceVolumeMB", "value": str(disk)},
                {"name": "vCPUs", "value": str(cores)},
                {"name": "MemoryGB", "value": str(memory)},
            ],
        }
        for name, (disk, memory, cores, family) in SIZES.items()
    ]
    return arm.page(request, rows)


def _usages(arm: ArmWire, request: Request) -> Reply:
    """Answer how much of each quota is in use."""
    rows: list[Body] = [
        {"unit": "Count", "currentValue": used, "limit": limit, "name": {"value": name, "localizedValue": name}}
        for name, (used, limit) in QUOTA.items()
    ]
    return arm.page(request, rows)


def _virtual_machine(arm: ArmWire, request: Request) -> Reply:
    """Answer the GET of a VM; with `$expand=instanceView` the view kept beside it is put into its properties."""
    from failback.rehearsal.arm_wire import Reply, not_found

    body = arm.get(request.path)
    if body is None:
        return not_found(request.path)
    if request.query.get("$expand") == "instanceView":
        body.setdefault("properties", {})["instanceView"] = arm.get(request.path + "/instanceView") or {}
    return Reply(200, body)


# -- operations


def accepted(arm: ArmWire, request: Request, operation: Operation, status_path: str, result_path: str) -> Reply:
    """Answer that an operation has begun, and where it is asked about."""
    from failback.rehearsal.arm_wire import Reply

    version = f"?api-version={request.api_version}"
    headers = {
        "Azure-AsyncOperation": f"{request.host}{status_path}/{operation.id}{version}",
        "Location": f"{request.host}{result_path}/{operation.id}{version}",
    }
    if arm.operations.retry_after is not None:
        headers["Retry-After"] = arm.operations.retry_after
    return Reply(202, None, headers)


def _refresh_provider(arm: ArmWire, request: Request) -> Reply:
    """Begin what the portal calls "Refresh server": a job in the vault; at its end the fabric is fresh."""
    from failback.rehearsal.arm_wire import not_found

    provider = request.path.rpartition("/")[0]
    fabric = provider.rpartition("/replicationRecoveryServicesProviders/")[0]
    if arm.get(provider) is None:
        return not_found(provider)
    vault = fabric.rpartition("/replicationFabrics/")[0]

    def done() -> None:
        _touch(arm, fabric, provider)
        arm.refreshed(fabric)

    operation = arm.operations.begin(arm.clock.now(), done, result_path=provider)
    keep_job(arm, vault, operation, provider)
    return accepted(arm, request, operation, f"{vault}/replicationOperationStatus", f"{provider}/operationresults")


def _touch(arm: ArmWire, fabric: str, provider: str) -> None:
    """Let the configuration server and its provider have been heard of just now."""
    now = azure_time(arm.clock.now())
    properties = arm.store.raw(provider).setdefault("properties", {})
    if properties.get("connectionStatus") == "Connected" and not callable(properties.get("lastHeartBeat")):
        properties["lastHeartBeat"] = now
    details = arm.store.raw(fabric).get("properties", {}).get("customDetails", {})
    if details.get("csServiceStatus") == "Running" and not callable(details.get("lastHeartbeat")):
        details["lastHeartbeat"] = now


_JOB_TITLES = {"RefreshRecoveryServicesProvider": "Refresh server"}


def keep_job(
    arm: ArmWire, vault: str, operation: Operation, target: str, scenario: str = "RefreshRecoveryServicesProvider"
) -> None:
    """Keep the job of the vault that shows an operation; when it failed, with its error, causes and advice."""
    name = target.rpartition("/")[2]

    def state(now: datetime) -> str:
        return operation.word(now)

    def ended(now: datetime) -> Any:
        return operation.ends if operation.word(now) == operation.final_word else None

    def errors(now: datetime) -> list[Body]:
        failed = operation.word(now) == operation.final_word and operation.error
        return [_job_error(operation.error or {})] if failed else []

    arm.put(
        f"{vault}/replicationJobs/{operation.id}",
        {
            "properties": {
                "scenarioName": scenario,
                "friendlyName": _JOB_TITLES.get(scenario, scenario),
                "state": state,
                "stateDescription": state,
                "tasks": [],
                "errors": errors,
                "startTime": operation.started,
                "endTime": ended,
                "targetObjectId": name,
                "targetObjectName": name,
                "targetInstanceType": "RecoveryServicesProvider",
                "customDetails": {"instanceType": "AsrJobDetails"},
            }
        },
    )


def _job_error(error: Body) -> Body:
    """Return an operation's error as a job tells it: Site Recovery's own account."""
    details = (error.get("details") or [{}])[0]
    advice = {name: details.get(name) for name in ("possibleCauses", "recommendedAction")}
    return {"serviceErrorDetails": {"code": error.get("code"), "message": error.get("message"), **advice}}


def _operation_status(arm: ArmWire, request: Request) -> Reply:
    from failback.rehearsal.arm_wire import Reply

    operation = arm.operations.find(request.path.rpartition("/")[2])
    if operation is None:
        return Reply.error(404, "OperationNotFound", "The operation was not found.")
    now = arm.clock.now()
    running = operation.word(now) != operation.final_word
    if request.query.get("monitor") == "true":  # what Compute's Location asks: the status says how far it is
        return Reply(202) if running else Reply(200, operation.answer)
    headers = {"Retry-After": arm.operations.retry_after} if running and arm.operations.retry_after else {}
    return Reply(200, operation.status_body(now, with_percent=arm.operations.with_percent), headers)


def _operation_result(arm: ArmWire, request: Request) -> Reply:
    from failback.rehearsal.arm_wire import Reply

    operation = arm.operations.find(request.path.rpartition("/")[2])
    if operation is None:
        return Reply.error(404, "OperationNotFound", "The operation was not found.")
    if operation.word(arm.clock.now()) != operation.final_word:
        return Reply(202, None, {"Location": f"{request.host}{request.path}?api-version={request.api_version}"})
    return Reply(200, arm.get(operation.result_path))


# -- power


def power_view(word: str, since: Any) -> Body:
    """Return an instance view whose power state is `word` (running, deallocated, stopped).

    `since` is a time, or a callable of the time now. As in Azure, the time stands in the provisioning status, which
    every start and stop renews; the power status has none.
    """
    provisioned = {"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}
    power = {"code": f"PowerState/{word}", "level": "Info", "displayStatus": f"VM {word}"}
    return {"statuses": [{**provisioned, "time": since}, power]}


def _power(arm: ArmWire, request: Request) -> Reply:
    from failback.rehearsal.arm_wire import Reply, not_found

    machine, _slash, verb = request.path.rpartition("/")
    body = arm.get(machine)
    if body is None:
        return not_found(machine)
    after = "running" if verb.lower() == "start" else "deallocated"

    def done() -> None:
        arm.put(machine + "/instanceView", power_view(after, arm.clock.now()))

    if after == "running":
        arm.put(machine + "/instanceView", power_view("starting", arm.clock.now()))
    operation = arm.operations.begin(arm.clock.now(), done)
    subscription = "/".join(key_of(machine).split("/")[:3])
    operations = f"{subscription}/providers/Microsoft.Compute/locations/{body.get('location', 'unknown')}/operations"
    answer = accepted(arm, request, operation, operations, operations)
    return Reply(202, None, {**answer.headers, "Location": answer.headers["Location"] + "&monitor=true"})
