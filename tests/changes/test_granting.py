"""Site recovery's account gets what it lacks, loses nothing, and gets back what it had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim

from failback.changes import Change, Confirmation, Weight, Word
from failback.changes.remedies import REMEDIES
from failback.changes.remedy import CannotChange
from failback.rehearsal import description as described
from failback.rehearsal import on_premises
from failback.rehearsal.vcenter_wire_rights import held_by
from failback.roles import VCENTER_OPERATOR, privileges_of
from tests.changes.ready_site import Site
from tests.changes.stage import no, yes
from wizard_steps.classic.failback_role import NEEDED
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Status

ACCOUNT, PRINCIPAL = described.ACCOUNT, "VSPHERE.LOCAL\\svc-asr"
DATACENTER, MT01 = on_premises.DATACENTER, on_premises.vm_ref("MT01")
READ_ONLY = {"System.Anonymous", "System.Read", "System.View"}
OF_A_GROUP = {"Alarm.Create", "Folder.Create"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def without_rights(site: Site) -> None:
    """Let the account have what two groups give it: to read, and something that failback does not ask for."""
    held = site.wire.privileges[ACCOUNT]
    for ref in held:
        held[ref] = {*READ_ONLY, *OF_A_GROUP}


def permission(role: int, *, propagate: bool, principal: str = PRINCIPAL, group: bool = False) -> Any:
    return vim.AuthorizationManager.Permission(
        entity=vim.Datacenter(DATACENTER), principal=principal, group=group, roleId=role, propagate=propagate
    )


def with_role(site: Site, name: str, privileges: set[str], number: int = 300) -> int:
    roles = site.store.get("AuthorizationManager", "roleList")
    made = vim.AuthorizationManager.Role(
        roleId=number,
        system=False,
        name=name,
        info=vim.Description(label=name, summary=name),
        privilege=sorted({*privileges, *READ_ONLY}),
    )
    site.store.set("AuthorizationManager", {"roleList": [*roles, made]})
    return number


def role_names(site: Site) -> list[str]:
    return [one.name for one in site.store.get("AuthorizationManager", "roleList")]


def plan(site: Site) -> Any:
    return site.plan("grant-vcenter-role", "account", ACCOUNT)


def test_the_account_gets_all_it_lacks_keeps_what_its_groups_gave_it_and_gets_that_back(site: Site) -> None:
    without_rights(site)
    before = held_by(site.wire, ACCOUNT, MT01)

    one = plan(site)
    outcome = site.done(one)

    assert held_by(site.wire, ACCOUNT, MT01) == {*NEEDED, *before}
    assert [call.method for call in one.calls] == ["AddAuthorizationRole", "SetEntityPermissions"]
    assert "every privilege that failback needs" in outcome.evidence
    [given] = site.store.get(DATACENTER, "permission")
    assert (given.principal, given.group, given.propagate) == (PRINCIPAL, False, True)
    judged = {(one.requirement.id): one.status for one in site.engine.judge(site.look()).findings}
    assert judged["vcenter-permissions"] is Status.PASS
    site.undone(outcome)
    assert held_by(site.wire, ACCOUNT, MT01) == before
    assert site.store.get(DATACENTER, "permission") is None
    assert "Azure_Site_Recovery" not in role_names(site)


def test_a_permission_it_has_there_is_widened_by_a_role_with_both_and_given_back(site: Site) -> None:
    without_rights(site)
    number = with_role(site, "Backup", {"Datastore.Browse", "Global.Settings"})
    others = permission(-2, propagate=True, principal="CORP\\readers", group=True)
    site.store.set(DATACENTER, {"permission": [others, permission(number, propagate=True)]})

    outcome = site.done(plan(site))

    assert held_by(site.wire, ACCOUNT, MT01) == {*NEEDED, *READ_ONLY, "Datastore.Browse", "Global.Settings"}
    assert len(site.store.get(DATACENTER, "permission")) == 2
    backup = next(one for one in site.store.get("AuthorizationManager", "roleList") if one.name == "Backup")
    assert set(backup.privilege) == {*READ_ONLY, "Datastore.Browse", "Global.Settings"}
    site.undone(outcome)
    mine = [one for one in site.store.get(DATACENTER, "permission") if not one.group]
    assert [(one.roleId, one.propagate) for one in mine] == [(number, True)]


def test_a_role_of_exactly_these_privileges_is_used_and_left_in_place(site: Site) -> None:
    without_rights(site)
    with_role(site, "ASR", {*NEEDED, *OF_A_GROUP})

    one = plan(site)
    outcome = site.done(one)

    assert [call.method for call in one.calls] == ["SetEntityPermissions"]
    site.undone(outcome)
    assert "ASR" in role_names(site)


def test_a_name_that_is_taken_is_not_taken_again(site: Site) -> None:
    without_rights(site)
    with_role(site, "azure_site_recovery", {"Datastore.Browse"})

    one = plan(site)

    assert one.calls[0].args["name"] == "Azure_Site_Recovery_2"


def test_a_role_that_is_right_and_not_passed_on_is_passed_on(site: Site) -> None:
    without_rights(site)
    number = with_role(site, "ASR", {*NEEDED, *OF_A_GROUP})
    site.store.set(DATACENTER, {"permission": [permission(number, propagate=False)]})

    one = plan(site)
    outcome = site.done(one)

    assert [call.method for call in one.calls] == ["SetEntityPermissions"]
    site.undone(outcome)
    [again] = site.store.get(DATACENTER, "permission")
    assert again.propagate is False


def test_a_permission_that_would_hide_what_comes_from_above_is_not_widened(site: Site) -> None:
    without_rights(site)
    number = with_role(site, "ASR", set(NEEDED))
    site.store.set(DATACENTER, {"permission": [permission(number, propagate=False)]})

    with pytest.raises(CannotChange, match=r"would hide.*"):
        plan(site)


def test_where_something_below_takes_it_away_the_datacenter_is_not_touched(site: Site) -> None:
    site.wire.privileges[ACCOUNT][MT01] = set(READ_ONLY)

    with pytest.raises(CannotChange, match="on something below"):
        plan(site)


def test_an_account_that_has_everything_gets_nothing(site: Site) -> None:
    with pytest.raises(CannotChange, match="has every privilege"):
        plan(site)


def test_machines_in_two_datacenters_are_left_to_a_person(site: Site) -> None:
    without_rights(site)
    site.store.add("datacenter-3", "Datacenter", {"name": "Kobe", "datastore": ["datastore-31"]})

    with pytest.raises(CannotChange, match="Osaka, Kobe"):
        plan(site)


def test_what_it_holds_there_is_what_the_plan_rests_on(site: Site) -> None:
    without_rights(site)
    one = plan(site)
    site.wire.privileges[ACCOUNT][DATACENTER] = {*READ_ONLY, "Alarm.Create"}

    outcome = site.apply(one)

    assert outcome.word is Word.STALE
    assert "holds there" in outcome.evidence


def test_a_role_that_somebody_else_got_meanwhile_is_not_taken_from_them(site: Site) -> None:
    without_rights(site)
    outcome = site.done(plan(site))
    [mine] = site.store.get(DATACENTER, "permission")
    other = vim.AuthorizationManager.Permission(
        principal="CORP\\other", group=False, roleId=mine.roleId, propagate=True
    )
    site.store.set(MT01, {"permission": [other]})

    back = site.engine.undo(outcome.entry_id or "", yes)

    assert back.word is not Word.VERIFIED
    assert "in use" in back.evidence
    assert site.store.get(DATACENTER, "permission") is None
    assert "Azure_Site_Recovery" in role_names(site)


def test_an_account_that_may_not_give_rights_is_told_so_before_it_is_asked(site: Site) -> None:
    without_rights(site)
    user = site.engine.profile.vcenter.username
    site.wire.privileges[user][DATACENTER] = set(privileges_of(VCENTER_OPERATOR))
    shown: list[str] = []
    one = plan(site)
    empty = site.engine.plan(site.engine.case(), site.engine.judge(site.engine.case()), [])

    def decline(change: Change) -> Confirmation:
        shown.append(change.disturbs)
        return no(change)

    site.engine.apply(replace(empty, changes=(one,)), decline)

    assert "LACKS Authorization.ModifyPermissions, Authorization.ModifyRoles" in shown[0]


def test_what_cannot_be_read_is_never_given_away(site: Site) -> None:
    without_rights(site)
    site.wire.fault("RetrieveEntityPermissions", vim.fault.NoPermission(privilegeId="System.Read"), times=None)

    with pytest.raises(NotSeen, match=r"System\.Read"):
        plan(site)


def test_giving_rights_names_what_it_opens() -> None:
    assert REMEDIES["grant-vcenter-role"].weight is Weight.DISRUPTIVE


@pytest.mark.parametrize("role", ["Azure_Site_Recovery", "Everything"])
def test_a_plan_that_was_edited_to_give_more_is_refused(role: str, site: Site) -> None:
    without_rights(site)
    with_role(site, "Everything", {*NEEDED, "Authorization.ModifyPermissions"})
    one = plan(site)
    more = {**one.after, "role Azure_Site_Recovery": [*one.after["role Azure_Site_Recovery"], "Global.Settings"]}
    other = {"permission": {"role": "Everything", "propagates": True}}

    outcome = site.apply(replace(one, after=more if role == "Azure_Site_Recovery" else other))

    assert outcome.word is Word.STALE
    assert "failback does not need that" in outcome.evidence
    assert site.store.get(DATACENTER, "permission") is None


# -- when it is cut off in the middle


def test_a_permission_that_is_refused_leaves_a_role_that_the_next_plan_uses(site: Site) -> None:
    without_rights(site)
    refusal = vim.fault.NoPermission(privilegeId="Authorization.ModifyPermissions")
    site.wire.fault("SetEntityPermissions", refusal)

    outcome = site.apply(plan(site))

    assert outcome.word is Word.FAILED
    assert "Authorization.ModifyPermissions" in outcome.evidence
    assert "Azure_Site_Recovery" in role_names(site)
    again = plan(site)
    assert [call.method for call in again.calls] == ["SetEntityPermissions"]
    assert site.apply(again).word is Word.VERIFIED


@pytest.mark.parametrize(
    ("lost", "word", "said"),
    [
        ("AddAuthorizationRole", "not-done", "as it was before"),
        ("SetEntityPermissions", "cannot-tell", "1 of its 2 calls"),
    ],
)
def test_a_call_whose_answer_is_lost_is_not_sent_again_and_what_is_there_decides(
    lost: str, word: str, said: str, site: Site
) -> None:
    without_rights(site)
    site.wire.fault(lost, ConnectionResetError(104, "Connection reset by peer"))

    outcome = site.apply(plan(site))
    [found] = site.engine.recover()

    assert outcome.word is Word.UNKNOWN
    assert found.word.value == word
    assert said in found.evidence
    assert [one.name for one in site.wire.calls].count(lost) == 1


def test_a_role_that_is_gone_when_the_permission_is_sent_is_named(site: Site) -> None:
    without_rights(site)
    with_role(site, "ASR", {*NEEDED, *OF_A_GROUP})
    one = plan(site)

    def take_the_role(change: Change) -> Confirmation:
        kept = [role for role in site.store.get("AuthorizationManager", "roleList") if role.name != "ASR"]
        site.store.set("AuthorizationManager", {"roleList": kept})
        return yes(change)

    empty = site.engine.plan(site.engine.case(), site.engine.judge(site.engine.case()), [])
    [outcome] = site.engine.apply(replace(empty, changes=(one,)), take_the_role)

    assert outcome.word is Word.FAILED
    assert "it has no role ASR" in outcome.evidence
    assert site.store.get(DATACENTER, "permission") is None
