"""The lines of the profile form, and the profile that comes of what was typed into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from failback.profiles.model import (
    CLOUDS,
    KEYRINGS,
    SECRET_STORES,
    SIGN_INS,
    AzureSettings,
    Profile,
    VaultSettings,
    VCenterSettings,
)
from tui.views.vcenter_address import is_address, joined_address, split_address
from wizard_steps.wording import N_, _


@dataclass(frozen=True)
class Field:
    """One line of the form. `words` are the only ones admitted; none: any text that `is_right`."""

    id: str
    label: str
    hint: str
    words: tuple[str, ...] = ()
    may_be_empty: bool = False
    text: str = ""
    is_right: Callable[[str], bool] = bool
    wants: str = N_("something")

    def admits(self, value: str) -> bool:
        """Tell whether a value can stand in the line."""
        return (value in self.words if self.words else self.is_right(value)) if value else self.may_be_empty

    @property
    def wanted(self) -> str:
        """What can stand in the line, for a person."""
        return ", ".join(self.words) or _(self.wants)


_NAME = Field("name", N_("name of the profile"), N_("osaka-dr"))
_PIN = Field("pin", N_("pinned certificate"), N_("none: it is shown at the next sign-in"), may_be_empty=True)
_FIELDS = (
    Field(
        "host",
        N_("vCenter"),
        N_("its address, or that of a single ESXi host"),
        is_right=is_address,
        wants=N_('a name or an IP address, or one with ":port"; no "https://", no path'),
    ),
    Field("username", N_("user in vCenter"), N_("operator@vsphere.local")),
    Field("subscription", N_("Azure subscription"), N_("its id")),
    Field("tenant", N_("Azure tenant"), N_("its id; may stay empty with azure-cli"), may_be_empty=True),
    Field("sign_in", N_("sign-in to Azure"), ", ".join(SIGN_INS), SIGN_INS, text="azure-cli"),
    Field("client", N_("application id"), N_("for client-secret and client-certificate"), may_be_empty=True),
    Field("group", N_("resource group"), N_("of the Recovery Services vault")),
    Field("vault", N_("vault"), N_("its name")),
    Field("secrets", N_("secrets"), ", ".join(SECRET_STORES), SECRET_STORES, text="ask"),
    # What many sites need not say; F2 saves from any line.
    Field("keyring", N_("key ring"), N_("where secrets = keyring"), KEYRINGS, may_be_empty=True),
    Field("certificate", N_("client certificate"), N_("a PEM file, for client-certificate"), may_be_empty=True),
    Field("cloud", N_("Azure cloud"), ", ".join(CLOUDS), CLOUDS, text="public"),
    Field("authority", N_("sign-in authority"), N_("https address, for cloud custom"), may_be_empty=True),
    Field("manager", N_("Resource Manager"), N_("https address, for cloud custom"), may_be_empty=True),
    Field("proxy", N_("proxy to Azure"), N_("http://proxy:3128"), may_be_empty=True),
    Field("azure_ca", N_("CA file for Azure"), N_("where a proxy inspects TLS"), may_be_empty=True),
    Field("vcenter_ca", N_("CA file for vCenter"), N_("instead of this computer's authorities"), may_be_empty=True),
)
_EMPTY = Profile("", VCenterSettings("", ""), AzureSettings(""), VaultSettings("", ""))


def fields_of(profile: Profile | None) -> tuple[Field, ...]:
    """Return the lines for a new profile, or for a saved one, filled; a saved one keeps its name."""
    if profile is None:
        return (_NAME, *_FIELDS)
    vcenter, azure, vault = profile.vcenter, profile.azure, profile.vault
    values: Mapping[str, object] = {
        "host": joined_address(vcenter.host, vcenter.port),
        "username": vcenter.username,
        "pin": vcenter.certificate_sha256,
        "subscription": azure.subscription_id,
        "tenant": azure.tenant_id,
        "sign_in": azure.sign_in,
        "client": azure.client_id,
        "group": vault.resource_group,
        "vault": vault.name,
        "secrets": profile.secret_store,
        "keyring": profile.keyring,
        "certificate": azure.certificate_path,
        "cloud": azure.cloud,
        "authority": azure.authority,
        "manager": azure.resource_manager,
        "proxy": azure.proxy,
        "azure_ca": azure.ca_file,
        "vcenter_ca": vcenter.ca_file,
    }
    lines = (*_FIELDS[:2], _PIN, *_FIELDS[2:])
    return tuple(replace(field, text=str(values[field.id] or "")) for field in lines)


def profile_of(values: Mapping[str, str], saved: Profile | None) -> Profile:
    """Return the profile that the form says; of a saved one everything stays that the form does not ask for.

    Each line `admits` its value.
    """
    host, port = split_address(values["host"])
    before = saved or replace(_EMPTY, name=values["name"])
    folder = before.path.parent if before.path else Path.cwd()

    def file(field_id: str) -> Path | None:
        return folder / Path(values[field_id]).expanduser() if values[field_id] else None

    return replace(
        before,
        vcenter=replace(
            before.vcenter,
            host=host,
            port=port,
            username=values["username"],
            certificate_sha256=values.get("pin") or None,
            ca_file=file("vcenter_ca"),
        ),
        azure=replace(
            before.azure,
            subscription_id=values["subscription"],
            tenant_id=values["tenant"] or None,
            cloud=values["cloud"],
            sign_in=values["sign_in"],
            client_id=values["client"] or None,
            certificate_path=file("certificate"),
            ca_file=file("azure_ca"),
            proxy=values["proxy"] or None,
            authority=values["authority"] or None,
            resource_manager=values["manager"] or None,
        ),
        vault=replace(before.vault, resource_group=values["group"], name=values["vault"]),
        secret_store=values["secrets"],
        keyring=values["keyring"] or None,
    )
