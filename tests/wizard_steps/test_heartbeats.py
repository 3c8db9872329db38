"""A heartbeat is as old as it was when it was read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.estates.ready import NOW, ready_case
from wizard_steps.classic.heartbeats import age, is_fresh
from wizard_steps.reading import NotSeen, Source, seen


@pytest.mark.parametrize(("before_the_look", "minutes"), [(3, 3), (15, 15), (0, 0), (-4, 0)])
def test_its_age_is_counted_to_the_moment_it_was_read(before_the_look: int, minutes: int) -> None:
    read = NOW - timedelta(minutes=40)
    heartbeat = seen(read - timedelta(minutes=before_the_look), Source("azure", "x", read))

    assert age(ready_case(), heartbeat) == minutes
    assert is_fresh(ready_case(), heartbeat) == (minutes < 15)


def test_one_from_the_future_of_its_own_look_proves_nothing() -> None:
    read = NOW - timedelta(minutes=40)

    with pytest.raises(NotSeen, match="20 minutes in the future"):
        age(ready_case(), seen(read + timedelta(minutes=20), Source("azure", "x", read)))


def test_a_reading_that_names_no_moment_is_judged_by_the_moment_of_judging() -> None:
    assert age(ready_case(), seen(NOW - timedelta(minutes=7))) == 7
