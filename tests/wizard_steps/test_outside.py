"""Text from outside reaches a screen only when it has been made harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard_steps.outside import Outside, visible

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("web01", "web01"),
        ("[/]", "[/]"),
        ("[bold]web[/bold]", "[bold]web[/bold]"),
        ("web\x1b[2J", "web\\x1b[2J"),
        ("a\nb\tc\r", "a\\x0ab\\x09c\\x0d"),
        ("a\x00\x7f\x9b31m", "a\\x00\\x7f\\x9b31m"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\u2066a\u2069", "\\u2066a\\u2069"),
        ("a\u200bb\ufeffc\u00add", "a\\u200bb\\ufeffc\\xadd"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("大阪-01", "大阪-01"),
        ("é\u0301", "é\u0301"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_written_out(raw: str, shown: str) -> None:
    assert Outside(raw).shown() == shown
    assert Outside(raw).raw == raw


def test_a_text_of_ten_thousand_characters_is_cut() -> None:
    shown = Outside("x" * 10_000).shown()
    assert shown == "x" * 200 + "…"
    assert Outside("x" * 10_000).shown(limit=5) == "xxxxx…"
    assert Outside("x" * 200).shown() == "x" * 200


@given(st.text())
def test_nothing_hidden_is_ever_shown(text: str) -> None:
    shown = visible(text, limit=10_000)
    assert not [char for char in shown if unicodedata.category(char) in HIDDEN]


@given(st.text())
def test_showing_a_shown_text_again_changes_nothing(text: str) -> None:
    once = visible(text, limit=10_000)
    assert visible(once, limit=100_000) == once


@pytest.mark.parametrize("template", ["{}", "{:>10}", "{!s}"])
def test_formatting_a_text_from_outside_raises(template: str) -> None:
    with pytest.raises(TypeError, match="shown"):
        template.format(Outside("web01"))


def test_making_a_plain_text_of_it_raises() -> None:
    with pytest.raises(TypeError, match="shown"):
        str(Outside("web01"))


def test_its_representation_is_harmless_as_well() -> None:
    assert repr(Outside("a\x1b")) == "Outside('a\\\\x1b')"
    assert "\x1b" not in f"{[Outside('a' + chr(27))]}"


def test_names_are_the_same_without_case() -> None:
    assert Outside("MT01").same_name("mt01")
    assert Outside("Straße").same_name(Outside("STRASSE"))
    assert not Outside("MT01").same_name("MT02")
    assert Outside("MT01") != Outside("mt01")
