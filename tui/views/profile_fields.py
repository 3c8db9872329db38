"""The lines of the profile form, and the profile that comes of what was typed into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from failback.profiles.model import SECRET_STORES, SIGN_INS, AzureSettings, Profile, VaultSettings, VCenterSettings
from wizard_steps.wording import N_


@dataclass(frozen=True)
class Field:
    """One line of the form. `words` are the only ones admitted; none: any text."""

    id: str
    label: str
    hint: str
    words: tuple[str, ...] = ()
    may_be_empty: bool = False
    text: str = ""

    def admits(self, value: str) -> bool:
        """Tell whether a value can stand in the line."""
        return (bool(value) or self.may_be_empty) and (not self.words or value in self.words)


_NAME = Field("name", N_("name of the profile"), N_("osaka-dr"))
_PIN = Field("pin", N_("pinned certificate"), N_("none: it is shown at the next sign-in"), may_be_empty=True)
_FIELDS = (
    Field("host", N_("vCenter"), N_("its address, or that of a single ESXi host")),
    Field("username", N_("user in vCenter"), N_("operator@vsphere.local")),
    Field("subscription", N_("Azure subscription"), N_("its id")),
    Field("tenant", N_("Azure tenant"), N_("its id; may stay empty with azure-cli"), may_be_empty=True),
    Field("sign_in", N_("sign-in to Azure"), ", ".join(SIGN_INS), SIGN_INS, text="azure-cli"),
    Field("client", N_("application id"), N_("for client-secret and client-certificate"), may_be_empty=True),
    Field("group", N_("resource group"), N_("of the Recovery Services vault")),
    Field("vault", N_("vault"), N_("its name")),
    Field("secrets", N_("secrets"), ", ".join(SECRET_STORES), SECRET_STORES, text="ask"),
)


def fields_of(profile: Profile | None) -> tuple[Field, ...]:
    """Return the lines for a new profile, or for a saved one, filled; a saved one keeps its name."""
    if profile is None:
        return (_NAME, *_FIELDS)
    values = {
        "host": profile.vcenter.host,
        "username": profile.vcenter.username,
        "pin": profile.vcenter.certificate_sha256 or "",
        "subscription": profile.azure.subscription_id,
        "tenant": profile.azure.tenant_id or "",
        "sign_in": profile.azure.sign_in,
        "client": profile.azure.client_id or "",
        "group": profile.vault.resource_group,
        "vault": profile.vault.name,
        "secrets": profile.secret_store,
    }
    return tuple(replace(field, text=values[field.id]) for field in (*_FIELDS[:2], _PIN, *_FIELDS[2:]))


def profile_of(values: Mapping[str, str], saved: Profile | None) -> Profile:
    """Return the profile that the form says; of a saved one everything stays that the form does not ask for."""
    if saved is None:
        return Profile(
            name=values["name"],
            vcenter=VCenterSettings(values["host"], values["username"]),
            azure=AzureSettings(
                values["subscription"],
                values["tenant"] or None,
                sign_in=values["sign_in"],
                client_id=values["client"] or None,
            ),
            vault=VaultSettings(values["group"], values["vault"]),
            secret_store=values["secrets"],
        )
    return replace(
        saved,
        vcenter=replace(
            saved.vcenter,
            host=values["host"],
            username=values["username"],
            certificate_sha256=values["pin"] or None,
        ),
        azure=replace(
            saved.azure,
            subscription_id=values["subscription"],
            tenant_id=values["tenant"] or None,
            sign_in=values["sign_in"],
            client_id=values["client"] or None,
        ),
        vault=replace(saved.vault, resource_group=values["group"], name=values["vault"]),
        secret_store=values["secrets"],
    )
