"""Pickers: what cannot be taken says why, what was not read fits nobody, and things of one name are told apart."""

from __future__ import annotations

from tests.estates.changing import change, change_all
from tests.estates.ready import DENIED, ready_case, report_of
from tests.estates.ready_azure import GIB
from tui.views import choosing
from tui.views.candidates import Candidate, candidates
from tui.views.choosing import Slot
from wizard_steps.case import Case
from wizard_steps.choices import LocationChoice
from wizard_steps.outside import Outside
from wizard_steps.reading import seen
from wizard_steps.seen_in_vcenter import GuestVolume, Mount

HOST_2 = "esx02.example.com"
AWAY = {"choices.locations": (LocationChoice("web01", "alternate", "vmfs-02"),)}


def found(case: Case, kind: str, chosen: str | None = None, owner: str = "MT01") -> dict[str, Candidate]:
    return {one.value: one for one in candidates(case, Slot(kind, owner, chosen), report_of)}


def test_two_datastores_of_one_name_are_chosen_by_what_tells_them_apart() -> None:
    case = change_all(ready_case(), {**AWAY, "vcenter.datastores[vmfs-02].name": "VMFS-01"})
    both = found(case, choosing.DATASTORE, "datastore-2", owner="web01")
    assert set(both) == {"datastore-1", "datastore-2"}
    assert [value for value, one in both.items() if one.is_chosen] == ["datastore-2"]
    assert both["datastore-2"].refusal is None


def test_a_datastore_in_maintenance_takes_no_new_disk() -> None:
    case = change_all(ready_case(), {**AWAY, "vcenter.datastores[vmfs-02].maintenance_mode": "inMaintenance"})
    one = found(case, choosing.DATASTORE, "vmfs-02", owner="web01")["vmfs-02"]
    assert "is in maintenance mode" in (one.refusal or "")
    assert one.fits == ()


def test_a_datastore_that_vcenter_shows_as_inaccessible_cannot_be_taken() -> None:
    case = change_all(ready_case(), {**AWAY, "vcenter.datastores[vmfs-02].accessible": False})
    one = found(case, choosing.DATASTORE, "vmfs-02", owner="web01")["vmfs-02"]
    assert one.refusal == "vmfs-02 on esx01.example.com: mounted, but inaccessible"
    assert (one.fits, one.cells[-1]) == ((), "not accessible")


def test_a_datastore_of_which_nobody_read_whether_it_is_accessible_fits_nobody_yet() -> None:
    case = change_all(ready_case(), {**AWAY, "vcenter.datastores[vmfs-02].accessible": DENIED})
    one = found(case, choosing.DATASTORE, "vmfs-02", owner="web01")["vmfs-02"]
    assert (one.refusal, one.fits, one.cells[-1]) == (None, (), "?")
    assert one.unknown is not None


def test_a_host_without_the_master_targets_own_disks_cannot_be_taken() -> None:
    only_here = (Mount("host-1", "readWrite", mounted=True, accessible=True),)
    here = {"choices.locations": tuple(LocationChoice(one, "alternate", "vmfs-02") for one in ("web01", "db01"))}
    case = change_all(ready_case(), {**here, "vcenter.datastores[vmfs-01].mounts": only_here})
    one = found(case, choosing.HOST, "esx01.example.com")[HOST_2]
    assert one.refusal == "vmfs-01, which holds disks of the master target, is not mounted there"


def test_a_host_in_maintenance_cannot_be_taken_whatever_the_location() -> None:
    case = change(ready_case(), f"vcenter.hosts[{HOST_2}].in_maintenance", True)
    assert "maintenance" in (found(case, choosing.HOST, "esx01.example.com")[HOST_2].refusal or "")


def test_a_host_of_which_something_was_not_read_fits_nobody_yet() -> None:
    case = change(ready_case(), "vcenter.datastores[vmfs-01].mounts", DENIED)
    one = found(case, choosing.HOST, "esx01.example.com")[HOST_2]
    assert (one.refusal, one.fits) == (None, ())
    assert one.unknown is not None


def test_a_volume_that_is_not_listed_is_shown_with_the_first_condition_it_breaks() -> None:
    data = GuestVolume(Outside("E:\\"), 100 * GIB, 40 * GIB, seen("NTFS"), seen((2001,)))
    case = change(ready_case(), "vcenter.machines[MT01].guest_volumes", lambda there: (*there, data))
    volumes = found(case, choosing.VOLUME, "r:")
    assert [value for value, one in volumes.items() if one.is_chosen] == ["R"]
    assert volumes["R"].refusal is None
    assert volumes["C:\\"].refusal == "site recovery does not list it: the system starts from it"
    assert volumes["E:\\"].refusal == "site recovery does not list it: 60 % of it is used for something else"
    assert volumes["E:\\"].cells[:2] == ("100 GiB", "40 GiB")
