"""What goes wrong at sign-in and reading: one clear sentence with the next step, the exit code, no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from failback.rehearsal import description
from failback.rehearsal.arm_wire import denied
from tests.end_to_end.conftest import Run
from tests.end_to_end.site_on_peers import Peers

pytestmark = pytest.mark.timeout(180)  # programs are started, and each signs in to both peers

WRONG_PIN = ":".join(["AB"] * 32)


def one_sentence(said: str) -> str:
    """Return the last line of the narration, which is the sentence; there must be no traceback before it."""
    assert "Traceback" not in said
    lines = [line for line in said.splitlines() if line.strip()]
    assert lines, "nothing was said"
    return " ".join(lines)


@pytest.mark.parametrize(
    ("changes", "environment", "words"),
    [
        ({}, {"FAILBACK_VCENTER_PASSWORD": "wrong"}, ["127.0.0.1", "password"]),
        ({}, {"FAILBACK_AZURE_CLIENT_SECRET": "wrong"}, ["Azure", "secret"]),
        ({}, {"FAILBACK_VCENTER_PASSWORD": ""}, ["FAILBACK_VCENTER_PASSWORD"]),
        ({"sha256": WRONG_PIN}, {}, ["certificate", WRONG_PIN]),
        ({"vault": "no-such-vault"}, {}, ["no-such-vault"]),
        ({"extra": "colour = 1"}, {}, ["colour", "line 3"]),
        ({"machines": '["nobody"]'}, {}, ["nobody"]),
    ],
    ids=["password", "secret", "no password", "certificate", "vault", "typo", "machine"],
)
def test_what_the_operator_must_put_right_first_ends_with_exit_2_and_says_so(
    both: Peers,
    failback: Run,
    tmp_path: Path,
    changes: dict[str, str],
    environment: dict[str, str],
    words: list[str],
) -> None:
    profile = both.write_profile(tmp_path / "osaka.toml", **changes)
    done = failback("check", "--profile", str(profile), environment={**both.environment, **environment})
    said = one_sentence(done.stderr)
    assert done.returncode == 2, said
    assert done.stdout == ""
    for word in words:
        assert word in said


def test_an_ambiguous_machine_name_ends_with_exit_2_and_names_the_candidates(
    both: Peers, failback: Run, tmp_path: Path
) -> None:
    twin = description.item_id("web02")
    both.site.arm.edit(twin, lambda body: body["properties"].update(friendlyName="web01"))
    try:
        profile = both.write_profile(tmp_path / "osaka.toml", machines='["web01"]')
        done = failback("check", "--profile", str(profile), environment=both.environment)
    finally:
        both.site.arm.edit(twin, lambda body: body["properties"].update(friendlyName="web02"))
    said = one_sentence(done.stderr)
    assert done.returncode == 2, said
    assert description.stable_uuid("web01") in said
    assert description.stable_uuid("web02") in said


def test_a_vcenter_that_is_down_leaves_the_report_of_azures_half(both: Peers, failback: Run, tmp_path: Path) -> None:
    profile = both.write_profile(tmp_path / "osaka.toml")
    text = profile.read_text(encoding="utf-8").replace(f"port = {both.vcenter.port}", "port = 1")
    profile.write_text(text, encoding="utf-8")
    done = failback("check", "--profile", str(profile), "--format", "json", environment=both.environment)
    one_sentence(done.stderr)
    assert done.returncode in {1, 3}, done.stderr
    status = {one["requirement"]: (one["status"], one["evidence"]) for one in json.loads(done.stdout)["findings"]}
    assert status["mt-disk-enableuuid"][0] == "unknown"
    assert status["failback-policy-exists"][0] == "pass"


def test_a_subscription_without_rights_leaves_everything_of_azure_unknown(
    both: Peers, failback: Run, tmp_path: Path
) -> None:
    refusal = denied("Microsoft.RecoveryServices/vaults/read", description.vault_id())
    both.site.arm.fault("GET", r"/providers/Microsoft\.", refusal, times=None)
    try:
        profile = both.write_profile(tmp_path / "osaka.toml")
        done = failback("check", "--profile", str(profile), "--format", "json", environment=both.environment)
    finally:
        both.site.arm.mend()
    one_sentence(done.stderr)
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == "unknown"
    evidence = {one["requirement"]: one["evidence"] for one in report["findings"]}
    assert "Microsoft.RecoveryServices/vaults/read" in evidence["cs-running"]


def test_a_machine_with_a_name_that_looks_like_markup_is_shown_as_it_is(
    both: Peers, failback: Run, tmp_path: Path
) -> None:
    item = description.item_id("web02")
    both.site.arm.edit(item, lambda body: body["properties"].update(friendlyName="[/]\x1b[2J"))
    try:
        profile = both.write_profile(tmp_path / "osaka.toml")
        done = failback("check", "--profile", str(profile), environment=both.environment)
        as_json = failback("check", "--profile", str(profile), "--format", "json", environment=both.environment)
    finally:
        both.site.arm.edit(item, lambda body: body["properties"].update(friendlyName="web02"))
    assert done.returncode == 1, done.stderr
    assert "[/]\\x1b[2J" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert "[/]\x1b[2J" in [one["name"] for one in json.loads(as_json.stdout)["machines"]]
