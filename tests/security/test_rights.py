"""The operator sees as whom vCenter knows the account, and whether it may do less or more than is needed."""

from __future__ import annotations

import re
from pathlib import Path

from failback.vcenter.rights import TO_CHANGE, TO_LOOK, Rights, read_rights
from tests.peers.certificates import Authority
from tests.peers.vcenter_simulator import VCenterSimulator, require_simulator
from tests.tui.fake_engine import FakeEngine, FakeStore, profile
from tests.tui.walking import walking
from wizard_steps.outside import Outside

ROOT = Path(__file__).parents[2]
PRIVILEGE = re.compile(r'"((?:VirtualMachine|Host|StoragePod|Datastore|Resource|Network|Folder|Global)\.[A-Za-z.]+)"')


def test_what_changes_take_is_exactly_what_they_name() -> None:
    named = {
        privilege
        for folder in ("changes", "guest")
        for path in (ROOT / "failback" / folder).glob("*.py")
        for privilege in PRIVILEGE.findall(path.read_text(encoding="utf-8"))
    }
    assert named == TO_CHANGE


def test_an_account_that_fits_is_told_by_its_name_alone() -> None:
    assert Rights(Outside("VSPHERE\\op"), TO_LOOK | TO_CHANGE).told() == "vCenter knows you as VSPHERE\\op."


def test_too_little_and_too_much_are_both_told() -> None:
    told = Rights(Outside("op\x1b]0;x\x07"), TO_LOOK | {"Global.Settings", "Host.Config.Network"}).told()
    assert "\x1b" not in told
    assert f"{len(TO_CHANGE)} rights that changes may need are missing" in told
    assert "2 rights that are never used here" in told


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
    assert rights.held >= TO_LOOK


async def test_the_wizard_says_it_once_both_sides_let_us_in() -> None:
    engine = FakeEngine()
    engine.account = lambda: "vCenter knows you as VSPHERE\\op."  # type: ignore[method-assign]
    async with walking(store=FakeStore(profile()), open_engine=lambda *_: engine) as walk:
        await walk.press("enter", "x", "enter")
        await walk.settle(lambda: walk.screen == "MachinesScreen")
        assert "vCenter knows you as VSPHERE\\op." in [one.message for one in walk.app._notifications]
