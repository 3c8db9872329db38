"""`failback check` against govmomi's simulator and the Azure simulator, both over TLS on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from failback.azure.allowed import PERMISSIONS, on_the_list
from failback.azure.allowed import PROBES as AZURE_PROBES
from failback.azure.allowed import READS as AZURE_READS
from failback.vcenter.allowed import READS as VCENTER_READS
from tests.end_to_end.conftest import SEEDED, Run
from tests.end_to_end.site_on_peers import Peers

pytestmark = pytest.mark.timeout(180)  # programs are started, and each signs in to both peers

ALSO_TRUE_OF_GOVMOMI = {"no-free-esxi"}  # a warning: its hosts run on an evaluation licence


def test_the_report_names_the_seeded_faults_and_no_others(both: Peers, failback: Run, tmp_path: Path) -> None:
    profile = both.write_profile(tmp_path / "osaka.toml")
    options = ("--profile", str(profile), "--probe", "--format", "json")
    done = failback("check", *options, environment=both.environment)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    roots = {
        one["requirement"]
        for one in report["findings"]
        if one["status"] in {"fail", "pending", "unknown", "warn"} and one["caused_by"] is None
    }
    assert roots == {*SEEDED, *ALSO_TRUE_OF_GOVMOMI}
    assert report["verdict"] == "not-ready"
    assert report["rehearsal"] is False


def test_without_probes_what_only_a_probe_can_tell_is_unknown_and_says_so(
    both: Peers, failback: Run, tmp_path: Path
) -> None:
    profile = both.write_profile(tmp_path / "osaka.toml")
    done = failback("check", "--profile", str(profile), "--format", "json", environment=both.environment)
    unknown = [one for one in json.loads(done.stdout)["findings"] if one["status"] == "unknown"]
    assert unknown
    assert all("not probed" in one["evidence"] for one in unknown if one["caused_by"] is None)


def test_a_check_calls_only_what_the_lists_of_reads_allow(both: Peers, failback: Run, tmp_path: Path) -> None:
    both.vcenter.forget_calls()
    both.site.arm.requests.clear()
    profile = both.write_profile(tmp_path / "osaka.toml")
    failback("check", "--profile", str(profile), environment=both.environment)
    called = {call.method for call in both.vcenter.calls()}
    assert called
    assert called <= VCENTER_READS
    assert both.site.arm.requests
    strays = [
        one
        for one in both.site.arm.requests
        if not on_the_list((*AZURE_READS, *AZURE_PROBES, PERMISSIONS), one.method, one.host + one.path)
    ]
    assert strays == []


def test_no_secret_is_in_anything_the_command_says(both: Peers, failback: Run, tmp_path: Path) -> None:
    profile = both.write_profile(tmp_path / "osaka.toml")
    for kind in ("text", "json"):
        done = failback("check", "--profile", str(profile), "--format", kind, environment=both.environment)
        for secret in both.environment.values():
            assert secret not in done.stdout + done.stderr
