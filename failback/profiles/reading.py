"""From TOML text to a `Profile`, with every mistake named together with its line and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import tomli

from failback.errors import ProfileError
from failback.profiles.lines import Path as KeyPath
from failback.profiles.lines import line_of
from failback.profiles.migrating import migrated
from failback.profiles.model import (
    CLOUDS,
    KEYRINGS,
    SCHEMA_VERSION,
    SECRET_STORES,
    SIGN_INS,
    AzureSettings,
    Profile,
    VaultSettings,
    VCenterSettings,
)
from failback.profiles.values import Check, one_of, positive, switch, text, texts, whole_number
from failback.profiles.values import WrongError as _Wrong
from wizard_steps.choices import Attestation, Choices, Limits, LocationChoice, TargetChoice
from wizard_steps.outside import visible
from wizard_steps.wording import _

_HOST_NAME = re.compile(r"(?=[^-.])[\w.-]+")  # also IPv4
_WITH_PORT = re.compile(r"([\w.-]+|\[[^]]*\]):\d*")
_AZURE_NAME = re.compile(r"(?!\.+$)[\w.()-]+")
_SECRET_WORDS = ("password", "passphrase", "secret", "token")


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _Wrong(_("a date and time with its zone, such as 2026-11-22T10:00:00Z"))
    return value.astimezone(timezone.utc)


def _fingerprint(value: Any) -> str:
    digits = value.replace(":", "").upper() if isinstance(value, str) else ""
    if len(digits) != 64 or set(digits) - set("0123456789ABCDEF"):  # noqa: PLR2004 -- SHA-256 in hexadecimal
        raise _Wrong(_("a SHA-256 fingerprint: 32 pairs of hexadecimal digits"))
    return ":".join(digits[place : place + 2] for place in range(0, 64, 2))


def _address(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        raise _Wrong(_("an address that starts with https:// or http://"))
    if "@" in value.partition("://")[2].partition("/")[0]:
        raise _Wrong(_("an address without a user name and a password: a profile holds no secret"), hidden=True)
    return value


def _host(value: Any) -> str:
    if _HOST_NAME.fullmatch(name := text(value)):
        return name
    if _WITH_PORT.fullmatch(name):
        raise _Wrong(_('a name or an IP address alone: put the port into "port"'))
    try:
        IPv6Address(name[1:-1] if name.startswith("[") and name.endswith("]") else name)
    except ValueError:
        raise _Wrong(_('a name or an IP address alone, without "https://" and without a path')) from None
    return name


def _azure_name(value: Any) -> str:
    if not _AZURE_NAME.fullmatch(name := text(value)):
        raise _Wrong(_("a name in Azure: letters, digits, dots, hyphens, underscores, parentheses"))
    return name


def _as_it_is(value: Any) -> Any:
    return value


def _file(folder: Path) -> Check:
    def check(value: Any) -> Path:
        return folder / Path(text(value)).expanduser()

    return check


def _schema_version(value: Any) -> int:
    version = whole_number(1, 10**6)(value)
    if version > SCHEMA_VERSION:
        raise _Wrong(
            _("{known} or less: the file was written by a newer version of this program").format(known=SCHEMA_VERSION)
        )
    return int(version)


_LIMITS: Mapping[str, Check] = {one.name: whole_number(1, 10**6) for one in fields(Limits)}
_TARGET: Mapping[str, Check] = {
    "master_target": text,
    "process_server": text,
    "retention_volume": text,
    "esxi_host": text,
    "machines": texts,
}
_CHOICES: Mapping[str, Check] = {
    "machines": texts,
    "target": _as_it_is,
    "location": _as_it_is,
    "same_machine": _as_it_is,
}
_LOCATION: Mapping[str, Check] = {"machine": text, "mode": one_of(("original", "alternate")), "datastore": text}
_ATTESTATION: Mapping[str, Check] = {"requirement": text, "subject": text, "by": text, "at": _moment}
_SITE: Mapping[str, Check] = {
    "configuration_server_failback_ip": text,
    "site_recovery_vcenter_user": text,
    "link_mbps": positive,
}
_SECRETS: Mapping[str, Check] = {"store": one_of(SECRET_STORES), "keyring": one_of(KEYRINGS)}
_VAULT: Mapping[str, Check] = {"resource_group": _azure_name, "name": _azure_name, "fabric": text}


def _vcenter_checks(folder: Path) -> Mapping[str, Check]:
    return {
        "host": _host,
        "port": whole_number(1, 65535),
        "username": text,
        "certificate_sha256": _fingerprint,
        "ca_file": _file(folder),
    }


def _azure_checks(folder: Path) -> Mapping[str, Check]:
    return {
        "cloud": one_of(CLOUDS),
        "tenant_id": text,
        "subscription_id": text,
        "network_subscriptions": texts,
        "sign_in": one_of(SIGN_INS),
        "client_id": text,
        "certificate_path": _file(folder),
        "ca_file": _file(folder),
        "proxy": _address,
        "authority": _address,
        "resource_manager": _address,
        "scope": text,
    }


@dataclass(frozen=True)
class _File:
    """The file being read: its name and text, for the place of every complaint."""

    path: Path
    text: str

    def wrong(self, path: KeyPath, why: str, next_step: str) -> ProfileError:
        """Return the error about the value at `path`."""
        line = line_of(self.text, path)
        return ProfileError(_("profile {path}, line {line}").format(path=self.path, line=line), why, next_step)

    def unknown_key(self, path: KeyPath, known: Iterable[str]) -> ProfileError:
        """Return the error about a key that nobody knows, with the nearest one that somebody does."""
        name = str(path[-1])
        if any(word in name.casefold() for word in _SECRET_WORDS):
            advice = _("remove it: a profile holds no secret, [secrets] says where they come from")
        else:
            nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
            advice = _('the nearest known key is "{key}"').format(key=nearest[0])
        return self.wrong(
            path, _('the key "{key}" is not known {place}').format(key=visible(name), place=_in(path)), advice
        )

    def section(
        self, path: KeyPath, values: Any, checks: Mapping[str, Check], required: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Check a table of plain values and return it. Unknown keys come first: they explain missing ones."""
        if not isinstance(values, dict):
            raise self.wrong(
                path,
                _("{key} is not a table").format(key=_dotted(path)),
                _("write it as {header}").format(header=_header(path)),
            )
        for key in values:
            if key not in checks:
                raise self.unknown_key((*path, key), checks)
        for key in required:
            if key not in values:
                raise self.wrong(
                    path, _('the key "{key}" is missing {place}').format(key=key, place=_in((*path, key))), _("add it")
                )
        return {key: self.value((*path, key), value, checks[key]) for key, value in values.items()}

    def sections(
        self, path: KeyPath, values: Any, checks: Mapping[str, Check], required: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        """Check an array of tables and return it."""
        if not isinstance(values, list):
            raise self.wrong(
                path,
                _("{key} is not a list of tables").format(key=_dotted(path)),
                _("write each as [[{key}]]").format(key=_dotted(path)),
            )
        return [self.section((*path, place), one, checks, required) for place, one in enumerate(values)]

    def value(self, path: KeyPath, value: Any, check: Check) -> Any:
        """Check one value and return it in the profile's shape."""
        try:
            return check(value)
        except _Wrong as wrong:
            shown = _("what it is") if wrong.hidden else _shown(value)
            why = _('"{key}" cannot be {value}').format(key=path[-1], value=shown)
            raise self.wrong(path, why, _("it needs {needs}").format(needs=wrong.needs)) from None


def parse(text: str, path: Path) -> Profile:
    """Return the profile that `text` describes; paths inside are relative to the folder of `path`.

    Raises `ProfileError`, naming the line.
    """
    try:
        return _profile(_File(path, text), migrated(_document(text)))
    except tomli.TOMLDecodeError as error:
        raise ProfileError(
            _("profile {path}").format(path=path), visible(str(error)), _("mend that line; the format is TOML")
        ) from error
    except (_TooMuchError, RecursionError) as error:
        raise ProfileError(
            _("profile {path}").format(path=path),
            _("it holds a number of thousands of digits, or lists or tables nested without end"),
            _("take it out"),
        ) from error


class _TooMuchError(Exception):
    """A number has more digits than Python reads."""


def _document(text: str) -> dict[str, Any]:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError:
        raise
    except ValueError as error:
        raise _TooMuchError from error


def profile_of(document: dict[str, Any], path: Path) -> Profile:
    """Return the profile that an already parsed document describes. Raises `ProfileError`."""
    return _profile(_File(path, ""), document)


_TOP_LEVEL: Mapping[str, Check] = {"schema_version": _schema_version, "name": text, "read_only": switch}
_TABLES = ("vcenter", "azure", "vault", "site", "choices", "attestations", "limits", "secrets")


def _profile(file: _File, document: dict[str, Any]) -> Profile:
    for key in document:
        if key not in _TOP_LEVEL and key not in _TABLES:
            raise file.unknown_key((key,), (*_TOP_LEVEL, *_TABLES))
    _refuse_typos(file, document)
    plain = {key: value for key, value in document.items() if key not in _TABLES}
    top = file.section((), plain, _TOP_LEVEL, required=("schema_version",))
    for key in ("vcenter", "azure", "vault"):
        if key not in document:
            raise file.wrong(
                (), _("the table [{key}] is missing").format(key=key), _("add it; `failback profile new` shows how")
            )
    folder = file.path.parent
    vault = VaultSettings(**file.section(("vault",), document["vault"], _VAULT, ("resource_group", "name")))
    secrets = file.section(("secrets",), document.get("secrets", {}), _SECRETS)
    return Profile(
        name=top.get("name", file.path.stem),
        vcenter=VCenterSettings(
            **file.section(("vcenter",), document["vcenter"], _vcenter_checks(folder), ("host", "username"))
        ),
        azure=_azure(file, document["azure"]),
        vault=vault,
        choices=_choices(file, document, vault.fabric),
        attestations=tuple(
            Attestation(**one)
            for one in file.sections(
                ("attestations",), document.get("attestations", []), _ATTESTATION, tuple(_ATTESTATION)
            )
        ),
        limits=Limits(**file.section(("limits",), document.get("limits", {}), _LIMITS)),
        secret_store=secrets.get("store", "ask"),
        keyring=secrets.get("keyring"),
        read_only=top.get("read_only", False),
        path=file.path,
        document=document,
    )


def _refuse_typos(file: _File, document: Mapping[str, Any]) -> None:
    """Raise for the first key of a table that nobody knows, before anything is found missing: a typo explains it."""
    known: Mapping[str, Iterable[str]] = {
        "vcenter": _vcenter_checks(file.path.parent),
        "azure": _azure_checks(file.path.parent),
        "vault": _VAULT,
        "site": _SITE,
        "choices": _CHOICES,
        "limits": _LIMITS,
        "secrets": _SECRETS,
    }
    for table, keys in known.items():
        values = document.get(table)
        for key in values if isinstance(values, dict) else ():
            if key not in keys:
                raise file.unknown_key((table, key), keys)


def _azure(file: _File, values: Any) -> AzureSettings:
    path: KeyPath = ("azure",)
    settings = AzureSettings(**file.section(path, values, _azure_checks(file.path.parent), ("subscription_id",)))
    for key in _needed_for(settings):
        if getattr(settings, key) is None:
            raise file.wrong(
                path,
                _('the key "{key}" is missing {place}').format(key=key, place=_in((*path, key))),
                _('add it: sign_in = "{sign_in}" and cloud = "{cloud}" need it').format(
                    sign_in=settings.sign_in, cloud=settings.cloud
                ),
            )
    for key in ("authority", "resource_manager", "scope"):
        if getattr(settings, key) is not None and settings.cloud != "custom":
            raise file.wrong(
                (*path, key),
                _('"{key}" goes with cloud = "custom" only').format(key=key),
                _('remove it, or set cloud = "custom"'),
            )
    return settings


def _needed_for(settings: AzureSettings) -> tuple[str, ...]:
    """Return the keys that the chosen sign-in and cloud cannot do without."""
    by_sign_in: Mapping[str, tuple[str, ...]] = {
        "device-code": ("tenant_id",),
        "client-secret": ("tenant_id", "client_id"),
        "client-certificate": ("tenant_id", "client_id", "certificate_path"),
    }
    return by_sign_in.get(settings.sign_in, ()) + (
        ("authority", "resource_manager") if settings.cloud == "custom" else ()
    )


def _choices(file: _File, document: Mapping[str, Any], fabric: str | None) -> Choices:
    values = document.get("choices", {})
    picked = file.section(("choices",), values, _CHOICES)
    same = picked.get("same_machine", {})
    if not isinstance(same, dict):
        raise file.wrong(
            ("choices", "same_machine"),
            _("choices.same_machine is not a table"),
            _("write it as {header}").format(header="[choices.same_machine]"),
        )
    targets = file.sections(("choices", "target"), picked.get("target", []), _TARGET, ("master_target",))
    locations = file.sections(("choices", "location"), picked.get("location", []), _LOCATION, ("machine",))
    site = file.section(("site",), document.get("site", {}), _SITE)
    return Choices(
        machines=picked.get("machines", ()),
        targets=tuple(TargetChoice(**one) for one in targets),
        locations=tuple(LocationChoice(**one) for one in locations),
        same_machine={key: file.value(("choices", "same_machine", key), value, text) for key, value in same.items()},
        fabric=fabric,
        **site,
    )


def _dotted(path: KeyPath) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def _header(path: KeyPath) -> str:
    return f"[[{_dotted(path)}]]" if isinstance(path[-1], int) else f"[{_dotted(path)}]"


def _in(path: KeyPath) -> str:
    """Return "under [vcenter]" for a key of that table."""
    table = path[:-1]
    return _("under {header}").format(header=_header(table)) if table else _("at the top of a profile")


def _shown(value: Any) -> str:
    """Return a value from the file as it may be shown: short, and with nothing hidden in it."""
    return visible(repr(value) if not isinstance(value, str) else f'"{value}"', 60)
