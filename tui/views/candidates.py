"""What could be taken for a slot: each candidate with its figures, the machines that fit, and why it cannot be taken.

Why not is never decided here: the case is judged as it would be with the candidate taken, by the rules that judge
everything else, and the first of them that fails is the reason. Two things no rule can say of what is only thought of,
the core's own functions do: a host that does not have the master target's disks, a volume that is not listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tui.views import choosing
from tui.views.candidate_cells import CELLS
from tui.views.choosing import Slot
from wizard_steps.case import Case, Target
from wizard_steps.classic import retention, storage
from wizard_steps.joins import volume_key
from wizard_steps.judge import Report
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, read, seen
from wizard_steps.requirement import Finding, Status
from wizard_steps.seen_in_azure import RetentionVolume
from wizard_steps.seen_in_vcenter import GuestVolume
from wizard_steps.wording import _

Judge = Callable[[Case], Report]

# Which findings speak of the candidate: steps, and kinds of subject.
_SPEAKING: Mapping[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    choosing.MASTER_TARGET: ((7, 8), ("master-target", "machine", "consistency-group")),
    choosing.PROCESS_SERVER: ((4,), ("process-server", "machine")),
    choosing.VOLUME: ((9,), ("retention-volume",)),
    choosing.HOST: ((10,), ("esxi-host", "machine")),
    choosing.DATASTORE: ((10,), ("datastore", "machine")),
}


@dataclass(frozen=True)
class Candidate:
    """One candidate. `fits` are raw names of machines, of `wanted`; `refusal` is the first failing condition.

    `misfits` are the machines that do not fit where others do, each with the first condition that fails for it. A
    machine of which something was not read is neither: `unknown` says what that is.
    """

    name: Outside
    value: str  # what is written into the choices
    cells: tuple[str, ...]
    fits: tuple[str, ...]
    misfits: tuple[tuple[str, str], ...]
    wanted: tuple[str, ...]
    refusal: str | None
    unknown: str | None
    is_chosen: bool


def candidates(case: Case, slot: Slot, judge: Judge) -> tuple[Candidate, ...]:
    """Return every candidate for a slot, those that can be taken first.

    Asks `judge` once for each of them, so it belongs in a thread.
    """
    target = _target_of(case, slot)
    found = [
        _candidate(case, slot, target, name, value, thing, judge) for name, value, thing in _things(case, slot, target)
    ]
    return tuple(sorted(found, key=lambda one: (one.refusal is not None, -len(one.fits), one.name.raw.casefold())))


def _target_of(case: Case, slot: Slot) -> Target | None:
    targets = case.targets.or_else(())
    if slot.kind == choosing.DATASTORE:
        machine = next((one for one in case.machines.or_else(()) if one.name == slot.owner), None)
        return machine.target.or_else(None) if machine is not None else None
    return next((one for one in targets if one.choice.master_target == slot.owner), None)


def _things(case: Case, slot: Slot, target: Target | None) -> Iterator[tuple[Outside, str, object]]:
    """Yield name, value and object of everything that could be taken."""
    server = case.server.or_else(None)
    if slot.kind == choosing.MASTER_TARGET and server is not None:
        yield from _named(server.master_targets.or_else(()), lambda one: one.id)
    elif slot.kind == choosing.PROCESS_SERVER and server is not None:
        yield from _named(server.process_servers.or_else(()), lambda one: one.id)
    elif slot.kind == choosing.VOLUME and target is not None:
        registered = target.registered.or_else(None)
        volumes = registered.retention_volumes.or_else(()) if registered is not None else ()
        yield from _named(volumes, lambda one: one.name.raw)
        yield from ((one.path, one.path.raw, _as_listed(one)) for one in _unlisted(target))
    elif slot.kind == choosing.HOST:
        yield from _named(case.vcenter.hosts.or_else(()), lambda one: one.ref)
    elif slot.kind == choosing.DATASTORE:
        yield from _named(case.vcenter.datastores.or_else(()), lambda one: one.ref)


def _named(things: Iterable[Any], identity: Callable[[Any], str]) -> Iterator[tuple[Outside, str, object]]:
    """Yield things with what a choice calls them: the name, or what tells things of one name apart."""
    known = tuple(things)
    count = Counter(one.name.raw.casefold() for one in known)
    for one in known:
        yield one.name, one.name.raw if count[one.name.raw.casefold()] == 1 else identity(one), one


def _unlisted(target: Target) -> tuple[GuestVolume, ...]:
    """Return the volumes of the guest that site recovery does not list; none where either was not read."""
    listed = read(lambda: target.registered.value.retention_volumes.value)
    volumes = read(lambda: target.vm.value.guest_volumes.value).or_else(())
    known = {volume_key(one.name.raw) for one in listed.or_else(())}
    return tuple(one for one in volumes if listed.was_seen and volume_key(one.path.raw) not in known)


def _as_listed(volume: GuestVolume) -> RetentionVolume:
    return RetentionVolume(volume.path, seen(volume.capacity), seen(volume.free))


def _said_beforehand(case: Case, slot: Slot, target: Target | None, name: Outside, thing: Any) -> Reading[str | None]:
    """Return why a candidate cannot be taken that no rule can tell while it is not taken; None: nothing."""
    if target is not None and slot.kind == choosing.HOST:
        return read(partial(storage.out_of_reach, case, target, thing))
    if target is not None and slot.kind == choosing.VOLUME:
        hidden = next((one for one in _unlisted(target) if one.path == name), None)
        if hidden is not None:
            reason = retention.first_reason(case, target, hidden)
            return seen(_("site recovery does not list it: {reason}").format(reason=reason))
    return seen(None)


def _candidate(
    case: Case, slot: Slot, target: Target | None, name: Outside, value: str, thing: object, judge: Judge
) -> Candidate:
    judged = judge(_as_if(case, slot, target, value, thing))
    wanted = _wanted(case, slot, target)
    speaking = [one for one in judged.findings if _speaks(one, slot, name, wanted)]
    failing = [one for one in speaking if one.status is Status.FAIL]
    unread = [one for one in speaking if one.status is Status.UNKNOWN]
    beforehand = _said_beforehand(case, slot, target, name, thing)
    whole = [one for one in failing if one.subject.kind != "machine"]
    may_fit = () if whole else _not_among(wanted, failing)
    refusal = beforehand.or_else(None)
    if refusal is None and failing and (whole or not may_fit):
        refusal = (whole or failing)[0].evidence
    return Candidate(
        name,
        value,
        CELLS[slot.kind](case, target, thing),
        _not_among(may_fit, unread) if refusal is None and beforehand.was_seen else (),
        _misfits(wanted, failing),
        wanted,
        refusal,
        unread[0].evidence if unread else beforehand.reason,
        _is_chosen(slot, name, value, thing),
    )


def _not_among(machines: Sequence[str], findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the machines that none of the findings concerns."""
    return tuple(one for one in machines if not any(one in each.machines for each in findings))


def _misfits(machines: Sequence[str], failing: Sequence[Finding]) -> tuple[tuple[str, str], ...]:
    """Return each machine that a failure concerns, with the first such one's words."""
    first = {one: next((each.evidence for each in failing if one in each.machines), None) for one in machines}
    return tuple((one, evidence) for one, evidence in first.items() if evidence is not None)


def _is_chosen(slot: Slot, name: Outside, value: str, thing: object) -> bool:
    """Tell whether a candidate is what the choice names: by its value, or by what tells it apart from its like."""
    if slot.chosen is None:
        return False
    if slot.kind == choosing.VOLUME:
        return volume_key(slot.chosen) == volume_key(name.raw)
    identity: str = getattr(thing, "ref", "") or getattr(thing, "id", "")
    return slot.chosen.casefold() in (value.casefold(), identity.casefold())


def _wanted(case: Case, slot: Slot, target: Target | None) -> tuple[str, ...]:
    if slot.kind == choosing.DATASTORE:
        return (slot.owner,)
    machines = target.machines if target is not None else case.machines.or_else(())
    return tuple(one.name for one in machines)


def _speaks(finding: Finding, slot: Slot, name: Outside, wanted: Sequence[str]) -> bool:
    """Tell whether a finding is about the candidate, or about a machine that would come home by way of it."""
    steps, kinds = _SPEAKING[slot.kind]
    subject = finding.subject
    if finding.requirement.step.number not in steps or subject.kind not in kinds or finding.requirement.rule is None:
        return False
    if subject.kind in ("machine", "consistency-group"):
        return any(one in wanted for one in finding.machines)
    return name.same_name(subject.name) or subject.name.casefold().endswith(f":{name.raw}".casefold())


def _as_if(case: Case, slot: Slot, target: Target | None, value: str, thing: object) -> Case:
    """Return the case as it would be with the candidate taken; for a host, with the master target standing on it."""
    taken = replace(case, choices=choosing.with_choice(case, slot, value))
    if slot.kind != choosing.HOST or target is None:
        return taken
    vm = target.vm.or_else(None)
    ref: str = getattr(thing, "ref", "")
    if vm is None or not case.vcenter.machines.was_seen:
        return taken
    moved: Reading[str] = seen(ref, vm.host_ref.source)
    machines = tuple(replace(one, host_ref=moved) if one.ref == vm.ref else one for one in case.vcenter.machines.value)
    vcenter = replace(case.vcenter, machines=seen(machines, case.vcenter.machines.source))
    return replace(taken, estate=replace(taken.estate, vcenter=vcenter))
