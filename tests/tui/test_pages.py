from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from failback.errors import CertificateUntrustedError, SignInRefusedError, UnreachableError
from tests.estates.changing import change
from tests.estates.ready import ready_case
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import Walk, broken_case, walking
from tui.app import FailbackApp
from tui.marks import Marks
from tui.views.pages import pages_of
from wizard_steps.classic import STEPS
from wizard_steps.outside import Outside

PAGES = [page.id for page in pages_of(STEPS)]
SIZES = [(80, 24), (120, 40), (40, 10), (20, 5)]
HOSTILE = ["[/]", "vm[/b]", "[@click=app.quit]x[/]", "a\x1b]0;owned\x07b", "evil\u202egnp", "名前" * 30, "", "[red]"]


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_opens_at_every_size(size: tuple[int, int]) -> None:
    async with walking(FakeEngine(broken_case()), size=size) as walk:
        for page in PAGES:
            walk.app.go_to(page)
            await walk.settle()
            assert walk.app.screen.page_id == page  # type: ignore[attr-defined]


async def test_the_pages_are_turned_to_the_last_one_and_back_by_two_keys_each() -> None:
    async with walking(FakeEngine()) as walk:
        for page in PAGES[1:]:
            await walk.press("n")
            assert walk.app.screen.page_id == page  # type: ignore[attr-defined]
        for place, page in enumerate(reversed(PAGES[:-1])):
            await walk.press(("escape", "b", "backspace")[place % 3])
            assert walk.app.screen.page_id == page  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("key", "page"), [("1", "step-1"), ("8", "step-8"), ("0", "step-10"), ("t", "verdict"), ("m", "machines")]
)
async def test_a_digit_goes_to_its_step_at_once(key: str, page: str) -> None:
    async with walking(FakeEngine()) as walk:
        await walk.press("5", key)
        assert walk.app.screen.page_id == page  # type: ignore[attr-defined]


async def test_a_step_leads_with_the_one_next_action_and_says_the_state_in_a_word() -> None:
    async with walking(FakeEngine(broken_case())) as walk:
        await walk.press("8")
        top = walk.text.splitlines()[:6]
        assert any("Step 8 of 10" in line and "fail" in line for line in top)
        assert any("NEXT" in line and "MT01" in line for line in top)


async def test_what_follows_from_a_cause_is_folded_under_it_with_a_count() -> None:
    async with walking(FakeEngine(broken_case())) as walk:
        await walk.press("8")
        await walk.go_to_line("EnableUUID is missing")
        assert "+1" in walk.line("EnableUUID is missing").words
        before = len(walk.lines)
        await walk.press("right")
        assert len(walk.lines) == before + 1
        await walk.press("left")
        assert len(walk.lines) == before


async def test_what_is_met_is_one_row_until_it_is_unfolded() -> None:
    async with walking(FakeEngine()) as walk:
        await walk.press("8")
        await walk.go_to_line("requirements are met")
        count = len(walk.lines)
        await walk.press("space")
        assert len(walk.lines) > count


async def test_the_detail_says_where_a_value_was_seen_how_old_it_is_and_the_documents_own_place() -> None:
    async with walking(FakeEngine(broken_case()), size=(120, 40)) as walk:
        await walk.press("8")
        await walk.go_to_line("EnableUUID is missing")
        for part in ("document: master target, step 7", "mt-disk-enableuuid", "ago", "vCenter", "Set disk.EnableUUID"):
            assert part in walk.detail


async def test_the_steps_are_told_by_number_mark_and_word_on_narrow_and_on_wide_screens() -> None:
    for size in ((80, 24), (120, 40)):
        async with walking(FakeEngine(broken_case()), size=size) as walk:
            await walk.press("8")
            assert "8 ✗ fail" in walk.text
            assert ("Master target VM" in walk.text.splitlines()[10]) == (size == (120, 40))


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_machine_of_any_name_breaks_no_screen(name: str) -> None:
    case = change(broken_case(), "azure.protected_items[web01].machine_name", Outside(name))
    case = change(case, "vcenter.machines[web01].name", Outside(name))
    async with walking(FakeEngine(case)) as walk:
        for page in PAGES:
            walk.app.go_to(page)
            await walk.settle()
            assert "\x1b" not in walk.text
            assert "\u202e" not in walk.text
        await walk.press("m", "slash", "w", "escape")
        await walk.press("1", "question_mark", "escape", "c", "escape", "p")
        assert walk.app.return_code is None


async def test_a_hostile_machine_name_is_shown_with_its_controls_made_visible() -> None:
    case = change(ready_case(), "azure.protected_items[web01].machine_name", Outside("a\x1b]0;owned\x07b"))
    async with walking(FakeEngine(case)) as walk:
        assert any("a\\x1b]0;owned\\x07b"[:15] in line for line in walk.lines)


async def test_it_paints_before_it_has_seen_anything_and_stays_usable_while_it_looks() -> None:
    engine = FakeEngine(broken_case())
    engine.gate.clear()
    async with _looking(engine) as walk:
        assert "not looked yet" in walk.text
        assert "x stops it" in walk.text
        await walk.pilot.press("8")
        await walk.pilot.pause()
        assert walk.app.screen.page_id == "step-8"  # type: ignore[attr-defined]
        await walk.pilot.press("question_mark")
        await walk.pilot.pause()
        assert walk.screen == "HelpScreen"
        await walk.pilot.press("escape")
        engine.gate.set()
        await walk.settle()
        assert any("EnableUUID" in line for line in walk.lines)


async def test_a_look_that_is_stopped_leaves_what_was_seen_before() -> None:
    engine = FakeEngine(broken_case())
    async with walking(engine) as walk:
        engine.gate.clear()
        await walk.pilot.press("8")
        await walk.pilot.press("r")
        await walk.pilot.pause()
        await walk.pilot.press("x")
        await walk.settle()
        assert walk.app.job is None
        assert any("EnableUUID" in line for line in walk.lines)


@pytest.mark.parametrize(
    "error",
    [
        UnreachableError("vCenter vc1", "nothing answers there", "check the address, then look again"),
        SignInRefusedError("vCenter vc1", "the password was refused", "check it, then sign in again"),
        CertificateUntrustedError("vCenter vc1", "its certificate is not trusted", "compare it, then pin it"),
    ],
)
async def test_an_error_is_one_sentence_with_the_next_step_and_the_wizard_stays_open(error: Exception) -> None:
    engine = FakeEngine()
    async with walking(engine) as walk:
        engine.refusal = error  # type: ignore[assignment]
        await walk.press("r")
        assert walk.screen == "MessageDialog"
        shown = " ".join(walk.text.split())
        assert error.why.split()[0] in shown  # type: ignore[attr-defined]
        assert error.next_step.split(",")[0] in shown  # type: ignore[attr-defined]
        await walk.press("enter")
        assert walk.screen == "MachinesScreen"


async def test_an_error_nobody_foresaw_becomes_a_sentence_too(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path))
    engine = FakeEngine()
    async with walking(engine) as walk:
        password = "canary-7f3a"
        engine.look = lambda *_, **__: {}[password]  # type: ignore[assignment,method-assign]
        await walk.press("r")
        assert walk.screen == "MessageDialog"
        assert password not in walk.text


async def test_the_filter_narrows_a_list_and_escape_shows_it_all_again() -> None:
    async with walking(FakeEngine()) as walk:
        everything = len(walk.lines)
        await walk.press("slash", "w", "e", "b")
        assert 0 < len(walk.lines) < everything
        await walk.press("z", "z")
        assert walk.lines == []
        await walk.press("enter", "down", "space", "escape")
        assert len(walk.lines) == everything


async def test_the_terminals_cursor_follows_the_highlighted_row() -> None:
    async with walking(FakeEngine()) as walk:
        before = walk.app.cursor_position
        await walk.press("down")
        assert walk.app.cursor_position.y == before.y + 1


async def test_help_lists_the_keys_of_the_screen_it_was_asked_on() -> None:
    async with walking(FakeEngine()) as walk:
        await walk.press("8", "f1")
        assert walk.screen == "HelpScreen"
        assert "Look again" in walk.detail
        assert "could not be seen" in walk.detail
        await walk.press("question_mark")
        assert walk.screen == "StepScreen"


async def test_the_palette_goes_to_a_step_by_its_name() -> None:
    async with walking(FakeEngine()) as walk:
        await walk.pilot.press("ctrl+p")
        await walk.pilot.pause(0.1)
        for key in "retention":
            await walk.pilot.press(key)
        await walk.pilot.pause(0.3)
        await walk.pilot.press("enter")
        await walk.settle(lambda: getattr(walk.app.screen, "page_id", "") == "step-9")


async def test_consoles_with_a_poor_font_get_nothing_but_ascii() -> None:
    async with walking(FakeEngine(broken_case()), marks=Marks(ascii=True)) as walk:
        for page in PAGES:
            walk.app.go_to(page)
            await walk.settle()
            assert walk.text.isascii(), [char for char in walk.text if not char.isascii()]


@pytest.mark.parametrize(
    ("kind", "encoding", "plain"),
    [
        ("xterm-256color", "utf-8", False),
        ("linux", "utf-8", True),
        ("vt220", "utf-8", True),
        ("xterm", "iso8859-1", True),
    ],
)
def test_the_terminal_decides_which_marks_are_drawn(kind: str, encoding: str, plain: bool) -> None:
    assert Marks.for_terminal({"TERM": kind}, encoding).ascii is plain


async def test_nothing_that_moves_goes_on_behind_another_screen() -> None:
    async with walking(FakeEngine()) as walk:
        await walk.press("8", "question_mark")
        hidden = [screen for screen in walk.app.screen_stack if screen is not walk.app.screen]
        for screen in hidden:
            for widget in [screen, *screen.query("*")]:
                # Textual's own repaints are paused by Textual; what is left must be stopped or paused by us.
                ours = [timer for timer in widget._timers if timer.name != "screen_update" and timer._active.is_set()]
                running = [timer for timer in ours if timer._task and not timer._task.done()]
                assert not running, (widget, running)


@asynccontextmanager
async def _looking(engine: FakeEngine) -> AsyncIterator[Walk]:
    app = FailbackApp(engine=engine, marks=Marks())
    async with app.run_test(size=(80, 24)) as pilot:
        walk = Walk(app, pilot)
        await walk.settle(lambda: app.job is not None)
        yield walk
