"""What an account lacks is named before it is asked; what cannot be found out is said, and refused by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyVmomi import vim

from failback.changes import Change, Word, apply_plan
from failback.rehearsal.arm_wire import Reply
from failback.rehearsal.on_premises import DATACENTER
from failback.rehearsal.site import USER
from failback.roles import VCENTER_GRANTOR, VCENTER_OPERATOR, privileges_of
from tests.changes.cases import EXAMPLES
from tests.changes.stage import Stage, planned, yes, yes_and_keep
from tests.promises.a_site import ASite
from wizard_steps.reading import NotSeen

MT01 = "vm-100"


def shown_of(site: ASite, remedy: str, home: Path) -> tuple[Change, list[str]]:
    """Return a change as it is shown, and what is said before; it is declined."""
    shown: list[Change] = []
    said: list[str] = []

    def decline(change: Change) -> object:
        from failback.changes import Confirmation

        shown.append(change)
        return Confirmation(agreed=False)

    site.apply(site.engine(home), site.change(remedy), confirm=decline, progress=said.append)
    [one] = shown
    return one, said


@pytest.mark.parametrize(
    "remedy", ["set-enable-uuid", "exclude-from-drs", "exclude-from-storage-drs", "start-azure-vm"]
)
def test_with_the_operators_roles_nothing_lacks(remedy: str, tmp_path: Path) -> None:
    shown, said = shown_of(ASite(), remedy, tmp_path / "home")

    assert "LACKS" not in shown.disturbs
    assert not any("is not known" in one for one in said)


def test_a_privilege_that_lacks_in_vcenter_is_named_with_the_question(tmp_path: Path) -> None:
    site = ASite()
    site.site.wire.privileges[USER][MT01] = {"System.View", "VirtualMachine.Config.AdvancedConfig"}

    shown, said = shown_of(site, "set-enable-uuid", tmp_path / "home")

    assert "THIS ACCOUNT LACKS VirtualMachine.Config.Settings" in shown.disturbs
    assert any("VirtualMachine.Config.Settings" in one for one in said)


def test_an_action_that_lacks_in_azure_is_named_with_the_question(tmp_path: Path) -> None:
    site = ASite()
    only = {"actions": ["Microsoft.Compute/*"], "notActions": ["Microsoft.Compute/virtualMachines/START/action"]}
    site.site.arm.on("GET", ".*/Microsoft.Authorization/permissions", lambda *_: Reply(200, {"value": [only]}))

    shown, _said = shown_of(site, "start-azure-vm", tmp_path / "home")

    assert "THIS ACCOUNT LACKS Microsoft.Compute/virtualMachines/start/action" in shown.disturbs


@pytest.mark.parametrize(
    "reply",
    [
        Reply.error(403, "AuthorizationFailed", "no"),
        Reply.error(500, "Busy", "no"),
        Reply(200, {"unexpected": 1}),
        Reply(200, b"<html>"),
        Reply(200, {"value": [], "nextLink": "https://elsewhere"}),
    ],
)
def test_what_azure_does_not_tell_is_said_as_not_known_and_still_asked(reply: Reply, tmp_path: Path) -> None:
    site = ASite()
    site.site.arm.on("GET", ".*/Microsoft.Authorization/permissions", lambda *_: reply)

    shown, said = shown_of(site, "start-azure-vm", tmp_path / "home")

    assert "LACKS" not in shown.disturbs
    assert any("whether this account may do it is not known" in one for one in said)


def test_what_vcenter_does_not_tell_is_said_as_not_known_and_the_change_is_carried_out(tmp_path: Path) -> None:
    site = ASite()
    site.site.wire.fault("FetchUserPrivilegeOnEntities", vim.fault.NoPermission(privilegeId="System.Read"), times=None)
    said: list[str] = []

    [outcome] = site.apply(site.engine(tmp_path / "home"), site.change("exclude-from-drs"), progress=said.append)

    assert outcome.word is Word.VERIFIED
    assert any("is not known" in one for one in said)


def test_the_rehearsals_operator_has_exactly_the_shipped_roles() -> None:
    held = ASite().site.wire.privileges[USER]

    assert held
    grants = {ref: one - privileges_of(VCENTER_OPERATOR) for ref, one in held.items()}
    assert all(one >= privileges_of(VCENTER_OPERATOR) for one in held.values())
    assert {ref for ref, more in grants.items() if more} == {DATACENTER}
    assert grants[DATACENTER] == privileges_of(VCENTER_GRANTOR) - privileges_of(VCENTER_OPERATOR)


def test_the_question_is_asked_before_anything_lacks_and_after_it_was_said(tmp_path: Path) -> None:
    example = EXAMPLES["set-enable-uuid"]
    stage = Stage(example.case, tmp_path, {name: dict(one) for name, one in example.effects.items()})
    stage.lacks = ("VirtualMachine.Config.Settings",)
    shown: list[Change] = []

    [outcome] = apply_plan(stage.plan(planned(example.case, "set-enable-uuid")), stage.world(), yes_and_keep(shown))

    assert "LACKS VirtualMachine.Config.Settings" in shown[0].disturbs
    assert outcome.word is Word.VERIFIED, "vCenter decides, not this program"


def test_a_reason_for_not_knowing_stops_nothing(tmp_path: Path) -> None:
    example = EXAMPLES["set-enable-uuid"]
    stage = Stage(example.case, tmp_path, {name: dict(one) for name, one in example.effects.items()})
    stage.raises["lacking"] = NotSeen("denied")  # type: ignore[assignment]

    assert apply_plan(stage.plan(planned(example.case, "set-enable-uuid")), stage.world(), yes)[0].word is Word.VERIFIED
