"""Step 9, continued: the conditions that the chosen retention volume has to meet."""

from __future__ import annotations

from wizard_steps.case import Case, read, volume_key
from wizard_steps.classic import retention
from wizard_steps.classic.inside import looked_at, volume_inside, why_not
from wizard_steps.classic.long_steps import RETENTION_DRIVE
from wizard_steps.classic.operating_systems import LINUX, WINDOWS, family
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading
from wizard_steps.requirement import Judgement, Requirements, attest, fail, not_applicable, passed, unknown, warn
from wizard_steps.seen_in_vcenter import GuestVolume
from wizard_steps.sizes import GB, shown_size
from wizard_steps.subjects import VolumeInUse
from wizard_steps.wording import N_, _

rows = Requirements(RETENTION_DRIVE)

_NARROW = 0.25  # our number: free space below a quarter
_LINUX_CAPACITY = 1000 * GB  # Microsoft's page on the Linux master target


def _name(volume: VolumeInUse) -> str:
    return volume.target.choice.retention_volume or ""


def _in_guest(volume: VolumeInUse) -> GuestVolume | None:
    return retention.in_guest(volume.target, _name(volume))


def _nothing_yet(volume: VolumeInUse) -> Judgement | None:
    """Return that there is nothing to judge; None: the volume is listed, or the guest has it. Raises `NotSeen`."""
    if volume.listed.value is None and _in_guest(volume) is None:
        return not_applicable(_("there is no volume {name} yet"), name=Outside(_name(volume)))
    return None


@rows.add(
    "ret-visible",
    statement=N_("Site recovery lists the chosen retention volume."),
    seed="MT section, step 4 (lead-in)",
    subject="retention-volume",
    worst="warn",
    consequence_of=["ret-drive-present"],
    cause=N_("A volume that breaks one of the document's conditions is simply not shown for the master target."),
    action=N_("Remove the reason that is named, or choose another volume; then refresh the configuration server."),
)
def is_visible(case: Case, volume: VolumeInUse) -> Judgement:
    """Name the first broken condition of the chosen volume; of a listed one, those of the others for comparison."""
    if volume.listed.value is not None:
        others = volume.target.vm.value.guest_volumes.or_else(()) if volume.target.vm.was_seen else ()
        hidden = [one for one in others if retention.listed(volume.target, one.path.raw) is None]
        shown = [f"{one.path.shown()} ({retention.first_reason(case, volume.target, one)})" for one in hidden]
        return passed(_("it is listed; not listed: {hidden}"), hidden=shown or _("none"))
    guest = _in_guest(volume)
    if guest is None:
        return warn(_("it is not listed, and the guest has no such volume"))
    return warn(_("it is not listed: {reason}"), reason=retention.first_reason(case, volume.target, guest))


@rows.add(
    "ret-not-used-otherwise",
    statement=N_("The retention volume is used for nothing else, such as a target of replication."),
    seed="MT section, step 4, bullet 1",
    subject="retention-volume",
    worst="fail",
    remedies=["add-retention-disk"],
    cause=N_("Retention data and other data on one volume crowd each other out."),
    action=N_("Choose a volume of its own, or add a new disk for it."),
)
def is_used_for_nothing_else(case: Case, volume: VolumeInUse) -> Judgement:
    """Fail for another machine's disk; what takes up space on a listed volume, a person has to know."""
    if (nothing := _nothing_yet(volume)) is not None:
        return nothing
    return all_hold(lambda: _is_own_disk(volume), lambda: _is_empty(volume))


def _is_own_disk(volume: VolumeInUse) -> Judgement:
    guest = _in_guest(volume)
    if guest is None:
        return unknown(_("VMware Tools do not report this volume"))
    if not guest.disk_keys.was_seen:
        return attest(_("before vSphere 7.0 nobody tells on which disk it lies; vouch that it is the retention disk"))
    if disks := retention.foreign_disks(volume.target, guest):
        return fail(_("it lies on the disk of another machine, {files}"), files=[one.file_name for one in disks])
    return passed(_("it lies on a disk of the master target"))


def _is_empty(volume: VolumeInUse) -> Judgement:
    capacity, free = _space(volume)
    share = retention.used_share(capacity, free)
    values = {"percent": round(share * 100), "free": shown_size(free), "capacity": shown_size(capacity)}
    if retention.is_system_volume(_name(volume)):
        return fail(_("it is the volume the system starts from; {percent} % of {capacity} are used"), **values)
    if capacity <= 0:
        return not_applicable(_("its capacity is zero, so nothing is on it"))
    if share <= retention.MOST_USED:
        return passed(_("{percent} % of {capacity} are used"), **values)
    if volume.listed.value is None:
        return fail(_("{percent} % of {capacity} are used, and site recovery does not list it"), **values)
    return attest(_("{percent} % of {capacity} are used; vouch that this is retention data and nothing else"), **values)


def _space(volume: VolumeInUse) -> tuple[int, int]:
    """Return capacity and free space in bytes: as site recovery lists them, else as the guest reports them."""
    listed = volume.listed.value
    if listed is not None:
        capacity, free = listed.capacity.value, listed.free.value
    else:
        guest = volume.target.guest_volume.value
        capacity, free = guest.capacity, guest.free
    if 0 < capacity < free:
        raise NotSeen(
            _("{name} is said to have more free than it holds, {free} of {capacity}").format(
                name=Outside(_name(volume)).shown(), free=shown_size(free), capacity=shown_size(capacity)
            )
        )
    return capacity, free


@rows.add(
    "ret-not-locked",
    statement=N_("The retention volume is not locked."),
    seed="MT section, step 4, bullet 1",
    subject="retention-volume",
    worst="fail",
    cause=N_("A locked volume (BitLocker) cannot be written."),
    action=N_(
        "Look at it inside the guest: manage-bde -status on Windows, the mount options on Linux. Unlock it for good."
    ),
)
def is_not_locked(case: Case, volume: VolumeInUse) -> Judgement:
    """Judge what a look inside the guest showed; without one a person has to vouch, for no interface tells."""
    if (nothing := _nothing_yet(volume)) is not None:
        return nothing
    name, target = Outside(_name(volume)), volume.target
    inside = volume_inside(target, name.raw)
    unread: Reading[bool] | None = None
    if inside is not None:
        if _was_shown(inside.locked):
            return fail(_("BitLocker has {name} locked"), name=name)
        if _was_shown(inside.read_only):
            return fail(_("the guest has {name} read-only, so nothing can be written to it"), name=name)
        unread = next((one for one in (inside.locked, inside.read_only) if not one.was_seen), None)
        if unread is None:
            return passed(_("not locked, and writable, as the guest showed at {at}"), at=looked_at(target))
    return attest(
        _("vouch that the volume {name} is not locked: {why}"), name=name, why=why_not(target, name.raw, unread)
    )


def _was_shown(fact: Reading[bool]) -> bool:
    """Tell whether the guest showed that a fact holds; one that nobody saw does not hide another that was."""
    return fact.was_seen and fact.value


@rows.add(
    "ret-not-cache-volume",
    statement=N_("The retention volume is not the cache volume."),
    seed="MT section, step 4, bullet 2",
    subject="retention-volume",
    worst="fail",
    remedies=["add-retention-disk"],
    cause=N_("The volume on which process server and master target are installed is the master target's cache."),
    action=N_("Choose another volume, or add a new disk for it."),
)
def is_not_the_cache(case: Case, volume: VolumeInUse) -> Judgement:
    """Judge what a look inside showed; else take being listed as proof, unless its size is that of the cache here."""
    if (nothing := _nothing_yet(volume)) is not None:
        return nothing
    if (told := _folders_inside(volume, caches=True)) is not None:
        return told
    guest = _in_guest(volume)
    suspect = guest is not None and retention.looks_like_cache(case, volume.target, guest)
    if volume.listed.value is not None:
        if suspect:
            return warn(_("it has exactly the size of the cache of the process server on this machine"))
        return passed(_("site recovery lists it, and lists no cache volume"))
    if suspect:
        return fail(_("it has the size of the process server's cache on this machine, and is not listed"))
    return attest(_("site recovery does not list it; vouch that it is not the cache volume"))


@rows.add(
    "ret-not-install-volume",
    statement=N_("Process server and master target are not installed on the retention volume."),
    seed="MT section, step 4, bullet 2",
    subject="retention-volume",
    worst="fail",
    remedies=["add-retention-disk"],
    cause=N_("A volume that one of them is installed on cannot become a retention volume."),
    action=N_("Choose another volume, or add a new disk for it."),
)
def is_not_the_install_volume(case: Case, volume: VolumeInUse) -> Judgement:
    """Judge what a look inside showed; else take being listed as proof, and the system volume as where they are."""
    if (nothing := _nothing_yet(volume)) is not None:
        return nothing
    if (told := _folders_inside(volume, caches=False)) is not None:
        return told
    if retention.is_system_volume(_name(volume)):
        return fail(_("{name} is the system volume, where the servers are installed"), name=Outside(_name(volume)))
    if volume.listed.value is not None:
        return passed(_("site recovery lists it, and lists no volume the servers are installed on"))
    return attest(_("site recovery does not list it; vouch that neither server is installed on it"))


def _folders_inside(volume: VolumeInUse, *, caches: bool) -> Judgement | None:
    """Judge by the product's folders that a look inside found; None: it showed nothing of them. Raises `NotSeen`."""
    inside = volume_inside(volume.target, _name(volume))
    folders = None if inside is None else inside.caches if caches else inside.installed
    if folders is None or not folders.was_seen:
        return None
    if folders.value and caches:
        return fail(_("the cache of site recovery lies on it: {folders}"), folders=folders.value)
    if folders.value:
        return fail(_("site recovery is installed on it: {folders}"), folders=folders.value)
    if retention.is_system_volume(_name(volume)):
        return None  # nothing found on the volume of the system: the rule's own proof goes first
    at = looked_at(volume.target)
    return passed(_("no folder of site recovery's is on it, as the guest showed at {at}"), at=at)


@rows.add(
    "ret-fs-not-fat",
    statement=N_("The file system of the retention volume is neither FAT nor FAT32."),
    seed="MT section, step 4, bullet 3",
    subject="retention-volume",
    worst="fail",
    remedies=["format-retention-volume"],
    cause=N_("FAT cannot hold the large files of retention data."),
    action=N_("Format the volume anew, NTFS on Windows or ext4 on Linux; everything on it is lost."),
)
def file_system_is_not_fat(case: Case, volume: VolumeInUse) -> Judgement:
    """Judge the guest's word for it: GuestDiskInfo.filesystemType from vSphere 7.0 on, before that a look inside."""
    if (nothing := _nothing_yet(volume)) is not None:
        return nothing
    kind = _file_system(volume)
    if not kind:
        return unknown(_("VMware Tools name no file system"))
    if retention.is_unformatted(kind):
        return fail(_("the volume is not formatted (the guest says {kind})"), kind=Outside(kind))
    if retention.is_fat(kind):
        return fail(_("the file system is {kind}"), kind=Outside(kind))
    if kind.casefold() == "exfat":
        return warn(
            _("the file system is {kind}, which the document does not mention"), kind=Outside(kind), remedies=[]
        )
    return passed(_("the file system is {kind}"), kind=Outside(kind))


def _file_system(volume: VolumeInUse) -> str:
    """Return the file system as VMware Tools report it, else as a look inside showed it; raises `NotSeen`."""
    inside = volume_inside(volume.target, _name(volume))
    told = read(lambda: volume.target.guest_volume.value.file_system.value)
    if inside is not None and inside.file_system.was_seen and not (told.was_seen and told.value):
        return inside.file_system.value.raw
    return told.value


@rows.add(
    "ret-capacity-nonzero",
    statement=N_("The retention volume has a capacity above zero, and room left."),
    seed="MT section, step 4, bullet 4",
    subject="retention-volume",
    worst="fail",
    consequence_of=["ret-drive-present"],
    remedies=["add-retention-disk"],
    cause=N_("Without room, replication stops or keeps no points in time."),
    action=N_("Grow the disk and extend the volume inside the guest, or add a new disk."),
)
def has_capacity(case: Case, volume: VolumeInUse) -> Judgement:
    """Fail at zero; warn below a quarter of free space (our number)."""
    if (nothing := _nothing_yet(volume)) is not None:
        return nothing
    capacity, free = _space(volume)
    values = {"free": shown_size(free), "capacity": shown_size(capacity)}
    if capacity <= 0:
        return fail(_("its capacity is zero"), **values)
    return (warn if free < capacity * _NARROW else passed)(_("{free} of {capacity} are free"), **values)


@rows.add(
    "ret-default-r-windows",
    statement=N_("On a Windows master target the retention volume is R."),
    seed="MT section, step 4, bullet 5",
    subject="retention-volume",
    worst="warn",
    consequence_of=["ret-drive-present"],
    cause=N_("R is the default; another letter works, if it is meant."),
    action=N_("Make sure that this letter is meant, or give the volume the letter R."),
)
def is_r_on_windows(case: Case, volume: VolumeInUse) -> Judgement:
    """Compare letters without case, colon and backslash."""
    return _is_default(volume, WINDOWS, "R")


@rows.add(
    "ret-default-mnt-retention-linux",
    statement=N_("On a Linux master target the retention volume is /mnt/retention."),
    seed="MT section, step 4, bullet 6",
    subject="retention-volume",
    worst="warn",
    consequence_of=["ret-drive-present"],
    cause=N_("/mnt/retention is the default; another mount point works, if it is meant."),
    action=N_("Make sure that this mount point is meant, or mount the volume on /mnt/retention."),
)
def is_mnt_retention_on_linux(case: Case, volume: VolumeInUse) -> Judgement:
    """Compare mount points without the last slash."""
    return _is_default(volume, LINUX, "/mnt/retention")


def _is_default(volume: VolumeInUse, wanted: str, default: str) -> Judgement:
    mine = family(volume.target.registered.value.os_type.value)
    if mine != wanted:
        return not_applicable(_("a {family} master target"), family=mine)
    usual = volume_key(_name(volume)) == volume_key(default)
    return (passed if usual else warn)(_("it is {name}"), name=Outside(_name(volume)), default=default)


@rows.add(
    "retention-size-ok",
    statement=N_("The retention volume has at least 600 GB free; on Linux it holds at least 1 TB."),
    seed="Linux MT; CS requirements",
    subject="retention-volume",
    worst="warn",
    consequence_of=["ret-drive-present", "ret-capacity-nonzero"],
    cause=N_("It keeps every change of the retention period; a full one loses points in time."),
    action=N_("Grow the disk and extend the volume inside the guest."),
)
def is_large_enough(case: Case, volume: VolumeInUse) -> Judgement:
    """Judge by the two figures of Microsoft's pages; the free space is a limit of the profile."""
    if (nothing := _nothing_yet(volume)) is not None:
        return nothing
    capacity, free = _space(volume)
    is_linux = family(volume.target.registered.value.os_type.value) == LINUX
    wanted = case.limits.retention_free_gb * GB
    values = {"free": shown_size(free), "capacity": shown_size(capacity), "wanted": shown_size(wanted)}
    if is_linux and capacity < _LINUX_CAPACITY:
        return warn(
            _("it holds {capacity}; on Linux it is to hold 1 TB ({least}), and {wanted} of it free"),
            **values,
            least=shown_size(_LINUX_CAPACITY),
        )
    return (warn if free < wanted else passed)(
        _("{free} of {capacity} are free; wanted are {limit} GB ({wanted})"),
        **values,
        limit=case.limits.retention_free_gb,
    )
