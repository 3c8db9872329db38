"""A value and how we know it: what was not seen can never pass for a value."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from wizard_steps.reading import NotSeen, Source, not_seen, seen, sources_looked_at

AT = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)
SOURCE = Source("vcenter", "VirtualMachine.snapshot", AT)
OTHER = Source("azure", "properties.health", AT)


def test_a_value_that_was_seen_is_given() -> None:
    assert seen(3, SOURCE).value == 3
    assert seen(3).was_seen


def test_a_value_that_is_none_was_seen_all_the_same() -> None:
    assert seen(None).was_seen
    assert seen(None).value is None


def test_asking_for_what_was_not_seen_raises_with_reason_and_source() -> None:
    with pytest.raises(NotSeen, match="timed out") as caught:
        _value = not_seen("timed out", SOURCE).value
    assert (caught.value.reason, caught.value.source) == ("timed out", SOURCE)


def test_a_reading_that_was_not_seen_has_no_truth() -> None:
    with pytest.raises(NotSeen):
        bool(not_seen("denied"))
    assert not seen(False)
    assert seen(1)


def test_a_reason_is_never_empty() -> None:
    assert not_seen("").reason == "no reason given"
    assert not not_seen("").was_seen


def test_a_default_is_for_display_and_never_replaces_a_value() -> None:
    assert not_seen("denied").or_else("-") == "-"
    assert seen(None).or_else("-") is None
    assert seen(0).or_else(7) == 0


def test_mapping_keeps_source_and_reason() -> None:
    assert seen(2, SOURCE).map(str) == seen("2", SOURCE)
    assert not_seen("denied", SOURCE).map(str) == not_seen("denied", SOURCE)


def test_mapping_does_not_call_the_function_on_what_was_not_seen() -> None:
    calls: list[object] = []
    not_seen("denied").map(calls.append)
    assert calls == []


def test_sources_are_collected_in_order_without_repeats() -> None:
    with sources_looked_at() as found:
        _values = [seen(1, OTHER).value, seen(2, SOURCE).value, seen(3, OTHER).value, seen(4).value]
        with pytest.raises(NotSeen):
            _missing = not_seen("denied", SOURCE).value
    assert list(found) == [OTHER, SOURCE]


def test_a_source_is_noted_also_when_nothing_was_seen_there() -> None:
    with sources_looked_at() as found, pytest.raises(NotSeen):
        _missing = not_seen("denied", SOURCE).value
    assert list(found) == [SOURCE]


def test_nested_blocks_collect_for_themselves_and_outside_of_them_nothing_is_kept() -> None:
    with sources_looked_at() as outer:
        with sources_looked_at() as inner:
            _first = seen(1, SOURCE).value
        _second = seen(1, OTHER).value
    _third = seen(1, SOURCE).value
    assert (list(inner), list(outer)) == ([SOURCE], [OTHER])


def test_a_reading_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        seen(1).reason = "other"  # type: ignore[misc]
