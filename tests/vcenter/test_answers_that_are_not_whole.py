"""An answer of vCenter that is not whole is never taken for what was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from pyVmomi import vim, vmodl

from failback.errors import NotReachedError
from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter import read_events
from failback.vcenter.properties import Collector
from failback.vcenter.reading import VCenterReader
from failback.vcenter.session import VCenterSession
from tests.vcenter.inventory import OTHER, TARGET
from wizard_steps.reading import Reading
from wizard_steps.seen_in_vcenter import SeenInVCenter, VirtualMachine

Change = Callable[[Any, Any], Any]


def meddle(wire: VCenterWire, method: str, change: Change) -> None:
    """Let `change(answer, arguments)` stand for what vCenter answers to a method."""
    answer = wire.answer

    def changed(stub: Any, info: Any, mo: Any, args: Any) -> Any:
        told = answer(stub, info, mo, args)
        return change(told, args) if info.wsdlName == method else told

    wire.answer = changed  # type: ignore[method-assign]


def of(seen: SeenInVCenter, ref: str) -> VirtualMachine:
    [found] = [each for each in seen.machines.value if each.ref == ref]
    return found


@pytest.fixture
def reader(session: VCenterSession, clock: RehearsalClock) -> VCenterReader:
    return VCenterReader(session, clock)


def deep(reader: VCenterReader, *refs: str) -> SeenInVCenter:
    return reader.read_in_depth(reader.read(), refs or (TARGET, OTHER))


# -- objects that are left out


def named_objects(args: Any) -> bool:
    return not args["specSet"][0].objectSet[0].skip


def left_of(told: Any, ref: str) -> Any:
    """Return an answer without one object; none at all when nothing is left of it."""
    left = [each for each in told.objects if each.obj._GetMoId() != ref] if told is not None else []
    if not left:
        return None
    told.objects = left
    return told


def without(ref: str) -> Change:
    return lambda told, args: left_of(told, ref) if named_objects(args) else told


def nothing(told: Any, args: Any) -> Any:
    return None if named_objects(args) else told


@pytest.mark.parametrize("change", [without(TARGET), nothing], ids=["left out", "no answer at all"])
def test_a_machine_that_vcenter_leaves_out_is_unseen_and_not_gone(
    wire: VCenterWire, reader: VCenterReader, change: Change
) -> None:
    before = reader.read()
    meddle(wire, "RetrievePropertiesEx", change)
    after = reader.read_in_depth(before, (OTHER, TARGET))
    target = of(after, TARGET)
    assert not target.snapshots.was_seen
    assert not target.power_state.was_seen
    assert target.snapshots.reason == "vCenter left it out of its answer"


def test_a_machine_that_vcenter_says_is_gone_is_gone(wire: VCenterWire, reader: VCenterReader) -> None:
    before = reader.read()
    wire.store.remove(TARGET)
    assert [each.ref for each in reader.read_in_depth(before, (TARGET, OTHER)).machines.value] == [OTHER]


def test_a_page_that_was_promised_and_does_not_come_is_no_end_of_the_list(
    wire: VCenterWire, session: VCenterSession
) -> None:
    meddle(wire, "ContinueRetrievePropertiesEx", lambda _told, _args: None)
    with pytest.raises(NotReachedError):
        session.run(lambda one: Collector(one).of_all(vim.VirtualMachine, ["name"], 1))


def test_a_machine_that_moves_from_page_to_page_is_one_machine(wire: VCenterWire, session: VCenterSession) -> None:
    first: list[Any] = []

    def again(told: Any, _args: Any) -> Any:
        told.objects = [*first, *told.objects]
        return told

    def note(told: Any, _args: Any) -> Any:
        first.extend(told.objects)
        return told

    meddle(wire, "RetrievePropertiesEx", note)
    meddle(wire, "ContinueRetrievePropertiesEx", again)
    answers = session.run(lambda one: Collector(one).of_all(vim.VirtualMachine, ["name"], 1))
    assert sorted(each.ref for each in answers) == [TARGET, OTHER]


# -- paths that are not told


@pytest.mark.parametrize("path", ["config", "config.flags", "config.hardware.device[2000]"])
def test_a_part_that_is_not_told_is_not_told_at_its_leaves(wire: VCenterWire, reader: VCenterReader, path: str) -> None:
    def change(told: Any, _args: Any) -> Any:
        for content in told.objects if told is not None else ():
            if content.obj._GetMoId() == TARGET:
                content.propSet = [each for each in content.propSet if not each.name.startswith("config.")]
                fault = vim.fault.NoPermission(privilegeId="System.Read")
                content.missingSet = [vmodl.query.PropertyCollector.MissingProperty(path=path, fault=fault)]
        return told

    meddle(wire, "RetrievePropertiesEx", change)
    target = of(deep(reader), TARGET)
    reading: Reading[Any] = target.disks if "hardware" in path else target.disk_uuid_flag
    assert reading.reason == "this account lacks the privilege System.Read"


def test_a_session_that_ends_while_properties_are_read_is_not_taken_for_a_right_that_lacks(
    wire: VCenterWire, session: VCenterSession
) -> None:
    left = [1]

    def change(told: Any, _args: Any) -> Any:
        if left[0]:
            left[0] = 0
            for content in told.objects:
                fault = vim.fault.NotAuthenticated(privilegeId="System.View")
                content.propSet = []
                content.missingSet = [vmodl.query.PropertyCollector.MissingProperty(path="name", fault=fault)]
        return told

    meddle(wire, "RetrievePropertiesEx", change)
    answers = session.run(lambda one: Collector(one).of_all(vim.VirtualMachine, ["name"]))
    assert sorted(each.values["name"] for each in answers) == ["MT01", "web01"]
    assert [call.name for call in wire.calls].count("Login") == 2


# -- machines that vCenter has lost touch with, or does not show


ALWAYS_KNOWN = {"instance_uuid", "bios_uuid", "connection_state", "host_ref", "datastore_refs", "is_template"}


@pytest.mark.parametrize("state", ["disconnected", "inaccessible", "invalid", "orphaned"])
def test_of_a_machine_that_vcenter_has_lost_touch_with_nothing_of_now_is_seen(
    wire: VCenterWire, reader: VCenterReader, state: str
) -> None:
    wire.store.set(TARGET, {"runtime.connectionState": state})
    target = of(deep(reader), TARGET)
    events = {"enable_uuid_set_at", "relocations", "snapshot_events"}
    readings = {each.name: getattr(target, each.name) for each in fields(target)}
    seen = {name for name, one in readings.items() if isinstance(one, Reading) and one.was_seen} - events
    assert seen <= ALWAYS_KNOWN | {"ip_addresses", "dns_name"}
    assert target.power_state.reason == f'vCenter has lost touch with the machine, it is "{state}" there'


def test_a_machine_that_only_its_host_knows_of_is_there_and_unseen(wire: VCenterWire, reader: VCenterReader) -> None:
    """The account has no right on its folder: it must not look as if the machine did not exist."""
    meddle(wire, "RetrievePropertiesEx", lambda told, _args: left_of(told, OTHER))
    hidden = of(reader.read(), OTHER)
    assert not hidden.instance_uuid.was_seen
    assert not hidden.is_template.was_seen


def test_a_machine_that_was_made_meanwhile_is_read_and_one_that_was_removed_is_gone(
    wire: VCenterWire, reader: VCenterReader
) -> None:
    wire.store.set("host-1", {"vm": [TARGET, "vm-99"]})
    assert {each.ref for each in reader.read().machines.value} == {TARGET, OTHER}


# -- answers that are cut short


def test_more_events_than_vcenter_tells_at_once_leave_open_what_happened(
    wire: VCenterWire, reader: VCenterReader, clock: RehearsalClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_events, "MOST", 3)
    for minutes in range(3):
        wire.events.append(
            vim.event.VmReconfiguredEvent(
                key=minutes,
                chainId=minutes,
                createdTime=clock.now() - timedelta(minutes=minutes),
                userName="somebody",
                vm=vim.event.VmEventArgument(name="MT01", vm=vim.VirtualMachine(TARGET)),
                configSpec=vim.vm.ConfigSpec(),
            )
        )
    target = of(deep(reader, TARGET), TARGET)
    for reading in (target.enable_uuid_set_at, target.relocations, target.snapshot_events):
        assert reading.reason == "vCenter tells the newest 3 events only, and there were as many"


def test_privileges_that_are_told_of_fewer_objects_than_asked_about_are_not_seen(
    wire: VCenterWire, reader: VCenterReader
) -> None:
    meddle(wire, "FetchUserPrivilegeOnEntities", lambda told, _args: told[:-1])
    seen = reader.read_in_depth(reader.read(), (TARGET,), account="svc-asr@vsphere.local")
    assert not seen.account_privileges.was_seen


def test_privileges_are_not_seen_where_it_is_not_known_which_objects_they_are_asked_about(
    wire: VCenterWire, reader: VCenterReader
) -> None:
    wire.store.hide(TARGET, "runtime.host", vim.fault.NoPermission(privilegeId="System.Read"))
    seen = reader.read_in_depth(reader.read(), (TARGET,), account="svc-asr@vsphere.local")
    assert seen.account_privileges.reason == "this account lacks the privilege System.Read"


def test_a_machine_without_any_device_has_no_devices_that_were_seen(wire: VCenterWire, reader: VCenterReader) -> None:
    wire.store.set(TARGET, {"config.hardware.device": []})
    target = of(deep(reader), TARGET)
    assert not target.disks.was_seen
    assert not target.controllers.was_seen
