"""The case: what was seen, what was chosen, and who is who across the two worlds.

Site recovery, Azure and vCenter name the same machine differently. The joins stand here, once: a join that cannot
be made is a reading that says why, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from wizard_steps.choices import Attestation, Choices, Limits, LocationChoice, TargetChoice
from wizard_steps.estate import Estate, Memory
from wizard_steps.joins import (
    AmbiguousName,
    UnknownName,
    find_server_vm,
    found_by_name,
    refuse_other_vcenter,
    refuse_unclear_vcenter,
    server_vm_candidates,
    vm_by_uuids,
    volume_key,
)
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading, not_seen, read, seen
from wizard_steps.replication_kinds import REPROTECTED, architecture_of, may_be_failed_over
from wizard_steps.seen_in_azure import (
    AzureVm,
    ConfigurationServer,
    MasterTarget,
    ProcessServer,
    ProtectedItem,
    SeenInAzure,
    same_id,
)
from wizard_steps.seen_in_vcenter import Datastore, GuestVolume, Host, SeenInVCenter, VirtualMachine
from wizard_steps.wording import _


@dataclass(frozen=True)
class Case:
    """Everything a rule may look at. `now` is the moment of judging; attestations are as recorded."""

    estate: Estate
    choices: Choices
    now: datetime
    attestations: tuple[Attestation, ...] = ()
    limits: Limits = field(default_factory=Limits)
    memory: Memory = field(default_factory=Memory)

    @property
    def azure(self) -> SeenInAzure:
        """What was seen in Azure."""
        return self.estate.azure

    @property
    def vcenter(self) -> SeenInVCenter:
        """What was seen in vCenter."""
        return self.estate.vcenter

    @cached_property
    def joins(self) -> dict[Any, Reading[Any]]:
        """Joins of the whole case that rules have worked out once for all; `homecoming.once` fills it."""
        return {}

    @cached_property
    def server(self) -> Reading[ConfigurationServer]:
        """The configuration server in use: the one the profile names, or the only one."""
        return read(self._server)

    def _server(self) -> ConfigurationServer:
        servers = self.azure.configuration_servers.value
        if self.choices.fabric is not None:
            return found_by_name(
                self.choices.fabric,
                servers,
                lambda one: (one.name.raw, one.id, one.fabric_name),
                _("no configuration server of that name is in the vault"),
            ).value
        if len(servers) == 1:
            return servers[0]
        if servers:
            raise NotSeen(
                _("the vault has {count} configuration servers: name one as fabric under [vault]").format(
                    count=len(servers)
                )
            )
        raise NotSeen(_("the vault has no classic configuration server"))

    @cached_property
    def chosen_machines(self) -> Reading[tuple[Machine, ...]]:
        """The machines the operator chose; with no choice, every one that is failed over or named for a target.

        Raises `UnknownName` or `AmbiguousName` when a choice cannot be resolved.
        """
        if not self.azure.protected_items.was_seen:
            return not_seen(self.azure.protected_items.reason or "", self.azure.protected_items.source)
        items, source = self.azure.protected_items.value, self.azure.protected_items.source
        if self.choices.machines:
            return seen(tuple(Machine(self, self._item(name, items)) for name in self.choices.machines), source)
        found = (Machine(self, item) for item in items)
        return seen(tuple(one for one in found if may_be_failed_over(one.item) or one.answers_to(self._named)), source)

    @property
    def _named(self) -> tuple[str, ...]:
        """The machines named for a target: the operator counts on each of them, also one that never left the site."""
        return tuple(name for target in self.choices.targets for name in target.machines)

    @staticmethod
    def _item(name: str, items: Sequence[ProtectedItem]) -> ProtectedItem:
        wanted = name.casefold()
        hits = [i for i in items if wanted in (i.name.casefold(), i.id.casefold())]
        hits = hits or [i for i in items if i.machine_name.raw.casefold() == wanted]
        if len(hits) > 1:
            raise AmbiguousName("machine", name, [item.name for item in hits])
        if not hits:
            raise UnknownName("machine", name, [item.machine_name.raw for item in items])
        return hits[0]

    @cached_property
    def machines(self) -> Reading[tuple[Machine, ...]]:
        """The batch: the chosen machines that this wizard's steps still apply to."""
        return self.chosen_machines.map(lambda chosen: tuple(one for one in chosen if one.is_in_batch))

    @cached_property
    def targets(self) -> Reading[tuple[Target, ...]]:
        """The master targets in use, as chosen."""
        if not self.choices.targets:
            return not_seen(_("no master target chosen"))
        return seen(tuple(Target(self, choice) for choice in self.choices.targets))

    def host(self, ref: str) -> Reading[Host]:
        """Return the ESXi host with this managed object id."""
        return self._by_ref(self.vcenter.hosts, ref, _("the ESXi host {ref} was not among those read"))

    def datastore(self, ref: str) -> Reading[Datastore]:
        """Return the datastore with this managed object id."""
        return self._by_ref(self.vcenter.datastores, ref, _("the datastore {ref} was not among those read"))

    @staticmethod
    def _by_ref(things: Reading[tuple[Any, ...]], ref: str, missing: str) -> Reading[Any]:
        return read(lambda: found_by_name(ref, things.value, lambda one: (one.ref,), missing.format(ref=ref)).value)

    def machine_by_choice(self, name: str) -> Reading[VirtualMachine] | None:
        """Return the VM the operator named for `name` under same_machine; `None` when nothing was named."""
        chosen = next(
            (uuids for key, uuids in self.choices.same_machine.items() if key.casefold() == name.casefold()), None
        )
        if chosen is None:
            return None
        return read(lambda: vm_by_uuids(self, chosen))


@dataclass(frozen=True)
class Machine:
    """A machine on its way home: its protected item, its Azure VM, its VM on-premises, its master target."""

    case: Case = field(repr=False, compare=False)
    item: ProtectedItem

    @property
    def name(self) -> str:
        """The raw friendly name."""
        return self.item.machine_name.raw

    @property
    def choice(self) -> LocationChoice:
        """What was chosen for it; by friendly name or by the protected item's name."""
        by_name = self.case.choices.location_of(self.name)
        return by_name if by_name.mode or by_name.datastore else self.case.choices.location_of(self.item.name)

    @property
    def is_modernized(self) -> Reading[bool]:
        """Whether it is replicated by the modernized architecture."""
        return self.item.instance_type.map(lambda kind: architecture_of(kind) == "modernized")

    @property
    def is_reprotected(self) -> Reading[bool]:
        """Whether reverse replication is already set up."""
        return self.item.instance_type.map(lambda kind: kind.casefold() == REPROTECTED)

    @property
    def is_in_batch(self) -> bool:
        """Whether the steps still apply to it; what could not be read stays in."""
        return not (self.is_modernized.or_else(default=False) or self.is_reprotected.or_else(default=False))

    @cached_property
    def azure_vm(self) -> Reading[AzureVm | None]:
        """The Azure VM it runs on; None: Azure has no such VM, or it was never failed over."""
        return read(
            lambda: (
                None if self.item.target_vm_id.value is None else self.case.azure.vm(self.item.target_vm_id.value).value
            )
        )

    @cached_property
    def source_vm(self) -> Reading[VirtualMachine | None]:
        """Its VM on-premises; None: a physical machine, or no longer in this vCenter."""
        chosen = self.case.machine_by_choice(self.item.name)
        if chosen is None and not self._shares_its_name:
            chosen = self.case.machine_by_choice(self.name)
        return read(self._source_vm) if chosen is None else chosen

    @property
    def _shares_its_name(self) -> bool:
        """Whether another protected machine has its friendly name: then that means neither of them."""
        return sum(one.machine_name.same_name(self.name) for one in self.case.azure.protected_items.or_else(())) > 1

    def _source_vm(self) -> VirtualMachine | None:
        uuid = self.item.infrastructure_vm_id.value
        if not uuid:
            return None
        refuse_other_vcenter(self.case, self.item)
        twins = self.case.vcenter.machines_with(uuid)
        hits = [vm for vm in twins if not vm.is_template.or_else(default=False)]  # no template is a machine's own VM
        if len(hits) > 1:
            raise NotSeen(
                _(
                    "{count} machines in vCenter carry its instance UUID, {machines}: choose one under same_machine"
                ).format(count=len(hits), machines=", ".join(f"{vm.name.shown()} ({vm.ref})" for vm in hits))
            )
        if not self.case.vcenter.machines.value:
            raise NotSeen(_("vCenter shows this account no machine at all"))
        if not hits:
            refuse_unclear_vcenter(self.case, self.item)
            for vm in self.case.vcenter.without_instance_uuid:
                _known = vm.instance_uuid.value  # raises: one unread UUID might be this machine's
        return hits[0] if hits else None

    @cached_property
    def target(self) -> Reading[Target]:
        """The master target it comes home through."""
        return read(self._target)

    def _target(self) -> Target:
        targets = self.case.targets.value
        mine = [one for one in targets if self.answers_to(one.choice.machines)]
        if not mine and len(targets) == 1 and not targets[0].choice.machines:
            return targets[0]
        if len(mine) == 1:
            return mine[0]
        raise NotSeen(
            _("no master target chosen for it")
            if not mine
            else _("{count} master targets are chosen for it").format(count=len(mine))
        )

    def answers_to(self, names: Iterable[str]) -> bool:
        """Tell whether one of `names` means this machine."""
        mine = {self.name.casefold(), self.item.name.casefold(), self.item.id.casefold()}
        return any(name.casefold() in mine for name in names)

    @cached_property
    def location(self) -> Reading[str]:
        """`original` or `alternate`: as chosen, else original where the VM still exists."""
        return read(lambda: self.choice.mode or ("alternate" if self.source_vm.value is None else "original"))

    @property
    def disk_bytes(self) -> Reading[tuple[int, ...]]:
        """The sizes of its disks: as the Azure VM has them, else as site recovery protects them. It has some."""
        return read(self._disk_bytes)

    def _disk_bytes(self) -> tuple[int, ...]:
        vm = self.azure_vm.or_else(None)
        if vm is not None and vm.disk_sizes.was_seen:
            found = vm.disk_sizes.value
        else:
            found = tuple(disk.capacity.value for disk in self.item.disks.value)
        if not found:
            raise NotSeen(_("no disk of {machine} was seen").format(machine=Outside(self.name).shown()))
        return found


@dataclass(frozen=True)
class Target:
    """A master target in use: what site recovery says of it, its VM, its host, and what was chosen with it."""

    case: Case = field(repr=False, compare=False)
    choice: TargetChoice

    @cached_property
    def registered(self) -> Reading[MasterTarget]:
        """The master target as site recovery knows it."""
        missing = _("site recovery knows no master target of that name")
        return read(
            lambda: (
                found_by_name(
                    self.choice.master_target,
                    self.case.server.value.master_targets.value,
                    lambda one: (one.name.raw, one.id),
                    missing,
                ).value
            )
        )

    @property
    def name(self) -> str:
        """The raw name: as registered, else as chosen."""
        registered = self.registered.or_else(None)
        return registered.name.raw if registered else self.choice.master_target

    @property
    def id(self) -> str:
        """Its site recovery id, else the name that was chosen."""
        registered = self.registered.or_else(None)
        return registered.id if registered else self.choice.master_target

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        """The machines of the batch that come home through it."""
        batch = self.case.machines.or_else(())
        return tuple(
            one for one in batch if (target := one.target.or_else(None)) is not None and target.choice == self.choice
        )

    @cached_property
    def vm(self) -> Reading[VirtualMachine]:
        """Its VM in vCenter: chosen, else the only one with its IP address, its DNS name or its name."""
        chosen = self.case.machine_by_choice(self.name)
        return read(self._vm) if chosen is None else chosen

    def _vm(self) -> VirtualMachine:
        registered = self.registered.value
        return find_server_vm(self.case, registered.name, registered.ip_address)

    @cached_property
    def host(self) -> Reading[Host]:
        """The ESXi host its VM stands on now."""
        return read(lambda: self.case.host(self.vm.value.host_ref.value).value)

    @cached_property
    def chosen_host(self) -> Reading[Host]:
        """The ESXi host where it must stand, as chosen."""
        return read(self._chosen_host)

    def _chosen_host(self) -> Host:
        if self.choice.esxi_host is None:
            raise NotSeen(_("no ESXi host chosen"))
        return found_by_name(
            self.choice.esxi_host,
            self.case.vcenter.hosts.value,
            lambda one: (one.name.raw, one.ref),
            _("the vCenter has no ESXi host {name}").format(name=Outside(self.choice.esxi_host).shown()),
        ).value

    @cached_property
    def process_server(self) -> Reading[ProcessServer]:
        """The process server that goes with it, as chosen."""
        return read(self._process_server)

    def _process_server(self) -> ProcessServer:
        if self.choice.process_server is None:
            raise NotSeen(_("no process server chosen"))
        return found_by_name(
            self.choice.process_server,
            self.case.server.value.process_servers.value,
            lambda one: (one.name.raw, one.id),
            _("site recovery knows no process server {name}").format(name=Outside(self.choice.process_server).shown()),
        ).value

    @cached_property
    def guest_volume(self) -> Reading[GuestVolume]:
        """The chosen retention volume as VMware Tools reports it inside the guest."""
        return read(self._guest_volume)

    def _guest_volume(self) -> GuestVolume:
        wanted = volume_key(self.choice.retention_volume or "")
        if not wanted:
            raise NotSeen(_("no retention volume chosen"))
        for volume in self.vm.value.guest_volumes.value:
            if volume_key(volume.path.raw) == wanted:
                return volume
        raise NotSeen(
            _("VMware Tools reports no volume {name}").format(name=Outside(self.choice.retention_volume or "").shown())
        )


__all__ = [
    "AmbiguousName",
    "Case",
    "Machine",
    "Target",
    "UnknownName",
    "find_server_vm",
    "may_be_failed_over",
    "read",
    "same_id",
    "server_vm_candidates",
    "volume_key",
]
