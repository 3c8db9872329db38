"""Step 9, row by row: the retention drive, its volume, and the wait until it is listed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.estates.paths import MT, PS
from tests.estates.ready import DENIED, GONE, NOW, change_all, finding_of, minutes_ago, ready_case, report_of
from tests.estates.ready_azure import GIB
from tests.estates.rows import Row, Unread, judged_by, requirements_of_step
from wizard_steps.estate import Memory
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_in_azure import RetentionVolume
from wizard_steps.seen_in_guest import SeenInGuest, VolumeInside
from wizard_steps.seen_in_vcenter import GuestVolume

VM = "vcenter.machines[MT01]"
LISTED = f"{MT}.retention_volumes"
ON_R = f"{VM}.guest_volumes[1]"
BESIDE = {f"{PS}.ip_address": "10.20.0.11"}
CACHE_SIZE = {f"{PS}.space_total": 1024 * GIB}
UNLISTED = {LISTED: ()}
NOT_IN_GUEST = {**UNLISTED, f"{VM}.guest_volumes": lambda all_: all_[:1]}
FABRIC = ready_case().server.value.id.casefold()


def added(minutes: float) -> dict[str, object]:
    """Return the memory of a retention disk added so many minutes ago."""
    return {"memory": Memory(retention_disk_added={"mt-mt01": minutes_ago(minutes)})}


def refreshed(added_ago: float, refreshed_ago: float) -> dict[str, object]:
    return {
        "memory": Memory(
            retention_disk_added={"mt-mt01": minutes_ago(added_ago)}, refreshed={FABRIC: minutes_ago(refreshed_ago)}
        )
    }


def another_volume(path: str, capacity: int = 100 * GIB, free: int = 99 * GIB, kind: str = "NTFS") -> object:
    def add(there: tuple[GuestVolume, ...]) -> tuple[GuestVolume, ...]:
        return (*there, GuestVolume(Outside(path), capacity, free, seen(kind), seen((2001,))))

    return add


def inside(path: str = "R:\\", **facts: object) -> dict[str, object]:
    """Return a look inside that found nothing wrong with the volume, but `facts`."""
    nothing = {"file_system": Outside("NTFS"), "locked": False, "read_only": False, "installed": (), "caches": ()}
    told = {name: value if isinstance(value, Reading) else seen(value) for name, value in {**nothing, **facts}.items()}
    volume = VolumeInside(Outside(path), **told)
    return {f"{VM}.inside": SeenInGuest(NOW, (volume,), seen(()), seen(()))}


FOLDER = (Outside("R:\\Program Files (x86)\\Microsoft Azure Site Recovery"),)
NOT_TOLD = not_seen("the account is no administrator of the guest")
BEFORE_7 = {f"{ON_R}.file_system": not_seen("VMware Tools do not report it")}

GREEN = [
    Row("ret-drive-present", "pass", "R with 1 TiB"),
    Row("ret-drive-formatted", "pass", "lists it"),
    Row("ret-drive-purpose", "info", "24 hours of changes"),
    Row("ret-visible", "pass", "not listed: C:\\ (the system starts from it)", subject="MT01:R"),
    Row("ret-not-used-otherwise", "pass", "0 % of 1 TiB"),
    Row("ret-not-locked", "attest", "volume R is not locked"),
    Row("ret-not-cache-volume", "pass", "lists no cache"),
    Row("ret-not-install-volume", "pass", "lists it"),
    Row("ret-fs-not-fat", "pass", "NTFS"),
    Row("ret-capacity-nonzero", "pass", "1020 GiB of 1 TiB"),
    Row("ret-default-r-windows", "pass", "R"),
    Row("ret-default-mnt-retention-linux", "not-applicable", "Windows"),
    Row("ps-existing-add-drive", "info", "no process server"),
    Row("ret-dropdown-absent", "pass", "offers R"),
    Row("ret-listing-15min", "pass", "listed"),
    Row("cs-refresh-after-15", "pass", "no refresh"),
    Row("retention-size-ok", "pass", "1020 GiB of 1 TiB are free; wanted are 600 GB"),
]

OTHER = [
    # present, formatted, offered
    Row("ret-drive-present", "fail", "no retention volume", UNLISTED),
    Row("ret-drive-present", "pending", "it may take until 2026-11-22 10:10 UTC", {**UNLISTED, **added(5)}),
    Row("ret-drive-present", "fail", "", {**UNLISTED, **added(15)}),
    Row("ret-drive-formatted", "pass", "formatted with NTFS; site recovery does not list it yet", UNLISTED),
    Row("ret-drive-formatted", "fail", "no file system", {**UNLISTED, f"{ON_R}.file_system": ""}),
    Row("ret-drive-formatted", "fail", "no volume R", NOT_IN_GUEST),
    Row("ret-drive-formatted", "unknown", "no retention volume chosen", {"target.retention_volume": None}),
    Row("ret-drive-purpose", "info", "600 GB of free space at least", {"azure.policies": DENIED}),
    Row("ret-drive-purpose", "info", "72 hours", {"azure.policies[to-azure-failback].history_minutes": 4320}),
    Row("ret-dropdown-absent", "fail", "nothing to offer", UNLISTED),
    Row("ret-dropdown-absent", "pending", "until", {**UNLISTED, **added(1)}),
    Row("ps-existing-add-drive", "pass", "PS-AZ-01 runs here, with R", BESIDE),
    Row("ps-existing-add-drive", "pass", "PS-AZ-01", {f"{PS}.id": "MT-mt01"}),
    Row("ps-existing-add-drive", "fail", "without a drive", {**BESIDE, **UNLISTED}),
    Row("ps-existing-add-drive", "pending", "until", {**BESIDE, **UNLISTED, **added(1)}),
    # visible
    Row("ret-visible", "warn", "breaks no condition that can be read", UNLISTED),
    Row("ret-visible", "warn", "added a short while ago", {**UNLISTED, **added(5)}),
    Row("ret-visible", "warn", "no such volume", NOT_IN_GUEST),
    Row("ret-visible", "warn", "20 % of it is used", {**UNLISTED, f"{ON_R}.free": int(1024 * GIB * 0.8)}),
    Row("ret-visible", "warn", "file system is FAT32", {**UNLISTED, f"{ON_R}.file_system": "FAT32"}),
    Row("ret-visible", "warn", "capacity is zero", {**UNLISTED, f"{ON_R}.capacity": 0, f"{ON_R}.free": 0}),
    Row("ret-visible", "warn", "not known: denied", {**UNLISTED, f"{ON_R}.file_system": DENIED}),
    Row("ret-visible", "warn", "cache of the process server", {**UNLISTED, **BESIDE, **CACHE_SIZE}),
    Row(
        "ret-visible",
        "warn",
        "[vmfs-01] db01/db01.vmdk",
        {**UNLISTED, f"{VM}.disks[1].file_name": "[vmfs-01] db01/db01.vmdk"},
    ),
    Row(
        "ret-visible",
        "pass",
        "E:\\ (its file system is FAT)",
        {f"{VM}.guest_volumes": another_volume("E:\\", kind="FAT")},
    ),
    Row("ret-visible", "pass", "not listed: none", {f"{VM}.guest_volumes": DENIED}),
    # used for nothing else
    Row(
        "ret-not-used-otherwise",
        "attest",
        "6 % of 1 TiB are used; vouch",
        {f"{LISTED}[R].free": int(1024 * GIB * 0.94)},
    ),
    Row(
        "ret-not-used-otherwise",
        "fail",
        "6 % of 1 TiB are used, and site recovery does not list it",
        {**UNLISTED, f"{ON_R}.free": int(1024 * GIB * 0.94)},
    ),
    Row("ret-not-used-otherwise", "fail", "db01/db01.vmdk", {f"{VM}.disks[1].file_name": "[vmfs-01] db01/db01.vmdk"}),
    Row("ret-not-used-otherwise", "pass", "", {f"{VM}.disks[1].file_name": "[vmfs-02] MT01/MT01.vmdk"}),
    Row("ret-not-used-otherwise", "pass", "", {f"{VM}.disks[1].file_name": "[vsan] 5e5c-a11b/MT01_1.vmdk"}),
    Row("ret-not-used-otherwise", "attest", "before vSphere 7.0", {f"{ON_R}.disk_keys": not_seen("old")}),
    Row("ret-not-used-otherwise", "unknown", "do not report", {f"{VM}.guest_volumes": lambda all_: all_[:1]}),
    Row("ret-not-used-otherwise", "fail", "the system starts from", {"target.retention_volume": "C:\\"}),
    Row("ret-not-used-otherwise", "not-applicable", "no volume R yet", NOT_IN_GUEST),
    Row("ret-not-used-otherwise", "pass", "", {f"{LISTED}[R].capacity": 0, f"{LISTED}[R].free": 0}),
    Row("ret-not-locked", "not-applicable", "no volume R yet", NOT_IN_GUEST),
    Row("ret-not-locked", "attest", "nobody looked inside"),
    Row("ret-not-locked", "pass", "not locked, and writable, as the guest showed at 2026-11-22 10:00", inside()),
    Row("ret-not-locked", "pass", "not locked", inside("r:")),
    Row("ret-not-locked", "fail", "BitLocker has R locked", inside(locked=True)),
    Row("ret-not-locked", "fail", "BitLocker", inside(locked=True, read_only=NOT_TOLD)),
    Row("ret-not-locked", "fail", "read-only", inside(read_only=True)),
    Row("ret-not-locked", "fail", "read-only", inside(read_only=True, locked=NOT_TOLD)),
    Row("ret-not-locked", "attest", "no administrator", inside(locked=NOT_TOLD)),
    Row("ret-not-locked", "attest", "no administrator", inside(read_only=NOT_TOLD)),
    Row("ret-not-locked", "attest", "showed no volume R", inside("E:\\", locked=True)),
    Row("ret-not-locked", "attest", "the password was refused", {f"{VM}.inside": not_seen("the password was refused")}),
    Row("ret-not-cache-volume", "fail", "cache of site recovery", inside(caches=FOLDER)),
    Row("ret-not-cache-volume", "pass", "lists no cache", inside(caches=NOT_TOLD)),
    Row("ret-not-cache-volume", "pass", "as the guest showed", {**UNLISTED, **BESIDE, **CACHE_SIZE, **inside()}),
    Row(
        "ret-not-cache-volume", "fail", "has the size", {**UNLISTED, **BESIDE, **CACHE_SIZE, **inside(caches=NOT_TOLD)}
    ),
    Row("ret-not-install-volume", "fail", "Microsoft Azure Site Recovery", inside(installed=FOLDER)),
    Row("ret-not-install-volume", "pass", "as the guest showed", {**UNLISTED, **inside()}),
    Row("ret-not-install-volume", "attest", "vouch", {**UNLISTED, **inside(installed=NOT_TOLD)}),
    Row("ret-not-install-volume", "fail", "system volume", {"target.retention_volume": "c:", **inside("C:\\")}),
    Row("ret-fs-not-fat", "unknown", "do not report", BEFORE_7),
    Row("ret-fs-not-fat", "pass", "NTFS", {**BEFORE_7, **inside()}),
    Row("ret-fs-not-fat", "fail", "FAT32", {**BEFORE_7, **inside(file_system=Outside("FAT32"))}),
    Row("ret-fs-not-fat", "unknown", "do not report", {**BEFORE_7, **inside(file_system=NOT_TOLD)}),
    Row("ret-fs-not-fat", "fail", "FAT32", {f"{ON_R}.file_system": "FAT32", **inside()}),
    Row("ret-not-cache-volume", "pass", "", BESIDE),
    Row("ret-not-cache-volume", "warn", "exactly the size", {**BESIDE, **CACHE_SIZE}),
    Row("ret-not-cache-volume", "fail", "not listed", {**UNLISTED, **BESIDE, **CACHE_SIZE}),
    Row(
        "ret-not-cache-volume",
        "pass",
        "",
        {**BESIDE, **CACHE_SIZE, f"{VM}.guest_volumes": another_volume("E:\\", 1024 * GIB)},
    ),
    Row("ret-not-cache-volume", "attest", "vouch", UNLISTED),
    Row("ret-not-cache-volume", "not-applicable", "", NOT_IN_GUEST),
    Row("ret-not-install-volume", "fail", "system volume", {"target.retention_volume": "c:"}),
    Row("ret-not-install-volume", "attest", "vouch", UNLISTED),
    Row("ret-not-install-volume", "not-applicable", "", NOT_IN_GUEST),
    # file system, capacity
    Row("ret-fs-not-fat", "fail", "FAT32", {f"{ON_R}.file_system": "FAT32"}),
    Row("ret-fs-not-fat", "fail", "vfat", {f"{ON_R}.file_system": "vfat"}),
    Row("ret-fs-not-fat", "warn", "exFAT", {f"{ON_R}.file_system": "exFAT"}),
    Row("ret-fs-not-fat", "unknown", "name no file system", {f"{ON_R}.file_system": ""}),
    Row("ret-fs-not-fat", "not-applicable", "", NOT_IN_GUEST),
    Row("ret-capacity-nonzero", "fail", "zero", {f"{LISTED}[R].capacity": 0}),
    Row("ret-capacity-nonzero", "warn", "200 GiB of 1 TiB", {f"{LISTED}[R].free": 200 * GIB}),
    Row("ret-capacity-nonzero", "pass", "1020 GiB", UNLISTED),
    Row("ret-capacity-nonzero", "not-applicable", "", NOT_IN_GUEST),
    Row("retention-size-ok", "warn", "500 GiB of 1 TiB", {f"{LISTED}[R].free": 500 * GIB}),
    Row("retention-size-ok", "pass", "", {f"{LISTED}[R].free": 500 * GIB, "limits.retention_free_gb": 400}),
    Row(
        "retention-size-ok",
        "warn",
        "it holds 900 GiB; on Linux it is to hold 1 TB",
        {f"{MT}.os_type": "Linux", f"{LISTED}[R].capacity": 900 * GIB, f"{LISTED}[R].free": 890 * GIB},
    ),
    Row("retention-size-ok", "not-applicable", "", NOT_IN_GUEST),
    # names
    Row("ret-default-r-windows", "pass", "r:", {"target.retention_volume": "r:\\"}),
    Row("ret-default-r-windows", "warn", "F", {"target.retention_volume": "F"}, "MT01:F"),
    Row("ret-default-r-windows", "not-applicable", "Linux", {f"{MT}.os_type": "Linux"}),
    Row("ret-default-mnt-retention-linux", "warn", "R", {f"{MT}.os_type": "Linux"}),
    Row(
        "ret-default-mnt-retention-linux",
        "pass",
        "/mnt/retention/",
        {f"{MT}.os_type": "Linux", "target.retention_volume": "/mnt/retention/"},
    ),
    # the wait
    Row(
        "ret-listing-15min",
        "pending",
        "added on 2026-11-22 09:46 UTC; it may take until 2026-11-22 10:01 UTC",
        {**UNLISTED, **added(14)},
    ),
    Row("ret-listing-15min", "fail", "not listed by 2026-11-22 10:00 UTC", {**UNLISTED, **added(15)}),
    Row("ret-listing-15min", "pass", "", added(1)),
    Row("ret-listing-15min", "fail", "nobody knows since when", UNLISTED),
    Row("ret-listing-15min", "not-applicable", "", NOT_IN_GUEST),
    Row("ret-listing-15min", "pending", "10:25", {**UNLISTED, **added(5), "limits.retention_listing_minutes": 30}),
    Row("ret-listing-15min", "pass", "", {"target.retention_volume": None}),
    Row("cs-refresh-after-15", "pending", "added on", {**UNLISTED, **added(14)}),
    Row("cs-refresh-after-15", "fail", "was not refreshed since", {**UNLISTED, **added(16)}),
    Row("cs-refresh-after-15", "fail", "was not refreshed since", {**UNLISTED, **refreshed(16, 20)}),
    Row("cs-refresh-after-15", "pending", "refreshed on 2026-11-22 09:58 UTC", {**UNLISTED, **refreshed(16, 2)}),
    Row("cs-refresh-after-15", "fail", "and still not listed", {**UNLISTED, **refreshed(40, 16)}),
    Row("cs-refresh-after-15", "fail", "", UNLISTED),
    Row("cs-refresh-after-15", "not-applicable", "", NOT_IN_GUEST),
]

UNREAD = [
    Unread(row, path)
    for row, paths in {
        "ret-drive-present": (LISTED, "server.master_targets"),
        "ret-drive-formatted": (LISTED,),
        "ret-visible": (LISTED,),
        "ret-not-used-otherwise": (LISTED, f"{VM}.guest_volumes", f"{LISTED}[R].free", f"{VM}.disks"),
        "ret-not-locked": (LISTED,),
        "ret-not-cache-volume": (LISTED, f"{VM}.guest_volumes", "server.process_servers", f"{MT}.ip_address"),
        "ret-not-install-volume": (LISTED,),
        "ret-fs-not-fat": (LISTED, f"{VM}.guest_volumes", f"{ON_R}.file_system", "vcenter.machines"),
        "ret-capacity-nonzero": (LISTED, f"{LISTED}[R].capacity", f"{LISTED}[R].free"),
        "ret-default-r-windows": (f"{MT}.os_type",),
        "ret-default-mnt-retention-linux": (f"{MT}.os_type",),
        "ps-existing-add-drive": ("server.process_servers", f"{PS}.ip_address", f"{MT}.ip_address"),
        "ret-dropdown-absent": (LISTED,),
        "ret-listing-15min": (LISTED,),
        "cs-refresh-after-15": (LISTED,),
        "retention-size-ok": (LISTED, f"{LISTED}[R].free", f"{LISTED}[R].capacity", f"{MT}.os_type"),
    }.items()
    for path in paths
]


@pytest.mark.parametrize("row", [*GREEN, *OTHER, *UNREAD], ids=lambda row: row.sentence)
def test_each_row_is_judged_as_the_table_says(row: Row | Unread) -> None:
    row.check()


def test_every_requirement_of_the_step_is_in_the_tables() -> None:
    ours = requirements_of_step(9)
    assert judged_by(GREEN) == judged_by(OTHER) == ours
    assert judged_by(UNREAD) | {"ret-drive-purpose"} == ours


def test_a_wait_says_until_when() -> None:
    case = change_all(ready_case(), {**UNLISTED, **added(5)})
    assert finding_of(case, "ret-listing-15min").due == NOW + timedelta(minutes=10)
    assert finding_of(case, "ret-drive-present").due == NOW + timedelta(minutes=10)


REMEDIES = [
    ("ret-drive-present", UNLISTED, ("add-retention-disk",)),
    ("ret-drive-present", {**NOT_IN_GUEST}, ("format-retention-volume",)),
    ("ret-drive-present", {**UNLISTED, f"{VM}.guest_volumes": DENIED}, ("add-retention-disk",)),
    ("ret-drive-present", {**UNLISTED, **added(5)}, ()),
    ("ret-drive-formatted", NOT_IN_GUEST, ("format-retention-volume",)),
    ("ret-drive-formatted", {**NOT_IN_GUEST, f"{VM}.disks[1]": GONE}, ()),
    ("ret-listing-15min", {**UNLISTED, **added(20)}, ("refresh-configuration-server",)),
    ("ret-listing-15min", {**UNLISTED, **added(5)}, ()),
    ("cs-refresh-after-15", {**UNLISTED, **added(20)}, ("refresh-configuration-server",)),
    ("ret-fs-not-fat", {f"{ON_R}.file_system": "FAT"}, ("format-retention-volume",)),
]


@pytest.mark.parametrize(("requirement", "changes", "remedies"), REMEDIES)
def test_only_what_mends_the_cause_is_offered(
    requirement: str, changes: dict[str, object], remedies: tuple[str, ...]
) -> None:
    assert finding_of(change_all(ready_case(), changes), requirement).remedies == remedies


@pytest.mark.parametrize("requirement", ["ret-drive-present", "ret-dropdown-absent", "ps-existing-add-drive"])
def test_a_disk_that_is_there_already_is_to_be_formatted_and_no_second_one_added(requirement: str) -> None:
    blank = finding_of(change_all(ready_case(), {**NOT_IN_GUEST, **BESIDE}), requirement)
    none = finding_of(change_all(ready_case(), {**NOT_IN_GUEST, **BESIDE, f"{VM}.disks[1]": GONE}), requirement)

    assert "format that one" in (blank.action or "")
    assert "Add " in (none.action or "")


def test_a_missing_drive_is_the_root_of_what_follows_from_it() -> None:
    report = report_of(change_all(ready_case(), {**NOT_IN_GUEST, f"{VM}.disks[1]": GONE}))
    roots = [one.requirement.id for one in report.roots() if one.status.value != "attest"]
    assert roots == ["ret-drive-present"]


def test_a_volume_is_found_however_its_name_is_written() -> None:
    for written in ("R", "r", "R:", "r:\\"):
        Row("ret-visible", "pass", "it is listed", {"target.retention_volume": written}).check()


def test_a_second_listed_volume_is_not_named_as_hidden() -> None:
    two = (RetentionVolume(Outside("R"), seen(GIB), seen(GIB)), RetentionVolume(Outside("C"), seen(GIB), seen(GIB)))
    Row("ret-visible", "pass", "not listed: none", {LISTED: two}).check()
