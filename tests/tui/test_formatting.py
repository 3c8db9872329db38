"""Formatting the retention disk by keys: the name is typed, then the account inside is asked for, used and forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input

from failback.engine import Engine
from failback.guest.credentials import nobody_to_ask
from failback.opening import open_rehearsal
from failback.rehearsal.on_premises import vm_ref
from failback.secrets import Secret, SecretName
from tests.guest.conftest import yes
from tests.guest.formatting_site import Formatting
from tests.tui.walking import Walk, walking
from tui.dialogs.guest_account_dialog import GuestAccountDialog
from tui.dialogs.message_dialog import MessageDialog
from tui.dialogs.typed_name_dialog import TypedNameDialog
from tui.dialogs.yes_dialog import YesDialog

REF = vm_ref("MT02")


async def _type(walk: Walk, text: str) -> None:
    for field in walk.app.screen.query(Input):
        if field.has_focus:
            field.value = text
    await walk.pilot.press("enter")
    await walk.pilot.pause()


def _disk_added(home: Path) -> Engine:
    """Return an engine on the faulty site after the wizard added a disk to MT02."""
    engine = open_rehearsal("faulty", home)
    case = engine.look()
    report = engine.judge(case)
    wanted = [one for one in report.findings if "add-retention-disk" in one.remedies]
    [outcome] = engine.apply(engine.plan(case, report, wanted[:1]), yes)
    assert outcome.word.value == "verified"
    return engine


@asynccontextmanager
async def _asked_for_the_account(engine: Engine) -> AsyncIterator[Walk]:
    """Walk to where MT02's disk is to be formatted, and type the machine's name."""
    async with walking(engine) as walk:
        await walk.press("9")
        await walk.go_to_line("no retention volume")
        await walk.press("f")
        assert "Format Hard disk 2 of MT02" in walk.text
        await walk.pilot.press("a")
        await walk.settle(lambda: isinstance(walk.app.screen, TypedNameDialog))
        await walk.pilot.press("tab", *"MT02", "tab", "y")
        await walk.settle(lambda: isinstance(walk.app.screen, GuestAccountDialog))
        yield walk


async def test_the_disk_is_formatted_by_keys_with_the_account_that_was_typed(tmp_path: Path) -> None:
    engine = _disk_added(tmp_path)
    async with _asked_for_the_account(engine) as walk:
        assert "root, password inside" in walk.text
        await _type(walk, "root")
        await _type(walk, "inside")
        await walk.settle(lambda: walk.app.job is None)
        assert "looked inside, /mnt/retention has the file system ext4" in " ".join(walk.text.split())
    assert engine.history()[-1].outcome == "verified"
    assert engine.rehearsal is not None
    assert engine.rehearsal.wire.guests.runs == [("format", REF), ("look", REF)]


async def test_whoever_leaves_the_question_for_the_account_changes_nothing(tmp_path: Path) -> None:
    engine = _disk_added(tmp_path)
    async with _asked_for_the_account(engine) as walk:
        await walk.pilot.press("escape")
        await walk.settle(lambda: walk.app.job is None)
        assert "no account inside it was given" in " ".join(walk.text.split())
    assert len(engine.history()) == 1
    assert engine.rehearsal is not None
    assert engine.rehearsal.wire.guests.runs == []


@pytest.mark.parametrize(
    ("kept", "typed", "password"), [("kept", "", "kept"), ("kept", "typed", "typed"), ("", "a", "a")]
)
async def test_a_password_in_the_environment_need_not_be_typed(kept: str, typed: str, password: str) -> None:
    from rich.text import Text
    from textual.app import App

    answers: list[object] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        secret = Secret(kept) if kept else None
        app.push_screen(GuestAccountDialog("Account", Text(), secret), answers.append)
        await pilot.pause()
        walk_to = app.screen.query(Input)
        walk_to.first().value = "root"
        await pilot.press("enter")
        walk_to.last().value = typed
        await pilot.press("enter")
        await pilot.pause()
    [account] = answers
    assert account.password.reveal() == password  # type: ignore[attr-defined]
    assert SecretName.GUEST_PASSWORD.variable == "FAILBACK_GUEST_PASSWORD"


async def test_after_a_formatting_was_left_alone_the_next_start_asks_for_the_account_and_tells_its_end(
    tmp_path: Path,
) -> None:
    site = Formatting(tmp_path)
    site.format(cancelled=lambda: site.calls("StartProgramInGuest") > 0)
    engine = site.next_start()
    engine.ask_guest = nobody_to_ask
    async with walking(engine) as walk:
        walk.app.ask_about_unfinished()
        await walk.settle(lambda: isinstance(walk.app.screen, YesDialog))
        await walk.pilot.press("y")
        await walk.settle(lambda: isinstance(walk.app.screen, GuestAccountDialog))
        await _type(walk, "root")
        await _type(walk, "inside")
        await walk.settle(lambda: isinstance(walk.app.screen, MessageDialog))
        assert "/mnt/retention has the file system ext4" in " ".join(walk.text.split())
    assert site.site.wire.guests.runs == [("format", REF)]
    assert engine.history()[-1].found == "done"
