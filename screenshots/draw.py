"""Draws every screen of the wizard as a picture, from the rehearsal site with its clock standing still.

`draw.py` writes `screenshots/*.svg` anew; `draw.py --check` writes nothing and fails when a picture is not fresh.
Every picture follows from the code alone: the same on every computer, for everybody.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from textual.pilot import Pilot

from failback.errors import FailbackError, ProfileError
from failback.opening import open_rehearsal
from failback.profiles.model import Profile
from failback.vcenter.trust import Certificate, FirstContactError
from tui.app import FailbackApp
from tui.dialogs.dialog import Dialog
from tui.marks import Marks
from wizard_steps.outside import Outside

FOLDER = Path(__file__).parent
NARROW, WIDE = (80, 24), (120, 40)


@dataclass(frozen=True)
class Scene:
    """A picture: its name, and the keys that lead to it from the picture before. No name: only the keys."""

    name: str
    keys: str = ""


# What is only looked at comes first: the scenes of a walk share one site.
WALK = (
    Scene("machines"),
    *(Scene(f"step-{number:02}", str(number % 10)) for number in range(1, 11)),
    Scene("choose", "c"),
    Scene("picker-esxi-host", "enter"),
    Scene("picker-datastore", "escape c down down enter down"),
    Scene("picker-retention-volume", "escape 9 c enter"),
    Scene("picker-master-target", "escape 7 c enter"),
    Scene("picker-process-server", "escape 4 c enter"),
    Scene("go-to", "escape g"),
    Scene("help", "escape question_mark"),
    Scene("vouch", "escape 5 v"),
    Scene("play-the-engineer", "escape 1 e"),
    Scene("plan", "escape p"),
    Scene("write-plan", "w"),
    Scene("confirm", "escape escape 8 end up up up up up home down down down f a"),
    Scene("apply", "y"),
    Scene("confirm-for-good", "b home f a"),
    Scene("history", "escape b h"),
    Scene("verdict", "b t"),
    Scene("write-report", "w"),
)
WIDE_WALK = (Scene("wide-machines"), Scene("wide-step-08", "8"), Scene("wide-verdict", "t"))
OPENING = (
    Scene("profiles"),
    Scene("new-profile", "n"),
    Scene("sign-in", "escape down enter"),
    Scene("first-contact", "s e c r e t enter"),
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


def _never_met(_profile: Profile, _secrets: object, _show_code: object) -> Any:
    """Open nothing: the vCenter shows a certificate that nobody vouches for."""
    name, day = Outside("CN=vcenter.osaka.example.com"), datetime(2026, 1, 10, tzinfo=timezone.utc)
    certificate = Certificate(
        name, Outside("CN=CA, O=vcenter.osaka"), day, day.replace(year=2028), ":".join(["5E", "A1"] * 16), ""
    )
    raise FirstContactError("vCenter", "no authority vouches for it", "compare it", certificate=certificate)


async def drawn(app: FailbackApp, scenes: tuple[Scene, ...], size: tuple[int, int]) -> dict[str, str]:
    """Return the pictures of a walk through the app by name."""
    found: dict[str, str] = {}
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for scene in scenes:
            for key in scene.keys.split():
                await pilot.press(key)
                await settle(pilot)
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
        pictures = await drawn(FailbackApp(Saved(good), _never_met, marks=marks), OPENING, NARROW)
        pictures |= await drawn(FailbackApp(engine=site, marks=marks), WALK, NARROW)
        with TemporaryDirectory() as other:
            wide = open_rehearsal("faulty", Path(other))
            pictures |= await drawn(FailbackApp(engine=wide, marks=marks), WIDE_WALK, WIDE)
    return pictures


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
