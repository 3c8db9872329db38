"""Step 8, continued: the disks of the master target stay where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from wizard_steps.case import Case, Target
from wizard_steps.classic import keeping_still, moved_disks, reprotected
from wizard_steps.classic.long_steps import MASTER_TARGET_VM
from wizard_steps.conditions import all_hold, judged
from wizard_steps.disk_uuids import plain_uuid
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, read
from wizard_steps.requirement import Judgement, Requirements, attest, fail, not_applicable, passed, warn
from wizard_steps.seen_in_azure import ProtectedItem
from wizard_steps.seen_in_vcenter import Relocation, VirtualDisk
from wizard_steps.wording import N_, _, ngettext

rows = Requirements(MASTER_TARGET_VM)

_LOOKED_BACK = timedelta(days=30)  # our number
_SHOWN = 3


@rows.add(
    "mt-no-storage-vmotion",
    statement=N_("Nobody moves the master target's disks to another datastore."),
    seed="MT section, step 3",
    subject="master-target",
    worst="fail",
    cause=N_(
        "After a Storage vMotion the disks of the machines no longer lie where failback looks for them, "
        "and the machines cannot start."
    ),
    action=N_("Leave the disks where they are. Find out from vCenter's tasks who moved them, and have that stopped."),
)
def nobody_moves_disks(case: Case, target: Target) -> Judgement:
    """Judge moves in the event log; no setting forbids a move by hand, so a person vouches for the time to come."""
    moves = tuple(one for one in target.vm.value.relocations.value if _changes_datastore(one))
    recent = tuple(one for one in moves if case.now - one.at <= _LOOKED_BACK)
    using = reprotected.through(case, target)
    if moves and using:
        return fail(
            _("{moves}; its disks include those of {machines}, reprotected already"),
            moves=_said(moves),
            machines=_names(using),
            action=_("Compare the disks' files with those before the move, and attach what is missing by hand."),
        )
    if recent:
        return warn(_("{moves}; no machine was reprotected through it yet"), moves=_said(recent))
    return attest(_("no move seen in the event log; vouch that nobody will move its disks by Storage vMotion"))


def _changes_datastore(move: Relocation) -> bool:
    """Tell whether an event is a move between datastores; one that names none is taken by the kind of its event."""
    if move.from_datastore is None or move.to_datastore is None:
        return "relocat" in move.kind.casefold()
    return not move.from_datastore.same_name(move.to_datastore)


def _said(moves: Sequence[Relocation]) -> list[str]:
    newest = sorted(moves, key=lambda one: one.at, reverse=True)[:_SHOWN]
    return [
        _("moved from {old} to {new} on {when} by {user}").format(
            old=_name(one.from_datastore),
            new=_name(one.to_datastore),
            when=one.at.strftime("%Y-%m-%d %H:%M UTC"),
            user=one.user.shown(),
        )
        for one in newest
    ]


def _name(datastore: Outside | None) -> str:
    return datastore.shown() if datastore else _("a datastore the event does not name")


def _names(items: Sequence[ProtectedItem]) -> list[Outside]:
    return [one.machine_name for one in items]


@rows.add(
    "mt-exclude-vmotion",
    statement=N_("The master target is excluded from Storage DRS and from DRS."),
    seed="MT section, step 3a",
    subject="master-target",
    worst="fail",
    remedies=["exclude-from-storage-drs", "exclude-from-drs"],
    cause=N_("An automated move takes the disks of the machines along, and failback cannot detach them any more."),
    action=N_(
        "Add a virtual machine override for the master target that turns automation off, and keep it until failback."
    ),
)
def is_excluded(case: Case, target: Target) -> Judgement:
    """Fail where Storage DRS, which the document fears, is automated; warn where it only advises, and for DRS."""
    parts = [judged(lambda: _left_by_storage_drs(case, target)), judged(lambda: _left_by_drs(case, target))]
    remedies = tuple(remedy for part in parts for remedy in part.remedies or ())
    return replace(all_hold(*(lambda part=part: part for part in parts)), remedies=remedies)


def _left_by_storage_drs(case: Case, target: Target) -> Judgement:
    vm = target.vm.value
    pods = [(pod.name, keeping_still.storage_behavior(pod, vm)) for pod in keeping_still.pods_under(case, target)]
    moving = [name for name, behavior in pods if behavior == keeping_still.AUTOMATED]
    advising = [name for name, behavior in pods if behavior == keeping_still.MANUAL]
    remedies = ["exclude-from-storage-drs"]
    if moving:
        return fail(_("Storage DRS of {pods} moves its disks by itself"), pods=moving, remedies=remedies)
    if advising:
        return warn(_("Storage DRS of {pods} recommends moves of its disks"), pods=advising, remedies=remedies)
    return passed(_("Storage DRS leaves its disks alone"))


def _left_by_drs(case: Case, target: Target) -> Judgement:
    cluster = keeping_still.cluster_that_moves(case, target)
    if cluster is None:
        return passed(_("DRS leaves it on its host"))
    return warn(_("DRS of {cluster} may move it to another host"), cluster=cluster.name, remedies=["exclude-from-drs"])


@rows.add(
    "mt-svmotion-recovery",
    statement=N_("No disk of a machine reprotected already has moved away with the master target."),
    seed="MT section, step 3b",
    subject="master-target",
    worst="fail",
    remedies=["attach-moved-disks"],
    cause=N_("Failback cannot detach a disk that was moved; it has to be found and attached by hand."),
    action=N_(
        "Find the disks by their UUID on the datastores and attach them: to the master target while their machine "
        "replicates back through it, else to their own machine, then start that."
    ),
)
def disks_stay(case: Case, target: Target) -> Judgement:
    """Compare the disks' files with those this program remembers, by disk UUID; one that came home is no loss."""
    using = reprotected.through(case, target)
    remembered = moved_disks.remembered(case, target)
    if not using:
        left = moved_disks.missing(case, target) if remembered else {}
        return _stay(case, target, left) if left else not_applicable(_("no machine is reprotected through it yet"))
    if not remembered:
        return attest(
            _("{machines} come home through it, and no earlier state is remembered; vouch that no disk was moved"),
            machines=_names(using),
        )
    disks = target.vm.value.disks.value
    return all_hold(
        lambda: _stay(case, target, remembered),
        lambda: _all_known([disk for disk in disks if not disk.uuid]),
    )


def _stay(case: Case, target: Target, remembered: Mapping[str, str]) -> Judgement:
    """Judge remembered disks, each with its file; what one could not see does not hide what became of another."""
    fates = [read(partial(_fate, case, target, uuid, file)) for uuid, file in remembered.items()]
    found = [one.value for one in fates if one.was_seen and one.value]
    unseen = next((one for one in fates if not one.was_seen), None)
    if found:
        return fail(
            ngettext("{count} disk: {disks}", "{count} disks: {disks}", len(found)), count=len(found), disks=found
        )
    if unseen is not None:
        raise NotSeen(unseen.reason or "")
    return passed(_("{count} disks lie where they were, or came home"), count=len(remembered))


def _fate(case: Case, target: Target, uuid: str, file: str) -> str | None:
    """Return what became of a disk that was in `file`; None: it lies where it should, or came home. Raises `NotSeen`.

    It lies where it should in the folder where it was first seen, or where this program found it and attached it.
    """
    was = Outside(file).shown()
    disk = _by_uuid(target, uuid)
    if disk is None:
        if moved_disks.has_come_home(case, target, uuid, file):
            return None
        return _("{was} is no longer attached").format(was=was)
    right = (file, moved_disks.attached(case, target).get(plain_uuid(uuid), file))
    if moved_disks.folder(disk.file_name.raw) in map(moved_disks.folder, right):
        return None
    return _("{was} is now {file}").format(was=was, file=disk.file_name.shown())


def _by_uuid(target: Target, uuid: str) -> VirtualDisk | None:
    wanted = plain_uuid(uuid)
    return next((one for one in target.vm.value.disks.value if one.uuid and plain_uuid(one.uuid) == wanted), None)


def _all_known(disks: Sequence[VirtualDisk]) -> Judgement:
    """Ask about disks without a UUID, which nobody can tell again."""
    if not disks:
        return not_applicable(_("every disk has a UUID"))
    return attest(
        ngettext(
            "{disks} has no UUID to be told by; vouch that it was not moved",
            "{disks} have no UUID to be told by; vouch that they were not moved",
            len(disks),
        ),
        disks=[Outside(one.label) for one in disks],
    )
