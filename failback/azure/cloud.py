"""Which Azure is meant: its sign-in authority, its Resource Manager, and the scope of a token for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from failback.errors import ProfileError
from wizard_steps.wording import _


class AzureSettings(Protocol):
    """The `[azure]` section of a profile, as this package reads it. Empty text and None both mean "not given"."""

    @property
    def cloud(self) -> str:
        """One of public, us-government, china, custom."""
        ...

    @property
    def tenant_id(self) -> str | None:
        """The directory that signs in."""
        ...

    @property
    def subscription_id(self) -> str:
        """The subscription of the vault."""
        ...

    @property
    def network_subscriptions(self) -> Sequence[str]:
        """Other subscriptions where gateways and circuits live."""
        ...

    @property
    def sign_in(self) -> str:
        """One of azure-cli, device-code, client-secret, client-certificate, managed-identity."""
        ...

    @property
    def client_id(self) -> str | None:
        """The application, or the user-assigned identity."""
        ...

    @property
    def certificate_path(self) -> Path | str | None:
        """The certificate with its private key, PEM or PKCS#12."""
        ...

    @property
    def ca_file(self) -> Path | str | None:
        """The authorities to trust instead of the system's, PEM."""
        ...

    @property
    def proxy(self) -> str | None:
        """The proxy for Azure alone."""
        ...

    @property
    def authority(self) -> str | None:
        """The sign-in authority of a custom cloud."""
        ...

    @property
    def resource_manager(self) -> str | None:
        """The Resource Manager of a custom cloud."""
        ...

    @property
    def scope(self) -> str | None:
        """The token scope of a custom cloud."""
        ...


@dataclass(frozen=True)
class Cloud:
    """An Azure: `authority` and `resource_manager` are https addresses without a slash at the end."""

    name: str
    authority: str
    resource_manager: str
    scope: str
    known_to_microsoft: bool = True

    @property
    def host(self) -> tuple[str, int]:
        """Host name and port of the Resource Manager."""
        return host_of(self.resource_manager)


def host_of(address: str) -> tuple[str, int]:
    """Return the host name, in lower case, and the port of an https address; port 443 may be written or not."""
    parts = urlsplit(address)
    return (parts.hostname or "").lower(), parts.port or 443


CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "public",
            "https://login.microsoftonline.com",
            "https://management.azure.com",
            "https://management.azure.com/.default",
        ),
        Cloud(
            "us-government",
            "https://login.microsoftonline.us",
            "https://management.usgovcloudapi.net",
            "https://management.core.usgovcloudapi.net/.default",
        ),
        Cloud(
            "china",
            "https://login.chinacloudapi.cn",
            "https://management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
        ),
    )
}
"""The clouds of azure-core (`azure.mgmt.core.tools.get_arm_endpoints`), written out so that no SDK is loaded here."""


def cloud_of(settings: AzureSettings) -> Cloud:
    """Return the cloud a profile names. Raises `ProfileError` for an unknown or an incomplete one."""
    if settings.cloud in CLOUDS:
        return CLOUDS[settings.cloud]
    if settings.cloud != "custom":
        raise _profile_error(
            _('"{cloud}" is not a known cloud').format(cloud=settings.cloud),
            _("take one of public, us-government, china, custom"),
        )
    authority = _https(settings.authority, "authority")
    resource_manager = _https(settings.resource_manager, "resource_manager")
    scope = settings.scope or f"{resource_manager}/.default"
    return Cloud("custom", authority, resource_manager, scope, known_to_microsoft=False)


def _https(address: str | None, key: str) -> str:
    parts = urlsplit(address or "")
    if parts.scheme != "https" or not parts.hostname:
        raise _profile_error(
            _('cloud = "custom" needs {key} as an https address').format(key=key),
            _("give {key} under [azure] in the profile").format(key=key),
        )
    return f"https://{parts.netloc}{parts.path}".rstrip("/")


def _profile_error(why: str, next_step: str) -> ProfileError:
    return ProfileError(_("profile, section [azure]"), why, next_step)
