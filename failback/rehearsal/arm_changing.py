"""What the rehearsal's Azure does when it is changed: policies, mappings, reprotection, records, rules, commands.

A request is held to what the service documents of it: a missing field, an unknown id or a guard that does not hold is
refused at once, as the service refuses it. What the service does then is assumed where no recording shows it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from failback.rehearsal.arm_operations import Operation
from failback.rehearsal.arm_store import Body, key_of

if TYPE_CHECKING:
    from failback.rehearsal.arm_wire import ArmWire, Reply, Request

Done = Callable[[], None]
_CERTIFICATE_LASTS = timedelta(days=3 * 365)
_VAULT = re.compile(r".*?/vaults/[^/]+", re.IGNORECASE)
_ALWAYS_EXCLUDED = "Temporary Storage"


def register(arm: ArmWire) -> None:
    """Teach `arm` every call that changes something and stands in no other module."""
    mapping = r"/replicationProtectionContainers/[^/]+/replicationProtectionContainerMappings/[^/]+"
    arm.on("PUT", r"/replicationPolicies/[^/]+", _create_policy)
    arm.on("DELETE", r"/replicationPolicies/[^/]+", _delete_policy)
    arm.on("PUT", mapping, _create_mapping)
    arm.on("POST", mapping + "/remove", _remove_mapping)
    arm.on("POST", r"/replicationProtectedItems/[^/]+/reProtect", _reprotect)
    arm.on("POST", r"/replicationFabrics/[^/]+/reassociateGateway", _switch)
    arm.on("POST", r"/replicationFabrics/[^/]+/renewCertificate", _renew)
    arm.on("PUT", r"/replicationvCenters/[^/]+", _add_vcenter)
    arm.on("DELETE", r"/replicationvCenters/[^/]+", _delete_vcenter)
    arm.on("POST", r"/virtualMachines/[^/]+/runCommand", _run_command)
    arm.on("POST", r"/connections/[^/]+/resetconnection", _reset_connection)
    arm.on("PUT", r"/networkSecurityGroups/[^/]+/securityRules/[^/]+", _put_rule)
    arm.on("DELETE", r"/networkSecurityGroups/[^/]+/securityRules/[^/]+", _delete_rule)


def _refused(code: str, message: str, status: int = 400) -> Reply:
    from failback.rehearsal.arm_wire import Reply

    return Reply.error(status, code, message)


def _missing(arm: ArmWire, path: str) -> Reply | None:
    from failback.rehearsal.arm_wire import not_found

    return not_found(path) if arm.get(path) is None else None


def _in_the_vault(arm: ArmWire, request: Request, target: str, scenario: str, done: Done) -> Reply:
    """Begin an operation of a vault, with the job that shows it; its result is `target`."""
    from failback.rehearsal.arm_actions import accepted, keep_job

    vault = _VAULT.match(target)[0]  # type: ignore[index]  # every target is below one: the routes see to it
    operation: Operation = arm.operations.begin(arm.clock.now(), done, result_path=target)
    keep_job(arm, vault, operation, target, scenario)
    return accepted(arm, request, operation, f"{vault}/replicationOperationStatus", f"{target}/operationresults")


def _outside_the_vault(arm: ArmWire, request: Request, provider: str, done: Done, answer: Any = None) -> Reply:
    from failback.rehearsal.arm_actions import accepted
    from failback.rehearsal.arm_wire import Reply

    operation = arm.operations.begin(arm.clock.now(), done)
    operation.answer = answer
    subscription = "/".join(key_of(request.path).split("/")[:3])
    place = f"{subscription}/providers/{provider}/locations/here/operations"
    answer = accepted(arm, request, operation, place, place)
    return Reply(202, None, {**answer.headers, "Location": answer.headers["Location"] + "&monitor=true"})


def _properties(request: Request) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (request.body or {}).get("properties") or {}
    return found


# -- policies


def _create_policy(arm: ArmWire, request: Request) -> Reply:
    said = dict(_properties(request).get("providerSpecificInput") or {})
    if said.get("instanceType") != "InMage":
        return _refused("InvalidParameter", "The rehearsal makes failback policies only (InMage).")
    said["multiVmSyncStatus"] = "Enabled" if said.get("multiVmSyncStatus") == "Enable" else "Disabled"
    name = request.path.rpartition("/")[2]
    body = {"properties": {"friendlyName": name, "providerSpecificDetails": said}}
    return _in_the_vault(arm, request, request.path, "AddProtectionProfile", lambda: arm.put(request.path, body))


def _delete_policy(arm: ArmWire, request: Request) -> Reply:
    vault = request.path.rpartition("/replicationPolicies/")[0]
    mappings = arm.store.collection(f"{vault}/replicationProtectionContainerMappings", arm.clock.now())
    if any(key_of(one["properties"]["policyId"]) == key_of(request.path) for one in mappings):
        return _refused("PolicyInUse", "The policy is associated with a protection container.")
    return _missing(arm, request.path) or _in_the_vault(
        arm, request, request.path, "RemoveProtectionProfile", lambda: arm.remove(request.path)
    )


def _create_mapping(arm: ArmWire, request: Request) -> Reply:
    said = _properties(request)
    container = request.path.rpartition("/replicationProtectionContainerMappings/")[0]
    policy = arm.get(str(said.get("policyId", "")))
    target = arm.get(str(said.get("targetProtectionContainerId", "")))
    if policy is None or target is None or arm.get(container) is None:
        return _refused("ResourceNotFound", "The policy or a protection container was not found.")
    kind = (said.get("providerSpecificInput") or {}).get("instanceType")
    if kind != policy["properties"]["providerSpecificDetails"]["instanceType"]:
        return _refused("InvalidParameter", "The provider of the mapping is not that of its policy.")
    body = {
        "properties": {
            "policyId": policy["id"],
            "policyFriendlyName": policy["name"],
            "targetProtectionContainerId": target["id"],
            "targetProtectionContainerFriendlyName": target["properties"].get("friendlyName"),
            "state": "Paired",
            "health": "Normal",
            "healthErrorDetails": [],
            "providerSpecificDetails": {"instanceType": kind},
        }
    }
    return _in_the_vault(arm, request, request.path, "AssociatePolicy", lambda: arm.put(request.path, body))


def _remove_mapping(arm: ArmWire, request: Request) -> Reply:
    mapping = request.path.rpartition("/")[0]
    return _missing(arm, mapping) or _in_the_vault(
        arm, request, mapping, "DissociatePolicy", lambda: arm.remove(mapping)
    )


# -- reprotection


def _reprotect(arm: ArmWire, request: Request) -> Reply:
    item_id = request.path.rpartition("/")[0]
    item = arm.get(item_id)
    if item is None:
        return _missing(arm, item_id) or _refused("ResourceNotFound", item_id)
    said = _properties(request)
    details: Mapping[str, Any] = said.get("providerSpecificDetails") or {}
    wrong = _wrong_with(arm, item_id, item, said, details)
    if wrong:
        return _refused("InvalidParameter", wrong)
    return _in_the_vault(arm, request, item_id, "Reprotect", lambda: arm.edit(item_id, _reversed(arm, details)))


def _wrong_with(
    arm: ArmWire, item_id: str, item: Body, said: Mapping[str, Any], details: Mapping[str, Any]
) -> str | None:
    """Return what is wrong with a request to reprotect, by the servers that the fabric has."""
    fabric = arm.get(item_id.rpartition("/replicationProtectionContainers/")[0]) or {}
    servers = fabric.get("properties", {}).get("customDetails", {})
    target = next((one for one in servers["masterTargetServers"] if one["id"] == details.get("masterTargetId")), None)
    policy = arm.get(str(details.get("profileId", ""))) or {}
    kind = policy.get("properties", {}).get("providerSpecificDetails", {}).get("instanceType")
    volumes = _each("volumeName", (target or {}).get("retentionVolumes", []))
    listed = _each("symbolicName", (target or {}).get("dataStores", []))
    excluded = (details.get("diskExclusionInput") or {}).get("volumeOptions") or []
    checks = (
        (said.get("failoverDirection") == "RecoveryToPrimary", "failoverDirection"),
        (details.get("instanceType") == "InMage", "instanceType"),
        ("ReverseReplicate" in item["properties"]["allowedOperations"], "the operation is not allowed now"),
        (target is not None, "masterTargetId"),
        (details.get("processServerId") in _each("id", servers["processServers"]), "processServerId"),
        (details.get("retentionDrive") in volumes, "retentionDrive"),
        (kind == "InMage", "profileId"),
        (details.get("datastoreName") in (None, *listed), "datastoreName"),
        (any(one.get("volumeLabel") == _ALWAYS_EXCLUDED for one in excluded), "diskExclusionInput"),
    )
    return next((name for good, name in checks if not good), None)


def _each(name: str, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    return [row[name] for row in rows]


def _reversed(arm: ArmWire, details: Mapping[str, Any]) -> Callable[[Body], None]:
    """Return the change that makes of a failed-over item one that replicates home (shapes: recorded answers)."""

    def change(body: Body) -> None:
        inside = body["properties"]
        kept = inside["providerSpecificDetails"]
        inside.update(
            activeLocation="Primary",
            protectionState="Protected",
            protectionStateDescription="Protected",
            allowedOperations=["UnplannedFailover", "DisableProtection"],
            policyId=details["profileId"],
        )
        inside["providerSpecificDetails"] = {
            **{name: value for name, value in kept.items() if name not in {"targetVmId", "vmNics"}},
            "instanceType": "InMage",
            "activeSiteType": "Azure",
            "discoveryType": "Physical",
            "masterTargetId": details["masterTargetId"],
            "processServerId": details["processServerId"],
            "retentionDrive": details["retentionDrive"],
            "datastoreName": details.get("datastoreName"),
            "lastRpoCalculatedTime": arm.clock.now(),
        }

    return change


# -- the configuration server


def _switch(arm: ArmWire, request: Request) -> Reply:
    fabric = request.path.rpartition("/")[0]
    said = _properties(request)
    servers = (arm.get(fabric) or {}).get("properties", {}).get("customDetails", {}).get("processServers", [])
    known = {one["id"] for one in servers}
    if not {said.get("sourceProcessServerId"), said.get("targetProcessServerId")} <= known:
        return _refused("InvalidParameter", "A process server of that id is not registered.")
    items = [
        f"{fabric}/replicationProtectionContainers/{said.get('containerName')}/replicationProtectedItems/{one}"
        for one in said.get("vmsToMigrate") or []
    ]
    missing = next((refusal for one in items if (refusal := _missing(arm, one))), None)

    def done() -> None:
        for one in items:
            inside = arm.store.raw(one)["properties"]["providerSpecificDetails"]
            inside["processServerId"] = said["targetProcessServerId"]

    return missing or _in_the_vault(arm, request, fabric, "ReassociateGateway", done)


def _renew(arm: ArmWire, request: Request) -> Reply:
    fabric = request.path.rpartition("/")[0]
    if _properties(request).get("renewCertificateType") != "Cloud":
        return _refused("InvalidParameter", "renewCertificateType")

    def done() -> None:
        details = arm.store.raw(fabric)["properties"]["customDetails"]
        details["sslCertExpiryDate"] = arm.clock.now() + _CERTIFICATE_LASTS
        details["sslCertExpiryRemainingDays"] = _CERTIFICATE_LASTS.days

    return _missing(arm, fabric) or _in_the_vault(arm, request, fabric, "RenewCertificate", done)


def _add_vcenter(arm: ArmWire, request: Request) -> Reply:
    fabric = request.path.rpartition("/replicationvCenters/")[0]
    said = _properties(request)
    accounts = (arm.get(fabric) or {}).get("properties", {}).get("customDetails", {}).get("runAsAccounts", [])
    if said.get("runAsAccountId") not in {one["accountId"] for one in accounts}:
        return _refused("InvalidParameter", "The configuration server has no such account.")
    body = {
        "properties": {
            "friendlyName": said["friendlyName"],
            "ipAddress": said["ipAddress"],
            "port": said["port"],
            "runAsAccountId": said["runAsAccountId"],
            "processServerId": said["processServerId"],
            "infrastructureId": str(uuid.uuid4()),
            "discoveryStatus": "DiscoveryCompleted",
            "lastHeartbeat": arm.clock.now(),
            "healthErrors": [],
        }
    }
    return _in_the_vault(arm, request, request.path, "AddVCenter", lambda: arm.put(request.path, body))


def _delete_vcenter(arm: ArmWire, request: Request) -> Reply:
    return _missing(arm, request.path) or _in_the_vault(
        arm, request, request.path, "RemoveVCenter", lambda: arm.remove(request.path)
    )


# -- compute and network


def _run_command(arm: ArmWire, request: Request) -> Reply:
    machine = request.path.rpartition("/")[0]
    said = request.body or {}
    if said.get("commandId") not in ("RunPowerShellScript", "RunShellScript") or not said.get("script"):
        return _refused("InvalidParameter", "commandId and script are required.")
    view = arm.get(machine + "/instanceView") or {}
    if not any(one.get("code") == "PowerState/running" for one in view.get("statuses", [])):
        return _refused("OperationNotAllowed", "Cannot modify extensions in the VM when the VM is not running.", 409)
    answer = _command_answer(said["commandId"], *_ran(said["script"]))
    return _missing(arm, machine) or _outside_the_vault(arm, request, "Microsoft.Compute", lambda: None, answer)


def _ran(script: list[str]) -> tuple[str, str]:
    """Return what a script prints at its good end, and its errors: every machine here has the service it starts."""
    return "\n".join(
        line.partition("'")[2].rstrip("'") for line in script if line.startswith(("Write-Output", "echo"))
    ), ""


def _command_answer(command: str, out: str, err: str) -> Body:
    """Return the answer of a command, as Compute documents it: it has "succeeded" whatever the script said."""
    if command == "RunShellScript":
        text = f"Enable succeeded: \n[stdout]\n{out}\n\n[stderr]\n{err}\n"
        return {"value": [_said("ProvisioningState/succeeded", text)]}
    rows = (("StdOut", out), ("StdErr", err))
    return {"value": [_said(f"ComponentStatus/{name}/succeeded", text) for name, text in rows]}


def _said(code: str, text: str) -> Body:
    return {"code": code, "level": "Info", "displayStatus": "Provisioning succeeded", "message": text}


def _reset_connection(arm: ArmWire, request: Request) -> Reply:
    connection = request.path.rpartition("/")[0]

    def done() -> None:
        arm.store.raw(connection)["properties"]["connectionStatus"] = "Connected"

    return _missing(arm, connection) or _outside_the_vault(arm, request, "Microsoft.Network", done)


def _put_rule(arm: ArmWire, request: Request) -> Reply:
    """PUT of a security rule; If-None-Match: * refuses one that is there, and a priority is taken once a direction."""
    from failback.rehearsal.arm_wire import Reply

    group = request.path.rpartition("/securityRules/")[0]
    parent = arm.store.raw(group) if group in arm.store else None
    if parent is None:
        return _missing(arm, group) or _refused("ResourceNotFound", group)
    name, said = request.path.rpartition("/")[2], dict(_properties(request))
    rules: list[Body] = parent["properties"].setdefault("securityRules", [])
    others = [one for one in rules if one["name"].lower() != name.lower()]
    if request.headers.get("if-none-match") == "*" and len(others) < len(rules):
        return _refused("PreconditionFailed", "The rule exists already.", 412)
    taken = [(one["properties"]["priority"], one["properties"]["direction"]) for one in others]
    if (said.get("priority"), said.get("direction")) in taken:
        return _refused("SecurityRuleConflict", "Another rule has the same priority and direction.")
    version = uuid.uuid4()
    body = {
        "name": name,
        "id": request.path,
        "etag": f'W/"{version}"',
        "properties": {**said, "provisioningState": "Succeeded"},
    }
    rules[:] = [*others, body]
    return Reply(201, body)


def _delete_rule(arm: ArmWire, request: Request) -> Reply:
    group, _slash, name = request.path.rpartition("/securityRules/")
    rules: list[Body] = arm.store.raw(group)["properties"].get("securityRules", []) if group in arm.store else []
    found = next((one for one in rules if one["name"].lower() == name.lower()), None)
    wanted = request.headers.get("if-match")
    if found is not None and wanted not in (None, found.get("etag")):
        return _refused("PreconditionFailed", "The rule was changed in between.", 412)

    def done() -> None:
        rules[:] = [one for one in rules if one is not found]

    return _outside_the_vault(arm, request, "Microsoft.Network", done)
