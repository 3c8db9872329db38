"""Azure tells the state of a version in two places: where they contradict each other, neither hides the worse one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from failback.azure.reading import AzureReader
from failback.rehearsal.arm_wire import ArmWire
from tests.azure import world
from wizard_steps.seen_in_azure import ConfigurationServer, MasterTarget, ProcessServer


@pytest.mark.parametrize(("newer", "older"), [("Supported", "NotSupported"), ("NotSupported", "Supported")])
def test_of_two_words_about_one_version_the_worse_one_counts(
    arm: ArmWire, reader: AzureReader, newer: str, older: str
) -> None:
    arm.edit(world.FABRIC, _each_version({"agentVersionDetails.status": newer, "versionStatus": older}))
    assert [one.version_status.value for one in _versioned(reader)] == ["NotSupported"] * 5


@pytest.mark.parametrize(
    ("words", "worst"),
    [
        (("Supported", "Pondering"), "Pondering"),
        (("Pondering", "Deprecated"), "Pondering"),
        (("Deprecated", "Pondering"), "Pondering"),
        (("UpdateRequired", "Supported"), "UpdateRequired"),
        (("Pondering", "NotSupported"), "NotSupported"),
        ((None, "NotSupported"), "NotSupported"),
    ],
)
def test_a_strange_word_about_a_version_hides_behind_no_other(
    arm: ArmWire, reader: AzureReader, words: tuple[str | None, str], worst: str
) -> None:
    arm.edit(world.FABRIC, _each_version({"agentVersionDetails.status": words[0], "versionStatus": words[1]}))
    assert [one.version_status.value for one in _versioned(reader)] == [worst] * 5


NEVER = "9999-12-31T23:59:59.9999999"
PAST = "2021-03-01T00:00:00Z"


@pytest.mark.parametrize(("newer", "older"), [(NEVER, PAST), (PAST, NEVER), (PAST, "2021-09-01T00:00:00Z")])
def test_of_two_days_on_which_an_agent_expires_the_sooner_one_counts(
    arm: ArmWire, reader: AzureReader, newer: str, older: str
) -> None:
    arm.edit(world.FABRIC, _each_version({"agentVersionDetails.expiryDate": newer, "agentExpiryDate": older}))
    assert [one.agent_expires.value for one in _versioned(reader)] == [datetime(2021, 3, 1, tzinfo=timezone.utc)] * 5


@pytest.mark.parametrize(("newer", "older"), [(NEVER, "soon"), ("soon", NEVER)])
def test_a_day_that_makes_no_sense_hides_behind_no_other(
    arm: ArmWire, reader: AzureReader, newer: str, older: str
) -> None:
    arm.edit(world.FABRIC, _each_version({"agentVersionDetails.expiryDate": newer, "agentExpiryDate": older}))
    assert ["soon" in (one.agent_expires.reason or "") for one in _versioned(reader)] == [True] * 5


def _versioned(reader: AzureReader) -> list[ConfigurationServer | ProcessServer | MasterTarget]:
    server = reader.read().configuration_servers.value[0]
    return [server, *server.process_servers.value, *server.master_targets.value]


def _each_version(values: dict[str, str | None]) -> Callable[[dict[str, Any]], None]:
    """Return what gives the version of every server these values, by dotted path."""

    def change(body: dict[str, Any]) -> None:
        details = body["properties"]["customDetails"]
        for one in (details, *details["processServers"], *details["masterTargetServers"]):
            for path, value in values.items():
                *parents, name = path.split(".")
                place = one
                for parent in parents:
                    place = place[parent]
                place[name] = value

    return change
