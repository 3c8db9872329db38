"""What a profile holds, as plain data. Reading, checking and writing it are the neighbours' work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wizard_steps.choices import Attestation, Choices, Limits

SCHEMA_VERSION = 1
CLOUDS = ("public", "us-government", "china", "custom")
SIGN_INS = ("azure-cli", "device-code", "client-secret", "client-certificate", "managed-identity")
SECRET_STORES = ("ask", "keyring", "environment")
KEYRINGS = ("secret-service", "macos", "windows", "encrypted-file", "kernel")  # those of failback.keyrings


@dataclass(frozen=True)
class VCenterSettings:
    """How to reach a vCenter (or a single ESXi host), and what proves that it is the one."""

    host: str
    username: str
    port: int = 443
    certificate_sha256: str | None = None  # the pinned leaf, "AB:CD:..."; without it the CAs decide
    ca_file: Path | None = None  # instead of the system's CAs


@dataclass(frozen=True)
class AzureSettings:
    """Which subscription in which cloud, and the one way to sign in that the operator chose."""

    subscription_id: str
    tenant_id: str | None = None
    cloud: str = "public"  # one of CLOUDS
    network_subscriptions: tuple[str, ...] = ()  # where gateways and circuits live, if elsewhere
    sign_in: str = "azure-cli"  # one of SIGN_INS
    client_id: str | None = None
    certificate_path: Path | None = None  # sign_in = "client-certificate"
    ca_file: Path | None = None  # behind a proxy that inspects TLS
    proxy: str | None = None
    authority: str | None = None  # this and the next two: cloud = "custom"
    resource_manager: str | None = None
    scope: str | None = None


@dataclass(frozen=True)
class VaultSettings:
    """The Recovery Services vault; `fabric` names the configuration server, where there are several."""

    resource_group: str
    name: str
    fabric: str | None = None


@dataclass(frozen=True)
class Profile:
    """One site to bring machines home to: where it is, how to sign in, and what the operator decided.

    `choices` holds `[choices]`, `[site]` and the vault's fabric in the shape the rules are given. `path` is the
    file it came from or belongs to; `document` is that file as it was parsed, so that writing changes no more
    than what changed.
    """

    name: str
    vcenter: VCenterSettings
    azure: AzureSettings
    vault: VaultSettings
    choices: Choices = field(default_factory=Choices)
    attestations: tuple[Attestation, ...] = ()
    limits: Limits = field(default_factory=Limits)
    secret_store: str = "ask"  # noqa: S105 -- the name of a store, one of SECRET_STORES
    keyring: str | None = None  # one of KEYRINGS, for secret_store = "keyring"; None: this platform's own
    read_only: bool = False  # nothing is changed on this site, whoever asks
    path: Path | None = None
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def with_choices(self, choices: Choices) -> Profile:
        """Return the profile with other choices; the vault's fabric follows them."""
        return replace(self, choices=choices, vault=replace(self.vault, fabric=choices.fabric))

    def with_attestations(self, attestations: tuple[Attestation, ...]) -> Profile:
        """Return the profile with other attestations."""
        return replace(self, attestations=attestations)

    def with_pinned_certificate(self, fingerprint: str) -> Profile:
        """Return the profile with the vCenter certificate that the operator compared and accepted."""
        return replace(self, vcenter=replace(self.vcenter, certificate_sha256=fingerprint))
