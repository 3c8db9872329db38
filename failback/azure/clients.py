"""The four management clients, built when first used, all with the same policies, limits and list of allowed calls.

Importing a management library takes up to half a second (seconds where nothing is compiled yet), so each import
stands inside the method that needs it, and only worker threads call those.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from failback.azure.allowed import READS, Operation
from failback.azure.cloud import Cloud

if TYPE_CHECKING:
    from azure.mgmt.compute import ComputeManagementClient
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.recoveryservices import RecoveryServicesClient
    from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

Client = TypeVar("Client")


class AzureClients:
    """The clients for one subscription, with one credential. Safe to share between threads."""

    def __init__(
        self,
        credential: Any,
        cloud: Cloud,
        subscription_id: str,
        *,
        operations: tuple[Operation, ...] = READS,
        transport_options: dict[str, Any] | None = None,
        transport: Any = None,
    ) -> None:
        """Talk to `cloud`, about `subscription_id`, and send nothing but `operations`.

        `transport_options` are those of `sign_in.transport_options`; `transport` stands in for a network connection
        (the rehearsal's Azure).
        """
        self.cloud = cloud
        self.subscription_id = subscription_id
        self._credential = credential
        self._operations = operations
        self._options = dict(transport_options or {})
        self._transport = transport
        self._lock = threading.RLock()
        self._built: dict[str, Any] = {}

    def limited_to(self, operations: tuple[Operation, ...]) -> AzureClients:
        """Return clients that may send `operations` and nothing else, over the same transport and credential."""
        return AzureClients(
            self._credential,
            self.cloud,
            self.subscription_id,
            operations=operations,
            transport_options=self._options,
            transport=self._transport,
        )

    def token(self) -> str:
        """Return a token for this cloud. Raises what the credential raises."""
        token: str = self._credential.get_token_info(self.cloud.scope).token
        return token

    @property
    def site_recovery(self) -> SiteRecoveryManagementClient:
        """Site Recovery: fabrics, protected items, policies."""

        def build() -> SiteRecoveryManagementClient:
            from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

            return SiteRecoveryManagementClient(self._credential, self.subscription_id, **self._keywords())

        return self._once("site_recovery", build)

    @property
    def vaults(self) -> RecoveryServicesClient:
        """Recovery Services: the vault itself."""

        def build() -> RecoveryServicesClient:
            from azure.mgmt.recoveryservices import RecoveryServicesClient

            return RecoveryServicesClient(self._credential, self.subscription_id, **self._keywords())

        return self._once("vaults", build)

    def compute(self, subscription_id: str | None = None) -> ComputeManagementClient:
        """Virtual machines and sizes, of the vault's subscription or of another."""
        subscription = subscription_id or self.subscription_id

        def build() -> ComputeManagementClient:
            from azure.mgmt.compute import ComputeManagementClient

            return ComputeManagementClient(self._credential, subscription, **self._keywords())

        return self._once(f"compute {subscription.lower()}", build)

    def network(self, subscription_id: str | None = None) -> NetworkManagementClient:
        """Networks, gateways and circuits, of the vault's subscription or of another."""
        subscription = subscription_id or self.subscription_id

        def build() -> NetworkManagementClient:
            from azure.mgmt.network import NetworkManagementClient

            return NetworkManagementClient(self._credential, subscription, **self._keywords())

        return self._once(f"network {subscription.lower()}", build)

    def close(self) -> None:
        """Close every connection that was opened."""
        with self._lock:
            for client in self._built.values():
                client.close()
            self._built.clear()

    def _once(self, name: str, build: Callable[[], Client]) -> Client:
        with self._lock:
            if name not in self._built:
                self._built[name] = build()
            client: Client = self._built[name]
            return client

    def _keywords(self) -> dict[str, Any]:
        from failback.azure.policies import pipeline

        keywords: dict[str, Any] = {
            "base_url": self.cloud.resource_manager,
            "credential_scopes": [self.cloud.scope],
            "policies": pipeline(self._credential, self.cloud, self._operations, self._options),
            **self._options,
        }
        if self._transport is not None:
            keywords["transport"] = self._transport
        return keywords
