"""A fabric as the service answered it once, read and judged by the whole engine with the clock at its time.

The fixture is of the shape of a recorded answer: a date of year 9999 without a zone, counts and sizes as text, one id
for three roles of one machine, colours for words. Where the recorded answer itself lies beside the repository, it is
judged, too. Nothing but the fabric was recorded: the vault holds no machine, no provider and no policy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from failback.azure.clients import AzureClients
from failback.azure.cloud import CLOUDS
from failback.engine import Engine
from failback.profiles.model import AzureSettings, Profile, VaultSettings, VCenterSettings
from failback.rehearsal.arm_transport import RehearsalCredential, WireTransport
from failback.rehearsal.arm_wire import ArmWire
from failback.rehearsal.clock import RehearsalClock
from failback.rehearsal.vcenter_wire import VCenterWire
from failback.vcenter.session import VCenterSession
from tests.azure.world import RECORDED_AT
from wizard_steps.choices import Choices, TargetChoice
from wizard_steps.judge import Report
from wizard_steps.seen_in_azure import ConfigurationServer

REPOSITORY = Path(__file__).parents[2]
FABRICS = {
    "fixture": REPOSITORY / "tests" / "azure" / "fixtures" / "classic_fabric.json",
    "recorded": REPOSITORY.parent / "shared" / "recordings" / "classic_fabric.json",
}


class Recorded:
    """Sessions with a vault that holds one recorded fabric, and with a vCenter that holds nothing."""

    def __init__(self, fabric: dict[str, Any]) -> None:
        self.clock = RehearsalClock(RECORDED_AT)
        self.arm, self.wire = ArmWire(self.clock), VCenterWire(self.clock, users={"user": "password"})
        parts = fabric["id"].strip("/").split("/")
        self.subscription, self.group, self.vault = parts[1], parts[3], parts[7]
        self.arm.put("/" + "/".join(parts[:8]), {"location": "westus", "properties": {}})
        self.arm.put(fabric["id"], fabric)

    def vcenter(self) -> VCenterSession:
        return VCenterSession("vcenter.example.com", "user", "password", self.wire.stub)

    def azure(self, *_cancelled: object) -> AzureClients:
        transport = WireTransport(self.arm)
        return AzureClients(RehearsalCredential(), CLOUDS["public"], self.subscription, transport=transport)

    def close(self) -> None:
        """Close nothing: everything is in memory."""


@pytest.fixture(params=FABRICS)
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[ConfigurationServer, Report]:
    """Return what was seen of the fabric's configuration server, and what it is judged to be."""
    path = FABRICS[request.param]
    if not path.exists():
        pytest.skip("the recorded answer does not lie beside the repository")
    fabric = json.loads(path.read_text(encoding="utf-8"))["value"][0]
    details = fabric["properties"]["customDetails"]
    sessions = Recorded(fabric)
    in_azure = details["processServers"][0]["friendlyName"]
    targets = tuple(
        TargetChoice(one["name"], in_azure, one["retentionVolumes"][0]["volumeName"])
        for one in details["masterTargetServers"]
    )
    profile = Profile(
        name="recorded",
        vcenter=VCenterSettings("vcenter.example.com", "user"),
        azure=AzureSettings(sessions.subscription),
        vault=VaultSettings(sessions.group, sessions.vault),
        choices=Choices(targets=targets),
    )
    engine = Engine(profile, sessions, sessions.clock, tmp_path)
    case = engine.look()
    (server,) = case.azure.configuration_servers.value
    return server, engine.judge(case)


def said(report: Report, requirement: str) -> list[tuple[str, str]]:
    """Return status and evidence of each finding of a requirement."""
    return [(one.status.value, one.evidence) for one in report.findings if one.requirement.id == requirement]


EXPECTED: dict[str, list[tuple[str, str]]] = {
    "rpi-failed-over": [("fail", "no machine of this vault is failed over")],
    "cs-running": [("pass", "processor load: Green")],
    "cs-connected-azure": [("fail", "no recovery services provider")],
    "component-versions-supported": [("pass", "version 9.41.0.0, Supported")],
    "cs-ssl-cert": [("pass", "1077 days; ")],
    "ps-azure-required": [("fail", "no network interface in Azure that was read has its address")],
    "ps-health": [("pass", "disk space: Green")],
    "failback-policy-exists": [("fail", "none of the vault's 0 policies")],
    "mt-present-default-windows": [
        ("pass", "default master target on the configuration server"),
        ("pass", "a separate"),
    ],
    "mt-version-rule": [("pass", "master target 9.41.0.0"), ("pass", "master target 9.41.0.0")],
    "mt-no-snapshots": [("unknown", "no machine in vCenter has the address")] * 2,
    "mt-tools-datastore-discovery": [("fail", "lists no datastore"), ("unknown", "no machine in vCenter")],
    "ret-drive-present": [("pass", "D with 32 GiB"), ("pass", "F with 10 GiB")],
    "ret-default-r-windows": [("warn", "it is D"), ("warn", "it is F")],
    "retention-size-ok": [("warn", "29 GiB of 32 GiB are free"), ("warn", "10 GiB of 10 GiB are free")],
    "ps-existing-add-drive": [("pass", "runs here, with D"), ("pass", "runs here, with F")],
    "reprotect-datastore-input-nonempty": [("fail", "lists no datastore"), ("pass", ", ")],
    "vcenter-connected": [("fail", "the vault knows no vCenter")],
}


@pytest.mark.parametrize("requirement", EXPECTED)
def test_the_recorded_fabric_is_judged_as_stated(requirement: str, seen: tuple[ConfigurationServer, Report]) -> None:
    found = said(seen[1], requirement)
    assert [status for status, _evidence in found] == [status for status, _words in EXPECTED[requirement]]
    for (_status, evidence), (_same, words) in zip(found, EXPECTED[requirement], strict=True):
        assert words in evidence


def test_the_oddities_of_the_recorded_answer_are_read_for_what_they_mean(
    seen: tuple[ConfigurationServer, Report],
) -> None:
    server, _report = seen
    assert server.agent_expires.value is None  # 9999-12-31 without a zone: it does not expire
    assert {word.word.value for word in server.loads.values()} == {"Green"}
    assert [one.machine_count.value for one in server.process_servers.value] == [0, 0]  # sent as text
    mine = [one for one in server.master_targets.value if one.ip_address.value == server.ip_address.value]
    beside = [one for one in server.process_servers.value if one.ip_address.value == server.ip_address.value]
    assert [one.id for one in mine] == [one.id for one in beside]  # one id for the roles of one machine
    assert len(server.master_targets.value) == len(server.process_servers.value) == 2
    separate = next(one for one in server.master_targets.value if one not in mine)
    assert [(one.capacity_gb.value, one.free_gb.value) for one in separate.datastores.value] == [
        (439.5, 154.11),
        (2047.75, 247.02),
    ]
    assert separate.retention_volumes.value[0].name.raw == "F"
    assert server.last_heartbeat.value.tzinfo is not None


def test_what_the_recorded_fabric_does_not_prove_is_never_ready(seen: tuple[ConfigurationServer, Report]) -> None:
    report = seen[1]
    assert report.verdict.value == "not-ready"
    assert report.judged_at == RECORDED_AT
