"""A change as data: what is now, what will be, the calls that make it so, and what it all rests on (DESIGN 5.4).

Nothing here touches the world. All names are raw: screens and reports show them through `Outside.shown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from failback.errors import UsageError
from wizard_steps.outside import visible
from wizard_steps.wording import _

State = Mapping[str, Any]
"""Some properties of a target and their values, as JSON; `None` means "not set"."""

PROSE = ("title", "disturbs", "undo")
"""The fields written for people. Names in them are made visible before they get there."""


@dataclass(frozen=True)
class Call:
    """One call that will be sent, exactly as it will be sent.

    `system` is vcenter, azure or guest. For vCenter, `method` is the SOAP name and `args` are written as vSphere's own
    JSON binding does (`_this` is the object it is called on, `_typeName` a type that is not plain from the place).
    For Azure, `method` is the HTTP verb and `args` holds `path` (and `body`, when there is one).
    For a guest, `args` names the VM, the program by its hash, and the lines of data that the program reads.
    """

    system: str
    method: str
    args: Mapping[str, Any]

    def in_words(self) -> str:
        """Return the call in one line, safe to show: `azure POST /subscriptions/...`."""
        path = visible(str(self.args.get("path", "")), 1000)
        return f"{visible(self.system)} {visible(self.method)} {path}".rstrip()


@dataclass(frozen=True)
class ChangeTarget:
    """What is changed. `ref` is `<vCenter instanceUuid>/<managed object id>`, or an ARM id."""

    kind: str
    name: str
    system: str
    ref: str


@dataclass(frozen=True)
class Change:
    """One change to one target, complete enough to be shown, judged stale, sent, verified and undone."""

    id: str
    remedy: str
    requirement: str
    title: str
    target: ChangeTarget
    before: State
    after: State
    calls: tuple[Call, ...]
    rests_on: State
    disturbs: str
    reversible: bool
    undo: str
    privileges: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @staticmethod
    def from_json(data: object) -> Change:
        """Return the change that `to_json` wrote; raises `UsageError` for anything else."""
        found = _exactly(data, Change)
        target = _exactly(found["target"], ChangeTarget)
        for field in PROSE:
            if visible(text := _text(found[field], field), limit=len(text)) != text:
                raise malformed(_("{field} holds characters that this program never writes there").format(field=field))
        calls = tuple(Call(**_checked(_exactly(one, Call), Call)) for one in _list(found["calls"], "calls"))
        return Change(
            **{
                **_checked(found, Change),
                "target": ChangeTarget(**_checked(target, ChangeTarget)),
                "calls": calls,
                "privileges": tuple(_text(one, "privileges") for one in _list(found["privileges"], "privileges")),
            }
        )

    def differences(self) -> tuple[tuple[str, str, str], ...]:
        """Return what changes, for people: property, value now, value then."""
        keys = [*self.before, *(key for key in self.after if key not in self.before)]
        return tuple((visible(key), in_words(self.before.get(key)), in_words(self.after.get(key))) for key in keys)


def in_words(value: object) -> str:
    """Return a JSON value as a person reads it; text from outside is made visible."""
    if value is None:
        return _("not set")
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, Mapping):
        return ", ".join(f"{visible(str(key))} {in_words(one)}" for key, one in value.items() if one is not None)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(in_words(one) for one in value) or _("none")
    return visible(str(value))


def malformed(why: str) -> UsageError:
    """Return the error for a plan that was not written by this program, or was changed since."""
    return UsageError(_("the plan"), why, _("make a new one: failback plan"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _exactly(data: object, kind: type[Any]) -> dict[str, Any]:
    """Return `data` when it is an object with exactly the fields of `kind`."""
    if not isinstance(data, dict):
        raise malformed(_("{what} is not an object").format(what=kind.__name__))
    wanted = {one.name for one in fields(kind)}
    odd = sorted(set(data) ^ wanted)
    if odd:
        raise malformed(
            _("{what} lacks or should not have: {names}").format(
                what=kind.__name__, names=", ".join(visible(str(one)) for one in odd)
            )
        )
    return data


_PLAIN_TYPES: Mapping[str, type] = {"str": str, "bool": bool}


def _checked(found: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Return the fields whose types say everything: texts, switches and mappings."""
    kept: dict[str, Any] = {}
    for one in fields(kind):
        wanted = _PLAIN_TYPES.get(
            str(one.type), dict if "State" in str(one.type) or "Mapping" in str(one.type) else object
        )
        if not isinstance(found[one.name], wanted):
            raise malformed(_("{field} has a value of the wrong kind").format(field=one.name))
        kept[one.name] = found[one.name]
    return kept


def _list(value: object, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise malformed(_("{field} has a value of the wrong kind").format(field=field))
    return value


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise malformed(_("{field} has a value of the wrong kind").format(field=field))
    return value
