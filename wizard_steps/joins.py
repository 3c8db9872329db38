"""What makes two names mean one thing: a choice and what was seen, a server and its VM, two spellings of a volume."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading, not_seen, seen
from wizard_steps.seen_in_azure import ProtectedItem, VCenterRecord
from wizard_steps.seen_in_vcenter import VirtualMachine
from wizard_steps.wording import _

if TYPE_CHECKING:
    from wizard_steps.case import Case

T = TypeVar("T")


class UnknownName(Exception):
    """A choice names something that was not seen; `kind`, `name` and the names that exist."""

    def __init__(self, kind: str, name: str, candidates: Sequence[str]) -> None:
        """Keep what was asked for and what there is."""
        super().__init__(name)
        self.kind, self.name, self.candidates = kind, name, tuple(candidates)


class AmbiguousName(UnknownName):
    """A choice names more than one thing; `candidates` are their ids."""


def found_by_name(name: str, things: Iterable[T], names: Callable[[T], Iterable[str]], missing: str) -> Reading[T]:
    """Return the one thing that answers to `name`; `missing` says what it means that none does."""
    hits = [thing for thing in things if name.casefold() in (text.casefold() for text in names(thing))]
    if len(hits) == 1:
        return seen(hits[0])
    if hits:
        return not_seen(
            _("{count} things are called {name}: choose by id").format(count=len(hits), name=Outside(name).shown())
        )
    return not_seen(missing)


def volume_key(name: str) -> str:
    r"""Return a volume's name in the one form that compares: `R`, `r:` and `R:\` are one, `/mnt/x/` is `/mnt/x`."""
    text = name.strip()
    return text.rstrip("/") if text.startswith("/") else text.rstrip("\\").rstrip(":").casefold()


def ids_of(vm: VirtualMachine) -> tuple[str, ...]:
    """Return what a choice may call a machine: its managed object id, and its instance UUID where that was read."""
    return (vm.ref, vm.instance_uuid.value) if vm.instance_uuid.was_seen else (vm.ref,)


def vm_by_uuids(case: Case, chosen: str) -> VirtualMachine:
    """Return the VM named by `<vCenter instanceUuid>/<VM instanceUuid>`; raises `NotSeen` when it is not here.

    Where machines share an instance UUID, the managed object id (`vm-42`) tells them apart in its place.
    """
    vcenter_uuid, _slash, vm_uuid = chosen.partition("/")
    if case.vcenter.instance_uuid.value.casefold() != vcenter_uuid.casefold():
        raise NotSeen(
            _("the machine chosen for it is on another vCenter, {uuid}").format(uuid=Outside(vcenter_uuid).shown())
        )
    missing = _("the machine chosen for it, {uuid}, is no longer in the vCenter").format(uuid=Outside(vm_uuid).shown())
    return found_by_name(vm_uuid, case.vcenter.machines.value, ids_of, missing).value


def server_vm_candidates(case: Case, name: Outside, ip_address: Reading[str]) -> tuple[VirtualMachine, ...]:
    """Return the VMs that may be a server site recovery knows by name and address; none when nothing answers.

    Tried in this order: IP address, DNS name, VM name; the first that finds any decides. Raises `NotSeen` when the
    machines of the vCenter were not read.
    """
    machines = [vm for vm in case.vcenter.machines.value if not vm.is_template.or_else(default=False)]
    address = ip_address.or_else(None)
    for matches in (
        lambda vm: address is not None and address in vm.ip_addresses.or_else(()),
        lambda vm: (dns := vm.dns_name.or_else(None)) is not None and same_host(dns.raw, name.raw),
        lambda vm: vm.name.same_name(name),
    ):
        hits = tuple(vm for vm in machines if matches(vm))
        if hits:
            return hits
    return ()


def find_server_vm(case: Case, name: Outside, ip_address: Reading[str]) -> VirtualMachine:
    """Return the VM of a server site recovery knows by name and address; raises `NotSeen` on none or several."""
    hits = server_vm_candidates(case, name, ip_address)
    if len(hits) > 1:
        raise NotSeen(
            _("{count} machines in vCenter could be {name}: choose one under same_machine").format(
                count=len(hits), name=name.shown()
            )
        )
    if not hits:
        address = Outside(ip_address.value).shown() if ip_address.was_seen else _("(unread)")
        missing = _("no machine in vCenter has the address {address} or the name {name}: choose it under same_machine")
        raise NotSeen(missing.format(address=address, name=name.shown()))
    return hits[0]


def same_host(one: str, other: str) -> bool:
    """Tell whether two DNS names may be one machine's: where only one of them names a domain, the host decides."""
    (host, _dot, domain), (its_host, _its_dot, its_domain) = (
        text.casefold().rstrip(".").partition(".") for text in (one, other)
    )
    return host == its_host and (not domain or not its_domain or domain == its_domain)


def _records_of(case: Case, item: ProtectedItem) -> list[VCenterRecord]:
    """Return the records of the vCenter that site recovery found a machine in, as far as they were read."""
    wanted = (item.vcenter_infrastructure_id.or_else(None) or "").casefold()
    known = case.server.value.vcenters.or_else(())
    return [one for one in known if wanted and one.infrastructure_id.or_else("").casefold() == wanted]


def _is_ours(case: Case, record: VCenterRecord) -> bool:
    return case.vcenter.host.casefold() in (record.address.or_else("").casefold(), record.name.raw.casefold())


def refuse_other_vcenter(case: Case, item: ProtectedItem) -> None:
    """Raise `NotSeen` when site recovery knows the machine under a vCenter that is not the profile's."""
    its = _records_of(case, item)
    some_is_ours = any(_is_ours(case, one) for one in case.server.value.vcenters.or_else(()))
    if some_is_ours and its and not _is_ours(case, its[0]):
        raise NotSeen(
            _("the machine belongs to another vCenter, {name}, which this profile does not read").format(
                name=its[0].name.shown()
            )
        )


def refuse_unclear_vcenter(case: Case, item: ProtectedItem) -> None:
    """Raise `NotSeen` where a machine that was not found may stand in another vCenter: only in its own it is gone.

    Its own is this one where the vault knows no other, knows this one by its address, or found a machine there that
    stands here.
    """
    wanted = item.vcenter_infrastructure_id.value
    known = case.server.value.vcenters.value
    its = _records_of(case, item)
    if not wanted or len(known) <= 1 or not its or any(_is_ours(case, one) for one in its):
        return
    if not any(_stands_here(case, one) for one in case.azure.protected_items.value if _records_of(case, one) == its):
        raise NotSeen(
            _("the machine may stand in {name}, another vCenter than this one").format(name=its[0].name.shown())
        )


def _stands_here(case: Case, item: ProtectedItem) -> bool:
    uuid = item.infrastructure_vm_id.or_else(None)
    return bool(uuid and case.vcenter.machines_with(uuid))
