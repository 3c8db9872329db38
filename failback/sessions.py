"""Where sessions come from: the only place that knows whether a site is real or rehearsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from failback.azure.clients import AzureClients
    from failback.vcenter.session import VCenterSession


class Sessions(Protocol):
    """Signed-in sessions on both sides, opened on first use. Thread-safe."""

    def vcenter(self) -> VCenterSession:
        """Return the vCenter session; raises `FailbackError` when it cannot be opened."""
        ...

    def azure(self) -> AzureClients:
        """Return the Azure clients; raises `FailbackError` when they cannot be built."""
        ...

    def close(self) -> None:
        """Sign out on both sides; nothing that was not opened is touched."""
        ...
