from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

import failback
from failback.report.words import verdict_word
from tests.estates.changing import change, minutes_ago
from tests.estates.ready import DENIED, NOW, report_of
from tests.tui.fake_engine import FakeEngine
from tests.tui.walking import broken_case, walking
from tui.app import FailbackApp
from tui.marks import Marks
from tui.views import step_page, words
from tui.views.folding import folded
from tui.views.pages import pages_of
from tui.views.row import Row, find, parent_of
from tui.views.step_rows import rows_of
from tui.views.table import Line
from tui.views.verdict_text import overall
from wizard_steps.case import Case
from wizard_steps.classic import REQUIREMENTS, STEPS
from wizard_steps.requirement import Status, Verdict
from wizard_steps.wording import _, use_language

LOCALE = Path(failback.__file__).parent / "locale"
CONSOLE = Console(file=io.StringIO(), width=200)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s ago"),
        (0, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (7200, "2 h ago"),
        (5 * 86400, "5 days ago"),
    ],
)
def test_an_age_is_told_in_the_largest_unit_that_says_enough(seconds: int, said: str) -> None:
    assert words.age(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(("seconds", "said"), [(-1, "now"), (90, "in 90 s"), (121, "in 3 min"), (900, "in 15 min")])
def test_a_wait_is_never_told_shorter_than_it_is(seconds: int, said: str) -> None:
    assert words.until(NOW + timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("count", "said"), [(2**29, "0.5 GiB"), (9.96 * 2**30, "10.0 GiB"), (600 * 2**30, "600 GiB"), (2**40, "1.0 TiB")]
)
def test_a_size_is_told_as_exactly_as_it_matters(count: float, said: str) -> None:
    assert words.size(count) == said


@pytest.mark.parametrize("width", [5, 17, 40, 80])
def test_folded_text_fits_its_width_also_with_wide_characters(width: int) -> None:
    text = Text(
        "見る\tマスターターゲットのディスクにスナップショットがある and more words after it\nplain line that is long enough to fold"
    )
    lines = folded(text, width, CONSOLE).plain.split("\n")
    assert all(cell_len(line) <= max(width, 6) for line in lines), lines


def test_a_labels_value_stays_in_its_column_where_it_is_folded() -> None:
    lines = folded(Text("why\tone two three four five six seven\nobserved\tx"), 30, CONSOLE).plain.split("\n")
    assert lines[0] == "why       one two three four"
    assert lines[1] == "          five six seven"
    assert lines[-1] == "observed  x"


def test_the_documents_place_is_told_so_that_its_step_is_not_taken_for_ours() -> None:
    assert words.place("MT section, step 7") == "document: master target, step 7"
    assert (
        words.place("components table, CS, para 1") == "document: components table, configuration server, paragraph 1"
    )


def test_no_finding_of_a_step_is_lost_in_its_rows() -> None:
    report = report_of(broken_case())
    for step in STEPS:
        shown = {id(one) for one in _findings(rows_of(report, step.number, REQUIREMENTS))}
        missing = [one.requirement.id for one in report.of_step(step.number) if id(one) not in shown]
        assert not missing, step


def _findings(rows: tuple[Row, ...]) -> list[object]:
    return [one for row in rows for one in (*row.findings, *_findings(row.children))]


def test_every_row_is_found_by_its_key_and_no_two_share_one() -> None:
    report = report_of(broken_case())
    for step in STEPS:
        rows = rows_of(report, step.number, REQUIREMENTS)
        keys = [row.key for row in _flat(rows)]
        assert len(keys) == len(set(keys))
        for row in _flat(rows):
            assert find(rows, row.key) is row
            assert all(parent_of(rows, child.key) is row for child in row.children)


def _flat(rows: tuple[Row, ...]) -> list[Row]:
    return [each for row in rows for each in (row, *_flat(row.children))]


def test_a_pending_row_leads_with_how_long_it_still_takes() -> None:
    report = report_of(broken_case())
    finding = next(one for one in report.findings if one.requirement.id == "mt-disk-enableuuid")
    waits = replace(finding, status=Status.PENDING, action="Wait for the volume", due=NOW + timedelta(minutes=12))
    row = Row("key", Status.PENDING, "MT01", "added 3 minutes ago", (waits,))
    assert "settled in 12 min" in step_page.next_action(report, 9, [row], NOW, is_looking=False).plain


def test_a_step_whose_trouble_comes_from_another_says_where_to_begin() -> None:
    report = report_of(broken_case())
    rows = [Row("from:mt-no-snapshots", Status.FAIL, "", "1 follows from step 8", ())]
    assert "step 8" in step_page.next_action(report, 7, rows, NOW, is_looking=False).plain


def test_an_expired_verdict_says_so() -> None:
    assert "expired" in overall(report_of(broken_case()), Marks(), is_expired=True).plain


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_that_a_verdict_has_expired_is_readable_on_80_columns_however_much_is_left(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine(_with_trouble_of_every_kind())
    assert use_language(language, LOCALE)
    try:
        told = _("This verdict has expired: press r.")
        async with walking(engine) as walk:
            monkeypatch.setattr(engine.clock, "now", lambda: NOW + timedelta(minutes=11))
            await walk.press("t")
            assert verdict_word(Verdict.NOT_READY) in next(line for line in walk.text.splitlines() if told in line)
    finally:
        use_language(None, LOCALE)


def _with_trouble_of_every_kind() -> Case:
    late = change(broken_case(), "server.last_heartbeat", minutes_ago(7))
    return change(late, "azure.gateways", DENIED)


def test_every_state_has_a_mark_and_a_word_and_ascii_marks_differ_from_each_other() -> None:
    marks = Marks(ascii=True)
    glyphs = [marks.glyph(status) for status in Status]
    assert len(set(glyphs)) == len(glyphs)
    assert all(len(Marks().of(status).plain) > 2 for status in Status)
    assert all(Marks().verdict(verdict).plain for verdict in Verdict)


def test_every_page_but_none_twice_has_a_key_of_its_own() -> None:
    keys = [page.key for page in pages_of(STEPS)]
    assert len(keys) == len(set(keys)) == 12


def test_the_last_words_of_a_crash_hold_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path))
    app = FailbackApp()
    password = "canary-51ab"
    monkeypatch.setattr(app, "_close_messages_no_wait", lambda: None)
    try:
        int(password)
    except ValueError:
        app._fatal_error()
    console = Console(file=io.StringIO(), width=200)
    for renderable in app._exit_renderables:
        console.print(renderable)
    told = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "report it with the file" in told
    assert password not in told
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and password in file.read_text()]


async def test_two_lines_of_one_key_are_two_lines() -> None:
    async with walking(FakeEngine()) as walk:
        walk.table.show([Line("R", (Text("a"), Text("b"))), Line("R", (Text("c"), Text("d")))])
        await walk.pilot.pause()
        assert walk.table.row_count == 2
        assert walk.table.highlighted == "R"
