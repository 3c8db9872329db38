"""The JSON resources of the rehearsal's Azure, kept by ARM id. Requests for them are `arm_wire`'s business.

An id is compared without case, as Azure does; the spelling of the first `put` is what answers show. A JSON value may
be a callable of the time now (`lambda now: now - timedelta(minutes=1)`), so that a heartbeat stays fresh while the
rehearsal clock runs; a `datetime` becomes Azure's own text.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

Json = Any
"""What `json.dumps` takes, plus times and callables of the time now."""

Body = dict[str, Any]
"""One resource."""

_TOP_LEVEL = 3  # namespace, type, name


def segments(path: str) -> list[str]:
    """Return the parts of an ARM path between its slashes."""
    return [part for part in path.split("/") if part]


@lru_cache(maxsize=4096)  # every request compares the same few hundred ids
def key_of(path: str) -> str:
    """Return the form of an ARM id under which it is compared: lower case, one slash between parts."""
    return "/" + "/".join(segments(path)).lower()


@lru_cache(maxsize=4096)
def provider_parts(path: str) -> tuple[str, ...]:
    """Return what follows the last `/providers/`: namespace, type, name, type, name ...; empty without a provider."""
    parts = segments(path)
    for index in range(len(parts) - 1, -1, -1):
        if parts[index].lower() == "providers":
            return tuple(parts[index + 1 :])
    return ()


def names_a_resource(path: str) -> bool:
    """Tell whether the path ends in a name (a resource) and not in a type (a collection or a view)."""
    return len(provider_parts(path)) % 2 == 1 and len(provider_parts(path)) > 1


def azure_time(moment: datetime) -> str:
    """Write an aware time as Site Recovery does: UTC, seven digits of a second, `Z`."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def rendered(value: Json, now: datetime) -> Json:
    """Return plain JSON: callables asked for their value at `now`, times written out, containers copied."""
    if value is None or isinstance(value, (str, int, float)):  # nearly all of them: asked first
        return value
    if isinstance(value, dict):
        return {key: rendered(item, now) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rendered(item, now) for item in value]
    if isinstance(value, datetime):
        return azure_time(value)
    return rendered(value(now), now) if callable(value) else value


class ArmStore:
    """Resources by ARM id. Not thread-safe by itself: `ArmWire` holds one lock around it."""

    def __init__(self) -> None:
        """Start empty."""
        self._bodies: dict[str, Body] = {}

    def put(self, resource_id: str, body: Mapping[str, Json]) -> None:
        """Keep a resource, in place of an earlier one of that id.

        `id`, `name` and `type` are filled in where the path ends in a name. A path that ends in a type, such as
        `.../vaults/V/replicationVaultHealth` or `.../virtualMachines/X/instanceView`, is kept just as it is given.
        """
        path = "/" + "/".join(segments(resource_id))
        whole: Body = dict(copy.deepcopy(dict(body)))
        if names_a_resource(path):
            namespace, *rest = provider_parts(path)
            whole = {"id": path, "name": rest[-1], "type": "/".join([namespace, *rest[0::2]]), **whole}
        self._bodies[key_of(path)] = whole

    def raw(self, resource_id: str) -> Body:
        """Return the kept body itself, for changing in place; raises `KeyError` without such a resource."""
        return self._bodies[key_of(resource_id)]

    def remove(self, resource_id: str) -> None:
        """Forget a resource and everything below it; no error when it is not there."""
        key = key_of(resource_id)
        for known in [k for k in self._bodies if k == key or k.startswith(key + "/")]:
            del self._bodies[known]

    def __contains__(self, resource_id: str) -> bool:
        """Tell whether there is such a resource."""
        return key_of(resource_id) in self._bodies

    def ids(self) -> list[str]:
        """Return the comparison keys of all resources, in the order they came."""
        return list(self._bodies)

    def knows(self, resource_id: str) -> bool:
        """Tell whether there is such a resource, also inside its parent."""
        key = key_of(resource_id)
        return key in self._bodies or self._row_inside(key) is not None

    def read(self, resource_id: str, now: datetime) -> Body | None:
        """Return a resource as it is at `now`, or one that its parent carries inside (a subnet), else None."""
        key = key_of(resource_id)
        if key in self._bodies:
            body: Body = rendered(self._bodies[key], now)
            return body
        row = self._row_inside(key)
        return None if row is None else rendered(row, now)

    def _row_inside(self, key: str) -> Mapping[str, Json] | None:
        parent, _slash, name = key.rpartition("/")
        parent, _slash, kind = parent.rpartition("/")
        if parent not in self._bodies:
            return None
        properties = self._bodies[parent].get("properties")
        rows = next((v for k, v in (properties or {}).items() if k.lower() == kind and isinstance(v, list)), [])
        for row in rows:
            if isinstance(row, Mapping) and str(row.get("name", "")).lower() == name:
                return row
        return None

    def collection(self, path: str, now: datetime) -> list[Body]:
        """Return every resource that a list of `path` holds: of its last type, anywhere below what it names.

        `/subscriptions/S/providers/NS/type` lists the whole subscription, `.../resourceGroups/G/providers/NS/type`
        one group, `.../vaults/V/replicationProtectedItems` every item of the vault, at any depth.
        """
        return [rendered(self._bodies[key], now) for key in self._below(path)]

    def _below(self, path: str) -> Iterator[str]:
        scope, _slash, kind = key_of(path).rpartition("/")
        namespace = ""
        if scope.rpartition("/")[0].endswith("/providers"):
            scope, _marker, namespace = scope.rpartition("/providers/")
        for key in self._bodies:
            if not key.startswith(scope + "/"):
                continue
            parts = provider_parts(key)
            top_level = len(parts) == _TOP_LEVEL and parts[0] == namespace
            if names_a_resource(key) and parts[-2] == kind and (top_level or not namespace):
                yield key
