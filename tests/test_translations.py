"""The catalogues of texts: in step with the code, and safe to fill in."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools import translations
from wizard_steps import wording


def test_the_catalogues_are_in_step_with_the_code() -> None:
    assert list(translations.find_problems()) == []


def test_texts_marked_for_later_and_plurals_are_collected() -> None:
    collected = translations.ids(translations.collect())
    assert len(collected) > 100
    assert any(len(translations.forms(message.id)) == 2 for message in translations.texts(translations.collect()))


@pytest.mark.parametrize(
    ("english", "translation", "is_wrong"),
    [
        ("{count} snapshots", "スナップショット {count} 個", False),
        ("{count} snapshots", "スナップショット", True),
        ("{count} snapshots", "スナップショット {number} 個", True),
        ("no snapshots", "スナップショット {", True),
        ("no snapshots", "", False),
    ],
    ids=["same values", "value missing", "value renamed", "broken braces", "not translated yet"],
)
def test_a_translation_that_could_not_be_filled_in_is_found(english: str, translation: str, is_wrong: bool) -> None:
    catalog = Catalog(locale="ja")
    catalog.add(english, translation)
    assert bool(list(translations.placeholder_problems(catalog))) is is_wrong


def test_each_language_that_is_shipped_can_be_spoken() -> None:
    try:
        for path in translations.catalogue_paths():
            assert wording.use_language(path.parents[1].name, translations.LOCALES)
    finally:
        wording.use_language(None, Path())


def test_a_language_that_is_not_shipped_leaves_english() -> None:
    try:
        assert not wording.use_language("tlh", translations.LOCALES)
        assert wording._("no snapshots") == "no snapshots"
    finally:
        wording.use_language(None, Path())
