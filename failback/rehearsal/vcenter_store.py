"""The managed objects of a vCenter held in memory: what the rehearsal wire answers from.

Building a site::

    from pyVmomi import vim
    store = Store()
    store.add("host-10", "HostSystem", {"name": "esx01.example.com", "runtime.connectionState": "connected"})
    store.add("vm-42", "VirtualMachine", {
        "name": "MT01",
        "runtime.powerState": "poweredOn",
        "runtime.host": "host-10",
        "datastore": ["datastore-1"],
        "config.extraConfig": [vim.option.OptionValue(key="disk.EnableUUID", value="FALSE")],
        "summary.quickStats.uptimeSeconds": lambda now: int((now - booted).total_seconds()),
    })

A property path walks the types that vSphere *declares*: a path that vCenter refuses (`configurationEx.drsConfig` is
one, a property of a subclass) is refused here when it is added. A path may be as deep as the site likes; what is
asked for must be that path or lie below it. Plain strings become the enumeration or the reference, plain lists the
typed array that vSphere declares. A value may be a function of the time now (aware, UTC). A path that was never given
is *unset*, as in vCenter; `hide` makes the server name the path in the answer's `missingSet` instead.

`set` changes what is there (the engineer of the rehearsal site uses it as well), `get` reads it back. Values are kept
as they are given: whoever changes one hands over a new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pyVmomi.VmomiSupport import DataObject, Enum, GetVmodlType, GuessWsdlType, ManagedObject

Steps = tuple[str, ...]
UNSET: Final = None
"""What `get` answers for a property that has no value."""

_STEP = re.compile(r"\w+|\[[^\]]+\]")


class UnknownPathError(LookupError):
    """vSphere declares no such property on that type; vCenter refuses the whole call (`InvalidProperty`)."""


class NotALeafError(LookupError):
    """The path is above what the site was given: this wire answers leaf paths only."""


class NoSuchObjectError(LookupError):
    """No managed object has this id."""


@dataclass
class _Object:
    kind: type[ManagedObject]
    values: dict[Steps, Any] = field(default_factory=dict)
    hidden: dict[Steps, Any] = field(default_factory=dict)


class Store:
    """Managed objects by id (`vm-42`). Not locked: the wire holds its own lock around every use."""

    def __init__(self) -> None:
        self._objects: dict[str, _Object] = {}

    def add(self, moref: str, type_name: str, properties: Mapping[str, Any]) -> ManagedObject:
        """Put a managed object of that vSphere type (`VirtualMachine`) into the store and return its reference.

        Raises `ValueError` for an id that is taken, `UnknownPathError` for a path that vSphere does not declare and
        `TypeError` for a value of another type than it declares.
        """
        if moref in self._objects:
            raise ValueError(f"{moref} is in the store already")
        self._objects[moref] = _Object(managed_type(type_name))
        self.set(moref, properties)
        return self.ref(moref)

    def remove(self, moref: str) -> None:
        """Take an object away, as after `Destroy_Task`."""
        self._object(moref)
        del self._objects[moref]

    def set(self, moref: str, changes: Mapping[str, Any]) -> None:
        """Change properties by path; `None` unsets one. A path may lie inside a data object that is stored whole."""
        stored = self._object(moref)
        for path, value in changes.items():
            steps = split_path(path)
            wanted = declared_type(stored.kind, path)
            self._put(stored, steps, None if value is None else self._as_declared(value, wanted, f"{moref} {path}"))

    def get(self, moref: str, path: str, now: datetime | None = None) -> Any:
        """Return the value at `path` (`None` when unset); `now` feeds values that are functions of the time.

        Raises `UnknownPathError`, or `NotALeafError` when the site knows only parts of what is asked for.
        """
        stored = self._object(moref)
        wanted = declared_type(stored.kind, path)
        steps = split_path(path)
        for length in range(len(steps), 0, -1):
            if steps[:length] in stored.values:
                value = stored.values[steps[:length]]
                found = _walk(value(now) if _is_of_the_clock(value) else value, steps[length:])
                return UNSET if found is None else self._as_declared(found, wanted, f"{moref} {path}")
        if any(known[: len(steps)] == steps for known in stored.values):
            raise NotALeafError(f"{stored.kind.__name__}.{path}: ask for the leaves below it")
        return UNSET

    def hide(self, moref: str, path: str, fault: Any) -> None:
        """From now on answer that path with `fault` in `missingSet` (for instance `vim.fault.NoPermission`)."""
        stored = self._object(moref)
        declared_type(stored.kind, path)
        stored.hidden[split_path(path)] = fault

    def hidden(self, moref: str, path: str) -> Any:
        """Return the fault that hides this path or one above it, or `None`."""
        steps = split_path(path)
        hidden = self._object(moref).hidden
        return next((hidden[steps[:n]] for n in range(len(steps), 0, -1) if steps[:n] in hidden), None)

    def show(self, moref: str, path: str) -> None:
        """Undo `hide`."""
        self._object(moref).hidden.pop(split_path(path), None)

    def ref(self, moref: str) -> ManagedObject:
        """Return a reference to a stored object, of its own type and bound to no connection."""
        return self._object(moref).kind(moref)

    def kind_of(self, moref: str) -> type[ManagedObject]:
        """Return the pyvmomi class of a stored object."""
        return self._object(moref).kind

    def of_kind(self, *kinds: type[ManagedObject]) -> Iterator[str]:
        """Yield the ids of all objects of these classes and their subclasses, in the order they were added."""
        return (moref for moref, stored in list(self._objects.items()) if issubclass(stored.kind, kinds))

    def __contains__(self, moref: object) -> bool:
        return moref in self._objects

    def _object(self, moref: str) -> _Object:
        try:
            return self._objects[moref]
        except KeyError:
            raise NoSuchObjectError(moref) from None

    @staticmethod
    def _put(stored: _Object, steps: Steps, value: Any) -> None:
        for length in range(len(steps) - 1, 0, -1):
            holder = stored.values.get(steps[:length])
            if isinstance(holder, DataObject):
                inner = _walk(holder, steps[length:-1])
                setattr(inner, steps[-1], value)
                return
        for below in [known for known in stored.values if known[: len(steps)] == steps]:
            del stored.values[below]
        if value is not None:
            stored.values[steps] = value

    def _as_declared(self, value: Any, wanted: Any, where: str) -> Any:
        if _is_of_the_clock(value):
            return lambda now: self._as_declared(value(now), wanted, where)
        if wanted is object:
            return value
        if issubclass(wanted, list):
            return wanted([self._as_declared(item, wanted.Item, where) for item in value])
        if isinstance(value, str) and issubclass(wanted, ManagedObject):
            return self.ref(value) if value in self._objects else wanted(value)
        return _one_of(wanted, value, where) if issubclass(wanted, Enum) else _as_plain(wanted, value, where)


def _one_of(words: Any, value: Any, where: str) -> Any:
    if value not in vars(words):
        raise TypeError(f"{where}: {value!r} is no {words.__name__}")
    return words(value)


def _as_plain(wanted: Any, value: Any, where: str) -> Any:
    if isinstance(value, bool) is not (wanted is bool) or not isinstance(value, _plain(wanted)):
        raise TypeError(f"{where}: {type(value).__name__} where vSphere declares {wanted.__name__}")
    return wanted(value) if issubclass(wanted, (str, int, float)) and wanted is not bool else value


def managed_type(type_name: str) -> type[ManagedObject]:
    """Return the pyvmomi class of a vSphere type name such as `VirtualMachine` (`vim.VirtualMachine` is taken too)."""
    found: type[ManagedObject] = GetVmodlType(type_name) if "." in type_name else GuessWsdlType(type_name)
    if not issubclass(found, ManagedObject):
        raise TypeError(f"{type_name} is no managed object")
    return found


def split_path(path: str) -> Steps:
    """Split `config.hardware.device[2000].label` into its steps; a key stays in its brackets."""
    return tuple(_STEP.findall(path))


def declared_type(kind: type[ManagedObject], path: str) -> Any:
    """Return the type that vSphere declares at `path`; raises `UnknownPathError` as vCenter would refuse it."""
    found: Any = kind
    for step in split_path(path):
        if step.startswith("["):
            found = found.Item
            continue
        try:
            found = found._GetPropertyInfo(step).type  # noqa: SLF001 -- pyvmomi's public, underscored way to ask
        except AttributeError:
            raise UnknownPathError(f"{kind.__name__} declares no {path}") from None
    return found


def _walk(value: Any, steps: Steps) -> Any:
    for step in steps:
        if value is None:
            return UNSET
        if step.startswith("["):
            value = next((item for item in value if str(item.key) == step[1:-1]), None)
        else:
            value = getattr(value, step, None)
    return value


def _plain(wanted: Any) -> Any:
    return int if issubclass(wanted, int) else str if issubclass(wanted, str) else wanted


def _is_of_the_clock(value: Any) -> bool:
    return isinstance(value, Callable) and not isinstance(value, type)  # type: ignore[arg-type]
