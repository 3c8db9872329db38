"""The operator sees as whom both sides know the account, and whether it may do less or more than is needed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from failback.azure.account import account_of
from failback.azure.permissions import HeldInAzure
from failback.errors import InterruptedByOperatorError, SignInRefusedError
from failback.progress import silent
from failback.rights import Account, Asked, Rights
from failback.roles import VCENTER_OPERATOR, VCENTER_READER, privileges_of
from failback.sessions import RehearsalSessions
from failback.vcenter.rights import read_rights
from tests.changes.stage import planned
from tests.peers.certificates import Authority
from tests.peers.vcenter_simulator import VCenterSimulator, require_simulator
from tests.promises.a_site import ASite
from tests.tui.fake_engine import FakeEngine, FakeStore, profile
from tests.tui.walking import broken_case, walking


def _site() -> ASite:
    """Return a site whose operator holds exactly the shipped role everywhere in vCenter."""
    site = ASite()
    for held in site.site.wire.privileges.values():
        held.update({ref: set(privileges_of(VCENTER_OPERATOR)) for ref in held})
    return site


OPERATOR = Account("vcenter", "VSPHERE\\op", "the root of the inventory", VCENTER_OPERATOR)


def test_an_account_that_fits_is_told_by_its_name_alone() -> None:
    assert OPERATOR.fits
    assert Rights((OPERATOR,)).told() == "vCenter knows you as VSPHERE\\op."


def test_too_little_and_too_much_are_both_told() -> None:
    one = Account("azure", "op", "the vault v", "azure-operator", ("a/write", "b/write"), ("*",))
    told = Rights((one,)).told()
    assert "2 rights of the role azure-operator are missing at the vault v: a/write, ..." in told
    assert "1 right that is never used here" in told


def test_an_operator_with_exactly_the_shipped_roles_lacks_nothing_and_has_nothing_too_much(tmp_path: Path) -> None:
    site = _site()
    rights = site.engine(tmp_path).rights(site.plan(site.change("set-enable-uuid")))
    assert [(one.system, one.missing, one.beyond, one.unread) for one in rights.accounts] == [
        ("vcenter", (), (), ""),
        ("azure", (), (), ""),
    ]
    assert [(one.change.remedy, one.missing, one.unread) for one in rights.asked] == [("set-enable-uuid", (), "")]
    assert site.arrived == [], "nothing was sent"


def test_what_vcenter_does_not_give_is_named_at_the_root_and_at_the_change_that_wants_it(tmp_path: Path) -> None:
    site = _site()
    for held in site.site.wire.privileges.values():
        for privileges in held.values():
            privileges.discard("VirtualMachine.Config.AdvancedConfig")
            privileges.add("Global.Settings\u202e")
    rights = site.engine(tmp_path).rights(site.plan(site.change("set-enable-uuid")))
    assert rights.accounts[0].missing == ("VirtualMachine.Config.AdvancedConfig",)
    assert rights.accounts[0].beyond == ("Global.Settings\\u202e",)
    assert [one.missing for one in rights.hindered] == [("VirtualMachine.Config.AdvancedConfig",)]


def test_who_only_looks_needs_the_readers_role_and_no_more(tmp_path: Path) -> None:
    site = _site()
    (vcenter, azure) = site.engine(tmp_path, read_only=True).rights().accounts
    assert (vcenter.role, vcenter.missing) == (VCENTER_READER, ())
    assert set(vcenter.beyond) == privileges_of(VCENTER_OPERATOR) - privileges_of(VCENTER_READER)
    assert "Microsoft.Compute/virtualMachines/start/action" in azure.beyond


def test_a_side_that_does_not_answer_is_said_as_not_known(tmp_path: Path) -> None:
    class _NoAzure:
        def __init__(self, sessions: Any) -> None:
            self.vcenter = sessions.vcenter

        def azure(self, _cancelled: Any = None) -> Any:
            return SimpleNamespace(token=_denied)

    def _denied() -> str:
        from azure.core.exceptions import ClientAuthenticationError

        raise ClientAuthenticationError("AADSTS50126: no")

    site = _site()
    rights = site.engine(tmp_path, sessions=_NoAzure(RehearsalSessions(site.site))).rights()
    assert rights.accounts[1].unread
    assert not rights.accounts[1].fits
    assert "Its rights are not known" in rights.told()


def test_asking_can_be_stopped(tmp_path: Path) -> None:
    site = ASite()
    with pytest.raises(InterruptedByOperatorError):
        site.engine(tmp_path).rights(site.plan(site.change("set-enable-uuid")), silent, lambda: True)


def test_a_pattern_that_allows_more_is_too_much_and_what_is_taken_away_is_missing() -> None:
    held = HeldInAzure(({"actions": ["*/read", "A/b/write"], "notActions": ["A/c/read"]},))
    assert held.lacking(["A/b/read", "a/B/write", "A/c/read", "A/d/write"]) == ("A/c/read", "A/d/write")
    assert held.beyond(["a/b/WRITE"]) == ("*/read",)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"upn": "op@example.com", "appid": "1"}, "op@example.com"),
        ({"appid": "1-2"}, "1-2"),
        ({"upn": 7, "oid": ["x"]}, None),
        ([], None),
    ],
)
def test_the_token_of_azure_says_who_signed_in(claims: object, name: str | None) -> None:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    for token, expected in ((f"e30.{body}.x", name), ("rehearsal", None), ("a.!!.b", None), ("a.gICA.b", None)):
        found = account_of(SimpleNamespace(token=lambda token=token: token))  # type: ignore[arg-type]
        assert (found and found.raw) == expected


APPLICATION = "5e5ca11b-0000-4000-8000-00000000d0c7"


@pytest.mark.parametrize(
    ("sign_in", "client_id", "opaque", "readable"),
    [
        ("client-secret", APPLICATION, f"application {APPLICATION}", f"application {APPLICATION}"),
        ("client-certificate", "\u202ex", "application \\u202ex", "application \\u202ex"),
        ("managed-identity", None, "managed identity", "managed identity"),
        ("managed-identity", APPLICATION, f"managed identity {APPLICATION}", f"managed identity {APPLICATION}"),
        ("azure-cli", None, "whoever signed in by azure-cli", "op@example.com"),
        ("device-code", APPLICATION, "whoever signed in by device-code", "op@example.com"),
    ],
)
def test_an_application_is_known_by_the_profile_and_a_person_by_the_token(
    tmp_path: Path, sign_in: str, client_id: str | None, opaque: str, readable: str
) -> None:
    claims = base64.urlsafe_b64encode(b'{"upn": "op@example.com", "appid": "1"}').decode().rstrip("=")
    for token, who in (("opaque", opaque), (f"e30.{claims}.x", readable)):
        site = _site()
        sessions = RehearsalSessions(site.site)
        clients = sessions.azure()
        clients.token = lambda token=token: token  # type: ignore[method-assign, misc]
        wire = SimpleNamespace(vcenter=sessions.vcenter, azure=lambda _, clients=clients: clients)
        engine = site.engine(tmp_path / who, sessions=wire)
        settings = replace(engine.profile.azure, sign_in=sign_in, client_id=client_id)
        engine.profile = replace(engine.profile, azure=settings)
        assert engine.rights().accounts[1].who == who


def test_an_application_is_named_also_when_azure_does_not_let_it_in(tmp_path: Path) -> None:
    def refused(_cancelled: object) -> Any:
        raise SignInRefusedError("Azure", "the secret was not accepted", "look")

    site = _site()
    sessions = RehearsalSessions(site.site)
    engine = site.engine(tmp_path, sessions=SimpleNamespace(vcenter=sessions.vcenter, azure=refused))
    settings = replace(engine.profile.azure, sign_in="client-secret", client_id=APPLICATION)
    engine.profile = replace(engine.profile, azure=settings)
    azure = engine.rights().accounts[1]
    assert (azure.who, azure.unread) == (f"application {APPLICATION}", "the secret was not accepted")


def test_a_real_simulator_tells_who_is_signed_in(tmp_path: Path) -> None:
    require_simulator()
    certificate = Authority(tmp_path / "authority").self_signed("vcenter")
    flags = ("-vm", "1", "-host", "1")
    with (
        VCenterSimulator(tmp_path, certificate=certificate, flags=flags) as simulator,
        simulator.session() as session,
    ):
        rights = read_rights(session)
    assert rights.user.raw
    assert rights.held >= privileges_of(VCENTER_READER)


async def test_the_wizard_says_it_once_both_sides_let_us_in() -> None:
    engine = FakeEngine()
    engine.held = Rights((OPERATOR,))
    async with walking(store=FakeStore(profile()), open_engine=lambda *_: engine) as walk:
        await walk.press("enter", "x", "enter")
        await walk.settle(lambda: walk.screen == "MachinesScreen")
        assert "vCenter knows you as VSPHERE\\op." in [one.message for one in walk.app._notifications]


async def test_the_page_of_rights_lists_what_is_missing_what_is_too_much_and_which_changes_suffer() -> None:
    engine = FakeEngine(broken_case())
    snapshots, row = (planned(broken_case(), one) for one in ("remove-snapshots", "set-enable-uuid"))
    more = tuple(f"Global.Right{number:03}" for number in range(70))
    engine.held = Rights(
        (
            Account("vcenter", "VSPHERE\\op", "the root", VCENTER_OPERATOR, (), more),
            Account("azure", "op@example.com", "the vault v", "azure-operator", unread="it is down"),
        ),
        (
            Asked(snapshots, ("VirtualMachine.State.RemoveSnapshot",)),
            Asked(row),
            Asked(row, unread="vCenter did not answer"),
        ),
    )
    async with walking(engine, size=(120, 40)) as walk:
        await walk.press("u")
        assert walk.screen == "RightsScreen"
        assert "1 change of the plan would be refused." in walk.text
        for part in (
            "VSPHERE\\op",
            "missing\tnothing",
            "70 rights",
            "Global.Right059\n\tand 10 more",
            "op@example.com",
            "its rights cannot be read: it is down",
            "lacks VirtualMachine.State.RemoveSnapshot",
            "not known: vCenter did not answer",
            "1 change lacks nothing",
        ):
            assert part in walk.detail, part
        engine.held = Rights((OPERATOR,))
        await walk.press("r")
        assert "Both accounts may do what is needed here" in walk.text
        await walk.press("b")
        assert walk.screen == "MachinesScreen"
