"""Step 9: the retention drive: a disk for it, its file system, and how long it takes to be listed.

The conditions of the chosen volume stand in `step_09_retention_volume`.
"""

from __future__ import annotations

from datetime import timedelta

from wizard_steps.case import Case, Target, read
from wizard_steps.classic import retention, step_09_retention_volume
from wizard_steps.classic.long_steps import RETENTION_DRIVE as STEP
from wizard_steps.classic.server_roles import process_server_beside
from wizard_steps.outside import Outside
from wizard_steps.requirement import Judgement, Requirements, fail, info, not_applicable, passed, pending
from wizard_steps.seen_in_azure import RetentionVolume
from wizard_steps.sizes import shown_size
from wizard_steps.subjects import VolumeInUse
from wizard_steps.wording import N_, _

rows = Requirements(STEP)

_FAILBACK = "inmage"  # the kind of a policy that replicates to the site


def _listed(target: Target) -> tuple[RetentionVolume, ...]:
    return target.registered.value.retention_volumes.value


def _waits(case: Case, target: Target) -> Judgement | None:
    """Return `pending` while a disk that was just added may still be unlisted; None: nothing is waited for."""
    wait = retention.waiting(case, target)
    if wait is None or wait.is_over(case.now):
        return None
    return pending(
        _("added on {added}; it may take until {due} to be listed"),
        added=wait.added,
        due=wait.due,
        until=wait.due,
        action=_("Wait until then, or refresh the configuration server now."),
        remedies=[],
    )


def _needs_disk(target: Target) -> list[str]:
    """Return the remedy: format a disk without a volume where there is one, else add a disk."""
    return ["format-retention-volume"] if _has_blank_disk(target) else ["add-retention-disk"]


def _has_blank_disk(target: Target) -> bool:
    """Tell whether a disk is known to be there that only wants formatting."""
    return bool(read(lambda: retention.blank_disks(target.vm.value)).or_else(()))


def _to_be_formatted(target: Target) -> str | None:
    """Return what to do with a disk that is there already; None: the row's own action, which begins with adding one."""
    if not _has_blank_disk(target):
        return None
    return _("Its VM has a blank disk already: format that one; site recovery lists it within 15 minutes.")


@rows.add(
    "ret-drive-present",
    statement=N_("The master target has a retention drive that site recovery lists."),
    seed="MT section, step 4",
    subject="master-target",
    worst="fail",
    remedies=["add-retention-disk", "format-retention-volume"],
    cause=N_("Without a retention drive there is no point in time to come back to, and reprotect cannot be set up."),
    action=N_("Add a disk to the master target's VM on its LSI Logic controller and format it; then wait 15 minutes."),
)
def drive_is_present(case: Case, target: Target) -> Judgement:
    """Judge site recovery's list; an empty one shortly after a disk was added is waited for."""
    volumes = _listed(target)
    if volumes:
        return passed(_("site recovery lists {volumes}"), volumes=[_said(one) for one in volumes])
    return _waits(case, target) or fail(
        _("site recovery lists no retention volume for it"),
        remedies=_needs_disk(target),
        action=_to_be_formatted(target),
    )


def _said(volume: RetentionVolume) -> str:
    capacity = volume.capacity.or_else(None)
    return _("{name} with {capacity}").format(
        name=volume.name.shown(), capacity=_("unread capacity") if capacity is None else shown_size(capacity)
    )


@rows.add(
    "ret-drive-formatted",
    statement=N_("The retention drive is formatted."),
    seed="MT section, step 4",
    subject="retention-volume",
    worst="fail",
    consequence_of=["ret-drive-present"],
    remedies=["format-retention-volume"],
    cause=N_("A disk without a file system is not shown for the master target."),
    action=N_(
        "Initialise the new disk, format it NTFS (Windows) or ext4 (Linux), and give it its letter or mount point."
    ),
)
def drive_is_formatted(case: Case, volume: VolumeInUse) -> Judgement:
    """Take a listed volume as formatted; otherwise VMware Tools tell, which report file systems only."""
    if volume.listed.value is not None:
        return passed(_("site recovery lists it"))
    name = Outside(volume.target.choice.retention_volume or "")
    guest = retention.in_guest(volume.target, name.raw)
    if guest is None:
        remedies = [one for one in _needs_disk(volume.target) if one == "format-retention-volume"]
        return fail(_("the guest has no volume {name}"), name=name, remedies=remedies)
    kind = guest.file_system.value
    if retention.is_unformatted(kind):
        return fail(_("the guest names no file system on {name}"), name=name)
    return passed(
        _("{name} is formatted with {kind}; site recovery does not list it yet"), name=name, kind=Outside(kind)
    )


@rows.add(
    "ret-drive-purpose",
    statement=N_("The retention drive keeps the points in time at which a machine can be stopped on its way home."),
    seed="MT section, step 4",
    subject="master-target",
    worst="info",
)
def drive_purpose(case: Case, target: Target) -> Judgement:
    """Tell how long the failback policy keeps points in time, where it was read."""
    policies = case.azure.policies.or_else(())
    minutes = [
        one.history_minutes.or_else(0) for one in policies if one.instance_type.or_else("").casefold() == _FAILBACK
    ]
    if not any(minutes):
        return info(_("plan {limit} GB of free space at least"), limit=case.limits.retention_free_gb)
    return info(
        _("the failback policy keeps {hours} hours of changes: plan for them, {limit} GB of free space at least"),
        hours=round(max(minutes) / 60),
        limit=case.limits.retention_free_gb,
    )


rows.extend(step_09_retention_volume.rows)


@rows.add(
    "ps-existing-add-drive",
    statement=N_("Where a process server runs on the master target's machine, that machine has a retention drive."),
    seed="MT section, step 5",
    subject="master-target",
    worst="fail",
    remedies=["add-retention-disk", "format-retention-volume"],
    cause=N_("An existing process server was installed without a drive for retention."),
    action=N_("Add a drive that meets the conditions of a retention volume to that machine."),
)
def existing_server_has_drive(case: Case, target: Target) -> Judgement:
    """Judge only a machine that carries both roles: elsewhere a drive would not become a retention volume."""
    server = process_server_beside(case, target)
    if server is None:
        return info(_("no process server runs on this machine"))
    if volumes := _listed(target):
        return passed(
            _("{server} runs here, with {volumes}"), server=server.name, volumes=[_said(one) for one in volumes]
        )
    waits = _waits(case, target)
    return waits or fail(
        _("{server} runs here, without a drive"),
        server=server.name,
        remedies=_needs_disk(target),
        action=_to_be_formatted(target),
    )


@rows.add(
    "ret-dropdown-absent",
    statement=N_("The portal offers a retention drive to choose."),
    seed="MT section, step 5",
    subject="master-target",
    worst="fail",
    consequence_of=["ret-drive-present"],
    cause=N_("Without a retention drive the list in the portal stays empty."),
    action=N_("Add the retention drive; the list fills when site recovery has seen it."),
)
def portal_offers_drive(case: Case, target: Target) -> Judgement:
    """Judge the list that the portal shows: site recovery's own."""
    if volumes := _listed(target):
        return passed(_("the portal offers {volumes}"), volumes=[one.name for one in volumes])
    return _waits(case, target) or fail(_("the portal has nothing to offer"), action=_to_be_formatted(target))


def _is_listed(target: Target) -> bool:
    """Tell whether what is waited for is there: the chosen volume, or any while none is chosen. Raises `NotSeen`."""
    chosen = target.choice.retention_volume
    return bool(_listed(target)) if chosen is None else retention.listed(target, chosen) is not None


def _is_in_guest(target: Target) -> bool:
    chosen = target.choice.retention_volume
    return chosen is not None and retention.in_guest(target, chosen) is not None


@rows.add(
    "ret-listing-15min",
    statement=N_("A retention drive is listed within 15 minutes after it was added."),
    seed="MT section, step 5",
    subject="master-target",
    worst="fail",
    consequence_of=["ret-drive-present"],
    remedies=["refresh-configuration-server"],
    cause=N_("The configuration server reports new volumes to Azure every few minutes; this time it did not."),
    action=N_("Refresh the configuration server."),
)
def is_listed_in_time(case: Case, target: Target) -> Judgement:
    """Count from the moment this program added or formatted the disk; of other disks nobody knows the moment."""
    if _is_listed(target):
        return passed(_("it is listed"))
    if (pending_yet := _waits(case, target)) is not None:
        return pending_yet
    if (wait := retention.waiting(case, target)) is not None:
        return fail(_("added on {added}, not listed by {by}"), added=wait.added, by=wait.due)
    if _is_in_guest(target):
        return fail(_("the guest has it, site recovery does not list it; nobody knows since when"))
    return not_applicable(_("no drive was added"))


@rows.add(
    "cs-refresh-after-15",
    statement=N_("When a new drive is not listed after 15 minutes, the configuration server is refreshed."),
    seed="MT section, step 5",
    subject="master-target",
    worst="fail",
    consequence_of=["ret-drive-present"],
    remedies=["refresh-configuration-server"],
    cause=N_("A refresh makes the configuration server report its volumes at once."),
    action=N_("Refresh the configuration server, then look again after a few minutes."),
)
def is_refreshed_in_time(case: Case, target: Target) -> Judgement:
    """Ask for a refresh when the time is up; after one, give it as long again."""
    if _is_listed(target):
        return passed(_("it is listed; no refresh is needed"))
    if (pending_yet := _waits(case, target)) is not None:
        return pending_yet
    wait = retention.waiting(case, target)
    if wait is None and not _is_in_guest(target):
        return not_applicable(_("no drive was added"))
    refreshed = case.memory.refreshed.get(case.server.value.id.casefold())
    if refreshed is None or (wait is not None and refreshed < wait.added):
        return fail(_("not listed, and the configuration server was not refreshed since"))
    due = refreshed + timedelta(minutes=case.limits.retention_listing_minutes)
    if case.now < due:
        return pending(
            _("refreshed on {refreshed}; it may take until {until}"), refreshed=refreshed, until=due, due=due
        )
    return fail(
        _("refreshed on {refreshed}, and still not listed"),
        refreshed=refreshed,
        action=_("Look at ret-visible, which names the condition that the volume breaks."),
    )
