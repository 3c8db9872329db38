"""A second adapter for the configuration server: on the network that is concluded, or not at all, with the reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim

from failback.changes.remedies import REMEDIES
from failback.changes.remedy import CannotChange
from failback.rehearsal import description as described
from failback.rehearsal import on_premises
from failback.rehearsal.virtual_hardware import guest_nic
from tests.changes.ready_site import Site
from tests.changes.stage import planned
from tests.estates.changing import change_all
from tests.estates.ready import ready_case
from wizard_steps.case import Case
from wizard_steps.outside import Outside
from wizard_steps.seen_around_machines import DISTRIBUTED, OPAQUE, STANDARD, Network, NetworkAdapter
from wizard_steps.seen_in_vcenter import GuestNic

CS01 = on_premises.vm_ref(described.CONFIGURATION_SERVER)
FAILBACK, FAILBACK_NETWORK = "network-41", "Failback"
ADDRESS = "10.30.0.10"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def neighbour(site: Site, network: str, address: str, machine: str = "dc01") -> None:
    """Let a machine report an address on a network."""
    ref = on_premises.vm_ref(machine)
    nic = guest_nic(7, address)
    nic.network = network
    site.store.set(ref, {"guest.net": [*site.store.get(ref, "guest.net"), nic]})


def with_a_failback_network(site: Site) -> None:
    """Give the site a second network with one machine on it, and the server's address there to the profile."""
    on_premises.add_network(site.store, FAILBACK, FAILBACK_NETWORK)
    neighbour(site, FAILBACK_NETWORK, "10.30.0.5")
    site.engine.profile = site.engine.profile.with_choices(
        replace(site.engine.profile.choices, configuration_server_failback_ip=ADDRESS)
    )


def adapters(site: Site) -> list[Any]:
    found = site.store.get(CS01, "config.hardware.device")
    return [one for one in found if isinstance(one, vim.vm.device.VirtualEthernetCard)]


def test_the_adapter_is_added_on_the_only_network_of_that_subnet_and_taken_away_again(site: Site) -> None:
    with_a_failback_network(site)
    before = len(adapters(site))

    one = site.plan("add-network-adapter", "machine", "web01")
    outcome = site.done(one)

    added = adapters(site)[-1]
    assert len(adapters(site)) == before + 1
    assert isinstance(added, vim.vm.device.VirtualVmxnet3)
    assert added.backing.network._GetMoId() == FAILBACK
    assert added.connectable.connected
    assert ADDRESS in outcome.evidence
    assert one.target.kind == "configuration-server"
    site.undone(outcome)
    assert len(adapters(site)) == before


def test_an_adapter_on_that_network_that_came_meanwhile_makes_the_plan_stale(site: Site) -> None:
    with_a_failback_network(site)
    one = site.plan("add-network-adapter", "machine", "web01")
    site.done(one)

    outcome = site.apply(one)

    assert outcome.word.value == "stale"


# -- which network, without a site


def network(ref: str, name: str, **changes: Any) -> Network:
    return Network(ref, Outside(name), **{"kind": STANDARD, "host_refs": ("host-1",), **changes})


def nic(name: str, address: str, length: int = 24, *, connected: bool = True) -> GuestNic:
    return GuestNic(Outside(name), connected, ((address, length),))


BASE = {
    "choices.configuration_server_failback_ip": ADDRESS,
    "vcenter.networks": (network("network-1", "VM Network"), network(FAILBACK, FAILBACK_NETWORK)),
    "vcenter.machines[CS01].network_adapters": (NetworkAdapter(4000, "Vmxnet3", "Adapter 1", "network-1", None),),
    "vcenter.machines[db01].guest_nics": (nic(FAILBACK_NETWORK, "10.30.0.5"),),
}


def offered(given: Case) -> Any:
    item = given.chosen_machines.value[0].item
    return planned(given, "add-network-adapter", kind="machine", name="web01", subject_id=item.id)


def changed(path: str, value: object) -> Case:
    return change_all(ready_case(), {**BASE, path: value})


def test_a_port_group_of_a_distributed_switch_is_written_by_switch_and_key() -> None:
    group = network(
        "dvportgroup-9", FAILBACK_NETWORK, kind=DISTRIBUTED, switch_uuid="50 2c", port_group_key="dvportgroup-9"
    )
    one = offered(changed("vcenter.networks", (network("network-1", "VM Network"), group)))

    [device] = one.calls[0].args["spec"]["deviceChange"]
    assert device["device"]["backing"]["port"] == {"switchUuid": "50 2c", "portgroupKey": "dvportgroup-9"}
    assert one.calls[0].args["spec"]["changeVersion"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (
            "choices.configuration_server_failback_ip",
            None,
            "set configuration_server_failback_ip.*Failback, VM Network",
        ),
        ("choices.configuration_server_failback_ip", "there", "is no address"),
        ("choices.configuration_server_failback_ip", "10.99.0.1", "no network of its host.*Failback, VM Network"),
        ("vcenter.machines[db01].ip_addresses", (ADDRESS,), "is an address of db01"),
        ("vcenter.machines[CS01].ip_addresses", (ADDRESS,), "towards the source machines.*Failback"),
        ("vcenter.machines[db01].guest_nics", (nic(FAILBACK_NETWORK, "10.30.0.5", connected=False),), "no network"),
        ("vcenter.machines[db01].guest_nics", (nic("Elsewhere", "10.30.0.5"),), "no network of its host"),
        (
            "vcenter.machines[db01].guest_nics",
            (nic(FAILBACK_NETWORK, "10.30.0.5"), nic("VM Network", "10.30.0.6", 16)),
            "several networks.*Failback, VM Network",
        ),
        ("vcenter.machines[db01].guest_nics", (nic("VM Network", "10.30.0.5"),), "an adapter already"),
        ("vcenter.networks", (network(FAILBACK, FAILBACK_NETWORK, host_refs=("host-2",)),), "no network of its host"),
        ("vcenter.networks", (network(FAILBACK, FAILBACK_NETWORK, kind=OPAQUE),), "no network of its host"),
        (
            "vcenter.networks",
            (network(FAILBACK, FAILBACK_NETWORK), network("network-42", FAILBACK_NETWORK)),
            "several networks",
        ),
        (
            "vcenter.machines[CS01].network_adapters",
            tuple(NetworkAdapter(4000 + one, "Vmxnet3", "…", "network-1", None) for one in range(10)),
            "no room",
        ),
    ],
)
def test_where_the_network_cannot_be_concluded_it_is_left_with_the_reason(path: str, value: object, words: str) -> None:
    with pytest.raises(CannotChange, match=words):
        offered(changed(path, value))


def test_taking_it_away_says_what_stops() -> None:
    one = offered(changed("vcenter.machines[CS01].guest_nics", (nic("VM Network", "10.20.0.10"),)))
    added = (
        NetworkAdapter(4000, "Vmxnet3", "…", "network-1", None),
        NetworkAdapter(4001, "Vmxnet3", "…", FAILBACK, None),
    )
    after = change_all(
        ready_case(),
        {
            **BASE,
            "vcenter.machines[CS01].network_adapters": added,
            "vcenter.machines[CS01].guest_nics": (nic(FAILBACK_NETWORK, ADDRESS),),
        },
    )

    back = REMEDIES["add-network-adapter"].undo(one, after)

    [device] = back.calls[0].args["spec"]["deviceChange"]
    assert (device["operation"], device["device"]["key"]) == ("remove", 4001)
    assert f"what reaches the server at {ADDRESS} stops" in back.disturbs
