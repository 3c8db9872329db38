"""Where a machine comes home to: its original place, or an alternate one beside its master target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from wizard_steps.case import Case, Machine, read
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.requirement import Judgement, not_applicable
from wizard_steps.seen_in_vcenter import Datastore, Host, VirtualMachine
from wizard_steps.subjects import chosen_datastore
from wizard_steps.wording import _

T = TypeVar("T")

ORIGINAL, ALTERNATE = "original", "alternate"


def only_at(location: str, machine: Machine, judge: Callable[[], Judgement]) -> Judgement:
    """Return what `judge` says of a machine that comes home to `location`; elsewhere the row does not apply."""
    where = machine.location.value
    if where == location:
        return judge()
    words = (
        _("it comes home to its original location")
        if where == ORIGINAL
        else _("it comes home to an alternate location")
    )
    return not_applicable(words, location=where)


def original_vm(machine: Machine) -> VirtualMachine:
    """Return the VM on-premises that a machine comes home to; raises `NotSeen` when there is none."""
    vm = machine.source_vm.value
    if vm is None:
        raise NotSeen(_("{machine} has no VM in this vCenter").format(machine=Outside(machine.name).shown()))
    return vm


def is_physical(machine: Machine) -> bool:
    """Tell whether a machine was physical before it failed over: site recovery knows no VM of it, or found no vCenter.

    Raises `NotSeen`. True of machines that are not reprotected yet: later, Azure calls each of them physical.
    """
    item = machine.item
    return not item.infrastructure_vm_id.value or (item.discovery_type.value or "").casefold() == "physical"


def landing_host(machine: Machine) -> Host:
    """Return the ESXi host a machine will start on: its VM's own, or the master target's. Raises `NotSeen`."""
    return machine.case.host(_landing_ref(machine)).value


def _landing_ref(machine: Machine) -> str:
    stands_there = original_vm(machine) if machine.location.value == ORIGINAL else machine.target.value.vm.value
    return stands_there.host_ref.value


def memory_mb(machine: Machine) -> int:
    """Return the memory a machine needs at home: its VM's, or that of its Azure size. Raises `NotSeen`."""
    source = machine.source_vm.value
    if source is not None:
        return source.memory_mb.value
    azure = machine.azure_vm.value
    if azure is None:
        raise NotSeen(_("{machine} has a VM neither here nor in Azure").format(machine=Outside(machine.name).shown()))
    return azure.memory_mb.value


def disk_bytes(machine: Machine) -> int:
    """Return the sum of a machine's disks; raises `NotSeen`."""
    return sum(machine.disk_bytes.value)


def once(case: Case, join: Callable[[Case], T]) -> Reading[T]:
    """Return what a join of the whole case comes to, worked out once however many rules and machines ask for it."""
    if join not in case.joins:
        case.joins[join] = read(lambda: join(case))
    return case.joins[join]


def landing_on(case: Case, host: Host) -> tuple[Machine, ...]:
    """Return the machines of the batch that will start on a host, as far as that was read."""
    return once(case, _landings).value.get(host.ref, ())


def _landings(case: Case) -> Mapping[str | None, tuple[Machine, ...]]:
    found: dict[str | None, list[Machine]] = {}
    for one in case.machines.value:
        found.setdefault(_if_read(_landing_ref, one), []).append(one)
    return {ref: tuple(machines) for ref, machines in found.items()}


def memory_on(case: Case, host: Host) -> int:
    """Return the memory in MB that all machines need which will start on a host, as far as that was read."""
    return once(case, _memory_by_host).value.get(host.ref, 0)


def _memory_by_host(case: Case) -> Mapping[str | None, int]:
    landings = once(case, _landings).value.items()
    return {ref: sum(memory_if_read(one) for one in machines) for ref, machines in landings}


def coming_to(case: Case, datastore: Datastore) -> tuple[Machine, ...]:
    """Return the machines of the batch that get new disks on a datastore, as far as that was read."""
    away = (one for one in case.machines.value if one.location.or_else(None) == ALTERNATE)
    return tuple(one for one in away if _if_read(_chosen_ref, one) == datastore.ref)


def _chosen_ref(machine: Machine) -> str:
    return chosen_datastore(machine).ref


def _if_read(find: Callable[[Machine], str], machine: Machine) -> str | None:
    return read(lambda: find(machine)).or_else(None)


def memory_if_read(machine: Machine) -> int:
    """Return the memory a machine needs in MB; 0 where that was not read, which its own row then says."""
    return read(lambda: memory_mb(machine)).or_else(0)
