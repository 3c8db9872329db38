"""Azure Resource Manager in memory, for the rehearsal site and for tests: JSON resources that answer requests.

    arm = ArmWire(clock)
    vault = "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V"
    arm.put(vault, {"location": "japaneast"})
    arm.put(fabric, {"properties": {..., "lastHeartbeat": lambda now: now - timedelta(minutes=1)}})
    arm.put(vault + "/replicationVaultHealth", {...})       # a path ending in a type is kept as it is given
    arm.put(vm + "/instanceView", power_view("running", since))   # also answers GET vm?$expand=instanceView
    arm.edit(fabric, change)                                # change(body) edits the kept JSON in place
    arm.remove(vm)                                          # with everything below it
    arm.get(vm)                                             # as it is now, or None
    arm.view("LIST", "replicationProtectedItems", trim)     # trim(body) edits what a list shows; "GET" likewise
    arm.on("POST", r"/virtualMachines/[^/]+/redeploy", action)    # action(arm, request) -> Reply
    arm.when_refreshed(change)                              # change(arm, fabric_id) after each good refreshProvider
    arm.fault("GET", r"/replicationFabrics$", Reply.error(429, ...), times=None)   # None: every time
    arm.operations.seconds = 40                             # how long operations take, on the clock
    arm.listening.add(("10.20.0.10", 443))                  # who answers a connection that a probe tries
    arm.requests                                            # what was asked, in order

Parents are put before children: a child whose parent does not exist answers 404 in Azure's own shape, as in Azure.
A GET of a stored id answers its body. A GET of a listed type below a known scope answers its resources, in pages
of `page_size` with `nextLink`; whole subscriptions, resource groups and vaults can be listed. What nobody taught it
answers 501 loudly. It imports no SDK: `arm_transport` puts it under azure-core, the tests put it behind TLS.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from failback.clock import Clock
from failback.rehearsal.arm_operations import Operations
from failback.rehearsal.arm_store import ArmStore, Body, key_of, names_a_resource, provider_parts, segments


@dataclass(frozen=True)
class Request:
    """A request as it came in: `path` without host and query, header names in lower case, the body as JSON or None."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    host: str  # scheme and host, as the caller spelt them: links in answers lead back to it

    @property
    def api_version(self) -> str:
        """The api-version asked for, empty without one."""
        return self.query.get("api-version", "")


@dataclass(frozen=True)
class Reply:
    """An answer. `dropped`: the connection breaks without one; `hangs`: none comes within the caller's patience."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False
    hangs: bool = False

    @staticmethod
    def error(status: int, code: str, message: str, **headers: str) -> Reply:
        """Return an error in Azure Resource Manager's shape; header names take `_` for `-`."""
        body = {"error": {"code": code, "message": message}}
        return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    @property
    def content(self) -> bytes:
        """The bytes of the body; a `bytes` body is sent as it is (a proxy's page, broken JSON)."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def all_headers(self) -> dict[str, str]:
        """Return the headers to send, with content type and request id."""
        kind = {} if self.body is None else {"Content-Type": "application/json; charset=utf-8"}
        return {"x-ms-request-id": str(uuid.uuid4()), **kind, **self.headers}


Action = Callable[["ArmWire", Request], Reply]
Projection = Callable[[Body], None]


@dataclass
class _Fault:
    method: str
    path: re.Pattern[str]
    reply: Reply | Action
    left: int | None


class ArmWire:
    """The simulator. Every public method may be called from any thread."""

    def __init__(self, clock: Clock, *, page_size: int = 50) -> None:
        """Start empty, with the actions of `arm_actions` registered; `clock` gives the time of every answer."""
        from failback.rehearsal import arm_actions, arm_watcher  # they need the names above

        self.clock = clock
        self.page_size = page_size
        self.operations = Operations()
        self.requests: list[Request] = []
        self.store = ArmStore()
        self.lock = threading.RLock()
        self._actions: list[tuple[str, re.Pattern[str], Action]] = []
        self._faults: list[_Fault] = []
        self._views: dict[tuple[str, str], Projection] = {}
        self.listening: set[tuple[str, int]] = set()  # address and port of whatever answers a connection
        self._refresh_hooks: list[Callable[[ArmWire, str], None]] = []
        arm_actions.register(self)
        arm_watcher.register(self)

    # -- what the site and the tests say

    def put(self, resource_id: str, body: Mapping[str, Any]) -> None:
        """Keep a resource, in place of an earlier one of that id; values may be callables of the time now."""
        with self.lock:
            self.store.put(resource_id, body)

    def edit(self, resource_id: str, change: Projection) -> None:
        """Change a kept resource in place; raises `KeyError` without such a resource."""
        with self.lock:
            change(self.store.raw(resource_id))

    def remove(self, resource_id: str) -> None:
        """Forget a resource and everything below it."""
        with self.lock:
            self.store.remove(resource_id)

    def get(self, resource_id: str) -> Body | None:
        """Return a resource as it is now, or None."""
        with self.lock:
            self.operations.settle(self.clock.now())
            return self.store.read(resource_id, self.clock.now())

    def on(self, method: str, path: str, action: Action) -> None:
        """Answer `method` on paths that match `path` (a pattern, to the end) with `action`; the latest wins."""
        with self.lock:
            self._actions.insert(0, (method, re.compile(path + "$", re.IGNORECASE), action))

    def view(self, how: str, kind: str, change: Projection) -> None:
        """Let `change` edit what a `LIST` or a `GET` shows of resources of this type; the kept JSON stays as it is."""
        with self.lock:
            self._views[how, kind.lower()] = change

    def when_refreshed(self, change: Callable[[ArmWire, str], None]) -> None:
        """Call `change(arm, fabric_id)` whenever a configuration server's refresh has succeeded."""
        self._refresh_hooks.append(change)

    def refreshed(self, fabric_id: str) -> None:
        """Tell everyone who asked that this fabric was refreshed."""
        for change in self._refresh_hooks:
            change(self, fabric_id)

    def fault(self, method: str, path: str, reply: Reply | Action, *, times: int | None = 1) -> None:
        """Answer the next `times` matching requests with `reply` instead; None means from now on."""
        with self.lock:
            self._faults.append(_Fault(method, re.compile(path, re.IGNORECASE), reply, times))

    def mend(self) -> None:
        """Forget every fault."""
        with self.lock:
            self._faults.clear()

    # -- what the wire asks

    def handle(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        """Answer one request, as Azure would at this moment of the clock."""
        parts = urlsplit(url)
        request = Request(
            method.upper(),
            unquote(parts.path),
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            {name.lower(): value for name, value in headers.items()},
            _json_or_none(content),
            f"{parts.scheme}://{parts.netloc}",
        )
        with self.lock:
            self.requests.append(request)
            self.operations.settle(self.clock.now())
            return self._faulty(request) or self._refused(request) or self._answer(request)

    def _faulty(self, request: Request) -> Reply | None:
        for fault in self._faults:
            if fault.method == request.method and fault.path.search(request.path) and fault.left != 0:
                if fault.left is not None:
                    fault.left -= 1
                return fault.reply if isinstance(fault.reply, Reply) else fault.reply(self, request)
        return None

    def _refused(self, request: Request) -> Reply | None:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            message = "Authentication failed. The 'Authorization' header is missing."
            return Reply.error(401, "AuthenticationFailed", message)
        if not request.api_version:
            message = "The api-version query parameter (?api-version=) is required for all requests."
            return Reply.error(400, "MissingApiVersionParameter", message)
        return None

    def _answer(self, request: Request) -> Reply:
        for method, path, action in self._actions:
            if method == request.method and path.search(request.path):
                return action(self, request)
        if request.method != "GET":
            return _not_taught(request)
        body = self.store.read(request.path, self.clock.now())
        if body is not None:
            if names_a_resource(request.path):
                self._seen_through("GET", provider_parts(request.path)[-2], body)
            return Reply(200, body)
        return self._missing_parent(request.path) or self._nothing_there(request)

    def _seen_through(self, how: str, kind: str, body: Body) -> Body:
        change = self._views.get((how, kind.lower()))
        if change is not None:
            change(body)
        return body

    def _nothing_there(self, request: Request) -> Reply:
        parts = provider_parts(request.path)
        if names_a_resource(request.path):
            return not_found(request.path)
        if parts and parts[-1].lower() in LISTED_TYPES:
            rows = self.store.collection(request.path, self.clock.now())
            return self.page(request, [self._seen_through("LIST", parts[-1], row) for row in rows])
        return _not_taught(request)

    def page(self, request: Request, rows: list[Body]) -> Reply:
        """Answer one page of `rows`, with a `nextLink` back to the caller's host when there are more."""
        start = int(request.query.get("$skipToken", "0"))
        end = start + self.page_size
        body: Body = {"value": rows[start:end]}
        if end < len(rows):
            kept = {**request.query, "$skipToken": str(end)}
            query = "&".join(f"{quote(name)}={quote(value)}" for name, value in kept.items())
            body["nextLink"] = f"{request.host}{request.path}?{query}"
        return Reply(200, body)

    def _missing_parent(self, path: str) -> Reply | None:
        """Return the 404 for the outermost thing in the path that does not exist, or None when all of it does."""
        parts = segments(path)
        known = self.store.ids()
        for kind, code in (("subscriptions", "SubscriptionNotFound"), ("resourcegroups", "ResourceGroupNotFound")):
            at = next((i for i, part in enumerate(parts[:-1]) if part.lower() == kind), None)
            scope = key_of("/".join(parts[: at + 2])) if at is not None else ""
            if at is not None and not any(f"{key}/".startswith(scope + "/") for key in known):
                return Reply.error(404, code, f"'{parts[at + 1]}' could not be found.")
        below = len(provider_parts(path))
        for depth in range(3, below, 2):
            parent = "/".join(parts[: len(parts) - below + depth])
            if not self.store.knows(parent):
                return not_found(parent)
        return None


LISTED_TYPES = frozenset(
    {
        "vaults",
        "replicationfabrics",
        "replicationrecoveryservicesproviders",
        "replicationprotectioncontainers",
        "replicationprotectioncontainermappings",
        "replicationpolicies",
        "replicationprotecteditems",
        "replicationprotectableitems",
        "replicationvcenters",
        "replicationjobs",
        "replicationevents",
        "replicationrecoveryplans",
        "recoverypoints",
        "virtualmachines",
        "disks",
        "networkinterfaces",
        "virtualnetworks",
        "subnets",
        "virtualnetworkpeerings",
        "virtualnetworkgateways",
        "localnetworkgateways",
        "connections",
        "expressroutecircuits",
        "networksecuritygroups",
        "securityrules",
        "networkwatchers",
        "routetables",
        "publicipaddresses",
        "virtualhubs",
        "hubvirtualnetworkconnections",
        "vpngateways",
        "vpnconnections",
        "vpnsites",
        "expressroutegateways",
    }
)


def not_found(path: str) -> Reply:
    """Return Azure's 404 for a resource; Site Recovery adds possible causes and a recommended action to it."""
    namespace, *rest = provider_parts(path)
    name = "/".join(rest[1::2])
    kind = "/".join([namespace, *rest[0::2]])
    reply = Reply.error(404, "ResourceNotFound", f"The Resource '{kind}/{name}' was not found.")
    below_a_vault = kind.lower().startswith("microsoft.recoveryservices/vaults/")
    if below_a_vault:
        reply.body["error"]["details"] = [
            {
                "code": "ResourceNotFound",
                "message": reply.body["error"]["message"],
                "possibleCauses": "The object might have been deleted, or never existed.",
                "recommendedAction": "Refresh the configuration server, then try again.",
                "clientRequestId": str(uuid.uuid4()),
                "activityId": str(uuid.uuid4()),
            }
        ]
    return reply


def denied(action: str, scope: str) -> Reply:
    """Return Azure's 403 for an account that may not do `action` on `scope`."""
    message = (
        "The client 'operator@example.com' with object id '00000000-0000-0000-0000-000000000001' does not have "
        f"authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. "
        "If access was recently granted, please refresh your credentials."
    )
    return Reply.error(403, "AuthorizationFailed", message)


def _json_or_none(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def _not_taught(request: Request) -> Reply:
    """Say loudly that this simulator does not know the call: it must not look like an answer of Azure's."""
    return Reply.error(501, "NotSimulated", f"The rehearsal's Azure was never taught {request.method} {request.path}")
