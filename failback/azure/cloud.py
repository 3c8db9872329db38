"""Which Azure is meant: its sign-in authority, its Resource Manager, and the scope of a token for it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from failback.errors import ProfileError
from failback.profiles.model import AzureSettings
from wizard_steps.wording import _


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
