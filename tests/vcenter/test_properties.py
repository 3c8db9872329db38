"""Properties come in pages to the last one, and what vCenter would not tell comes with a reason."""

from __future__ import annotations

from typing import Any

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


def spoil(wire: VCenterWire, ref: str, path: str) -> None:
    """Let every answer that holds this path of this object be one that pyvmomi cannot read."""
    answer = wire.answer

    def spoiled(stub: Any, info: Any, mo: Any, args: Any) -> Any:
        told = answer(stub, info, mo, args)
        for content in told.objects if info.wsdlName.endswith("PropertiesEx") else []:
            if content.obj._GetMoId() == ref and path in {each.name for each in content.propSet}:
                raise KeyError("VirtualQuantumController")
        return told

    wire.answer = spoiled  # type: ignore[method-assign]


@pytest.mark.parametrize("every", [True, False], ids=["of all", "of these"])
def test_one_value_that_is_newer_than_this_program_spoils_nothing_else(
    wire: VCenterWire, session: VCenterSession, every: bool
) -> None:
    spoil(wire, TARGET, "config.hardware.device")
    paths = ("name", "config.hardware.device", "runtime.host")
    if every:
        answers = session.run(lambda one: Collector(one).of_all(vim.VirtualMachine, paths))
    else:
        answers = session.run(lambda one: Collector(one).of_these(vim.VirtualMachine, [TARGET, OTHER], paths))
    spoiled, other = answers
    assert set(spoiled.values) == {"name", "runtime.host"}
    assert "KeyError: 'VirtualQuantumController'" in spoiled.missing["config.hardware.device"]
    assert (set(other.values), other.missing) == (set(paths), {})


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
