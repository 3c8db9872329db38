"""From a `Profile` to TOML text that keeps everything it does not change: comments, order, spelling."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli
import tomli_w

from failback.profiles.lines import with_section
from failback.profiles.migrating import migrated
from failback.profiles.model import SCHEMA_VERSION, Profile
from failback.profiles.reading import profile_of
from wizard_steps.choices import Limits

_ROWS = {  # what tells two rows of a list of tables apart
    "attestations": ("requirement", "subject"),
    "target": ("master_target",),
    "location": ("machine",),
}
_SITE_KEYS = ("configuration_server_failback_ip", "site_recovery_vcenter_user", "link_mbps")


def text_of(profile: Profile, path: Path, present: str | None = None) -> str:
    """Return the text of the profile's file `path`.

    `present` is what the file holds now: only the sections that differ are written anew, so the operator's
    comments stay. What comes out is parsed again before it is believed; where a section cannot be replaced in
    place (written inline, say), the whole document is written instead, which loses comments but no setting.
    """
    wanted = _document(profile, path)
    if present is None:
        return _spelled(wanted)
    written = tomli.loads(present)
    old = migrated(written)
    loaded = _document(profile_of(dict(profile.document) or old, path), path)
    merged = _merged(old, loaded, wanted)
    text = present
    for key in [*written, *(key for key in merged if key not in written)]:
        if written.get(key) != merged.get(key):
            text = with_section(text, key, _spelled({key: merged[key]}) if key in merged else "")
    return text if _says(text, merged) else _spelled(merged)


def as_written(profile: Profile) -> Profile:
    """Return a profile that was just written: the next writing carries over what differs from it as it is now."""
    return replace(profile, document=_document(profile, profile.path)) if profile.path else profile


def _says(text: str, document: Mapping[str, Any]) -> bool:
    """Tell whether a text parses to exactly this document."""
    try:
        return tomli.loads(text) == document
    except tomli.TOMLDecodeError:
        return False


def _merged(raw: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the document now in the file with what differs between `before` and `after` carried over.

    `before` is what was loaded, `after` what the profile holds now: what somebody else wrote into the file in
    between stays, where it concerns other keys. A default that was spelled out stays spelled out; a path stays
    written as it was.
    """
    result = copy.deepcopy(raw)
    for key, old, new in _differences(before, after):
        if isinstance(old, dict) and isinstance(new, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], old, new)
        elif key in _ROWS and result.get(key) != old:
            result[key] = _merged_rows(_ROWS[key], result.get(key), old, new)
        elif new is None:
            result.pop(key, None)
        else:
            result[key] = new
    return {key: value for key, value in result.items() if value != [] or key not in _ROWS}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each key whose values differ, with both of them (`None`: it is not there)."""
    for key in {*before, *after}:
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)


def _merged_rows(
    names: tuple[str, ...], raw: list[Any] | None, before: list[Any] | None, after: list[Any] | None
) -> list[Any]:
    """Return the rows now in the file with those added, changed and removed between `before` and `after`."""

    def keyed(rows: list[Any] | None) -> dict[tuple[Any, ...], Any]:
        return {tuple(row.get(name) for name in names): row for row in rows or ()}

    result, old, new = keyed(raw), keyed(before), keyed(after)
    for key in old:
        if key not in new:
            result.pop(key, None)
    result |= {key: row for key, row in new.items() if row != old.get(key)}
    return list(result.values())


def _document(profile: Profile, path: Path) -> dict[str, Any]:
    """Return the profile as the document that describes it in full; what is not set is left out."""
    folder = path.parent
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "name": profile.name,
        **({"read_only": True} if profile.read_only else {}),
        "vcenter": _table(vars(profile.vcenter), folder),
        "azure": _table(vars(profile.azure), folder),
        "vault": _table(vars(profile.vault), folder),
        "site": _table({key: getattr(profile.choices, key) for key in _SITE_KEYS}, folder),
        "choices": _choices(profile, folder),
        "attestations": [_table(vars(one), folder) for one in profile.attestations],
        "limits": {key: value for key, value in vars(profile.limits).items() if value != getattr(Limits(), key)},
        "secrets": _table({"store": profile.secret_store, "keyring": profile.keyring}, folder),
    }
    return {key: value for key, value in document.items() if value not in ({}, [])}


def _choices(profile: Profile, folder: Path) -> dict[str, Any]:
    picked = profile.choices
    tables = {
        "machines": list(picked.machines),
        "target": [_table(vars(one), folder) for one in picked.targets],
        "location": [_table(vars(one), folder) for one in picked.locations],
        "same_machine": dict(picked.same_machine),
    }
    return {key: value for key, value in tables.items() if value}


def _table(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the values that are set, in the types of TOML; files below `folder` are written relative to it."""
    return {key: _plain(value, folder) for key, value in values.items() if value is not None and value != ()}


def _plain(value: Any, folder: Path) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Path):
        inside = os.path.relpath(value, folder)
        return str(value) if inside.startswith("..") else Path(inside).as_posix()
    return value


def _spelled(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """Return TOML with every table under a header of its own, as the profile's documentation shows them.

    The library would write short tables inline, where nobody finds them.
    """
    plain = {key: value for key, value in values.items() if not _tables(value)}
    parts = [tomli_w.dumps(plain)] if plain else []
    for key, value in values.items():
        inner = (*path, key)
        header = ".".join(_bare_or_quoted(part) for part in inner)
        if isinstance(value, dict):
            parts.append((f"[{header}]\n" if _needs_header(value) else "") + _spelled(value, inner))
        elif _tables(value):
            parts += [f"[[{header}]]\n{_spelled(one, inner)}" for one in value]
    return "\n".join(parts)


def _needs_header(table: Mapping[str, Any]) -> bool:
    """Tell whether a table has to be named: one of nothing but tables is named by their headers."""
    return not table or not all(_tables(one) for one in table.values())


def _tables(value: object) -> bool:
    """Tell whether a value is a table, or a list of tables only."""
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
    )


def _bare_or_quoted(key: str) -> str:
    """Return a key as a header needs it."""
    return tomli_w.dumps({key: 0}).partition(" = ")[0]
