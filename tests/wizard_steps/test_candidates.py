"""What the pickers offer, and why the rest cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.estates.ready import DENIED, GONE, change_all, minutes_ago, ready_case
from tests.estates.ready_azure import GIB
from wizard_steps.candidates import (
    Candidate,
    DatastoreCandidate,
    HostCandidate,
    MasterTargetCandidate,
    ProcessServerCandidate,
    RetentionCandidate,
    datastore_candidates,
    host_candidates,
    master_target_candidates,
    process_server_candidates,
    retention_candidates,
)
from wizard_steps.case import Case
from wizard_steps.choices import LocationChoice, TargetChoice
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, seen
from wizard_steps.seen_in_vcenter import GuestVolume, Mount

Changes = Mapping[str, object]
HOST_2 = "vcenter.hosts[host-2]"
STORE_1, STORE_2 = "vcenter.datastores[vmfs-01]", "vcenter.datastores[vmfs-02]"
MT = "server.master_targets[MT01]"
PS = "server.process_servers[PS-AZ-01]"
VM = "vcenter.machines[MT01]"
AWAY: Changes = {
    "choices.locations": (LocationChoice("web01", "alternate", "vmfs-02"),),
    "azure.vms[web01].memory_mb": 16384,
    "vcenter.machines[web01]": GONE,
    "vcenter.hosts[host-2].vm_refs": ("vm-21",),
}


def mounts(**modes: str) -> tuple[Mount, ...]:
    """Return mounts by host: `rw`, `ro`, `gone` (inaccessible); a host left out does not mount."""
    return tuple(
        Mount(
            host.replace("_", "-"), "readOnly" if mode == "ro" else "readWrite", mounted=True, accessible=mode != "gone"
        )
        for host, mode in modes.items()
    )


def case_with(changes: Changes) -> Case:
    return change_all(ready_case(), changes)


def by_name(candidates: Reading[tuple[Candidate, ...]], name: str) -> Candidate:
    return next(one for one in candidates.value if one.name.raw == name)


def host(changes: Changes, name: str = "esx02.example.com") -> HostCandidate:
    case = case_with(changes)
    found = by_name(host_candidates(case, case.targets.value[0]), name)
    assert isinstance(found, HostCandidate)
    return found


def datastore(changes: Changes, name: str = "vmfs-02", machine: str | None = None) -> DatastoreCandidate:
    case = case_with(changes)
    wanted = next((one for one in case.machines.value if one.name == machine), None)
    found = by_name(datastore_candidates(case, case.targets.value[0], wanted), name)
    assert isinstance(found, DatastoreCandidate)
    return found


def volume(changes: Changes, name: str = "R") -> RetentionCandidate:
    case = case_with(changes)
    found = by_name(retention_candidates(case, case.targets.value[0]), name)
    assert isinstance(found, RetentionCandidate)
    return found


def target(changes: Changes, name: str = "MT01") -> MasterTargetCandidate:
    found = by_name(master_target_candidates(case_with(changes)), name)
    assert isinstance(found, MasterTargetCandidate)
    return found


def server(changes: Changes, name: str = "PS-AZ-01") -> ProcessServerCandidate:
    found = by_name(process_server_candidates(case_with(changes)), name)
    assert isinstance(found, ProcessServerCandidate)
    return found


def test_a_host_shows_its_memory_and_whether_the_master_target_stands_there() -> None:
    here, there = host({}, "esx01.example.com"), host({})
    assert here.capacity.value == 256 * GIB
    assert here.free.value == 192 * GIB
    assert here.kind == "ESXi 7.0.3"
    assert (here.is_current, here.is_chosen) == (True, True)
    assert (there.is_current, there.is_chosen) == (False, False)
    assert here.fits == there.fits == ("web01", "db01")
    assert here.usable
    assert there.usable


HOSTS = [
    ({f"{HOST_2}.connection_state": "notResponding"}, "it is notResponding"),
    ({f"{HOST_2}.in_maintenance": True, f"{STORE_1}.mounts": ()}, "it is in maintenance mode"),
    ({f"{STORE_1}.mounts": mounts(host_1="rw")}, "vmfs-01 is not mounted there"),
    ({f"{STORE_1}.mounts": mounts(host_1="rw", host_2="ro")}, "vmfs-01 is mounted read-only there"),
    ({f"{STORE_1}.mounts": mounts(host_1="rw", host_2="gone")}, "vmfs-01 is mounted, but inaccessible there"),
    ({**AWAY, f"{STORE_2}.mounts": mounts(host_1="rw")}, "vmfs-02 is not mounted there"),
    ({"vcenter.datastores[*].kind": "NFS"}, "it has no VMFS datastore"),
    ({**AWAY, "vcenter.machines[db01].name": "WEB01"}, "a VM called web01 stands there"),
    ({f"{HOST_2}.licence_edition": "esxBasic"}, "it has the free edition of ESXi"),
]


@pytest.mark.parametrize(("changes", "reason"), HOSTS)
def test_a_host_that_cannot_be_taken_says_the_first_reason(changes: Changes, reason: str) -> None:
    found = host(changes)
    assert found.first_reason == reason
    assert not found.usable
    assert not found.is_unknown
    assert found.fits == ()


@pytest.mark.parametrize(
    "path",
    [
        f"{HOST_2}.connection_state",
        f"{HOST_2}.in_maintenance",
        f"{STORE_1}.mounts",
        f"{HOST_2}.datastore_refs",
        f"{HOST_2}.licence_edition",
        "vcenter.machines[web01].disks",
    ],
)
def test_a_host_of_which_something_is_unread_is_unknown_and_not_usable(path: str) -> None:
    found = host({path: DENIED})
    assert found.first_reason == "not known: denied"
    assert found.is_unknown
    assert not found.usable


def test_a_machine_that_finds_no_memory_does_not_fit_its_host() -> None:
    found = host({**AWAY, f"{HOST_2}.memory_used_mb": 262144 - 8192})
    assert found.usable
    assert found.fits == ("db01",)
    assert found.remark == "1 of 2 machines find no memory"


def test_hosts_nobody_read_are_no_empty_list() -> None:
    case = case_with({"vcenter.hosts": DENIED})
    assert host_candidates(case, case.targets.value[0]).reason == "denied"


def test_a_datastore_shows_its_room_its_type_and_its_mount_on_the_targets_host() -> None:
    found = datastore({f"{STORE_2}.mounts": mounts(host_1="ro", host_2="rw")})
    assert found.capacity.value == 4096 * GIB
    assert found.free.value == 3072 * GIB
    assert (found.kind, found.mounted) == ("VMFS", "mounted read-only")
    assert datastore({f"{STORE_2}.mounts": DENIED}).mounted == "not known"


DATASTORES = [
    ({f"{STORE_2}.mounts": mounts(host_2="rw")}, "vmfs-02 is not mounted there"),
    (
        {f"{STORE_2}.mounts": mounts(host_1="gone"), f"{STORE_2}.kind": "NFS"},
        "vmfs-02 is mounted, but inaccessible there",
    ),
    ({f"{STORE_2}.maintenance_mode": "inMaintenance"}, "it is in maintenance mode (inMaintenance)"),
    ({f"{STORE_2}.kind": "NFS41"}, "its type is NFS41; VMFS or vSAN is needed"),
    ({f"{MT}.datastores": lambda all_: all_[:1]}, "site recovery does not list it for the master target"),
    ({f"{STORE_2}.free": 50 * GIB}, "50 GiB free, 100 GiB needed"),
]


@pytest.mark.parametrize("machine", [None, "web01"])
@pytest.mark.parametrize(("changes", "reason"), DATASTORES)
def test_a_datastore_that_cannot_be_taken_says_the_first_reason(
    changes: Changes, reason: str, machine: str | None
) -> None:
    found = datastore(changes, machine=machine)
    assert found.first_reason == reason
    assert not found.usable
    assert found.fits == ()


@pytest.mark.parametrize(
    "path", [f"{STORE_2}.mounts", f"{STORE_2}.kind", f"{STORE_2}.free", f"{MT}.datastores", f"{VM}.host_ref"]
)
def test_a_datastore_of_which_something_is_unread_is_unknown(path: str) -> None:
    found = datastore({path: DENIED})
    assert found.first_reason == "not known: denied"
    assert found.is_unknown
    assert not found.usable


def test_a_datastore_counts_the_machines_that_chose_it_before() -> None:
    both = {**AWAY, f"{STORE_2}.free": 150 * GIB}
    assert datastore(both, machine="web01").usable
    assert datastore(both, machine="web01").is_chosen
    assert datastore(both, machine="db01").first_reason == "150 GiB free, 200 GiB needed"
    assert datastore(both).fits == ("web01",)


def test_a_type_the_documents_do_not_mention_can_be_taken_with_a_remark() -> None:
    found = datastore({f"{STORE_2}.kind": "VVOL"})
    assert found.usable
    assert found.remark == "the documents do not mention this type"


def test_a_listed_volume_can_be_taken_and_the_others_stay_in_the_list() -> None:
    case = ready_case()
    volumes = retention_candidates(case, case.targets.value[0]).value
    assert [(one.name.raw, one.usable, one.mounted) for one in volumes] == [
        ("R", True, "listed"),
        ("C:\\", False, "not listed"),
    ]
    chosen = volumes[0]
    assert (chosen.is_chosen, chosen.is_default, chosen.kind) == (True, True, "NTFS")
    assert chosen.capacity.value == 1024 * GIB
    assert chosen.fits == ("web01", "db01")
    assert volumes[1].first_reason == "the system starts from it"


def extra(kind: Reading[str], capacity: int = 100 * GIB, free: int = 99 * GIB) -> Changes:
    one = GuestVolume(Outside("E:\\"), capacity, free, kind, seen((2001,)))
    return {f"{VM}.guest_volumes": lambda there: (*there, one)}


VOLUMES = [
    (extra(seen("NTFS"), free=80 * GIB), "20 % of it is used for something else", False),
    (
        {**extra(seen("NTFS")), f"{VM}.disks[1].file_name": "[vmfs-01] db01/db01.vmdk"},
        "it lies on the disk of another machine, [vmfs-01] db01/db01.vmdk",
        False,
    ),
    (
        {**extra(seen("NTFS")), f"{PS}.ip_address": "10.20.0.11", f"{PS}.space_total": 100 * GIB + 7},
        "it breaks no condition that can be read: it may be locked, or the configuration server needs a refresh",
        False,
    ),
    (extra(seen("FAT32")), "its file system is FAT32", False),
    (extra(seen("NTFS"), 0, 0), "its capacity is zero", False),
    (extra(DENIED), "not known: denied", True),
]


@pytest.mark.parametrize(("changes", "reason", "is_unknown"), VOLUMES)
def test_a_volume_that_is_not_listed_says_which_condition_it_breaks(
    changes: Changes, reason: str, is_unknown: bool
) -> None:
    found = volume(changes, "E:\\")
    assert found.first_reason == reason
    assert found.is_unknown is is_unknown
    assert not found.usable


def test_a_listed_volume_without_capacity_or_with_fat_cannot_be_taken() -> None:
    assert volume({f"{MT}.retention_volumes[R].capacity": 0}).first_reason == "its capacity is zero"
    assert volume({f"{VM}.guest_volumes[1].file_system": "FAT"}).first_reason == "its file system is FAT"
    assert volume({f"{MT}.retention_volumes[R].capacity": DENIED}).is_unknown


def test_listed_volumes_are_offered_although_the_guest_was_not_read() -> None:
    case = case_with({f"{VM}.guest_volumes": DENIED})
    assert [one.name.raw for one in retention_candidates(case, case.targets.value[0]).value] == ["R"]


def test_volumes_site_recovery_did_not_tell_are_no_empty_list() -> None:
    case = case_with({f"{MT}.retention_volumes": DENIED})
    assert retention_candidates(case, case.targets.value[0]).reason == "denied"


def test_a_master_target_shows_what_it_holds_and_can_take() -> None:
    found = target({})
    assert (found.disks.value, found.room.value, found.heartbeat_minutes.value) == (2, 58, 2)
    assert (found.is_chosen, found.is_default, found.usable) == (True, False, True)
    assert target({}, "CS01").is_default
    assert found.fits == ("web01", "db01")


TARGETS = [
    ({f"{MT}.last_heartbeat": minutes_ago(20)}, "no heartbeat for 20 minutes"),
    ({f"{MT}.agent_version": "9.99.0.0"}, "its agent 9.99.0.0 is newer than that of the configuration server"),
    ({f"{MT}.os_type": "Linux"}, "it runs Linux, web01 runs Windows"),
    (
        {f"{MT}.os_version": "Windows Server 2012 R2"},
        "it runs Windows Server 2012 R2, web01 the newer Microsoft Windows Server 2016 Datacenter",
    ),
    ({f"{MT}.disk_count": 60}, "it holds 60 disks already"),
]


@pytest.mark.parametrize(("changes", "reason"), TARGETS)
def test_a_master_target_that_cannot_be_taken_says_the_first_reason(changes: Changes, reason: str) -> None:
    found = target(changes)
    assert found.first_reason == reason
    assert not found.usable
    assert found.fits == ()


def test_a_master_target_serves_only_the_machines_of_its_family() -> None:
    assert target({"azure.protected_items[db01].os_type": "Linux"}).fits == ("web01",)


@pytest.mark.parametrize("path", [f"{MT}.last_heartbeat", f"{MT}.agent_version", f"{MT}.os_type", f"{MT}.disk_count"])
def test_a_master_target_of_which_something_is_unread_is_unknown(path: str) -> None:
    found = target({path: DENIED})
    assert found.first_reason == "not known: denied"
    assert found.is_unknown


def test_a_master_target_without_a_vm_in_vcenter_says_what_to_do() -> None:
    found = target({VM: GONE})
    assert found.is_unknown
    assert "choose it under same_machine" in found.first_reason


def test_master_targets_are_offered_before_one_is_chosen() -> None:
    case = case_with({"choices.targets": ()})
    assert {one.name.raw: one.is_chosen for one in master_target_candidates(case).value} == {
        "CS01": False,
        "MT01": False,
    }


def test_a_process_server_in_azure_serves_the_machines_of_its_network() -> None:
    found = server({})
    assert (found.usable, found.is_chosen, found.is_in_azure.value, found.remark) == (True, True, True, "")
    assert found.fits == ("web01", "db01")


def test_a_process_server_on_premises_is_for_a_proof_of_concept() -> None:
    found = server({}, "CS01")
    assert found.usable
    assert found.is_in_azure.value is False
    assert "proof of concept" in found.remark


SERVERS = [
    ({f"{PS}.last_heartbeat": minutes_ago(20)}, "no heartbeat for 20 minutes", False),
    ({f"{PS}.service_status": "Stopped"}, "its services are Stopped", False),
    ({"azure.vms[PS-AZ-01].power_state": "deallocated"}, "its Azure VM is deallocated", False),
    ({f"{PS}.service_status": DENIED}, "not known: denied", True),
    ({"azure.network_interfaces": DENIED}, "not known: denied", True),
]


@pytest.mark.parametrize(("changes", "reason", "is_unknown"), SERVERS)
def test_a_process_server_that_cannot_be_taken_says_the_first_reason(
    changes: Changes, reason: str, is_unknown: bool
) -> None:
    found = server(changes)
    assert (found.first_reason, found.is_unknown, found.usable) == (reason, is_unknown, False)


def test_a_process_server_in_another_network_serves_nobody_there() -> None:
    elsewhere = {
        "azure.network_interfaces[PS-AZ-01-nic].addresses": (("10.1.0.10", "/x/virtualNetworks/other/subnets/a"),)
    }
    assert server(elsewhere).fits == ()


def test_servers_nobody_read_are_no_empty_list() -> None:
    case = case_with({"server.master_targets": DENIED, "server.process_servers": DENIED})
    assert master_target_candidates(case).reason == "denied"
    assert process_server_candidates(case).reason == "denied"


def test_a_hostile_name_is_shown_harmless_in_a_reason() -> None:
    hostile = "web\x1b[2J\u202e01"
    changes = {
        **AWAY,
        "azure.protected_items[web01].machine_name": hostile,
        "vcenter.machines[db01].name": hostile,
        "choices.locations": (LocationChoice(hostile, "alternate", "vmfs-02"),),
    }
    reason = host(changes).first_reason
    assert "\\x1b[2J\\u202e" in reason
    assert "\x1b" not in reason


def test_two_targets_judge_a_host_by_their_own_machines() -> None:
    targets = (
        TargetChoice("MT01", esxi_host="esx01.example.com", machines=("web01",)),
        TargetChoice("CS01", esxi_host="esx02.example.com", machines=("db01",)),
    )
    case = case_with({"choices.targets": targets})
    first, second = (host_candidates(case, one).value[1] for one in case.targets.value)
    assert (first.fits, first.is_chosen) == (("web01",), False)
    assert (second.fits, second.is_chosen) == (("db01",), True)
