"""One look at Azure: the vault, what it protects, and where that stands, as `SeenInAzure`. It has no way to write.

What cannot be seen is "not seen" with the reason, part by part. Only what makes the whole look senseless is raised:
a refused sign-in, a vault or fabric that the profile names and Azure does not have, a cancellation.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from failback.azure import allowed, arm_ids
from failback.azure.asking import Asker, fault_from
from failback.azure.clients import AzureClients
from failback.azure.faults import STOPS_EVERYTHING, Kind, WaitCancelledError, as_error
from failback.azure.fields import Row, field, text
from failback.azure.read_compute import ReadsCompute
from failback.azure.read_hubs import ReadsHubs
from failback.azure.read_network import ReadsNetwork, virtual_network
from failback.azure.read_protected_items import ReadsProtectedItems
from failback.azure.read_site_recovery import ReadsSiteRecovery, is_classic, kind_of, named, other_fabric
from failback.azure.vault import Vault
from failback.clock import Clock
from failback.errors import FabricNotFoundError, VaultNotFoundError
from failback.progress import Cancelled, Progress, never, silent
from wizard_steps.outside import visible
from wizard_steps.reading import Reading, not_seen
from wizard_steps.seen_in_azure import ConfigurationServer, NetworkInterface, ProtectedItem, SeenInAzure
from wizard_steps.wording import _

__all__ = ["AzureReader", "Vault"]


class AzureReader:
    """Reads one vault and the machines and networks behind it."""

    def __init__(self, clients: AzureClients, vault: Vault, clock: Clock) -> None:
        """Read `vault` through `clients`; times of sight are `clock`'s."""
        self._clients = clients
        self._vault = vault
        self._clock = clock

    def read(self, progress: Progress = silent, cancelled: Cancelled = never) -> SeenInAzure:
        """Look once, from a worker thread.

        Raises `SignInRefusedError`, `VaultNotFoundError`, `FabricNotFoundError`, another `NotFoundError` (no such
        subscription), `InterruptedByOperatorError` when cancelled, and nothing else but defects.
        """
        look = _Look(Asker(self._clients, self._clock, cancelled), self._vault, progress)
        try:
            return look.take()
        except WaitCancelledError as error:
            raise as_error(error, look.title) from error


@dataclass(frozen=True)
class _Look:
    """One look, in the order in which each step needs the one before."""

    ask: Asker
    vault: Vault
    tell: Progress

    @property
    def title(self) -> str:
        """What an error is about."""
        return _("Azure, vault {vault}").format(vault=visible(self.vault.name))

    def take(self) -> SeenInAzure:
        """Read everything; see `AzureReader.read`."""
        self.tell(_("Azure: looking for the vault"))
        try:
            vault = self.ask.or_raise(allowed.VAULT, "Vault", *self.vault.names)
        except Exception as error:  # noqa: BLE001 -- sorted below; what is no answer is raised again
            return self._without_vault(error)
        return self._with_vault(vault)

    def _without_vault(self, error: Exception) -> SeenInAzure:
        """Tell a vault that is not there (raised) from one that cannot be read now (everything not seen)."""
        fault = fault_from(error)
        if fault.kind is Kind.NOT_FOUND:
            raise VaultNotFoundError(
                self.title,
                _("there is no such vault in resource group {group}").format(group=visible(self.vault.resource_group)),
                _("check the [vault] section and subscription_id in the profile"),
            ) from error
        if fault.kind in STOPS_EVERYTHING:
            raise as_error(error, self.title) from error
        return SeenInAzure.unseen(self.vault.id, fault.reason)

    def _with_vault(self, vault: Row) -> SeenInAzure:
        recovery = ReadsSiteRecovery(self.ask, self.vault)
        items = ReadsProtectedItems(self.ask, self.vault)
        self.tell(_("Azure: reading the configuration server and the protected machines"))
        fabrics, policies, listed = self._together(recovery.fabrics, recovery.policies, items.listed)
        mine = _told_apart(fabrics.map(self._chosen))
        servers = self._each(mine, is_classic, recovery.configuration_server, _("Azure: reading configuration servers"))
        found = self._each(
            listed,
            lambda row: self._belongs(row, mine),
            items.item,
            _("Azure: reading the protected machines one by one"),
        )
        self.tell(_("Azure: reading the networks"))
        network = ReadsNetwork(self.ask, self._subscriptions(found))
        hubs = ReadsHubs(self.ask, network.subscriptions)
        interfaces, circuits, (networks, gateways), found_hubs = self._together(
            network.interfaces, network.circuits, lambda: _networks_and_gateways(network), hubs.hubs
        )
        self.tell(_("Azure: reading the virtual machines"))
        compute, location = ReadsCompute(self.ask), vault.read(field("location", text))
        wanted = [*_target_vm_ids(found), *_process_server_vm_ids(servers, interfaces)]
        return SeenInAzure(
            vault_id=self.vault.id,
            vault_location=location,
            configuration_servers=servers,
            other_fabrics=mine.map(lambda rows: tuple(other_fabric(row) for row in rows if not is_classic(row))),
            protected_items=found,
            policies=policies,
            vms=compute.machines(wanted),
            network_interfaces=interfaces,
            networks=networks.map(lambda rows: tuple(virtual_network(row) for row in rows)),
            gateways=gateways,
            circuits=circuits,
            hubs=found_hubs,
            sizes=compute.offers(self.vault.subscription_id, location),
            usages=compute.usages(self.vault.subscription_id, location),
        )

    def _chosen(self, fabrics: tuple[Row, ...]) -> tuple[Row, ...]:
        """Return the fabric the profile names, or every one; raises `FabricNotFoundError`."""
        if self.vault.fabric is None:
            return fabrics
        found = named(fabrics, self.vault.fabric)
        if not found:
            raise FabricNotFoundError(
                self.title,
                _("it has no configuration server named {name}").format(name=visible(self.vault.fabric)),
                _("check fabric under [vault] in the profile, or leave it out"),
            )
        return found

    def _belongs(self, item: Row, fabrics: Reading[tuple[Row, ...]]) -> bool:
        """Tell whether a machine is protected below the fabric that the profile names; every one without a name."""
        if self.vault.fabric is None or not fabrics.was_seen:
            return True
        fabric = arm_ids.up_to(item.text("id"), "replicationFabrics").casefold()
        return any(row.text("id").casefold() == fabric for row in fabrics.value)

    def _each(
        self, rows: Reading[tuple[Row, ...]], wanted: Callable[[Row], bool], build: Callable[[Row], Any], sentence: str
    ) -> Reading[tuple[Any, ...]]:
        """Return what `build` makes of every wanted row, a few at a time."""
        self.tell(sentence)
        return rows.map(lambda found: tuple(self.ask.together(build, [row for row in found if wanted(row)])))

    def _subscriptions(self, items: Reading[tuple[ProtectedItem, ...]]) -> list[str]:
        """Return where to look for networks: the vault's, the profile's, and the machines' own subscriptions."""
        of_machines = [arm_ids.subscription(vm_id) for vm_id in _target_vm_ids(items)]
        return [self.vault.subscription_id, *self.vault.network_subscriptions, *of_machines]

    @staticmethod
    def _together(*calls: Callable[[], Any]) -> list[Any]:
        with ThreadPoolExecutor(max_workers=len(calls), thread_name_prefix="azure") as pool:
            return [under_way.result() for under_way in [pool.submit(call) for call in calls]]


def _told_apart(fabrics: Reading[tuple[Row, ...]]) -> Reading[tuple[Row, ...]]:
    """Return the fabrics, not seen where one does not say what it is: a configuration server, or not."""
    if fabrics.was_seen and not all(map(kind_of, fabrics.value)):
        return not_seen(_("Azure does not say of one of the vault's fabrics what it is"), fabrics.source)
    return fabrics


def _networks_and_gateways(network: ReadsNetwork) -> tuple[Any, Any]:
    networks = network.networks()
    return networks, network.gateways(networks)


def _target_vm_ids(items: Reading[tuple[ProtectedItem, ...]]) -> list[str]:
    """Return the ids of the Azure VMs the machines run as."""
    return [vm_id for item in items.or_else(()) if (vm_id := item.target_vm_id.or_else(""))]


def _process_server_vm_ids(
    servers: Reading[tuple[ConfigurationServer, ...]], interfaces: Reading[tuple[NetworkInterface, ...]]
) -> list[str]:
    """Return the ids of the VMs that carry a process server's address; an address may be in use in several networks."""
    wanted = {
        one.ip_address.or_else("") for server in servers.or_else(()) for one in server.process_servers.or_else(())
    }
    found: list[str] = []
    for interface in interfaces.or_else(()):
        vm_id = interface.vm_id.or_else("")
        if vm_id and any(address in wanted for address, _subnet in interface.addresses.or_else(())):
            found.append(vm_id)
    return found
