"""Who comes home through which master target: 60 disks each, groups together, families apart."""

from __future__ import annotations

from tests.estates.ready import minutes_ago
from tests.estates.rows import Row
from wizard_steps.classic.disk_budget import Bundle, Placement, Room, _quick, place

LINUX, WINDOWS = "Linux", "Windows"


def machine(name: str, disks: int, family: str = WINDOWS, only: str | None = None) -> Bundle:
    return Bundle((name,), disks, family, only)


def room(name: str, free: int, family: str = WINDOWS) -> Room:
    return Room(f"id-{name}", name, family, free)


def used(placement: Placement, bundles: list[Bundle]) -> dict[str, int]:
    disks = {bundle.machines[0]: bundle.disks for bundle in bundles}
    return {target: sum(disks.get(name, 0) for name in names) for target, names in placement.places.items()}


def test_120_disks_fit_on_three_targets_that_have_room_for_57_each() -> None:
    bundles = [machine(f"m{n}", 3) for n in range(40)]
    placement = place(bundles, [room("MT01", 57), room("MT02", 57), room("MT03", 57)])
    assert placement.left_over == ()
    assert sum(used(placement, bundles).values()) == 120
    assert all(disks <= 57 for disks in used(placement, bundles).values())


def test_a_group_is_never_split_although_its_disks_would_fit_in_parts() -> None:
    group = Bundle(("app01", "app02", "sql01"), 50, WINDOWS)
    placement = place([group], [room("MT01", 40), room("MT02", 40)])
    assert placement.left_over == (group,)


def test_two_groups_go_to_the_targets_that_take_them_whole() -> None:
    erp, shop = Bundle(("app01", "sql01"), 50, WINDOWS), Bundle(("shop01", "shop02"), 30, WINDOWS)
    placement = place([shop, erp], [room("MT01", 55), room("MT02", 58)])
    assert placement.left_over == ()
    assert {frozenset(names) for names in placement.places.values()} == {
        frozenset(erp.machines),
        frozenset(shop.machines),
    }


def test_a_machine_that_fits_nowhere_is_named_and_the_others_are_placed() -> None:
    giant = machine("giant", 61)
    placement = place([machine("web01", 2), giant, machine("web02", 2)], [room("MT01", 58)])
    assert placement.left_over == (giant,)
    assert set(placement.places["MT01"]) == {"web01", "web02"}


def test_windows_and_linux_go_to_targets_of_their_own() -> None:
    bundles = [machine("win", 40), machine("lnx", 40, LINUX), machine("lnx2", 15, LINUX)]
    placement = place(bundles, [room("MT01", 57), room("MT02", 57, LINUX)])
    assert placement.left_over == ()
    assert placement.places["MT01"] == ("win",)
    assert set(placement.places["MT02"]) == {"lnx", "lnx2"}


def test_without_a_target_of_its_family_a_machine_is_left_over() -> None:
    lonely = machine("lnx", 1, LINUX)
    assert place([lonely], [room("MT01", 57)]).left_over == (lonely,)


def test_a_group_that_came_home_in_part_goes_where_the_rest_is() -> None:
    pinned = machine("db02", 10, only="ID-mt02")
    placement = place([pinned], [room("MT01", 57), room("MT02", 12)])
    assert placement.places["MT02"] == ("db02",)


def test_an_assignment_is_found_where_the_largest_first_leaves_somebody_over() -> None:
    # 9 8 | 7 7 4 leaves the 3 over; 9 7 3 | 8 7 4 fills both targets exactly.
    bundles = [machine(f"m{n}", disks) for n, disks in enumerate((9, 8, 7, 7, 4, 3))]
    rooms = [room("MT01", 19), room("MT02", 19)]
    assert _quick(bundles, rooms).left_over
    placement = place(bundles, rooms)
    assert placement.left_over == ()
    assert set(used(placement, bundles).values()) == {19}


def test_a_puzzle_without_a_solution_ends_and_names_who_is_left_over() -> None:
    bundles = [machine(f"m{n}", 20) for n in range(6)]
    rooms = [room(f"MT{n}", 30 if n else 39) for n in range(5)]
    assert len(place(bundles, rooms).left_over) == 1


def test_a_group_of_two_families_cannot_be_placed_and_its_own_row_says_why() -> None:
    changes: dict[str, object] = {
        "azure.protected_items[*].consistency_group_id": "erp",
        "azure.protected_items[db01].os_type": "Linux",
        "azure.vms[web01].disk_sizes": (1,) * 60,
    }
    Row("mt-separate-when-over-60", "unknown", "mixes Windows and Linux", changes).check()


def test_a_silent_target_takes_nobody() -> None:
    changes: dict[str, object] = {
        "server.master_targets[CS01].last_heartbeat": minutes_ago(20),
        "azure.vms[web01].disk_sizes": (1,) * 58,
    }
    Row("mt-separate-when-over-60", "fail", "left over", changes).check()


def test_with_nobody_to_place_nobody_is_left_over() -> None:
    assert place([], [room("MT01", 57)]) == Placement({"MT01": ()}, ())
