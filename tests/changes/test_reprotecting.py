"""Reprotection: the request is whole and checked, it is refused until the machine is ready, and it is sent once."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Change, Outcome, Word
from failback.changes.planning import make_reprotect_plan, reprotect_offers
from failback.changes.remedy import CannotChange
from failback.changes.reprotect_request import reprotect_request
from failback.engine import Engine
from failback.opening import open_rehearsal
from failback.rehearsal import description as described
from tests.changes.stage import no, yes
from tests.estates.changing import change
from tests.estates.ready import ready_case
from tests.peers.arm_schema import of_model
from wizard_steps.case import Case, Machine
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Status


class Site:
    """The ready rehearsal site with everything vouched for."""

    def __init__(self, home: Path) -> None:
        self.engine: Engine = open_rehearsal("ready", home=home)
        assert self.engine.rehearsal is not None
        self.arm = self.engine.rehearsal.arm
        self.case: Case = self.engine.look()

    def vouch_for_everything(self) -> None:
        for finding in self.engine.judge(self.case).findings:
            if finding.status is Status.ATTEST:
                self.case = self.engine.attest(finding.requirement.id, finding.subject.name, "operator")

    def change(self, machine: str) -> Change:
        plan = make_reprotect_plan(self.case, self.case.now, self.engine.profile.name, True)
        return next(one for one in plan.changes if one.target.name == machine)

    def apply(self, one: Change, confirm: Any = yes) -> Outcome:
        plan = make_reprotect_plan(self.case, self.case.now, self.engine.profile.name, True)
        [outcome] = self.engine.apply(replace(plan, changes=(one,)), confirm)
        return outcome

    def sent(self) -> list[Any]:
        return [one for one in self.arm.requests if one.method == "POST" and one.path.endswith("/reProtect")]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def machine_of(case: Case, name: str) -> Machine:
    return next(one for one in case.chosen_machines.value if one.name == name)


def test_no_machine_is_reprotected_before_everything_is_vouched_for(site: Site) -> None:
    offers = reprotect_offers(site.case)

    assert all(one.change is None for one in offers)
    assert {"to-attest" in (one.reason or "") for one in offers} == {True}


def test_the_default_plan_never_holds_a_reprotection(site: Site) -> None:
    site.vouch_for_everything()
    report = site.engine.judge(site.case)

    assert "submit-reprotect" not in {one.remedy for one in site.engine.plan(site.case, report).changes}


def test_a_ready_machine_is_reprotected_by_exactly_the_request_that_was_shown(site: Site) -> None:
    site.vouch_for_everything()
    shown = reprotect_request(site.case, machine_of(site.case, "print01"))

    outcome = site.apply(site.change("print01"))

    assert outcome.word is Word.VERIFIED, outcome.evidence
    [request] = site.sent()
    assert (request.path, request.body) == (shown.path, shown.body)
    after = machine_of(site.engine.look(), "print01")
    assert after.is_reprotected.value
    assert after.item.master_target_id.value == shown.body["properties"]["providerSpecificDetails"]["masterTargetId"]


def test_reprotection_wants_the_name_typed_and_sends_nothing_without_it(site: Site) -> None:
    site.vouch_for_everything()
    one = site.change("web01")

    assert site.apply(one, no).word is Word.DECLINED
    assert site.sent() == []


def test_a_reprotection_that_fails_speaks_with_azures_own_error_causes_and_advice(site: Site) -> None:
    site.vouch_for_everything()
    advice = {"possibleCauses": "The agent is silent.", "recommendedAction": "Start the mobility service."}
    site.arm.operations.end_next_with(
        "Failed", {"code": "95226", "message": "Reprotect could not be started.", "details": [advice]}
    )

    outcome = site.apply(site.change("web01"))

    assert outcome.word is Word.FAILED
    for words in ("95226", "Reprotect could not be started.", *advice.values()):
        assert words in outcome.evidence
    assert len(site.sent()) == 1


def test_members_of_a_group_stand_together_and_are_named_in_the_note(site: Site) -> None:
    offers = reprotect_offers(site.case)
    names = [one.name for one in site.case.machines.value]
    assert len(offers) == len(names)

    notes = reprotect_request(site.case, machine_of(site.case, "sql01")).notes

    assert any(all(name in note for name in ("app01", "app02", "sql01")) for note in notes)


def test_a_machine_that_joins_the_group_after_the_plan_makes_it_stale(site: Site) -> None:
    site.vouch_for_everything()
    one = site.change("sql01")
    group = site.arm.get(described.item_id("sql01"))["properties"]["providerSpecificDetails"]["multiVmGroupId"]  # type: ignore[index]

    def join(body: Any) -> None:
        body["properties"]["providerSpecificDetails"]["multiVmGroupId"] = group

    site.arm.edit(described.item_id("web01"), join)

    outcome = site.apply(one)

    assert outcome.word is Word.STALE, outcome.evidence
    assert "consistency group" in outcome.evidence
    assert site.sent() == []


# -- the request


def request_of(case: Case) -> dict[str, Any]:
    made = reprotect_request(case, machine_of(case, "web01"))
    details: dict[str, Any] = made.body["properties"]["providerSpecificDetails"]
    return details


def test_the_request_fits_the_librarys_model_and_leaves_the_temporary_disk_out() -> None:
    made = reprotect_request(ready_case(), machine_of(ready_case(), "web01"))

    assert of_model("site_recovery", "ReverseReplicationInput", made.body) == []
    details = made.body["properties"]["providerSpecificDetails"]
    assert of_model("site_recovery", "InMageReprotectInput", details) == []
    assert details["diskExclusionInput"]["volumeOptions"] == [
        {"volumeLabel": "Temporary Storage", "onlyExcludeIfSingleVolume": "Yes"}
    ]


def test_the_az_line_carries_path_version_and_body() -> None:
    made = reprotect_request(ready_case(), machine_of(ready_case(), "web01"))

    words = shlex.split(made.az_rest())

    assert words[:4] == ["az", "rest", "--method", "post"]
    assert words[5] == f"{made.path}?api-version=2025-08-01"
    assert json.loads(words[7]) == made.body
    assert made.to_json()["azRest"] == made.az_rest()


def test_servers_volume_and_datastore_are_those_that_site_recovery_lists() -> None:
    case = ready_case()
    target = case.targets.value[0]

    details = request_of(case)

    assert details["masterTargetId"] == target.registered.value.id
    assert details["processServerId"] == target.process_server.value.id
    assert details["retentionDrive"] in [one.name.raw for one in target.registered.value.retention_volumes.value]
    assert details["datastoreName"] in [one.name.raw for one in target.registered.value.datastores.value]
    assert details["profileId"].endswith("to-azure-failback")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("server.master_targets[MT01].retention_volumes", (), "retention volume"),
        ("server.mappings", (), "no failback policy is associated"),
        ("azure.protected_items[web01].allowed_operations", ("UnplannedFailover",), "does not offer"),
        ("azure.protected_items[web01].instance_type", "InMage", "reprotected already"),
        ("azure.protected_items[web01].instance_type", "InMageRcm", "modernized"),
    ],
)
def test_a_request_that_could_not_hold_is_not_made(path: str, value: object, words: str) -> None:
    with pytest.raises(CannotChange, match=words):
        request_of(change(ready_case(), path, value))


def test_a_request_without_a_chosen_process_server_is_not_made() -> None:
    with pytest.raises(NotSeen):
        request_of(change(ready_case(), "target.process_server", None))
