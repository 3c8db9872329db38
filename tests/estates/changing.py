"""A small language for saying "the same case, but": a path into the case, and what stands there instead.

    change(case, "vcenter.machines[MT01].snapshots", (Snapshot(...),))
    change(case, "azure.protected_items[*].instance_type", not_seen("denied"))
    change(case, "azure.vms[web01]", None)                 # Azure says there is no such VM
    change(case, "server.process_servers[CS01]", GONE)     # taken out of its list
    change(case, "server.providers[0].last_heartbeat", minutes_ago(20))
    change(case, "vcenter.hosts[host-1].memory_used_mb", lambda used: used * 2)

A path starts at the case. `azure` and `vcenter` lead into its estate, `server` to its only configuration server,
`target` to its first chosen master target. Readings on the way are looked through. `[x]` picks from a list or a
mapping by index, id, last part of an id, managed object id or name; `[*]` picks all.
A plain value is wrapped as the place asks: in `seen(...)` with the source that stood there, in `Outside(...)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.estates.ready_azure import NOW
from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, seen


class _Gone:
    """What stands in a path's place when it is taken out of its list or mapping."""

    def __repr__(self) -> str:
        return "GONE"


GONE: Any = _Gone()
_STEP = re.compile(r"\.?([A-Za-z_]+)|\[([^\]]*)\]")
_SHORTCUTS = {
    "azure": "estate.azure",
    "vcenter": "estate.vcenter",
    "server": "estate.azure.configuration_servers[0]",
    "target": "choices.targets[0]",
}
_NAMES = ("ref", "id", "name", "machine_name", "machine", "master_target", "key", "code")


def minutes_ago(minutes: float) -> datetime:
    """Return the moment so many minutes before the ready case is judged; negative: after."""
    return NOW - timedelta(minutes=minutes)


def days_ago(days: float) -> datetime:
    """Return the moment so many days before the ready case is judged; negative: after."""
    return NOW - timedelta(days=days)


def change(case: Case, path: str, value: object) -> Case:
    """Return the case with what stands at `path` replaced by `value`; raises `LookupError` for a path that leads nowhere."""
    first, rest = re.match(r"[A-Za-z_]+", path), ""
    if first is None:
        raise LookupError(f"{path!r} does not start with a name")
    rest = path[first.end() :]
    changed: Case = _put(case, _steps(_SHORTCUTS.get(first[0], first[0]) + rest), value, path)
    return changed


def change_all(case: Case, changes: Mapping[str, object]) -> Case:
    """Return the case with several changes made, in order."""
    for path, value in changes.items():
        case = change(case, path, value)
    return case


def _steps(path: str) -> list[str | int]:
    """Return a path as steps; a picking step keeps its bracket, so that it is told from a name."""
    return [found[1] or f"[{found[2]}" for found in _STEP.finditer(path)]


def _put(here: Any, steps: Sequence[str | int], value: object, path: str) -> Any:
    if not steps:
        return _fitted(here, value)
    if isinstance(here, Reading):
        return seen(_put(here.value, steps, value, path), here.source)
    step, rest = str(steps[0]), steps[1:]
    if not step.startswith("["):
        if not hasattr(here, step):
            raise LookupError(f"{path}: {type(here).__name__} has no {step}")
        return replace(here, **{step: _put(getattr(here, step), rest, value, path)})
    places = _picked(here, step[1:])
    if not places:
        raise LookupError(f"{path}: nothing answers to {step}]")
    if isinstance(here, Mapping):
        kept = {key: _put(one, rest, value, path) if key in places else one for key, one in here.items()}
        return {key: one for key, one in kept.items() if one is not GONE}
    new = [_put(one, rest, value, path) if place in places else one for place, one in enumerate(here)]
    return tuple(one for one in new if one is not GONE)


def _picked(here: Any, wanted: str) -> list[Any]:
    """Return the indexes or keys that `wanted` picks."""
    things = list(here.items()) if isinstance(here, Mapping) else list(enumerate(here))
    if wanted == "*":
        return [place for place, _thing in things]
    if isinstance(here, Mapping):
        return [key for key, _thing in things if wanted.casefold() in _readable(key)]
    if wanted.isdigit():
        return [place for place, _thing in things if place == int(wanted)]
    return [
        place
        for place, thing in things
        if any(wanted.casefold() in _readable(getattr(thing, name, None)) for name in _NAMES)
    ]


def _readable(text: object) -> tuple[str, ...]:
    """Return what a name or an id answers to, case folded: itself, and the last part of an id."""
    raw = text.raw if isinstance(text, Outside) else text
    return (raw.casefold(), raw.casefold().rpartition("/")[2]) if isinstance(raw, str) else ()


def _fitted(old: object, value: object) -> object:
    """Return `value` as the place of `old` asks for it."""
    if value is GONE or isinstance(value, Reading):
        return value
    if isinstance(old, Reading):
        return seen(_fitted(old.or_else(None), value), old.source)
    if callable(value) and not isinstance(value, type):
        apply: Callable[[Any], object] = value
        return apply(old)
    return Outside(value) if isinstance(old, Outside) and isinstance(value, str) else value


__all__ = ["GONE", "change", "change_all", "days_ago", "minutes_ago"]
