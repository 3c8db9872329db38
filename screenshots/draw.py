"""Draws every screen of the wizard as a picture, from the rehearsal site with its clock standing still.

`draw.py` writes `screenshots/*.svg` anew; `draw.py --check` writes nothing and fails when a picture is not fresh.
Every picture follows from the code alone: the same on every computer, for everybody.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyVmomi import vim
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen

from failback.azure.sign_in import DeviceCode
from failback.changes.journal import Origin
from failback.changes.lock import KEY
from failback.engine import Engine
from failback.errors import CertificateChangedError, FailbackError, ProfileError, SignInRefusedError
from failback.opening import open_rehearsal
from failback.profiles.model import Profile
from failback.vcenter.trust import Certificate, FirstContactError
from tui.app import FailbackApp
from tui.contract import ShowCode
from tui.dialogs.choice_dialog import ChoiceDialog
from tui.dialogs.device_code_dialog import DeviceCodeDialog
from tui.dialogs.dialog import Dialog
from tui.dialogs.guest_account_dialog import GuestAccountDialog
from tui.dialogs.message_dialog import MessageDialog
from tui.dialogs.text_dialog import TextDialog
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.marks import Marks
from tui.screens.apply_screen import ApplyScreen
from tui.screens.help_screen import HelpScreen
from tui.screens.history_screen import HistoryScreen
from tui.screens.machines_screen import MachinesScreen
from tui.screens.picker_screen import PickerScreen
from tui.screens.plan_screen import PlanScreen
from tui.screens.profile_form_screen import ProfileFormScreen
from tui.screens.profiles_screen import ProfilesScreen
from tui.screens.rights_screen import RightsScreen
from tui.screens.sign_in_screen import SignInScreen
from tui.screens.step_screen import StepScreen
from tui.screens.verdict_screen import VerdictScreen
from tui.widgets.title_line import TitleLine
from wizard_steps.outside import Outside
from wizard_steps.requirement import Status

FOLDER = Path(__file__).parent
NARROW, WIDE = (80, 24), (120, 40)


@dataclass(frozen=True)
class Scene:
    """A picture: its name, the keys that lead to it from the picture before, and the class of what it shows."""

    name: str
    keys: str
    shows: type[Screen[Any]]


# What is only looked at comes first: the scenes of a walk share one site.
WALK = (
    Scene("machines", "", MachinesScreen),
    *(Scene(f"step-{number:02}", str(number % 10), StepScreen) for number in range(1, 11)),
    Scene("choose", "c", ChoiceDialog),
    Scene("picker-esxi-host", "enter", PickerScreen),
    Scene("picker-datastore", "escape c down down enter down", PickerScreen),
    Scene("picker-retention-volume", "escape 9 c enter", PickerScreen),
    Scene("picker-master-target", "escape 7 c enter", PickerScreen),
    Scene("picker-process-server", "escape 4 c enter", PickerScreen),
    Scene("go-to", "escape g", ChoiceDialog),
    Scene("by-name", "escape ctrl+p", CommandPalette),
    Scene("help", "escape question_mark", HelpScreen),
    Scene("vouch", "escape 5 v", YesDialog),
    Scene("play-the-engineer", "escape 1 e", ChoiceDialog),
    Scene("rights", "escape u", RightsScreen),
    Scene("plan", "escape p", PlanScreen),
    Scene("write-plan", "w", TextDialog),
    Scene("confirm", "escape escape 8 end up up up up up home down down down f a", YesDialog),
    Scene("apply", "y", ApplyScreen),
    Scene("confirm-for-good", "b home f a", TypedNameDialog),
    Scene("history", "escape b h", HistoryScreen),
    Scene("verdict", "b t", VerdictScreen),
    Scene("write-report", "w", TextDialog),
)
WIDE_WALK = (
    Scene("wide-machines", "", MachinesScreen),
    Scene("wide-step-08", "8", StepScreen),
    Scene("wide-rights", "u", RightsScreen),
    Scene("wide-plan", "escape p", PlanScreen),
    Scene("wide-verdict", "escape t", VerdictScreen),
)
LOOK_WALK = (Scene("look-inside", "9 i", GuestAccountDialog),)
READY_WALK = (Scene("requests", "t e", TextDialog),)
CUT_OFF_WALK = (
    Scene("cut-off", "", YesDialog),
    Scene("what-became-of-it", "y", MessageDialog),
    Scene("plan-under-a-lock", "enter 8 p", PlanScreen),
    Scene("take-over", "a y", TypedNameDialog),
)
OPENING = (
    Scene("profiles", "", ProfilesScreen),
    Scene("new-profile", "n", ProfileFormScreen),
    Scene("sign-in", "escape down enter", SignInScreen),
    Scene("first-contact", "s e c r e t enter", YesDialog),
    Scene("certificate-changed", "enter enter", MessageDialog),
    Scene("device-code", "enter enter", DeviceCodeDialog),
)


class Saved:
    """Profiles as they might be saved: one that can be opened, one with a mistake."""

    def __init__(self, good: Profile) -> None:
        self._good = good

    def saved_profiles(self) -> list[str]:
        """Return both names."""
        return ["nagoya-dr", self._good.name]

    def load(self, name: str) -> Profile:
        """Return the good one; raise for the other."""
        if name == self._good.name:
            return self._good
        raise ProfileError("nagoya-dr.toml", 'line 4: unknown key "hots"; the nearest is "host"', "mend the file")

    def save(self, profile: Profile) -> Profile:
        """Keep nothing."""
        return profile

    create = save


class Opening:
    """Opens nothing: first a vCenter that nobody vouches for, then one with another certificate, then it waits.

    What it waits for, a person who signs in to Azure on another computer, comes when the pictures are drawn.
    """

    def __init__(self) -> None:
        self.drawn = threading.Event()
        self._ways = iter((self._never_met, self._changed, self._waits))

    def __call__(self, _profile: Profile, _secrets: object, show_code: ShowCode) -> Any:
        """Fail in the next way."""
        next(self._ways)(show_code)

    def _never_met(self, _show_code: ShowCode) -> None:
        name, day = Outside("CN=vcenter.osaka.example.com"), datetime(2026, 1, 10, tzinfo=timezone.utc)
        certificate = Certificate(
            name, Outside("CN=CA, O=vcenter.osaka"), day, day.replace(year=2028), ":".join(["5E", "A1"] * 16), ""
        )
        raise FirstContactError("vCenter", "no authority vouches for it", "compare it", certificate=certificate)

    def _changed(self, _show_code: ShowCode) -> None:
        pinned, seen = (":".join(pair * 16) for pair in (["5E", "A1"], ["0B", "7C"]))
        raise CertificateChangedError("vCenter", "it shows another certificate", "ask", pinned=pinned, seen=seen)

    def _waits(self, show_code: ShowCode) -> None:
        show_code(DeviceCode("https://microsoft.com/devicelogin", "ABCD-EFGH", datetime.now(timezone.utc)))
        self.drawn.wait(60)
        raise SignInRefusedError("the sign-in", "nobody typed the code", "sign in again")


def vouched(home: Path) -> Engine:
    """Return the ready rehearsal, with everything vouched for that no system tells."""
    engine = open_rehearsal("ready", home)
    for one in engine.judge(engine.look()).findings:
        if one.status is Status.ATTEST:
            engine.attest(one.requirement.id, one.subject.name, "operator")
    return engine


def cut_off(home: Path) -> Engine:
    """Return a rehearsal in which a change was cut off, and whose master target another operator holds."""
    engine = open_rehearsal("faulty", home)
    case = engine.look()
    plan = engine.plan(case, engine.judge(case))
    change = next(one for one in plan.changes if one.remedy == "set-enable-uuid")
    engine.journal.intent(change, Origin(engine.profile.name, True, plan.digest))
    lock = {"id": "0" * 32, "by": "ann", "on": "jump02", "at": "2026-11-22T09:41:00Z"}
    target = change.target.ref.rpartition("/")[2]
    row = vim.option.OptionValue(key=KEY, value=json.dumps(lock))
    assert engine.rehearsal is not None  # noqa: S101 -- it was just opened
    store = engine.rehearsal.store
    store.set(target, {"config.extraConfig": [*(store.get(target, "config.extraConfig") or []), row]})
    return engine


async def drawn(app: FailbackApp, scenes: tuple[Scene, ...], size: tuple[int, int]) -> dict[str, str]:
    """Return the pictures of a walk through the app by name."""
    found: dict[str, str] = {}
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for scene in scenes:
            for key in scene.keys.split():
                await pilot.press(key)
                await settle(pilot)
            if type(app.screen) is not scene.shows:
                sys.exit(f"{scene.name} shows {type(app.screen).__name__}, not {scene.shows.__name__}")
            found[scene.name] = app.export_screenshot(title="failback")
    return found


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until nothing runs any more, or a dialog asks."""
    app = pilot.app
    assert isinstance(app, FailbackApp)  # noqa: S101 -- no other app is drawn here
    for _turn in range(2):  # the second time for work that the end of the first has begun
        await pilot.pause()
        while app.job is not None and not isinstance(app.screen, Dialog):
            await pilot.pause(0.01)
        await pilot.pause(0.02)
    for screen in app.screen_stack:  # the clock of the rehearsal may have moved on: not only at the next whole second
        for title in screen.query(TitleLine):
            title.tick()
    await pilot.pause()


@contextmanager
def nowhere_in_particular() -> Iterator[Path]:
    """Stand in an empty folder of a computer without a name, as nobody in particular."""
    os.environ.update(LOGNAME="operator", USER="operator")
    os.environ.pop("NO_COLOR", None)
    os.environ.pop("TEXTUAL_THEME", None)
    socket.gethostname = lambda: "jumpbox"
    os.chdir("/")
    with TemporaryDirectory() as home:
        yield Path(home)


async def draw() -> dict[str, str]:
    """Return every picture by name."""
    with nowhere_in_particular() as home:
        marks = Marks()
        site = open_rehearsal("faulty", home)
        good = replace(site.profile, name="osaka-dr")
        opening = Opening()
        pictures = await drawn(FailbackApp(Saved(good), opening, marks=marks), OPENING, NARROW)
        opening.drawn.set()
        pictures |= await drawn(FailbackApp(engine=site, marks=marks), WALK, NARROW)
        for scenes, size, opened in (
            (WIDE_WALK, WIDE, partial(open_rehearsal, "faulty")),
            (LOOK_WALK, NARROW, partial(open_rehearsal, "ready")),
            (READY_WALK, NARROW, vouched),
            (CUT_OFF_WALK, NARROW, cut_off),
        ):
            with TemporaryDirectory() as other:
                pictures |= await drawn(FailbackApp(engine=opened(Path(other)), marks=marks), scenes, size)
    return pictures


EVERY_WALK = (OPENING, WALK, WIDE_WALK, LOOK_WALK, READY_WALK, CUT_OFF_WALK)


def stale(pictures: dict[str, str]) -> list[str]:
    """Return the names of the files that are missing, of no use any more, or not as they would be drawn now."""
    present = {file.stem: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.svg")}
    return sorted(name for name in {*pictures, *present} if pictures.get(name) != present.get(name))


def main() -> int:
    """Draw, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a picture is not fresh")
    check = parser.parse_args().check
    try:
        pictures = asyncio.run(draw())
    except FailbackError as error:
        sys.exit(error.message())
    differing = stale(pictures)
    if check:
        print(
            "\n".join(f"not fresh: screenshots/{name}.svg (make screenshots)" for name in differing)
            or f"{len(pictures)} fresh"
        )
        return bool(differing)
    for name in differing:
        path = FOLDER / f"{name}.svg"
        if name in pictures:
            path.write_text(pictures[name], encoding="utf-8")
        else:
            path.unlink()
    print(f"{len(pictures)} pictures, {len(differing)} of them new")
    return 0


if __name__ == "__main__":
    sys.exit(main())
