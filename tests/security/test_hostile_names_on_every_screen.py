"""Hostile text on every screen, dialog and widget: not a sequence, not a control character, no markup, no crash.

The walk past a site goes without the last line of defence (`tui.harmless`), so that each view has to make its text
harmless by itself. Fields that are typed into hold raw text, and widgets and dialogs are given it: they have that
line only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from failback.errors import CertificateChangedError, FailbackError, InputError
from failback.secrets import Secret
from failback.vcenter.trust import Certificate, FirstContactError
from tests.security.hostile import NAMES
from tests.security.hostile_site import HostileEngine
from tests.security.recorder import recorded, sent
from tests.security.terminal import ROOT, controls, kinds
from tests.security.test_signing_in_on_the_screen import Code
from tests.tui.fake_engine import FakeEngine, FakeStore, profile
from tests.tui.walking import Walk
from tui.dialogs.choice_dialog import ChoiceDialog
from tui.dialogs.device_code_dialog import DeviceCodeDialog
from tui.dialogs.dialog import Dialog
from tui.dialogs.guest_account_dialog import GuestAccountDialog
from tui.dialogs.message_dialog import MessageDialog, about_error
from tui.dialogs.text_dialog import TextDialog
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.harmless import Harmless
from tui.job import Job
from tui.views.table import Column, Line
from tui.widgets.detail_pane import DetailPane
from tui.widgets.folded_body import FoldedBody
from tui.widgets.line import FixedText, FoldedText
from tui.widgets.line import Line as OneLine
from tui.widgets.list_pane import ListPane
from tui.widgets.progress_line import ProgressLine
from tui.widgets.row_table import RowTable
from tui.widgets.title_line import TitleLine
from wizard_steps.outside import Outside, visible

DAY = datetime(2026, 1, 10, tzinfo=timezone.utc)
SEQUENCES = "".join(
    NAMES[number] for number in (7, 5, 6, 8, 9, 10, 11, 12, 0, 1, 2, 3)
)  # narrow columns show the first
EVERYTHING = "".join(NAMES)


@pytest.fixture
def without_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Harmless, "apply", lambda _self, segments, _background: segments)


TEXTUALS_OWN = {repr(b"H"), repr(b"m"), repr(b"\x1b]22;default\x07")}
"""Moves, colours, and the shape of the mouse pointer: all that a driver without modes is sent."""


def assert_harmless() -> None:
    """No title, no clipboard, no link, nothing erased; no control character outside of a sequence but line ends."""
    assert kinds(sent()) <= TEXTUALS_OWN
    assert controls(sent()) <= {repr("\n")}


async def _carried_out(walk: Walk, name: str) -> list[str]:
    """Agree to every change of the plan, typing `name` as it is shown; return which dialogs asked."""
    asked: list[Screen[Any]] = []
    while walk.app.job is not None:
        screen = walk.app.screen
        if isinstance(screen, (YesDialog, TypedNameDialog)) and screen not in asked:
            asked.append(screen)
            if isinstance(screen, TypedNameDialog):
                screen.query_one(Input).value = visible(name)
                await walk.pilot.press("tab", "tab")
            await walk.pilot.press("y")
        await walk.pilot.pause(0.01)
    return [type(one).__name__ for one in asked]


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("without_the_last_line")
async def test_a_walk_past_every_screen_of_a_hostile_site_is_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    payload = SEQUENCES
    engine = HostileEngine(payload)
    engine.profile = replace(engine.profile, name="ready" + payload)
    seen: set[str] = set()

    async with recorded(engine, size=(120, 100)) as walk:  # so tall that every pane is drawn to its end

        async def press(*keys: str) -> None:
            for key in keys:
                await walk.press(key)
                seen.add(walk.screen)

        seen.add(walk.screen)  # the run that was cut off
        await press("y", "enter")
        for page in "123456789t":
            await press(page, "down")
        await press("e", "enter", "enter", "w", "escape", "m", "g", "escape", "question_mark", "b", "u", "b")
        await press("8", "c", "enter", "escape", "escape", "5", "v", "enter")
        await press("9", "i", "escape")
        await press("p", "down", "w", "escape")
        await walk.pilot.press("a")
        await walk.settle(lambda: isinstance(walk.app.screen, Dialog))
        assert await _carried_out(walk, "MT01" + payload) == ["YesDialog", "TypedNameDialog"]
        await walk.settle(lambda: walk.app.job is None)
        seen.add(walk.screen)
        await press("h", "down", "down", "down", "b", "b")
        engine.refusal = InputError("the look", "it said " + visible(payload), "look again")
        await press("r", "enter")
    assert_harmless()
    assert engine.applied[-1] == ("remove-snapshots:MT01" + payload, True, "MT01" + payload), "the raw name, as typed"
    assert seen >= {
        "ApplyScreen",
        "ChoiceDialog",
        "HelpScreen",
        "HistoryScreen",
        "MachinesScreen",
        "MessageDialog",
        "PickerScreen",
        "PlanScreen",
        "RightsScreen",
        "StepScreen",
        "TextDialog",
        "VerdictScreen",
        "YesDialog",
    }
    [written] = _files(tmp_path)
    assert controls(written) <= {repr("\n")}
    assert json.loads(written)["requests"][0]["machine"] == "web01" + payload, "JSON keeps the raw name"


def _files(folder: Path) -> list[bytes]:
    return [one.read_bytes() for one in folder.iterdir()]


def _refusals(payload: str) -> Iterator[FailbackError]:
    certificate = Certificate(Outside("CN=" + payload), Outside("CN=CA" + payload), DAY, DAY, "AB:" * 31 + "AB", "")
    yield FirstContactError("vCenter", "nobody vouches for it", "compare it", certificate=certificate)
    yield CertificateChangedError("vCenter", "it is another", "ask", pinned="AB:" * 31 + "AB", seen="CD:" * 31 + "CD")


async def test_signing_in_to_a_hostile_vcenter_is_harmless() -> None:
    payload = SEQUENCES
    base = profile(sign_in="device-code")
    hostile = replace(
        base,
        name="site" + payload,
        vcenter=replace(base.vcenter, host="vc" + payload, username="op" + payload),
        vault=replace(base.vault, name="vault" + payload),
    )
    refusals = list(_refusals(payload))

    def open_engine(*_: object) -> Any:
        raise refusals.pop(0)

    async with recorded(store=FakeStore(hostile), open_engine=open_engine) as walk:
        await walk.press("e", "escape", "enter", "x", "enter")
        assert walk.screen == "YesDialog", walk.text
        await walk.press("enter")
        walk.app.screen.query_one(Input).value = "x"
        walk.app.screen.query(Input).first().focus()
        await walk.press("enter")
        assert walk.screen == "MessageDialog", walk.text
        await walk.press("enter")
        walk.app.push_screen(DeviceCodeDialog(Code("https://" + payload, payload)))
        await walk.pilot.pause()
    assert_harmless()


def _dialogs(text: str) -> Iterator[Dialog[Any]]:
    """Yield every dialog, all of its texts raw."""
    yield YesDialog(text, Text(text), deed=text)
    yield TypedNameDialog(text, Text(text), name=text, deed=text)
    yield ChoiceDialog(text, [(text, Text(text)), ("b", Text(text))], body=Text(text))
    yield TextDialog(text, Text(text), text=text, placeholder=text)
    yield MessageDialog(text, Text(text))
    yield about_error(InputError(text, text, text))
    yield DeviceCodeDialog(Code(text, text))
    yield GuestAccountDialog(text, Text(text))
    yield GuestAccountDialog(text, Text(text), Secret(text))


def _say(walk: Walk, text: str) -> None:
    """Let every widget that shows a text from outside say it raw."""
    screen = walk.app.screen
    for widget in screen.query(FixedText):
        if not isinstance(widget, (TitleLine, ProgressLine, OneLine)):
            widget.say(Text(text))
    screen.query_one("#one-line", OneLine).say_both(Text(text), Text(text))
    screen.query_one(FoldedBody).say(Text(text))
    screen.query_one(DetailPane).say(Text(f"{text}\t{text}\n{text}"))
    screen.query_one(ListPane).show([Line(text, (Text(text), Text(text)))])
    screen.query_one("#alone", RowTable).show([Line(text, (Text(text), Text(text)))])
    screen.query_one(ProgressLine).follow(Job(text, lambda *_: None, lambda _: None, sentence=text))
    walk.app.tell(text)
    walk.app.site.engine.profile = replace(profile(), name=text)  # type: ignore[union-attr]
    screen.query_one(TitleLine).show_site(walk.app.site)


class _EveryWidget(Screen[None]):
    """One of each widget that shows a text from outside."""

    def compose(self) -> Iterator[Any]:
        columns = (Column("", 20), Column("x", 0))
        yield TitleLine()
        yield FixedText()
        yield FoldedText()
        yield OneLine(id="one-line")
        yield FoldedBody(Text())
        yield RowTable(columns, id="alone")
        yield ListPane(columns, ascii_only=False)
        yield DetailPane()
        yield ProgressLine()


@pytest.mark.timeout(120)
async def test_no_widget_and_no_dialog_sends_a_raw_text_on_or_takes_it_for_markup() -> None:
    tried: set[type] = set()
    async with recorded(FakeEngine()) as walk:
        walk.app.push_screen(_EveryWidget())
        await walk.pilot.pause()
        for name in NAMES:
            _say(walk, name)
            await walk.pilot.pause()
        _assert_no_markup(walk)
        tried.update(type(one) for one in walk.app.screen.query("*"))
        walk.app.pop_screen()
        for text in (SEQUENCES, EVERYTHING):
            for dialog in _dialogs(text):
                tried.add(type(dialog))
                walk.app.push_screen(dialog)
                await walk.pilot.pause()
                _assert_no_markup(walk)
                walk.app.pop_screen()
    assert_harmless()
    known = {one for module in ("dialogs", "widgets") for one in _classes_of(module)}
    assert {one.__name__ for one in known - tried} == {
        "Dialog",  # what the others are made of
        "KeyLine",  # our own keys and their words
        "StepsLine",  # the pages' own titles
        "StepsSidebar",
    }


def _assert_no_markup(walk: Walk) -> None:
    """No style, link or action came out of what stands in brackets."""
    strips = walk.app.screen._compositor.render_strips()
    styles = [one.style for strip in strips for one in strip if one.style]
    assert not [one for one in styles if one.link or "@click" in one.meta]


def _classes_of(package: str) -> set[type]:
    names = [one.stem for one in (ROOT / "tui" / package).glob("*.py") if one.stem != "__init__"]
    modules = [import_module(f"tui.{package}.{name}") for name in names]
    return {
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Widget) and one.__module__ == module.__name__
    }
