"""Networks as they are read: whose switch they are of, and which of them nothing is to be connected to."""

from __future__ import annotations

from typing import Any

import pytest
from pyVmomi import vim

from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.properties import Collector
from failback.vcenter.read_networks import read_networks
from failback.vcenter.reading import VCenterReader
from failback.vcenter.session import VCenterSession
from wizard_steps.seen_around_machines import DISTRIBUTED, OPAQUE, STANDARD, UPLINK, Network

SWITCH, GROUP = "dvs-1", "dvportgroup-2"
_Group = vim.dvs.DistributedVirtualPortgroup


@pytest.fixture
def of_a_switch(wire: VCenterWire) -> VCenterWire:
    """A vCenter with one port group of a distributed switch."""
    summary = vim.Network.Summary(name="Failback", accessible=True, ipPoolName="")
    wire.store.add(SWITCH, "VmwareDistributedVirtualSwitch", {"name": "dvs", "uuid": "50 2c 1f"})
    wire.store.add(
        GROUP,
        "DistributedVirtualPortgroup",
        {
            "name": "Failback",
            "host": ["host-1"],
            "summary": summary,
            "key": GROUP,
            "config.distributedVirtualSwitch": SWITCH,
        },
    )
    return wire


def networks(session: VCenterSession) -> dict[str, Network]:
    return {one.ref: one for one in session.run(lambda one: read_networks(Collector(one), None))}  # type: ignore[arg-type]


def test_a_port_group_comes_with_its_switch_and_key(of_a_switch: VCenterWire, session: VCenterSession) -> None:
    found = networks(session)[GROUP]

    assert (found.kind, found.switch_uuid, found.port_group_key) == (DISTRIBUTED, "50 2c 1f", GROUP)
    assert found.host_refs == ("host-1",)


@pytest.mark.parametrize(
    ("ref", "changes"),
    [
        (GROUP, {"tag": [vim.Tag(key="SYSTEM/DVS.UPLINKPG")]}),
        (SWITCH, {"config.uplinkPortgroup": [_Group(GROUP)]}),
    ],
)
def test_a_switchs_own_uplinks_are_known_by_their_tag_or_by_the_switch(
    ref: str, changes: dict[str, Any], of_a_switch: VCenterWire, session: VCenterSession
) -> None:
    of_a_switch.store.set(ref, changes)

    assert networks(session)[GROUP].kind == UPLINK


@pytest.mark.parametrize(
    ("ref", "path"), [(GROUP, "key"), (GROUP, "config.distributedVirtualSwitch"), (SWITCH, "uuid")]
)
def test_a_port_group_of_which_not_enough_is_told_is_offered_for_nothing(
    ref: str, path: str, of_a_switch: VCenterWire, session: VCenterSession
) -> None:
    of_a_switch.store.hide(ref, path, vim.fault.NoPermission(privilegeId="System.Read"))

    assert networks(session)[GROUP].kind == OPAQUE


@pytest.mark.parametrize(("ref", "path"), [("network-1", "host"), ("datacenter-1", "datastore")])
def test_a_list_of_which_a_part_is_hidden_was_not_read(
    ref: str, path: str, wire: VCenterWire, session: VCenterSession
) -> None:
    wire.store.hide(ref, path, vim.fault.NoPermission(privilegeId="System.Read"))

    seen = VCenterReader(session, wire.clock).read()

    told = seen.networks if ref == "network-1" else seen.datacenters
    assert not told.was_seen
    assert "System.Read" in (told.reason or "")
    assert seen.machines.was_seen


def test_a_network_of_another_product_is_opaque(wire: VCenterWire, session: VCenterSession) -> None:
    summary = vim.OpaqueNetwork.Summary(
        name="nsx", accessible=True, ipPoolName="", opaqueNetworkId="n", opaqueNetworkType="nsx"
    )
    wire.store.add("network-o9", "OpaqueNetwork", {"name": "nsx", "host": ["host-1"], "summary": summary})

    found = networks(session)

    assert found["network-o9"].kind == OPAQUE
    assert found["network-1"].kind == STANDARD
