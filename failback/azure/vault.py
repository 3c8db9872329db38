"""Which vault is read, and where else its site's networks live."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vault:
    """A Recovery Services vault. `fabric` narrows the look to one configuration server, by name or friendly name.

    `network_subscriptions` are looked in for networks, gateways and circuits, besides the vault's own and those of the
    machines.
    """

    subscription_id: str
    resource_group: str
    name: str
    fabric: str | None = None
    network_subscriptions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The vault's ARM id."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.RecoveryServices/vaults/{self.name}"

    @property
    def names(self) -> tuple[str, str]:
        """The first two arguments of every call of Site Recovery."""
        return self.resource_group, self.name
