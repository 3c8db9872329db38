"""Properties come in pages to the last one, and what vCenter would not tell comes with a reason."""

from __future__ import annotations

import pytest
from pyVmomi import vim

from failback.errors import InterruptedByOperatorError
from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.properties import Answer, Collector, Property, means, tells_nothing
from failback.vcenter.session import VCenterSession
from tests.vcenter import inventory
from tests.vcenter.inventory import OTHER, TARGET

PATHS = ("name", "snapshot", "runtime.bootTime")
BOOT = Property("runtime.bootTime", str, tells_nothing)


def of_target(session: VCenterSession, *paths: str) -> Answer:
    (answer,) = session.run(lambda one: Collector(one).of_these(vim.VirtualMachine, [TARGET], paths))
    return answer


@pytest.mark.parametrize("page", [1, 2, 3, 7, 500])
def test_every_page_is_read_whatever_its_size(wire: VCenterWire, session: VCenterSession, page: int) -> None:
    for number in range(3, 8):
        wire.store.add(f"vm-{number}", "VirtualMachine", {"name": f"spare{number}"})
    counts: list[int] = []
    answers = session.run(lambda one: Collector(one, on_page=counts.append).of_all(vim.VirtualMachine, PATHS, page))
    assert [answer.ref for answer in answers] == [f"vm-{number}" for number in range(1, 8)]
    assert counts == [*range(page, 7, page), 7]


def test_an_empty_inventory_is_an_empty_answer(clock: RehearsalClock) -> None:
    with inventory.session_on(VCenterWire(clock, users={inventory.USER: inventory.PASSWORD})) as session:
        assert session.run(lambda one: Collector(one).of_all(vim.VirtualMachine, PATHS)) == []


def test_what_is_unset_is_neither_there_nor_missing(session: VCenterSession) -> None:
    answer = of_target(session, *PATHS)
    assert "snapshot" not in answer.values
    assert answer.missing == {}


def test_a_path_in_the_missing_set_is_not_seen_and_names_the_privilege(
    wire: VCenterWire, session: VCenterSession, clock: RehearsalClock
) -> None:
    wire.store.hide(TARGET, "runtime.bootTime", vim.fault.NoPermission(privilegeId="System.Read"))
    answer = of_target(session, *PATHS)
    reading = BOOT.reading(answer, "VirtualMachine", clock.now())
    assert reading.reason == "this account lacks the privilege System.Read"
    assert reading.source is not None
    assert reading.source.what == "VirtualMachine.runtime.bootTime"
    assert answer.values["name"] == "MT01"


def test_a_property_that_this_release_does_not_know_spoils_nothing_else(session: VCenterSession) -> None:
    """vCenter refuses the whole call for one unknown path; the others are asked for again."""
    answer = of_target(session, "name", "config.notInThisRelease", "runtime.alsoNot")
    assert answer.values == {"name": "MT01"}
    assert answer.missing == {
        path: f"this vCenter knows no property {path}" for path in ("config.notInThisRelease", "runtime.alsoNot")
    }


def test_a_machine_that_is_gone_meanwhile_is_left_out(wire: VCenterWire, session: VCenterSession) -> None:
    wire.store.remove(TARGET)
    found = session.run(lambda one: Collector(one).of_these(vim.VirtualMachine, [TARGET, OTHER], ["name"]))
    assert [answer.ref for answer in found] == [OTHER]


def test_a_value_that_cannot_be_read_is_not_seen(clock: RehearsalClock) -> None:
    reading = Property("config.hardware.memoryMB", int, means(0)).reading(
        Answer("vm-1", {"config.hardware.memoryMB": "many"}, {}), "VirtualMachine", clock.now()
    )
    assert not reading.was_seen
    assert "many" in (reading.reason or "")


def test_absent_means_what_is_declared(clock: RehearsalClock) -> None:
    nothing = Answer("vm-1", {}, {})
    assert Property("snapshot", len, means(0)).reading(nothing, "VirtualMachine", clock.now()).value == 0
    assert not BOOT.reading(nothing, "VirtualMachine", clock.now()).was_seen


def test_reading_stops_between_two_pages(wire: VCenterWire, session: VCenterSession) -> None:
    with pytest.raises(InterruptedByOperatorError):
        session.run(lambda one: Collector(one, cancelled=lambda: True).of_all(vim.VirtualMachine, PATHS, 1))
    assert "ContinueRetrievePropertiesEx" not in {call.name for call in wire.calls}
