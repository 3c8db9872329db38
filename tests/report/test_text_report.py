from __future__ import annotations

import re
from collections.abc import Callable

from failback.layout import cells, cut, folded
from failback.report import FORMATS, Heading, write
from tests.estates.ready import change, not_seen, ready_case, report_of
from tests.report.described import DRIVE_STEP, a_report, finding, report, requirement, subject
from wizard_steps.requirement import Status, Verdict

HEADING = Heading("osaka-dr", version="9.9.9")


def text_of(*findings: object, verdict: Verdict = Verdict.NOT_READY) -> str:
    return write(report(*findings, verdict=verdict), HEADING, "text")  # type: ignore[arg-type]


def test_the_report_for_a_terminal_reads_as_agreed(golden: Callable[[str, str], None]) -> None:
    golden("report.txt", write(a_report(), HEADING, "text"))


def test_the_report_for_a_ticket_reads_as_agreed(golden: Callable[[str, str], None]) -> None:
    golden("report.md", write(a_report(), HEADING, "markdown"))


def test_the_verdict_and_the_next_action_come_before_everything_else() -> None:
    lines = write(a_report(), HEADING, "text").splitlines()
    assert lines[2].startswith("✗ NOT READY")
    assert lines[4] == "Next: Remove every snapshot of this VM."
    assert "1 snapshot" in lines[5]


def test_no_line_is_wider_than_80_cells_whatever_the_names_are() -> None:
    wide = "名前" * 60
    long = "x" * 300
    text = text_of(
        finding(
            requirement("mt-no-snapshots"), Status.FAIL, wide, cause=long, action=wide, subject=subject(long, wide)
        ),
    )
    assert max(cells(line) for line in text.splitlines()) <= 80
    judged = report_of(change(ready_case(), "vcenter.machines", not_seen("denied")))
    assert max(cells(line) for line in write(judged, HEADING, "text").splitlines()) <= 80


def test_a_consequence_is_folded_under_its_root_and_not_counted_again() -> None:
    text = write(a_report(), HEADING, "text")
    assert "What stands in the way (1)" in text
    assert "explains 1 more: mt-note-requirements" in text
    assert text.count("mt-note-requirements") == 1


def test_a_consequence_whose_root_is_elsewhere_does_not_fall_out_of_the_report() -> None:
    text = text_of(finding(requirement("mt-vmware-tools"), Status.FAIL, "none", caused_by="something-else"))
    assert "mt-vmware-tools" in text


def test_what_is_unknown_for_one_reason_is_told_once_with_the_reason() -> None:
    text = write(a_report(), HEADING, "text")
    assert "What is not known (1)" in text
    assert text.count("vCenter did not answer") == 1
    assert "mt-vmware-tools, mt-no-pvscsi" in text


def test_one_requirement_on_many_machines_is_one_entry() -> None:
    row = requirement("azvm-running")
    many = [
        finding(row, Status.FAIL, f"vm{n} is off", action="Start it.", subject=subject(f"vm{n}")) for n in range(12)
    ]
    text = text_of(*many)
    assert "What stands in the way (1)" in text
    assert "vm0, vm1, vm2, vm3, vm4 and 7 more" in text
    assert "and 10 more like these" in text


def test_state_is_a_mark_and_a_word_and_never_colour() -> None:
    text = write(a_report(), HEADING, "text")
    for shown in ("✗ fail", "… pending", "? unknown", "□ vouch", "! warn"):
        assert shown in text
    assert "\x1b" not in text


def test_a_terminal_without_unicode_gets_marks_in_ascii() -> None:
    text = write(a_report(), Heading("osaka-dr", ascii_only=True), "text")
    assert text.isascii()
    assert "x NOT READY" in text


def test_text_from_outside_is_shown_harmless_in_every_format_for_people() -> None:
    for form in set(FORMATS) - {"json"}:
        text = write(a_report(), Heading("\x1b[31mred", rehearsal=True), form)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
        assert "REHEARSAL" in text


def test_a_raw_name_that_slipped_into_a_sentence_does_no_harm() -> None:
    text = text_of(finding(requirement("mt-no-snapshots"), Status.FAIL, "a\x1b]0;b", cause="c\x9bd", action="e\u202ef"))
    assert "a\\x1b]0;b" in text
    assert "c\\x9bd" in text
    assert "e\\u202ef" in text


def test_text_from_outside_is_no_markup_in_a_ticket() -> None:
    text = write(a_report(), HEADING, "markdown")
    assert not re.search(r"(?<!\\)<img", text)
    row = next(line for line in text.splitlines() if "pwned" in line and line.startswith("|"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


def test_nothing_left_to_do_says_so() -> None:
    text = text_of(finding(requirement("mt-disk-enableuuid"), Status.PASS, "TRUE"), verdict=Verdict.READY)
    assert "✓ READY  2 of 2 machines are ready" in text
    assert "Next: nothing is left to prepare" in text


def test_what_is_to_be_vouched_for_is_itself_the_next_action() -> None:
    row = requirement("ret-not-locked", DRIVE_STEP)
    text = text_of(
        finding(row, Status.ATTEST, "vouch that R is not locked", action="Unlock it."), verdict=Verdict.TO_ATTEST
    )
    assert "Next: MT01: vouch that R is not locked" in text
    assert "Unlock it." not in text


def test_only_what_the_wizard_can_carry_out_is_offered() -> None:
    text = write(a_report(), HEADING, "text")
    assert "offer it: remove-snapshots\n" in text
    assert "left-to-a-person" not in text


def test_folding_counts_cells_breaks_long_words_and_never_loses_a_character() -> None:
    assert folded("ab cd", 4, "> ", "  ") == ["> ab", "  cd"]
    assert folded("漢字漢字", 5) == ["漢字", "漢字"]
    assert "".join(folded("x" * 25, 10)) == "x" * 25
    assert folded("VM を起動する。", 8) == ["VM を起", "動する。"]
    assert folded("漢字。", 5) == ["漢", "字。"]
    assert folded("", 10) == [""]
    assert cut("漢字漢字", 5, "…") == "漢字…"
    assert cut("short", 5, "…") == "short"
