"""Every answer of the simulator fits the models of Microsoft's own libraries."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from failback.azure import change
from failback.azure.reading import AzureReader, Vault
from failback.rehearsal import description
from failback.rehearsal.arm_wire import ArmWire, Reply
from failback.rehearsal.site import rehearsal_site
from tests.azure import world
from tests.peers.arm_schema import complaints, of_model


def answers_of(arm: ArmWire) -> list[tuple[str, str, Reply]]:
    """Return what the simulator answers from now on: (method, address, reply)."""
    heard: list[tuple[str, str, Reply]] = []
    inner = arm.handle

    def handle(method: str, url: str, headers: Any, content: bytes) -> Reply:
        reply = inner(method, url, headers, content)
        heard.append((method, url, reply))
        return reply

    arm.handle = handle  # type: ignore[method-assign]  # a tap on the wire
    return heard


def wrong(heard: list[tuple[str, str, Reply]]) -> list[str]:
    """Return the complaints about every good answer that has a body, without repeats."""
    found = [
        text
        for method, url, reply in heard
        if reply.status == 200 and reply.body is not None
        for text in complaints(method, url, reply.body)
    ]
    return sorted(set(found))


def test_the_small_vault_of_the_tests_fits(arm: ArmWire, reader: AzureReader, clock: world.StepClock) -> None:
    heard = answers_of(arm)
    reader.read()
    clients = world.clients(arm)
    change.follow(clients, change.refresh_configuration_server(clients, world.PROVIDER, clock).token, clock)
    assert wrong(heard) == []
    assert len(heard) > 20


@pytest.mark.parametrize("estate", ["faulty", "ready"])
def test_the_rehearsal_site_fits(estate: str) -> None:
    site = rehearsal_site(estate)
    heard = answers_of(site.arm)
    parts = description.vault_id().split("/")
    AzureReader(world.clients(site.arm, parts[2]), Vault(parts[2], parts[4], parts[8]), site.clock).read()
    assert wrong(heard) == []
    assert len(heard) > 40


def test_the_jobs_of_a_refresh_fit(arm: ArmWire, clock: world.StepClock) -> None:
    begun = change.refresh_configuration_server(world.clients(arm), world.PROVIDER, clock)
    job = arm.get(f"{world.VAULT}/replicationJobs/{begun.job_id}")
    assert of_model("site_recovery", "Job", job) == []


def test_the_recorded_fabric_fits_but_for_what_azure_itself_adds() -> None:
    assert of_model("site_recovery", "Fabric", world.recorded_fabric()) == []


def spoilt(**changes: Any) -> dict[str, Any]:
    fabric = copy.deepcopy(world.recorded_fabric())
    target = fabric["properties"]["customDetails"]["masterTargetServers"][0]
    target.update(changes)
    return fabric


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (spoilt(diskCount="three"), "int is expected"),
        (spoilt(lastHeartbeat="soon"), "no time"),
        (spoilt(retentionVolumes={}), "a list is expected"),
        (spoilt(surprise=1), "no such field"),
        (spoilt(retentionVolumes=[{"capacityInBytes": True}]), "int is expected"),
        ({"properties": {"customDetails": {"instanceType": "Nonsense"}}}, "discriminator"),
        ({"properties": []}, "an object is expected"),
    ],
)
def test_the_checker_finds_a_mistake(body: Any, complaint: str) -> None:
    found = of_model("site_recovery", "Fabric", body)
    assert len(found) == 1
    assert complaint in found[0]


def test_the_checker_finds_a_word_that_no_enumeration_has() -> None:
    vault = {"properties": {"provisioningState": 7}, "sku": {"name": "Enormous"}}
    assert len(of_model("vaults", "Vault", vault)) == 2


def test_a_call_without_a_model_is_a_complaint() -> None:
    assert complaints("GET", "https://management.azure.com/subscriptions/s/nothing", {}) != []
