"""Holds a JSON body to the models of Microsoft's own libraries: names, JSON types, times, discriminators, enumerations.

The models carry the names of the REST interface and annotations; walking both needs neither the specifications nor
another program, and it is always the api-version that the libraries really send. It looks at underscore attributes of
the models (`_attr_to_rest_field`, `__mapping__`); a test of its own fails first when a new version moves them.

What it does not know: which fields are required, and which codes and headers an operation answers with.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import importlib
import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from failback.azure import allowed

_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$")

KNOWN_EXTRAS = frozenset(
    {
        "ProcessServer.historicHealth",  # recorded in real lists of fabrics, in no specification
        # Recorded in real mappings; the libraries know only the newer providers by a model of their own.
        "ProtectionContainerMappingProviderSpecificDetails=InMage",
        "ProtectionContainerMappingProviderSpecificDetails=InMageAzureV2",
        "HubVirtualNetworkConnection.type",  # Resource Manager names the type of every resource
        "VpnConnection.type",
        "ConnectionStatus=*",  # Microsoft's own page says Reachable and Unreachable
        "VirtualMachineSizeTypes=*",  # a list of sizes as of 2017, kept open
    }
)
"""What Azure really sends and its own models do not know, as `Model.field` or `Model=word`."""

_PACKAGES = {
    "site_recovery": "azure.mgmt.recoveryservicessiterecovery",
    "vaults": "azure.mgmt.recoveryservices",
    "compute": "azure.mgmt.compute",
    "network": "azure.mgmt.network",
}

MODELS = {
    allowed.VAULT: "Vault",
    allowed.FABRICS: "Fabric",
    allowed.FABRIC: "Fabric",
    allowed.PROVIDERS: "RecoveryServicesProvider",
    allowed.CONTAINERS: "ProtectionContainer",
    allowed.MAPPINGS: "ProtectionContainerMapping",
    allowed.VCENTERS: "VCenter",
    allowed.POLICIES: "Policy",
    allowed.ITEMS: "ReplicationProtectedItem",
    allowed.ITEM: "ReplicationProtectedItem",
    allowed.PROTECTABLE_ITEM: "ProtectableItem",
    allowed.RECOVERY_POINTS: "RecoveryPoint",
    allowed.RESULT: "RecoveryServicesProvider",
    allowed.VM: "VirtualMachine",
    allowed.SIZES: "ResourceSku",
    allowed.NICS: "NetworkInterface",
    allowed.NETWORKS: "VirtualNetwork",
    allowed.GATEWAYS: "VirtualNetworkGateway",
    allowed.CONNECTIONS: "VirtualNetworkGatewayConnectionListEntity",
    allowed.CONNECTION: "VirtualNetworkGatewayConnection",
    allowed.LOCAL_GATEWAY: "LocalNetworkGateway",
    allowed.CIRCUITS: "ExpressRouteCircuit",
    allowed.HUBS: "VirtualHub",
    allowed.HUB_NETWORKS: "HubVirtualNetworkConnection",
    allowed.HUB_VPN_GATEWAY: "VpnGateway",
    allowed.HUB_VPN_CONNECTIONS: "VpnConnection",
    allowed.VPN_SITE: "VpnSite",
    allowed.HUB_EXPRESSROUTE: "ExpressRouteGateway",
    allowed.USAGES: "Usage",
    allowed.WATCHERS: "NetworkWatcher",
}
"""The model of what each call answers, or of one row of it."""

ANSWERS = (
    "VerificationIPFlowResult",
    "NextHopResult",
    "ConnectivityInformation",
    "EffectiveRouteListResult",
    "EffectiveNetworkSecurityGroupListResult",
)
"""The models of what probes answer. They all come from one kind of address, so an answer has to fit one of them."""


def complaints(verb: str, url: str, body: Any) -> list[str]:
    """Return what is wrong with a good answer's body, by the model of the call; empty when nothing is.

    A call that no model is known for is a complaint too; a status of an operation has none and is let pass.
    """
    for operation, name in MODELS.items():
        if allowed.on_the_list((operation,), verb, url):
            rows = body["value"] if isinstance(body, Mapping) and set(body) <= {"value", "nextLink"} else [body]
            return [text for row in rows for text in of_model(operation.client, name, row)]
    if allowed.on_the_list((allowed.STATUS, allowed.VM_STATUS, allowed.NETWORK_STATUS), verb, url):
        return []
    if allowed.on_the_list((allowed.NETWORK_RESULT,), verb, url):
        return min((of_model("network", name, body) for name in ANSWERS), key=len)
    return [f"no model is known for {verb} {url}"]


def of_model(client: str, name: str, body: Any) -> list[str]:
    """Return what is wrong with `body` by one model of a client's library."""
    models = importlib.import_module(f"{_PACKAGES[client]}.models")
    checker = _Checker(importlib.import_module(f"{_PACKAGES[client]}._utils.model_base").Model, models)
    return list(checker.value(getattr(models, name), body, name))


class _Checker:
    """Walks a value and the annotation it should fit, side by side."""

    def __init__(self, base: type, models: Any) -> None:
        self._base = base
        inner = importlib.import_module(f"{models.__name__}._models")
        enums = importlib.import_module(f"{models.__name__}._enums")
        self._names = {
            **vars(typing),
            **vars(enums),
            **vars(inner),
            "_models": models,
            "datetime": dt,
            "decimal": decimal,
        }

    def value(self, expected: Any, value: Any, path: str) -> Iterator[str]:
        """Yield what is wrong with `value`; null fits everything, as every field is optional."""
        expected = self._resolved(expected)
        if value is None or expected is Any:
            return
        origin = typing.get_origin(expected)
        if origin is typing.Union:
            yield from self._union(expected, value, path)
        elif origin is list:
            yield from self._list(expected, value, path)
        elif origin is dict:
            yield from self._dict(expected, value, path)
        elif isinstance(expected, type) and issubclass(expected, self._base):
            yield from self._object(expected, value, path)
        else:
            yield from _plain(expected, value, path)

    def _resolved(self, expected: Any) -> Any:
        if isinstance(expected, typing.ForwardRef):
            expected = expected.__forward_arg__
        if isinstance(expected, str):
            return self._resolved(eval(expected, self._names))  # noqa: S307 -- an annotation of the library's own
        return expected

    def _union(self, expected: Any, value: Any, path: str) -> Iterator[str]:
        kinds = [self._resolved(kind) for kind in typing.get_args(expected) if kind is not type(None)]
        words = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, enum.Enum)]
        if len(kinds) == 1:
            yield from self.value(kinds[0], value, path)
        elif words and not _is_word_of(words[0], value):
            yield f"{path}: {value!r} is no word of {words[0].__name__}"

    def _list(self, expected: Any, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: a list is expected, not {value!r}"
            return
        for index, row in enumerate(value):
            yield from self.value(typing.get_args(expected)[0], row, f"{path}[{index}]")

    def _dict(self, expected: Any, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path}: an object is expected, not {value!r}"
            return
        for name, row in value.items():
            yield from self.value(typing.get_args(expected)[1], row, f"{path}.{name}")

    def _object(self, model: Any, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path}: an object is expected, not {value!r}"
            return
        chosen = _chosen_by_discriminator(model, value)
        if chosen is None:
            yield f"{path}: no model of {model.__name__} goes by that discriminator"
            return
        fields = {field._rest_name: name for name, field in _fields(chosen).items()}
        hints: dict[str, Any] = {}
        for ancestor in reversed(chosen.__mro__):
            hints.update(getattr(ancestor, "__annotations__", {}))
        for name, row in value.items():
            if name not in fields:
                if f"{chosen.__name__}.{name}" not in KNOWN_EXTRAS:
                    yield f"{path}.{name}: {chosen.__name__} has no such field"
                continue
            yield from self.value(hints.get(fields[name], Any), row, f"{path}.{name}")


def _is_word_of(words: Any, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    known = {str(one.value).casefold() for one in words}
    return value.casefold() in known or f"{words.__name__}=*" in KNOWN_EXTRAS


def _fields(model: Any) -> Mapping[str, Any]:
    model.__new__(model, {})  # the library fills the table at the first construction
    fields: Mapping[str, Any] = model._attr_to_rest_field
    return fields


def _chosen_by_discriminator(model: Any, value: Mapping[str, Any]) -> Any:
    """Return the model that the value's discriminator names, down to the last; None for an unknown word."""
    name = next((one._rest_name for one in _fields(model).values() if getattr(one, "_is_discriminator", False)), None)
    below = getattr(model, "__mapping__", None) or {}
    if name is None or not below or f"{model.__name__}={value.get(name)}" in KNOWN_EXTRAS:
        return model
    chosen = below.get(value.get(name))
    return chosen if chosen in (None, model) else _chosen_by_discriminator(chosen, value)


_PLAIN: dict[Any, tuple[type, ...]] = {str: (str,), bool: (bool,), int: (int,), float: (int, float)}


def _plain(expected: Any, value: Any, path: str) -> Iterator[str]:
    if expected is dt.datetime:
        if not (isinstance(value, str) and _TIME.match(value)):
            yield f"{path}: {value!r} is no time"
    elif expected in _PLAIN:
        fits = isinstance(value, _PLAIN[expected]) and (expected is bool or not isinstance(value, bool))
        if not fits:
            yield f"{path}: {expected.__name__} is expected, not {value!r}"
